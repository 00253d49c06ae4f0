"""Yearly quotas: what was used of each is the sum of what returns took and gave back, and so is what each holds."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.models import Quota
from guicang.returns.proofs.statements import differences

_QUOTAS = """
SELECT q.id, q.used_minor, coalesce(u.amount, 0) FROM {quota} q
LEFT JOIN (SELECT quota_id, sum(amount_minor) AS amount FROM {quota_use} GROUP BY quota_id) u ON u.quota_id = q.id
WHERE q.used_minor <> coalesce(u.amount, 0)
"""
_RETURNS = """
SELECT r.id, r.quota_minor, coalesce(u.amount, 0), r.quota_asked_minor FROM {return} r
LEFT JOIN (SELECT parent_id, sum(amount_minor) AS amount FROM {quota_use} GROUP BY parent_id) u ON u.parent_id = r.id
WHERE r.quota_minor <> coalesce(u.amount, 0) OR r.quota_minor > r.quota_asked_minor
    OR (r.quota_minor <> 0 AND (r.decision = 'rejected' OR r.ending IN ('cancelled', 'expired')))
"""
#: A use of a quota or by a return that is not there, or of another customer's.
_STRAYS = """
SELECT u.id, u.quota_id, u.parent_id FROM {quota_use} u LEFT JOIN {quota} q ON q.id = u.quota_id
LEFT JOIN {return} r ON r.id = u.parent_id
WHERE q.id IS NULL OR r.id IS NULL OR r.quota_id <> q.id OR r.customer_id <> q.customer_id OR r.currency <> q.currency
"""


def proofs() -> list[Proof]:
    """One proof, 4 statements."""
    proof = Proof("return_quotas", Quota.objects.count(), [])
    differences(proof, "quota", _QUOTAS, ["quota_id", "used_minor", "uses_minor"])
    differences(proof, "return", _RETURNS, ["return_id", "holds_minor", "uses_minor", "asked_minor"])
    return [differences(proof, "stray_use", _STRAYS, ["use_id", "quota_id", "return_id"])]
