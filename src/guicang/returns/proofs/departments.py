"""Departments: each return stands in the queue that its state, its approval, its clock and its lines say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db.models import Q

from guicang.kernel.proof import Proof
from guicang.returns.departments import department
from guicang.returns.lifecycle import ENDED, State
from guicang.returns.models import Return, ReturnLine

FETCH = 2000
#: These stand nowhere, whatever their lines say, so their lines are not read.
_NOWHERE = [*ENDED, State.REJECTED]
_HEADER = ("id", "state", "stage", "escalated_to", "department")


def proofs() -> list[Proof]:
    """One proof, 3 statements: what is not over and its lines, streamed side by side in the order of returns."""
    proof = Proof("return_departments", Return.objects.count(), [])
    headers = Return.objects.filter(~Q(state__in=_NOWHERE) | ~Q(department="")).order_by("id").values_list(*_HEADER)
    lines = _lines()
    key, own = next(lines, (None, []))
    for return_id, state, stage, escalated_to, stored in headers.iterator(chunk_size=FETCH):
        while key is not None and key < return_id:
            key, own = next(lines, (None, []))
        computed = department(state, stage, escalated_to, own if key == return_id else [])
        if computed != stored:
            proof.add(fault="department", return_id=str(return_id), stored=stored, computed=computed)
    return [proof]


def _lines() -> Iterator[tuple[UUID | None, list[ReturnLine]]]:
    """The lines of each return that is not over, in the order of returns."""
    rows = ReturnLine.objects.exclude(parent__state__in=_NOWHERE).order_by("parent_id")
    for key, own in groupby(rows.iterator(chunk_size=FETCH), key=attrgetter("parent_id")):
        yield key, list(own)
