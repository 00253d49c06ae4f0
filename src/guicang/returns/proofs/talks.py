"""Talks: an offer is open only where a decision waits, and what was agreed on is what the return pays for it."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.models import Offer
from guicang.returns.proofs.statements import differences

_OPEN = """
SELECT o.id, r.id, r.state FROM {offer} o JOIN {return} r ON r.id = o.parent_id
WHERE o.state = 'open' AND r.state NOT IN ('requested', 'info_needed')
"""
#: A rejected return may be talked about anew after its appeal, but nothing is agreed on twice.
_AGREED = """
SELECT r.id, o.agreed, o.amount, coalesce(l.amount, 0), coalesce(l.expected, 0) FROM (
    SELECT parent_id, count(*) AS agreed, sum(amount_minor) AS amount FROM {offer}
    WHERE state = 'accepted' GROUP BY parent_id) o
JOIN {return} r ON r.id = o.parent_id
LEFT JOIN (SELECT parent_id, sum(expected) AS expected,
        sum(CASE WHEN kind = 'money' THEN recorded_minor ELSE 0 END) AS amount
    FROM {return_line} GROUP BY parent_id) l ON l.parent_id = r.id
WHERE o.agreed <> 1 OR o.amount <> coalesce(l.amount, 0) OR coalesce(l.expected, 0) <> 0
    OR r.decision <> 'authorised'
"""


def proofs() -> list[Proof]:
    """One proof, 3 statements."""
    proof = Proof("return_offers", Offer.objects.count(), [])
    differences(proof, "open", _OPEN, ["offer_id", "return_id", "state"])
    return [differences(proof, "agreed", _AGREED, ["return_id", "agreed", "amount_minor", "lines_minor", "expected"])]
