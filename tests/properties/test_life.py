"""Any orders under any policy, returned in any way and any order of steps: every proof holds, to the cent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from guicang.accounting.models import Entry
from guicang.audit.models import AuditRow
from guicang.catalog.models import Sku
from guicang.inventory.models import StockMove
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.payments.models import Refund
from guicang.proofs import queries as proofs
from guicang.returns.lifecycle import awaited, pending, unsettled
from guicang.returns.models import Inspection, ReturnLine
from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.operations import saleview
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.correct import Correction, correct
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.redispose import Redisposition, redispose
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, preview, settle
from guicang.sales.models import Order, OrderLine, ShipmentLine
from guicang.trade.steps import record_orders
from tests.journeys.test_exchange import sent
from tests.journeys.test_resettling import state
from tests.properties.sales import DEEP, GRADES, Basket, baskets, holds, terms

SYSTEM = Actor.system()
DISPOSITIONS = ("restock", "refurbish", "second", "scrap")
#: What a command may write that is told twice: nothing of these.
ROWS = (SettlementRow, Refund, Entry, StockMove, AuditRow, ReturnLine, Inspection)


def sold(world: Any, basket: Basket) -> UUID:
    """The order, shipped as far as it left and paid in full."""
    world.numbers += 1
    facts = basket.facts(world, f"P{world.numbers:06d}")
    (outcome,) = record_orders(orders=[facts], actor=SYSTEM, now=world.now)
    assert outcome.ok, outcome.refusals
    key: UUID = Order.objects.values_list("id", flat=True).get(shop_id=world.shop_id, number=facts.number)
    return key


class Life:
    """Carries out random returns of one order until nothing of it is left with the buyer."""

    def __init__(self, world: Any, order_id: UUID, data: st.DataObject) -> None:
        self.world, self.order_id, self.data = world, order_id, data
        self.keys = 0
        #: Orders in place of goods of this one.
        self.instead: list[UUID] = []

    def draw(self, least: int, most: int) -> int:
        return self.data.draw(st.integers(least, most))

    def chance(self, one_in: int = 3) -> bool:
        return self.draw(1, one_in) == one_in

    def did(self, step: Any, **items: Any) -> Any:
        """Give a command under a key, perhaps a second time: it is answered as before and nothing moves."""
        self.keys += 1
        key, found = f"{self.order_id}/{self.keys}", []

        def act() -> dict[str, Any]:
            outcomes = step(actor=SYSTEM, now=self.world.now, **items)
            assert all(outcome.ok for outcome in outcomes), [str(each) for row in outcomes for each in row.refusals]
            found.append(outcomes[0])
            return {"id": str(outcomes[0].id)}

        one = {"actor": SYSTEM, "now": self.world.now, "act": act}
        reply = commands.once("test", key, repr(items), **one)
        if self.chance(8):
            before = [model._default_manager.count() for model in ROWS]
            assert (commands.once("test", key, repr(items), **one), len(found)) == (reply, 1)
            assert [model._default_manager.count() for model in ROWS] == before
        return found[0]

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
            if self.chance(6):
                self.extra()
            line_id, kind, free = rest[self.draw(0, len(rest) - 1)]
            self.one(line_id, kind, self.draw(1, free))

    def one(self, line_id: UUID, kind: str, units: int) -> None:
        """One return, from its request to its money."""
        ways = ("refund", "refund", "refund_only", "exchange") if kind == "refund" else (kind,)
        resolution = ways[self.draw(0, len(ways) - 1)]
        key = self.asked(Wanted(line_id, units, self.reason(), resolution, instead=self.wish(resolution, units)))
        if self.chance(6):
            self.did(cancel, cancellations=[Cancellation(key, "changed_mind")])
            return
        self.did(authorise, authorisations=[Authorisation(key)])
        if resolution in ("refund", "exchange"):
            self.goods(key)
        if resolution == "exchange":
            self.swap(key)
        else:
            self.money(key)

    def reason(self) -> str:
        return "quality" if self.chance(4) else "changed_mind"

    def wish(self, resolution: str, units: int) -> tuple[Instead, ...]:
        """Nothing said is the same once more; else goods for less, as much or more."""
        if resolution != "exchange" or self.chance():
            return ()
        other = self.world.skus.get("OTHER") or self.world.sku("OTHER")
        Sku.objects.filter(id=other).update(list_price_minor=self.draw(1, 4000), tax_rate="0.13")
        return (Instead(other, units),)

    def asked(self, *wanted: Wanted) -> UUID:
        order = Order.objects.get(id=self.order_id)
        key: UUID = self.did(request, requests=[Request(order.shop_id, order.customer_id, list(wanted))]).id
        return key

    def goods(self, key: UUID) -> None:
        """Parcels in any number, each told once or twice, and inspections of what has come so far."""
        swap = ReturnLine.objects.filter(parent_id=key, resolution="exchange").exists()
        while any(awaited(line) or pending(line) for line in self.lines(key)):
            for line in self.lines(key):
                self.arrive(key, line)
            for line in self.lines(key):
                if units := pending(line):
                    name = DISPOSITIONS[self.draw(0, len(DISPOSITIONS) - 1)]
                    grade = "" if name != "restock" else GRADES[self.draw(0, 2)]
                    part = Part(line.id, self.draw(1, units), name, grade=grade)
                    self.did(inspect, inspections=[Inspecting(key, [part])])
            if not swap and self.chance():
                self.money(key, finish=False)
        self.redispose(key)

    def arrive(self, key: UUID, line: ReturnLine) -> None:
        if waiting := awaited(line):
            told = Receiving(key, [Arrived(line.id, self.draw(1, waiting))], key=f"k{self.keys}")
            for _ in range(1 + self.chance()):
                self.did(receive, receipts=[told])

    def redispose(self, key: UUID) -> None:
        first = Inspection.objects.filter(line__parent_id=key, disposition__in=["restock", "second"]).first()
        if first is not None and self.chance():
            other = "scrap" if self.chance() else "refurbish"
            units = self.draw(1, first.quantity)
            self.did(redispose, redispositions=[Redisposition(first.id, units, other, "looked_again")])

    def money(self, key: UUID, *, finish: bool = True, undone: int = 0) -> None:
        """Settle in any pieces, take some of it back or correct it, settle again; the preview says what is done."""
        while due := [line for line in self.lines(key) if unsettled(line)]:
            units = {line.id: self.draw(1, unsettled(line)) for line in due}
            credit = self.chance(4)
            item = Settlement(key, units, refund_to="store_credit" if credit else "", consented=credit)
            shown = preview(item, SYSTEM, self.world.now)
            done = self.did(settle, settlements=[item])
            rows = SettlementRow.objects.filter(id__in=done.data["settlements"]).order_by("id")
            assert [plain(plan.explanation) for plan in shown] == [row.explanation for row in rows]
            assert [plan.cash_minor for plan in shown] == [row.cash_minor for row in rows]
            if undone < 2 and self.chance():
                undone += 1
                self.take_back(key, done.data["settlements"])
            elif not finish:
                break

    def take_back(self, key: UUID, made: Iterable[UUID]) -> None:
        for settlement in made:
            if self.chance():
                self.keys += 1
                instead = Correction(settlement, "typed_twice", Settlement(key))
                again: Any = {"key": f"{self.order_id}/c{self.keys}", "actor": SYSTEM, "now": self.world.now}
                first, second = (correct(instead, **again) for _ in range(2))
                assert first.ok, [str(refusal) for refusal in first.refusals]
                assert first.data == second.data
            else:
                items = [Reversal(settlement, "typed_twice")]
                (outcome,) = reverse_settlement(reversals=items, actor=SYSTEM, now=self.world.now)
                assert outcome.ok, [str(refusal) for refusal in outcome.refusals]

    def swap(self, key: UUID) -> None:
        """The order in place of the goods: what it costs more is collected, once; then it leaves."""
        if not any(unsettled(line) for line in self.lines(key)):
            return
        self.did(exchange, exchanges=[Exchanging(key)])
        new = Order.objects.get(return_id=key)
        if new.total_minor > new.captured_minor:
            self.did(collect, collections=[Collecting(key, "card")])
            (twice,) = collect(collections=[Collecting(key, "card")], actor=SYSTEM, now=self.world.now)
            assert [each.code for each in twice.refusals] == ["nothing_to_collect"]
        sent(self.world, new, prove=False)
        self.instead.append(new.id)

    def extra(self) -> None:
        """Money without goods: for the delay, or part of the price of what is kept."""
        kind = "compensation" if self.chance(2) else "goodwill"
        line = OrderLine.objects.filter(order_id=self.order_id).order_by("position")[0]
        most = 500 if kind == "compensation" else (line.paid_minor - line.credited_minor) // 4
        if most > 0 and line.ordered > line.settled + line.cancelled:
            amount = self.draw(1, most)
            key = self.asked(Wanted(line.id, 0, "changed_mind", "money_only", recorded_minor=amount, money_kind=kind))
            self.did(authorise, authorisations=[Authorisation(key)])
            self.money(key, undone=2 if kind == "goodwill" else 0)  # goodwill stays

    def lines(self, key: UUID) -> list[ReturnLine]:
        return list(ReturnLine.objects.filter(parent_id=key).order_by("position"))


def plain(explanation: Any) -> Any:
    """As a row keeps it."""
    return json.loads(json.dumps(explanation, default=str))


def lived(world: Any, basket: Basket, data: st.DataObject) -> None:
    """An order and what came in place of its goods, until nothing is left with the buyer."""
    waiting, generation = [sold(world, basket)], 0
    while waiting:
        generation += 1
        life = Life(world, waiting.pop(), data)
        life.run()
        back_in_full(life.order_id)
        waiting += life.instead if generation < 3 else []


def back_in_full(order_id: UUID) -> None:
    """All units are settled; refunded and kept and fees are what was paid."""
    order = Order.objects.get(id=order_id)
    holds(saleview.accounts([order_id], lock=False)[order_id].sale)
    # Points are taken back in proportion to what was paid for goods: where that is nothing, none are.
    paid = sum(line.paid_minor for line in order.lines.all())
    assert order.points_taken_back == (order.points_earned if paid else 0)
    for line in order.lines.all():
        assert line.settled + line.cancelled_settled == line.ordered
        assert line.credited_minor + line.cancelled_minor == line.sold_minor - line.withheld_minor


def lives(world: Any, plans: list[Basket], said: dict[str, Any], data: st.DataObject) -> None:
    world.skus.pop("OTHER", None)  # an example before this one made it, and it was rolled back
    with transaction.atomic():
        state(world, **{**said, "refund_to": "choice"})
        for basket in plans:
            lived(world, basket, data)
        wrong = [(proof.name, proof.differences[:2]) for proof in proofs.run() if not proof.ok]
        assert not wrong, f"{wrong} of {plans} under {said}"
        transaction.set_rollback(True)


ANY = {
    "plans": st.lists(baskets(), min_size=1, max_size=2),
    "said": terms(),
    "data": st.data(),
}
#: A failure is told as it was found: to make it smaller through the database takes minutes.
QUIET: Any = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
}


@pytest.mark.django_db
@settings(max_examples=300 if DEEP else 12, **QUIET)
@given(**ANY)
def test_whatever_happens_refunded_and_kept_and_fees_are_what_was_paid(
    world: Any, plans: list[Basket], said: dict[str, Any], data: Any
) -> None:
    lives(world, plans, said, data)
