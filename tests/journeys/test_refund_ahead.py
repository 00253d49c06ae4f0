"""Refunds ahead of the goods by policy (极速退款, proof of posting): when, how much, and what if nothing comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from guicang.returns.lifecycle import Leak
from guicang.returns.models import Clock, Return
from guicang.returns.steps import tick
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.expire import Expiry, expire
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import request
from guicang.returns.steps.settle import Settlement, settle
from guicang.returns.steps.ship import Sending, ship
from tests.journeys.acts import arrive, codes, do, give, look_at, pay, undo, verified
from tests.journeys.test_policies import state
from tests.world import Sold, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Sold]
DAY = timedelta(days=1)


def said(world: World, when: str, **terms: Any) -> None:
    state(world, {"terms": {"days": 30, "ship_days": 10, "refund_when": when, **terms}})


def worked(world: World) -> int:
    return tick.act_due(world.now)


def open_clocks(key: UUID) -> dict[str, str]:
    return dict(Clock.objects.filter(parent_id=key, outcome="").values_list("kind", "escalate_to"))


def test_granted(world: World, order: Make) -> None:
    said(world, "granted")
    sold = order(3)
    key = world.authorised(sold, 2)
    assert (worked(world), worked(world)) == (1, 0)
    row = world.row(key)
    assert (sold.row.refunded_minor, row.state, row.leaks) == (2000, "authorised", Leak.REFUNDED_NOT_RECEIVED)
    verified()
    arrive(world, key, 2)
    look_at(world, key, (2, "restock"))
    assert (world.row(key).state, world.row(key).leaks, open_clocks(key)) == ("settled", 0, {})
    assert (worked(world), sold.row.refunded_minor) == (0, 2000)
    verified()


def test_posted_takes_a_number(world: World, order: Make) -> None:
    said(world, "posted")
    sold = order(2)
    key = world.authorised(sold, 2)
    assert worked(world) == 0
    do(ship, world, Sending(key))
    assert (worked(world), sold.row.refunded_minor) == (0, 0)
    do(ship, world, Sending(key, "SF", "SF1"))
    assert (worked(world), sold.row.refunded_minor, world.row(key).state) == (1, 2000, "in_transit")
    verified()


def test_received_pays_for_what_came(world: World, order: Make) -> None:
    said(world, "received")
    sold = order(3)
    key = world.authorised(sold, 3)
    arrive(world, key, 1)
    assert (worked(world), sold.row.refunded_minor) == (1, 1000)
    arrive(world, key, 2)
    assert (worked(world), sold.row.refunded_minor, world.row(key).state) == (1, 3000, "received")
    verified()


def test_inspected_is_as_ever(world: World, order: Make) -> None:
    said(world, "inspected")
    sold = order(1)
    key = world.authorised(sold, 1)
    do(ship, world, Sending(key, "SF", "SF1"))
    arrive(world, key, 1)
    assert (worked(world), sold.row.refunded_minor) == (0, 0)


def test_what_somebody_took_back_is_not_paid_by_itself_again(world: World, order: Make) -> None:
    said(world, "granted")
    sold = order(1)
    key = world.authorised(sold, 1)
    undo(world, pay(world, key, ahead=True))
    assert (worked(world), sold.row.refunded_minor) == (0, 0)
    verified()


def test_a_ceiling_for_all_that_a_customer_was_paid_ahead(world: World, order: Make) -> None:
    """25.00 in all: two of 10.00 are paid, the third goes to finance; once goods came there is room again."""
    said(world, "granted", ahead_most_minor=2500)
    sold = order(9)
    keys = [world.authorised(sold, 1) for _ in range(3)]
    worked(world)
    assert sorted(world.row(key).refund_minor for key in keys) == [0, 1000, 1000]
    (left,) = [key for key in keys if not world.row(key).refund_minor]
    assert (world.row(left).escalated_to, open_clocks(left)["granted"]) == ("finance", "finance")
    other = world.authorised(order(1, buyer="buyer-2"), 1)
    worked(world)
    assert world.row(other).refund_minor == 1000
    paid = next(key for key in keys if key != left)
    arrive(world, paid, 1)
    look_at(world, paid, (1, "restock"))
    more = world.authorised(sold, 1)
    worked(world)
    assert world.row(more).refund_minor == 1000
    pay(world, left, ahead=True)
    assert "granted" not in open_clocks(left)
    verified()


def test_goods_that_never_come_stay_bound_and_go_to_finance(world: World, order: Make) -> None:
    said(world, "posted")
    sold = order(1)
    key = world.authorised(sold, 1)
    do(ship, world, Sending(key, "SF", "SF1"))
    assert (worked(world), set(open_clocks(key))) == (1, {"arrive"})
    world.now += 15 * DAY
    assert (worked(world), worked(world)) == (1, 0)
    row = world.row(key)
    assert (row.escalated_to, row.leaks, sold.claimed) == ("finance", Leak.REFUNDED_NOT_RECEIVED, 1)
    assert codes(give(request, world, world.asked(sold, 1))[0]) == ["over_return"]
    for step, item in ((cancel, Cancellation(key, "other")), (expire, Expiry(key))):
        assert not give(step, world, item)[0].ok
    do(receive, world, Receiving(key, [Arrived(world.line(key).id, 1)]))
    assert (world.row(key).escalated_to, open_clocks(key)) == ("", {})
    verified()


def test_a_risk_that_somebody_is_to_look_at_waits(world: World, order: Make) -> None:
    said(world, "granted")
    sold = order(1)
    key = world.authorised(sold, 1)
    Return.objects.filter(id=key).update(risk_review=True)
    assert (worked(world), sold.row.refunded_minor) == (0, 0)
    Return.objects.filter(id=key).update(risk_review=False)
    assert (worked(world), sold.row.refunded_minor) == (1, 1000)
    verified()


def test_in_parts_or_once_all_of_it_is_here(world: World, order: Make) -> None:
    """Units of 10.00 in parcels of 2 and 1: 20.00 after the first and 10.00 after the last, or all 30.00 then."""
    for how, sums in (("parcel", [2000, 3000]), ("end", [0, 3000])):
        state(world, {"terms": {"days": 30, "refund_parts": how, "refund_days": 7, "refund_then": "refund"}})
        sold = order(3)
        key = world.authorised(sold, 3)
        arrive(world, key, 2)
        look_at(world, key, (2, "restock"))
        assert ("refund" in open_clocks(key)) == (how == "parcel")
        found = give(settle, world, Settlement(key))[0]
        assert (codes(found), sold.row.refunded_minor) == ([] if how == "parcel" else ["parts_awaited"], sums[0])
        world.now += 2 * DAY
        arrive(world, key, 1)
        look_at(world, key, (1, "restock"))
        (due,) = Clock.objects.filter(parent_id=key, kind="refund", outcome="").values_list("due_at", flat=True)
        assert due > world.now + 7 * DAY  # from the day after the last parcel
        do(settle, world, Settlement(key))
        assert sold.row.refunded_minor == sums[1]
    verified()


def test_an_exception_with_its_reason_pays_before_the_end(world: World, order: Make) -> None:
    state(world, {"terms": {"days": 30, "refund_parts": "end"}})
    sold = order(2)
    key = world.authorised(sold, 2)
    arrive(world, key, 1)
    look_at(world, key, (1, "restock"))
    assert codes(give(settle, world, Settlement(key))[0]) == ["parts_awaited"]
    do(settle, world, Settlement(key, reason="the rest is lost on its way"))
    assert sold.row.refunded_minor == 1000
    verified()
