"""Money on winding paths: taken back, paid ahead, goodwill in between, other currencies; every proof holds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from guicang.accounting import queries as books
from guicang.accounting.operations import RateKey, set_rates
from guicang.catalog.operations import ComponentFacts, ensure_skus, set_bundle
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused
from guicang.payments.operations import close_dispute, open_dispute
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.settle import Settlement, settle
from guicang.returns.steps.short_close import ShortClosing, short_close
from guicang.trade.facts import LineCancellation, LineFacts, ShippedFacts
from guicang.trade.steps import cancel_lines
from tests.journeys.acts import SYSTEM, arrive, back, codes, do, dump, give, id_of, look_at, pay, undo, verified


def context(world: Any) -> Any:
    return begin("test", actor=SYSTEM, now=world.now, items=1)


def goodwill(world: Any, sold: Any, amount: int, **more: Any) -> None:
    pay(world, world.authorised(sold, 0, resolution="money_only", recorded_minor=amount, **more))


@pytest.mark.parametrize(("paid", "cash"), [(0, 0), (1500, 500), (2000, 1000)])
def test_a_settlement_taken_back_raises_what_it_lowered(world: Any, paid: int, cash: int) -> None:
    facts = world.facts(2, price_minor=1000, paid=bool(paid))
    for payment in facts.payments:
        payment.amount_minor = paid
    sold = world.sell(facts)[0]
    before = (sold.row.receivable_minor, sold.row.advance_minor)
    key = back(world, sold, 1)
    made = pay(world, key)
    assert sold.row.refunded_minor == cash
    undo(world, made)
    assert (sold.row.refunded_minor, sold.row.receivable_minor, sold.row.advance_minor) == (0, *before)
    verified()
    pay(world, key)
    pay(world, back(world, sold, 1))
    assert sold.row.refunded_minor == paid
    verified()


def test_a_credit_without_an_order_is_taken_back(world: Any, order: Any) -> None:
    sold = order(units=1)
    found = [Wanted(sku_id=sold.sku_id, quantity=1, reason="no_order", recorded_minor=700)]
    asked = Request(sold.shop_id, sold.customer_id, found, warehouse_id=world.warehouse_id)
    key = id_of(request, world, asked)
    do(authorise, world, Authorisation(key))
    arrive(world, key, 1)
    look_at(world, key, (1, "restock"))
    made = pay(world, key)
    verified()
    undo(world, made)
    verified()


def test_compensation_is_taken_back(world: Any, order: Any) -> None:
    sold = order(units=2)
    key = world.authorised(sold, 0, resolution="money_only", recorded_minor=300, money_kind="compensation")
    made = pay(world, key)
    assert sold.row.refunded_minor == 300
    undo(world, made)
    assert sold.row.refunded_minor == 0
    verified()


def test_goodwill_twice_with_a_reversal_in_between(world: Any, order: Any) -> None:
    sold = order(units=6, price_minor=4500)
    key = back(world, sold, 2)
    made = pay(world, key)
    goodwill(world, sold, 3000)
    undo(world, made)
    goodwill(world, sold, 1000)
    pay(world, key)
    verified()
    pay(world, back(world, sold, 4))
    assert sold.row.refunded_minor == 27000
    verified()


def test_goodwill_lies_on_what_is_neither_returned_nor_cancelled(world: Any, order: Any) -> None:
    sold = order(units=6, shipped=4, price_minor=4500)
    pay(world, world.authorised(sold, 2, resolution="unshipped"))
    goodwill(world, sold, 3000)
    first = back(world, sold, 1)
    made = pay(world, first)
    assert sold.row.refunded_minor == 9000 + 3000 + 3750
    undo(world, made)
    assert sold.row.refunded_minor == 9000 + 3000
    pay(world, first)
    pay(world, back(world, sold, 3))
    assert sold.row.refunded_minor == 27000
    verified()


def test_goodwill_on_a_bundle_is_given_once(world: Any) -> None:
    for code in ("A", "B"):
        world.sku(code, 10)
    ensure_skus(context(world), world.company_id, {"SET": "set"})
    set_bundle(context(world), world.company_id, "SET", [ComponentFacts("A", 1, 8300), ComponentFacts("B", 1, 7000)])
    facts = world.facts(1, price_minor=16959, sku="SET")
    world.skus["SET"] = world.sku_id
    sold = world.sell(facts)[0]
    goodwill(world, sold, 3000)
    assert sold.row.refunded_minor == 3000
    assert [line.goodwill_minor for line in sold.lines] == [0, 1627, 1373]
    pay(world, back(world, sold, 1))
    assert sold.row.refunded_minor == 16959
    verified()


def test_a_refund_ahead_of_the_goods_leaves_the_header_where_they_are(world: Any, order: Any) -> None:
    sold = order(units=5)
    key = world.authorised(sold, 2)
    pay(world, key, ahead=True)
    assert (world.row(key).state, world.line(key).money, sold.row.refunded_minor) == ("authorised", "paid", 2000)
    arrive(world, key, 1)
    assert world.row(key).state == "receiving"
    arrive(world, key, 1)
    assert world.row(key).state == "received"
    look_at(world, key, (2, "restock"))
    assert world.row(key).state == "settled"
    (again,) = give(settle, world, Settlement(key))
    assert codes(again) == ["wrong_state"]
    verified()


def test_goods_refunded_ahead_that_never_come_cannot_be_refunded_again(world: Any, order: Any) -> None:
    sold = order(units=5)
    key = world.authorised(sold, 3)
    made = pay(world, key, ahead=True, units={world.line(key).id: 2})
    do(short_close, world, ShortClosing(key, {world.line(key).id: 3}, "never_sent"))
    assert sold.claimed == 2
    (again,) = give(request, world, world.asked(sold, 4))
    assert codes(again) == ["over_return"]
    verified()
    undo(world, made)
    assert (sold.claimed, world.row(key).state) == (0, "settled")
    pay(world, back(world, sold, 5))
    assert sold.row.refunded_minor == 5000
    verified()


def test_goods_refunded_ahead_and_rejected_are_taken_back(world: Any, order: Any) -> None:
    sold = order(units=1)
    key = world.authorised(sold, 1)
    made = pay(world, key, ahead=True)
    arrive(world, key, 1)
    do(inspect, world, Inspecting(key, [Part(world.line(key).id, 1, accepted=False)]))
    undo(world, made)
    assert (sold.row.refunded_minor, world.row(key).state, world.line(key).money) == (0, "settled", "none")
    verified()


def test_units_the_source_cancelled_are_refunded_by_a_return_before_shipment(world: Any) -> None:
    sold = world.sell(world.facts(5, 2))[0]
    item = LineCancellation(sold.shop_id, sold.row.number, "1", 2)
    (outcome,) = cancel_lines(items=[item], actor=SYSTEM, now=world.now)
    assert outcome.ok
    key = world.authorised(sold, 3, resolution="unshipped")
    assert sold.lines[0].cancelled == 3
    (again,) = give(request, world, world.asked(sold, 1, resolution="unshipped"))
    assert codes(again) == ["already_shipped"]
    pay(world, key)
    assert (sold.row.refunded_minor, sold.row.advance_minor) == (3000, 0)
    pay(world, back(world, sold, 2))
    assert (sold.row.refunded_minor, sold.row.return_label) == (5000, "full")
    verified()


def test_two_returns_before_shipment_cannot_both_be_granted(world: Any, order: Any) -> None:
    sold = order(units=3, shipped=0)
    keys = [world.request(sold, 2, resolution="unshipped") for _ in range(2)]
    found = give(authorise, world, *[Authorisation(key) for key in keys])
    assert [codes(outcome) for outcome in found] == [[], ["already_shipped"]]
    assert sold.lines[0].cancelled == 2
    verified()


def test_unshipped_and_shipped_units_of_one_line_in_one_return(world: Any, order: Any) -> None:
    facts = world.facts(7, 4, price_minor=0)
    facts.lines[0] = LineFacts("1", "GOODS", 7, Decimal("14.28"), 9999)
    facts.payments[0].amount_minor = 9999
    facts.payments[0].tender_kind = "wechat"
    sold = world.sell(facts)[0]
    line = sold.lines[0].id
    wanted = [Wanted(line, 4, "too_small"), Wanted(line, 3, "too_slow", "unshipped")]
    key = id_of(request, world, Request(sold.shop_id, sold.customer_id, wanted))
    do(authorise, world, Authorisation(key))
    arrive(world, key, 4)
    look_at(world, key, (1, "restock"), (3, "second"))
    first, second = world.line(key).id, world.line(key, 2).id
    for units in ({first: 1}, {second: 2}, {first: 2, second: 1}, {first: 1}):
        pay(world, key, units=units)
        verified()
    assert (sold.row.refunded_minor, sold.row.receivable_minor, sold.row.advance_minor) == (9999, 0, 0)
    assert world.row(key).state == "settled"


def test_what_a_lost_dispute_took_is_not_refunded_too(world: Any, order: Any) -> None:
    sold = order(units=6, price_minor=4500)
    tender = sold.row.tenders.get()
    dispute = open_dispute(context(world), tender.id, 20000, "D1")
    close_dispute(context(world), dispute, "lost")
    key = back(world, sold, 6)
    before = dump()
    (refused,) = give(settle, world, Settlement(key))
    assert (codes(refused), dump()) == (["dispute_open"], before)
    pay(world, key, units={world.line(key).id: 1})
    assert sold.row.refunded_minor == 4500
    with pytest.raises(Refused):
        close_dispute(context(world), dispute, "won")
    verified()


def test_case_16_the_known_rate_of_the_day_and_back_at_the_same(world: Any) -> None:
    facts = world.facts(1, price_minor=10000, currency="USD", fx_rate=Decimal("7.00"))
    sold = world.sell(facts)[0]
    day = (world.now + timedelta(hours=8)).date()
    set_rates(context(world), [(RateKey(world.company_id, "USD", day), Decimal("7.20"))])
    key = back(world, sold, 1)

    def found() -> list[int]:
        roles = ("sales_returns", "fx_difference", "receivable")
        return [books.balances(role).get(world.company_id, 0) for role in roles]

    made = pay(world, key)
    assert found() == [70000, 2000, 0]
    set_rates(context(world), [(RateKey(world.company_id, "USD", day + timedelta(days=1)), Decimal("7.50"))])
    world.now += timedelta(days=2)
    undo(world, made)
    assert found() == [0, 0, 0]
    verified()


def test_orders_in_two_currencies_do_not_share_a_return(world: Any) -> None:
    yuan = world.sell(world.facts(1))[0]
    dollars = world.sell(world.facts(1, currency="USD", fx_rate=Decimal(7)))[0]
    wanted = [Wanted(sold.lines[0].id, 1, "too_small") for sold in (yuan, dollars)]
    (refused,) = give(request, world, Request(yuan.shop_id, yuan.customer_id, wanted))
    assert codes(refused) == ["other_currency"]
    assert yuan.claimed == dollars.claimed == 0


def test_several_orders_in_one_return_are_settled_each_by_itself(world: Any) -> None:
    one, other = world.sell(world.facts(2, price_minor=1000), world.facts(1, price_minor=700, paid=False))
    wanted = [Wanted(sold.lines[0].id, 1, "too_small") for sold in (one, other)]
    key = id_of(request, world, Request(one.shop_id, one.customer_id, wanted))
    do(authorise, world, Authorisation(key))
    for position in (1, 2):
        arrive(world, key, 1, position)
        do(inspect, world, Inspecting(key, [Part(world.line(key, position).id, 1)]))
    made = do(settle, world, Settlement(key)).data["settlements"]
    assert len(made) == 2
    assert (one.row.refunded_minor, other.row.refunded_minor, other.row.receivable_minor) == (1000, 0, 0)
    for settlement in made:
        undo(world, settlement)
    assert (one.row.refunded_minor, other.row.receivable_minor, world.row(key).state) == (0, 700, "inspected")
    verified()


def test_taking_back_never_pays_shipping(world: Any) -> None:
    facts = world.facts(1, price_minor=1000, shipping_standard_minor=1000)
    facts.lines.append(LineFacts("2", "GOODS", 1, Decimal(90), 9000))
    facts.shipments[0].lines.append(ShippedFacts("2", 1))
    facts.payments[0].amount_minor = 11000
    sold = world.sell(facts)[0]
    small, large = (back(world, sold, 1, order_line_id=line.id) for line in sold.lines)
    made = pay(world, small, shipping="proportional")
    assert sold.row.shipping_refunded_minor == 100
    pay(world, large)
    undo(world, made)
    assert sold.row.shipping_refunded_minor <= 100
    verified()


def test_nothing_was_paid_for_a_gift_and_nothing_goes_back(world: Any, order: Any) -> None:
    sold = order(units=2, price_minor=0, paid=False)
    pay(world, back(world, sold, 2))
    assert (sold.row.refunded_minor, sold.row.return_label) == (0, "full")
    verified()


def test_a_thousand_million_units(world: Any) -> None:
    many = 10**9
    world.sku("HUGE", many, cost_minor=7 * many + 3)
    sold = world.sell(world.facts(many, price_minor=3, sku="HUGE"))[0]
    key = world.authorised(sold, many)
    arrive(world, key, many - 1)
    arrive(world, key, 1)
    look_at(world, key, (many // 3, "restock"), (many - many // 3, "second"))
    line = world.line(key).id
    for units in (1, many // 7, many - 1 - many // 7):
        pay(world, key, units={line: units})
    assert sold.row.refunded_minor == 3 * many
    verified()


def test_a_cent_over_a_thousand_million_units(world: Any) -> None:
    many = 10**9
    world.sku("HUGE", many, cost_minor=1)
    facts = world.facts(many, price_minor=0, sku="HUGE")
    facts.lines[0] = LineFacts("1", "HUGE", many, Decimal("0.00000000001"), 1)
    facts.payments[0].amount_minor = 1
    sold = world.sell(facts)[0]
    key = back(world, sold, many)
    line = world.line(key).id
    for units in (many // 2 - 1, 1, many // 2):
        pay(world, key, units={line: units})
    assert sold.row.refunded_minor == 1
    verified()
