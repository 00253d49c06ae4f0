"""Money without goods, and parcels that never reached the buyer: through the steps, with `verify` after each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from guicang.accounting.models import Account, EntryLine
from guicang.returns.lifecycle import Type
from guicang.returns.models import Return, ReturnLine
from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.operations.evidence import Showing, add_evidence
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales.models import Order, Shipment
from tests.journeys.acts import SYSTEM, back, codes, do, give, pay, undo, verified
from tests.journeys.test_resettling import line, sold_for, state
from tests.unit.returns.test_evidence import photo
from tests.world import Sold, World

pytestmark = pytest.mark.django_db


def wish(sold: Any, kind: str, amount: int | None = None, **more: Any) -> Request:
    said = {"reason": "quality", "resolution": Type.MONEY_ONLY, "money_kind": kind, "recorded_minor": amount, **more}
    return Request(sold.shop_id, sold.customer_id, [Wanted(sold.lines[0].id, **said)])


def granted(world: Any, item: Request) -> UUID:
    key = do(request, world, item).id
    assert key is not None
    do(authorise, world, Authorisation(key))
    return key


def refused(world: Any, item: Request) -> list[str]:
    return codes(give(request, world, item)[0])


def balance(role: str) -> int:
    accounts = Account.objects.filter(role=role).values("id")
    return sum(EntryLine.objects.filter(account_id__in=accounts).values_list("book_minor", flat=True))


def test_goodwill_counts_against_both_ceilings(world: Any) -> None:
    """HARD-CASES 7: paid 270, goodwill 30 -> at most 240 more."""
    sold = sold_for(world, 27000, line("a", 1, 27000))
    pay(world, granted(world, wish(sold, "goodwill", 3000)))
    verified()
    assert refused(world, wish(sold, "goodwill", 0)) == ["bad_amount"]
    key = granted(world, wish(sold, "goodwill", 24001))
    assert codes(give(settle, world, Settlement(key))[0]) == ["credit_ceiling"]
    pay(world, back(world, sold, 1))
    assert list(SettlementRow.objects.order_by("id").values_list("cash_minor", flat=True)) == [3000, 24000]
    verified()


def test_price_protection_is_what_the_price_dropped(world: Any) -> None:
    state(world, price_match_days=7)
    sold = sold_for(world, 30000, line("a", 3, 10000))
    one = granted(world, wish(sold, "price_match", price_minor=9000))
    assert ReturnLine.objects.get(parent_id=one).recorded_minor == 3000
    pay(world, one)
    # A second drop pays only what it dropped further, and none of it twice.
    assert refused(world, wish(sold, "price_match", price_minor=9000)) == ["price_not_lower"]
    two = granted(world, wish(sold, "price_match", price_minor=8500))
    assert ReturnLine.objects.get(parent_id=two).recorded_minor == 1500
    pay(world, two)
    assert Order.objects.get().refunded_minor == 4500
    verified()
    # What comes back afterwards gives back what is left of its price.
    pay(world, back(world, sold, 3))
    assert Order.objects.get().refunded_minor == 30000
    verified()


def test_price_protection_has_its_days(world: Any) -> None:
    sold = sold_for(world, 10000, line("a", 1, 10000))
    assert refused(world, wish(sold, "price_match", price_minor=9000)) == ["no_price_match"]
    state(world, price_match_days=1)
    later = sold_for(world, 10000, line("a", 1, 10000), number="O-2")
    assert refused(world, wish(later, "price_match", price_minor=9000)) == ["price_match_over"]
    item = wish(later, "price_match", price_minor=9000)
    exception = Request(item.shop_id, item.customer_id, item.lines, override="our_fault")
    assert do(request, world, exception).ok


def test_compensation_is_an_expense_beside_the_price(world: Any) -> None:
    sold = sold_for(world, 10000, line("a", 1, 10000))
    pay(world, granted(world, wish(sold, "compensation", 700)))
    order = Order.objects.get()
    assert (order.credited_minor, order.refunded_minor, balance("goodwill_expense")) == (0, 700, 700)
    verified()


def test_compensation_is_not_taken_off_the_next_refund(world: Any) -> None:
    """7.00 for the delay, then one of ten comes back: 10.00. Only the last finds no room left in what was captured."""
    sold = sold_for(world, 10000, line("a", 10, 1000))
    pay(world, granted(world, wish(sold, "compensation", 700)))
    one = back(world, sold, 1)
    made = pay(world, one)
    assert (world.row(one).refund_minor, sold.row.extra_minor, sold.row.receivable_minor) == (1000, 700, 0)
    verified()
    undo(world, made)
    verified()
    pay(world, one)
    rest = back(world, sold, 9)
    pay(world, rest)
    assert (world.row(rest).refund_minor, sold.row.refunded_minor, sold.row.receivable_minor) == (8300, 10000, -700)
    verified()


def test_taking_back_a_compensation_gives_back_no_shipping(world: Any) -> None:
    """It was settled where the policy gives back shipping in proportion, the goods then without it."""
    state(world, shipping_refund="proportional")
    sold = sold_for(world, 10700, line("a", 1, 10000), shipping_standard_minor=700)
    made = pay(world, granted(world, wish(sold, "compensation", 300)), shipping="proportional")
    pay(world, back(world, sold, 1), shipping="none")
    undo(world, made)
    assert (sold.row.refunded_minor, sold.row.shipping_refunded_minor, sold.row.extra_minor) == (10000, 0, 0)
    verified()


def test_compensation_where_nothing_was_paid_stays_a_credit(world: Any) -> None:
    (sold,) = world.sell(world.facts(1, price_minor=10000, paid=False))
    pay(world, granted(world, wish(sold, "compensation", 700)))
    assert (sold.row.refunded_minor, sold.row.extra_minor, sold.row.receivable_minor) == (0, 0, 9300)
    verified()


def test_freight_is_paid_back_against_its_receipt(world: Any) -> None:
    sold = sold_for(world, 10000, line("a", 1, 10000))
    key = granted(world, wish(sold, "freight", 1200))
    assert codes(give(settle, world, Settlement(key))[0]) == ["freight_receipt_missing"]
    assert add_evidence(pictures=[Showing(key, photo())], actor=SYSTEM, now=world.now)[0].ok
    pay(world, key)
    assert balance("freight_expense") == 1200
    verified()


def test_an_unknown_kind_is_refused(world: Any) -> None:
    sold = sold_for(world, 10000, line("a", 1, 10000))
    assert refused(world, wish(sold, "postage", 100)) == ["bad_choice"]


def test_a_refused_parcel_opens_granted_and_ends_in_the_books(world: World, order: Callable[..., Sold]) -> None:
    sold = order(units=2)
    Shipment.objects.filter(order_id=sold.id).update(delivered_at=None)
    wanted = Wanted(sold.lines[0].id, 2, resolution=Type.REFUSED_PARCEL)
    key = do(request, world, Request(sold.shop_id, sold.customer_id, [wanted], entered_by="parcel")).id
    assert key is not None
    found = Return.objects.get()
    assert (found.state, found.rma_code, found.type) == ("authorised", "", "refused_parcel")
    row = ReturnLine.objects.get()
    assert row.reason == "parcel_refused"
    do(receive, world, Receiving(key, [Arrived(row.id, 2)]))
    do(inspect, world, Inspecting(key, [Part(row.id, 2)]))
    pay(world, key)
    sale = Order.objects.get()
    assert (sale.refunded_minor, sale.credited_minor) == (sale.total_minor, sale.total_minor)
    assert balance("sales") + balance("sales_returns") == 0 == balance("cost_of_sales")
    verified()


def test_what_was_delivered_was_not_refused(world: World, order: Callable[..., Sold]) -> None:
    sold = order(units=2)
    Shipment.objects.filter(order_id=sold.id).update(delivered_at=world.now - timedelta(days=1))
    wanted = Wanted(sold.lines[0].id, 1, resolution=Type.REFUSED_PARCEL)
    item = Request(sold.shop_id, sold.customer_id, [wanted])
    assert refused(world, item) == ["delivered_already"]
    both = Request(sold.shop_id, sold.customer_id, [wanted, Wanted(sold.lines[0].id, 1, "quality")])
    assert refused(world, both) == ["not_one_parcel"]
    assert sold.claimed == 0


def test_shipping_that_came_with_compensation_goes_with_it(world: Any) -> None:
    """All of it is back without its freight, which comes with a compensation that stays a credit: both go again."""
    sold = sold_for(world, 7500, line("a", 1, 6000), shipping_standard_minor=1500)
    goods = pay(world, back(world, sold, 1))
    made = pay(world, granted(world, wish(sold, "compensation", 700)), shipping="last_unit")
    row = Order.objects.get(id=sold.id)
    assert (row.refunded_minor, row.shipping_refunded_minor) == (7500, 1500)
    undo(world, made)
    row.refresh_from_db()
    assert (row.refunded_minor, row.shipping_refunded_minor) == (6000, 0)
    verified()
    pay(world, granted(world, wish(sold, "compensation", 300)), shipping="last_unit")
    undo(world, goods)
    row.refresh_from_db()
    assert (row.refunded_minor, row.shipping_refunded_minor) == (1500, 1500)
    verified()
