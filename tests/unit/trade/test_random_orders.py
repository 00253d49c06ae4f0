"""Any order, stated in any number of growing steps, ends where one statement of it ends, and every proof holds."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guicang.trade.facts import DiscountFacts, OrderFacts, PaymentFacts
from tests.unit.trade.world import NOW, World, build, faults

pytestmark = pytest.mark.django_db
FUNDERS = st.sampled_from(["shop", "platform", "government", "other"])


@st.composite
def _line(draw: Any) -> dict[str, Any]:
    ordered = draw(st.integers(1, 5))
    price = draw(st.integers(0, 5000))
    discounts, left = [], ordered * price
    for funder in draw(st.lists(FUNDERS, max_size=2)):
        amount = draw(st.integers(0, left))
        left -= amount
        discounts.append(DiscountFacts(funder, amount))
    shipped = draw(st.integers(0, ordered))
    return {
        "ordered": ordered,
        "price": price,
        "discounts": discounts,
        "rate": draw(st.sampled_from(["0", "0.06", "0.13"])),
        "shipped": shipped,
        "cancelled": draw(st.integers(0, ordered - shipped)),
    }


@st.composite
def _order(draw: Any) -> dict[str, Any]:
    return {
        "lines": draw(st.lists(_line(), min_size=1, max_size=3)),
        "payments": draw(st.lists(st.integers(1, 9000), max_size=3)),
        "inclusive": draw(st.booleans()),
        "shipping": draw(st.integers(0, 1500)),
        "cuts": draw(st.lists(st.integers(0, 100), max_size=3)),
        "late": draw(st.booleans()),
    }


def _facts(world: World, plan: dict[str, Any]) -> OrderFacts:
    lines = [
        world.line(
            f"L{place}",
            item["ordered"],
            str(Decimal(item["price"]) / 100),
            discounts=item["discounts"],
            tax_rate=Decimal(item["rate"]),
            cancelled=item["cancelled"],
        )
        for place, item in enumerate(plan["lines"])
    ]
    shipped = {f"L{place}": item["shipped"] for place, item in enumerate(plan["lines"])}
    paid_at = NOW - timedelta(days=2 if plan["late"] else 4)
    pay = [PaymentFacts(f"p{n}", "wechat", minor, paid_at) for n, minor in enumerate(plan["payments"])]
    return world.order(
        *lines,
        ship=shipped,
        pay=pay,
        tax_inclusive=plan["inclusive"],
        shipping_standard_minor=plan["shipping"],
        shipping_tax_minor=plan["shipping"] // 20,
    )


def _cut(facts: OrderFacts, percent: int) -> OrderFacts:
    """The same order when `percent` of what happened had happened."""
    found = deepcopy(facts)
    for shipped in found.shipments[0].lines:
        shipped.quantity = shipped.quantity * percent // 100
    for payment in found.payments:
        payment.amount_minor = payment.amount_minor * percent // 100
    for line in found.lines:
        line.cancelled = (line.cancelled or 0) * percent // 100
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=_order())
def test_any_order_in_any_steps(plan: dict[str, Any]) -> None:
    world = build(goods="owned")
    for place in range(3):
        world.stock(f"L{place}", 100, 12345)
    whole = _facts(world, plan)
    stepwise = deepcopy(whole)
    stepwise.number = "stepwise"
    assert world.record(whole)[0].ok
    for percent in [*sorted(plan["cuts"]), 100]:
        (outcome,) = world.record(_cut(stepwise, percent))
        assert outcome.ok, outcome.refusals
    assert faults() == {}
    at_once, by_steps = world.row(whole), world.row(stepwise)
    for column in ("total_minor", "captured_minor"):
        assert getattr(at_once, column) == getattr(by_steps, column)
    open_at_once = at_once.receivable_minor - at_once.advance_minor
    assert open_at_once == by_steps.receivable_minor - by_steps.advance_minor
    for one, other in zip(world.lines(whole), world.lines(stepwise), strict=True):
        assert (one.shipped, one.cancelled, one.sold_minor) == (other.shipped, other.cancelled, other.sold_minor)
    assert world.record(whole, stepwise)[0].data["result"] == "unchanged"
