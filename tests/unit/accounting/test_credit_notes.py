"""Credit notes lie over the invoices of what was sold, oldest first, and red never passes blue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from guicang.accounting import operations, proofs, queries
from guicang.accounting.models import CreditNote, CreditNoteLine, CreditNoteNumber
from guicang.accounting.rules import Blue, Room, spread
from guicang.kernel import guards, setwrites
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refused
from guicang.sales import invoicing
from guicang.sales.models import InvoiceLine, OrderLine
from tests.unit.accounting.books import NOW, company, context, order

database = pytest.mark.django_db
Line = operations.NoteLine
Blues = Sequence[tuple[UUID, int, int]]


def bill(company_id: UUID, order_id: UUID, lines: Blues, *, number: str = "B1", at: datetime = NOW) -> UUID:
    blue = [invoicing.BlueLine(line_id, 1, gross, tax) for line_id, gross, tax in lines]
    return invoicing.issue_invoice(context(), invoicing.BlueInvoice(company_id, order_id, number, at, "CNY", blue))


def note(company_id: UUID, order_id: UUID, *lines: Line) -> operations.Note:
    return operations.Note(company_id, order_id, new_id(), "CNY", NOW, lines)


def credit(company_id: UUID, order_id: UUID, *lines: Line) -> list[tuple[UUID, int, int]]:
    """(invoice, net, tax) of each credit note written."""
    (ids,) = operations.issue_credit_notes(context(), [note(company_id, order_id, *lines)])
    found = {row.id: row for row in CreditNote.objects.filter(id__among=ids)}
    return [(found[i].invoice_id, found[i].net_minor, found[i].tax_minor) for i in ids]


@database
def test_a_third_red_invoice_is_refused() -> None:
    """HARD-CASES 20: invoice 226; 113 and 113 are credited; a third 113 is refused, and nothing moves."""
    made = company()
    order_id, (line,) = order(made.id, (22600, 2600))
    invoice = bill(made.id, order_id, [(line, 22600, 2600)])
    half = Line(line, 1, 10000, 1300)
    assert credit(made.id, order_id, half) == [(invoice, 10000, 1300)]
    assert credit(made.id, order_id, half) == [(invoice, 10000, 1300)]
    room = operations.invoice_room([line])[line]
    assert (room.left_minor, room.left_tax_minor) == (0, 0)
    assert [refusal.code for refusal in operations.credit_refusals(room, [half])] == ["credit_exceeds_invoice"] * 2
    with pytest.raises(Refused):
        operations.issue_credit_notes(context(), [note(made.id, order_id, half)])
    assert CreditNote.objects.count() == 2
    assert InvoiceLine.objects.get().credited_minor == 22600
    assert all(proof.ok for proof in proofs.proofs())


@database
def test_reds_of_an_inclusive_price_sum_to_the_blue() -> None:
    """RULES C2 R6: 88.50 + 11.50; reds 33.33, 33.33, 33.34 -> 29.50 + 3.83, 29.49 + 3.84, 29.51 + 3.83."""
    made = company()
    order_id, (line,) = order(made.id, (10000, 1150))
    bill(made.id, order_id, [(line, 10000, 1150)])
    for net, tax in ((2950, 383), (2949, 384), (2951, 383)):
        credit(made.id, order_id, Line(line, 1, net, tax))
    assert InvoiceLine.objects.values_list("credited_minor", "credited_tax_minor").get() == (10000, 1150)


@database
def test_oldest_invoice_first_and_the_rest_without_one() -> None:
    made = company()
    order_id, (line, other) = order(made.id, (30000, 3000), (500, 0))
    new = bill(made.id, order_id, [(line, 10000, 1000)], number="B2")
    old = bill(made.id, order_id, [(line, 10000, 1000), (other, 500, 0)], number="B1", at=NOW - timedelta(days=1))
    lines = Line(line, 4, 22500, 2500), Line(other, 1, 500, 0)
    assert credit(made.id, order_id, *lines) == [(old, 9500, 1000), (new, 9000, 1000), (NIL, 4500, 500)]
    assert sum(CreditNoteLine.objects.filter(order_line_id=line).values_list("quantity", flat=True)) == 4
    room = operations.invoice_room([line])[line]
    assert (room.left_minor, room.uninvoiced_minor, room.uninvoiced_tax_minor) == (5000, 5000, 500)
    assert all(proof.ok for proof in proofs.proofs())


@database
def test_an_uninvoiced_return_shrinks_the_invoice() -> None:
    """HARD-CASES 20. The counter on the order line is the settlement's; here it is set as that would."""
    made = company()
    order_id, (line,) = order(made.id, (22600, 2600))
    assert credit(made.id, order_id, Line(line, 1, 10000, 1300)) == [(NIL, 10000, 1300)]
    OrderLine.objects.filter(id=line).update(credited_minor=11300, credited_tax_minor=1300)
    with pytest.raises(Refused) as refused:
        bill(made.id, order_id, [(line, 11301, 1300)])
    assert refused.value.refusals[0].data["left_minor"] == 11300
    bill(made.id, order_id, [(line, 11300, 1300)])
    assert operations.invoice_room([line])[line].left_minor == 11300


@database
def test_a_credit_is_taken_back_by_the_way_it_went() -> None:
    made = company()
    order_id, (line,) = order(made.id, (30000, 3000))
    old = bill(made.id, order_id, [(line, 10000, 1000)], number="B1", at=NOW - timedelta(days=1))
    new = bill(made.id, order_id, [(line, 10000, 1000)], number="B2")
    credit(made.id, order_id, Line(line, 3, 27000, 3000))
    assert credit(made.id, order_id, Line(line, -2, -18000, -2000)) == [(new, -9000, -1000), (NIL, -9000, -1000)]
    assert credit(made.id, order_id, Line(line, -1, -9000, -1000)) == [(old, -9000, -1000)]
    assert set(InvoiceLine.objects.values_list("credited_minor", "credited_tax_minor")) == {(0, 0)}
    with pytest.raises(ValueError, match="more than was credited"):
        credit(made.id, order_id, Line(line, -1, -1, 0))
    assert all(proof.ok for proof in proofs.proofs())


@database
def test_several_notes_of_one_call_share_the_room() -> None:
    made = company()
    order_id, (line,) = order(made.id, (20000, 0))
    invoice = bill(made.id, order_id, [(line, 10000, 0)])
    notes = [note(made.id, order_id, Line(line, 1, 6000, 0)) for _ in range(3)]
    operations.issue_credit_notes(context(), notes)
    rows = CreditNote.objects.order_by("id").values_list("invoice_id", "net_minor")
    assert list(rows) == [(invoice, 6000), (invoice, 4000), (NIL, 2000), (NIL, 6000)]
    again = [note(made.id, order_id, Line(line, 1, 1500, 0)) for _ in range(2)]
    with pytest.raises(Refused):
        operations.issue_credit_notes(context(), again)


@database
def test_shipping_and_free_gifts_have_no_invoice_to_shrink() -> None:
    made = company()
    order_id, (gift,) = order(made.id, (0, 0))
    assert credit(made.id, order_id, Line(NIL, 0, 900, 100), Line(gift, 1, 0, 0)) == [(NIL, 900, 100)]
    assert operations.issue_credit_notes(context(), []) == []
    assert operations.issue_credit_notes(context(), [note(made.id, order_id)]) == [[]]


@database
def test_the_database_itself_refuses_red_beyond_blue() -> None:
    made = company()
    order_id, (line,) = order(made.id, (22600, 2600))
    bill(made.id, order_id, [(line, 22600, 2600)])
    (blue,) = invoicing.lock_invoice_lines([line])
    for delta in ((22601, 0), (0, 2601), (-1, 0)):
        with pytest.raises(IntegrityError), transaction.atomic():
            invoicing.credit_invoices({blue.id: delta})
    with pytest.raises(ValueError, match="do not exist"):
        invoicing.credit_invoices({new_id(): (1, 0)})


@database
def test_invoices_are_facts_recorded_once() -> None:
    made = company()
    order_id, (line, other) = order(made.id, (10000, 1000), (500, 0))
    first = bill(made.id, order_id, [(line, 6000, 600)])
    assert bill(made.id, order_id, [(line, 6000, 600)]) == first
    cases = [
        ("B1", [(line, 5000, 500)], {"invoice_number_taken"}),
        ("B2", [(line, 4001, 401), (other, 501, 0)], {"invoice_exceeds_sold"}),
        ("B2", [(new_id(), 1, 0)], {"invoice_line_unknown"}),
        ("B2", [(line, 1, 2)], {"invoice_amounts_wrong"}),
        ("B2", [(other, 1, 0), (other, 1, 0)], {"invoice_amounts_wrong"}),
    ]
    for number, lines, codes in cases:
        with pytest.raises(Refused) as refused:
            bill(made.id, order_id, lines, number=number)
        assert {refusal.code for refusal in refused.value.refusals} == codes
    assert InvoiceLine.objects.count() == 1


@database
def test_one_set_of_invoices_uses_up_a_line_together() -> None:
    made = company()
    order_id, (line,) = order(made.id, (10000, 0))
    blue = [invoicing.BlueLine(line, 1, 6000, 0)]
    invoices = [invoicing.BlueInvoice(made.id, order_id, n, NOW, "CNY", blue) for n in ("B1", "B1", "B2")]
    outcomes = invoicing.issue_invoices(context(), invoices)
    assert [outcome.ok for outcome in outcomes] == [True, True, False]
    assert outcomes[1].id == outcomes[0].id == invoices[0].id


@database
def test_credit_notes_are_numbered_without_gaps_and_shown() -> None:
    made = company()
    order_id, (line,) = order(made.id, (22600, 2600))
    bill(made.id, order_id, [(line, 11300, 1300)])
    credit(made.id, order_id, Line(line, 2, 20000, 2600))
    assert operations.number_credit_notes(NOW) == 2
    views = queries.credit_notes_of_orders([order_id])
    assert sorted(view.number or () for view in views) == [(2026, 1), (2026, 2)]
    assert [len(view.lines) for view in views] == [1, 1]
    assert queries.credit_notes_of_settlements([views[0].settlement_id]) == views
    with guards.removed(connection):
        CreditNoteNumber.objects.filter(number=1).delete()
        CreditNoteLine.objects.filter(credit_note_id=views[1].id).update(net_minor=1)
    assert [proof.ok for proof in proofs.proofs()] == [True, True, False, False, True]


@database
def test_the_proof_finds_a_counter_that_no_note_explains() -> None:
    made = company()
    order_id, (line,) = order(made.id, (22600, 2600))
    bill(made.id, order_id, [(line, 22600, 2600)])
    setwrites.update(
        InvoiceLine, [{"id": InvoiceLine.objects.get().id, "credited_minor": 5}], assign=["credited_minor"]
    )
    (difference,) = proofs.proofs()[3].differences
    assert (difference["credited_minor"], difference["notes_minor"]) == (5, 0)


@database
@pytest.mark.parametrize(("count", "statements"), [(1, 9), (1000, 9), (2500, 17)])
def test_statements_of_credit_notes(count: int, statements: int) -> None:
    made = company()
    order_id, lines = order(made.id, *[(100, 10)] * count)
    bill(made.id, order_id, [(line, 100, 10) for line in lines])
    notes = [note(made.id, order_id, Line(line, 1, 45, 5)) for line in lines]
    stamps = context()
    with CaptureQueriesContext(connection) as caught:
        operations.issue_credit_notes(stamps, notes)
    assert len(caught) == statements, [query["sql"][:90] for query in caught]


@st.composite
def rooms(draw: st.DrawFn) -> Room:
    blues, sold, sold_tax = [], 0, 0
    for _ in range(draw(st.integers(0, 4))):
        gross = draw(st.integers(0, 1000))
        tax = draw(st.integers(0, gross))
        blues.append(Blue(new_id(), new_id(), gross, tax))
        sold, sold_tax = sold + gross, sold_tax + tax
    more = draw(st.integers(0, 1000))
    return Room(sold + more, sold_tax + draw(st.integers(0, more)), blues)


@given(room=rooms(), data=st.data())
def test_any_path_of_credits_stays_within_blue_and_sums_exactly(room: Room, data: st.DataObject) -> None:
    given_gross = given_tax = 0
    for _ in range(data.draw(st.integers(1, 5))):
        gross = data.draw(st.integers(-given_gross, room.left_minor))
        low, high = (-min(-gross, given_tax), 0) if gross < 0 else (0, min(gross, room.left_tax_minor))
        tax = data.draw(st.integers(low, high))
        shares = spread(room, gross, tax)
        assert (sum(s.gross_minor for s in shares), sum(s.tax_minor for s in shares)) == (gross, tax)
        given_gross, given_tax = given_gross + gross, given_tax + tax
        for blue in room.blues:
            assert 0 <= blue.credited_minor <= blue.invoiced_minor
            assert 0 <= blue.credited_tax_minor <= blue.invoiced_tax_minor
        assert room.uninvoiced_minor >= 0
        assert room.left_minor == room.sold_minor - given_gross
        assert room.left_tax_minor == room.sold_tax_minor - given_tax


def test_a_tax_against_its_amount_is_a_bug() -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        spread(Room(100, 10), 50, -5)
