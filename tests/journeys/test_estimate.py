"""What a customer is shown before asking is what is paid in the end: the estimate and the settlement are one path."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guicang.kernel.actor import Actor
from guicang.returns.models import Return, ReturnLine, Settlement
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, preview, request_once
from guicang.trade.facts import DiscountFacts, LineFacts, PaymentFacts
from tests.journeys.acts import codes, do, dump, pay, verified
from tests.world import Sold, World

Order = Callable[..., Sold]


def finished(world: World, key: UUID) -> Return:
    """Granted, sent back where goods come, accepted, paid."""
    do(authorise, world, Authorisation(key))
    for line in ReturnLine.objects.filter(parent_id=key, expected__gt=0):
        do(receive, world, Receiving(key, [Arrived(line.id, line.expected)]))
        do(inspect, world, Inspecting(key, [Part(line.id, line.expected)]))
    pay(world, key)
    return Return.objects.get(id=key)


def agree(world: World, item: Request, actor: Actor) -> None:
    before = dump()
    said = preview(item, actor=actor, now=world.now)
    assert not said.refusals
    assert dump() == before, "an estimate wrote"
    outcome = request_once(item, key="form", actor=actor, now=world.now)
    assert outcome.id is not None
    found = finished(world, outcome.id)
    assert sum(each.plan.cash_minor for each in said.plans) == found.refund_minor
    paid = {row.order_id: row for row in Settlement.objects.filter(parent_id=found.id)}
    for each in said.plans:
        told = [{**part, "line": ""} for part in each.plan.explanation]
        assert told == [{**part, "line": ""} for part in paid[each.order_id].explanation]
        assert each.plan.cash_minor == paid[each.order_id].cash_minor


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@given(
    units=st.integers(1, 7),
    price=st.integers(1, 9_999),
    off=st.integers(0, 60),
    funded=st.integers(0, 30),
    before=st.integers(0, 3),
    share=st.integers(1, 99),
    how=st.sampled_from(["refund", "refund_only"]),
)
def test_what_is_shown_is_what_is_paid(
    world: World, units: int, price: int, off: int, funded: int, before: int, share: int, how: str
) -> None:
    gross = units * price
    discounts = [DiscountFacts("shop", gross * off // 100), DiscountFacts("platform", gross * funded // 100)]
    paid = gross - sum(each.amount_minor for each in discounts)
    first = paid * share // 100
    at = world.now
    tenders = [PaymentFacts("a", "points", first, at, promotional=True), PaymentFacts("b", "wechat", paid - first, at)]
    line = LineFacts("1", "GOODS", units, Decimal(price) / 100, gross, discounts=discounts, tax_rate=Decimal("0.13"))
    facts = world.facts(units, lines=[line], payments=[each for each in tenders if each.amount_minor])
    (sold,) = world.sell(facts)
    customer = Actor(kind="customer", id=sold.customer_id)
    if 0 < before < units:
        finished(world, world.request(sold, before))
    left = units - (before if 0 < before < units else 0)
    item = world.asked(sold, max(1, left - 1), resolution=how)
    said = preview(item, actor=customer, now=world.now)
    outcome = request_once(item, key=sold.id.hex, actor=customer, now=world.now)
    assert outcome.id is not None, outcome.refusals
    assert sum(each.plan.cash_minor for each in said.plans) == finished(world, outcome.id).refund_minor


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["refund", "refund_only", "unshipped"])
def test_component_by_component(how: str, world: World, order: Order) -> None:
    sold = order(units=5, shipped=2, price_minor=999)
    item = world.asked(sold, 2, resolution=how)
    agree(world, item, Actor(kind="customer", id=sold.customer_id))
    verified()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "units", "code"),
    [
        ({}, 9, "over_return"),
        ({"resolution": "unshipped"}, 1, "already_shipped"),
        ({"reason": ""}, 1, "reason_missing"),
        ({}, 0, "bad_quantity"),
    ],
)
def test_what_the_step_refuses_the_estimate_refuses(
    more: dict[str, Any], units: int, code: str, world: World, order: Order
) -> None:
    sold = order(units=3)
    item, actor = world.asked(sold, units, **more), Actor(kind="customer", id=sold.customer_id)
    before = dump()
    said = preview(item, actor=actor, now=world.now)
    outcome = request_once(item, key="k", actor=actor, now=world.now)
    assert [refusal.code for refusal in said.refusals] == codes(outcome) == [code]
    assert not said.plans
    assert dump() == before


@pytest.mark.django_db
def test_a_key_is_its_askers_own_and_holds_for_the_whole_request(world: World, order: Order) -> None:
    mine, other = order(buyer="one"), order(buyer="two")
    one, two = (Actor(kind="customer", id=sold.customer_id) for sold in (mine, other))
    first = request_once(world.asked(mine, 1), key="same", actor=one, now=world.now)
    assert request_once(world.asked(other, 1), key="same", actor=two, now=world.now).id != first.id
    assert request_once(world.asked(mine, 1), key="same", actor=one, now=world.now).id == first.id
    changed = world.asked(mine, 1)
    changed = Request(changed.shop_id, changed.customer_id, changed.lines, words="and it is broken")
    again = request_once(changed, key="same", actor=one, now=world.now)
    assert codes(again) == ["idempotency_key_reused"]
    assert Return.objects.count() == 2
