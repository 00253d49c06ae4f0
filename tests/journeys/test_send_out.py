"""Goods that go to the buyer: turned down and sent back, or sent once more from stock; `verify` after each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from guicang.accounting.models import Account, EntryLine
from guicang.inventory.models import Location, Reservation, StockLevel, ValuePool
from guicang.kernel.actor import Actor
from guicang.kernel.models import Origin, OutboxMessage
from guicang.logistics.models import Parcel
from guicang.proofs import queries as proofs
from guicang.returns.models import Outgoing, Return, ReturnLine
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import request
from guicang.returns.steps.send_out import SendingOut, send_out
from guicang.returns.steps.settle import Settlement, settle
from tests.journeys.acts import arrive, codes, do, give, verified
from tests.world import Sold

pytestmark = pytest.mark.django_db
Order = Callable[..., Sold]


def held(world: Any) -> dict[UUID, int]:
    """Units in the place for customers' goods, by whose they are."""
    place = Location.objects.get(warehouse_id=world.warehouse_id, kind="held")
    return dict(StockLevel.objects.filter(location_id=place.id, on_hand__gt=0).values_list("owner_id", "on_hand"))


def in_stock(world: Any) -> int:
    place = Location.objects.get(warehouse_id=world.warehouse_id, kind="sellable")
    return sum(StockLevel.objects.filter(location_id=place.id).values_list("on_hand", flat=True))


def stock_value(world: Any) -> int:
    return sum(ValuePool.objects.filter(company_id=world.company_id).values_list("cost_minor", flat=True))


def turned_down(world: Any, sold: Sold, units: int, taken: int = 0) -> UUID:
    key: UUID = world.authorised(sold, units)
    arrive(world, key, units)
    line = world.line(key).id
    parts = [Part(line, units - taken, accepted=False), *([Part(line, taken)] if taken else [])]
    do(inspect, world, Inspecting(key, parts))
    verified()
    return key


def missing(world: Any, sold: Sold, units: int = 1) -> UUID:
    key: UUID = world.request(sold, units, resolution="reship", reason="not_received")
    do(authorise, world, Authorisation(key))
    return key


def test_what_was_turned_down_stays_the_buyers_and_goes_back(world: Any, order: Order) -> None:
    sold = order(3)
    value = stock_value(world)
    key = turned_down(world, sold, 3, taken=1)
    assert held(world) == {sold.customer_id: 2}
    assert stock_value(world) == value + 500  # of the one that was taken
    do(settle, world, Settlement(key))
    assert codes(give(close, world, Closing(key))[0]) == ["buyers_goods_here"]
    assert codes(give(send_out, world, SendingOut(key))[0]) == ["carrier_missing"]
    line = world.line(key).id
    assert codes(give(send_out, world, SendingOut(key, "SF", units={line: 3}))[0]) == ["bad_quantity"]
    do(send_out, world, SendingOut(key, "SF", "sf 100", {line: 1}))
    verified()
    assert held(world) == {sold.customer_id: 1}
    do(send_out, world, SendingOut(key, "SF", "SF101"))
    verified()
    assert held(world) == {}
    assert codes(give(send_out, world, SendingOut(key, "SF", "SF101"))[0]) == ["nothing_to_send"]
    assert set(Parcel.objects.values_list("tracking", "inbound", "return_id")) == {
        ("SF100", False, key),
        ("SF101", False, key),
    }
    told = [m.body for m in OutboxMessage.objects.filter(aggregate_id=key) if m.body.get("notice") == "return_sent_out"]
    assert [body["data"]["tracking"] for body in told] == ["SF100", "SF101"]
    assert {body["owner_id"] for body in told} == {str(sold.customer_id)}
    do(close, world, Closing(key))
    verified()
    assert (Return.objects.get(id=key).state, sold.claimed, stock_value(world)) == ("closed", 3, value + 500)


def test_goods_sent_again_leave_at_the_average_and_are_cost_of_the_sale(world: Any, order: Order) -> None:
    sold = order(2)
    value, units = stock_value(world), in_stock(world)
    key = missing(world, sold)
    assert (Return.objects.get(id=key).state, world.line(key).kind) == ("authorised", "keep")
    assert codes(give(close, world, Closing(key))[0]) == ["wrong_state", "buyers_goods_here"]
    do(send_out, world, SendingOut(key, "SF", "SF7"))
    verified()
    assert (in_stock(world), stock_value(world), Reservation.objects.count()) == (units - 1, value - 500, 0)
    row = Outgoing.objects.get()
    assert (row.quantity, row.stock, row.cost_minor) == (1, True, 500)
    booked = EntryLine.objects.filter(entry__event="sent_again").values_list("account_id", "book_minor")
    roles = dict(Account.objects.values_list("id", "role"))
    assert {roles[account]: minor for account, minor in booked} == {"cost_of_sales": 500, "stock": -500}
    assert Return.objects.get(id=key).state == "settled"
    assert codes(give(cancel, world, Cancellation(key))[0]) == ["wrong_state"]
    do(close, world, Closing(key))
    verified()
    found = Return.objects.get(id=key)
    # Closed without a refund, and what he has now can come back like the first.
    assert (found.state, found.refund_minor, found.refund_state, sold.claimed) == ("closed", 0, "", 0)


def test_no_more_is_sent_again_than_was_sold(world: Any, order: Order) -> None:
    sold = order(2)
    for _ in range(2):
        key = missing(world, sold)
        do(send_out, world, SendingOut(key, "SF"))
        do(close, world, Closing(key))
    key = missing(world, sold)
    assert codes(give(send_out, world, SendingOut(key, "SF"))[0]) == ["sent_twice"]
    verified()
    do(cancel, world, Cancellation(key))
    verified()
    assert (Outgoing.objects.count(), sold.claimed) == (2, 0)


def test_two_in_a_set_share_what_can_be_sent_again(world: Any, order: Order) -> None:
    sold = order(1, shipped=1)
    first = missing(world, sold)
    do(send_out, world, SendingOut(first, "SF"))
    outcomes = give(send_out, world, SendingOut(first, "SF"), SendingOut(first, "SF"))
    assert [codes(one) for one in outcomes] == [["nothing_to_send"], ["nothing_to_send"]]
    assert Outgoing.objects.count() == 1


def test_what_is_not_in_stock_is_not_sent_again(world: Any, order: Order) -> None:
    world.sku("RARE", 1)
    sold = world.sell(world.facts(1, sku="RARE"))[0]
    key = missing(world, sold)
    (outcome,) = give(send_out, world, SendingOut(key, "SF"))
    assert codes(outcome) == ["not_enough_stock"]
    assert (Reservation.objects.count(), Outgoing.objects.count(), Parcel.objects.count()) == (0, 0, 0)
    verified()


def test_past_goods_that_were_turned_down_went_back_at_once(world: Any, order: Order) -> None:
    sold = order(1)
    (asked,) = request(requests=[world.asked(sold, 1)], actor=Actor.system(), now=world.now, origin=Origin.HISTORY)
    key = asked.id
    assert key is not None
    do(authorise, world, Authorisation(key), origin=Origin.HISTORY)
    do(receive, world, Receiving(key, [Arrived(world.line(key).id, 1)]), origin=Origin.HISTORY)
    part = Part(world.line(key).id, 1, accepted=False)
    do(inspect, world, Inspecting(key, [part]), origin=Origin.HISTORY)
    do(close, world, Closing(key), origin=Origin.HISTORY)
    verified()
    assert (world.line(key).sent, held(world)) == (1, {})


def test_the_proof_finds_goods_that_nobody_sent(world: Any, order: Order) -> None:
    key = turned_down(world, order(1), 1)
    ReturnLine.objects.filter(parent_id=key).update(sent=1)
    found = {proof.name: proof.differences for proof in proofs.run() if not proof.ok}
    assert {each["fault"] for each in found["goods_to_buyers"]} == {"sent", "kept"}
