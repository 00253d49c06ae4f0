"""What a form says of an exchange, as the steps want it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.http import QueryDict

from guicang.kernel.actor import Actor
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns.operations.asking import Instead, Wanted
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.send_ahead import Ahead, send_ahead
from guicang.returns.steps.undo_exchange import Undoing, undo_exchange
from guicang.ui import fields


def of_line(plain: Wanted, given: QueryDict, line: UUID, count: int) -> Wanted:
    """`count` units of a line, wanted as `plain` says, with its answers and what is chosen in its place."""
    answers = fields.of_line(fields.typed(given), line)
    return replace(plain, order_line_id=line, quantity=count, answers=answers, instead=_instead(given, line, count))


def _instead(given: QueryDict, line: UUID, count: int) -> tuple[Instead, ...]:
    """Unit by unit; nothing chosen, or what is no id: the same once more."""
    try:
        return (Instead(UUID(given.get(f"instead.{line}", "")), count),)
    except ValueError:
        return ()


def exchanged(ids: Sequence[UUID], given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    return exchange(exchanges=[Exchanging(pk) for pk in ids], actor=actor, now=now)


def sent_ahead(ids: Sequence[UUID], given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    return send_ahead(aheads=[Ahead(pk) for pk in ids], actor=actor, now=now)


def collected_for(pk: UUID, given: QueryDict, actor: Actor, now: datetime) -> Outcome:
    """What a buyer paid for the order in place of his goods."""
    item = Collecting(pk, given.get("way", ""), given.get("reference", "").strip())
    return collect(collections=[item], actor=actor, now=now)[0]


def undone_for(pk: UUID, given: QueryDict, actor: Actor, now: datetime) -> Outcome:
    """An exchange taken back whose new goods are still here."""
    try:
        return undo_exchange(undoings=[Undoing(pk, given.get("reason", ""))], actor=actor, now=now)[0]
    except Refused as found:
        return Outcome(0, None, list(found.refusals))
