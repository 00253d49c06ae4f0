"""Any orders, returned in any way and any order of steps: every proof holds, and all that was paid goes back."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guicang.kernel.actor import Actor
from guicang.proofs import queries as proofs
from guicang.returns.lifecycle import awaited, pending, unsettled
from guicang.returns.models import Inspection, ReturnLine
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.redispose import Redisposition, redispose
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales.models import Order, OrderLine, ShipmentLine
from guicang.trade.facts import DiscountFacts, LineFacts, OrderFacts, PaymentFacts, ShipmentFacts, ShippedFacts
from guicang.trade.steps import record_orders

SYSTEM = Actor.system()
DEEP = os.environ.get("GUICANG_HYPOTHESIS") == "deep" or os.environ.get("GUICANG_TEST_TIER") == "deep"
FUNDERS = st.sampled_from(["shop", "platform", "government", "other"])
TENDERS = ("wechat", "gift_card", "points", "card")
DISPOSITIONS = ("restock", "refurbish", "second", "scrap")


@st.composite
def lines(draw: Any) -> LineFacts:
    ordered, price = draw(st.integers(1, 4)), draw(st.integers(1, 3000))
    discounts, left = [], ordered * price
    for funder in draw(st.lists(FUNDERS, max_size=2)):
        discounts.append(DiscountFacts(funder, draw(st.integers(0, left))))
        left -= discounts[-1].amount_minor
    rate = Decimal(draw(st.sampled_from(["0", "0.06", "0.13"])))
    unit = Decimal(price) / 100
    return LineFacts("", "GOODS", ordered, unit, ordered * price, discounts=discounts, tax_rate=rate)


@st.composite
def orders(draw: Any) -> dict[str, Any]:
    bought = draw(st.lists(lines(), min_size=1, max_size=2))
    shipping = draw(st.sampled_from([0, 0, 700, 1234]))
    return {
        "lines": bought,
        "left": [draw(st.integers(0, line.ordered)) for line in bought],
        "cuts": draw(st.lists(st.integers(1, 99), max_size=2)),
        "shipping_standard_minor": shipping,
        "shipping_surcharge_minor": draw(st.integers(0, 300)) if shipping else 0,
        "points_earned": draw(st.sampled_from([0, 37])),
    }


def sold(world: Any, plan: dict[str, Any]) -> UUID:
    """The order, shipped as far as the plan says and paid in full by up to three tenders."""
    world.numbers += 1
    for place, line in enumerate(plan["lines"]):
        line.line_key = str(place)
    paid = sum(line.gross_minor - sum(each.amount_minor for each in line.discounts) for line in plan["lines"])
    total = paid + plan["shipping_standard_minor"] + plan["shipping_surcharge_minor"]
    marks = [0, *sorted(total * cut // 100 for cut in plan["cuts"]), total]
    amounts = [high - low for low, high in pairwise(marks)]
    parcel = [ShippedFacts(str(place), units) for place, units in enumerate(plan["left"]) if units]
    facts = OrderFacts(
        world.shop_id,
        f"P{world.numbers:06d}",
        world.now - timedelta(days=5),
        "CNY",
        plan["lines"],
        shipments=[ShipmentFacts("1", world.warehouse_id, world.now - timedelta(days=3), parcel)] if parcel else [],
        payments=[
            PaymentFacts(f"p{place}", TENDERS[place], minor, world.now - timedelta(days=4), promotional=place == 2)
            for place, minor in enumerate(amounts)
            if minor
        ],
        shipping_standard_minor=plan["shipping_standard_minor"],
        shipping_surcharge_minor=plan["shipping_surcharge_minor"],
        shipping_tax_minor=plan["shipping_standard_minor"] // 20,
        points_earned=plan["points_earned"],
    )
    (outcome,) = record_orders(orders=[facts], actor=SYSTEM, now=world.now)
    assert outcome.ok, outcome.refusals
    key: UUID = Order.objects.values_list("id", flat=True).get(shop_id=world.shop_id, number=facts.number)
    return key


class Life:
    """Carries out random returns of one order until nothing of it is left with the buyer."""

    def __init__(self, world: Any, order_id: UUID, data: st.DataObject) -> None:
        self.world, self.order_id, self.data = world, order_id, data
        self.keys = 0

    def draw(self, least: int, most: int) -> int:
        return self.data.draw(st.integers(least, most))

    def chance(self, one_in: int = 3) -> bool:
        return self.draw(1, one_in) == one_in

    def did(self, step: Any, **items: Any) -> Any:
        outcomes = step(actor=SYSTEM, now=self.world.now, **items)
        assert all(outcome.ok for outcome in outcomes), [str(each) for row in outcomes for each in row.refusals]
        return outcomes[0]

    def left(self) -> list[tuple[UUID, str, int]]:
        """(order line, what kind of return, units) of everything that was not yet returned."""
        found = []
        claimed: dict[UUID, int] = {}
        for row in ShipmentLine.objects.filter(shipment__order_id=self.order_id):
            claimed[row.order_line_id] = claimed.get(row.order_line_id, 0) + row.claimed
        for line in OrderLine.objects.filter(order_id=self.order_id).order_by("position"):
            found.append((line.id, "refund", line.shipped - claimed.get(line.id, 0)))
            found.append((line.id, "unshipped", line.ordered - line.cancelled - line.shipped))
        return [each for each in found if each[2]]

    def run(self) -> None:
        while rest := self.left():
            line_id, kind, free = rest[self.draw(0, len(rest) - 1)]
            units = self.draw(1, free)
            resolution = "refund_only" if kind == "refund" and self.chance() else kind
            wanted = Wanted(line_id, units, "too_small", resolution)
            order = Order.objects.get(id=self.order_id)
            asked = Request(order.shop_id, order.customer_id, [wanted])
            key = self.did(request, requests=[asked]).id
            if self.chance(6):
                self.did(cancel, cancellations=[Cancellation(key, "changed_mind")])
                continue
            self.did(authorise, authorisations=[Authorisation(key)])
            if resolution == "refund":
                self.goods(key)
            self.money(key)

    def goods(self, key: UUID) -> None:
        """Parcels in any number, each told once or twice, and inspections of what has come so far."""
        while any(awaited(line) or pending(line) for line in self.lines(key)):
            for line in self.lines(key):
                self.arrive(key, line)
            for line in self.lines(key):
                if units := pending(line):
                    part = Part(line.id, self.draw(1, units), DISPOSITIONS[self.draw(0, len(DISPOSITIONS) - 1)])
                    self.did(inspect, inspections=[Inspecting(key, [part])])
            if self.chance():
                self.money(key, finish=False)
        self.redispose(key)

    def arrive(self, key: UUID, line: ReturnLine) -> None:
        if waiting := awaited(line):
            self.keys += 1
            told = Receiving(key, [Arrived(line.id, self.draw(1, waiting))], key=f"k{self.keys}")
            for _ in range(1 + self.chance()):
                self.did(receive, receipts=[told])

    def redispose(self, key: UUID) -> None:
        first = Inspection.objects.filter(line__parent_id=key, disposition__in=["restock", "second"]).first()
        if first is not None and self.chance():
            other = "scrap" if self.chance() else "refurbish"
            units = self.draw(1, first.quantity)
            self.did(redispose, redispositions=[Redisposition(first.id, units, other, "looked_again")])

    def money(self, key: UUID, *, finish: bool = True) -> None:
        """Settle in any pieces, take some of it back, settle again."""
        undone = 0
        while due := [line for line in self.lines(key) if unsettled(line)]:
            shipping = ("none", "proportional", "last_unit")[self.draw(0, 2)]
            units = {line.id: self.draw(1, unsettled(line)) for line in due}
            done = self.did(settle, settlements=[Settlement(key, units, shipping=shipping)])
            if undone < 2 and self.chance():
                undone += 1
                for settlement in done.data["settlements"]:
                    self.did(reverse_settlement, reversals=[Reversal(settlement, "typed_twice")])
            elif not finish:
                break

    def lines(self, key: UUID) -> list[ReturnLine]:
        return list(ReturnLine.objects.filter(parent_id=key).order_by("position"))


@pytest.mark.django_db
@settings(
    max_examples=300 if DEEP else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(plans=st.lists(orders(), min_size=1, max_size=2), data=st.data())
def test_whatever_happens_all_that_was_paid_goes_back(world: Any, plans: list[dict[str, Any]], data: Any) -> None:
    with transaction.atomic():
        for plan in plans:
            key = sold(world, plan)
            Life(world, key, data).run()
            returned_in_full(key)
        assert [(proof.name, proof.differences[:2]) for proof in proofs.run() if not proof.ok] == []
        transaction.set_rollback(True)


def returned_in_full(order_id: UUID) -> None:
    order = Order.objects.get(id=order_id)
    fee = order.shipping_standard_minor + order.shipping_surcharge_minor
    kept = fee - order.shipping_refunded_minor
    assert order.refunded_minor == order.captured_minor - kept
    # Points are taken back in proportion to what was paid for goods: where that is nothing, none are.
    paid = sum(line.paid_minor for line in order.lines.all())
    assert order.points_taken_back == (order.points_earned if paid else 0)
    # What is kept of the fee stays an advance where nothing was ever shipped, since it was never billed.
    assert (order.receivable_minor, order.advance_minor) == (0, 0 if order.shipping_booked else kept)
    for line in order.lines.all():
        assert line.settled + line.cancelled_settled == line.ordered
        assert line.credited_minor + line.cancelled_minor == line.sold_minor
    if not kept:
        for tender in order.tenders.all():
            assert tender.refunded_minor == tender.captured_minor
