"""A row changed so that every sum still adds up is found by what else was written about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import F

from guicang.accounting.models import CreditNote, CreditNoteNumber, Entry, Voucher
from guicang.accounting.operations import number_credit_notes, number_vouchers
from guicang.inventory.models import Location, StockMove
from guicang.kernel import guards
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.proofs import queries as proofs
from guicang.returns.models import Inspection, Return, Settlement
from guicang.sales.invoicing import BlueInvoice, BlueLine, issue_invoice
from guicang.sales.models import InvoiceLine, LineDiscount, OrderLine, Shipment
from guicang.trade.facts import DiscountFacts, LineFacts, PaymentFacts
from guicang.trade.steps import record_orders
from tests.journeys.acts import SYSTEM, arrive, look_at, pay, verified

SOLD = [
    LineFacts(
        "1",
        "GOODS",
        4,
        Decimal("11.30"),
        4520,
        discounts=[DiscountFacts("shop", 300), DiscountFacts("platform", 420)],
        tax_rate=Decimal("0.13"),
    )
]


@pytest.fixture
def returned(world: Any, order: Any) -> UUID:
    """Three of four units came back, two were inspected and settled; everything has its number."""
    key: UUID = world.authorised(order(units=4, price_minor=950, lines=SOLD), 3)
    arrive(world, key, 3)
    look_at(world, key, (1, "restock"), (1, "second"))
    pay(world, key)
    number_vouchers(world.now)
    number_credit_notes(world.now)
    verified()
    return key


def changed(model: Any, where: dict[str, Any] | None = None, **columns: Any) -> Callable[[UUID], None]:
    """The first such row says something else."""

    def plant(return_id: UUID) -> None:
        row = model.objects.filter(**(where or {})).order_by("pk").first()
        values = {name: value() if callable(value) else value for name, value in columns.items()}
        assert model.objects.filter(pk=row.pk).update(**values)

    return plant


def undiscounted(return_id: UUID) -> None:
    rows = LineDiscount.objects.filter(funder="shop")
    assert rows._raw_delete(rows.db)


def elsewhere() -> UUID:
    """A place of the warehouse that no inspection gave."""
    found: UUID = Location.objects.filter(kind="staging").values_list("id", flat=True)[0]
    return found


FAULTS: list[tuple[str, Callable[[UUID], None], str, str]] = [
    ("a removed discount", undiscounted, "line_discounts", ""),
    ("a changed discount", changed(LineDiscount, amount_minor=F("amount_minor") + 1), "line_discounts", ""),
    (
        "a discount of another funder",
        changed(LineDiscount, {"funder": "shop"}, funder="platform"),
        "line_discounts",
        "",
    ),
    ("a changed gross amount", changed(OrderLine, gross_minor=F("gross_minor") + 1), "line_discounts", ""),
    ("changed tax", changed(OrderLine, tax_minor=F("tax_minor") + 1), "sale_tax", ""),
    ("a settled price off", changed(OrderLine, settled_minor=F("settled_minor") + 1), "settled_prices", "price"),
    ("an inspection of more", changed(Inspection, quantity=F("quantity") + 1), "return_moves", "inspection"),
    ("an inspection elsewhere", changed(Inspection, location_id=elsewhere), "return_moves", "placed"),
    ("an inspection of another grade", changed(Inspection, grade="Z"), "return_moves", "placed"),
    ("an unknown ending", changed(Return, ending="nonsense"), "return_labels", "unknown"),
    ("an unknown decision", changed(Return, decision="nonsense"), "return_labels", "unknown"),
    ("an unknown state", changed(Return, state="nonsense"), "return_labels", "state"),
    ("an ending nobody gave", changed(Return, ending="closed", state="closed"), "returns_as_audited", "ending"),
    ("another decision", changed(Return, decision="rejected"), "returns_as_audited", "decision"),
    ("another code", changed(Return, rma_code="ANOTHER"), "returns_as_audited", "rma_code"),
    ("another deadline", changed(Return, expires_at=F("requested_at")), "returns_as_audited", "expires_at"),
    ("another refund", changed(Return, refund_minor=F("refund_minor") + 1), "returns_as_audited", "refund_minor"),
    ("a voucher of no entry", changed(Voucher, entry_id=new_id), "vouchers have no gaps", "misplaced"),
    ("a voucher of another company", changed(Voucher, company_id=new_id), "vouchers have no gaps", "misplaced"),
    ("a voucher of another year", changed(Voucher, year=F("year") - 1), "vouchers have no gaps", "misplaced"),
    (
        "a number of no credit note",
        changed(CreditNoteNumber, credit_note_id=new_id),
        "credit note numbers have no gaps",
        "misplaced",
    ),
    ("a credit note of no entry", changed(CreditNote, entry_id=new_id), "credit notes within invoices", "note_entry"),
    (
        "a credit note of another's entry",
        changed(CreditNote, entry_id=lambda: Entry.objects.filter(event="shipment")[0].id),
        "settlement_entries",
        "credit_note",
    ),
    (
        "a settlement of another's entry",
        changed(Settlement, entry_id=lambda: Entry.objects.filter(event="shipment")[0].id),
        "settlement_entries",
        "settlement",
    ),
    ("a move of another company", changed(StockMove, company_id=new_id), "stock_move_places", ""),
    ("a move to nowhere", changed(StockMove, to_location_id=new_id), "stock_move_places", ""),
]


@pytest.mark.parametrize(("plant", "name", "fault"), [each[1:] for each in FAULTS], ids=[each[0] for each in FAULTS])
def test_a_planted_fault_is_found(returned: UUID, plant: Callable[[UUID], None], name: str, fault: str) -> None:
    connection.check_constraints()
    with guards.removed(connection), transaction.atomic():
        plant(returned)
        found = {proof.name: proof.differences for proof in proofs.run() if not proof.ok}
        transaction.set_rollback(True)  # some faults point nowhere, which a commit would refuse
    assert name in found
    assert not fault or fault in {row["fault"] for row in found[name]}


def test_an_invoice_beyond_what_was_sold_is_found(world: Any, order: Any) -> None:
    sold = order(units=2, price_minor=1130)
    line = sold.lines[0]
    invoice = BlueInvoice(
        world.company_id, sold.id, "B1", world.now, "CNY", [BlueLine(line.id, 2, line.sold_minor, line.tax_minor)]
    )
    with transaction.atomic():
        issue_invoice(begin("test", actor=SYSTEM, now=world.now, items=1), invoice)
    verified()
    InvoiceLine.objects.update(invoiced_minor=F("invoiced_minor") + 1)
    assert "sale_tax" in {proof.name for proof in proofs.run() if not proof.ok}


def test_a_fee_given_back_before_anything_left_is_no_fault(world: Any, order: Any) -> None:
    """It is not billed any more: the shipment is worth less than its units and the whole fee."""
    bought: dict[str, Any] = {
        "shipping_standard_minor": 700,
        "shipping_tax_minor": 35,
        "payments": [PaymentFacts("p", "wechat", 2700, world.now - timedelta(days=4))],
    }
    sold = order(units=2, shipped=0, **bought)
    pay(world, world.authorised(sold, 1, resolution="unshipped"), shipping="proportional")
    later = replace(world.facts(2, 1, **bought), number=sold.row.number)
    assert record_orders(orders=[later], actor=SYSTEM, now=world.now)[0].ok
    assert Shipment.objects.get().value_minor == 1350
    verified()
    with guards.removed(connection):
        Shipment.objects.update(value_minor=F("value_minor") - 1 - 350)
        assert "shipment_values" in {proof.name for proof in proofs.run() if not proof.ok}
