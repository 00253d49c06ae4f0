"""Money that can be argued with: every component opens, proposals stand beside the policy, grades are tried out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from guicang.kernel.commands import begin
from guicang.policy import operations as policy
from guicang.returns.models import Return, Settlement
from tests.journeys.acts import back, pay, undo, verified
from tests.unit.desk.conftest import Hire, dump
from tests.world import NOW, SYSTEM, Sold, World

OPENED = {"kind": "percent", "value": 1000, "grades": ["B"], "what": "value"}


def state(world: World, **terms: Any) -> None:
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=NOW, items=1)
        one = {"code": "all", "zh": "全部", "en": "All", "source": "Art. 9", "terms": {"days": 3000, **terms}}
        at = NOW - timedelta(days=300)
        statement = {"currency": "CNY", "policies": [one]}
        policy.state_version(context, world.company_id, name="ours", effective_from=at, statement=statement)


def fields(world: World, key: Any, units: int, **more: str) -> dict[str, str]:
    line = world.line(key).id
    return {f"units.{line}": str(units), **{name.replace("line", str(line)): said for name, said in more.items()}}


def test_a_component_opens_to_its_rule_and_numbers(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    state(world, fees=[{"kind": "percent", "value": 1000}])
    key = back(world, order(units=3, price_minor=1999), 2, reason="changed_mind")
    page = hire("finance").get(f"/returns/{key}/").content.decode()
    for text in (
        "2 of 3 units: their share of the 59.97 CNY",
        "Paid for all units",
        "39.98 CNY",
        "A fee of 10 % of the refund",
        "Policy: All, version",
        "Art. 9",
    ):
        assert text in page, text
    assert "<details" in page


def test_what_was_settled_and_taken_back_is_told_too(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    key = back(world, order(units=3, price_minor=1999), 2)
    undo(world, pay(world, key))
    page = hire("finance", language="zh-hans").get(f"/returns/{key}/").content.decode()
    assert "按其中 2 件的份额计" in page
    assert "撤回：3 件中仍有 0 件已结算" in page


def test_a_proposal_beside_the_policy_writes_nothing(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    state(world, fees=[{"kind": "percent", "value": 1000}])
    key = back(world, order(units=3, price_minor=2000), 2, reason="changed_mind")
    ada, line = hire("admin"), world.line(key).id
    assert f'name="deduct.{line}"' in ada.get(f"/returns/{key}/").content.decode()
    before = dump()
    given = {f"units.{line}": "1", f"deduct.{line}": "3.50", "reason": "goodwill"}
    page = ada.post(f"/returns/{key}/proposal/", given).content.decode()
    assert dump() == before
    text = page.replace('<span class="symbol">¥</span>', "")
    # Asked 40.00; by the policy 40.00 less 4.00; proposed 20.00 less 2.00 and 3.50.
    for amount in ("40.00", "36.00", "14.50", "21.50"):
        assert amount in text, amount
    ada.post(f"/returns/{key}/settle/", given)
    assert Settlement.objects.get().cash_minor == 1450
    verified()


@pytest.mark.parametrize("typed", ["x", "0", "-1"])
def test_a_deduction_that_is_no_amount_is_refused(
    typed: str, world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    key = back(world, order(), 1)
    line = world.line(key).id
    given = {f"units.{line}": "1", f"deduct.{line}": typed, "reason": "goodwill"}
    ada = hire("admin")
    assert "Enter the amount in figures" in ada.post(f"/returns/{key}/proposal/", given).content.decode()
    ada.post(f"/returns/{key}/settle/", given)
    assert not Settlement.objects.exists()


def test_no_units_at_all_is_not_everything(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    key = back(world, order(), 1)
    hire("admin").post(f"/returns/{key}/settle/", {f"units.{world.line(key).id}": "0"})
    assert not Settlement.objects.exists()


def test_who_may_make_no_exceptions_keeps_nothing_back(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    key = back(world, order(), 1)
    line = world.line(key).id
    fay = hire("finance")
    assert "deduct." not in fay.get(f"/returns/{key}/").content.decode()
    fay.post(f"/returns/{key}/settle/", {f"units.{line}": "1", f"deduct.{line}": "1.00", "reason": "goodwill"})
    assert not Settlement.objects.exists()


def test_what_each_grade_would_pay(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    state(world, fees=[OPENED])
    key = world.authorised(order(units=2, price_minor=2000), 2)
    page = hire("admin").get(f"/returns/{key}/").content.decode().replace('<span class="symbol">¥</span>', "")
    assert "What each grade would pay" in page
    table = page[page.index("What each grade would pay") :]
    rows = dict.fromkeys(("40.00", "36.00", "4.00"))
    assert all(amount in table[: table.index("</table>")] for amount in rows)


def test_no_table_where_the_grade_changes_nothing(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    state(world, fees=[{"kind": "percent", "value": 1000}])
    key = world.authorised(order(), 1)
    page = hire("admin").get(f"/returns/{key}/").content.decode()
    assert "What each grade would pay" not in page
    assert Return.objects.get(id=key).state == "authorised"


def wrong(world: World, order: Callable[..., Sold]) -> tuple[Any, Any, Any]:
    """(return, its line, its settlement): 40.00 settled of which something should have been kept back."""
    key = back(world, order(units=3, price_minor=2000), 2, reason="changed_mind")
    return key, world.line(key).id, pay(world, key)


def test_a_correction_is_looked_at_then_done_in_one_act(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    key, line, paid = wrong(world, order)
    ada, at = hire("admin"), f"/returns/{key}/correct/{paid}/"
    assert at in ada.get(f"/returns/{key}/").content.decode()
    before = dump()
    given = {"wrong": "wrong_amount", f"units.{line}": "2", f"deduct.{line}": "5.00", "reason": "goodwill", "key": "k"}
    page = ada.post(at, {**given, "check": "1"}).content.decode().replace('<span class="symbol">¥</span>', "")
    assert dump() == before
    assert "To be collected from the customer" in page
    for amount in ("40.00", "35.00", "5.00"):
        assert amount in page, amount
    for _ in range(2):  # a second click finds what the first one did
        assert ada.post(at, given).headers["Location"] == f"/returns/{key}/"
        rows = list(Settlement.objects.order_by("id"))
        assert [row.cash_minor for row in rows] == [4000, -4000, 3500]
    assert rows[1].reverses_id == paid
    assert Return.objects.get(id=key).refund_minor == 3500
    verified()
    assert f'href="#s{paid}"' in ada.get(f"/returns/{key}/").content.decode()


def test_a_correction_whose_second_step_is_refused_does_neither(
    world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    key, line, paid = wrong(world, order)
    ada, at = hire("admin"), f"/returns/{key}/correct/{paid}/"
    before = dump()
    given = {"wrong": "wrong_amount", f"units.{line}": "3"}
    assert "notice danger" in ada.post(at, {**given, "check": "1"}).content.decode()
    assert ada.post(at, given).status_code == 409
    assert dump() == before


def test_what_was_taken_back_already_is_not_corrected(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    key, line, paid = wrong(world, order)
    undo(world, paid)
    ada, given = hire("admin"), {"wrong": "wrong_amount", f"units.{line}": "2"}
    assert ada.post(f"/returns/{key}/correct/{paid}/", given).status_code == 409
    assert [row.cash_minor for row in Settlement.objects.order_by("id")] == [4000, -4000]
