"""Pictures and notes of a return over the API."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from guicang.kernel.ids import new_id
from guicang.kernel.models import Command
from guicang.returns.models import Note, ReturnLine
from tests.journeys.acts import verified
from tests.unit.api.conftest import Hire, Program, codes
from tests.unit.returns.test_evidence import photo
from tests.world import Sold, World, another_world


def sent(program: Program, key: Any, *pictures: bytes, **more: Any) -> Any:
    files = [SimpleUploadedFile("IMG_1.jpg", data) for data in pictures]
    return program.upload(f"/returns/{key}/pictures", {"picture": files, **more})


def test_pictures_are_added_seen_and_removed(world: World, order: Callable[..., Sold], program: Hire) -> None:
    wes, boss = program("warehouse"), program("approver")
    key = world.authorised(order(), 1)
    line = ReturnLine.objects.get(parent_id=key).id
    found = sent(wes, key, photo(1), b"no picture", photo(2), line=str(line)).json()
    assert (found["done"], found["refused"]) == (2, 1)
    assert [one["code"] for one in found["items"][1]["errors"]] == ["not_a_picture"]
    again = sent(wes, key, photo(1), line=str(line)).json()["items"][0]
    assert (again["id"], again["known"]) == (found["items"][0]["id"], True)
    rows = wes.get(f"/returns/{key}/pictures")
    assert [(row["id"], row["line_id"], row["side"]) for row in rows] == [
        (one["id"], str(line), "staff") for one in found["items"] if one["ok"]
    ]
    assert rows[0]["actor"] == wes.user.username
    picture = wes.send("GET", f"/pictures/{rows[0]['id']}")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(BytesIO(picture.content)).size == (rows[0]["width"], rows[0]["height"])
    small = wes.send("GET", f"/pictures/{rows[0]['id']}?small=true")
    assert small.status_code == 200
    gone = {"pictures": [rows[0]["id"], str(new_id())], "reason": "not_needed"}
    assert codes(wes.send("POST", f"/returns/{key}/pictures/remove", gone)) == ["not_permitted"]
    removed = boss.do(f"/returns/{key}/pictures/remove", gone, idempotency_key="k")
    assert [[one["code"] for one in item["errors"]] for item in removed["items"]] == [[], ["picture_not_found"]]
    assert boss.do(f"/returns/{key}/pictures/remove", gone, idempotency_key="k") == removed
    assert codes(wes.send("GET", f"/pictures/{rows[0]['id']}")) == ["not_found"]
    assert len(wes.get(f"/returns/{key}/pictures")) == 1
    verified()


def test_forms_without_a_picture(world: World, order: Callable[..., Sold], program: Hire) -> None:
    wes, key = program("warehouse"), world.authorised(order(), 1)
    assert codes(wes.upload(f"/returns/{key}/pictures", {})) == ["bad_field"]
    assert codes(sent(wes, key, b"")) == ["bad_form"]
    assert codes(sent(wes, key, photo(), line="x")) == ["bad_field"]
    assert codes(sent(wes, key, photo(), unknown="x")) == ["bad_field"]
    items = sent(wes, key, *(photo(seed) for seed in range(11))).json()["items"]
    assert [one["ok"] for one in items] == [True] * 9 + [False]


def test_notes_are_kept_in_the_vault(world: World, order: Callable[..., Sold], program: Hire) -> None:
    rosa, key = program("agent"), world.authorised(order(), 1)
    words = "Called Ms. Li on 138 0000 0000"
    made = rosa.do(f"/returns/{key}/notes", {"text": words}, idempotency_key="k")
    assert rosa.do(f"/returns/{key}/notes", {"text": words}, idempotency_key="k") == made
    assert rosa.do(f"/returns/{key}/notes", {"text": words}) == made, "the same words are the same note"
    (note,) = rosa.get(f"/returns/{key}/notes")
    assert (note["id"], note["text"], note["actor"]) == (made["id"], words, rosa.user.username)
    assert Note.objects.count() == 1
    assert "Li" not in repr(list(Command.objects.values_list("reply", "input_hash")))
    for text in ("", "a\0b", "x" * 2001):
        answer = rosa.send("POST", f"/returns/{key}/notes", {"text": text})
        assert codes(answer)[0] in ("bad_field", "bad_json"), text
    assert codes(rosa.send("POST", f"/returns/{key}/notes", {"text": "  "})) == ["note_empty"]


def test_returns_of_others(world: World, program: Hire) -> None:
    theirs = another_world()
    foreign = theirs.authorised(theirs.sell(theirs.facts(buyer="other"))[0], 1)
    ada, other = program("admin", shop_id=world.shop_id), program("admin", shop_id=theirs.shop_id)
    (shown,) = sent(other, foreign, photo()).json()["items"]
    for path in (f"/returns/{foreign}/pictures", f"/returns/{foreign}/notes", f"/pictures/{shown['id']}"):
        assert codes(ada.send("GET", path)) == ["not_found"], path
    assert codes(sent(ada, foreign, photo())) == ["return_not_found"]
    gone = {"pictures": [shown["id"]], "reason": "other"}
    assert codes(ada.send("POST", f"/returns/{foreign}/pictures/remove", gone)) == ["return_not_found"]
    assert codes(ada.send("POST", f"/returns/{foreign}/notes", {"text": "x"})) == ["return_not_found"]
    assert len(other.get(f"/returns/{foreign}/pictures")) == 1
