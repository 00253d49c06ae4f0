"""Remind customers of what their exchange left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from guicang.audit import queries as audit
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.returns import errors
from guicang.returns.operations import docket
from guicang.returns.operations.docket import Case
from guicang.returns.steps.collect import PERMISSION
from guicang.trade import errors as trade
from guicang.trade import queries as traded
from guicang.trade.queries import Replacement

#: Nobody is reminded twice within so many hours.
APART_HOURS = 24


@dataclass(frozen=True, slots=True)
class Reminding:
    return_id: UUID


def remind(*, remindings: Sequence[Reminding], actor: Actor, now: datetime) -> list[Outcome]:
    """Send a notice of what is still to be paid. About 16 statements a thousand; locks the returns.

    Raises Refused(NotPermitted). Refused where nothing is open, while the old goods are still awaited, and where the
    customer was reminded within a day.
    """
    if not actor.may(PERMISSION):
        raise Refused([errors.NotPermitted(permission=PERMISSION)])
    return docket.run(remindings, _remind, "remind", actor=actor, now=now)


def _remind(chunk: Sequence[Reminding], context: Context) -> list[Outcome]:
    wanted = [item.return_id for item in chunk]
    cases = docket.load(wanted)
    known = traded.replacements(cases)
    lately = audit.since(cases, "remind", context.now - timedelta(hours=APART_HOURS))
    outcomes: list[Outcome] = []
    for index, item in enumerate(chunk):
        case, there = cases.get(item.return_id), known.get(item.return_id)
        refusals = docket.check(case, "remind", context.actor)
        if case is not None and not refusals:
            refusals = _refusals(case, there, case.header.id in lately)
        if case is not None and there is not None and not refusals:
            case.touched, case.notice = True, "difference_due"
            case.notes = {"open_minor": there.open_minor}
            case.tells = {"order": there.number, "collect": str(from_minor(there.open_minor, there.currency))}
            lately.add(case.header.id)
        outcomes.append(docket.outcome(index, case, refusals))
    docket.store(context, [case for case in cases.values() if case.touched], "remind")
    return outcomes


def _refusals(case: Case, there: Replacement | None, lately: bool) -> list[Refusal]:
    """What is sent ahead is paid by the old goods once they come: until then nothing is asked for."""
    if there is None or not there.open_minor or case.header.settled_at is None:
        return [trade.NothingToCollect()]
    return [errors.RemindedLately(hours=APART_HOURS)] if lately else []
