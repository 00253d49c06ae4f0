"""Blue invoices as facts, and the counters of what red ones credit of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome, Refusal, raise_first
from guicang.sales.models import Invoice, InvoiceLine, OrderLine


class InvoiceExceedsSold(Refusal):
    """What was credited before it was invoiced is invoiced no more."""

    code: ClassVar[str] = "invoice_exceeds_sold"
    sentence = _(
        "At most %(left_minor)s of this line can still be invoiced, the invoice has %(wanted_minor)s. Correct it."
    )


class InvoiceNumberTaken(Refusal):
    code: ClassVar[str] = "invoice_number_taken"
    sentence = _("The invoice number %(number)s is taken by an invoice with other lines. Check the number.")


class InvoiceLineUnknown(Refusal):
    code: ClassVar[str] = "invoice_line_unknown"
    sentence = _("The invoice names a line that is not of this order. Import the order first.")


class InvoiceAmountsWrong(Refusal):
    code: ClassVar[str] = "invoice_amounts_wrong"
    sentence = _("Each line of an invoice needs a quantity, and a tax within its amount.")


class BlueLine(NamedTuple):
    """`invoiced_minor` includes tax."""

    order_line_id: UUID
    quantity: int
    invoiced_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class BlueInvoice:
    """An invoice as issued, its number unique within the company. At most one line for an order line."""

    company_id: UUID
    order_id: UUID
    number: str
    issued_at: datetime
    currency: str
    lines: Sequence[BlueLine]
    id: UUID = field(default_factory=new_id)


#: [amount, tax] that may still be invoiced of an order line.
_Left = dict[UUID, list[int]]
_Key = tuple[UUID, str]
_Known = tuple[UUID, set[BlueLine]]


def issue_invoice(context: Context, invoice: BlueInvoice) -> UUID:
    """Record one invoice. Raises Refused with all findings; see `issue_invoices`."""
    outcomes = issue_invoices(context, [invoice])
    raise_first(outcomes)
    return outcomes[0].id or invoice.id


def issue_invoices(context: Context, invoices: Sequence[BlueInvoice]) -> list[Outcome]:
    """Record invoices as facts; an Outcome for each. The same invoice again is no change.

    An order line is never invoiced beyond what was sold less what was credited without an invoice.
    Locks orders' lines, then their invoice lines. Statements: 6 + 4 * ceil(n / 1000) and the audit's.
    """
    lines = {line.order_line_id for invoice in invoices for line in invoice.lines}
    order_lines = setwrites.fetch(OrderLine, lines, lock=True)
    orders = {line.id: line.order_id for line in order_lines}
    left = _left(order_lines)
    known = _known(invoices)
    outcomes: list[Outcome] = []
    accepted: list[BlueInvoice] = []
    for index, invoice in enumerate(invoices):
        key = (invoice.company_id, invoice.number)
        if key in known:
            existing, held = known[key]
            same = held == set(invoice.lines)
            taken: list[Refusal] = [] if same else [InvoiceNumberTaken(number=invoice.number)]
            outcomes.append(Outcome(index, existing, taken, {"repeated": True}))
            continue
        refusals = _refusals(invoice, orders, left)
        outcomes.append(Outcome(index, None if refusals else invoice.id, refusals))
        if not refusals:
            known[key] = (invoice.id, set(invoice.lines))
            accepted.append(invoice)
    _write(context, accepted)
    return outcomes


def lock_invoice_lines(order_line_ids: Iterable[UUID]) -> list[InvoiceLine]:
    """The invoice lines of the order lines, locked in primary key order, given oldest invoice first. 1 statement.

    Each comes with its invoice, which is not locked.
    """
    rows = InvoiceLine.objects.filter(order_line__id__among=sorted(set(order_line_ids))).select_related("invoice")
    return sorted(rows.select_for_update(of=("self",)).order_by("pk"), key=oldest_first)


def oldest_first(line: InvoiceLine) -> tuple[datetime, UUID, UUID]:
    """The order in which credits use up invoices."""
    return (line.invoice.issued_at, line.invoice_id, line.id)


def credit_invoices(deltas: Mapping[UUID, tuple[int, int]]) -> None:
    """Add (amount incl. tax, tax) to what is credited of each invoice line. ceil(n / 1000) statements.

    The caller holds the lines (`lock_invoice_lines`). The table's CHECKs refuse to pass what was invoiced:
    IntegrityError, a fault of the caller, who compares first.
    """
    rows = [
        {"id": line_id, "credited_minor": gross, "credited_tax_minor": tax}
        for line_id, (gross, tax) in deltas.items()
        if gross or tax
    ]
    changed = setwrites.update(InvoiceLine, rows, add=["credited_minor", "credited_tax_minor"])
    if changed != len(rows):
        raise ValueError(f"{len(rows) - changed} invoice lines do not exist")


def _left(order_lines: Sequence[OrderLine]) -> _Left:
    left = {
        line.id: [line.sold_minor - line.credited_minor, line.tax_minor - line.credited_tax_minor]
        for line in order_lines
    }
    for row in lock_invoice_lines(left):
        # Credited on an invoice and credited at all cancel out: only credits without an invoice shrink the rest.
        left[row.order_line_id][0] -= row.invoiced_minor - row.credited_minor
        left[row.order_line_id][1] -= row.tax_minor - row.credited_tax_minor
    return left


def _known(invoices: Sequence[BlueInvoice]) -> dict[_Key, _Known]:
    """Invoices recorded before under the same numbers, with their lines. 2 statements."""
    wanted = {(invoice.company_id, invoice.number) for invoice in invoices}
    rows = Invoice.objects.filter(company_id__among=sorted({key[0] for key in wanted}))
    rows = rows.filter(number__among=sorted({key[1] for key in wanted}))
    ids = {row[0]: (row[1], row[2]) for row in rows.values_list("id", "company_id", "number")}
    lines: defaultdict[UUID, set[BlueLine]] = defaultdict(set)
    held = InvoiceLine.objects.filter(invoice__id__among=sorted(ids))
    for row in held.values_list("invoice_id", "order_line_id", "quantity", "invoiced_minor", "tax_minor"):
        lines[row[0]].add(BlueLine(*row[1:]))
    return {key: (row_id, lines[row_id]) for row_id, key in ids.items() if key in wanted}


def _refusals(invoice: BlueInvoice, orders: Mapping[UUID, UUID], left: _Left) -> list[Refusal]:
    """All findings on one invoice; `left` is used up where there are none."""
    refusals: list[Refusal] = []
    if len({line.order_line_id for line in invoice.lines}) != len(invoice.lines) or any(
        line.quantity < 1 or not 0 <= line.tax_minor <= line.invoiced_minor for line in invoice.lines
    ):
        refusals.append(InvoiceAmountsWrong())
    for line in invoice.lines:
        if orders.get(line.order_line_id) != invoice.order_id:
            refusals.append(InvoiceLineUnknown(order_line_id=line.order_line_id))
            continue
        for wanted, room in zip((line.invoiced_minor, line.tax_minor), left[line.order_line_id], strict=True):
            if wanted > room:
                refusals.append(
                    InvoiceExceedsSold(order_line_id=line.order_line_id, left_minor=room, wanted_minor=wanted)
                )
    if not refusals:
        for line in invoice.lines:
            left[line.order_line_id][0] -= line.invoiced_minor
            left[line.order_line_id][1] -= line.tax_minor
    return refusals


def _write(context: Context, invoices: Sequence[BlueInvoice]) -> None:
    names = ("id", "company_id", "order_id", "number", "issued_at", "currency")
    setwrites.insert(Invoice, [{name: getattr(invoice, name) for name in names} for invoice in invoices])
    rows: list[dict[str, Any]] = [
        {"id": new_id(), "invoice_id": invoice.id, **line._asdict(), "credited_minor": 0, "credited_tax_minor": 0}
        for invoice in invoices
        for line in invoice.lines
    ]
    setwrites.insert(InvoiceLine, rows)
    record(context, [_audited(invoice) for invoice in invoices])


def _audited(invoice: BlueInvoice) -> AuditEntry:
    after = {
        "invoice_id": str(invoice.id),
        "number": invoice.number,
        "invoiced_minor": sum(line.invoiced_minor for line in invoice.lines),
        "tax_minor": sum(line.tax_minor for line in invoice.lines),
        "currency": invoice.currency,
    }
    return AuditEntry(invoice.company_id, "order", invoice.order_id, "invoice", {}, after)
