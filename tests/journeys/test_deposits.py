"""Deposits of pre-sales (预售 定金/订金) through the real steps; `verify` after each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from guicang.accounting.models import Account, EntryLine
from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.request import Request, Wanted, preview, request
from guicang.returns.steps.settle import Settlement
from guicang.returns.steps.settle import preview as foresee
from guicang.sales.models import Order, OrderLine
from guicang.trade.facts import OrderPayment, PaymentFacts
from guicang.trade.steps import record_orders, record_payments
from tests.journeys.acts import SYSTEM, codes, do, give, pay, undo, verified
from tests.journeys.files import Desk
from tests.journeys.files import order as order_row
from tests.journeys.test_resettling import line, state

pytestmark = pytest.mark.django_db


def presold(world: Any, deposit: int = 4000, kind: str = "earnest", paid: int | None = None, **more: Any) -> Any:
    """Three pieces at 33.33 and one at 100.01, 200.00 in all; only the deposit is paid and nothing was shipped."""
    facts = world.facts(1, deposit_minor=deposit, deposit_kind=kind, **more)
    facts.lines = [line("a", 3, 3333), line("b", 1, 10001)]
    facts.shipments = []
    at = world.now - timedelta(days=4)
    facts.payments = [PaymentFacts("p", "wechat", deposit if paid is None else paid, at)]
    return world.sell(facts)[0]


def asks(sold: Any, *units: int, reason: str = "changed_mind") -> Request:
    wanted = [
        Wanted(order_line_id=row.id, quantity=count, reason=reason, resolution="unshipped")
        for row, count in zip(sold.lines, units, strict=True)
        if count
    ]
    return Request(sold.shop_id, sold.customer_id, wanted)


def cancel(world: Any, sold: Any, *units: int, **more: Any) -> UUID:
    """A granted return of units that were not shipped; its money is due."""
    key = do(request, world, asks(sold, *units, **more)).id
    assert key is not None
    do(authorise, world, Authorisation(key))
    return key


def kept() -> list[int]:
    return list(SettlementRow.objects.order_by("id").values_list("fee_minor", flat=True))


def cash() -> list[int]:
    return list(SettlementRow.objects.order_by("id").values_list("cash_minor", flat=True))


def booked(role: str) -> int:
    accounts = Account.objects.filter(role=role).values("id")
    return sum(EntryLine.objects.filter(account_id__in=accounts).values_list("amount_minor", flat=True))


def test_b30_earnest_is_forfeited_by_who_cancels(world: Any) -> None:
    sold = presold(world)
    said = preview(asks(sold, 3, 1), actor=SYSTEM, now=world.now)
    assert [each.plan.total("fee_minor") for each in said.plans] == [4000]
    key = cancel(world, sold, 3, 1)
    (shown,) = foresee(Settlement(key), SYSTEM, world.now)
    pay(world, key)
    assert (kept(), cash(), shown.cash_minor) == ([4000], [0], 0)
    order = Order.objects.get()
    assert (order.fees_minor, order.refunded_minor, order.advance_minor, order.receivable_minor) == (4000, 0, 0, 0)
    assert (booked("deposit_income"), booked("fee_income"), booked("output_vat")) == (-4000, 0, 0)
    told = [
        (one["label"], one["amount_minor"])
        for one in SettlementRow.objects.get().explanation
        if one["amount_minor"] < 0
    ]
    assert told == [("fee_deposit", -2000), ("fee_deposit", -2000)]
    verified()


def test_b30_of_a_larger_deposit_a_fifth_of_the_price_counts(world: Any) -> None:
    """民法典 586: what exceeds it has no effect as earnest, and goes back."""
    pay(world, cancel(world, presold(world, 7000), 3, 1))
    assert (kept(), cash()) == ([4000], [3000])
    verified()


def test_b30_any_parts_keep_the_same_in_the_end(world: Any) -> None:
    sold = presold(world, 7000)
    for units in ((1, 0), (0, 1), (1, 0), (1, 0)):
        pay(world, cancel(world, sold, *units))
        verified()
    assert (kept(), sum(kept())) == ([667, 2000, 666, 667], 4000)
    assert sum(cash()) == 3000
    order = Order.objects.get()
    assert (order.advance_minor, order.receivable_minor) == (0, 0)


def test_b30_the_rest_of_the_order_goes_on_with_the_rest_of_the_deposit(world: Any) -> None:
    sold = presold(world)
    pay(world, cancel(world, sold, 0, 1))
    order = Order.objects.get()
    # 99.99 is still wanted, of which the deposit paid 40.00 less the 20.00 that are forfeited.
    assert (kept(), cash(), order.advance_minor) == ([2000], [0], 2000)
    rest = PaymentFacts("rest", "wechat", 7999, world.now)
    do(record_payments, world, OrderPayment(sold.shop_id, order.number, rest))
    verified()
    # Once the rest is paid the deposit is part of the price: nobody forfeits it.
    pay(world, cancel(world, sold, 3, 0))
    assert (kept(), cash()) == ([2000, 0], [0, 9999])
    verified()


@pytest.mark.parametrize("kind", ["advance", ""])
def test_b30_an_advance_goes_back(world: Any, kind: str) -> None:
    pay(world, cancel(world, presold(world, kind=kind), 3, 1))
    assert (kept(), cash()) == ([0], [4000])
    verified()


@pytest.mark.parametrize(("kind", "back"), [("advance", 7000), ("earnest", 3000)])
def test_b30_postage_that_was_never_paid_is_not_taken_of_the_deposit(world: Any, kind: str, back: int) -> None:
    sold = presold(world, 7000, kind, shipping_standard_minor=1200, shipping_tax_minor=68)
    pay(world, cancel(world, sold, 1, 1))
    made = pay(world, cancel(world, sold, 2, 0))
    order = Order.objects.get()
    assert (sum(cash()), order.advance_minor, order.receivable_minor) == (back, 0, 0)
    verified()
    undo(world, made)
    verified()


@pytest.mark.parametrize("reason", ["quality", "late"])
def test_b30_never_for_the_sellers_or_the_carriers_fault(world: Any, reason: str) -> None:
    pay(world, cancel(world, presold(world), 3, 1, reason=reason))
    assert (kept(), cash()) == ([0], [4000])
    verified()


@pytest.mark.parametrize("terms", [{"deposit": "give_back"}, {"withdrawal": True}])
def test_b30_the_policy_or_a_right_of_withdrawal_gives_it_back(world: Any, terms: dict[str, Any]) -> None:
    state(world, **terms)
    pay(world, cancel(world, presold(world), 3, 1))
    assert (kept(), cash()) == ([0], [4000])
    verified()


def test_b30_what_is_taken_back_gives_exactly_its_part_back(world: Any) -> None:
    sold = presold(world, 7000)
    first = cancel(world, sold, 1, 0)
    made = pay(world, first)
    pay(world, cancel(world, sold, 2, 1))
    undo(world, made)
    assert Order.objects.get().fees_minor == 4000 - 667
    verified()
    pay(world, first)
    order = Order.objects.get()
    assert (order.fees_minor, order.refunded_minor, order.advance_minor, order.receivable_minor) == (4000, 3000, 0, 0)
    verified()


def test_b30_a_deposit_of_an_unknown_kind_is_refused(world: Any) -> None:
    facts = world.facts(1, deposit_minor=100, deposit_kind="gift")
    assert codes(give(record_orders, world, facts)[0]) == ["deposit_invalid"]
    assert not OrderLine.objects.exists()


def test_b30_the_second_deposit_is_given_as_compensation(world: Any) -> None:
    """民法典 587: a seller who cannot deliver pays it back twice; what no payment has room for stays as credit."""
    sold = presold(world)
    pay(world, cancel(world, sold, 3, 1, reason="quality"))
    wanted = Wanted(sold.lines[0].id, 0, "quality", "money_only", money_kind="compensation", recorded_minor=4000)
    key = do(request, world, Request(sold.shop_id, sold.customer_id, [wanted], currency="CNY")).id
    assert key is not None
    do(authorise, world, Authorisation(key))
    pay(world, key)
    order = Order.objects.get()
    assert (cash(), order.fees_minor, order.receivable_minor, booked("goodwill_expense")) == ([4000, 0], 0, -4000, 4000)
    verified()


@pytest.mark.parametrize(("said", "kind"), [("定金", "earnest"), ("订金", "advance"), ("预付款", "advance"), ("", "")])
def test_b30_the_order_file_says_what_a_deposit_is(world: Any, desk: Desk, said: str, kind: str) -> None:
    del world
    desk.imports("orders", desk.file("a.csv", [order_row(**{"定金": "6.00", "定金性质": said})]))
    order = Order.objects.get()
    assert (order.deposit_minor, order.deposit_kind) == (600, kind)
