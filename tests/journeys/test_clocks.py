"""Clocks of returns: set and stopped with the steps, warned once, acted on once, in order, whatever the worker did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.audit import queries as audit
from guicang.kernel.actor import Actor
from guicang.kernel.models import Origin, OutboxMessage
from guicang.kernel.refusal import Refused
from guicang.proofs import queries as proofs
from guicang.returns import queries
from guicang.returns.models import Clock
from guicang.returns.operations.clocks import due_clocks
from guicang.returns.steps import deadline, tick
from guicang.returns.steps.answer import Answer, answer
from guicang.returns.steps.appeal import Appeal, appeal
from guicang.returns.steps.ask import Question, ask
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.deadline import Deadline, set_deadlines
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import request
from guicang.returns.steps.ship import Sending, ship
from guicang.staff.models import User
from guicang.trade.facts import OrderShipment, ShipmentFacts, ShippedFacts
from guicang.trade.steps import record_shipments
from tests.journeys.acts import arrive, codes, do, give, id_of, look_at, pay, undo, verified
from tests.journeys.test_policies import state
from tests.world import SYSTEM, Sold, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Sold]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUST = timedelta(microseconds=1)
TERMS = {"days": 30, "review_hours": 48, "ship_days": 10, "answer_days": 5, "refund_days": 7, "warn_hours": 12}


def clocks(key: UUID) -> list[tuple[str, str]]:
    """(kind, outcome) of a return's clocks in the order in which they were set; '' runs."""
    return list(Clock.objects.filter(parent_id=key).order_by("set_at", "id").values_list("kind", "outcome"))


def running(key: UUID) -> Clock:
    return Clock.objects.get(parent_id=key, outcome="")


def last(key: UUID) -> tuple[str, str, str]:
    found = audit.history(key)[-1]
    return found.action, found.actor_kind, found.reason


def later(world: World, by: timedelta) -> datetime:
    world.now = world.now + by
    return world.now


def test_a_life_sets_and_stops_each_clock(world: World, order: Make) -> None:
    state(world, {"terms": TERMS})
    asked = world.now
    key = world.request(order(2), 2)
    assert (running(key).kind, running(key).due_at) == ("review", asked + 48 * HOUR)
    later(world, HOUR)
    do(ask, world, Question(key, "photo_missing"))
    assert (running(key).kind, running(key).due_at) == ("answer", asked + HOUR + 5 * DAY)
    later(world, HOUR)
    do(answer, world, Answer(key))
    assert running(key).due_at == asked + 2 * HOUR + 48 * HOUR
    assert world.row(key).due_at == running(key).due_at
    later(world, HOUR)
    do(authorise, world, Authorisation(key))
    assert (running(key).kind, running(key).due_at) == ("ship", world.row(key).expires_at)
    later(world, HOUR)
    do(ship, world, Sending(key, "SF", "1"))
    assert not queries.clocks_of([key])
    assert world.row(key).due_at is None
    later(world, HOUR)
    arrive(world, key, 2)
    assert (running(key).kind, running(key).then) == ("refund", "nothing")
    look_at(world, key, (2, "restock"))
    pay(world, key)
    assert clocks(key) == [("review", "met"), ("answer", "met"), ("review", "met"), ("ship", "met"), ("refund", "met")]
    verified()


def test_without_terms_only_what_was_there_before_runs(world: World, order: Make) -> None:
    key = world.request(order(2), 2)
    assert clocks(key) == []
    do(authorise, world, Authorisation(key))
    assert clocks(key) == [("ship", "")]
    arrive(world, key, 2)
    assert clocks(key) == [("ship", "met")]
    verified()


def test_history_has_no_clocks(world: World, order: Make) -> None:
    state(world, {"terms": TERMS | {"review_then": "approve"}})
    outcome = give(request, world, world.asked(order(), 1), origin=Origin.HISTORY)[0]
    assert outcome.id is not None
    do(authorise, world, Authorisation(outcome.id))
    assert clocks(outcome.id) == []
    assert tick.act_due(world.now + 400 * DAY) == 0
    verified()


def test_nobody_decided_so_the_return_is_granted_at_the_instant_and_not_before(world: World, order: Make) -> None:
    state(world, {"terms": TERMS | {"review_then": "approve"}})
    key = world.request(order(2), 2)
    due = running(key).due_at
    assert tick.act_due(due - JUST) == 0
    # The worker was down for two days: what was due then happens now, and both instants are kept.
    now = due + 48 * HOUR
    assert (tick.act_due(now), tick.act_due(now)) == (1, 0)
    row = world.row(key)
    assert (row.state, row.decided_at, row.expires_at) == ("authorised", now, now + 10 * DAY)
    review = Clock.objects.get(parent_id=key, kind="review")
    assert (review.due_at, review.acted_at, review.done_at, review.outcome) == (due, now, now, "acted")
    assert last(key) == ("authorise", "system", "by_clock")
    said = audit.history(key)[-1].after
    assert (said["clock"], said["clock_due_at"], said["clock_acted_at"]) == (
        "review",
        audit.as_stored(due),
        audit.as_stored(now),
    )
    verified()


def test_it_was_rejected_meanwhile_so_the_clock_is_silent(world: World, order: Make) -> None:
    state(world, {"terms": TERMS | {"review_then": "approve"}})
    key = world.request(order(2), 2)
    due = due_clocks(world.now + 3 * DAY)
    do(reject, world, Rejection(key, "too_late"))
    # A worker that had looked before the rejection comes too late.
    item = Authorisation(key, clock_id=due[0].id)
    outcome = authorise(authorisations=[item], actor=SYSTEM, now=world.now + 3 * DAY)[0]
    assert codes(outcome) == ["clock_stopped"]
    assert tick.act_due(world.now + 3 * DAY) == 0
    assert (world.row(key).state, clocks(key)) == ("rejected", [("review", "met")])
    later(world, 4 * DAY)
    do(appeal, world, Appeal(key, "new_evidence"))
    assert running(key).due_at == world.now + 48 * HOUR
    assert tick.act_due(world.now + 48 * HOUR) == 1
    assert world.row(key).state == "authorised"
    verified()


def test_what_cannot_be_granted_goes_to_an_approver(world: World, order: Make) -> None:
    state(world, {"terms": TERMS | {"review_then": "approve"}})
    sold = order(units=5, shipped=0)
    key = world.request(sold, 5, resolution="unshipped")
    parcel = ShipmentFacts("late", world.warehouse_id, world.now, [ShippedFacts("1", 5)])
    left = [OrderShipment(sold.shop_id, sold.row.number, parcel)]
    assert record_shipments(items=left, actor=SYSTEM, now=world.now)[0].ok
    now = world.now + 3 * DAY
    assert tick.act_due(now) == 1
    row = world.row(key)
    assert (row.state, row.escalated_to) == ("requested", "approver")
    said = audit.history(key)[-1]
    assert (said.action, said.after["escalated_to"], said.after["why"]) == ("escalate", "approver", ["already_shipped"])
    assert tick.act_due(now + DAY) == 0
    later(world, 4 * DAY)
    do(reject, world, Rejection(key, "other"))
    assert (world.row(key).escalated_to, world.row(key).due_at, clocks(key)) == ("", None, [("review", "late")])
    verified()


def test_an_escalation_tells_the_approvers_once_and_ends_with_the_decision(world: World, order: Make) -> None:
    state(world, {"terms": TERMS | {"review_then": "escalate"}})
    here = User.objects.create(username="a", role="approver", email="a@example.com", company_id=world.company_id)
    User.objects.create(username="b", role="approver", email="b@example.com", company_id=here.id)
    User.objects.create(username="c", role="agent", email="c@example.com", company_id=world.company_id)
    key = world.request(order(2), 2)
    due = running(key).due_at
    assert (tick.act_due(due), tick.act_due(due)) == (1, 0)
    told = OutboxMessage.objects.filter(aggregate_id=key, body__notice="staff_escalated")
    assert [message.body["owner_id"] for message in told] == [str(here.id)]
    row = world.row(key)
    assert (row.state, row.escalated_to, row.due_at) == ("requested", "approver", due)
    later(world, 3 * DAY)
    do(authorise, world, Authorisation(key))
    assert (world.row(key).escalated_to, clocks(key)[0]) == ("", ("review", "late"))
    verified()


@pytest.mark.parametrize(
    ("then", "state_then"), [("expire", "expired"), ("cancel", "cancelled"), ("reject", "rejected")]
)
def test_an_unanswered_question(world: World, order: Make, then: str, state_then: str) -> None:
    state(world, {"terms": TERMS | {"answer_then": then}})
    sold = order(2)
    key = world.request(sold, 2)
    do(ask, world, Question(key, "photo_missing"))
    due = running(key).due_at
    assert due == world.now + 5 * DAY
    assert (tick.act_due(due - JUST), tick.act_due(due)) == (0, 1)
    assert (world.row(key).state, sold.claimed) == (state_then, 0)
    assert last(key)[1:] == ("system", "by_clock")
    assert clocks(key) == [("review", "met"), ("answer", "acted")]
    notices = set(OutboxMessage.objects.filter(aggregate_id=key).values_list("body__notice", flat=True))
    assert ("return_rejected" if then == "reject" else "return_unanswered") in notices
    verified()


def test_a_question_that_may_wait_is_only_marked(world: World, order: Make) -> None:
    state(world, {"terms": TERMS | {"answer_then": "nothing"}})
    key = world.request(order(2), 2)
    do(ask, world, Question(key, "photo_missing"))
    assert tick.act_due(world.now + 400 * DAY) == 0
    later(world, 6 * DAY)
    do(answer, world, Answer(key))
    assert clocks(key)[1] == ("answer", "late")


def test_t4_the_refund_is_paid_by_itself_at_the_end_of_the_seventh_day(world: World, order: Make) -> None:
    state(world, {"terms": TERMS | {"refund_then": "refund"}})
    key = world.authorised(order(2), 2)
    world.now = datetime.fromisoformat("2026-11-10T09:00:00+08:00")
    arrive(world, key, 2)
    look_at(world, key, (2, "restock"))
    due = datetime.fromisoformat("2026-11-18T00:00:00+08:00")
    assert (tick.act_due(due - JUST), tick.act_due(due)) == (0, 1)
    row = world.row(key)
    assert (row.state, row.refund_minor) == ("settled", 2_000)
    assert last(key) == ("settle", "system", "by_clock")
    verified()


def test_goods_that_nobody_inspected_are_not_paid_but_go_to_finance(world: World, order: Make) -> None:
    state(world, {"terms": TERMS | {"refund_then": "refund"}})
    key = world.authorised(order(2), 2)
    arrive(world, key, 2)
    assert tick.act_due(running(key).due_at) == 1
    row = world.row(key)
    assert (row.state, row.refund_minor, row.escalated_to) == ("received", 0, "finance")
    assert audit.history(key)[-1].after["why"] == ["not_inspected"]
    look_at(world, key, (2, "restock"))
    later(world, 30 * DAY)
    pay(world, key)
    assert (world.row(key).escalated_to, clocks(key)[-1]) == ("", ("refund", "late"))
    verified()


def test_a_refund_that_somebody_took_back_is_not_paid_again(world: World, order: Make) -> None:
    state(world, {"terms": TERMS | {"refund_then": "refund"}})
    key = world.authorised(order(2), 2)
    arrive(world, key, 2)
    look_at(world, key, (2, "restock"))
    undo(world, pay(world, key))
    assert tick.act_due(world.now + 400 * DAY) == 1
    assert (world.row(key).refund_minor, world.row(key).escalated_to) == (0, "finance")
    verified()


def test_the_platform_agrees_by_itself_and_we_write_it_down(world: World, order: Make) -> None:
    due = world.now + 36 * HOUR
    item = replace(world.asked(order(2), 2), platform_due_at=due, platform_then="approve")
    key = id_of(request, world, item)
    assert (running(key).kind, running(key).side, world.row(key).due_at) == ("platform", "platform", due)
    assert tick.act_due(due) == 1
    assert last(key) == ("authorise", "system", "by_platform")
    assert clocks(key) == [("platform", "acted"), ("ship", "")]
    verified()


def test_the_deadline_of_a_platform_is_set_changed_and_taken_away(world: World, order: Make) -> None:
    key = world.request(order(2), 2)
    do(set_deadlines, world, Deadline(key, world.now + DAY, "approve"))
    do(set_deadlines, world, Deadline(key, world.now + 2 * DAY, "nothing"))
    assert tick.act_due(world.now + 3 * DAY) == 0
    assert world.row(key).due_at == world.now + 2 * DAY
    do(set_deadlines, world, Deadline(key, None))
    assert clocks(key) == [("platform", "replaced"), ("platform", "met")]
    do(set_deadlines, world, Deadline(key, world.now + DAY, "approve"))
    do(authorise, world, Authorisation(key))
    # Our decision is what it waited for; one that is set afterwards runs until the end.
    assert clocks(key)[2] == ("platform", "met")
    do(set_deadlines, world, Deadline(key, world.now + 20 * DAY))
    arrive(world, key, 2)
    assert running(key).kind == "platform"
    look_at(world, key, (2, "restock"))
    pay(world, key)
    assert not queries.clocks_of([key])
    assert codes(give(set_deadlines, world, Deadline(key, world.now, "refund"))[0]) == ["bad_choice"]
    verified()


def test_who_may_set_the_deadline_of_a_platform(world: World, order: Make) -> None:
    sold = order(2)
    key = world.request(sold, 1)
    customer = Actor(kind="customer", id=sold.customer_id)
    with pytest.raises(Refused):
        set_deadlines(deadlines=[Deadline(key, world.now)], actor=customer, now=world.now)
    item = replace(world.asked(sold, 1), platform_due_at=world.now)
    assert codes(request(requests=[item], actor=customer, now=world.now)[0]) == ["bad_choice"]
    other = Actor("staff", permissions=frozenset({deadline.SET}))
    assert set_deadlines(deadlines=[Deadline(key, world.now)], actor=other, now=world.now)[0].ok


def test_two_clocks_of_a_return_act_in_the_order_in_which_they_were_due(world: World, order: Make) -> None:
    state(world, {"terms": TERMS | {"review_then": "escalate"}})
    due = world.now + 72 * HOUR
    key = id_of(request, world, replace(world.asked(order(2), 2), platform_due_at=due, platform_then="approve"))
    assert tick.act_due(world.now + 5 * DAY) == 2
    acts = [one.action for one in audit.history(key)]
    assert acts == ["request", "escalate", "authorise"]
    assert clocks(key) == [("review", "late"), ("platform", "acted"), ("ship", "")]
    verified()


def test_each_side_is_warned_once(world: World, order: Make) -> None:
    state(world, {"terms": TERMS})
    User.objects.create(username="a", role="approver", email="a@example.com", company_id=world.company_id)
    key = world.request(order(2), 2)
    at = world.now + 36 * HOUR
    assert (tick.warn_due(at - JUST), tick.warn_due(at), tick.warn_due(at + HOUR)) == (0, 1, 0)
    do(authorise, world, Authorisation(key))
    at = world.now + 10 * DAY - 12 * HOUR
    assert (tick.warn_due(at - JUST), tick.warn_due(at), tick.warn_due(at + HOUR)) == (0, 1, 0)
    notices = OutboxMessage.objects.filter(aggregate_id=key, body__notice__in=["staff_due", "return_ship_due"])
    assert sorted(notices.values_list("body__notice", flat=True)) == ["return_ship_due", "staff_due"]
    # Nobody is warned of what has happened already.
    other = world.request(order(2), 2)
    assert tick.warn_due(world.now + 60 * DAY) == 0
    assert running(other).warned_at is None


def test_a_warning_waits_for_nobody_who_shipped(world: World, order: Make) -> None:
    state(world, {"terms": TERMS})
    key = world.authorised(order(2), 2)
    do(ship, world, Sending(key, "SF", "1"))
    assert tick.warn_due(world.now + 10 * DAY - HOUR) == 0


@pytest.mark.parametrize("n", [1, 200])
def test_the_statements_of_a_tick(world: World, order: Make, n: int) -> None:
    state(world, {"terms": TERMS | {"review_then": "approve"}})
    for outcome in give(request, world, *[world.asked(order(1), 1) for _ in range(n)]):
        assert outcome.ok
    with CaptureQueriesContext(connection) as captured:
        assert tick.act_due(world.now + 3 * DAY) == n
    assert len(captured) <= 34, len(captured)
    assert Clock.objects.filter(kind="review", outcome="acted").count() == n


def test_no_clock_runs_for_what_is_over(world: World, order: Make) -> None:
    state(world, {"terms": TERMS})
    key, other = world.request(order(2), 2), world.request(order(2), 2)
    do(reject, world, Rejection(key, "too_late"))
    verified()
    Clock.objects.filter(parent_id=key).update(done_at=None, outcome="")
    Clock.objects.filter(parent_id=other).update(due_at=world.now)
    found = {proof.name: proof.differences for proof in proofs.run() if not proof.ok}
    assert [each["fault"] for each in found["clocks_stop"]] == ["runs_on"]
    assert len(found["clock_labels"]) == 2
