"""What a sale line says its settled units are worth, and whose entries settlements and credit notes name."""

from __future__ import annotations

from django.db import connection

from guicang.kernel.proof import Proof
from guicang.returns.models import Settlement
from guicang.returns.proofs.statements import differences, statement
from guicang.returns.settlement import SaleLine
from guicang.sales.models import OrderLine

FETCH = 1000

#: Past documents paid what they paid, so their targets need not be the price of the units: those lines are reckoned.
_PRICES = """
SELECT l.id, l.settled_minor, coalesce(s.targets, 0) FROM {order_line} l
LEFT JOIN (SELECT order_line_id, sum(target_minor) AS targets FROM {settlement_line}
    WHERE order_line_id <> {nil} AND NOT unshipped GROUP BY order_line_id) s ON s.order_line_id = l.id
WHERE l.settled_minor <> coalesce(s.targets, 0)
"""
_ENTRIES = """
SELECT s.id, s.entry_id FROM {settlement} s LEFT JOIN {entry} e ON e.id = s.entry_id
WHERE s.entry_id <> {nil} AND (e.id IS NULL OR e.company_id <> s.company_id OR e.source_id <> s.id)
"""
_NOTES = """
SELECT n.id, n.entry_id, s.entry_id FROM {note} n JOIN {settlement} s ON s.id = n.settlement_id
WHERE n.entry_id <> s.entry_id OR n.company_id <> s.company_id
"""


def proofs() -> list[Proof]:
    """Two proofs, 5 statements, and one for each thousand lines whose targets are not their price."""
    return [_prices(), _entries()]


def _prices() -> Proof:
    """What the settled units of a sale line are worth = the targets of its settlements, or its price reckoned anew."""
    proof = Proof("settled_prices", OrderLine.objects.count(), [])
    with connection.cursor() as cursor:
        cursor.execute(statement(_PRICES))
        found = cursor.fetchall()
    for place in range(0, len(found), FETCH):
        targets = {str(row[0]).replace("-", ""): int(row[2]) for row in found[place : place + FETCH]}
        for line in OrderLine.objects.filter(id__in=list(targets)).order_by("id"):
            price = _price(line)
            if line.settled_minor != price:
                facts = {"settled_minor": line.settled_minor, "targets_minor": targets[line.id.hex]}
                proof.add(fault="price", order_line_id=str(line.id), price_minor=price, **facts)
    return proof


def _price(line: OrderLine) -> int:
    sale = SaleLine(
        id=line.id,
        ordered=line.ordered,
        paid_minor=line.paid_minor,
        sold_minor=line.sold_minor,
        tax_minor=line.tax_minor,
        goodwill=tuple((span, amount) for span, amount in line.goodwill),
        settled=line.settled,
        weight_g=line.weight_g if line.by_weight else 0,
        settled_measure=line.settled_measure,
    )
    return sale.price(sale.done)


def _entries() -> Proof:
    """The entry that a settlement names was posted for it, and its credit notes name the same."""
    proof = Proof("settlement_entries", Settlement.objects.count(), [])
    differences(proof, "settlement", _ENTRIES, ["settlement_id", "entry_id"])
    return differences(proof, "credit_note", _NOTES, ["credit_note_id", "entry_id", "settlement_entry_id"])
