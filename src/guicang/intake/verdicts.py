"""What every kind of file has in common: how its rows are grouped, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal
from uuid import UUID

from guicang.intake.checks import RowChecks
from guicang.intake.errors import fault, of_refusal
from guicang.intake.places import Places
from guicang.intake.profiles import Profile
from guicang.intake.staging import Group, Reason, StagedRow, Staging
from guicang.intake.tables import CellFault
from guicang.intake.tables.errors import file_fault
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome

#: Every row of a file ends as one of these; their counts add up to the file's rows.
RESULTS = ("imported", "updated", "unchanged", "unchanged_older", "set_aside", "other_command")
Result = Literal["imported", "updated", "unchanged", "unchanged_older", "set_aside"]


@dataclass(slots=True)
class Verdict:
    """What became of one document. `reasons`: by row number where rows differ, 0 for all others."""

    rows: Sequence[int]
    result: Result
    reasons: dict[int, Reason] = field(default_factory=dict)

    @classmethod
    def aside(cls, group: Group, reason: Reason) -> Verdict:
        return cls([row.number for row in group.rows], "set_aside", {0: reason})


@dataclass(slots=True)
class Chunk:
    """A set of documents to take within one transaction."""

    groups: Sequence[Group]
    staging: Staging
    actor: Actor
    now: datetime
    run_id: UUID
    _context: Context | None = None

    def context(self) -> Context:
        """Stamps for masters that intake has made; its command is written when the first one needs it."""
        if self._context is None:
            self._context = commands.begin("intake.masters", actor=self.actor, now=self.now, items=len(self.groups))
        return self._context


class Taker:
    """One kind of file; subclasses take it. `take` runs in the transaction that also says how far the file is done.

    `company_id`: the only company whose rows are taken, those of others are set aside; NIL takes all.
    """

    kind: ClassVar[str]
    #: Of files that hold sales and returns: whose rows these are; the other command's are counted and left alone.
    wanted: ClassVar[str] = "sale"
    #: Fields without which a row says nothing.
    needed: tuple[str, ...] = ()
    #: The field by which a faulty row is known to be of a document, where others may have to wait for it ('' never),
    #: and what of such a row `tied` and `place` look at, as texts.
    document: ClassVar[str] = ""
    legible: tuple[str, ...] = ("shop", "sku")
    #: Documents of a set, and rows of it at most: what one transaction takes.
    groups: ClassVar[int] = 1_000
    rows: ClassVar[int] = 10_000
    #: Whether `take` itself sets documents of other companies aside.
    sorts_out_foreign: ClassVar[bool] = False

    def __init__(self, profile: Profile, *, as_of: datetime | None = None, company_id: UUID = NIL) -> None:
        self.profile, self.as_of, self.company_id = profile, as_of, company_id
        self.places = Places(profile)
        self.checks = RowChecks(profile.columns)

    def define(self, columns: Collection[str]) -> None:
        """The fields this file has: what the profile maps and the header names.

        Raises FileFault where one is missing without which no row can be taken, whatever the profile requires.
        """
        missing = [name for name in self.needed if name not in columns]
        if missing:
            raise file_fault("missing_column", missing=", ".join(missing), found=", ".join(columns))
        self.checks = RowChecks(columns)

    def blank(self, values: Mapping[str, Any]) -> CellFault | None:
        """The first needed cell of a row that is empty."""
        for name in self.needed:
            if values.get(name) is None:
                return fault("missing_value", name, text="")
        return None

    def check(self, values: Mapping[str, Any]) -> CellFault | None:
        """What is wrong with a row that converts well."""
        return self.blank(values) or self.checks.common(values)

    def place(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """(document, text that sorts): which rows belong together, and when their turn comes."""
        raise NotImplementedError

    def tied(self, row: StagedRow, faulty: StagedRow) -> bool:
        """Whether a good row must wait until a faulty one of its document is corrected.

        Lines without ids of their own are told apart by counting them in their file: taken alone now, a good
        row would be the corrected one's twin later, and that would be lost as unchanged.
        """
        return False

    def is_foreign(self, group: Group) -> bool:
        """Whether a document names a place of another company than the one this file is bound to."""
        bound = self.company_id
        return bound != NIL and any(self.places.is_foreign(row.values, bound) for row in group.rows)

    def take(self, chunk: Chunk) -> list[Verdict]:
        """Carry out a set of documents; every row of every group is in exactly one verdict."""
        raise NotImplementedError

    def finish(self, path: Path, out: Path | None, run_id: UUID) -> Path | None:
        """Write a file of results of its own, if the kind has one."""
        return None

    def currency(self, values: Mapping[str, Any]) -> str:
        return str(values.get("currency") or self.profile.currency)


def reason_of(outcome: Outcome) -> Reason:
    """The first thing another context refused, with its sentence."""
    code, data = of_refusal(outcome.refusals[0])
    return Reason(code, "", data)


def verdict_of(group: Group, outcome: Outcome) -> Verdict:
    """What a step said of a document, for all its rows."""
    if not outcome.ok:
        return Verdict.aside(group, reason_of(outcome))
    return Verdict([row.number for row in group.rows], outcome.data["result"])


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """One answer for a document that was several items: refused, else imported, else updated, else unchanged."""
    order = ("imported", "updated", "unchanged", "unchanged_older")
    return min(outcomes, key=lambda outcome: order.index(outcome.data["result"]) if outcome.ok else -1)
