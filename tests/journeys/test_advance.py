"""HARD-CASES 12: exactly one of received, charged, charge refunded; the job twice, the worker down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.kernel.commands import begin
from guicang.policy import operations as policy
from guicang.returns.models import Clock, Collection
from guicang.returns.steps import tick
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.send_ahead import Ahead, send_ahead
from guicang.sales.models import Order
from tests.journeys.acts import SYSTEM, codes, do, give, verified
from tests.journeys.test_exchange import refunded, sell_at_80, sent, went_back
from tests.world import NOW, Sold

pytestmark = pytest.mark.django_db


def state(world: Any, **terms: Any) -> None:
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=NOW, items=1)
        one = {"code": "all", "zh": "全部", "en": "All", "terms": {"days": 3000, **terms}}
        at = NOW - timedelta(days=300)
        statement = {"currency": "CNY", "policies": [one]}
        policy.state_version(context, world.company_id, name="ours", effective_from=at, statement=statement)


def sent_ahead(world: Any) -> tuple[Sold, UUID, Order]:
    """Goods for 84.80 of which the new ones were sent first, on 3 November."""
    sold = sell_at_80(world)
    wanted = Wanted(sold.lines[0].id, 1, "too_small", resolution="advance_exchange")
    key = do(request, world, Request(sold.shop_id, sold.customer_id, [wanted])).id
    assert key is not None
    do(authorise, world, Authorisation(key))
    do(send_ahead, world, Ahead(key))
    new = Order.objects.get(return_id=key)
    sent(world, new)
    return sold, key, new


def arrive_on(world: Any, key: UUID, day: int) -> None:
    world.now = NOW + timedelta(days=day)
    line = world.line(key).id
    do(receive, world, Receiving(key, [Arrived(line, 1)]))
    do(inspect, world, Inspecting(key, [Part(line, 1)]))
    do(exchange, world, Exchanging(key))
    verified()


def charged() -> list[tuple[int, str, str]]:
    return list(Collection.objects.values_list("amount_minor", "kind", "tender_kind"))


def test_received_in_time_is_never_charged(world: Any) -> None:
    state(world, advance_days=14, advance_then="charge")
    sold, key, new = sent_ahead(world)
    verified()
    arrive_on(world, key, 10)
    assert tick.act_due(NOW + timedelta(days=15)) == 0
    new.refresh_from_db()
    assert (charged(), new.captured_minor, went_back(sold.id)) == ([], 8480, (8480, 0))
    assert refunded(world, Sold(new.id, new.shop_id, new.customer_id, sold.sku_id)) == 8480


def test_charged_once_on_day_15_and_refunded_when_they_come_on_day_20(world: Any) -> None:
    state(world, advance_days=14, advance_then="charge")
    sold, key, new = sent_ahead(world)
    clock = Clock.objects.get(parent_id=key, kind="advance")
    # Through 17 November where the shop is.
    assert clock.due_at == datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
    assert tick.act_due(clock.due_at - timedelta(seconds=1)) == 0
    assert tick.act_due(NOW + timedelta(days=15)) == 1
    assert tick.act_due(NOW + timedelta(days=15)) == 0
    verified()
    assert charged() == [(8480, "charge", "wechat")]
    arrive_on(world, key, 20)
    new.refresh_from_db()
    # The charge stays paid, and what the old goods gave back goes to the buyer.
    assert (new.captured_minor, went_back(sold.id)) == (8480, (0, 8480))
    assert (world.row(key).state, len(charged())) == ("settled", 1)


def test_a_worker_that_was_down_charges_once_when_it_is_back(world: Any) -> None:
    state(world, advance_days=14, advance_then="charge")
    _, key, _ = sent_ahead(world)
    assert tick.act_due(NOW + timedelta(days=40)) == 1
    assert tick.act_due(NOW + timedelta(days=41)) == 0
    assert len(charged()) == 1
    verified()
    assert Clock.objects.get(parent_id=key, kind="advance").outcome == "acted"


def test_on_hold_somebody_looks_at_it(world: Any) -> None:
    state(world, advance_days=14, advance_then="hold")
    _, key, _ = sent_ahead(world)
    assert tick.act_due(NOW + timedelta(days=15)) == 1
    assert (charged(), world.row(key).escalated_to) == ([], "finance")


def test_it_is_sent_once_and_not_given_up_after_that(world: Any) -> None:
    state(world)
    _, key, _ = sent_ahead(world)
    assert codes(give(send_ahead, world, Ahead(key))[0]) == ["sent_ahead"]
    assert codes(give(cancel, world, Cancellation(key))[0]) == ["sent_ahead"]
    assert Order.objects.filter(return_id=key).count() == 1
