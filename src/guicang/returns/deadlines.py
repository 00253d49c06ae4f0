"""Which clocks run for a return, when they are due and what happens then: pure, from header, lines, terms, instants.

`running` says for which things somebody has to do something; a clock starts when its kind begins to run and stops when
it no longer does. `timer` says how long it takes by the policy's terms. Due instants are exclusive: at the stored one
it is too late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from guicang.payments.rules import UNPAID
from guicang.policy.rules import deadline
from guicang.returns.lifecycle import WITHOUT_REFUND, LineFacts, LineKind, State, Type, awaited


class Kind(StrEnum):
    REVIEW = "review"  # the merchant decides on the request
    ANSWER = "answer"  # the customer answers a question
    SHIP = "ship"  # the customer sends the goods
    REFUND = "refund"  # the merchant pays for what came
    PLATFORM = "platform"  # the platform does something by itself
    STAGE = "stage"  # somebody has a say in the decision
    OFFER = "offer"  # the other side answers an offer
    # What the refund waits for where the policy pays before the goods were looked at (`refund_when`).
    GRANTED = "granted"
    POSTED = "posted"
    RECEIVED = "received"
    ARRIVE = "arrive"  # goods that were paid ahead come
    REPAIR = "repair"  # the merchant repairs what came for it
    ADVANCE = "advance"  # goods whose replacement left before them come back


class Side(StrEnum):
    MERCHANT = "merchant"
    CUSTOMER = "customer"
    PLATFORM = "platform"


class Then(StrEnum):
    """What happens when a clock has run out."""

    NOTHING = "nothing"
    ESCALATE = "escalate"
    APPROVE = "approve"
    REFUND = "refund"
    CHARGE = "charge"
    EXPIRE = "expire"
    CANCEL = "cancel"
    REJECT = "reject"
    LAPSE = "lapse"


class PlatformThen(StrEnum):
    """What a platform does by itself, as far as we follow it: we record that it agreed (逾期自动同意)."""

    NOTHING = "nothing"
    APPROVE = "approve"


SIDES = {
    Kind.REVIEW: Side.MERCHANT,
    Kind.ANSWER: Side.CUSTOMER,
    Kind.SHIP: Side.CUSTOMER,
    Kind.REFUND: Side.MERCHANT,
    Kind.PLATFORM: Side.PLATFORM,
    Kind.STAGE: Side.MERCHANT,
    Kind.OFFER: Side.CUSTOMER,
    Kind.GRANTED: Side.MERCHANT,
    Kind.POSTED: Side.MERCHANT,
    Kind.RECEIVED: Side.MERCHANT,
    Kind.ARRIVE: Side.CUSTOMER,
    Kind.ADVANCE: Side.CUSTOMER,
    Kind.REPAIR: Side.MERCHANT,
}
AHEAD = (Kind.GRANTED, Kind.POSTED, Kind.RECEIVED)
#: How long after a refund the goods may take to arrive.
ARRIVE_DAYS = 14
#: Those that their owners set and that only end by themselves; the rest follow from the return.
GIVEN = (Kind.PLATFORM, Kind.STAGE, Kind.OFFER, Kind.ADVANCE)
#: How long before a given clock is due its side is warned.
WARN_HOURS = 24
#: How long old goods may take where the policy does not say.
ADVANCE_DAYS = 14
UNDECIDED = ("pending", "info_needed")
#: Lines of which nothing comes back.
WITHOUT_GOODS = (LineKind.KEEP, LineKind.UNSHIPPED, LineKind.MONEY)
#: Reasons of a verdict by which its score sends a request to a person.
RISKS = ("risk_high", "risk_listed")


class Header(Protocol):
    withdrawal: bool
    requested_at: datetime
    decision: str
    ending: str
    state: str
    under_way: bool
    expires_at: datetime | None
    received_at: datetime | None
    decided_at: datetime | None
    refund_state: str


@dataclass(frozen=True, slots=True)
class Timer:
    """A clock as it is to be set. `escalate_to`: the role that has to look at it when nothing else can be done.

    `side`: whose time it is, where not always the same one's.
    """

    kind: Kind
    due_at: datetime
    then: Then = Then.NOTHING
    warn_at: datetime | None = None
    escalate_to: str = "approver"
    side: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A command and its instant, with the verdict of the return and the zone of its market."""

    command: str
    at: datetime
    verdict: Mapping[str, Any]
    zone: str

    def term(self, name: str, silent: Any = None) -> Any:
        found = self.verdict.get("terms", {}).get(name)
        return silent if found is None else found


def running(header: Header, lines: Sequence[LineFacts]) -> frozenset[Kind]:
    """What somebody has to do by some time, as the return is now."""
    if header.ending or header.decision == "rejected":
        return frozenset()
    if header.decision == "pending":
        return frozenset({Kind.REVIEW})
    if header.decision == "info_needed":
        return frozenset({Kind.ANSWER})
    found = set()
    if any(map(awaited, lines)) and not header.under_way and not any(line.received for line in lines):
        found.add(Kind.SHIP)
    if any(map(owes, lines)) or is_posted(header, lines) or header.refund_state in UNPAID:
        found.add(Kind.REFUND)
    if any(line.accepted - line.sent > 0 for line in lines if line.resolution == Type.REPAIR):
        found.add(Kind.REPAIR)
    return frozenset(found)


def ahead(header: Header, lines: Sequence[LineFacts]) -> frozenset[Kind]:
    """What a refund ahead of the goods goes by: how far they are, and that they come once it was paid."""
    if header.ending or header.decision != "authorised":
        return frozenset()
    found = set()
    came = any(line.received for line in lines)
    if any(early(line, Kind.GRANTED) for line in lines):
        found |= {Kind.GRANTED, Kind.POSTED} if header.under_way or came else {Kind.GRANTED}
    if any(early(line, Kind.RECEIVED) for line in lines):
        found.add(Kind.RECEIVED)
    if any(line.settled and awaited(line) for line in lines):
        found.add(Kind.ARRIVE)
    return frozenset(found)


def early(line: LineFacts, kind: Kind) -> int:
    """Units of a line of goods that can be paid for before they were looked at: never what was turned down or lost."""
    if line.kind != LineKind.GOODS or line.resolution in WITHOUT_REFUND or line.held:
        return 0
    there = line.received if kind == Kind.RECEIVED else line.authorised - line.lost - line.short_closed
    return max(0, min(there - line.rejected, line.authorised) - line.settled)


def owes(line: LineFacts) -> bool:
    """Whether money is or may become due: for goods that came and were not turned down, or where none are to come."""
    if line.resolution in WITHOUT_REFUND:
        return False
    if line.kind in WITHOUT_GOODS:
        return line.authorised > line.settled
    return min(line.received - line.rejected, line.authorised) > line.settled


def is_posted(header: Header, lines: Sequence[LineFacts]) -> bool:
    """Whether the seller of a withdrawal knows that goods are on their way: from then on he may hold nothing back."""
    return header.withdrawal and header.under_way and any(map(awaited, lines))


def goes_on(kind: Kind, decided_now: bool, header: Header, lines: Sequence[LineFacts]) -> bool:
    """Whether a given clock still runs: the decision ends it, and so does the end of the work; that for goods whose
    replacement left before them does until none of them is awaited.
    """
    if kind == Kind.ADVANCE:
        return not header.ending and any(map(awaited, new_first(lines)))
    over = header.ending or header.decision == "rejected" or header.state == State.SETTLED
    return not (over or decided_now)


def new_first(lines: Sequence[LineFacts]) -> list[LineFacts]:
    """Lines of which the new goods leave before the old ones come."""
    return [line for line in lines if line.resolution == Type.ADVANCE_EXCHANGE]


def sent_ahead(at: datetime, terms: Mapping[str, Any], zone: str) -> Timer:
    """The clock for goods whose replacement left at `at`: charged where the policy says so, else for a person."""
    due_at = deadline(at, terms.get("advance_days", ADVANCE_DAYS), zone)
    then = Then.CHARGE if terms.get("advance_then") == "charge" else Then.ESCALATE
    return given(Kind.ADVANCE, at, due_at, then, "finance")


def timer(kind: Kind, header: Header, lines: Sequence[LineFacts], moment: Moment) -> Timer | None:
    """The clock of a kind that begins to run; None where no policy says how long it takes."""
    made = _TIMERS[kind](header, lines, moment)
    if made is None:
        return None
    due_at, then, role = made
    return Timer(kind, due_at, Then(then), _warning(moment.at, due_at, moment.term("warn_hours", 0)), role)


def given(
    kind: Kind,
    at: datetime,
    due_at: datetime,
    then: str = Then.NOTHING,
    escalate_to: str = "approver",
    side: str = "",
) -> Timer:
    """A clock that its owner sets: the deadline of a platform, the time for a stage of an approval or for an offer."""
    return Timer(kind, due_at, Then(then), _warning(at, due_at, WARN_HOURS), escalate_to, side or SIDES[kind])


def _warning(at: datetime, due_at: datetime, hours: int) -> datetime | None:
    """So many hours before; where the whole time is short, at half of it."""
    return max(due_at - timedelta(hours=hours), at + (due_at - at) / 2) if hours and at < due_at else None


_Made = tuple[datetime, str, str] | None


def _review(_header: Header, _lines: Sequence[LineFacts], moment: Moment) -> _Made:
    hours = moment.term("review_hours")
    if hours is None:
        return None
    then = moment.term("review_then", Then.NOTHING)
    risky = any(reason["code"] in RISKS for reason in moment.verdict.get("reasons", ()))
    if then == Then.APPROVE and (risky or moment.verdict.get("answer") == "refuse"):
        # An exception to the policy, or a risk that a person is to look at: that no clock grants.
        then = Then.ESCALATE
    return moment.at + timedelta(hours=hours), then, "approver"


def _answer(header: Header, _lines: Sequence[LineFacts], moment: Moment) -> _Made:
    return (header.expires_at, moment.term("answer_then", Then.EXPIRE), "approver") if header.expires_at else None


def _ship(header: Header, lines: Sequence[LineFacts], _moment: Moment) -> _Made:
    if header.expires_at is None:
        return None
    # Units of the order were cancelled, or money was paid: that cannot be undone by waiting.
    given = any(line.settled or (line.kind == LineKind.UNSHIPPED and line.authorised) for line in lines)
    given = given or bool(new_first(lines))  # nor can new goods that left before the old ones came
    return header.expires_at, Then.NOTHING if given else Then.EXPIRE, "approver"


def _refund(header: Header, lines: Sequence[LineFacts], moment: Moment) -> _Made:
    """Counted from the day after the goods came (消法 25.3, 民法典 201); where none come, after the decision."""
    days = moment.term("refund_days")
    if days is None:
        return None
    if header.withdrawal:
        due_at = _refund_of_withdrawal(header, lines, moment, days)
        return due_at, moment.term("refund_then", Then.NOTHING), "finance"
    if moment.term("refund_parts") == "end" and any(map(awaited, lines)):
        return None  # counted from the day after the last of it came
    came = header.received_at if any(line.received and owes(line) for line in lines) else header.decided_at
    # What could not be repaired is owed from then on.
    since = moment.at if moment.command in ("receive", "turn_repair") or came is None else came
    then = moment.term("refund_then", Then.NOTHING)
    if then == Then.REFUND and moment.command == "reverse_settlement":
        # Somebody took the refund back: that it is paid again is for somebody to say.
        then = Then.ESCALATE
    return deadline(since, days, moment.zone), then, "finance"


def _refund_of_withdrawal(header: Header, lines: Sequence[LineFacts], moment: Moment, days: int) -> datetime:
    """So many days after the buyer told it (2011/83/EU art. 13.1), but not before the day on which the first goods or
    the proof of their posting came (13.3); nothing is held back for goods that never left.
    """
    told = deadline(header.requested_at, days, moment.zone)
    if any(line.kind in WITHOUT_GOODS and owes(line) for line in lines):
        return told
    shown = moment.at if moment.command in ("ship", "receive") else header.received_at or moment.at
    return max(told, deadline(shown, 0, moment.zone))


def _ahead(kind: Kind) -> Callable[[Header, Sequence[LineFacts], Moment], _Made]:
    def made(_header: Header, _lines: Sequence[LineFacts], moment: Moment) -> _Made:
        """At once; not where somebody took it back, nor for an exception to the policy."""
        if moment.term("refund_when") != kind or moment.command == "reverse_settlement":
            return None
        return None if moment.verdict.get("answer") == "refuse" else (moment.at, Then.REFUND, "finance")

    return made


def _repair(_header: Header, _lines: Sequence[LineFacts], moment: Moment) -> _Made:
    days = moment.term("repair_days")
    return None if days is None else (deadline(moment.at, days, moment.zone), Then.ESCALATE, "approver")


def _arrive(header: Header, _lines: Sequence[LineFacts], moment: Moment) -> _Made:
    """The claim stays bound for ever; somebody has to ask where the goods are."""
    until = moment.at + timedelta(days=ARRIVE_DAYS)
    return max(until, header.expires_at or until), Then.ESCALATE, "finance"


_TIMERS = {
    Kind.REVIEW: _review,
    Kind.ANSWER: _answer,
    Kind.SHIP: _ship,
    Kind.REFUND: _refund,
    Kind.ARRIVE: _arrive,
    Kind.REPAIR: _repair,
    **{kind: _ahead(kind) for kind in AHEAD},
}


class Running(Protocol):
    due_at: datetime
    acted_at: datetime | None
    escalate_to: str


def labels(clocks: Iterable[Running]) -> tuple[datetime | None, str]:
    """When the first of the open clocks is due, and the role that one of them went to."""
    found = sorted(clocks, key=lambda clock: clock.due_at)
    role = next((clock.escalate_to for clock in found if clock.acted_at is not None), "")
    return (found[0].due_at if found else None), role


def outcome(kind: Kind, header: Header, due_at: datetime, at: datetime) -> str:
    """What became of a clock that stopped: met or late where it was done, stopped where nobody has to any more.

    paused: the time of a stage stands still while the customer is asked; the clock that goes on is another row.
    """
    if kind == Kind.STAGE and header.decision == "info_needed" and not header.ending:
        return "paused"
    given_up = header.ending in ("cancelled", "expired") or (
        header.decision == "rejected" and kind in (Kind.ANSWER, Kind.SHIP, Kind.REFUND, Kind.OFFER)
    )
    if given_up:
        return "stopped"
    return "met" if at < due_at else "late"
