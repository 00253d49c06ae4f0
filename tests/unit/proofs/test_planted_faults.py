"""A fault planted in any table is found by the proof that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F

from guicang.accounting.models import CreditNoteLine, Entry, EntryLine
from guicang.audit.models import AuditRow
from guicang.inventory.models import StockLevel, StockMove
from guicang.kernel import guards
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.payments.models import Refund
from guicang.proofs import queries as proofs
from guicang.returns.models import Clock, Inspection, Offer, Receipt, Return, ReturnLine, Settlement, SettlementLine
from guicang.returns.steps.accept_offer import Acceptance, accept_offer
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.offer import Offering, offer
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.settle import Settlement as Settling
from guicang.returns.steps.settle import settle
from guicang.sales.models import Order, OrderLine, ShipmentLine, Tender

SYSTEM = Actor.system()


@pytest.fixture
def returned(world: Any, order: Any) -> UUID:
    """A return of two units that came, were inspected and settled; one more unit waits in the bay."""
    key: UUID = world.authorised(order(units=4, price_minor=1130), 3)
    line = world.line(key).id
    did(receive, world, receipts=[Receiving(key, [Arrived(line, 3)], key="m1")])
    did(inspect, world, inspections=[Inspecting(key, [Part(line, 1), Part(line, 1, "second")])])
    did(settle, world, settlements=[Settling(key)])
    assert failing() == set()
    return key


def did(step: Any, world: Any, **items: Any) -> None:
    assert all(outcome.ok for outcome in step(actor=SYSTEM, now=world.now, **items))


def failing() -> set[str]:
    return {proof.name for proof in proofs.run() if not proof.ok}


def add(model: Any, column: str, by: int = 1, **where: Any) -> Callable[[UUID], None]:
    """One row's column is off."""

    def plant(return_id: UUID) -> None:
        first = model.objects.filter(**where).order_by("pk").values("pk")[:1]
        assert model.objects.filter(pk__in=list(first.values_list("pk", flat=True))).update(**{column: F(column) + by})

    return plant


def gone(model: Any, **where: Any) -> Callable[[UUID], None]:
    """Rows vanished, past the ORM's own protection."""

    def plant(return_id: UUID) -> None:
        rows = model.objects.filter(**where)
        assert rows._raw_delete(rows.db)

    return plant


def removed_tail(return_id: UUID) -> None:
    last = AuditRow.objects.filter(aggregate_id=return_id).order_by("-seq")[0]
    AuditRow.objects.filter(pk=last.pk).delete()


def removed_return(return_id: UUID) -> None:
    for rows in (
        Receipt.objects.filter(line__parent_id=return_id),
        Inspection.objects.filter(line__parent_id=return_id),
        SettlementLine.objects.filter(line__parent_id=return_id),
        Settlement.objects.filter(parent_id=return_id),
        ReturnLine.objects.filter(parent_id=return_id),
        Clock.objects.filter(parent_id=return_id),
        Return.objects.filter(pk=return_id),
    ):
        keys = list(rows.values_list("pk", flat=True))
        rows.model._default_manager.filter(pk__in=keys)._raw_delete(rows.db)


def relabelled(return_id: UUID) -> None:
    Return.objects.filter(pk=return_id).update(state="settled")


def elsewhere(return_id: UUID) -> None:
    """Whoever looks for the goods would look in another bay than that in which they lie."""
    Return.objects.filter(pk=return_id).update(warehouse_id=new_id())


def unposted(return_id: UUID) -> None:
    """The entry that put returned goods back on stock, gone with its lines: what is left still sums to zero."""
    keys = list(Entry.objects.filter(event="return_stock").values_list("pk", flat=True))
    EntryLine.objects.filter(entry_id__in=keys)._raw_delete("default")
    Entry.objects.filter(pk__in=keys)._raw_delete("default")


def unpaid(return_id: UUID) -> None:
    Return.objects.filter(pk=return_id).update(refund_state="due")


FAULTS: list[tuple[str, Callable[[UUID], None], set[str]]] = [
    ("a changed move", add(StockMove, "quantity", event="receipt"), {"stock_levels", "return_moves", "returns_bay"}),
    ("a removed audit tail", removed_tail, {"audit"}),
    ("a removed return", removed_return, {"returns_exist"}),
    ("a level off by one", add(StockLevel, "on_hand", virtual=False), {"stock_levels"}),
    ("an entry off by a cent", add(EntryLine, "book_minor"), {"entries sum to zero"}),
    ("a claim counter off", add(ShipmentLine, "claimed"), {"return_claims"}),
    ("a claim of a line off", add(ReturnLine, "claimed", -1), {"return_claims"}),
    ("units that came back off", add(ShipmentLine, "returned"), {"return_claims"}),
    ("a refund counter off", add(Tender, "refunded_minor"), {"tender_refunds"}),
    ("a refund off", add(Refund, "amount_minor", -1), {"tender_refunds", "settlement_refunds"}),
    ("a vanished refund", gone(Refund), {"tender_refunds", "settlement_refunds"}),
    ("a dispute counter off", add(Tender, "disputed_minor"), {"tender_disputes"}),
    ("a changed settlement line", add(SettlementLine, "credit_minor"), {"settlements", "sale_counters"}),
    ("a changed settlement", add(Settlement, "cash_minor"), {"sale_counters", "settlement_refunds"}),
    ("a removed receipt", gone(Receipt), {"return_quantities", "return_moves"}),
    ("a removed inspection", gone(Inspection), {"return_quantities", "return_moves"}),
    ("a vanished credit note line", gone(CreditNoteLine), {"settlement_credit_notes", "credit notes within invoices"}),
    ("a credited line off", add(OrderLine, "credited_minor", -1, credited_minor__gt=0), {"sale_counters"}),
    ("what was given besides the price off", add(Order, "extra_minor", refunded_minor__gt=0), {"sale_counters"}),
    ("a settled line off", add(ReturnLine, "settled", -1), {"return_settled", "return_labels"}),
    ("an order's balance off", add(Order, "receivable_minor"), {"customer_receivables", "settled_balances"}),
    ("a return that says its refund is due", unpaid, {"settlement_refunds", "return_labels"}),
    ("a label that is not so", relabelled, {"return_labels"}),
    ("goods in another bay than their return says", elsewhere, {"returns_bay"}),
    ("stock that was never posted", unposted, {"stock_accounts"}),
]


@pytest.mark.parametrize(("plant", "found_by"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_planted_fault_is_found(returned: UUID, plant: Callable[[UUID], None], found_by: set[str]) -> None:
    # On PostgreSQL no trigger can be dropped while deferred checks of its table wait.
    connection.check_constraints()
    with guards.removed(connection):
        plant(returned)
        connection.check_constraints()
    assert found_by <= failing()


@pytest.mark.parametrize(
    "plant",
    [
        lambda: Offer.objects.update(state="open"),
        lambda: Offer.objects.update(amount_minor=F("amount_minor") + 1),
        lambda: ReturnLine.objects.filter(kind="money").update(recorded_minor=299),
    ],
    ids=["an open offer on a decided return", "another amount than was agreed on", "another amount than is paid"],
)
def test_a_fault_in_a_talk_is_found(world: Any, order: Any, plant: Callable[[], Any]) -> None:
    sold = order()
    key = world.request(sold, 2)
    did(offer, world, offers=[Offering(key, 300, "goodwill")])
    customer = Actor(kind="customer", id=sold.customer_id)
    assert accept_offer(acceptances=[Acceptance(key, 1)], actor=customer, now=world.now)[0].ok
    assert failing() == set()
    connection.check_constraints()
    with guards.removed(connection):
        plant()
        connection.check_constraints()
    assert "return_offers" in failing()
