"""Talks about keeping the goods for a part refund: who may offer what, what binds, and what it pays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.audit import queries as audit
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.models import OutboxMessage
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns.models import Clock, Offer, Return, ReturnLine
from guicang.returns.operations import talks
from guicang.returns.proofs.talks import proofs
from guicang.returns.steps.accept_offer import Acceptance, accept_offer
from guicang.returns.steps.appeal import Appeal, appeal
from guicang.returns.steps.ask import Question, ask
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.decline_offer import Declination, decline_offer
from guicang.returns.steps.expire import Expiry, expire
from guicang.returns.steps.lapse_offer import Lapse, lapse_offers
from guicang.returns.steps.offer import Offering, offer
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import request
from guicang.returns.steps.tick import act_due, warn_due
from guicang.sales.models import ShipmentLine
from guicang.staff.models import User
from guicang.staff.rules import permissions
from guicang.trade.facts import DiscountFacts, LineFacts
from tests.journeys.acts import SYSTEM, codes, do, dump, give, pay, verified
from tests.journeys.test_approvals import TWO, a_flow, agree, somebody, states
from tests.journeys.test_policies import state as policy
from tests.world import NOW, Sold, World

pytestmark = pytest.mark.django_db

Order = Callable[..., Sold]
AGENT = Actor(kind="staff", permissions=permissions("agent"))
APPROVER = Actor(kind="staff", permissions=permissions("approver"))


def buyer(sold: Sold) -> Actor:
    return Actor(kind="customer", id=sold.customer_id)


def made(key: UUID, amount: int, actor: Actor, world: World, reason: str = "", hours: int = 0) -> Outcome:
    now = world.now + timedelta(hours=hours)
    return offer(offers=[Offering(key, amount, reason)], actor=actor, now=now)[0]


def accepted(key: UUID, number: int, actor: Actor, world: World, reason: str = "", hours: int = 0) -> Outcome:
    now = world.now + timedelta(hours=hours)
    return accept_offer(acceptances=[Acceptance(key, number, reason)], actor=actor, now=now)[0]


def declined(key: UUID, number: int, actor: Actor, world: World) -> Outcome:
    return decline_offer(declinations=[Declination(key, number)], actor=actor, now=world.now)[0]


def told(key: UUID) -> list[tuple[str, int, str]]:
    return list(Offer.objects.filter(parent_id=key).order_by("number").values_list("side", "amount_minor", "state"))


def planned(world: World, key: UUID) -> int:
    at_stake = talks.outlook(world.row(key), list(ReturnLine.objects.filter(parent_id=key)), world.now).at_stake
    assert at_stake is not None
    return at_stake.planned_minor


@pytest.fixture
def room(world: World) -> World:
    """The policy leaves 30 % of the refund to staff, for two days."""
    policy(world, {"terms": {"days": 30, "room_bp": 3000, "offer_hours": 48}})
    return world


def test_an_offer_is_accepted_and_pays_exactly_its_amount(room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 3)
    assert made(key, 777, AGENT, room).ok
    assert room.row(key).state == "requested"
    assert accepted(key, 1, buyer(sold), room, hours=47).ok
    header, goods, money = room.row(key), room.line(key), room.line(key, 2)
    assert (header.state, header.decision, header.rma_code, header.expires_at) == ("authorised", "authorised", "", None)
    assert (goods.authorised, goods.expected, goods.claimed, sold.claimed) == (0, 0, 0, 0)
    assert (money.kind, money.resolution, money.money_kind) == ("money", "money_only", "goodwill")
    assert (money.recorded_minor, money.authorised, money.money) == (777, 1, "due")
    verified()
    pay(room, key)
    assert (room.row(key).state, room.row(key).refund_minor, sold.row.refunded_minor) == ("settled", 777, 777)
    assert told(key) == [("staff", 777, "accepted")]
    # The units stay sold: all of them can still come back, for what was paid less what went back.
    assert (sold.lines[0].settled, sold.row.return_label) == (0, "none")
    rest = room.request(sold, 5)
    assert planned(room, rest) == 5000 - 777
    verified()


def test_the_customer_asks_for_more_and_staff_agree(room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 5)
    assert made(key, 1000, AGENT, room).ok
    assert codes(made(key, 1000, buyer(sold), room)) == ["offer_too_low"]
    assert codes(made(key, 5001, buyer(sold), room)) == ["offer_too_high"]
    assert made(key, 1400, buyer(sold), room).data == {"offer": 2}
    assert codes(made(key, 1450, buyer(sold), room)) == ["offer_open"]
    assert codes(accepted(key, 2, buyer(sold), room)) == ["offer_is_own"]
    assert made(key, 1200, AGENT, room).ok
    assert made(key, 1300, buyer(sold), room).ok
    assert accepted(key, 4, AGENT, room).ok
    pay(room, key)
    assert told(key) == [
        ("staff", 1000, "countered"),
        ("customer", 1400, "countered"),
        ("staff", 1200, "countered"),
        ("customer", 1300, "accepted"),
    ]
    assert sold.row.refunded_minor == 1300
    verified()


def test_beyond_the_room_it_takes_the_permission_and_a_reason(room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 5)
    before = dump()
    assert codes(made(key, 1501, AGENT, room)) == ["beyond_room"]
    assert codes(made(key, 1501, APPROVER, room)) == ["reason_missing"]
    assert codes(made(key, 1501, APPROVER, room, "because he is nice")) == ["reason_not_a_code"]
    assert dump() == before
    assert made(key, 1500, AGENT, room).ok
    assert made(key, 2000, buyer(sold), room).ok
    assert codes(accepted(key, 2, AGENT, room)) == ["beyond_room"]
    assert codes(accepted(key, 2, APPROVER, room)) == ["reason_missing"]
    assert accepted(key, 2, APPROVER, room, "promised").ok
    last = audit.history(key)[-1]
    assert (last.action, last.reason, last.after["amount_minor"], last.after["offer"]) == (
        "accept_offer",
        "promised",
        2000,
        2,
    )
    verified()


def test_without_a_stated_room_every_offer_is_an_exception(world: World, order: Order) -> None:
    key = world.request(order(), 2)
    assert codes(made(key, 1, AGENT, world)) == ["beyond_room"]
    assert made(key, 2000, APPROVER, world, "goodwill").ok
    assert Offer.objects.get().expires_at == world.now + timedelta(hours=72)
    refused = made(world.request(order(), 2), 2001, APPROVER, world, "goodwill")
    assert codes(refused) == ["offer_too_high"]
    assert "20.00 CNY" in str(refused.refusals[0])


def test_each_line_adds_the_room_of_its_own_policy(world: World, order: Order) -> None:
    world.sku("B")
    policy(
        world,
        {"scope": {"skus": ["B"]}, "terms": {"room_bp": 5000, "offer_hours": 5}},
        {"terms": {"days": 30, "room_bp": 1000, "offer_hours": 50}},
    )
    sold = _two_lines(world)
    key = _request_all(world, sold)
    found = talks.outlook(Return.objects.get(id=key), list(ReturnLine.objects.filter(parent_id=key)), world.now)
    assert found.at_stake is not None
    planned = sorted(found.at_stake.planned.values())
    assert planned == [600, 1900]
    assert (found.at_stake.room_minor, found.at_stake.hours) == (1900 * 10 // 100 + 600 * 50 // 100, 5)


def test_an_offer_past_its_time_binds_nobody(room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 5)
    assert made(key, 500, AGENT, room).ok
    before = dump()
    assert codes(accepted(key, 1, buyer(sold), room, hours=48)) == ["offer_expired"]
    assert codes(made(key, 900, buyer(sold), room, hours=48)) == ["offer_expired"]
    assert dump() == before
    lines = list(ReturnLine.objects.filter(parent_id=key))
    late = talks.outlook(room.row(key), lines, room.now + timedelta(hours=48))
    assert ([one.state for one in late.offers], late.open) == (["expired"], None)
    assert made(key, 600, AGENT, room, hours=50).ok
    assert told(key) == [("staff", 500, "expired"), ("staff", 600, "open")]
    assert codes(accepted(key, 1, buyer(sold), room, hours=51)) == ["offer_changed"]
    assert accepted(key, 2, buyer(sold), room, hours=97).ok
    verified()


def test_nobody_accepts_twice_or_for_others(room: World, order: Order) -> None:
    sold, other = order(units=5), order(units=1, buyer="buyer-2")
    key = room.request(sold, 5)
    assert codes(accepted(key, 1, buyer(sold), room)) == ["offer_missing"]
    assert codes(made(key, 500, buyer(sold), room)) == ["offer_missing"]
    assert made(key, 500, AGENT, room).ok
    assert codes(accepted(key, 1, buyer(other), room)) == ["return_not_found"]
    assert codes(made(key, 600, buyer(other), room)) == ["return_not_found"]
    assert codes(declined(key, 1, buyer(other), room)) == ["return_not_found"]
    with pytest.raises(Refused):
        accepted(key, 1, Actor(kind="staff", permissions=permissions("warehouse")), room)
    twice = accept_offer(acceptances=[Acceptance(key, 1)] * 2, actor=buyer(sold), now=room.now)
    assert [codes(one) for one in twice] == [[], ["wrong_state"]]
    assert codes(accepted(key, 1, buyer(sold), room)) == ["wrong_state"]
    assert ReturnLine.objects.filter(parent_id=key, kind="money").count() == 1
    verified()


def test_a_set_answers_each_item_for_itself(room: World, order: Order) -> None:
    sold = order(units=5)
    key, other = room.request(sold, 2), room.request(sold, 2)
    items = [Offering(key, 300), Offering(key, 400), Offering(other, 99_999), Offering(other, 500)]
    found = offer(offers=items, actor=AGENT, now=room.now)
    assert [codes(one) for one in found] == [[], ["offer_open"], ["offer_too_high"], []]
    agreed = accept_offer(acceptances=[Acceptance(key, 1), Acceptance(other, 1)], actor=buyer(sold), now=room.now)
    assert [codes(one) for one in agreed] == [[], []]
    for each in (key, other):
        pay(room, each)
    assert sold.row.refunded_minor == 800
    verified()


def test_what_is_agreed_on_and_not_paid_yet_is_not_given_again(world: World, order: Order) -> None:
    """The claims are free at once, so the same units can be asked for again: only what is left of them is at stake."""
    sold = order(units=2)
    first, now = world.request(sold, 2), world.now
    do(offer, world, Offering(first, 1500, "goodwill"))
    assert accepted(first, 1, buyer(sold), world).ok
    second = world.request(sold, 2)
    assert codes(give(offer, world, Offering(second, 501, "goodwill"))[0]) == ["offer_too_high"]
    do(offer, world, Offering(second, 500, "goodwill"))
    assert accept_offer(acceptances=[Acceptance(second, 1)], actor=buyer(sold), now=now)[0].ok
    for key in (second, first):
        pay(world, key)
    assert sold.row.refunded_minor == 2000
    verified()


def test_declining_and_withdrawing_leave_the_request_as_it_was(room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 5)
    assert codes(declined(key, 1, AGENT, room)) == ["offer_missing"]
    assert made(key, 500, AGENT, room).ok
    assert declined(key, 1, buyer(sold), room).ok
    assert made(key, 600, AGENT, room).ok
    assert declined(key, 2, AGENT, room).ok
    assert made(key, 700, AGENT, room).ok
    assert made(key, 900, buyer(sold), room).ok
    assert declined(key, 4, buyer(sold), room).ok
    assert [state for _, _, state in told(key)] == ["declined", "withdrawn", "countered", "withdrawn"]
    assert (room.row(key).state, sold.claimed) == ("requested", 5)
    do(authorise, room, Authorisation(key))
    verified()


@pytest.mark.parametrize("name", ["reject", "cancel", "authorise", "expire"])
def test_another_decision_closes_the_talk(name: str, room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 5)
    do(ask, room, Question(key, "photo_missing"))
    assert made(key, 500, AGENT, room).ok
    assert room.row(key).state == "info_needed"
    room.now += timedelta(days=15 if name == "expire" else 1)
    step, item = {
        "reject": (reject, Rejection(key, "too_late")),
        "cancel": (cancel, Cancellation(key)),
        "authorise": (authorise, Authorisation(key)),
        "expire": (expire, Expiry(key)),
    }[name]
    do(step, room, item)
    assert told(key) == [("staff", 500, "expired" if name == "expire" else "withdrawn")]
    assert codes(accepted(key, 1, buyer(sold), room)) == ["wrong_state"]
    verified()


def test_after_an_appeal_one_talks_anew(room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 5)
    assert made(key, 500, AGENT, room).ok
    do(reject, room, Rejection(key, "too_late"))
    do(appeal, room, Appeal(key, "not_worn"))
    assert codes(accepted(key, 1, buyer(sold), room)) == ["offer_missing"]
    assert made(key, 700, AGENT, room).data == {"offer": 2}
    assert accepted(key, 2, buyer(sold), room).ok
    verified()


def test_an_agreed_return_can_be_cancelled_until_it_is_paid(room: World, order: Order) -> None:
    sold = order(units=5)
    key, other = room.request(sold, 2), room.request(sold, 2)
    for each in (key, other):
        assert made(each, 500, AGENT, room).ok
        assert accepted(each, 1, buyer(sold), room).ok
    do(cancel, room, Cancellation(key))
    pay(room, other)
    assert codes(give(cancel, room, Cancellation(other))[0]) == ["wrong_state"]
    assert sold.row.refunded_minor == 500
    verified()


@pytest.mark.parametrize("resolution", ["unshipped", "money_only"])
def test_only_goods_that_the_buyer_has_can_be_kept(resolution: str, world: World, order: Order) -> None:
    sold = order(units=5, shipped=2)
    units = 0 if resolution == "money_only" else 1
    key = world.request(sold, units, resolution=resolution, recorded_minor=100 if not units else None)
    before = dump()
    assert codes(give(offer, world, Offering(key, 100, "goodwill"))[0]) == ["nothing_to_keep"]
    assert dump() == before


@pytest.mark.parametrize("resolution", ["refund_only", "exchange"])
def test_an_exchange_or_a_refund_without_return_may_end_in_a_part_refund(
    resolution: str, world: World, order: Order
) -> None:
    sold = order(units=2)
    key = world.request(sold, 2, resolution=resolution)
    do(offer, world, Offering(key, 1234, "goodwill"))
    assert accepted(key, 1, buyer(sold), world).ok
    pay(world, key)
    assert (sold.row.refunded_minor, sold.claimed, world.row(key).state) == (1234, 0, "settled")
    verified()


def test_a_serial_that_is_kept_is_free_again(world: World, order: Order) -> None:
    sold = order(units=1, serials=["S1"])
    key = world.request(sold, 1)
    do(offer, world, Offering(key, 100, "goodwill"))
    assert accepted(key, 1, buyer(sold), world).ok
    world.request(sold, 1)
    verified()


def test_the_amount_is_split_over_the_lines_by_what_they_would_pay(world: World) -> None:
    sold = _two_lines(world)
    key = _request_all(world, sold)
    do(offer, world, Offering(key, 1001, "goodwill"))
    assert accepted(key, 1, buyer(sold), world).ok
    amounts = {row.order_line_id: row.recorded_minor for row in ReturnLine.objects.filter(parent_id=key, kind="money")}
    assert amounts == {sold.lines[0].id: 761, sold.lines[1].id: 240}  # 1900 : 600
    pay(world, key)
    assert sold.row.refunded_minor == 1001
    verified()


def test_the_customer_is_told_what_staff_say_and_no_words_go_into_the_trail(room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 5)
    OutboxMessage.objects.all().delete()
    assert made(key, 500, AGENT, room).ok
    assert made(key, 900, buyer(sold), room).ok
    assert declined(key, 2, AGENT, room).ok
    assert made(key, 600, AGENT, room).ok
    assert declined(key, 3, AGENT, room).ok
    assert made(key, 700, AGENT, room).ok
    assert accepted(key, 4, buyer(sold), room).ok
    sent = [row.body for row in OutboxMessage.objects.filter(topic="notice.send").order_by("created_at", "id")]
    assert [body["notice"] for body in sent] == [
        "offer_made",
        "offer_declined",
        "offer_made",
        "offer_withdrawn",
        "offer_made",
        "offer_accepted",
    ]
    assert (sent[0]["data"]["amount"], sent[1]["data"]["amount"]) == ("5.00", "9.00")
    assert sent[0]["data"]["until"] == "2026-11-05 16:00"
    trail = [(one.action, one.after["amount_minor"], one.after["side"]) for one in audit.history(key)[1:]]
    assert trail[:2] == [("offer", 500, "staff"), ("offer", 900, "customer")]


def test_a_disputed_payment_cannot_be_promised(room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 5)
    assert made(key, 500, AGENT, room).ok
    tender = sold.row.tenders.get()
    type(tender).objects.filter(id=tender.id).update(disputed_minor=tender.captured_minor)
    assert codes(accepted(key, 1, buyer(sold), room)) == ["dispute_open"]
    assert room.row(key).state == "requested"


@pytest.mark.parametrize("n", [1, 300])
def test_statements_do_not_grow_with_the_set(n: int, world: World) -> None:
    world.sku("BULK", n)
    sold = world.sell(*[world.facts(1, sku="BULK") for _ in range(n)])
    wanted = [replace(world.asked(one, 1)) for one in sold]
    keys = [one.id for one in request(requests=wanted, actor=SYSTEM, now=world.now) if one.id]
    customer = buyer(sold[0])
    acts: list[tuple[int, Any]] = [
        (24, lambda: offer(offers=[Offering(k, 100, "goodwill") for k in keys], actor=SYSTEM, now=world.now)),
        (24, lambda: offer(offers=[Offering(k, 200) for k in keys], actor=customer, now=world.now)),
        (24, lambda: decline_offer(declinations=[Declination(k, 2) for k in keys], actor=SYSTEM, now=world.now)),
        (24, lambda: offer(offers=[Offering(k, 300, "goodwill") for k in keys], actor=SYSTEM, now=world.now)),
        (36, lambda: accept_offer(acceptances=[Acceptance(k, 3) for k in keys], actor=customer, now=world.now)),
    ]
    for most, act in acts:
        with CaptureQueriesContext(connection) as captured:
            assert all(one.ok for one in act())
        assert len(captured) <= most, [query["sql"][:80] for query in captured.captured_queries]
    assert not ShipmentLine.objects.exclude(claimed=0).exists()
    verified()


def _two_lines(world: World) -> Sold:
    """19.00 and 6.00 after the discounts."""
    if "B" not in world.skus:
        world.sku("B")
    lines = [
        LineFacts("1", "GOODS", 2, Decimal(10), 2000, discounts=[DiscountFacts("shop", 100)]),
        LineFacts("2", "B", 1, Decimal(8), 800, discounts=[DiscountFacts("platform", 200)]),
    ]
    facts = world.facts(3, lines=lines, paid=False)
    shipment = replace(facts.shipments[0], lines=[replace(facts.shipments[0].lines[0], quantity=2)])
    other = replace(shipment.lines[0], line_key="2", quantity=1)
    paid = world.facts(1, price_minor=2500).payments
    return world.sell(replace(facts, shipments=[replace(shipment, lines=[*shipment.lines, other])], payments=paid))[0]


def _request_all(world: World, sold: Sold) -> UUID:
    asked = world.asked(sold, 2)
    lines = [*asked.lines, replace(asked.lines[0], order_line_id=sold.lines[1].id, quantity=1)]
    (outcome,) = request(requests=[replace(asked, lines=lines)], actor=SYSTEM, now=world.now)
    assert outcome.id is not None, outcome.refusals
    return outcome.id


def test_where_others_have_to_agree_only_the_last_word_can_offer(room: World, order: Order) -> None:
    """An offer that is accepted ends the approval, so whoever makes it has to be the one whose word would end it."""
    a_flow(room, TWO, amount_minor=1)
    agent, approver, sold = somebody("agent"), somebody("approver"), order(units=5)
    key, other = room.request(sold, 2), room.request(sold, 2)
    assert codes(made(key, 500, approver, room)) == ["not_your_stage"]
    assert codes(made(key, 500, agent, room)) == ["others_decide"]
    for each in (key, other):
        assert agree(each, agent).ok
    assert codes(made(key, 500, agent, room)) == ["not_your_stage"]
    assert made(key, 500, approver, room).ok
    assert accepted(key, 1, buyer(sold), room).ok
    assert (states(key), room.row(key).stage, room.row(key).state) == (["approved", "skipped"], 0, "authorised")
    assert made(other, 300, approver, room).ok
    assert made(other, 450, buyer(sold), room).ok
    assert codes(accepted(other, 2, agent, room)) == ["not_your_stage"]
    assert accepted(other, 2, approver, room).ok
    verified()


def clocks(key: UUID) -> list[tuple[int, str, str]]:
    """Hours after now at which each clock of an offer is or was due, whose time it is, and what became of it."""
    rows = Clock.objects.filter(parent_id=key, kind="offer").order_by("due_at", "id")
    return [(int((row.due_at - NOW).total_seconds() // 3600), row.side, row.outcome) for row in rows]


def test_an_offer_that_nobody_answers_is_over_by_its_clock_once(room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 5)
    assert made(key, 500, AGENT, room).ok
    assert clocks(key) == [(48, "customer", "")]
    assert room.row(key).due_at == room.now + timedelta(hours=48)
    assert act_due(room.now + timedelta(hours=48, seconds=-1)) == 0
    # Down for two days, the worker stamps when it was due and when it really acted.
    late = room.now + timedelta(hours=96)
    assert (act_due(late), act_due(late)) == (1, 0)
    one = Offer.objects.get()
    assert (one.state, one.decided_at) == ("expired", late)
    assert clocks(key) == [(48, "customer", "acted")]
    trail = next(item.after for item in audit.history(key) if item.action == "lapse_offer")
    assert (trail["offer"], trail["became"]) == (1, "expired")
    due = room.now + timedelta(hours=48)
    assert (trail["clock_due_at"], trail["clock_acted_at"]) == (audit.as_stored(due), audit.as_stored(late))
    assert (room.row(key).state, room.row(key).due_at) == ("requested", None)
    assert codes(lapse_offers(lapses=[Lapse(key, Clock.objects.get().id)], actor=SYSTEM, now=late)[0]) == [
        "clock_stopped"
    ]
    with pytest.raises(Refused):
        lapse_offers(lapses=[], actor=AGENT, now=late)
    verified()


def test_the_clock_of_an_offer_follows_the_talk(room: World, order: Order) -> None:
    sold = order(units=5)
    key = room.request(sold, 5)
    assert made(key, 300, AGENT, room).ok
    assert made(key, 600, buyer(sold), room, hours=2).ok
    assert clocks(key) == [(48, "customer", "replaced"), (50, "merchant", "")]
    verified()
    assert accepted(key, 2, AGENT, room, hours=3).ok
    assert clocks(key) == [(48, "customer", "replaced"), (50, "merchant", "met")]
    other = room.request(order(units=5), 5)
    assert made(other, 300, AGENT, room).ok
    assert declined(other, 1, AGENT, room).ok
    assert clocks(other) == [(48, "customer", "met")]
    verified()


def test_a_customer_is_told_before_an_offer_is_over(room: World, order: Order) -> None:
    key = room.request(order(units=5), 5)
    assert made(key, 500, AGENT, room).ok
    assert (warn_due(room.now + timedelta(hours=24)), warn_due(room.now + timedelta(hours=25))) == (1, 0)
    (message,) = [one for one in OutboxMessage.objects.filter(aggregate_id=key) if one.body["notice"] == "offer_due"]
    assert message.body["owner_kind"] == "customer"


def notices(key: UUID) -> list[tuple[str, str]]:
    """Notices to staff about a return, with whom they go to."""
    found = []
    for one in OutboxMessage.objects.filter(aggregate_id=key, topic="notice.send").order_by("created_at", "id"):
        if one.body["owner_kind"] == "user":
            found.append((one.body["notice"], User.objects.get(id=one.body["owner_id"]).username))
    return found


def test_whoever_made_an_offer_is_told_what_the_customer_says_to_it(room: World, order: Order) -> None:
    rosa, fay = somebody("agent", "rosa"), somebody("approver", "fay")
    User.objects.filter(username__in=("rosa", "fay")).update(email="x@example.com")
    sold = order(units=5)
    key = room.request(sold, 5)
    assert made(key, 300, rosa, room).ok
    assert notices(key) == []
    assert made(key, 600, buyer(sold), room, hours=1).ok
    assert notices(key) == [("staff_counter_offer", "rosa")]
    assert made(key, 400, fay, room, hours=2).ok
    assert accepted(key, 3, buyer(sold), room, hours=3).ok
    assert notices(key) == [("staff_counter_offer", "rosa"), ("staff_offer_accepted", "fay")]


def test_where_no_message_reaches_him_those_who_decide_are_told(room: World, order: Order) -> None:
    rosa = somebody("agent", "rosa")
    somebody("approver", "fay"), somebody("warehouse", "wes"), somebody("agent", "far", shop_id=new_id())
    User.objects.exclude(username="rosa").update(email="x@example.com")
    sold = order(units=5)
    key = room.request(sold, 5)
    assert made(key, 300, rosa, room).ok
    assert accepted(key, 1, buyer(sold), room, hours=3).ok
    assert notices(key) == [("staff_offer_accepted", "fay")]


def test_an_open_offer_without_its_clock_is_found(room: World, order: Order) -> None:
    key = room.request(order(units=5), 5)
    assert made(key, 500, AGENT, room).ok
    Clock.objects.filter(kind="offer").update(outcome="met")
    (proof,) = proofs()
    assert [(one["fault"], one["return_id"]) for one in proof.differences] == [("clock", str(key))]
