"""Money without goods: what was granted in each month is the sum of what was granted with returns."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.models import MoneyMonth
from guicang.returns.proofs.statements import differences

_MONTHS = """
SELECT m.id, m.given_minor, coalesce(g.amount, 0) FROM {money_month} m
LEFT JOIN (SELECT month_id, sum(amount_minor) AS amount FROM (
    SELECT customer_month_id AS month_id, amount_minor FROM {money_grant}
    UNION ALL SELECT agent_month_id, amount_minor FROM {money_grant}) AS given GROUP BY month_id) g ON g.month_id = m.id
WHERE m.given_minor <> coalesce(g.amount, 0)
"""
#: A grant of nothing that was granted, or of another amount than its lines say.
_GRANTS = """
SELECT g.id, g.parent_id, g.amount_minor, coalesce(l.amount, 0) FROM {money_grant} g
LEFT JOIN (SELECT parent_id, sum(recorded_minor) AS amount FROM {return_line}
    WHERE kind = 'money' AND authorised > 0 GROUP BY parent_id) l ON l.parent_id = g.parent_id
WHERE g.amount_minor <> coalesce(l.amount, 0)
"""


def proofs() -> list[Proof]:
    """One proof, 3 statements."""
    proof = Proof("money_limits", MoneyMonth.objects.count(), [])
    differences(proof, "month", _MONTHS, ["month_id", "given_minor", "grants_minor"])
    return [differences(proof, "grant", _GRANTS, ["grant_id", "return_id", "amount_minor", "lines_minor"])]
