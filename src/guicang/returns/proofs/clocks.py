"""Clocks: none runs for what is over, and each return says of itself what its clocks say."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from guicang.kernel.models import Origin
from guicang.kernel.proof import Proof
from guicang.returns import deadlines
from guicang.returns.models import Clock, Return

FETCH = 2000


def proofs() -> list[Proof]:
    """Two proofs, 5 statements over what is not over."""
    return [_over(), _labels()]


def _over() -> Proof:
    """No clock runs for a return that ended or was rejected, and none ever did for a return of history."""
    running = Clock.objects.filter(outcome="")
    proof = Proof("clocks_stop", Clock.objects.count(), [])
    over = ~Q(parent__ending="") | Q(parent__decision="rejected")
    for key, kind in running.filter(over).order_by("id").values_list("parent_id", "kind").iterator(chunk_size=FETCH):
        proof.add(fault="runs_on", return_id=str(key), kind=kind)
    past = Clock.objects.exclude(parent__origin=Origin.LIVE).order_by("id").values_list("parent_id", "kind")
    for key, kind in past.iterator(chunk_size=FETCH):
        proof.add(fault="of_history", return_id=str(key), kind=kind)
    return proof


def _labels() -> Proof:
    """When a return is due, and to whom it was escalated, are what its open clocks say."""
    clocks: dict[UUID, list[Clock]] = {}
    for clock in Clock.objects.filter(outcome="").order_by("id").iterator(chunk_size=FETCH):
        clocks.setdefault(clock.parent_id, []).append(clock)
    labelled = Return.objects.filter(Q(due_at__isnull=False) | ~Q(escalated_to=""))
    said = {key: (due_at, role) for key, due_at, role in labelled.values_list("id", "due_at", "escalated_to")}
    proof = Proof("clock_labels", len(clocks), [])
    for key in sorted({*clocks, *said}):
        computed, stored = deadlines.labels(clocks.get(key, ())), said.get(key, (None, ""))
        if computed != stored:
            proof.add(fault="label", return_id=str(key), stored=str(stored), computed=str(computed))
    return proof
