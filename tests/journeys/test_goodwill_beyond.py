"""What an agent proposes to give beyond the policy: seen beside it, settled as an expense with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from guicang.kernel.actor import Actor
from guicang.returns.models import Return, ReturnLine, Settlement
from guicang.returns.steps.settle import Settlement as Settling
from guicang.returns.steps.settle import Supposition, settle, suppose
from guicang.sales.models import Order
from tests.journeys.acts import SYSTEM, back, codes, do, dump, give, undo, verified

pytestmark = pytest.mark.django_db


def test_it_is_paid_on_top_with_its_reason(world: Any, order: Any) -> None:
    sold = order(units=2)
    key = back(world, sold, 1)
    item = Settling(key, goodwill_minor=300, reason="goodwill")
    plain, more = suppose(key, [Supposition(Settling(key)), Supposition(item)], SYSTEM, world.now)
    assert [sum(plan.cash_minor for plan in one.plans) for one in (plain, more)] == [1_000, 1_300]
    assert ReturnLine.objects.filter(parent_id=key).count() == 1, "nothing is written by looking"
    made = do(settle, world, item).data["settlements"][0]
    line = ReturnLine.objects.get(parent_id=key, kind="money")
    assert (line.money_kind, line.recorded_minor, line.settled, line.reason) == ("compensation", 300, 1, "goodwill")
    assert Return.objects.get(id=key).refund_minor == 1_300
    told = {part["label"]: part["amount_minor"] for part in Settlement.objects.get(id=made).explanation}
    assert told["compensation"] == 300
    # No part of the price: what the sale can still give back is as it was.
    assert Order.objects.get(id=sold.id).credited_minor == 1_000
    verified()


def test_taken_back_it_goes_too(world: Any, order: Any) -> None:
    key = back(world, order(units=2), 1)
    made = do(settle, world, Settling(key, goodwill_minor=300, reason="goodwill")).data["settlements"][0]
    undo(world, made)
    assert Return.objects.get(id=key).refund_minor == 0
    verified()


@pytest.mark.parametrize(
    ("goodwill", "reason", "code"),
    [(300, "", "reason_missing"), (-1, "goodwill", "bad_amount"), (300, "a b", "reason_not_a_code")],
)
def test_what_is_wrong_is_refused(world: Any, order: Any, goodwill: int, reason: str, code: str) -> None:
    key = back(world, order(units=2), 1)
    before = dump()
    assert codes(give(settle, world, Settling(key, goodwill_minor=goodwill, reason=reason))[0]) == [code]
    assert dump() == before


def test_it_takes_the_right_to_make_exceptions(world: Any, order: Any) -> None:
    key = back(world, order(units=2), 1)
    plain = Actor(kind="staff", id=world.company_id, permissions=frozenset({"returns.settle"}))
    item = Settling(key, goodwill_minor=300, reason="goodwill")
    (outcome,) = settle(settlements=[item], actor=plain, now=world.now)
    assert codes(outcome) == ["not_permitted"]
