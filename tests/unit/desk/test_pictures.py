"""Pictures at the desk: added with a form or with a step, served so that they can do no harm, seen by whom they may."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from guicang.kernel.ids import new_id
from guicang.proofs import queries as proofs
from guicang.returns import queries
from guicang.returns.models import Evidence
from guicang.returns.operations.evidence import MOST, Showing, add_evidence
from guicang.ui.pictures import BODY_MOST
from guicang.ui.templatetags.proofs import PROOFS
from tests.journeys.acts import verified
from tests.unit.desk.conftest import Hire, dump
from tests.unit.returns.test_evidence import home, on_disk, photo  # noqa: F401 - `home` is a fixture
from tests.world import SYSTEM, Sold, World, another_world

Order = Callable[..., Sold]


def sent(name: str, data: bytes, media_type: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, media_type)


def post(client: Client, key: UUID, *files: SimpleUploadedFile, path: str = "pictures", **fields: Any) -> str:
    answer = client.post(f"/returns/{key}/{path}/", {"picture": list(files), **fields}, follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def ids(key: UUID) -> list[UUID]:
    return [one.id for one in queries.evidence_of([key]).get(key, [])]


def test_pictures_by_a_form(world: World, order: Order, hire: Hire, home: Path) -> None:  # noqa: F811
    key, wes = world.request(order(), 1), hire("warehouse")
    line = world.line(key).id
    shown = post(wes, key, sent("a.jpg", photo(1)), sent("../../etc/passwd", photo(2)), line=str(line))
    assert "2 pictures added." in shown
    assert [one.line_id for one in queries.evidence_of([key])[key]] == [line, line]
    assert "passwd" not in shown + "".join(map(str, on_disk(home))) + str(dump())
    for each in ids(key):
        assert f"/evidence/{each}/small/" in shown
    assert "Pictures added ×2" in shown
    verified()


LIES = {
    "page.jpg": b"<!doctype html><script>alert(1)</script>",
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "archive.webp": b"PK\x03\x04" + b"\0" * 400,
    "empty.jpg": b" ",
}


@pytest.mark.parametrize("name", LIES)
def test_a_file_that_lies_is_refused(name: str, world: World, order: Order, hire: Hire, home: Path) -> None:  # noqa: F811
    key, wes = world.request(order(), 1), hire("warehouse")
    before = dump()
    assert "This file is no whole JPEG, PNG or WebP picture" in post(wes, key, sent(name, LIES[name]))
    assert dump() == before
    assert on_disk(home) == []


def test_a_wrong_name_is_no_lie(world: World, order: Order, hire: Hire) -> None:
    key = world.request(order(), 1)
    assert "1 picture added." in post(hire("warehouse"), key, sent("photo.jpg", photo(1), "text/html"))


def test_nothing_chosen(world: World, order: Order, hire: Hire) -> None:
    key = world.request(order(), 1)
    assert "Choose at least one picture." in post(hire("warehouse"), key)
    assert "Choose at least one picture." in post(hire("agent"), key, sent("none.jpg", b""))


def test_the_tenth_is_refused_by_name_of_the_limit(world: World, order: Order, hire: Hire) -> None:
    key, wes = world.request(order(), 1), hire("warehouse")
    shown = post(wes, key, *(sent("a.jpg", photo(seed)) for seed in range(MOST + 3)))
    assert "9 pictures added." in shown
    assert "There are 9 pictures and there is room for 9." in shown
    assert len(ids(key)) == MOST


def test_a_step_takes_photos_along(world: World, order: Order, hire: Hire) -> None:
    key, wes = world.authorised(order(), 1), hire("warehouse")
    shown = post(wes, key, sent("a.jpg", photo(1)), path="receive")
    assert "Done: Receive" in shown
    assert [one.state for one in queries.evidence_of([key])[key]] == ["received"]
    lie = post(wes, key, sent("a.jpg", b"<html>"), path="inspect", **{f"accept.restock.{world.line(key).id}": "1"})
    assert "Done: Inspect" in lie
    assert "This file is no whole JPEG" in lie
    assert len(ids(key)) == 1
    # A step that is refused takes no pictures either.
    post(wes, key, sent("a.jpg", photo(2)), path="receive")
    assert len(ids(key)) == 1
    verified()


def test_it_is_served_so_that_it_can_do_no_harm(world: World, order: Order, hire: Hire) -> None:
    key, wes = world.request(order(), 1), hire("warehouse")
    post(wes, key, sent("a.jpg", photo(1) + b"<script>alert(1)</script>"))
    for path in ("", "small/"):
        answer = wes.get(f"/evidence/{ids(key)[0]}/{path}")
        assert Image.open(BytesIO(answer.content)).format == "JPEG"
        assert b"script" not in answer.content
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


HEADERS = {
    "Content-Type": "image/jpeg",
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": 'inline; filename="picture.jpg"',
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
}


@pytest.mark.parametrize("bound", ["company_id", "shop_id"])
def test_pictures_of_others_are_not_there(bound: str, world: World, hire: Hire) -> None:
    theirs = another_world()
    own = world.request(world.sell(world.facts())[0], 1)
    foreign = theirs.request(theirs.sell(theirs.facts(buyer="other"))[0], 1)
    for key in (own, foreign):
        assert add_evidence(pictures=[Showing(key, photo(1))], actor=SYSTEM, now=world.now)[0].ok
    client = hire("admin", **{bound: getattr(world, bound)})
    before = dump()
    for path in ("", "small/"):
        assert client.get(f"/evidence/{ids(own)[0]}/{path}").status_code == 200
        assert client.get(f"/evidence/{ids(foreign)[0]}/{path}").status_code == 404
        assert client.get(f"/evidence/{new_id()}/{path}").status_code == 404
    picked = {"pick": str(ids(foreign)[0]), "reason": "unusable"}
    assert client.post(f"/returns/{foreign}/pictures/remove/", picked).status_code == 404
    assert client.post(f"/returns/{foreign}/pictures/", {"picture": sent("a.jpg", photo(2))}).status_code == 404
    # By an address of one's own it is not reached either.
    client.post(f"/returns/{own}/pictures/remove/", picked)
    assert dump() == before


def test_paths_are_no_way_in(hire: Hire) -> None:
    ada = hire("admin")
    for path in ("../../secrets.env", "..%2f..%2fsecrets.env", "vault/aa/aa", "1"):
        assert ada.get(f"/evidence/{path}/").status_code == 404


def test_removing(world: World, order: Order, hire: Hire) -> None:
    key, wes, max_ = world.request(order(), 1), hire("warehouse"), hire("approver")
    shown = post(wes, key, *(sent("a.jpg", photo(seed)) for seed in range(3)))
    assert "Remove pictures" not in shown
    gone, kept, _ = ids(key)
    assert "Tick the pictures" in post(max_, key, path="pictures/remove")
    post(max_, key, path="pictures/remove", pick=str(gone), reason="")
    assert len(ids(key)) == 3
    shown = post(max_, key, path="pictures/remove", pick=str(gone), reason="shows_somebody")
    assert "1 picture removed." in shown
    assert "It shows people or data that have nothing to do with it" in shown
    assert max_.get(f"/evidence/{gone}/").status_code == 404
    assert max_.get(f"/evidence/{kept}/").status_code == 200
    verified()


def test_a_request_that_is_too_large_is_not_read(
    world: World, order: Order, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, wes = world.request(order(), 1), hire("warehouse")
    answer = wes.post(
        f"/returns/{key}/pictures/", {"picture": sent("a.jpg", photo(1))}, CONTENT_LENGTH=str(BODY_MOST + 1)
    )
    assert answer.status_code == 400
    assert "nothing was changed" in answer.content.decode()
    assert not Evidence.objects.exists()


def test_a_note_stands_in_the_history(world: World, order: Order, hire: Hire) -> None:
    key = world.request(order(), 1)
    rosa, analyst = hire("agent", first_name="Rosa"), hire("analyst")
    evil = "</blockquote><script>alert(1)</script> called\nagain"
    answer = rosa.post(f"/returns/{key}/notes/", {"text": evil})
    assert answer.headers["Location"] == f"/returns/{key}/#history"
    for client, may in ((rosa, True), (analyst, False)):
        shown = client.get(f"/returns/{key}/").content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; called<br>again" in shown
        assert "<script>alert" not in shown
        assert ("Add note" in shown) is may
    assert "The note is empty." in unescape(
        rosa.post(f"/returns/{key}/notes/", {"text": " "}, follow=True).content.decode()
    )
    assert rosa.post(f"/returns/{new_id()}/notes/", {"text": "x"}).status_code == 404


def test_every_proof_says_what_it_proves(world: World, hire: Hire) -> None:
    assert {found.name for found in proofs.run()} == set(PROOFS)
    shown = hire("admin", language="zh-hans").get("/proofs/?run=1").content.decode()
    assert "每张分录借贷合计为零" in shown
