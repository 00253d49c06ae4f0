"""Scores: each is the sum of its parts, and a return says of itself what its latest one says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guicang.kernel.models import Origin
from guicang.kernel.proof import Proof
from guicang.returns.models import Return, RiskScore
from guicang.returns.risk import is_high

FETCH = 2000
_SCORE = ("parent_id", "points", "parts", "listed", "threshold", "high")


def proofs() -> list[Proof]:
    """One proof, 3 statements, streamed in the order of returns."""
    proof = Proof("risk_scores", RiskScore.objects.count(), [])
    scores = RiskScore.objects.order_by("parent_id", "recorded_at", "id").values(*_SCORE).iterator(chunk_size=FETCH)
    headers = (
        Return.objects.exclude(risk_points=None, risk_high=False)
        .order_by("id")
        .values("id", "risk_points", "risk_high", "risk_review", "origin")
    )
    latest = _latest(scores, proof)
    one = next(latest, None)
    for row in headers.iterator(chunk_size=FETCH):
        while one is not None and one["parent_id"] < row["id"]:
            proof.add(fault="score_without_points", return_id=str(one["parent_id"]))
            one = next(latest, None)
        said: dict[str, Any] = {"points": None, "high": False}
        if one is not None and one["parent_id"] == row["id"]:
            said, one = one, next(latest, None)
        if (row["risk_points"], row["risk_high"]) != (said["points"], said["high"]):
            proof.add(fault="points", return_id=str(row["id"]), stored=row["risk_points"], scored=said["points"])
        if row["risk_review"] and not row["risk_high"]:
            proof.add(fault="review_without_high", return_id=str(row["id"]))
        if row["origin"] != Origin.LIVE:
            proof.add(fault="history_scored", return_id=str(row["id"]))
    while one is not None:
        proof.add(fault="score_without_points", return_id=str(one["parent_id"]))
        one = next(latest, None)
    return [proof]


def _latest(scores: Iterator[dict[str, Any]], proof: Proof) -> Iterator[dict[str, Any]]:
    """The last score of each return; every one is looked at on the way."""
    before: dict[str, Any] | None = None
    for row in scores:
        total = sum(part["points"] for part in row["parts"])
        if row["points"] != total or row["high"] != is_high(row["points"], row["threshold"], row["listed"]):
            proof.add(fault="sum", return_id=str(row["parent_id"]), stored=row["points"], computed=total)
        if before is not None and before["parent_id"] != row["parent_id"]:
            yield before
        before = row
    if before is not None:
        yield before
