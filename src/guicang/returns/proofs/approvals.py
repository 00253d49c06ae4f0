"""Approvals: nothing was granted that somebody still had to agree to, and nobody agreed to his own request."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.models import ApprovalStage
from guicang.returns.proofs.statements import differences

#: Skipped are stages that the system passed over: those of a return that it granted.
_UNDECIDED = """
SELECT s.parent_id, s.number, s.state FROM {stage} s JOIN {return} r ON r.id = s.parent_id
WHERE r.decision = 'authorised' AND s.round = r.appeals AND s.state NOT IN ('approved', 'skipped')
"""
_LABEL = """
SELECT r.id, r.stage, coalesce(s.number, 0) FROM {return} r JOIN {stage} s
    ON s.parent_id = r.id AND s.state = 'open'
WHERE r.stage <> s.number OR s.round <> r.appeals
UNION ALL
SELECT r.id, r.stage, 0 FROM {return} r LEFT JOIN {stage} s ON s.parent_id = r.id AND s.state = 'open'
WHERE r.stage <> 0 AND s.id IS NULL
"""
_WORDLESS = """
SELECT s.parent_id, s.number FROM {stage} s
WHERE s.state = 'approved' AND NOT EXISTS (
    SELECT 1 FROM {seat} w WHERE w.stage_id = s.id AND w.decided_at IS NOT NULL)
"""
_MISSING = """
SELECT s.parent_id, s.number, w.role FROM {stage} s JOIN {seat} w ON w.stage_id = s.id
WHERE s.state = 'approved' AND s.need = 'all' AND NOT w.escalated AND w.decided_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM {seat} e WHERE e.stage_id = s.id AND e.escalated AND e.decided_at IS NOT NULL)
"""
_OWN = """
SELECT s.parent_id, s.number, w.decided_by_id FROM {stage} s JOIN {seat} w ON w.stage_id = s.id
WHERE s.asked_by_id <> {nil} AND (w.decided_by_id = s.asked_by_id OR w.decided_for_id = s.asked_by_id)
"""
_SEATS = """
SELECT s.parent_id, s.number, s.state FROM {stage} s JOIN {seat} w ON w.stage_id = s.id
WHERE w.open AND (s.state <> 'open' OR w.decided_at IS NOT NULL)
"""


def proofs() -> list[Proof]:
    """One proof, 7 statements."""
    proof = Proof("approvals", ApprovalStage.objects.count(), [])
    differences(proof, "undecided", _UNDECIDED, ["return_id", "number", "state"])
    differences(proof, "label", _LABEL, ["return_id", "stage", "open"])
    differences(proof, "wordless", _WORDLESS, ["return_id", "number"])
    differences(proof, "missing", _MISSING, ["return_id", "number", "role"])
    differences(proof, "own", _OWN, ["return_id", "number", "decided_by_id"])
    return [differences(proof, "seats", _SEATS, ["return_id", "number", "state"])]
