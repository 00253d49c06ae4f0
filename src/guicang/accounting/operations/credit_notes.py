"""Credit notes 红字: what a settlement credits, split over the invoices of what was sold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Sum

from guicang.accounting import errors
from guicang.accounting.models import CreditNote, CreditNoteLine, Document
from guicang.accounting.operations.periods import book_dates
from guicang.accounting.operations.vouchers import wait_for_numbers
from guicang.accounting.rules import Blue, Room, Share, spread
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.compiled import compiled
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.money import split
from guicang.kernel.refusal import Refusal, Refused
from guicang.sales import invoicing
from guicang.sales.models import InvoiceLine, OrderLine


class NoteLine(NamedTuple):
    """What is credited of one order line (NIL: of none, such as shipping). Negative takes a credit back."""

    order_line_id: UUID
    quantity: int
    net_minor: int
    tax_minor: int
    tax_rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Note:
    """The credit of one settlement on one order; `reverses_id` is the credit note that it takes back."""

    company_id: UUID
    order_id: UUID
    settlement_id: UUID
    currency: str
    occurred_at: datetime
    lines: Sequence[NoteLine]
    entry_id: UUID = NIL
    reverses_id: UUID = NIL


def invoice_room(order_line_ids: Iterable[UUID]) -> dict[UUID, Room]:
    """What can still be credited of each order line, for a plan: nothing is locked. 3 statements."""
    wanted = sorted(set(order_line_ids))
    lines = InvoiceLine.objects.filter(order_line__id__among=wanted).select_related("invoice")
    return _rooms(wanted, sorted(lines, key=invoicing.oldest_first))


def credit_refusals(room: Room, lines: Iterable[NoteLine]) -> list[Refusal]:
    """Why `lines` of one order line cannot be credited together: red passes blue, in amount or in tax."""
    wanted = [(line.net_minor + line.tax_minor, line.tax_minor) for line in lines]
    refusals: list[Refusal] = []
    for left, asked in ((room.left_minor, sum(w[0] for w in wanted)), (room.left_tax_minor, sum(w[1] for w in wanted))):
        if asked > left:
            refusals.append(errors.CreditExceedsInvoice(left_minor=left, wanted_minor=asked))
    return refusals


def issue_credit_notes(context: Context, notes: Sequence[Note]) -> list[list[UUID]]:
    """Write each note as one credit note per invoice it touches and one without an invoice for the rest; their ids.

    Notes are applied in the order given; numbers come later (`number_credit_notes`). Locks the invoice lines,
    in primary key order; the caller holds the order lines. Statements: 7 + 4 * ceil(n / 1000).
    Raises Refused(CreditExceedsInvoice) before anything is written.
    """
    if not notes:
        return []
    wanted = {line.order_line_id for note in notes for line in note.lines} - {NIL}
    rooms = _rooms(sorted(wanted), invoicing.lock_invoice_lines(wanted))
    _refuse_excess(rooms, notes)
    days = book_dates([note.company_id for note in notes], [note.occurred_at for note in notes])
    heads: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    ids: list[list[UUID]] = []
    deltas: defaultdict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for note, day in zip(notes, days, strict=True):
        by_invoice: dict[UUID, list[dict[str, Any]]] = {}
        for line in note.lines:
            for share, quantity in _shares(rooms, line):
                by_invoice.setdefault(share.invoice_id, []).append(_line_row(line, share, quantity))
                if share.invoice_line_id != NIL:
                    deltas[share.invoice_line_id][0] += share.gross_minor
                    deltas[share.invoice_line_id][1] += share.tax_minor
        written = [_head_row(context, note, day, invoice_id, parts) for invoice_id, parts in by_invoice.items()]
        for head, parts in zip(written, by_invoice.values(), strict=True):
            stamps = {name: head[name] for name in ("occurred_at", "recorded_at", "book_date", "command_id", "origin")}
            rows.extend({**stamps, **part, "credit_note_id": head["id"]} for part in parts)
        heads.extend(written)
        ids.append([head["id"] for head in written])
    setwrites.insert(CreditNote, heads)
    setwrites.insert(CreditNoteLine, rows)
    wait_for_numbers(Document.CREDIT_NOTE, heads)
    invoicing.credit_invoices({line_id: (gross, tax) for line_id, (gross, tax) in deltas.items()})
    return ids


def _refuse_excess(rooms: dict[UUID, Room], notes: Sequence[Note]) -> None:
    lines: defaultdict[UUID, list[NoteLine]] = defaultdict(list)
    for note in notes:
        for line in note.lines:
            lines[line.order_line_id].append(line)
    refusals = [refusal for key, room in rooms.items() for refusal in credit_refusals(room, lines[key])]
    if refusals:
        raise Refused(refusals)


def _shares(rooms: dict[UUID, Room], line: NoteLine) -> list[tuple[Share, int]]:
    """The parts of a line with their quantities, which follow the amounts."""
    gross = line.net_minor + line.tax_minor
    if line.order_line_id == NIL:
        return [(Share(NIL, NIL, gross, line.tax_minor), line.quantity)]
    shares = spread(rooms[line.order_line_id], gross, line.tax_minor)
    quantities = split(line.quantity, [abs(share.gross_minor) for share in shares])
    return list(zip(shares, quantities, strict=True))


def _line_row(line: NoteLine, share: Share, quantity: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "order_line_id": line.order_line_id,
        "invoice_line_id": share.invoice_line_id,
        "quantity": quantity,
        "net_minor": share.gross_minor - share.tax_minor,
        "tax_minor": share.tax_minor,
        "tax_rate": line.tax_rate,
    }


def _head_row(
    context: Context, note: Note, book_date: date, invoice_id: UUID, parts: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "company_id": note.company_id,
        "order_id": note.order_id,
        "invoice_id": invoice_id,
        "settlement_id": note.settlement_id,
        "currency": note.currency,
        "net_minor": sum(part["net_minor"] for part in parts),
        "tax_minor": sum(part["tax_minor"] for part in parts),
        "entry_id": note.entry_id,
        "reverses_id": note.reverses_id,
        "occurred_at": note.occurred_at,
        "book_date": book_date,
        **context.stamps,
    }


_sold = compiled(lambda ids: OrderLine.objects.filter(id__among=ids).values_list("id", "sold_minor", "tax_minor"))
_beyond_invoices = compiled(
    lambda ids: (
        CreditNoteLine.objects.filter(order_line_id__among=ids, invoice_line_id=NIL)
        .order_by()
        .values_list("order_line_id")
        .annotate(net=Sum("net_minor"), tax=Sum("tax_minor"))
    )
)


def _rooms(order_line_ids: Sequence[UUID], invoice_lines: Sequence[InvoiceLine]) -> dict[UUID, Room]:
    rooms = {line_id: Room(sold_minor, tax_minor) for line_id, sold_minor, tax_minor in _sold(order_line_ids)}
    for line in invoice_lines:
        amounts = (line.invoiced_minor, line.tax_minor, line.credited_minor, line.credited_tax_minor)
        rooms[line.order_line_id].blues.append(Blue(line.invoice_id, line.id, *amounts))
    for row in _beyond_invoices(order_line_ids):
        rooms[row[0]].uninvoiced_minor, rooms[row[0]].uninvoiced_tax_minor = row[1] + row[2], row[2]
    return rooms
