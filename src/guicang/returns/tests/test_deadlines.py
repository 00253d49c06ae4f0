"""Which clocks run, when they are due and what happens then: from plain facts, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from guicang.returns import deadlines
from guicang.returns.deadlines import Kind, Moment, Then, timer

SHANGHAI = "Asia/Shanghai"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(SHANGHAI))


@dataclass
class Header:
    decision: str = "authorised"
    ending: str = ""
    state: str = "authorised"
    under_way: bool = False
    expires_at: datetime | None = None
    received_at: datetime | None = None
    decided_at: datetime | None = None
    requested_at: datetime = datetime(2026, 11, 1, 9, tzinfo=ZoneInfo(SHANGHAI))
    withdrawal: bool = False
    refund_state: str = ""


@dataclass
class Line:
    kind: str = "goods"
    resolution: str = "refund"
    requested: int = 2
    authorised: int = 2
    expected: int = 2
    received: int = 0
    lost: int = 0
    short_closed: int = 0
    accepted: int = 0
    rejected: int = 0
    disposed: int = 0
    settled: int = 0
    sent: int = 0
    held: bool = False


def moment(command: str, when: datetime, **terms: Any) -> Moment:
    return Moment(command, when, {"answer": "allow", "terms": terms}, SHANGHAI)


@pytest.mark.parametrize(
    ("header", "line", "kinds"),
    [
        (Header("pending"), Line(authorised=0, expected=0), {Kind.REVIEW}),
        (Header("info_needed"), Line(authorised=0, expected=0), {Kind.ANSWER}),
        (Header("rejected"), Line(authorised=0, expected=0), set()),
        (Header(), Line(), {Kind.SHIP}),
        (Header(under_way=True), Line(), set()),
        (Header(), Line(received=1), {Kind.REFUND}),
        (Header(), Line(received=2), {Kind.REFUND}),
        (Header(), Line(received=2, rejected=2), set()),
        (Header(), Line(received=2, rejected=1, accepted=1, settled=1), set()),
        (Header(), Line(received=2, accepted=2, settled=1), {Kind.REFUND}),
        (Header(), Line(received=2, accepted=2, settled=2), set()),
        (Header(), Line(received=2, resolution="exchange"), set()),
        (Header(), Line(kind="keep", expected=0), {Kind.REFUND}),
        (Header(), Line(kind="keep", expected=0, settled=2), set()),
        (Header(ending="cancelled"), Line(received=2), set()),
        (Header(ending="closed"), Line(kind="keep", expected=0), set()),
    ],
)
def test_what_somebody_has_to_do(header: Header, line: Line, kinds: set[Kind]) -> None:
    assert deadlines.running(header, [line]) == kinds


def test_t4_the_refund_is_due_seven_days_after_the_goods_came_the_first_day_not_counted() -> None:
    header, came = Header(received_at=at("2026-11-10 09:00")), at("2026-11-10 09:00")
    made = timer(Kind.REFUND, header, [Line(received=2)], moment("receive", came, refund_days=7))
    assert made is not None
    # 11-17 is the last day; the stored instant is the first one after it.
    assert made.due_at == at("2026-11-18 00:00")
    assert (made.then, made.escalate_to) == (Then.NOTHING, "finance")


def test_t3_t4_the_day_is_the_markets_and_a_late_hour_counts_as_its_own_day() -> None:
    came = at("2026-11-10 23:59")
    made = timer(Kind.REFUND, Header(received_at=came), [Line(received=2)], moment("receive", came, refund_days=7))
    utc = Moment("receive", came, {"terms": {"refund_days": 7}}, "UTC")
    assert made is not None
    assert made.due_at == at("2026-11-18 00:00")
    there = timer(Kind.REFUND, Header(received_at=came), [Line(received=2)], utc)
    assert there is not None
    assert there.due_at.isoformat() == "2026-11-18T00:00:00+00:00"


def test_where_nothing_comes_back_the_refund_counts_from_the_decision() -> None:
    header = Header(decided_at=at("2026-11-10 09:00"))
    made = timer(
        Kind.REFUND, header, [Line(kind="keep", expected=0)], moment("authorise", at("2026-11-10 09:00"), refund_days=2)
    )
    assert made is not None
    assert made.due_at == at("2026-11-13 00:00")


@pytest.mark.parametrize(
    ("line", "command", "when", "due"),
    [
        # Told on 11-01: paid by 11-15, whenever the goods or the proof came before that.
        (Line(received=2), "receive", "2026-11-05 09:00", "2026-11-16 00:00"),
        (Line(), "ship", "2026-11-05 09:00", "2026-11-16 00:00"),
        # Held back until the parcel was posted, and due on the day of that.
        (Line(), "ship", "2026-11-20 09:00", "2026-11-21 00:00"),
        (Line(received=2), "receive", "2026-11-20 09:00", "2026-11-21 00:00"),
        # Nothing ever left, so there is nothing to wait for, even where it was granted late.
        (Line(kind="unshipped", expected=0), "authorise", "2026-11-20 09:00", "2026-11-16 00:00"),
    ],
)
def test_e3_a_withdrawal_is_paid_fourteen_days_after_it_was_told_or_once_the_goods_are_on_their_way(
    line: Line, command: str, when: str, due: str
) -> None:
    header = Header(withdrawal=True, under_way=command == "ship", received_at=at(when) if line.received else None)
    assert Kind.REFUND in deadlines.running(header, [line])
    made = timer(Kind.REFUND, header, [line], moment(command, at(when), refund_days=14))
    assert made is not None
    assert made.due_at == at(due)


def test_e3_before_goods_or_proof_come_nothing_is_due_and_other_returns_wait_for_the_goods() -> None:
    assert deadlines.running(Header(withdrawal=True), [Line()]) == {Kind.SHIP}
    assert deadlines.running(Header(under_way=True), [Line()]) == set()


def test_a_second_parcel_after_the_first_was_paid_has_its_own_week() -> None:
    header, second = Header(received_at=at("2026-11-10 09:00")), at("2026-11-20 09:00")
    line = Line(received=2, accepted=1, settled=1)
    made = timer(Kind.REFUND, header, [line], moment("receive", second, refund_days=7))
    assert made is not None
    assert made.due_at == at("2026-11-28 00:00")


def test_a_refund_that_was_taken_back_counts_from_receipt_and_is_never_paid_again_by_a_clock() -> None:
    header = Header(received_at=at("2026-11-10 09:00"))
    terms = {"refund_days": 7, "refund_then": "refund"}
    again = timer(
        Kind.REFUND, header, [Line(received=2)], moment("reverse_settlement", at("2026-11-30 09:00"), **terms)
    )
    first = timer(Kind.REFUND, header, [Line(received=2)], moment("receive", at("2026-11-10 09:00"), **terms))
    assert again is not None
    assert first is not None
    assert (again.due_at, again.then, first.then) == (first.due_at, Then.ESCALATE, Then.REFUND)


def test_the_review_takes_its_hours_and_an_exception_is_never_granted_by_a_clock() -> None:
    asked = at("2026-11-03 10:00")
    made = timer(Kind.REVIEW, Header("pending"), [], moment("request", asked, review_hours=48, review_then="approve"))
    assert made is not None
    assert (made.due_at, made.then) == (asked + timedelta(hours=48), Then.APPROVE)
    refused = Moment(
        "request", asked, {"answer": "refuse", "terms": {"review_hours": 48, "review_then": "approve"}}, SHANGHAI
    )
    exception = timer(Kind.REVIEW, Header("pending"), [], refused)
    assert exception is not None
    assert exception.then == Then.ESCALATE


def test_no_policy_no_clock_of_the_merchant() -> None:
    now = at("2026-11-03 10:00")
    assert timer(Kind.REVIEW, Header("pending"), [], moment("request", now)) is None
    assert timer(Kind.REFUND, Header(received_at=now), [Line(received=1)], moment("receive", now)) is None
    answer = timer(Kind.ANSWER, Header("info_needed", expires_at=now + timedelta(days=14)), [], moment("ask", now))
    assert answer is not None
    assert (answer.due_at, answer.then, answer.warn_at) == (now + timedelta(days=14), Then.EXPIRE, None)


def test_what_cannot_be_undone_does_not_expire() -> None:
    now = at("2026-11-03 10:00")
    header = Header(expires_at=now + timedelta(days=14))
    plain = timer(Kind.SHIP, header, [Line()], moment("authorise", now))
    cancelled = timer(Kind.SHIP, header, [Line(), Line(kind="unshipped", expected=0)], moment("authorise", now))
    paid = timer(Kind.SHIP, header, [Line(settled=1)], moment("authorise", now))
    assert [made.then for made in (plain, cancelled, paid) if made] == [Then.EXPIRE, Then.NOTHING, Then.NOTHING]


@pytest.mark.parametrize(("hours", "warned"), [(48, 24), (24, 12), (10, 5)])
def test_the_warning_comes_a_day_before_and_never_before_half_of_the_time(hours: int, warned: int) -> None:
    now = at("2026-11-03 10:00")
    made = timer(Kind.REVIEW, Header("pending"), [], moment("request", now, review_hours=hours, warn_hours=24))
    assert made is not None
    assert made.warn_at == now + timedelta(hours=warned)


def test_who_was_in_time() -> None:
    due = at("2026-11-18 00:00")
    early, header = due - timedelta(microseconds=1), Header()
    assert deadlines.outcome(Kind.REFUND, header, due, early) == "met"
    assert deadlines.outcome(Kind.REFUND, header, due, due) == "late"
    assert deadlines.outcome(Kind.REFUND, Header(ending="cancelled"), due, early) == "stopped"
    assert deadlines.outcome(Kind.REVIEW, Header("rejected"), due, early) == "met"
    assert deadlines.outcome(Kind.ANSWER, Header("rejected"), due, early) == "stopped"
