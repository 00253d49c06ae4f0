"""RULES E1, E3, E8: withdrawals from the contract, from the declaration to the clock of the refund."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from guicang.kernel import commands, worker
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.models import OutboxMessage
from guicang.parties.queries import personal
from guicang.policy import operations as policy
from guicang.policy.queries.files import presets
from guicang.returns.models import Clock, Return
from guicang.returns.operations.asking import Request, Wanted
from guicang.returns.operations.judging import OVERRIDE
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import Declaration, request
from guicang.returns.steps.ship import Sending, ship
from guicang.sales.models import Order as OrderRow
from guicang.trade.facts import CustomerFacts, ShipmentFacts, ShippedFacts
from tests.journeys.acts import codes, do, give, verified
from tests.world import SYSTEM, Sold, World

pytestmark = pytest.mark.django_db

Order = Callable[..., Sold]
#: 18:00 in Shanghai: the last day is 2026-11-16 there.
CAME = datetime(2026, 11, 2, 10, tzinfo=UTC)
END = datetime(2026, 11, 16, 16, tzinfo=UTC)
DECLARED = Declaration("Ann Example", "ann@example.org", "en")


@pytest.fixture(autouse=True)
def _policy(world: World) -> None:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        statement = presets()["eu_withdrawal"].statement.as_data()
        since = world.now - timedelta(days=4000)
        policy.state_version(context, world.company_id, name="EU", effective_from=since, statement=statement)


def parcel(world: World, number: str, units: int, delivered_at: datetime | None) -> ShipmentFacts:
    left = CAME - timedelta(days=2)
    return ShipmentFacts(number, world.warehouse_id, left, [ShippedFacts("1", units)], delivered_at=delivered_at)


def bought(world: World, order: Order, *, units: int = 2, **more: Any) -> Sold:
    facts = {"ordered_at": CAME - timedelta(days=3), "shipments": [parcel(world, "1", units, CAME)]}
    return order(**{"units": units, **facts, **more})


def withdrawn(sold: Sold, units: int = 2, *, at: datetime = END - timedelta(seconds=1), **more: Any) -> Request:
    wanted = Wanted(sold.lines[0].id, units, **more)
    return Request(sold.shop_id, sold.customer_id, [wanted], withdrawal=DECLARED, occurred_at=at)


def test_e8_it_owes_no_reason_and_is_acknowledged_with_its_content_and_its_instant(world: World, order: Order) -> None:
    sold = bought(world, order, customer=CustomerFacts("ann", personal={"email": "other@example.org"}))
    done = do(request, world, withdrawn(sold))
    assert done.id is not None
    found, line = Return.objects.get(id=done.id), world.line(done.id)
    assert (found.withdrawal, found.requested_at, line.reason) == (True, END - timedelta(seconds=1), "withdrawal")
    assert "withdraws" in {one["code"] for one in found.verdict["reasons"]}
    queued = OutboxMessage.objects.get(topic="notice.send").body
    assert "Ann" not in str(queued)
    assert "ann@" not in str(queued)
    worker.Worker().drain()
    (sent,) = mail.outbox
    assert sent.to == ["ann@example.org"]
    for part in ("2026-11-16 23:59:59 (UTC+08:00)", sold.row.number, "GOODS × 2", "Ann Example", found.number):
        assert part in sent.body
    kept = {entry.kind: entry.value for entry in personal([("return", found.id)])["return", found.id]}
    assert kept == {"name": "Ann Example", "contact": "ann@example.org"}
    verified()


def test_others_still_owe_a_reason_and_are_no_withdrawals(world: World, order: Order) -> None:
    sold = bought(world, order)
    item = replace(withdrawn(sold), withdrawal=None)
    assert codes(give(request, world, item)[0]) == ["reason_missing"]
    do(request, world, replace(item, lines=[Wanted(sold.lines[0].id, 2, "too_small")]))
    assert not Return.objects.get().withdrawal
    assert [one.body["notice"] for one in OutboxMessage.objects.filter(topic="notice.send")] == ["return_requested"]


@pytest.mark.parametrize(
    ("informed", "end"), [(True, END), (False, datetime(2027, 11, 16, 16, tzinfo=UTC))], ids=["told", "not told"]
)
def test_e1_judged_at_the_instant_of_the_declaration(informed: bool, end: datetime, world: World, order: Order) -> None:
    """However late somebody reads it: the last second counts, and the next one does not."""
    late = replace(world, now=end + timedelta(days=20))
    sold = bought(world, order, withdrawal_informed=informed)
    assert OrderRow.objects.get(id=sold.id).withdrawal_informed is informed
    assert codes(give(request, late, withdrawn(sold, at=end))[0]) == ["not_eligible"]
    done = do(request, late, withdrawn(sold, at=end - timedelta(seconds=1)))
    assert done.id is not None
    verdict = world.row(done.id).verdict
    assert verdict["deadline"] == end.isoformat()
    said = {one["code"] for one in verdict["reasons"]}
    assert ("withdrawal_not_told" in said) is not informed
    assert ("diminished_value" in verdict["terms"]) is not informed


def test_e1_the_time_begins_with_the_last_delivery_of_the_order(world: World, order: Order) -> None:
    on_the_way = bought(world, order, shipments=[parcel(world, "1", 1, CAME), parcel(world, "2", 1, None)])
    partly = bought(world, order, shipments=[parcel(world, "1", 1, CAME)])
    later = CAME + timedelta(days=6)
    all_there = bought(world, order, shipments=[parcel(world, "1", 1, CAME), parcel(world, "2", 1, later)])
    at = END + timedelta(days=6)
    for sold in (on_the_way, partly):
        done = do(request, world, withdrawn(sold, 1, at=at))
        assert done.id is not None
        assert world.row(done.id).verdict["deadline"] is None
    do(request, world, withdrawn(all_there, 1, at=at - timedelta(seconds=1)))
    assert codes(give(request, world, withdrawn(all_there, 1, at=at))[0]) == ["not_eligible"]


def test_e3_the_refund_is_due_once_posting_is_proved(world: World, order: Order) -> None:
    done = do(request, world, withdrawn(bought(world, order), at=CAME + timedelta(days=1)))
    assert done.id is not None
    do(authorise, world, Authorisation(done.id))
    assert not Clock.objects.filter(kind="refund").exists()
    sent = CAME + timedelta(days=3)
    do(ship, world, Sending(done.id, "DHL", "123", sent_at=sent))
    # Told on 11-03: the last day is 11-17.
    assert Clock.objects.get(kind="refund").due_at == datetime(2026, 11, 17, 16, tzinfo=UTC)


def test_what_has_not_left_is_cancelled_and_owed_since_it_was_told(world: World, order: Order) -> None:
    sold = bought(world, order, shipments=[])
    done = do(request, world, withdrawn(sold, resolution="unshipped", at=CAME + timedelta(days=1)))
    assert done.id is not None
    do(authorise, world, Authorisation(done.id))
    assert sold.lines[0].cancelled == 2
    assert {"withdraws", "not_begun"} == {one["code"] for one in world.row(done.id).verdict["reasons"]}
    assert Clock.objects.get(kind="refund").due_at == datetime(2026, 11, 17, 16, tzinfo=UTC)
    verified()


def test_nobody_withdraws_for_somebody_else(world: World, order: Order) -> None:
    sold, other = bought(world, order), bought(world, order, customer=CustomerFacts("other"))
    actor = Actor(kind="customer", id=other.customer_id)
    assert "return_not_found" in codes(request(requests=[withdrawn(sold)], actor=actor, now=world.now)[0])


def test_goods_without_the_right_are_refused_before_they_leave_too(world: World, order: Order) -> None:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        statement = {"policies": [{"code": "w", "zh": "不可撤回", "terms": {"days": 30}}]}
        since = CAME - timedelta(days=4)
        policy.state_version(context, world.company_id, name="none", effective_from=since, statement=statement)
    sold = bought(world, order, shipments=[])
    found = give(request, world, withdrawn(sold, resolution="unshipped", at=CAME))[0]
    assert codes(found) == ["not_eligible"]
    assert "no_right_of_withdrawal" in str(found.refusals[0].data)


def test_staff_do_not_turn_down_what_the_buyer_has_a_right_to(world: World, order: Order) -> None:
    """Also a person who may reject requests cannot; who may make exceptions can, with a reason."""
    key = do(request, world, withdrawn(bought(world, order))).id
    assert key is not None
    Return.objects.filter(id=key).update(decision="pending", state="requested")
    agent = Actor("staff", new_id(), frozenset({"returns.reject"}))
    assert codes(give(reject, world, Rejection(key, "other"), actor=agent)[0]) == ["withdrawal_stands"]
    do(
        reject,
        world,
        Rejection(key, "other"),
        actor=replace(agent, permissions=frozenset({"returns.reject", OVERRIDE})),
    )
