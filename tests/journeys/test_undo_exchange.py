"""An exchange taken back: before the new goods left they are free and the money goes back; after, it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from guicang.inventory.models import Reservation, StockLevel
from guicang.kernel.actor import Actor, Scope
from guicang.kernel.refusal import Refused
from guicang.payments.models import Refund
from guicang.returns.models import Return
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.send_ahead import Ahead, send_ahead
from guicang.returns.steps.undo_exchange import Undoing, undo_exchange
from guicang.sales.models import Order
from tests.journeys.acts import SYSTEM, codes, do, dump, verified
from tests.journeys.test_exchange import ask, bring, exchanged, priced, sell_at_80, sent, went_back

pytestmark = pytest.mark.django_db


def undo(world: Any, *keys: Any, reason: str = "typed_twice", actor: Actor = SYSTEM) -> list[Any]:
    return undo_exchange(undoings=[Undoing(key, reason) for key in keys], actor=actor, now=world.now)


def out_of(order: Order) -> dict[str, int]:
    """What went back of an order, by kind of tender."""
    found: dict[str, int] = {}
    for row in Refund.objects.filter(order_id=order.id):
        found[row.kind] = found.get(row.kind, 0) + row.amount_minor
    return found


def test_all_goes_back_by_where_it_came_from_and_the_goods_are_free(world: Any) -> None:
    want = priced(world, "LAST", 9000, units=1)
    sold = sell_at_80(world)
    key, new = exchanged(world, sold, Instead(want, 1))
    assert new is not None
    do(collect, world, Collecting(key, "card", "slip-1"))
    (outcome,) = undo(world, key)
    assert outcome.ok, outcome.refusals
    new.refresh_from_db()
    # 84.80 had paid it by two tenders, 10.60 were collected.
    assert (new.refunded_minor, new.captured_minor) == (9540, 9540)
    assert out_of(new) == {"wechat": 6480, "gift_card": 2000, "card": 1060}
    assert (StockLevel.objects.get(sku_id=want, virtual=False).reserved, Reservation.objects.count()) == (0, 0)
    made = Return.objects.get(id=outcome.data["made"])
    assert (made.type, made.state, made.linked_id, made.link_kind) == ("unshipped", "settled", key, "exchange_undone")
    # The old goods stay credited and closed.
    assert went_back(sold.id) == (8480, 0)
    verified()
    assert codes(undo(world, key)[0]) == ["replacement_cancelled"]


def test_a_cheaper_one_pays_back_only_what_it_cost(world: Any) -> None:
    sold = sell_at_80(world)
    key, new = exchanged(world, sold, Instead(priced(world, "CHEAP", 5000), 1))
    assert new is not None
    assert undo(world, key)[0].ok
    new.refresh_from_db()
    assert new.refunded_minor == 5300
    assert went_back(sold.id) == (5300, 3180)
    verified()


def test_once_they_left_it_is_refused_and_says_what_to_do(world: Any) -> None:
    key, new = exchanged(world, sell_at_80(world))
    assert new is not None
    sent(world, new)
    before = dump()
    (outcome,) = undo(world, key)
    assert codes(outcome) == ["replacement_left"]
    assert new.number in str(outcome.refusals[0])
    assert dump() == before


def test_an_exchange_that_was_not_carried_out_is_cancelled_instead(world: Any) -> None:
    key = ask(world, sell_at_80(world))
    before = dump()
    assert codes(undo(world, key)[0]) == ["no_exchange"]
    assert codes(undo(world, key, reason="what I think")[0]) == ["reason_not_a_code"]
    assert dump() == before


def test_goods_sent_ahead_and_not_gone_are_taken_back_and_the_old_ones_are_refunded_then(world: Any) -> None:
    sold = sell_at_80(world)
    key = ask(world, sold)
    Return.objects.filter(id=key).update(type="advance_exchange")
    Return.objects.get(id=key).lines.update(resolution="advance_exchange")
    do(authorise, world, Authorisation(key))
    do(send_ahead, world, Ahead(key))
    verified()
    assert undo(world, key)[0].ok
    new = Order.objects.get(return_id=key)
    assert (new.captured_minor, new.refunded_minor, new.receivable_minor) == (0, 0, 0)
    verified()
    bring(world, key)
    do(exchange, world, Exchanging(key))
    assert went_back(sold.id) == (0, 8480)
    verified()


def test_of_a_set_each_is_answered_for_itself(world: Any) -> None:
    one, _ = exchanged(world, sell_at_80(world))
    two, left = exchanged(world, sell_at_80(world))
    assert left is not None
    sent(world, left)
    first, second, third = undo(world, one, two, one)
    assert (first.ok, codes(second), codes(third)) == (True, ["replacement_left"], ["replacement_cancelled"])
    verified()


def test_who_may_not_do_all_of_it_does_none(world: Any) -> None:
    key, _ = exchanged(world, sell_at_80(world))
    rights = frozenset({"returns.request", "returns.authorise"})
    half = Actor(kind="staff", id=world.company_id, permissions=rights)
    with pytest.raises(Refused):
        undo(world, key, actor=half)
    every = rights | {"returns.settle", "returns.view"}
    other = Actor(kind="staff", id=world.company_id, permissions=every, scope=Scope(company_id=world.shop_id))
    assert codes(undo(world, key, actor=other)[0]) == ["return_not_found"]
