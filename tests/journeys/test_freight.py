"""Who pays the way back and what it costs: told beforehand, kept back once, turned by what inspection finds."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.catalog.models import Sku
from guicang.kernel.commands import begin
from guicang.kernel.models import OutboxMessage
from guicang.logistics.operations import state_freight
from guicang.logistics.rules import Rate
from guicang.notifications.operations import TOPIC
from guicang.returns.models import Return, Settlement
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.request import Request, Wanted, request
from guicang.sales.models import Order
from tests.journeys.acts import SYSTEM, arrive, codes, do, give, pay, undo, verified
from tests.journeys.test_policies import state
from tests.world import Sold, World

pytestmark = pytest.mark.django_db

BY_TABLE = {"kind": "table", "what": "freight", "per": "return", "taxed": False}


def table(world: World, *rates: Rate, currency: str = "CNY") -> None:
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        state_freight(context, world.company_id, currency, rates)


def rate(first: int = 1200, **more: Any) -> Rate:
    return Rate(first, **{"valid_from": date(2020, 1, 1), **more})


@pytest.fixture
def sold(world: World) -> Sold:
    """Four at 30.00 of 700 g; 12.00 for the first kilogram, 4.00 for each further one."""
    state(world, {"terms": {"days": 300, "fees": [BY_TABLE]}})
    table(world, rate(first_g=1000, next_g=1000, next_minor=400))
    Sku.objects.filter(code="GOODS").update(weight_g=700)
    return world.sell(world.facts(4, price_minor=3_000))[0]


def asked(world: World, sold: Sold, units: int = 1, reason: str = "changed_mind") -> UUID:
    wanted = Wanted(sold.lines[0].id, units, reason)
    key = do(request, world, Request(sold.shop_id, sold.customer_id, [wanted])).id
    assert key is not None
    return key


def found(world: World, key: UUID, fault: str, units: int = 1) -> None:
    part = Part(world.line(key).id, units, found_fault=fault)
    do(inspect, world, Inspecting(key, [part]))


def granted(world: World, key: UUID, units: int = 1) -> UUID:
    do(authorise, world, Authorisation(key))
    arrive(world, key, units)
    return key


def notices() -> list[str]:
    rows = OutboxMessage.objects.filter(topic=TOPIC).order_by("id")
    return [row.body["notice"] for row in rows if row.body["notice"].startswith("freight_")]


def freight_of(key: UUID) -> tuple[Any, Any]:
    said = Return.objects.get(id=key).verdict
    return said["terms"]["freight"], said.get("freight", {}).get("amount_minor")


def test_by_weight_kept_back_once_and_explained(world: World, sold: Sold) -> None:
    key = granted(world, asked(world, sold, 2), 2)
    assert freight_of(key) == ("buyer", 1_600)
    found(world, key, "", 2)
    pay(world, key)
    row = Return.objects.get(id=key)
    assert (row.refund_minor, Settlement.objects.get().fee_minor) == (6_000 - 1_600, 1_600)
    assert notices() == []
    told = [one["label"] for one in Settlement.objects.get().explanation]
    assert any(label.startswith("fee_") for label in told)
    verified()


def test_in_two_parcels_it_is_kept_back_once(world: World, sold: Sold) -> None:
    key = granted(world, asked(world, sold, 2))
    found(world, key, "")
    pay(world, key)
    arrive(world, key, 1)
    found(world, key, "")
    pay(world, key)
    assert Return.objects.get(id=key).refund_minor == 6_000 - 1_600
    verified()


def test_a_fault_that_is_not_ours_turns_the_payer_and_the_fee(world: World, sold: Sold) -> None:
    key = granted(world, asked(world, sold, reason="quality"))
    assert freight_of(key) == ("seller", 1_200)
    found(world, key, "buyer")
    assert freight_of(key) == ("buyer", 1_200)
    assert notices() == ["freight_buyer"]
    pay(world, key)
    assert Return.objects.get(id=key).refund_minor == 3_000 - 1_200
    verified()


def test_a_fault_of_ours_lifts_it_and_gives_back_what_was_kept(world: World, sold: Sold) -> None:
    key = granted(world, asked(world, sold, 2))
    found(world, key, "")
    pay(world, key)
    assert Return.objects.get(id=key).refund_minor == 3_000 - 1_600
    arrive(world, key, 1)
    found(world, key, "seller")
    assert freight_of(key)[0] == "seller"
    assert notices() == ["freight_seller"]
    pay(world, key)
    assert Return.objects.get(id=key).refund_minor == 6_000
    verified()


def test_found_as_said_nobody_is_told(world: World, sold: Sold) -> None:
    for reason, fault in (("quality", "carrier"), ("changed_mind", "none")):
        key = granted(world, asked(world, sold, reason=reason))
        before = freight_of(key)
        found(world, key, fault)
        assert freight_of(key) == before
    assert notices() == []


def test_found_twice_the_last_one_counts(world: World, sold: Sold) -> None:
    key = granted(world, asked(world, sold, 2, "quality"), 2)
    before = Return.objects.get(id=key).verdict
    found(world, key, "buyer")
    found(world, key, "seller")
    assert notices() == ["freight_buyer", "freight_seller"]
    after = Return.objects.get(id=key).verdict
    assert after["terms"]["freight"] == before["terms"]["freight"] == "seller"
    pay(world, key)
    assert Return.objects.get(id=key).refund_minor == 6_000


def test_undone_it_goes_back_with_its_goods(world: World, sold: Sold) -> None:
    key = granted(world, asked(world, sold))
    found(world, key, "")
    settled = pay(world, key)
    undo(world, settled)
    assert Order.objects.get(id=sold.id).refunded_minor == 0
    verified()
    pay(world, key)
    assert Return.objects.get(id=key).refund_minor == 3_000 - 1_200
    verified()


def test_without_a_rate_nothing_is_told_and_nothing_kept_back(world: World, sold: Sold) -> None:
    table(world, rate(zone="", carrier="SF", valid_from=date(2099, 1, 1)))
    key = granted(world, asked(world, sold))
    assert freight_of(key) == ("buyer", None)
    found(world, key, "")
    pay(world, key)
    assert Return.objects.get(id=key).refund_minor == 3_000


def test_what_was_told_stays_whatever_the_table_says_later(world: World, sold: Sold) -> None:
    key = granted(world, asked(world, sold))
    table(world, rate(9_900))
    found(world, key, "")
    pay(world, key)
    assert Return.objects.get(id=key).refund_minor == 3_000 - 1_200


def test_a_fault_that_is_none_is_refused(world: World, sold: Sold) -> None:
    key = granted(world, asked(world, sold))
    outcome = give(inspect, world, Inspecting(key, [Part(world.line(key).id, 1, found_fault="weather")]))[0]
    assert codes(outcome) == ["bad_choice"]
