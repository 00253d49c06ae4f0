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

_HEADER = ("id", "state", "decision", "ending", "under_way", "leaks", "refund_state")
#: Columns of a return whose every change is in the trail.
AUDITED = (
    *("decision", "ending", "stage", "state", "rma_code", "expires_at", "refund_minor"),
    *("refund_state", "warehouse_id", "escalated_to"),
)
#: What a new return begins with: the trail names a column once it changes.
_BEGINS: dict[str, Any] = {
    **{
        "ending": "",
        "stage": 0,
        "rma_code": "",
        "expires_at": None,
        "refund_minor": 0,
        "refund_state": "",
        "escalated_to": "",
    },
}
_LABELS = ("reception", "acceptance", "money")


def proofs() -> list[Proof]:
    """Three proofs, 9 statements, each streamed in id order."""
    return [_existence(), _labels(), _audited()]


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
    try:
        state = str(lifecycle.state(header, lines))
    except (KeyError, ValueError):
        # A word that no table of ours knows: whoever wrote it did not go through a step.
        proof.add(fault="unknown", return_id=str(header.id), decision=header.decision, ending=header.ending)
    else:
        if header.state != state:
            proof.add(fault="state", return_id=str(header.id), stored=header.state, computed=state)
        if header.leaks != lifecycle.leaks(header, lines):
            proof.add(fault="leaks", return_id=str(header.id), stored=header.leaks)
    for line in lines:
        axes: Any = lifecycle.axes(line, header.refund_state)
        for name in _LABELS:
            stored, computed = getattr(line, name), getattr(axes, name)
            if stored != computed:
                where = {"return_id": str(header.id), "position": line.position}
                proof.add(fault=name, stored=stored, computed=computed, **where)


def _audited() -> Proof:
    """Decision, ending, code, deadline and refund of a return are what its trail last said of them."""
    proof = Proof("returns_as_audited", Return.objects.count(), [])
    said = audit.last_values("return", AUDITED)
    key, known = next(said, (None, {}))
    for row in Return.objects.order_by("id").values("id", *AUDITED).iterator(chunk_size=FETCH):
        while key is not None and key < row["id"]:
            key, known = next(said, (None, {}))
        if key != row["id"]:
            continue  # never audited: `returns_exist` says so
        for name in AUDITED:
            stored = audit.as_stored(row[name])
            # Decision, state and place differ from the start by how the return came to be.
            expected = known.get(name, _BEGINS.get(name, stored))
            if stored != expected:
                proof.add(fault=name, return_id=str(key), stored=stored, audited=expected)
    return proof
