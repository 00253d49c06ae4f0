"""HARD-CASES 10 and 11 through the real steps: asked for, granted, back, exchanged, collected; `verify` after each."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from guicang.catalog.models import Sku
from guicang.inventory.models import Reservation, StockLevel
from guicang.payments.models import Refund
from guicang.returns.models import Collection, Return, Swap
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, Wanted, preview, request
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales.models import Order, OrderLine, Payment, Tender
from guicang.trade.facts import LineCancellation, LineFacts, OrderShipment, PaymentFacts, ShipmentFacts, ShippedFacts
from guicang.trade.steps import cancel_lines, record_shipments
from tests.journeys.acts import SYSTEM, codes, do, give, verified
from tests.world import Sold

pytestmark = pytest.mark.django_db
VAT = Decimal("0.06")


def sell_at_80(world: Any, units: int = 1) -> Sold:
    """Paid 80 + 6 % = 84.80 each, by two tenders."""
    facts = world.facts(units, tax_inclusive=False)
    facts.lines = [LineFacts("1", "GOODS", units, Decimal(80), units * 8000, tax_rate=VAT)]
    at = facts.payments[0].paid_at
    facts.payments = [
        PaymentFacts("p", "wechat", units * 8480 - 2000, at, "wx-1"),
        PaymentFacts("g", "gift_card", 2000, at, "card-7"),
    ]
    sold: Sold = world.sell(facts)[0]
    return sold


def priced(world: Any, code: str, minor: int, units: int = 10) -> UUID:
    key: UUID = world.sku(code, units)
    Sku.objects.filter(id=key).update(list_price_minor=minor, tax_rate=VAT)
    return key


def ask(world: Any, sold: Sold, *instead: Instead, units: int = 1, place: int = 0) -> UUID:
    wanted = Wanted(sold.lines[place].id, units, "too_small", resolution="exchange", instead=instead)
    key = do(request, world, Request(sold.shop_id, sold.customer_id, [wanted])).id
    assert key is not None
    return key


def bring(world: Any, key: UUID, units: int = 1, accepted: int | None = None) -> None:
    row = world.line(key)
    do(receive, world, Receiving(key, [Arrived(row.id, units)]))
    taken = units if accepted is None else accepted
    parts = [Part(row.id, taken)] if taken else []
    if units > taken:
        parts.append(Part(row.id, units - taken, "send_back", accepted=False))
    do(inspect, world, Inspecting(key, parts))


def exchanged(world: Any, sold: Sold, *instead: Instead, units: int = 1) -> tuple[UUID, Order | None]:
    key = ask(world, sold, *instead, units=units)
    do(authorise, world, Authorisation(key))
    bring(world, key, units)
    do(exchange, world, Exchanging(key))
    verified()
    return key, Order.objects.filter(return_id=key).first()


def sent(world: Any, order: Order, *, prove: bool = True) -> Sold:
    """The order in place of the goods, after it left."""
    lines = [ShippedFacts(line.line_key, line.ordered) for line in OrderLine.objects.filter(order=order)]
    parcel = ShipmentFacts("1", world.warehouse_id, world.now, lines)
    (outcome,) = record_shipments(
        items=[OrderShipment(order.shop_id, order.number, parcel)], actor=SYSTEM, now=world.now
    )
    assert outcome.ok, outcome.refusals
    if prove:
        verified()
    first = OrderLine.objects.filter(order=order).first()
    assert first is not None
    return Sold(order.id, order.shop_id, order.customer_id, first.sku_id)


def went_back(order_id: UUID) -> tuple[int, int]:
    """(moved to the order in its place, paid out) of what an order refunded."""
    rows = Refund.objects.filter(order_id=order_id).values_list("method", "amount_minor")
    return sum(n for how, n in rows if how == "exchange"), sum(n for how, n in rows if not how)


def refunded(world: Any, sold: Sold) -> int:
    """What a plain return of one unit pays."""
    key = world.authorised(sold, 1)
    bring(world, key)
    do(settle, world, Settlement(key))
    verified()
    minor: int = Return.objects.get(id=key).refund_minor
    return minor


def test_case_10_a_dearer_item_collects_1060_once(world: Any) -> None:
    sold = sell_at_80(world)
    key, new = exchanged(world, sold, Instead(priced(world, "DEAR", 9000), 1))
    assert new is not None
    assert (new.total_minor, new.captured_minor, went_back(sold.id)) == (9540, 8480, (8480, 0))
    assert do(collect, world, Collecting(key, "card", "slip-1")).data["collected_minor"] == 1060
    verified()
    assert codes(give(collect, world, Collecting(key, "cash"))[0]) == ["nothing_to_collect"]
    assert list(Collection.objects.values_list("amount_minor", "kind")) == [(1060, "difference")]
    # 11: what comes back of the new one is all that was paid for it.
    assert refunded(world, sent(world, new)) == 9540


def test_case_10_a_cheaper_item_pays_back_3180_by_the_same_tenders(world: Any) -> None:
    sold = sell_at_80(world)
    key, new = exchanged(world, sold, Instead(priced(world, "CHEAP", 5000), 1))
    assert new is not None
    assert (new.total_minor, new.captured_minor, went_back(sold.id)) == (5300, 5300, (5300, 3180))
    assert codes(give(collect, world, Collecting(key, "cash"))[0]) == ["nothing_to_collect"]
    out = Refund.objects.filter(order_id=sold.id, method="")
    assert sum(row.amount_minor for row in out) == 3180
    assert refunded(world, sent(world, new)) == 5300


def test_case_10_and_11_the_same_item_whatever_it_is_listed_at(world: Any) -> None:
    sold = sell_at_80(world)
    Sku.objects.filter(code="GOODS", company_id=world.company_id).update(list_price_minor=11000)
    key, new = exchanged(world, sold)
    assert new is not None
    line = OrderLine.objects.get(order=new)
    assert (new.total_minor, new.captured_minor, line.tax_minor) == (8480, 8480, 480)
    assert went_back(sold.id) == (8480, 0)
    ways = [(row.kind, row.reference, row.captured_minor) for row in Tender.objects.filter(order=new)]
    assert sorted(ways) == [("gift_card", "card-7", 2000), ("wechat", "wx-1", 6480)]
    # The original unit is closed.
    again = give(request, world, world.asked(sold, 1))[0]
    assert codes(again) == ["over_return"]
    assert refunded(world, sent(world, new)) == 8480
    assert (world.row(key).state, codes(give(exchange, world, Exchanging(key))[0])) == ("settled", ["wrong_state"])
    do(close, world, Closing(key))


def test_case_11_through_any_number_of_exchanges(world: Any) -> None:
    sold = sell_at_80(world)
    for _ in range(3):
        _, new = exchanged(world, sold)
        assert new is not None
        sold = sent(world, new)
    assert refunded(world, sold) == 8480
    assert sum(Payment.objects.filter(payment_key="p").values_list("amount_minor", flat=True)) == 6480


def test_a_variant_at_the_same_price_is_the_same_item(world: Any) -> None:
    sold = sell_at_80(world)
    other = priced(world, "GOODS-L", 11000)
    product = Sku.objects.get(id=other).id
    Sku.objects.filter(code__in=["GOODS", "GOODS-L"]).update(product_id=product, list_price_minor=11000)
    _, new = exchanged(world, sold, Instead(other, 1))
    assert new is not None
    assert (new.total_minor, OrderLine.objects.get(order=new).sku_id) == (8480, other)


def test_several_for_one_and_fewer_where_some_are_turned_down(world: Any) -> None:
    sold = sell_at_80(world, 2)
    small = priced(world, "SMALL", 1000)
    key = ask(world, sold, Instead(world.sku_id, 1), Instead(small, 2), units=2)
    do(authorise, world, Authorisation(key))
    assert Reservation.objects.count() == 2
    bring(world, key, 2, accepted=1)
    do(exchange, world, Exchanging(key))
    verified()
    new = Order.objects.get(return_id=key)
    # Of two units one came back well: half of each wish, so no whole unit of the first.
    assert [(row.sku_id, row.ordered, row.paid_minor) for row in OrderLine.objects.filter(order=new)] == [
        (small, 1, 1060)
    ]
    assert went_back(sold.id) == (1060, 8480 - 1060)


def test_stock_is_kept_from_the_grant_until_it_leaves(world: Any) -> None:
    sold, want = sell_at_80(world), priced(world, "LAST", 9000, units=1)
    key = ask(world, sold, Instead(want, 1))
    do(authorise, world, Authorisation(key))
    level = StockLevel.objects.get(sku_id=want, virtual=False)
    assert (level.on_hand, level.reserved) == (1, 1)
    other = ask(world, sell_at_80(world), Instead(want, 1))
    assert codes(give(authorise, world, Authorisation(other))[0]) == ["not_enough_stock"]
    # Nobody else can buy it away.
    with pytest.raises(AssertionError, match="StockShort"):
        world.sell(world.facts(1, sku="LAST"))
    bring(world, key)
    do(exchange, world, Exchanging(key))
    verified()
    sent(world, Order.objects.get(return_id=key))
    level.refresh_from_db()
    assert (level.on_hand, level.reserved, Reservation.objects.count()) == (0, 0, 0)


def test_a_cancelled_exchange_lets_its_stock_go(world: Any) -> None:
    want = priced(world, "LAST", 9000, units=1)
    key = ask(world, sell_at_80(world), Instead(want, 1))
    do(authorise, world, Authorisation(key))
    do(cancel, world, Cancellation(key))
    verified()
    assert (StockLevel.objects.get(sku_id=want, virtual=False).reserved, Reservation.objects.count()) == (0, 0)


def test_an_exchange_is_not_settled_and_not_taken_back(world: Any) -> None:
    key = ask(world, sell_at_80(world))
    do(authorise, world, Authorisation(key))
    assert codes(give(exchange, world, Exchanging(key))[0]) == ["not_inspected"]
    bring(world, key)
    assert world.row(key).state == "inspected"
    assert codes(give(settle, world, Settlement(key))[0]) == ["nothing_due"]
    settlement = do(exchange, world, Exchanging(key)).data["settlements"][0]
    assert codes(give(reverse_settlement, world, Reversal(settlement, "typed_twice"))[0]) == ["exchange_stays"]


def test_an_unpaid_order_owes_the_new_goods_instead(world: Any) -> None:
    """What was not paid cannot pay: the credit closes the old order, and the new one is open as the old one was."""
    sold = world.sell(world.facts(1, price_minor=8480, paid=False))[0]
    _, new = exchanged(world, sold)
    assert new is not None
    assert (new.total_minor, new.captured_minor, went_back(sold.id)) == (8480, 0, (0, 0))


def test_goods_without_a_price_need_one_stated_by_who_may(world: Any) -> None:
    sold, want = sell_at_80(world), world.sku("NEW")
    wanted = Wanted(sold.lines[0].id, 1, "too_small", resolution="exchange", instead=(Instead(want, 1),))
    item = Request(sold.shop_id, sold.customer_id, [wanted])
    assert codes(give(request, world, item)[0]) == ["price_unknown"]
    stated = replace(item, lines=[replace(wanted, instead=(Instead(want, 1, 7000),))])
    shown = preview(stated, actor=SYSTEM, now=world.now).offer
    assert shown is not None
    assert (shown.cost_minor, shown.returned_minor) == (7000, 1480)
    assert give(request, world, stated)[0].ok


def test_a_refund_that_became_an_exchange_brings_the_same_once_more(world: Any) -> None:
    """Nobody said what is wanted instead: no row stands for it."""
    sold = sell_at_80(world)
    key = ask(world, sold)
    Swap.objects.all().delete()
    do(authorise, world, Authorisation(key))
    assert Reservation.objects.count() == 1
    bring(world, key)
    do(exchange, world, Exchanging(key))
    verified()
    assert Order.objects.get(return_id=key).total_minor == 8480


@pytest.mark.parametrize("by_return", [False, True])
def test_a_cancelled_order_in_place_lets_its_stock_go(world: Any, by_return: bool) -> None:
    want = priced(world, "LAST", 9000, units=1)
    _, new = exchanged(world, sell_at_80(world), Instead(want, 1))
    assert new is not None
    assert Reservation.objects.get().holder_id == new.id
    line = OrderLine.objects.get(order=new)
    if by_return:
        asked = Wanted(line.id, 1, "changed_mind", resolution="unshipped")
        key = do(request, world, Request(new.shop_id, new.customer_id, [asked])).id
        assert key is not None
        do(authorise, world, Authorisation(key))
        do(settle, world, Settlement(key))
    else:
        item = LineCancellation(new.shop_id, new.number, line.line_key, 1)
        assert cancel_lines(items=[item], actor=SYSTEM, now=world.now)[0].ok
    verified()
    assert (StockLevel.objects.get(sku_id=want, virtual=False).reserved, Reservation.objects.count()) == (0, 0)
