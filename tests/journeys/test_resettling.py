"""HARD-CASES 4 and 15 through the real steps: policy, request, settlement, reversal, books; `verify` after each."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.accounting.models import Account, EntryLine
from guicang.catalog.models import Sku
from guicang.kernel.commands import begin
from guicang.payments.models import CreditAccount, Refund
from guicang.policy import operations as policy
from guicang.returns.models import Return
from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, preview, settle
from guicang.sales.models import Order, OrderLine
from guicang.trade.facts import DiscountFacts, LineFacts, OrderShipment, PaymentFacts, ShipmentFacts, ShippedFacts
from guicang.trade.steps import record_shipments
from tests.journeys.acts import SYSTEM, codes, do, give, pay, undo, verified
from tests.world import NOW, Sold

pytestmark = pytest.mark.django_db


def state(world: Any, **terms: Any) -> None:
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=NOW, items=1)
        one = {"code": "all", "zh": "全部", "en": "All", "terms": {"days": 3000, **terms}}
        at = NOW - timedelta(days=300)
        policy.state_version(
            context, world.company_id, name="ours", effective_from=at, statement={"currency": "CNY", "policies": [one]}
        )


def line(key: str, units: int, price_minor: int, **more: Any) -> LineFacts:
    return LineFacts(key, "GOODS", units, Decimal(price_minor) / 100, units * price_minor, **more)


def sold_for(world: Any, paid: int, *lines: LineFacts, **more: Any) -> Any:
    facts = world.facts(1, **more)
    facts.lines = list(lines)
    facts.shipments[0].lines = [ShippedFacts(one.line_key, one.ordered) for one in lines]
    facts.payments = [PaymentFacts("p", "wechat", paid, world.now - timedelta(days=4))]
    return world.sell(facts)[0]


def came_back(world: Any, sold: Any, place: int, units: int = 1, grade: str = "", **more: Any) -> UUID:
    """Units of the order's line at `place`, back and inspected."""
    said = {"reason": "changed_mind", **more}
    wanted = Wanted(order_line_id=sold.lines[place].id, quantity=units, **said)
    key = do(request, world, Request(sold.shop_id, sold.customer_id, [wanted])).id
    assert key is not None
    do(authorise, world, Authorisation(key))
    row = world.line(key)
    do(receive, world, Receiving(key, [Arrived(row.id, units)]))
    do(inspect, world, Inspecting(key, [Part(row.id, units, grade=grade or "A")]))
    return key


def cash() -> list[int]:
    return list(SettlementRow.objects.order_by("id").values_list("cash_minor", flat=True))


def three_hundred_less_fifty(world: Any, mode: str = "") -> Any:
    """满300减50: A 200 and B 120, paid 270."""
    promotion = {"id": "M", "mode": mode, "threshold_minor": 30000, "members": ["a", "b"], "gifts": []}
    a = line("a", 1, 20000, discounts=[DiscountFacts("shop", 3125, "M")], promotion_id="M")
    b = line("b", 1, 12000, discounts=[DiscountFacts("shop", 1875, "M")], promotion_id="M")
    return sold_for(world, 27000, a, b, promotions=[promotion])


def test_t6_the_kept_goods_at_their_price_once_the_threshold_is_missed(world: Any) -> None:
    state(world, discount_mode="reprice")
    sold = three_hundred_less_fifty(world)
    key = came_back(world, sold, 1)
    shown = preview(Settlement(key), SYSTEM, world.now)[0]
    pay(world, key)
    assert cash() == [7000] == [shown.cash_minor]
    told = {part["label"]: part["amount_minor"] for part in SettlementRow.objects.get().explanation}
    assert (told["paid_share"], told["promotion_lost"]) == (10125, -3125)
    verified()
    pay(world, came_back(world, sold, 0))
    assert cash() == [7000, 20000]
    order = Order.objects.get()
    assert (order.refunded_minor, order.credited_minor, order.withheld) == (27000, 27000, {})
    verified()


def test_t6_keep_where_the_sale_said_so(world: Any) -> None:
    state(world, discount_mode="reprice")
    pay(world, came_back(world, three_hundred_less_fifty(world, "keep"), 1))
    assert cash() == [10125]
    verified()


def test_t6_taken_back_and_settled_again(world: Any) -> None:
    state(world, discount_mode="reprice")
    sold = three_hundred_less_fifty(world)
    keys = [came_back(world, sold, place) for place in (1, 0)]
    first = pay(world, keys[0])
    pay(world, keys[1])
    undo(world, first)
    verified()
    assert cash() == [7000, 20000, -12000]
    pay(world, keys[0])
    assert sum(cash()) == 27000
    assert [Return.objects.get(id=key).refund_minor for key in keys] == [7000, 20000]
    verified()


def test_nothing_is_held_against_who_was_sent_the_wrong_thing(world: Any) -> None:
    state(world, discount_mode="reprice", fees=[{"kind": "percent", "value": 1500}])
    pay(world, came_back(world, three_hundred_less_fifty(world), 1, reason="quality"))
    assert cash() == [10125]
    verified()


def test_t7_a_gift_kept_and_given_back_later(world: Any) -> None:
    state(world, gifts="charge")
    gift = line("g", 1, 0, is_gift=True, gift_value_minor=2000, promotion_id="G")
    promotion = {"id": "G", "mode": "", "threshold_minor": 0, "members": ["a"]}
    promotion["gifts"] = [{"line_key": "g", "value_minor": 2000}]
    sold = sold_for(world, 10000, line("a", 1, 10000, promotion_id="G"), gift, promotions=[promotion])
    pay(world, came_back(world, sold, 0))
    verified()
    later = pay(world, came_back(world, sold, 1))
    assert cash() == [8000, 2000]
    verified()
    undo(world, later)
    assert cash()[-1] == -2000
    verified()


def test_t7_a_gift_that_is_cancelled_before_it_leaves_was_never_kept(world: Any) -> None:
    state(world, gifts="charge")
    gift = line("g", 1, 0, is_gift=True, gift_value_minor=2000, promotion_id="G")
    promotion: dict[str, Any] = {"id": "G", "mode": "", "threshold_minor": 0, "members": ["a"]}
    promotion["gifts"] = [{"line_key": "g", "value_minor": 2000}]
    facts = world.facts(1, promotions=[promotion])
    facts.lines = [line("a", 2, 5000, promotion_id="G"), gift]
    facts.shipments[0].lines = [ShippedFacts("a", 1)]
    facts.payments = [PaymentFacts("p", "wechat", 10000, world.now - timedelta(days=4))]
    (sold,) = world.sell(facts)
    rest = world.authorised(sold, 1, resolution="unshipped")
    pay(world, rest)
    pay(world, came_back(world, sold, 0))
    assert cash() == [5000, 3000]
    verified()
    dropped = world.authorised(sold, 1, order_line_id=sold.lines[1].id, resolution="unshipped")
    shown = preview(Settlement(dropped), SYSTEM, world.now)[0]
    settled = pay(world, dropped)
    assert cash() == [5000, 3000, 2000] == [5000, 3000, shown.cash_minor]
    assert sold.row.withheld == {}
    verified()
    undo(world, settled)
    assert cash()[-1] == -2000
    verified()
    pay(world, dropped)
    assert (sum(cash()), sold.row.receivable_minor, sold.row.advance_minor) == (10000, 0, 0)
    verified()


@pytest.mark.parametrize(("rule", "expected"), [("give_back", [4000, 7000]), ("charge", [4000, 6000])])
def test_case_15_free_shipping_lost(world: Any, rule: str, expected: list[int]) -> None:
    state(world, lost_shipping=rule)
    free = {"id": "F", "mode": "", "threshold_minor": 9900, "members": [], "gifts": [], "shipping_minor": 1000}
    sold = sold_for(world, 11000, line("a", 1, 6000), line("b", 1, 5000), promotions=[free])
    for place in (1, 0):
        pay(world, came_back(world, sold, place))
        verified()
    assert cash() == expected


def test_case_15_a_fee_with_its_tax_is_income_of_its_own(world: Any) -> None:
    state(world, fees=[{"kind": "percent", "value": 1500}])
    sold = sold_for(world, 8480, line("a", 1, 8480, tax_rate=Decimal("0.06")))
    settled = pay(world, came_back(world, sold, 0))
    row = SettlementRow.objects.get()
    assert (row.credit_minor, row.fee_minor, row.fee_tax_minor, row.cash_minor) == (8480, 1272, 72, 7208)
    roles = dict(Account.objects.values_list("id", "role"))
    legs = {roles[one.account_id]: one.amount_minor for one in EntryLine.objects.filter(entry_id=row.entry_id)}
    assert (legs["fee_income"], legs["output_vat"], legs["receivable"]) == (-1200, 480 - 72, -7208)
    verified()
    undo(world, settled)
    assert cash() == [7208, -7208]
    assert (Order.objects.get().fees_minor, world.line(row.parent_id).fees) == (0, {})
    verified()


def test_case_15_five_a_return_over_three_receipts(world: Any) -> None:
    state(world, fees=[{"kind": "fixed", "value": 500, "per": "return"}])
    sold = sold_for(world, 6000, line("a", 3, 2000))
    wanted = Wanted(order_line_id=sold.lines[0].id, quantity=3, reason="changed_mind")
    key = do(request, world, Request(sold.shop_id, sold.customer_id, [wanted])).id
    assert key is not None
    do(authorise, world, Authorisation(key))
    row = world.line(key)
    for _ in range(3):
        do(receive, world, Receiving(key, [Arrived(row.id, 1)]))
        do(inspect, world, Inspecting(key, [Part(row.id, 1)]))
        pay(world, key, units={row.id: 1})
    assert cash() == [1500, 2000, 2000]
    verified()


def test_e5_what_goods_lost_by_their_grade(world: Any) -> None:
    state(world, fees=[{"kind": "percent", "value": 3000, "grades": ["B"], "what": "value"}])
    sold = sold_for(world, 20000, line("a", 2, 10000))
    pay(world, came_back(world, sold, 0, grade="B"))
    pay(world, came_back(world, sold, 0, grade="A"))
    assert cash() == [7000, 10000]
    verified()


def test_what_somebody_keeps_back_takes_a_permission_and_a_reason(world: Any) -> None:
    state(world)
    sold = sold_for(world, 10000, line("a", 1, 10000))
    key = came_back(world, sold, 0)
    row = world.line(key).id
    (refused,) = give(settle, world, Settlement(key, deductions={row: 500}))
    assert codes(refused) == ["reason_missing"]
    pay(world, key, deductions={row: 500}, reason="scratched")
    assert cash() == [9500]
    verified()


def three_lines(world: Any, mode: str = "") -> Any:
    """满300减50: A 200, B 120 and C 150, paid 420."""
    promotion = {"id": "M", "mode": mode, "threshold_minor": 30000, "members": ["a", "b", "c"], "gifts": []}
    cut = {"a": (20000, 2128), "b": (12000, 1277), "c": (15000, 1595)}
    lines = [
        line(key, 1, price, discounts=[DiscountFacts("shop", less, "M")], promotion_id="M")
        for key, (price, less) in cut.items()
    ]
    return sold_for(world, 42000, *lines, promotions=[promotion])


def exchanged(world: Any, sold: Any, place: int, *instead: Instead) -> Order:
    key = came_back(world, sold, place, resolution="exchange", instead=instead)
    do(exchange, world, Exchanging(key))
    verified()
    return Order.objects.get(return_id=key)


@pytest.mark.parametrize("mode", ["", "reprice"])
def test_who_has_the_same_in_place_still_earns_the_promotion(world: Any, mode: str) -> None:
    state(world, discount_mode="reprice")
    sold = three_lines(world, mode)
    new = exchanged(world, sold, 2)
    assert (new.total_minor, new.captured_minor) == (13405, 13405)
    # A 200 is kept and C 150 has its like: 350 still earn it.
    pay(world, came_back(world, sold, 1))
    assert cash()[-1] == 10723
    verified()


def test_once_the_same_came_back_too_it_earns_nothing_and_all_ends_at_what_was_paid(world: Any) -> None:
    state(world, discount_mode="reprice")
    sold = three_lines(world)
    new = exchanged(world, sold, 2)
    parcel = ShipmentFacts(
        "1", world.warehouse_id, world.now, [ShippedFacts(OrderLine.objects.get(order=new).line_key, 1)]
    )
    assert record_shipments(items=[OrderShipment(new.shop_id, new.number, parcel)], actor=SYSTEM, now=world.now)[0].ok
    again = Sold(new.id, new.shop_id, new.customer_id, OrderLine.objects.get(order=new).sku_id)
    pay(world, came_back(world, again, 0))
    assert cash()[-1] == 13405
    # Of 300 only A 200 is left: its 21.28 of the discount are taken back.
    pay(world, came_back(world, sold, 1))
    assert cash()[-1] == 10723 - 2128
    verified()
    pay(world, came_back(world, sold, 0))
    assert sum(Order.objects.values_list("refunded_minor", flat=True)) - 13405 == 42000
    verified()


def test_another_item_in_place_counts_as_returned(world: Any) -> None:
    state(world, discount_mode="reprice")
    sold = three_lines(world)
    other = world.sku("OTHER", 5)
    Sku.objects.filter(id=other).update(list_price_minor=100)
    exchanged(world, sold, 2, Instead(other, 1))
    pay(world, came_back(world, sold, 1))
    assert cash()[-1] == 10723 - 2128
    verified()


def in_order(world: Any, *ways: str) -> list[UUID]:
    """The settlements of B and then A of 满300减50, each by its way."""
    sold = three_hundred_less_fifty(world)
    made = []
    for place, way in zip((1, 0), ways, strict=True):
        key = came_back(world, sold, place)
        made.append(pay(world, key, refund_to=way, consented=way == "store_credit"))
    return made


def taken_from_credit(settlement: UUID) -> list[tuple[str, int]]:
    rows = Refund.objects.filter(settlement_id=settlement)
    return sorted(rows.values_list("method", "amount_minor"))


def test_worth_more_than_it_gave_only_what_went_to_store_credit_is_taken_from_there(world: Any) -> None:
    """B gave 70.00 to store credit, then A 200.00 as money; B taken back is worth 120.00: 50.00 of it was money."""
    state(world, discount_mode="reprice", refund_to="choice")
    first, _ = in_order(world, "store_credit", "")
    assert cash() == [7000, 20000]
    undone = undo(world, first)
    assert taken_from_credit(undone) == [("", -5000), ("store_credit", -7000)]
    assert CreditAccount.objects.get().balance_minor == 0
    verified()


def test_what_other_settlements_of_the_order_put_there_is_taken_first(world: Any) -> None:
    state(world, discount_mode="reprice", refund_to="choice")
    first, second = in_order(world, "store_credit", "store_credit")
    assert taken_from_credit(undo(world, first)) == [("store_credit", -12000)]
    verified()
    # All that is left there of A's 200.00 is 150.00, and so much it is worth now.
    assert taken_from_credit(undo(world, second)) == [("store_credit", -15000)]
    assert CreditAccount.objects.get().balance_minor == 0
    verified()


def test_both_taken_back_in_one_set(world: Any) -> None:
    state(world, discount_mode="reprice", refund_to="choice")
    made = in_order(world, "store_credit", "")
    outcomes = give(reverse_settlement, world, *(Reversal(each, "typed_twice") for each in made))
    assert all(each.ok for each in outcomes), [str(why) for each in outcomes for why in each.refusals]
    order = Order.objects.get()
    assert (order.refunded_minor, order.credited_minor, CreditAccount.objects.get().balance_minor) == (0, 0, 0)
    verified()
