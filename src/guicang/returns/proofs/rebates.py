"""Rebates: what was granted under each agreement is the sum of its entries, as the latest turnover earned it."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.models import RebateAgreement
from guicang.returns.proofs.statements import differences

_AGREEMENTS = """
SELECT a.id, a.given_minor, coalesce(e.amount, 0) FROM {rebate} a
LEFT JOIN (SELECT agreement_id, sum(amount_minor) AS amount FROM {rebate_entry} GROUP BY agreement_id) e
    ON e.agreement_id = a.id
WHERE a.given_minor <> coalesce(e.amount, 0) OR (e.amount IS NOT NULL AND NOT a.granted)
"""
#: After each entry all so far are what its turnover earned, half up.
_ENTRIES = """
SELECT e.id, e.due_minor, sum(b.amount_minor) FROM {rebate_entry} e
JOIN {rebate_entry} b ON b.agreement_id = e.agreement_id AND b.id <= e.id
GROUP BY e.id, e.due_minor, e.turnover_minor, e.bp
HAVING e.due_minor <> sum(b.amount_minor) OR e.due_minor * 20000 > e.turnover_minor * e.bp * 2 + 10000
    OR e.due_minor * 20000 <= e.turnover_minor * e.bp * 2 - 10000
"""
_BOOKS = """
SELECT e.id, e.amount_minor, coalesce(l.amount, 0) FROM {rebate_entry} e
LEFT JOIN (SELECT x.entry_id, -sum(x.amount_minor) AS amount FROM {entry_line} x
    JOIN {account} a ON a.id = x.account_id AND a.role = 'receivable' GROUP BY x.entry_id) l ON l.entry_id = e.entry_id
WHERE e.booked AND e.amount_minor <> coalesce(l.amount, 0)
"""


def proofs() -> list[Proof]:
    """One proof, 4 statements."""
    proof = Proof("rebates", RebateAgreement.objects.count(), [])
    differences(proof, "agreement", _AGREEMENTS, ["rebate_id", "given_minor", "entries_minor"])
    differences(proof, "entry", _ENTRIES, ["rebate_entry_id", "due_minor", "entries_minor"])
    return [differences(proof, "books", _BOOKS, ["rebate_entry_id", "amount_minor", "booked_minor"])]
