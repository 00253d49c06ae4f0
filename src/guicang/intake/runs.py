"""A file through a kind's taker: staged whole, then taken in sets, each in one transaction with its progress.

What a transaction takes and how far the file is done are committed together, so kill -9 loses nothing:
the same file by the same profile goes on where the last whole set ended.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from guicang.intake import asides
from guicang.intake.models import ImportRun, SetAsideRow
from guicang.intake.profiles import Profile
from guicang.intake.reading import FileCounts, OnProgress, fill
from guicang.intake.staging import Group, Reason, StagedRow, Staging
from guicang.intake.tables import FileFault, prove_readable
from guicang.intake.tables.errors import file_fault
from guicang.intake.verdicts import RESULTS, Chunk, Taker, Verdict
from guicang.kernel import clock, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.collecting import rare_collections
from guicang.kernel.ids import NIL, new_id

RUNNING, DONE, STOPPED = "running", "done", "stopped"
_NAME_CHARACTERS, _HEADER_CHARACTERS = 200, 80


class RunTaken(Exception):
    """Another process is at this file."""


@dataclass(frozen=True, slots=True)
class Request:
    """`out`: directory of the files written (default: GUICANG_HOME/asides). `as_of`: when the file's facts hold.

    `name`: what the file is called where its path says something else. `file_id`: the uploaded file it is.
    """

    path: Path
    profile: Profile
    dry_run: bool = False
    strict: bool = False
    as_of: datetime | None = None
    out: Path | None = None
    name: str = ""
    file_id: UUID = NIL

    @property
    def called(self) -> Path:
        return Path(self.name) if self.name else self.path


@dataclass(slots=True)
class Report:
    """What became of a file. `counters` are rows by result and add up to `rows`."""

    run_id: UUID
    kind: str
    file_name: str
    rows: int
    resumed: bool = False
    written: bool = True
    counters: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    notes: dict[str, Any] = field(default_factory=dict)
    set_aside_file: Path | None = None
    result_file: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        files = {"set_aside_file": self.set_aside_file, "result_file": self.result_file}
        return {
            "run": str(self.run_id),
            "kind": self.kind,
            "file": self.file_name,
            "written": self.written,
            "resumed": self.resumed,
            "rows": self.rows,
            **{name: self.counters[name] for name in RESULTS},
            "documents": dict(self.documents),
            "codes": dict(self.codes.most_common()),
            "notes": self.notes,
            **{name: str(path) if path else None for name, path in files.items()},
        }


def run_file(request: Request, taker: Taker, *, actor: Actor, now: datetime, progress: OnProgress) -> Report:
    """Take a file to its end. Raises FileFault before anything is written, RunTaken where two meet at one file.

    Statements: 6 and those of the taker per set of documents.
    """
    if request.as_of is not None and request.as_of > now:
        raise file_fault("as_of_in_future", as_of=request.as_of.isoformat())
    with _worded():
        return _run(request, taker, actor, now, progress)


def _run(request: Request, taker: Taker, actor: Actor, now: datetime, progress: OnProgress) -> Report:
    limit = settings.MAX_FILE_BYTES
    facts = prove_readable(request.path, request.profile, max_bytes=limit)
    with rare_collections(), Staging(settings.HOME / "staging") as staging:
        counts = fill(staging, request.path, request.profile, taker, now=now, max_bytes=limit, progress=progress)
        job = _Job(request, taker, staging, counts, actor, now, progress)
        with _undone(request) as undo:
            run, resumed = job.open(_digest(facts.sha256, request, taker.company_id))
            job.take(run)
            report = job.close(run)
            report.resumed = resumed
            report.written = not undo(report)
        return report


@contextmanager
def _worded() -> Iterator[None]:
    """The reader knows no languages: the reason within a fault's sentence is put into the present one here."""
    try:
        yield
    except FileFault as fault:
        if "reason" in fault.data:
            fault.data["reason"] = gettext(str(fault.data["reason"]))
        raise


@contextmanager
def _undone(request: Request) -> Iterator[Any]:
    """One transaction around a dry or strict run, which may have to leave nothing behind."""
    if not (request.dry_run or request.strict):
        yield lambda _: False
        return
    with transaction.atomic():

        def undo(report: Report) -> bool:
            back = request.dry_run or report.counters["set_aside"] > 0
            if back:
                transaction.set_rollback(True)
            return back

        yield undo


def _digest(sha256: str, request: Request, company_id: UUID) -> str:
    """The same file by other rules, or for another company, is another run."""
    text = f"{sha256}\x1f{request.profile!r}\x1f{request.as_of}\x1f{company_id}"
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Job:
    """One file on its way from staging into the database."""

    request: Request
    taker: Taker
    staging: Staging
    counts: FileCounts
    actor: Actor
    now: datetime
    progress: OnProgress

    def open(self, digest: str) -> tuple[ImportRun, bool]:
        """The run to go on with, or a new one together with the rows that were set aside by themselves."""
        with transaction.atomic():
            known = ImportRun.objects.filter(digest=digest, kind=self.taker.kind, state__in=(RUNNING, STOPPED))
            broken_off = known.order_by("-started_at").first()
            if broken_off is not None:
                broken_off.state, broken_off.file_id = RUNNING, self.request.file_id
                broken_off.save(update_fields=["state", "file_id"])
                return broken_off, True
            run = ImportRun(
                company_id=self.taker.company_id,
                file_id=self.request.file_id,
                actor_kind=self.actor.kind,
                actor_id=self.actor.id,
                kind=self.taker.kind,
                profile=self.request.profile.name[:_HEADER_CHARACTERS],
                file_name=self.request.called.name[:_NAME_CHARACTERS],
                digest=digest,
                as_of=self.request.as_of,
                rows=self.counts.rows,
                started_at=self.now,
                counters=self._first_counters(),
                headers=list(self.counts.headers),
            )
            run.save(force_insert=True)
            for batch in setwrites.chunks(self.staging.faults()):
                setwrites.insert(SetAsideRow, [_aside_row(run.id, number, why, raw) for number, why, raw in batch])
            return run, False

    def _first_counters(self) -> dict[str, Any]:
        return {
            "rows": {"set_aside": self.staging.fault_count, "other_command": self.counts.other_command},
            "documents": {},
            "codes": self.staging.fault_codes(),
            "source": self.counts.wanted.as_dict() | {"documents": self.staging.document_count},
            "others": self.counts.others.as_dict(),
            "currency": self.request.profile.currency,
        }

    def take(self, run: ImportRun) -> None:
        done = sum(run.counters["rows"].values())
        for groups in self.staging.chunks(run.done_groups, self.taker.groups, self.taker.rows):
            self.progress("writing", done, run.rows)
            with transaction.atomic():
                held = ImportRun.objects.select_for_update().get(pk=run.pk)
                if (held.done_groups, held.state) != (run.done_groups, RUNNING):
                    raise RunTaken(run.file_name)
                faulty = self._faulty(groups)
                own, verdicts = self._own(groups)
                taken, waiting = _apart(own, faulty, self.taker)
                verdicts += waiting
                if taken:
                    verdicts += self.taker.take(Chunk(taken, self.staging, self.actor, self.now, run.id))
                if self.taker.company_id == NIL:
                    _learn_company(run, self.taker.places.companies)
                _store(run, self.staging, groups, verdicts, faulty)
            done += sum(len(group.rows) for group in groups)
        self.progress("writing", run.rows, run.rows)

    def _own(self, groups: Sequence[Group]) -> tuple[Sequence[Group], list[Verdict]]:
        """The documents of the company this run is bound to, and a verdict for those of others."""
        if self.taker.company_id == NIL or self.taker.sorts_out_foreign:
            return groups, []
        own: list[Group] = []
        verdicts: list[Verdict] = []
        for group in groups:
            if self.taker.is_foreign(group):
                verdicts.append(Verdict.aside(group, Reason("company_other")))
            else:
                own.append(group)
        return own, verdicts

    def _faulty(self, groups: Sequence[Group]) -> dict[int, str]:
        """Rows among these that were set aside by themselves: number to code."""
        if not self.staging.fault_count:
            return {}
        first = min(group.rows[0].number for group in groups)
        return self.staging.faulty(first, max(group.rows[-1].number for group in groups))

    def close(self, run: ImportRun) -> Report:
        run.state, run.ended_at = DONE, clock.utcnow()
        run.save(update_fields=["state", "ended_at"])
        report = Report(run.id, run.kind, run.file_name, run.rows)
        report.counters = Counter(run.counters["rows"])
        report.documents, report.codes = Counter(run.counters["documents"]), Counter(run.counters["codes"])
        report.notes = _notes(self.counts, self.staging)
        path, out = self.request.called, self.request.out
        if report.counters["set_aside"]:
            target = asides.target(path, out, "set-aside", run.id)
            report.set_aside_file = asides.write(target, self.counts.headers, run.id)
        report.result_file = self.taker.finish(path, out, run.id)
        return report


def _learn_company(run: ImportRun, found: Collection[UUID]) -> None:
    """The company of a file is known by its rows: the only one that they name."""
    seen = {*run.counters.get("companies", ()), *map(str, found)}
    run.counters["companies"] = sorted(seen)
    run.company_id = UUID(next(iter(seen))) if len(seen) == 1 else NIL


def _apart(groups: Sequence[Group], faulty: Collection[int], taker: Taker) -> tuple[Sequence[Group], list[Verdict]]:
    """The documents with the rows that can be taken now, and a verdict for those that wait for a faulty one."""
    if not faulty or not taker.document:
        return groups, []
    taken: list[Group] = []
    verdicts: list[Verdict] = []
    for group in groups:
        bad = [row for row in group.rows if row.number in faulty]
        good: list[StagedRow] = []
        waiting: dict[int, Reason] = {}
        for row in group.rows if bad else ():
            cause = next((other.number for other in bad if other is row or taker.tied(row, other)), 0)
            if not cause:
                good.append(row)
            elif row.number not in faulty:
                waiting[row.number] = Reason("document_incomplete", "", {"row": cause})
        if waiting:
            verdicts.append(Verdict(list(waiting), "set_aside", waiting))
        if good or not bad:
            taken.append(Group(group.position, good) if bad else group)
    return taken, verdicts


def _store(
    run: ImportRun, staging: Staging, groups: Sequence[Group], verdicts: Sequence[Verdict], faulty: Collection[int]
) -> None:
    """Counters, rows set aside, and how far the file is done."""
    rows, documents, codes = (Counter(run.counters[name]) for name in ("rows", "documents", "codes"))
    aside: dict[int, Reason] = {}
    for verdict in verdicts:
        documents[verdict.result] += 1
        own = [number for number in verdict.rows if number not in faulty]
        rows[verdict.result] += len(own)
        if verdict.result == "set_aside":
            for number in own:
                aside[number] = reason = verdict.reasons.get(number) or verdict.reasons[0]
                codes[reason.code] += 1
    raw = staging.raw(aside)
    setwrites.insert(SetAsideRow, [_aside_row(run.id, number, aside[number], raw[number]) for number in sorted(aside)])
    run.counters = {**run.counters, "rows": dict(rows), "documents": dict(documents), "codes": dict(codes)}
    run.done_groups = groups[-1].position
    run.save(update_fields=["company_id", "counters", "done_groups"])


def _aside_row(run_id: UUID, number: int, reason: Reason, raw: Sequence[str]) -> dict[str, Any]:
    data = {key: value if isinstance(value, int | list) else str(value) for key, value in reason.data.items()}
    column = reason.column[:_HEADER_CHARACTERS]
    return {
        "id": new_id(), "run_id": run_id, "row_number": number, "column": column, "code": reason.code,
        "data": data, "raw": list(raw),
    }  # fmt: skip


def _notes(counts: FileCounts, staging: Staging) -> dict[str, Any]:
    """What was cleaned and what looks odd, so that nothing is mended in silence."""
    cleaned = [{"column": column, "what": what, "cells": cells} for (column, what), cells in counts.cleaned.items()]
    notes: dict[str, Any] = {"cleaned": cleaned} if cleaned else {}
    if counts.other_sheets:
        notes["sheets_not_read"] = list(counts.other_sheets)
    for name, found in (
        ("codes_that_differ_by_case", staging.distinct("sku")),
        ("codes_with_several_names", staging.distinct("sku", other="name")),
    ):
        if found:
            notes[name] = found
    return notes
