"""Any order, any offer within what is at stake: exactly the agreed amount is paid, and what is kept stays whole."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guicang.kernel.actor import Actor
from guicang.proofs import queries as proofs
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations import talks
from guicang.returns.steps.accept_offer import Acceptance, accept_offer
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.offer import Offering, offer
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales.models import Order, OrderLine, ShipmentLine
from tests.properties.sales import DEEP, Basket, baskets
from tests.properties.test_life import SYSTEM, sold


@pytest.mark.django_db
@settings(max_examples=200 if DEEP else 12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=baskets(), data=st.data())
def test_what_was_agreed_on_is_paid_to_the_cent(world: Any, plan: Basket, data: st.DataObject) -> None:
    with transaction.atomic():
        order_id = sold(world, plan)
        paid_before = {line.id: line.paid_minor for line in OrderLine.objects.filter(order_id=order_id)}
        agreed = 0
        for _ in range(2):  # the claims are free again: the same units are talked about twice
            agreed += _talk(world, order_id, data)
        order, lines = Order.objects.get(id=order_id), list(OrderLine.objects.filter(order_id=order_id))
        assert order.refunded_minor == agreed
        assert not ShipmentLine.objects.filter(shipment__order_id=order_id).exclude(claimed=0).exists()
        assert all((line.settled, line.cancelled_settled) == (0, 0) for line in lines)
        assert {line.id: line.paid_minor for line in lines} == paid_before
        assert sum(line.goodwill_minor for line in lines) == agreed
        assert [(proof.name, proof.differences[:2]) for proof in proofs.run() if not proof.ok] == []
        transaction.set_rollback(True)


def _talk(world: Any, order_id: UUID, data: st.DataObject) -> int:
    """Ask for some of what was shipped, agree on any amount and have it paid; the amount, 0 where nothing is there."""
    order = Order.objects.get(id=order_id)
    wanted = []
    for line in OrderLine.objects.filter(order_id=order_id, shipped__gt=0).order_by("position"):
        if units := data.draw(st.integers(0, line.shipped)):
            wanted.append(Wanted(line.id, units, "too_small"))
    if not wanted:
        return 0
    (made,) = request(requests=[Request(order.shop_id, order.customer_id, wanted)], actor=SYSTEM, now=world.now)
    assert made.id is not None, made.refusals
    header, lines = Return.objects.get(id=made.id), list(ReturnLine.objects.filter(parent_id=made.id))
    at_stake = talks.outlook(header, lines, world.now).at_stake
    assert at_stake is not None
    most = at_stake.planned_minor
    too_much = offer(offers=[Offering(made.id, most + 1, "goodwill")], actor=SYSTEM, now=world.now)[0]
    assert not too_much.ok
    amount = data.draw(st.integers(0, most))
    if amount:
        assert offer(offers=[Offering(made.id, amount, "goodwill")], actor=SYSTEM, now=world.now)[0].ok
        buyer = Actor(kind="customer", id=order.customer_id)
        agreed = accept_offer(acceptances=[Acceptance(made.id, 1)], actor=buyer, now=world.now)[0]
        assert agreed.ok, agreed.refusals
        assert settle(settlements=[Settlement(made.id)], actor=SYSTEM, now=world.now)[0].ok
        assert Return.objects.get(id=made.id).refund_minor == amount
        return amount
    assert cancel(cancellations=[Cancellation(made.id, "kept_after_all")], actor=SYSTEM, now=world.now)[0].ok
    return 0
