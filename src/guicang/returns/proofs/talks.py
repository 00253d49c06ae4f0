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


#: Each open offer has a clock that runs until then, and no clock runs for any other.
_CLOCK = """
SELECT o.parent_id, o.id FROM {offer} o LEFT JOIN {clock} c
    ON c.parent_id = o.parent_id AND c.kind = 'offer' AND c.outcome = '' AND c.due_at = o.expires_at
WHERE o.state = 'open' AND c.id IS NULL
UNION ALL
SELECT c.parent_id, c.id FROM {clock} c LEFT JOIN {offer} o ON o.parent_id = c.parent_id AND o.state = 'open'
WHERE c.kind = 'offer' AND c.outcome = '' AND o.id IS NULL
"""


def proofs() -> list[Proof]:
    """One proof, 4 statements."""
    proof = Proof("return_offers", Offer.objects.count(), [])
    differences(proof, "clock", _CLOCK, ["return_id", "id"])
    differences(proof, "open", _OPEN, ["offer_id", "return_id", "state"])
    return [differences(proof, "agreed", _AGREED, ["return_id", "agreed", "amount_minor", "lines_minor", "expected"])]
