"""Any chain of exchanges and partial returns: what was paid and collected less what went back is what is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guicang.catalog.models import Sku
from guicang.payments.models import Refund
from guicang.returns.models import Collection, Return
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales.models import Order, OrderLine
from guicang.trade.facts import LineFacts, PaymentFacts
from tests.journeys.acts import do, verified
from tests.journeys.test_exchange import sent
from tests.world import Sold, another_world

#: What is done with some of the units there are: (units, what: refund, the same, or a price).
ACTS = st.lists(
    st.tuples(st.integers(1, 3), st.one_of(st.just("refund"), st.just("same"), st.integers(1, 20000))),
    min_size=1,
    max_size=4,
)


def come_back(world: Any, sold: Sold, units: int, **more: Any) -> UUID:
    line = OrderLine.objects.filter(order_id=sold.id).order_by("position")[0]
    wanted = Wanted(line.id, units, "too_small", **more)
    key = do(request, world, Request(sold.shop_id, sold.customer_id, [wanted])).id
    assert key is not None
    do(authorise, world, Authorisation(key))
    row = world.line(key)
    do(receive, world, Receiving(key, [Arrived(row.id, units)]))
    do(inspect, world, Inspecting(key, [Part(row.id, units)]))
    return key


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(paid=st.integers(3, 50000), card=st.integers(0, 3), acts=ACTS)
def test_what_is_kept_is_paid_for(paid: int, card: int, acts: list[tuple[int, Any]]) -> None:
    world = another_world()
    facts = world.facts(3)
    facts.lines = [LineFacts("1", "GOODS", 3, Decimal(paid) / 300, paid, tax_rate=Decimal("0.06"))]
    at, gift = facts.payments[0].paid_at, paid * card // 4
    facts.payments = [PaymentFacts("p", "wechat", paid - gift, at, "w")]
    facts.payments += [PaymentFacts("g", "gift_card", gift, at, "g")] if gift else []
    (sold,) = world.sell(facts)
    for place, (wanted, what) in enumerate(acts):
        units = min(wanted, OrderLine.objects.filter(order_id=sold.id).order_by("position")[0].ordered)
        if what == "refund":
            do(settle, world, Settlement(come_back(world, sold, units)))
            break
        instead: tuple[Instead, ...] = ()
        if what != "same":
            sku = world.sku(f"S{place}", 9)
            Sku.objects.filter(id=sku).update(list_price_minor=what, tax_rate=Decimal("0.06"))
            instead = (Instead(sku, units),)
        key = come_back(world, sold, units, resolution="exchange", instead=instead)
        do(exchange, world, Exchanging(key))
        new = Order.objects.get(return_id=key)
        if new.total_minor > new.captured_minor:
            do(collect, world, Collecting(key, "card"))
        verified()
        sold = sent(world, new)
    verified()
    orders = Order.objects.filter(shop_id=world.shop_id)
    kept = sum(row.total_minor - row.credited_minor for row in orders)
    back = sum(
        Refund.objects.filter(order_id__in=[row.id for row in orders], method="").values_list("amount_minor", flat=True)
    )
    returns = Return.objects.filter(shop_id=world.shop_id).values_list("id", flat=True)
    more = sum(Collection.objects.filter(parent_id__in=list(returns)).values_list("amount_minor", flat=True))
    assert kept == paid + more - back
