"""What a later statement of an order moves on, what it may not, and when it is older than what is known."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F

from guicang.audit.queries import history
from guicang.sales.models import Cancellation, OrderRevision, Payment, Shipment, ShipmentLine, Tender
from guicang.trade.facts import CustomerFacts, DiscountFacts, OrderFacts
from tests.unit.trade.world import NOW, World, build, codes, faults

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def _first(world: World, **more: Any) -> OrderFacts:
    return world.order(world.line("A", 4, "10.00"), ship={"A": 2}, pay={"p": 2000}, status="part", **more)


def test_growth_is_followed_with_a_revision() -> None:
    world = build()
    first = _first(world)
    world.record(first)
    second = deepcopy(first)
    second.status = "done"
    second.shipments[0].lines[0].quantity = 3
    second.shipments[0].delivered_at = NOW
    second.shipments[0].tracking = "SF1"
    second.payments[0].amount_minor = 4000
    second.lines[0].cancelled = 1
    (outcome,) = world.record(second)
    assert (codes(outcome), outcome.data["result"]) == ([], "updated")
    order, (line,) = world.row(first), world.lines(first)
    assert (order.status, order.captured_minor, order.revision) == ("done", 4000, 2)
    assert (line.shipped, line.cancelled) == (3, 1)
    assert (order.receivable_minor, order.advance_minor) == (0, 1000)
    assert list(Payment.objects.order_by("id").values_list("payment_key", "amount_minor")) == [
        ("p", 2000),
        ("p~2", 2000),
    ]
    assert Tender.objects.get().captured_minor == 4000
    assert (Shipment.objects.get(number="").delivered_at, Shipment.objects.get(number="").tracking) == (NOW, "SF1")
    changes = OrderRevision.objects.get().changes
    assert changes["status"] == ["part", "done"]
    assert changes["line A shipped"] == [2, 3]
    assert changes["line A cancelled"] == [0, 1]
    assert changes["payment p"] == [2000, 4000]
    assert [item.action for item in history(order.id)] == ["import", "update"]
    assert world.record(second)[0].data["result"] == "unchanged"
    assert faults() == {}


def test_without_an_as_of_nothing_shrinks() -> None:
    world = build()
    first = _first(world)
    first.lines[0].cancelled = 2
    world.record(first)
    changes: list[tuple[Callable[[OrderFacts], None], str]] = [
        (lambda facts: setattr(facts.shipments[0].lines[0], "quantity", 1), "shipped_would_shrink"),
        (lambda facts: setattr(facts.shipments[0].lines[0], "quantity", 0), "shipped_would_shrink"),
        (lambda facts: setattr(facts.payments[0], "amount_minor", 1999), "paid_would_shrink"),
        (lambda facts: setattr(facts.lines[0], "cancelled", 1), "cancelled_would_shrink"),
    ]
    for change, code in changes:
        later = deepcopy(first)
        later.status = "other"
        change(later)
        assert codes(world.record(later)[0]) == [code]
    assert world.row(first).status == "part"
    assert not OrderRevision.objects.exists()


def test_below_claimed_and_below_refunded_say_so() -> None:
    world = build()
    first = _first(world, facts_as_of=NOW - 2 * DAY)
    world.record(first)
    ShipmentLine.objects.update(claimed=2)
    Tender.objects.update(refunded_minor=F("captured_minor"))
    later = deepcopy(first)
    later.facts_as_of = NOW - DAY
    later.shipments[0].lines[0].quantity = 1
    later.payments[0].amount_minor = 1000
    (outcome,) = world.record(later)
    assert codes(outcome) == ["below_claimed", "below_refunded"]
    assert outcome.refusals[0].data["claimed"] == 2
    assert world.row(first).facts_as_of == NOW - 2 * DAY


def test_day_one_day_two_day_one_is_day_two() -> None:
    world = build()

    def day(number: int) -> tuple[OrderFacts, datetime]:
        facts = deepcopy(base)
        facts.facts_as_of = NOW - (5 - number) * DAY
        facts.status = f"day {number}"
        facts.shipments[0].lines[0].quantity = number
        return facts, facts.facts_as_of

    base = world.order(world.line("A", 4, "10.00"), ship={"A": 1})
    results = [world.record(day(number)[0])[0].data["result"] for number in (1, 2, 1, 2)]
    assert results == ["imported", "updated", "unchanged_older", "unchanged"]
    order, (line,) = world.row(base), world.lines(base)
    assert (order.status, order.facts_as_of, line.shipped, order.revision) == ("day 2", day(2)[1], 2, 2)
    assert faults() == {}


def test_facts_that_change_nothing_still_say_until_when_they_hold() -> None:
    world = build()
    first = _first(world, facts_as_of=NOW - 3 * DAY)
    world.record(first)
    same = deepcopy(first)
    same.facts_as_of = NOW - DAY
    assert world.record(same)[0].data["result"] == "unchanged"
    between = deepcopy(first)
    between.facts_as_of = NOW - 2 * DAY
    between.status = "between"
    assert world.record(between)[0].data["result"] == "unchanged_older"
    assert world.row(first).revision == 1


def test_undated_facts_do_not_overrule_dated_ones() -> None:
    world = build()
    world.record(first := _first(world, facts_as_of=NOW - 3 * DAY))
    undated = deepcopy(first)
    undated.facts_as_of, undated.status = None, "undated"
    undated.shipments[0].lines[0].quantity = 3
    assert world.record(undated)[0].data["result"] == "updated"
    order, (line,) = world.row(first), world.lines(first)
    assert (order.status, line.shipped, order.facts_as_of) == ("part", 3, NOW - 3 * DAY)


def test_other_amounts_customer_or_currency_are_another_order() -> None:
    world = build()
    first = _first(world, shipping_standard_minor=500)
    world.record(first)
    changes: list[tuple[Callable[[OrderFacts], None], str]] = [
        (lambda facts: setattr(facts, "customer", CustomerFacts("buyer-2")), "order_mismatch"),
        (lambda facts: setattr(facts, "currency", "USD"), "order_mismatch"),
        (lambda facts: setattr(facts, "shipping_standard_minor", 600), "order_mismatch"),
        (lambda facts: setattr(facts.lines[0], "ordered", 5), "line_mismatch"),
        (lambda facts: facts.lines[0].discounts.append(DiscountFacts("shop", 100)), "line_mismatch"),
    ]
    for change, code in changes:
        later = deepcopy(first)
        change(later)
        assert codes(world.record(later)[0]) == [code]
    silent = deepcopy(first)
    silent.customer, silent.shipping_standard_minor, silent.status = CustomerFacts(), 0, ""
    assert world.record(silent)[0].data["result"] == "unchanged"


def test_lines_shipments_and_payments_that_are_absent_are_left_alone_and_new_ones_are_added() -> None:
    world = build()
    first = world.order(world.line("A", 1, "10.00"), shipments=[world.shipment({"A": 1}, "S1")], pay={"p": 1000})
    world.record(first)
    later = deepcopy(first)
    later.lines = [world.line("B", 2, "5.00")]
    later.shipments = [world.shipment({"B": 1}, "S2")]
    later.payments = []
    (outcome,) = world.record(later)
    assert (codes(outcome), outcome.data["result"]) == ([], "updated")
    order, lines = world.row(first), world.lines(first)
    assert [(line.line_key, line.position, line.shipped) for line in lines] == [("A", 1, 1), ("B", 2, 1)]
    assert (order.total_minor, order.receivable_minor) == (2000, 500)
    assert faults() == {}


def test_a_cancellation_on_history_is_dated_by_its_order() -> None:
    world = build()
    facts = world.order(world.line("A", 2, "10.00", cancelled=1))
    world.record(facts, origin="history")
    assert Cancellation.objects.get().occurred_at == facts.ordered_at
