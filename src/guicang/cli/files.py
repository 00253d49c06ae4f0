"""What `guicang import` and `guicang process` share: arguments, progress, the report on the screen."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import east_asian_width

from django.utils.translation import gettext as _

from guicang.intake import runs, words
from guicang.intake.kinds import taker_for
from guicang.intake.profiles import Profile, ProfileFault, load
from guicang.intake.reading import OnProgress
from guicang.intake.tables import FileFault
from guicang.intake.verdicts import RESULTS
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow

#: Exit statuses: a file or profile that cannot be used; rows set aside under --strict.
UNUSABLE, STRICT = 2, 3
PLACES = ("company", "channel", "shop", "market", "warehouse")
#: Seconds between lines of progress where the output is no terminal.
_PLAIN_EVERY = 5.0
#: Where the counts of the report begin.
_COLUMN = 58


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV or XLSX; .gz and .xz are read as they are")
    parser.add_argument(
        "--profile", default="template", help="a shipped profile or a .toml file (default: %(default)s)"
    )
    parser.add_argument("--dry-run", action="store_true", help="do everything, report, and leave nothing behind")
    parser.add_argument("--strict", action="store_true", help="write nothing and exit 3 if any row is set aside")
    parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")
    parser.add_argument(
        "--as-of", type=_instant, metavar="INSTANT", help="when the file's facts hold (ISO 8601, else UTC)"
    )
    parser.add_argument("--sheet", metavar="NAME", help="sheet of a workbook")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where result files go (default: GUICANG_HOME/asides)")
    for place in PLACES:
        parser.add_argument(f"--{place}", metavar="CODE", help=f"{place} of rows that name none")


def take(arguments: argparse.Namespace, kind: str) -> int:
    """Run one file of `kind` and tell what became of it. Answers the exit status."""
    try:
        profile = adjusted(load(arguments.profile, kind), arguments)
        request = runs.Request(
            arguments.file, profile, arguments.dry_run, arguments.strict, arguments.as_of, arguments.out
        )
        taker = taker_for(profile, as_of=arguments.as_of)
        with shown_progress(quiet=arguments.json and not sys.stderr.isatty()) as progress:
            report = runs.run_file(request, taker, actor=Actor.system(), now=utcnow(), progress=progress)
    except (FileFault, ProfileFault) as fault:
        print(_(fault.message) % fault.data, file=sys.stderr)
        return UNUSABLE
    except runs.RunTaken as fault:
        print(_("Another process is at the file %(file)s; let it finish") % {"file": fault}, file=sys.stderr)
        return UNUSABLE
    show(report, as_json=arguments.json)
    return STRICT if arguments.strict and report.counters["set_aside"] else 0


def adjusted(profile: Profile, arguments: argparse.Namespace) -> Profile:
    """The profile with what the command line says instead."""
    codes = {place: getattr(arguments, place) for place in PLACES if getattr(arguments, place)}
    if codes:
        profile = replace(profile, place=replace(profile.place, **codes))
    return replace(profile, sheet=arguments.sheet) if arguments.sheet else profile


def show(report: runs.Report, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        return
    print(_("%(file)s: %(rows)s rows") % {"file": report.file_name, "rows": f"{report.rows:,}"})
    lines = [(f"  {words.word(name)}", report.counters[name]) for name in RESULTS if report.counters[name]]
    lines += [(f"    {words.reason(code)}", count) for code, count in report.codes.most_common()]
    for name, found in report.notes.items():
        lines.append((f"  {words.word(name)}", len(found) if isinstance(found, list) else found))
    for text, count in lines:
        print(f"{text}{' ' * (_COLUMN - _width(text))}{count:>12,}")
    for sentence, path in (
        (_("Rows set aside, to be corrected and imported again: %(file)s"), report.set_aside_file),
        (_("What became of each line: %(file)s"), report.result_file),
    ):
        if path:
            print(sentence % {"file": path})
    if not report.written:
        print(_("Nothing was written."))


def _width(text: str) -> int:
    """Columns of a terminal that a text takes: Chinese characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[OnProgress]:
    """A bar with rate and time left on a terminal, a line now and then elsewhere; on standard error."""
    if not sys.stderr.isatty():
        yield _silent if quiet else _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(_stage(stage), total=total, rate="")
            speed = bar.tasks[tasks[stage]].speed
            rate = f"{speed:,.0f} {_('rows/s')}" if speed and stage == "writing" else ""
            bar.update(tasks[stage], completed=done, total=total, rate=rate)

        yield tell


def _stage(stage: str) -> str:
    return _("Reading") if stage == "reading" else _("Writing")


def _silent(stage: str, done: int, total: int) -> None:
    return None


class _Lines:
    """Progress for logs: a line every few seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if time.monotonic() - self._last > _PLAIN_EVERY:
            self._last = time.monotonic()
            share = done * 100 // total if total else 100
            print(f"{_stage(stage)} {share} %", file=sys.stderr, flush=True)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{text!r} is no instant such as 2026-11-03T18:00+08:00") from fault
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
