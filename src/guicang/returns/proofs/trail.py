"""Existence and labels: no return vanished from under its audit trail, and each says of itself what its rows say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from guicang.audit import queries as audit
from guicang.kernel.proof import Proof
from guicang.returns import lifecycle
from guicang.returns.models import Return, ReturnLine

#: Rows a fetch from the open cursor.
FETCH = 2000

_HEADER = ("id", "state", "decision", "ending", "under_way")
_LABELS = ("reception", "acceptance", "money")


def proofs() -> list[Proof]:
    """Two proofs, 6 statements, each streamed in id order."""
    return [_existence(), _labels()]


def _existence() -> Proof:
    """Every return that was ever audited exists, and every return that exists was audited."""
    proof = Proof("returns_exist", Return.objects.count(), [])
    rows = Return.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=FETCH)
    for key, audited, present in _merge(audit.aggregate_ids("return"), rows):
        if not present:
            proof.add(fault="return_removed", return_id=str(key))
        elif not audited:
            proof.add(fault="never_audited", return_id=str(key))
    return proof


def _merge(left: Iterator[UUID], right: Iterator[UUID]) -> Iterator[tuple[UUID, bool, bool]]:
    """Two ascending streams as one: (id, in the left one, in the right one)."""
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        key = min(key for key in (one, other) if key is not None)
        yield key, key == one, key == other
        one = next(left, None) if key == one else one
        other = next(right, None) if key == other else other


def _labels() -> Proof:
    """State and axes are what `lifecycle` makes of the quantities."""
    proof = Proof("return_labels", Return.objects.count(), [])
    lines = groupby(
        ReturnLine.objects.order_by("parent_id", "position").iterator(chunk_size=FETCH), key=lambda line: line.parent_id
    )
    parent, group = next(lines, (None, None))
    for header in Return.objects.only(*_HEADER).order_by("id").iterator(chunk_size=FETCH):
        own: list[ReturnLine] = []
        while parent is not None and parent < header.id:
            proof.add(fault="lines_without_return", return_id=str(parent))
            parent, group = next(lines, (None, None))
        if group is not None and parent == header.id:
            own = list(group)
            parent, group = next(lines, (None, None))
        _compare(proof, header, own)
    return proof


def _compare(proof: Proof, header: Return, lines: list[ReturnLine]) -> None:
    if header.state != (state := str(lifecycle.state(header, lines))):
        proof.add(fault="state", return_id=str(header.id), stored=header.state, computed=state)
    for line in lines:
        axes: Any = lifecycle.axes(line)
        for name in _LABELS:
            stored, computed = getattr(line, name), getattr(axes, name)
            if stored != computed:
                where = {"return_id": str(header.id), "position": line.position}
                proof.add(fault=name, stored=stored, computed=computed, **where)
