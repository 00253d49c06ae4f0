"""How requests were decided, as the report counts it: each once, with its times and every exception to the policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from guicang.insights import decisions as report
from guicang.insights import worklist
from guicang.insights.became import BECAME
from guicang.kernel.actor import EVERYTHING, Actor, Scope
from guicang.kernel.ids import new_id
from guicang.returns.models import Override, Return
from guicang.returns.proofs import overrides
from guicang.returns.steps.appeal import Appeal, appeal
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import request
from guicang.returns.steps.tick import act_due
from tests.journeys.acts import codes, do, verified
from tests.journeys.test_approvals import a_flow, agree, somebody
from tests.journeys.test_offers import accepted, buyer, made
from tests.journeys.test_policies import state
from tests.world import NOW, Sold, World

pytestmark = pytest.mark.django_db
Order = Callable[..., Sold]
HOUR = timedelta(hours=1)


def asked(**more: Any) -> report.Asked:
    return report.Asked(NOW - timedelta(days=1), NOW + timedelta(days=1), **more)


def counts(scope: Scope = EVERYTHING, **more: Any) -> dict[str, int]:
    found = report.report(scope, asked(**more), NOW + 100 * HOUR).whole.counts
    return {code: n for code, n in found.items() if n}


def listed(code: str) -> int:
    wanted = worklist.Filters(became=code, since=asked().since, until=asked().until)
    return worklist.count(EVERYTHING, wanted, NOW, 1000)


def test_each_request_is_counted_once_by_what_became_of_it(world: World, order: Order) -> None:
    boss = somebody("approver")
    state(world, {"terms": {"days": 30, "approve_below_minor": 1_500, "review_hours": 48, "review_then": "approve"}})
    assert world.row(world.request(order(), 1)).decided_by == "policy"
    approved, refused, talked, late, gone, waits = (world.request(order(), 2) for _ in range(6))
    agree(approved, boss, NOW + 2 * HOUR)
    reject(rejections=[Rejection(refused, "too_late")], actor=boss, now=NOW + 4 * HOUR)
    made(talked, 500, boss, world, reason="goodwill")
    accepted(talked, 1, Actor("customer", world.row(talked).customer_id), world, hours=1)
    do(cancel, world, Cancellation(gone, "changed_mind"))
    Return.objects.filter(id=waits).update(stage=0)
    assert counts() == {"policy": 1, "approved": 1, "refused": 1, "agreed": 1, "open": 2, "ended": 1}
    assert act_due(NOW + 48 * HOUR) == 2
    assert counts() == {"policy": 1, "approved": 1, "refused": 1, "agreed": 1, "time": 2, "ended": 1}
    # The list behind each figure holds as many returns.
    assert {code: listed(code) for code in BECAME} == {**dict.fromkeys(BECAME, 0), **counts()}
    # Refused, appealed, waiting again: it is decided anew.
    do(appeal, world, Appeal(refused, "new_evidence"))
    assert counts() == {"policy": 1, "approved": 1, "agreed": 1, "time": 2, "open": 1, "ended": 1}
    assert world.row(late).decided_by == "clock"
    verified()


@pytest.mark.parametrize("code", [*BECAME])
def test_no_two_ways_to_be_decided_hold_at_once(code: str, world: World, order: Order) -> None:
    others = Q()
    for name, which in BECAME.items():
        others |= which if name != code else Q(pk__in=())
    test_each_request_is_counted_once_by_what_became_of_it(world, order)
    assert not Return.objects.filter(BECAME[code] & others).exists()


def test_times_are_of_the_nearest_rank_without_what_was_granted_at_once(world: World, order: Order) -> None:
    boss = somebody("approver")
    for hours in (5, 1, 3, 2, 4, 6, 7, 8, 10, 9, 40):
        agree(world.request(order(), 1), boss, NOW + hours * HOUR)
    found = report.report(EVERYTHING, asked(), NOW)
    assert found.whole.times == report.Times(6 * HOUR, 10 * HOUR)  # the 6th and the 10th of 11
    assert (found.shops[0].times, found.shops[0].times.half_hours) == (found.whole.times, 6.0)
    one = replace(asked(), since=NOW + timedelta(days=2), until=NOW + timedelta(days=3))
    assert report.report(EVERYTHING, one, NOW).whole.times == report.Times()


def test_stages_have_their_words_and_times(world: World, order: Order) -> None:
    a_flow(world, [{"roles": ["agent"], "hours": 4}, {"roles": ["finance"]}])
    agent, fay = somebody("agent"), somebody("finance")
    keys = [world.request(order(), 1) for _ in range(4)]
    for key, hours in zip(keys, (1, 2, 8), strict=False):
        assert agree(key, agent, NOW + hours * HOUR).ok
    assert agree(keys[0], fay, NOW + 11 * HOUR).ok
    assert reject(rejections=[Rejection(keys[1], "too_late")], actor=fay, now=NOW + 3 * HOUR)[0].ok
    first, second = report.stages(EVERYTHING, asked(), NOW + 5 * HOUR)
    # One decided after four hours, one still waits after them.
    assert (first.number, first.approved, first.rejected, first.open, first.late) == (1, 3, 0, 1, 2)
    assert (second.number, second.approved, second.rejected, second.open, second.late) == (2, 1, 1, 1, 0)
    assert (first.times, second.times) == (report.Times(2 * HOUR, 8 * HOUR), report.Times(HOUR, 10 * HOUR))
    assert (first.zh, first.en) == ("大额", "Large")


def test_every_exception_is_a_row_with_who_why_and_how_much(world: World, order: Order) -> None:
    boss = somebody("approver", "boss", company_id=world.company_id)
    state(world, {"terms": {"days": 0, "room_bp": 1_000}})
    late = world.now + timedelta(days=9)
    sold = order()
    plain = replace(world.asked(sold, 1))
    refused = request(requests=[plain], actor=boss, now=late)[0]
    assert codes(refused) == ["not_eligible"]
    assert not Override.objects.exists()
    (granted,) = request(requests=[replace(plain, override="goodwill")], actor=boss, now=late)
    assert granted.id is not None
    row = Override.objects.get()
    assert (row.parent_id, row.deed, row.reason, row.actor_id) == (granted.id, "request", "goodwill", boss.id)
    assert (row.amount_minor or 0) > 0
    worth = row.amount_minor or 0
    # Within the room it is none, beyond it is; so is agreeing to more.
    assert made(granted.id, worth // 20, boss, world, reason="goodwill", hours=9 * 24).ok
    assert Override.objects.count() == 1
    assert made(granted.id, worth // 2, buyer(sold), world, hours=9 * 24).ok
    assert accepted(granted.id, 2, boss, world, reason="goodwill", hours=9 * 24).ok
    wanted = replace(asked(), until=late + timedelta(days=1))
    latest, first = report.exceptions(EVERYTHING, wanted, 10)
    assert (latest.deed, latest.amount_minor, latest.who) == ("accept_offer", worth // 2, "boss")
    assert (first.deed, first.number, first.amount_minor) == ("request", world.row(granted.id).number, worth)
    found = report.report(EVERYTHING, wanted, late)
    assert (found.exceptions_count, found.exceptions_minor) == (2, {"CNY": worth + worth // 2})
    assert [one.id for one in report.exceptions(EVERYTHING, wanted, 10, latest.id)] == [first.id]
    verified()


def test_the_report_is_of_what_its_reader_sees(world: World, order: Order) -> None:
    world.request(order(), 1)
    assert counts() == {"open": 1}
    assert counts(Scope(new_id())) == {}
    assert counts(Scope(world.company_id, new_id())) == {}
    assert counts(Scope(world.company_id, world.shop_id)) == {"open": 1}
    assert counts(shop_id=new_id()) == {}


def test_statements_of_the_report_do_not_grow(world: World, order: Order) -> None:
    a_flow(world, [{"roles": ["agent"]}], amount_minor=2_000)
    boss = somebody("approver")

    def one(n: int) -> int:
        for _ in range(n):
            agree(world.request(order(), 1), boss)
            world.request(order(), 2)
        with CaptureQueriesContext(connection) as seen:
            report.report(EVERYTHING, asked(), NOW)
        return len(seen)

    assert one(1) == one(3) <= 13


def test_the_proof_finds_an_exception_nobody_wrote_down(world: World, order: Order) -> None:
    key = world.request(order(), 1)
    Return.objects.filter(id=key).update(verdict={**world.row(key).verdict, "override": "goodwill"})
    (proof,) = overrides.proofs()
    assert proof.name == "overrides"
    assert [(one["fault"], one["return_id"]) for one in proof.differences] == [("override", str(key))]
