"""Exceptions to the policy: each that a request was accepted by is a row, and no other."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.models import Override, Return


def proofs() -> list[Proof]:
    """One proof, 3 statements, two of them streamed in the order of returns."""
    proof = Proof("overrides", Override.objects.count(), [])
    said = Return.objects.filter(verdict__has_key="override").order_by("id").values_list("id", "verdict__override")
    rows = Override.objects.filter(deed="request").order_by("parent_id").values_list("parent_id", "reason")
    stated, kept = dict(said.iterator(chunk_size=2000)), dict(rows.iterator(chunk_size=2000))
    for key in sorted({*stated, *kept}):
        if stated.get(key) != kept.get(key):
            proof.add(fault="override", return_id=str(key), verdict=stated.get(key, ""), row=kept.get(key, ""))
    return [proof]
