"""HARD-CASES through the real steps: numbers that speak of a policy, an allocation, a deadline or an invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.accounting.models import Account, EntryLine
from guicang.catalog.models import Sku
from guicang.inventory.models import StockValue
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused
from guicang.returns.models import Inspection, SettlementLine
from guicang.returns.operations.asking import Request, Wanted
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.redispose import Redisposition, redispose
from guicang.returns.steps.request import Declaration, request
from guicang.returns.steps.short_close import ShortClosing, short_close
from guicang.sales.invoicing import BlueInvoice, BlueLine, issue_invoice
from guicang.trade.facts import DiscountFacts, PaymentFacts
from guicang.trade.operations import ShopFacts, WarehouseFacts, set_up
from tests.journeys.acts import SYSTEM, arrive, back, codes, do, give, look_at, pay, verified
from tests.journeys.test_hard_cases import invoiced_half_paid, pool
from tests.journeys.test_life import levels
from tests.journeys.test_resettling import came_back, cash, line, sold_for, state
from tests.world import NOW, Sold, World

pytestmark = pytest.mark.django_db
INSTANT = timedelta(milliseconds=1)


# Allocation


def test_allocation_discounts_that_take_all(world: Any) -> None:
    """10.00 over 3 less two discounts of 5.00: nothing was paid, and nothing goes back each time."""
    facts = world.facts(3, paid=False)
    facts.lines = [line("1", 1, 1000, discounts=[DiscountFacts("shop", 500), DiscountFacts("shop", 500)])]
    facts.lines[0].ordered = 3
    (sold,) = world.sell(facts)
    for _ in range(3):
        pay(world, back(world, sold, 1))
    assert (cash(), sold.lines[0].settled) == ([0, 0, 0], 3)
    verified()


def test_allocation_a_discount_has_its_own_target(world: Any) -> None:
    """5.00 less 0.01 over 3: of the cent, which the platform bears, 0.00, 0.01, 0.00."""
    facts = world.facts(3, price_minor=0)
    facts.lines = [line("1", 1, 500, discounts=[DiscountFacts("platform", 1)])]
    facts.lines[0].ordered = 3
    facts.payments = [PaymentFacts("p", "wechat", 499, facts.ordered_at)]
    (sold,) = world.sell(facts)
    for _ in range(3):
        pay(world, back(world, sold, 1))
    assert cash() == [166, 167, 166]
    assert list(SettlementLine.objects.order_by("id").values_list("funded_minor", flat=True)) == [0, 1, 0]
    verified()


def test_allocation_each_fee_is_of_what_it_is_kept_back_from(world: Any) -> None:
    """2 at 42.40 less 15 %: 6.36 each, 36.04 and 36.04."""
    state(world, fees=[{"kind": "percent", "value": 1500}])
    sold = sold_for(world, 8480, line("a", 2, 4240, tax_rate=Decimal("0.06")))
    for _ in range(2):
        pay(world, came_back(world, sold, 0))
    assert cash() == [3604, 3604]
    verified()


# 3: shipping


def test_case_3_a_withdrawal_gives_back_the_standard_fee_alone(world: Any) -> None:
    state(world, withdrawal=True, shipping_refund="statutory", fees=[{"kind": "percent", "value": 1500}])
    fees = {"shipping_standard_minor": 500, "shipping_surcharge_minor": 1000}
    sold = sold_for(world, 11500, line("a", 1, 10000), **fees)
    pay(world, withdrawn(world, sold, 0))
    assert (cash(), sold.row.shipping_refunded_minor) == ([10500], 500)
    verified()


def withdrawn(world: Any, sold: Sold, place: int) -> UUID:
    """One unit back by a withdrawal from the contract, which owes no reason."""
    wanted = Wanted(sold.lines[place].id, 1)
    told = Declaration("Ann Example", "ann@example.org", "en")
    key = do(request, world, Request(sold.shop_id, sold.customer_id, [wanted], withdrawal=told)).id
    assert key is not None
    do(authorise, world, Authorisation(key))
    arrive(world, key, 1)
    look_at(world, key, (1, "restock"))
    return key


# 4: promotions reckoned anew


def test_case_4_the_paid_share_while_the_threshold_is_met(world: Any) -> None:
    """A 200, B 120, C 150 less 50 from 300, paid 420: B alone gives back 107.24."""
    state(world, discount_mode="reprice")
    parts = {"a": (20000, 2128), "b": (12000, 1276), "c": (15000, 1596)}
    promotion = {"id": "M", "mode": "", "threshold_minor": 30000, "members": list(parts), "gifts": []}
    lines = [
        line(key, 1, price, discounts=[DiscountFacts("shop", less, "M")], promotion_id="M")
        for key, (price, less) in parts.items()
    ]
    sold = sold_for(world, 42000, *lines, promotions=[promotion])
    pay(world, came_back(world, sold, 1))
    assert cash() == [10724]
    verified()
    for place in (0, 2):
        pay(world, came_back(world, sold, place))
    assert sum(cash()) == 42000
    verified()


@pytest.mark.parametrize(
    ("mode", "sums"),
    [("reprice", [2000, 7000, 12000, 17000, 22000, 27000]), ("keep", [4500, 9000, 13500, 18000, 22500, 27000])],
)
def test_case_4_six_of_which_all_earned_it(world: Any, mode: str, sums: list[int]) -> None:
    """6 x 50 less 10 % from 300, paid 270."""
    promotion = {"id": "M", "mode": mode, "threshold_minor": 30000, "members": ["a"], "gifts": []}
    goods = line("a", 6, 5000, discounts=[DiscountFacts("shop", 3000, "M")], promotion_id="M")
    sold = sold_for(world, 27000, goods, promotions=[promotion])
    for expected in sums:
        pay(world, came_back(world, sold, 0))
        assert sold.row.refunded_minor == expected
    verified()


# 6: claims and receipts


def test_case_6_what_is_left_after_each_step(world: Any, order: Any) -> None:
    """Shipped 5, asked for 3: 2 left. Of these 2 came, and the rest is waited for no longer: 3 left after closing."""
    sold = order(units=5)
    key = world.authorised(sold, 3)
    assert 5 - sold.claimed == 2
    arrive(world, key, 2)
    look_at(world, key, (2, "restock"))
    do(short_close, world, ShortClosing(key, {world.line(key).id: 1}, "never_sent"))
    pay(world, key)
    do(close, world, Closing(key))
    assert (world.row(key).state, 5 - sold.claimed) == ("closed", 3)
    verified()


def test_case_6_receipts_add_up_and_count_once(world: Any, order: Any) -> None:
    """2, then 3: 5 received and 5 in the bay; the second message again changes nothing."""
    key = world.authorised(order(units=5), 5)
    row, before = world.line(key).id, levels(world).get("bay", 0)
    first = Receiving(key, [Arrived(row, 2)], key="one")
    second = Receiving(key, [Arrived(row, 3)], key="two")
    for told, received in ((first, 2), (second, 5), (second, 5)):
        do(receive, world, told)
        assert (world.line(key).received, levels(world)["bay"] - before) == (received, received)
    verified()


# 13: valuation


def test_case_13_the_standard_cost_before_none(world: Any, order: Any) -> None:
    """Goods that were never in stock come back: at their standard cost where one is stated."""
    key = world.authorised(order(units=1), 1)
    with transaction.atomic():
        sku = Sku.objects.create(company_id=world.company_id, code="STD", name="STD", standard_cost_minor=250)
    do(receive, world, Receiving(key, [Arrived(quantity=1, sku_id=sku.id)]))
    do(inspect, world, Inspecting(key, [Part(world.line(key, 2).id, 1)]))
    assert list(Inspection.objects.values_list("cost_minor", "cost_source")) == [(250, "standard")]
    verified()


def test_case_13_the_last_of_a_grade_leaves_nothing_behind(world: Any, order: Any) -> None:
    """3.00 and 1.00 came in; one left at 2.00, then the first leaves at 2.00: 1.00 less than it came in with."""
    key = world.authorised(order(units=3), 2)
    arrive(world, key, 2)
    row = world.line(key).id
    parts = [Part(row, 1, "second", worth_minor=worth) for worth in (300, 100)]
    do(inspect, world, Inspecting(key, parts))
    for worth in (100, 300):
        found = Inspection.objects.get(worth_minor=worth)
        do(redispose, world, Redisposition(found.id, 1, "scrap", "broken"))
    left = StockValue.objects.filter(grade="B", kind="leave").order_by("id").values_list("cost_minor", flat=True)
    assert (list(left), pool(world, "GOODS", "B")) == ([-200, -200], (0, 0, 0))
    listed = StockValue.objects.filter(kind="difference").order_by("id")
    assert list(listed.values_list("difference_minor", flat=True)) == [-100, 100]
    verified()


# 15: fees, and freight that was waived


def test_case_15_a_fee_is_clipped_to_nothing_tax_included(world: Any) -> None:
    """A fee of 20 on an item of 15."""
    state(world, fees=[{"kind": "fixed", "value": 2000}])
    sold = sold_for(world, 1500, line("a", 1, 1500, tax_rate=Decimal("0.13")))
    pay(world, came_back(world, sold, 0))
    row = SettlementLine.objects.get()
    assert (cash(), row.fee_minor, row.fee_tax_minor) == ([0], 1500, sold.lines[0].tax_minor)
    verified()


@pytest.mark.parametrize(("rule", "expected"), [("give_back", [4000, 7000]), ("charge", [4000, 6000])])
def test_case_15_lost_freight_counts_in_a_withdrawal_too_and_a_fee_does_not(
    world: Any, rule: str, expected: list[int]
) -> None:
    state(world, withdrawal=True, lost_shipping=rule, fees=[{"kind": "percent", "value": 1500}])
    free = {"id": "F", "mode": "", "threshold_minor": 9900, "members": [], "gifts": [], "shipping_minor": 1000}
    sold = sold_for(world, 11000, line("a", 1, 6000), line("b", 1, 5000), promotions=[free])
    for place in (1, 0):
        pay(world, withdrawn(world, sold, place))
        verified()
    assert cash() == expected


# 16: currency


def test_case_16_the_bank_and_the_loss(world: Any) -> None:
    """100 USD sold at 7.00 and refunded at 7.20: revenue 700 back, 720 from the bank, a loss of 20."""
    facts = world.facts(1, price_minor=10000, currency="USD", fx_rate=Decimal("7.00"))
    (sold,) = world.sell(facts)
    pay(world, back(world, sold, 1), cash_rate=Decimal("7.20"))
    roles = dict(Account.objects.values_list("id", "role"))
    found = {
        (each.entry.event, roles[each.account_id]): each.book_minor
        for each in EntryLine.objects.filter(entry__event__in=["return_credit", "refund"]).select_related("entry")
    }
    assert found.pop(("return_credit", "sales_returns")) == 70000
    assert found.pop(("refund", "fx_difference")) == 2000
    assert [minor for (event, role), minor in found.items() if event == "refund" and role != "receivable"] == [-72000]
    verified()


# 19: deadlines


def test_case_19_the_last_instant_through_the_request(world: Any, order: Any) -> None:
    """Delivered 2026-11-03 23:30 +08:00, 7 days: through the 10th there, whatever the policy says later."""
    state(world, days=7, counted_from="delivery")
    until = datetime(2026, 11, 10, 16, tzinfo=UTC)
    facts = world.facts(2)
    facts.shipments[0].delivered_at = datetime(2026, 11, 3, 15, 30, tzinfo=UTC)
    (sold,) = world.sell(facts)
    world.now = NOW + timedelta(days=1)
    state(world, days=3, counted_from="delivery")
    world.now = until
    assert codes(give(request, world, world.asked(sold, 1))[0]) == ["not_eligible"]
    world.now = until - INSTANT
    done = do(request, world, world.asked(sold, 1))
    assert done.id is not None
    row = world.row(done.id)
    assert row.verdict["deadline"] == until.isoformat()
    assert row.policy_version_id == sold.row.policy_version_id
    verified()


def test_case_19_a_last_day_on_a_sunday_moves_where_the_rules_say_so() -> None:
    """EU: 14 days from Sunday 2026-11-01 would end on Sunday the 15th: through Monday the 16th there."""
    code = new_id().hex
    with transaction.atomic():
        made = set_up(
            begin("test", actor=SYSTEM, now=NOW, items=1),
            company={"code": code, "name": code, "currency": "CNY"},
            shops=[ShopFacts(code, market="DE", zone="Europe/Berlin")],
            warehouses=[WarehouseFacts(code, goods="owned")],
        )
    world = World(made.company.id, made.shops[code].id, made.warehouses[code].id, made.company.id)
    world.sku("GOODS")
    state(world, days=14, counted_from="delivery", holidays_extend=True, withdrawal=True)
    facts = world.facts(2)
    facts.shipments[0].delivered_at = datetime(2026, 11, 1, 10, tzinfo=UTC)
    (sold,) = world.sell(facts)
    told = Declaration("Ann Example", "ann@example.org", "en")
    asked = replace(world.asked(sold, 1), withdrawal=told)
    world.now = until = datetime(2026, 11, 16, 23, tzinfo=UTC)
    assert codes(give(request, world, asked)[0]) == ["not_eligible"]
    world.now = until - INSTANT
    assert do(request, world, asked).id is not None
    verified()


# 20: books


def test_case_20_what_came_back_uninvoiced_is_invoiced_no_more(world: Any) -> None:
    """Of 226 that nobody invoiced yet half comes back: the invoice is over 113, never a cent more."""
    sold = invoiced_half_paid(world)
    pay(world, back(world, sold, 1))
    assert cash() == [11300]
    (row,) = sold.lines

    def bill(gross: int) -> None:
        blue = BlueInvoice(world.company_id, sold.id, "B1", world.now, "CNY", [BlueLine(row.id, 1, gross, 1300)])
        with transaction.atomic():
            issue_invoice(begin("test", actor=SYSTEM, now=world.now, items=1), blue)

    with pytest.raises(Refused) as refused:
        bill(11301)
    assert refused.value.refusals[0].data["left_minor"] == 11300
    bill(11300)
    pay(world, back(world, sold, 1))
    assert cash() == [11300, 11300]
    verified()
