"""Goods are declared one way and found another: noted at inspection, shown to all, and nothing is decided by itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import transaction

from guicang.api import bearer
from guicang.kernel import commands
from guicang.policy import operations
from guicang.returns.models import Inspection
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.staff.models import User
from tests.journeys.acts import verified
from tests.unit.api.conftest import token_of
from tests.unit.desk.conftest import Hire
from tests.unit.portal.conftest import EMAIL, ask, browser, buyer
from tests.world import NOW, SYSTEM, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)

Order = Callable[..., Sold]
WANTED = {"days": 3000, "conditions": ["unopened"], "requires": ["tags", "packaging"]}


def state(world: World, terms: Mapping[str, Any]) -> None:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=NOW, items=1)
        data = {"policies": [{"code": "all", "zh": "全部", "en": "All", "terms": terms}]}
        at = NOW - timedelta(days=300)
        operations.state_version(context, world.company_id, name="ours", effective_from=at, statement=data)


def arrived(world: World, sold: Sold, units: int = 2, **more: Any) -> UUID:
    key = world.authorised(sold, units, **{"condition": "unopened", "reason": "changed_mind", **more})
    line = world.line(key).id
    assert receive(receipts=[Receiving(key, [Arrived(line, units)], key=key.hex)], actor=SYSTEM, now=world.now)[0].ok
    return key


def looked_at(world: World, key: UUID, *parts: Mapping[str, Any]) -> list[Any]:
    line = world.line(key).id
    items = [Inspecting(key, [Part(line, **part) for part in parts])]
    return list(inspect(inspections=items, actor=SYSTEM, now=world.now))


def test_the_warehouse_notes_it_and_staff_read_it(world: World, order: Order, hire: Hire) -> None:
    state(world, WANTED)
    key = arrived(world, order())
    line = world.line(key).id
    wes = hire("warehouse", language="en")
    form = wes.get(f"/returns/{key}/").content.decode()
    assert f'name="missing.{line}" value="tags"' in form
    assert f'name="missing.{line}" value="seal"' not in form, "only what the policy asks for"
    said: dict[str, Any] = {f"accept.second.{line}": "1", f"condition.{line}": "used", f"missing.{line}": ["tags"]}
    assert wes.post(f"/returns/{key}/inspect/", said).status_code == 302
    row = Inspection.objects.get()
    assert (row.found_condition, row.missing, row.accepted, world.line(key).unlike) == ("used", ["tags"], True, 1)
    page = wes.get(f"/returns/{key}/").content.decode()
    for text in ("Differs", "Declared: Unopened", "Found: Used", "Missing: its tags", "The policy accepts: Unopened"):
        assert " ".join(text.split()) in " ".join(page.replace("\n", " ").split()), text
    assert "Not as the policy accepts it" in page
    # One is left, found as declared: nothing differs.
    wes.post(f"/returns/{key}/inspect/", {f"accept.restock.{line}": "1", f"condition.{line}": "unopened"})
    assert world.line(key).unlike == 1
    assert "As declared" in wes.get(f"/returns/{key}/").content.decode()
    verified()


def test_nothing_is_refused_by_itself(world: World, order: Order) -> None:
    state(world, WANTED)
    key = arrived(world, order())
    (outcome,) = looked_at(world, key, {"quantity": 2, "found_condition": "damaged", "missing": ["tags", "packaging"]})
    assert outcome.ok
    assert (world.line(key).accepted, world.line(key).rejected) == (2, 0)
    assert world.row(key).verdict["answer"] == "allow"


def test_of_what_is_said_to_be_faulty_nothing_is_demanded(world: World, order: Order, hire: Hire) -> None:
    state(world, WANTED)
    key = arrived(world, order(), condition="used", reason="quality")
    page = hire("warehouse", language="en").get(f"/returns/{key}/").content.decode()
    assert "missing." not in page
    assert f'name="condition.{world.line(key).id}"' in page


@pytest.mark.parametrize(
    ("declared", "found", "missing", "unlike"),
    [
        ("unopened", "used", [], 2),
        ("unopened", "unopened", [], 0),
        ("unopened", "", [], 0),
        ("", "used", [], 0),
        ("unopened", "unopened", ["seal"], 2),
    ],
)
def test_what_differs(
    declared: str, found: str, missing: Sequence[str], unlike: int, world: World, order: Order
) -> None:
    key = arrived(world, order(), condition=declared)
    assert looked_at(world, key, {"quantity": 2, "found_condition": found, "missing": missing})[0].ok
    assert world.line(key).unlike == unlike


def test_an_unknown_thing_cannot_be_missing(world: World, order: Order) -> None:
    key = arrived(world, order())
    (outcome,) = looked_at(world, key, {"quantity": 2, "missing": ["soul"]})
    assert [one.code for one in outcome.refusals] == ["bad_choice"]
    assert not Inspection.objects.exists()


def test_programs_and_files_have_it(world: World, order: Order, hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearer, "utcnow", lambda: NOW)
    state(world, WANTED)
    key = arrived(world, order())
    wes = hire("warehouse", language="en")
    token = token_of(User.objects.get(role="warehouse"))
    line = str(world.line(key).id)
    body = {"parts": [{"line_id": line, "units": 2, "found_condition": "used", "missing": ["packaging"]}]}
    headers = {"authorization": f"Bearer {token}"}
    at = f"/api/v1/returns/{key}"
    answer = wes.post(f"{at}/inspect", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    sheet = wes.get(at, headers=headers).json()
    assert (sheet["inspections"][0]["missing"], sheet["lines"][0]["unlike"]) == (["packaging"], 2)
    assert sheet["lines"][0]["condition"] == "unopened"
    assert wes.get("/api/v1/returns", headers=headers).json()["items"][0]["unlike"] == 2
    export: Any = wes.get("/returns/export.csv")
    file = b"".join(export.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(file))
    assert row["Found otherwise"] == "2"


def test_the_buyer_reads_what_was_found_of_what_was_rejected(world: World, order: Order) -> None:
    state(world, WANTED)
    sold = order(customer=buyer())
    key = arrived(world, sold)
    taken = {"quantity": 1, "found_condition": "damaged"}
    rejected = {"quantity": 1, "accepted": False, "found_condition": "used", "missing": ["tags"]}
    assert looked_at(world, key, taken, rejected)[0].ok
    cache.clear()
    client = browser("en")
    client.post("/my/code/", {"code": ask(client, sold.row.number, EMAIL)})
    page = " ".join(client.get(f"/my/returns/{key}/").content.decode().split())
    assert "What we could not accept" in page
    assert "Found: Used · Missing: its tags" in page
    assert "Damaged" not in page, "what was taken is no matter of the buyer's"
