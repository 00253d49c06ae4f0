"""Asking, answering, appealing, the way back, and every end of a return: what each changes, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from guicang.audit.models import AuditRow
from guicang.catalog.models import Serial
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import OutboxMessage
from guicang.kernel.refusal import Outcome, Refused
from guicang.logistics.models import Parcel
from guicang.returns.lifecycle import Type
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations import clocks
from guicang.returns.steps.answer import Answer, answer
from guicang.returns.steps.appeal import Appeal, appeal
from guicang.returns.steps.ask import ANSWER_DAYS, Question, ask
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.expire import Expiry, expire
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.release import Release, release
from guicang.returns.steps.request import request
from guicang.returns.steps.ship import Sending, ship
from guicang.returns.steps.short_close import ShortClosing, short_close
from tests.world import NOW, SYSTEM, Sold, World

Make = Callable[..., Sold]
DAY = timedelta(days=1)


def go(step: Callable[..., list[Outcome]], items: Any, **more: Any) -> Outcome:
    """Give one command; its items are the one parameter that is not common to all steps."""
    name = next(
        name for name in step.__annotations__ if name not in ("actor", "now", "origin", "all_or_nothing", "return")
    )
    facts: dict[str, Any] = {name: [items], "actor": SYSTEM, "now": NOW}
    (outcome,) = step(**(facts | more))
    return outcome


def codes(outcome: Outcome) -> list[str]:
    return [refusal.code for refusal in outcome.refusals]


def good(step: Callable[..., list[Outcome]], items: Any, **more: Any) -> Outcome:
    outcome = go(step, items, **more)
    assert outcome.ok, outcome.refusals
    return outcome


def trail(return_id: UUID) -> list[str]:
    return list(AuditRow.objects.filter(aggregate_id=return_id).order_by("seq").values_list("action", flat=True))


def due(now: datetime, limit: int = 1000) -> list[UUID]:
    """Returns that the clocks end."""
    return [each.return_id for each in clocks.due_clocks(now, limit) if each.then == "expire"]


def test_a_question_waits_for_its_answer_and_keeps_the_claim(world: World, order: Make) -> None:
    sold = order(5)
    key = world.request(sold, 2)
    good(ask, Question(key, "photo"))
    row = world.row(key)
    assert (row.state, row.expires_at, sold.claimed) == ("info_needed", NOW + ANSWER_DAYS * DAY, 2)
    assert OutboxMessage.objects.filter(aggregate_id=key, body__notice="return_info_needed").count() == 1
    assert codes(go(ask, Question(key, "photo"))) == ["wrong_state"]
    good(answer, Answer(key))
    assert (world.row(key).state, world.row(key).expires_at) == ("requested", None)
    assert trail(key) == ["request", "ask", "answer"]


def test_a_question_needs_a_reason_and_only_the_buyer_answers(world: World, order: Make) -> None:
    sold = order(5)
    key = world.request(sold, 2)
    assert codes(go(ask, Question(key, ""))) == ["reason_missing"]
    assert codes(go(ask, Question(new_id(), "photo"))) == ["return_not_found"]
    good(ask, Question(key, "photo"))
    assert codes(go(answer, Answer(key), actor=Actor("customer", new_id()))) == ["return_not_found"]
    good(answer, Answer(key), actor=Actor("customer", sold.customer_id))
    with pytest.raises(Refused) as refused:
        go(ask, Question(key, "photo"), actor=Actor("customer", sold.customer_id))
    assert [refusal.code for refusal in refused.value.refusals] == ["not_permitted"]


def test_an_appeal_takes_the_claim_anew_and_only_once(world: World, order: Make) -> None:
    sold = order(5)
    key = world.request(sold, 3)
    good(reject, Rejection(key, "worn"))
    assert (sold.claimed, sold.row.return_label) == (0, "none")
    good(appeal, Appeal(key, "not_worn"), actor=Actor("customer", sold.customer_id))
    row = world.row(key)
    assert (row.state, row.appeals, sold.claimed, world.line(key).claimed) == ("requested", 1, 3, 3)
    assert sold.row.return_label == "in_progress"
    good(reject, Rejection(key, "worn"))
    assert codes(go(appeal, Appeal(key, "not_worn"))) == ["appeal_used"]
    assert sold.claimed == 0


def test_an_appeal_is_refused_when_the_quantity_is_gone(world: World, order: Make) -> None:
    sold = order(5)
    key = world.request(sold, 3)
    good(reject, Rejection(key, "worn"))
    world.request(sold, 3)
    outcome = go(appeal, Appeal(key, "not_worn"))
    assert codes(outcome) == ["over_return"]
    assert outcome.refusals[0].data == {"wanted": 3, "free": 2}
    assert (world.row(key).state, world.row(key).appeals, sold.claimed) == ("rejected", 0, 3)


def test_two_appeals_in_a_set_share_what_is_free(world: World, order: Make) -> None:
    sold = order(3)
    keys = []
    for _ in range(2):
        keys.append(world.request(sold, 2))
        good(reject, Rejection(keys[-1], "worn"))
    outcomes = appeal(appeals=[Appeal(key, "why") for key in keys], actor=SYSTEM, now=NOW)
    assert [codes(outcome) for outcome in outcomes] == [[], ["over_return"]]
    assert sold.claimed == 2


def test_case_18_an_appeal_is_refused_when_the_serial_is_elsewhere(world: World, order: Make) -> None:
    sold = order(2, serials=["SN-A", "SN-B"])
    key = world.request(sold, 1, serial="SN-A")
    good(reject, Rejection(key, "worn"))
    other = world.request(sold, 1, serial="SN-A")
    assert set(codes(go(appeal, Appeal(key, "why")))) == {"over_return", "serial_claimed"}
    good(reject, Rejection(other, "worn"))
    good(appeal, Appeal(key, "why"))
    assert Serial.objects.get(number="SN-A").open_return_line_id == world.line(key).id


def test_parcels_put_a_return_on_its_way_once_each(world: World, order: Make) -> None:
    key = world.authorised(order(5), 3)
    first = good(ship, Sending(key, "SF", " sf 123 "))
    assert (world.row(key).state, world.row(key).under_way) == ("in_transit", True)
    again = good(ship, Sending(key, "SF", "SF123"))
    assert (again.data["parcel"], again.data["known"], Parcel.objects.count()) == (first.data["parcel"], True, 1)
    good(ship, Sending(key, "SF", "SF124"))
    assert list(Parcel.objects.order_by("tracking").values_list("tracking", "return_id")) == [
        ("SF123", key),
        ("SF124", key),
    ]
    assert trail(key) == ["request", "authorise", "ship", "ship"]
    good(receive, Receiving(key, [Arrived(world.line(key).id, 1)], "r1"))
    good(ship, Sending(key, "SF", "SF125"))
    assert world.row(key).state == "receiving"


def test_two_returns_may_lie_in_one_box(world: World, order: Make) -> None:
    keys = [world.authorised(order(1), 1) for _ in range(2)]
    outcomes = ship(shipments=[Sending(key, "SF", "1") for key in keys], actor=SYSTEM, now=NOW)
    assert {outcome.data["parcel"] for outcome in outcomes} == {Parcel.objects.get().id}
    assert [world.row(key).state for key in keys] == ["in_transit", "in_transit"]


def test_nothing_to_send_no_parcel(world: World, order: Make) -> None:
    keep = world.authorised(order(1), 1, resolution=Type.REFUND_ONLY)
    assert codes(go(ship, Sending(keep, "SF", "1"))) == ["nothing_to_do"]
    asked = world.request(order(1), 1)
    assert codes(go(ship, Sending(asked, "SF", "1"))) == ["wrong_state"]
    back = world.authorised(order(1), 1)
    assert codes(go(ship, Sending(back, "SF", "1" * 81))) == ["bad_tracking"]
    assert not Parcel.objects.exists()


def test_case_6_short_closed_units_can_come_back_later(world: World, order: Make) -> None:
    sold = order(5)
    key = world.authorised(sold, 3)
    line = world.line(key).id
    good(ship, Sending(key, "SF", "1"))
    good(receive, Receiving(key, [Arrived(line, 2)], "r1"))
    assert set(codes(go(short_close, ShortClosing(key, {line: 2}, "")))) == {"reason_missing", "bad_quantity"}
    assert codes(go(short_close, ShortClosing(key, {}, "why"))) == ["nothing_to_do"]
    assert codes(go(short_close, ShortClosing(key, {new_id(): 1}, "why"))) == ["line_not_found"]
    good(short_close, ShortClosing(key, {line: 1}, "never_sent"))
    row, after = world.row(key), world.line(key)
    assert (row.state, row.under_way, after.short_closed, after.reception) == ("received", False, 1, "short")
    assert (sold.claimed, Parcel.objects.get().state) == (2, "in_transit")


def test_lost_goods_lose_their_parcel_and_end_the_return(world: World, order: Make) -> None:
    sold = order(5)
    key = world.authorised(sold, 3)
    line = world.line(key).id
    good(ship, Sending(key, "SF", "1"))
    items = [ShortClosing(key, {line: units}, "lost_by_carrier", lost=True) for units in (1, 2, 1)]
    outcomes = short_close(closings=items, actor=SYSTEM, now=NOW)
    assert [codes(outcome) for outcome in outcomes] == [[], [], ["wrong_state"]]
    row = world.row(key)
    assert (row.state, row.settled_at, world.line(key).lost) == ("settled", NOW, 3)
    assert (sold.claimed, sold.row.return_label, Parcel.objects.get().state) == (0, "none", "lost")


def test_a_parcel_is_not_lost_where_something_came(world: World, order: Make) -> None:
    key = world.authorised(order(5), 3)
    line = world.line(key).id
    good(ship, Sending(key, "SF", "1"))
    good(receive, Receiving(key, [Arrived(line, 2)], "r1"))
    good(short_close, ShortClosing(key, {line: 1}, "missing_in_box", lost=True))
    assert (world.line(key).lost, world.row(key).under_way, Parcel.objects.get().state) == (1, False, "in_transit")


@pytest.mark.parametrize("state", ["requested", "info_needed", "authorised"])
def test_a_buyer_cancels_only_their_own(world: World, order: Make, state: str) -> None:
    sold = order(5)
    key = world.authorised(sold, 2) if state == "authorised" else world.request(sold, 2)
    if state == "info_needed":
        good(ask, Question(key, "photo"))
    assert codes(go(cancel, Cancellation(key), actor=Actor("customer", new_id()))) == ["return_not_found"]
    assert sold.claimed == 2
    good(cancel, Cancellation(key), actor=Actor("customer", sold.customer_id))
    row = world.row(key)
    assert (row.state, row.ended_at, sold.claimed, sold.row.return_label) == ("cancelled", NOW, 0, "none")
    assert codes(go(cancel, Cancellation(key))) == ["wrong_state"]


def test_a_cancelled_sale_cannot_be_undone_by_cancelling_the_return(world: World, order: Make) -> None:
    sold = order(5, shipped=0)
    key = world.request(sold, 2, resolution=Type.UNSHIPPED)
    good(cancel, Cancellation(key))
    assert sold.lines[0].cancelled == 0
    key = world.authorised(sold, 2, resolution=Type.UNSHIPPED)
    assert codes(go(cancel, Cancellation(key))) == ["already_cancelled"]
    assert set(codes(go(expire, Expiry(key), now=NOW + 15 * DAY))) == {"already_cancelled", "not_due"}
    assert (world.row(key).state, sold.lines[0].cancelled) == ("authorised", 2)


def test_a_return_is_cancelled_once_within_a_set(world: World, order: Make) -> None:
    sold = order(5)
    key = world.authorised(sold, 2)
    outcomes = cancel(cancellations=[Cancellation(key)] * 2, actor=SYSTEM, now=NOW)
    assert [codes(outcome) for outcome in outcomes] == [[], ["wrong_state"]]
    assert sold.claimed == 0


def test_case_19_a_return_expires_at_the_instant_and_not_before(world: World, order: Make) -> None:
    sold = order(5)
    key = world.authorised(sold, 2)
    end = world.row(key).expires_at
    assert end is not None
    early = end - timedelta(milliseconds=1)
    assert codes(go(expire, Expiry(key), now=early)) == ["not_due"]
    assert (due(early), due(end)) == ([], [key])
    good(expire, Expiry(key), now=end)
    assert (world.row(key).state, world.row(key).ended_at, sold.claimed) == ("expired", end, 0)
    assert OutboxMessage.objects.filter(aggregate_id=key, body__notice="return_expired").exists()
    assert due(end) == []


def test_the_clock_never_expires_a_return_with_a_parcel_under_way(world: World, order: Make) -> None:
    sold = order(5)
    shipped, found = world.authorised(sold, 1), world.authorised(sold, 1)
    good(ship, Sending(shipped, "SF", "1"))
    good(ship, Sending(found, "SF", "2"))
    # A parcel somebody registered, while the header does not know of it yet.
    Return.objects.filter(id=found).update(under_way=False, state="authorised")
    later = NOW + 30 * DAY
    assert codes(go(expire, Expiry(shipped), now=later)) == ["wrong_state"]
    assert codes(go(expire, Expiry(found), now=later)) == ["parcel_under_way"]
    assert due(later) == []  # sending the goods stopped both clocks


def test_an_unanswered_question_expires_from_when_it_was_asked(world: World, order: Make) -> None:
    sold = order(5)
    key, other = world.request(sold, 1), world.request(sold, 1)
    asked = NOW + 10 * DAY
    good(ask, Question(key, "photo"), now=asked)
    assert codes(go(expire, Expiry(key), now=NOW + 14 * DAY)) == ["not_due"]
    assert codes(go(expire, Expiry(other), now=NOW + 90 * DAY)) == ["wrong_state"]
    end = asked + ANSWER_DAYS * DAY
    assert due(end) == [key]
    good(expire, Expiry(key), now=end)
    assert (world.row(key).state, sold.claimed) == ("expired", 1)


def test_money_that_is_due_does_not_expire(world: World, order: Make) -> None:
    key = world.authorised(order(1), 1, resolution=Type.REFUND_ONLY)
    later = NOW + 30 * DAY
    assert due(later) == []
    assert codes(go(expire, Expiry(key), now=later)) == ["not_due"]


def test_the_longest_due_come_first_and_no_more_than_asked_for(world: World, order: Make) -> None:
    sold = order(5)
    keys = [world.request(sold, 1) for _ in range(3)]
    grants = [Authorisation(key, expires_at=NOW + day * DAY) for key, day in zip(keys, (3, 1, 2), strict=True)]
    authorise(authorisations=grants, actor=SYSTEM, now=NOW)
    assert due(NOW + 3 * DAY, 2) == [keys[1], keys[2]]


def test_only_a_settled_return_closes_and_only_with_an_empty_bay(world: World, order: Make) -> None:
    sold = order(1, serials=["SN-A"])
    key = world.authorised(sold, 1, serial="SN-A")
    assert codes(go(close, Closing(key))) == ["wrong_state"]
    line = world.line(key).id
    good(receive, Receiving(key, [Arrived(line, 1)], "r1"))
    # Settled ahead of the goods' disposition: planted, since the steps settle only what was inspected.
    Return.objects.filter(id=key).update(state="settled")
    outcome = go(close, Closing(key))
    assert (codes(outcome), outcome.refusals[0].data) == (["not_closable"], {"in_bay": 1})
    ReturnLine.objects.filter(id=line).update(accepted=1, disposed=1, settled=1)
    good(close, Closing(key))
    assert (world.row(key).state, world.row(key).ended_at, sold.claimed) == ("closed", NOW, 1)
    assert Serial.objects.get(number="SN-A").open_return_line_id == NIL


def test_closing_leaves_a_serial_to_the_return_that_holds_it_now(world: World, order: Make) -> None:
    sold = order(1, serials=["SN-A"])
    key = world.authorised(sold, 1, serial="SN-A")
    good(short_close, ShortClosing(key, {world.line(key).id: 1}, "never_sent"))
    other = world.request(sold, 1, serial="SN-A")
    good(close, Closing(key))
    assert Serial.objects.get(number="SN-A").open_return_line_id == world.line(other).id


@pytest.mark.parametrize("accept", [True, False])
def test_a_hold_is_lifted_with_a_reason_and_recorded(world: World, order: Make, accept: bool) -> None:
    key = world.authorised(order(1, serials=["SN-A"]), 1, serial="SN-A")
    line = world.line(key).id
    good(receive, Receiving(key, [Arrived(line, 1)], "r1"))
    assert codes(go(release, Release(key, accept, "label_torn"))) == ["nothing_to_do"]
    ReturnLine.objects.filter(id=line).update(held=True)
    assert codes(go(release, Release(key, accept, ""))) == ["reason_missing"]
    assert set(codes(go(release, Release(key, accept, "x", [new_id()])))) == {"line_not_found", "nothing_to_do"}
    outcome = good(release, Release(key, accept, "label_torn", [line]))
    assert (outcome.data["lines"], world.line(key).held, world.row(key).state) == ([line], False, "received")
    row = AuditRow.objects.get(aggregate_id=key, action="release")
    assert row.reason == "label_torn"
    assert f'"line1.accept":{str(accept).lower()}' in str(row.after).replace(" ", "").replace("'", '"').lower()


STEPS: list[tuple[str, Callable[..., list[Outcome]], Callable[[World, UUID], Any]]] = [
    ("requested", ask, lambda _, key: Question(key, "photo")),
    ("info_needed", answer, lambda _, key: Answer(key)),
    ("rejected", appeal, lambda _, key: Appeal(key, "why")),
    ("authorised", ship, lambda _, key: Sending(key, "SF", key.hex)),
    ("authorised", short_close, lambda world, key: ShortClosing(key, {world.line(key).id: 1}, "why", lost=True)),
    ("authorised", cancel, lambda _, key: Cancellation(key)),
    ("authorised", expire, lambda _, key: Expiry(key)),
    ("settled", close, lambda _, key: Closing(key)),
]


def _bring(world: World, keys: list[UUID], state: str) -> None:
    if state == "info_needed":
        ask(questions=[Question(key, "photo") for key in keys], actor=SYSTEM, now=NOW)
    if state == "rejected":
        reject(rejections=[Rejection(key, "why") for key in keys], actor=SYSTEM, now=NOW)
    if state in ("authorised", "settled"):
        authorise(authorisations=[Authorisation(key) for key in keys], actor=SYSTEM, now=NOW)
    if state == "settled":
        items = [ShortClosing(key, {world.line(key).id: 1}, "why") for key in keys]
        short_close(closings=items, actor=SYSTEM, now=NOW)


@pytest.mark.parametrize(("state", "step", "item"), STEPS, ids=[step.__name__ for _, step, _ in STEPS])
def test_statements_do_not_grow_with_the_set(
    world: World, state: str, step: Callable[..., list[Outcome]], item: Callable[[World, UUID], Any]
) -> None:
    """One and fifty returns of a chunk cost the same: a + b * ceil(n / 1000)."""
    orders = world.sell(*(world.facts(1, sku="GOODS") for _ in range(51)))
    asked = request(requests=[world.asked(sold, 1) for sold in orders], actor=SYSTEM, now=NOW)
    keys = [outcome.id for outcome in asked if outcome.id is not None]
    _bring(world, keys, state)
    name = next(iter(step.__annotations__))
    counts = []
    for batch in (keys[:1], keys[1:]):
        items = [item(world, key) for key in batch]
        counted = 0

        def count(execute: Callable[..., Any], *details: Any) -> Any:
            nonlocal counted
            counted += 1
            return execute(*details)

        with connection.execute_wrapper(count):
            outcomes = step(**{name: items, "actor": SYSTEM, "now": NOW + 20 * DAY})
        assert all(outcome.ok for outcome in outcomes), [outcome.refusals for outcome in outcomes if not outcome.ok]
        counts.append(counted)
    assert counts[1] <= counts[0] <= 25, counts


def test_history_ends_quietly_at_its_own_dates(world: World, order: Make) -> None:
    sold = order(5)
    then = NOW - 2 * DAY
    asked = replace(world.asked(sold, 1), occurred_at=then)
    (outcome,) = request(requests=[asked], actor=SYSTEM, now=NOW, origin="history")
    assert outcome.id is not None
    good(ask, Question(outcome.id, "photo", occurred_at=then), origin="history")
    good(cancel, Cancellation(outcome.id, occurred_at=then), origin="history")
    assert world.row(outcome.id).ended_at == then
    assert not OutboxMessage.objects.filter(aggregate_id=outcome.id).exists()
