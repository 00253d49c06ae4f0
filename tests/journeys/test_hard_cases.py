"""HARD-CASES through the real steps, number by number; what `test_life` and `test_decisions` hold is not repeated."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from guicang.accounting import queries as books
from guicang.accounting.models import CreditNote, EntryLine
from guicang.accounting.operations import close_period
from guicang.catalog.operations import ComponentFacts, ensure_skus, set_bundle
from guicang.inventory.models import StockMove, StockValue, ValuePool
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.payments.models import Refund
from guicang.payments.operations import open_dispute
from guicang.returns.models import Inspection, SettlementLine
from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.redispose import Redisposition, redispose
from guicang.returns.steps.request import request
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales.invoicing import BlueInvoice, BlueLine, issue_invoice
from guicang.trade.facts import DiscountFacts, LineFacts, PaymentFacts, ShippedFacts, StockFacts
from guicang.trade.operations import ShopFacts, WarehouseFacts, set_up
from guicang.trade.rules import spread
from guicang.trade.steps import record_purchases
from tests.journeys.acts import SYSTEM, arrive, back, codes, do, dump, give, pay, undo, verified
from tests.world import NOW, World


def context(world: Any) -> Any:
    return begin("test", actor=SYSTEM, now=world.now, items=1)


def refunds() -> list[int]:
    """What each settlement paid, oldest first."""
    return list(SettlementRow.objects.order_by("id").values_list("cash_minor", flat=True))


def sold_for(world: Any, paid: int, *lines: LineFacts, **more: Any) -> Any:
    """An order of these lines, all shipped, paid at once by one tender."""
    facts = world.facts(1, **more)
    facts.lines = list(lines)
    facts.shipments[0].lines = [ShippedFacts(line.line_key, line.ordered) for line in lines]
    facts.payments = [PaymentFacts("p", "wechat", paid, world.now - timedelta(days=4))]
    return world.sell(facts)[0]


def goods(key: str, units: int, price_minor: int, **more: Any) -> LineFacts:
    return LineFacts(key, "GOODS", units, Decimal(price_minor) / 100, units * price_minor, **more)


# 1, 2: what was paid, and its tax


def test_case_1_three_of_twenty(world: Any) -> None:
    sold = sold_for(world, 2000, goods("1", 3, 1000, discounts=[DiscountFacts("shop", 1000)]))
    for _ in range(3):
        pay(world, back(world, sold, 1))
    assert refunds() == [667, 666, 667]
    verified()


def test_case_1_a_discount_over_two_lines(world: Any) -> None:
    first, second = spread(100, [600, 400])
    lines = [goods("1", 1, 600, discounts=[DiscountFacts("shop", first)])]
    lines.append(goods("2", 1, 400, discounts=[DiscountFacts("shop", second)]))
    sold = sold_for(world, 900, *lines)
    for line in sold.lines:
        pay(world, back(world, sold, 1, order_line_id=line.id))
    assert refunds() == [540, 360]
    verified()


@pytest.mark.parametrize("steps", [[10], [1] * 10, [3, 1, 6], [7, 3]])
def test_case_2_tax_comes_back_as_it_was_invoiced(world: Any, steps: list[int]) -> None:
    line = goods("1", 10, 2390, discounts=[DiscountFacts("shop", 5975)], tax_rate=Decimal("0.2"))
    sold = sold_for(world, 17925, line)
    (row,) = sold.lines
    assert (row.paid_minor, row.tax_minor) == (17925, 2988)
    blue = BlueInvoice(world.company_id, sold.id, "B1", world.now, "CNY", [BlueLine(row.id, 10, 17925, 2988)])
    issue_invoice(context(world), blue)
    for units in steps:
        pay(world, back(world, sold, units))
    notes = list(CreditNote.objects.values_list("net_minor", "tax_minor"))
    assert (sum(net for net, _ in notes), sum(tax for _, tax in notes), sum(refunds())) == (14937, 2988, 17925)
    assert books.balances("output_vat")[world.company_id] == 0
    verified()


def test_case_2_even_thirds(world: Any) -> None:
    sold = sold_for(world, 5700, goods("1", 3, 1900, tax_rate=Decimal("0.13")))
    for _ in range(3):
        pay(world, back(world, sold, 1))
    assert refunds() == [1900, 1900, 1900]
    verified()


# 3: shipping once


def test_case_3_the_surcharge_stays_and_a_later_claim_gets_nothing(world: Any) -> None:
    fees = {"shipping_standard_minor": 500, "shipping_surcharge_minor": 1000}
    sold = sold_for(world, 11500, goods("1", 1, 10000), **fees)
    pay(world, back(world, sold, 1), shipping="statutory")
    assert refunds() == [10500]
    expense = world.authorised(sold, 0, resolution="money_only", recorded_minor=100, money_kind="compensation")
    pay(world, expense, shipping="proportional")
    assert (refunds()[1], sold.row.shipping_refunded_minor) == (1000, 1500)
    again = world.authorised(sold, 0, resolution="money_only", recorded_minor=100, money_kind="compensation")
    pay(world, again, shipping="proportional")
    assert (refunds()[2], sold.row.shipping_refunded_minor) == (0, 1500)
    verified()


# 7: ceilings


def test_case_7_goodwill_leaves_at_most_the_rest(world: Any, order: Any) -> None:
    sold = order(units=6, price_minor=4500)
    pay(world, world.authorised(sold, 0, resolution="money_only", recorded_minor=3000))
    key = back(world, sold, 6)
    pay(world, key)
    assert refunds() == [3000, 24000]
    more = world.authorised(sold, 0, resolution="money_only", recorded_minor=1)
    before = dump()
    (refused,) = give(settle, world, Settlement(more))
    assert (codes(refused), dump()) == (["credit_ceiling"], before)
    verified()


def test_case_7_an_order_on_account_is_only_credited(world: Any, order: Any) -> None:
    sold = order(units=6, price_minor=4500, paid=False)
    pay(world, back(world, sold, 6))
    assert (refunds(), sold.row.receivable_minor, CreditNote.objects.get().net_minor) == ([0], 0, 27000)
    assert not Refund.objects.exists()
    verified()


def test_case_7_a_dispute_over_a_part_leaves_the_rest(world: Any, order: Any) -> None:
    sold = order(units=6, price_minor=4500)
    open_dispute(context(world), sold.row.tenders.get().id, 9000, "D1")
    key = back(world, sold, 6)
    (refused,) = give(settle, world, Settlement(key))
    assert refused.refusals[0].data == {"disputed_minor": 9000, "room_minor": 18000, "cash_minor": 27000}
    pay(world, key, units={world.line(key).id: 4})
    assert refunds() == [18000]
    verified()


# 9: several tenders, points


def test_case_9_thirds_over_three_tenders(world: Any) -> None:
    facts = world.facts(2, price_minor=5000)
    amounts = [3333, 3333, 3334]
    ways = ("card", "wechat", "alipay")
    facts.payments = [
        PaymentFacts(way, way, minor, world.now - timedelta(days=4)) for way, minor in zip(ways, amounts, strict=True)
    ]
    sold = world.sell(facts)[0]
    made = pay(world, back(world, sold, 1))
    tenders = sold.row.tenders.order_by("position")
    assert list(tenders.values_list("refunded_minor", flat=True)) == [1667, 1666, 1667]
    undo(world, made)
    assert list(tenders.values_list("refunded_minor", flat=True)) == [0, 0, 0]
    pay(world, back(world, sold, 1))
    pay(world, SettlementRow.objects.get(id=made).parent_id)
    assert list(tenders.values_list("refunded_minor", flat=True)) == amounts
    verified()


def test_case_9_points_are_taken_back_once(world: Any) -> None:
    sold = sold_for(world, 100000, goods("1", 10, 10000), points_earned=100)
    key = back(world, sold, 1)
    made = pay(world, key)
    assert sold.row.points_taken_back == 10
    undo(world, made)
    assert sold.row.points_taken_back == 0
    pay(world, key)
    assert sold.row.points_taken_back == 10
    verified()


# 13: valuation


def trading(**company: Any) -> World:
    """A company that values or writes down in another way; no goods yet."""
    code = new_id().hex
    with transaction.atomic():
        made = set_up(
            begin("test", actor=SYSTEM, now=NOW, items=1),
            company={"code": code, "name": code, "currency": "CNY", **company},
            shops=[ShopFacts(code)],
            warehouses=[WarehouseFacts(code, goods="owned")],
        )
    return World(made.company.id, made.shops[code].id, made.warehouses[code].id, made.company.id)


def buy(world: Any, code: str, units: int, cost_minor: int) -> None:
    stock = StockFacts(world.warehouse_id, code, units, cost_minor, world.now, reference=f"{units}x{cost_minor}")
    (outcome,) = record_purchases(items=[stock], actor=SYSTEM, now=world.now)
    assert outcome.ok, outcome.refusals


def pool(world: Any, code: str, grade: str = "A") -> tuple[int, int, int]:
    row = ValuePool.objects.get(sku_id=world.skus[code], grade=grade)
    return (row.quantity, row.cost_minor, row.provision_minor)


def cost_of_sales(world: Any) -> int:
    return books.balances("cost_of_sales")[world.company_id]


def one_back(world: Any, disposition: str, worth_minor: int | None = None) -> int:
    """10 at 5.00, one sold, 5 bought at 10.00, the one is back; what cost of sales changed by at the inspection."""
    world.sku("V", 10)
    sold = world.sell(world.facts(1, price_minor=9000, sku="V"))[0]
    buy(world, "V", 5, 5000)
    assert pool(world, "V") == (14, 9500, 0)
    key = world.authorised(sold, 1)
    arrive(world, key, 1)
    before = cost_of_sales(world)
    do(inspect, world, Inspecting(key, [Part(world.line(key).id, 1, disposition, worth_minor=worth_minor)]))
    return cost_of_sales(world) - before


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["average", "fifo"])
def test_case_13_a_return_enters_at_its_issue_cost(method: str) -> None:
    world = trading(cost_method=method)
    assert (one_back(world, "restock"), pool(world, "V")) == (-500, (15, 10000, 0))
    verified()


@pytest.mark.django_db
@pytest.mark.parametrize(("how", "stock"), [("direct", (1, 300, 0)), ("provision", (1, 500, 200))])
def test_case_13_second_grade_is_worth_less(how: str, stock: tuple[int, int, int]) -> None:
    world = trading(write_down=how)
    assert (one_back(world, "second", 300), pool(world, "V", "B")) == (-500, stock)
    assert books.balances("write_down_loss")[world.company_id] == 200
    verified()


def test_case_13_scrap_comes_in_and_is_written_off(world: Any) -> None:
    assert (one_back(world, "scrap"), books.balances("scrap_loss")[world.company_id]) == (-500, 500)
    assert pool(world, "V") == (14, 9500, 0)
    verified()


@pytest.mark.django_db
def test_case_13_an_issue_has_one_cost() -> None:
    world = trading(cost_method="fifo")
    world.sku("V", 3)
    buy(world, "V", 2, 1600)
    sold = world.sell(world.facts(5, price_minor=9000, sku="V"))[0]
    assert sold.shipped[0].issue_cost_minor == 3100
    for _ in range(5):
        back(world, sold, 1)
    costs = list(Inspection.objects.order_by("id").values_list("cost_minor", flat=True))
    assert (costs[0], sum(costs), pool(world, "V")) == (620, 3100, (5, 3100, 0))
    verified()


def test_case_13_unknown_costs_fall_back_and_say_so(world: Any, order: Any) -> None:
    found = order(units=1)
    key = world.authorised(found, 1)
    with transaction.atomic():
        other = ensure_skus(context(world), world.company_id, {"NEVER": "never"})["NEVER"]
    come = [Arrived(quantity=1, sku_id=world.sku_id), Arrived(quantity=1, sku_id=other)]
    do(receive, world, Receiving(key, come))
    do(inspect, world, Inspecting(key, [Part(world.line(key, position).id, 1) for position in (2, 3)]))
    rows = Inspection.objects.order_by("line__position").values_list("cost_minor", "cost_source")
    assert list(rows) == [(500, "average"), (0, "zero")]
    verified()


def test_case_13_a_grade_leaves_at_its_average(world: Any, order: Any) -> None:
    sold = order(units=3)
    key = world.authorised(sold, 2)
    arrive(world, key, 2)
    line = world.line(key).id
    parts = [Part(line, 1, "second", worth_minor=300), Part(line, 1, "second", worth_minor=100)]
    do(inspect, world, Inspecting(key, parts))
    assert pool(world, "GOODS", "B") == (2, 400, 0)
    first = Inspection.objects.get(worth_minor=300)
    do(redispose, world, Redisposition(first.id, 1, "scrap", "broken"))
    left = StockValue.objects.filter(grade="B", kind="leave").get()
    assert (left.cost_minor, pool(world, "GOODS", "B")) == (-200, (1, 200, 0))
    assert StockValue.objects.filter(kind="difference").get().difference_minor == 100
    verified()


# 14: goods are conserved


def test_case_14_a_refund_moves_no_goods(world: Any, order: Any) -> None:
    sold = order(units=2)
    moves = StockMove.objects.count()
    keep = world.authorised(sold, 1, resolution="refund_only")
    made = pay(world, keep)
    undo(world, made)
    pay(world, keep)
    assert StockMove.objects.count() == moves
    verified()


# 16: yen have no decimals


def test_case_16_yen(world: Any) -> None:
    line = LineFacts("1", "GOODS", 3, Decimal(333), 1000)
    sold = sold_for(world, 1000, line, currency="JPY", fx_rate=Decimal("0.0473"))
    for _ in range(3):
        pay(world, back(world, sold, 1))
    assert refunds() == [333, 334, 333]
    assert {role: books.balances(role)[world.company_id] for role in ("receivable", "advance")} == {
        "receivable": 0,
        "advance": 0,
    }
    verified()


# 17: bundles


def test_case_17_a_later_edit_of_the_bundle_changes_nothing(world: Any) -> None:
    for code in ("A", "B", "C"):
        world.sku(code, 10)
    with transaction.atomic():
        ensure_skus(context(world), world.company_id, {"SET": "set"})
        parts = [ComponentFacts("A", 1, 8300), ComponentFacts("B", 1, 7000)]
        set_bundle(context(world), world.company_id, "SET", parts)
    facts = world.facts(2, price_minor=16959, sku="SET")
    facts.lines[0].tax_minor = 1920
    world.skus["SET"] = world.sku_id
    sold = world.sell(facts)[0]
    with transaction.atomic():
        changed = [ComponentFacts("A", 3, 100), ComponentFacts("C", 1, 9900)]
        set_bundle(context(world), world.company_id, "SET", changed)
    key = back(world, sold, 1, order_line_id=sold.lines[0].id)
    pay(world, key)
    assert refunds() == [16959]
    taxes = SettlementLine.objects.order_by("line__position").values_list("target_minor", "tax_minor")
    assert list(taxes) == [(9200, 521), (7759, 439)]
    one = back(world, sold, 1, order_line_id=sold.lines[2].id)
    pay(world, one)
    (refused,) = give(request, world, world.asked(sold, 1, order_line_id=sold.lines[0].id))
    assert codes(refused) == ["over_return"]
    pay(world, back(world, sold, 1, order_line_id=sold.lines[1].id))
    assert (sum(refunds()), sold.row.return_label) == (2 * 16959, "full")
    verified()


# 20: books


def invoiced_half_paid(world: Any) -> Any:
    world.sku("COST60", 10, cost_minor=60000)
    facts = world.facts(2, price_minor=11300, sku="COST60")
    facts.lines[0].tax_rate = Decimal("0.13")
    facts.payments[0].amount_minor = 22600
    return world.sell(facts)[0]


def test_case_20_a_third_red_invoice_is_refused(world: Any) -> None:
    sold = invoiced_half_paid(world)
    (line,) = sold.lines
    blue = BlueInvoice(world.company_id, sold.id, "B1", world.now, "CNY", [BlueLine(line.id, 2, 22600, 2600)])
    issue_invoice(context(world), blue)
    for _ in range(2):
        pay(world, back(world, sold, 1))
    assert (refunds(), CreditNote.objects.count()) == ([11300, 11300], 2)
    third = world.authorised(sold, 0, resolution="money_only", recorded_minor=11300)
    before = dump()
    (refused,) = give(settle, world, Settlement(third))
    assert (codes(refused), dump()) == (["credit_ceiling"], before)
    verified()


def test_case_20_a_closed_period_posts_to_the_open_one(world: Any) -> None:
    sold = invoiced_half_paid(world)
    key = back(world, sold, 1)
    happened, world.now = world.now, world.now + timedelta(days=40)
    close_period(context(world), world.company_id, 2026, 11)
    pay(world, key, occurred_at=happened)
    lines = EntryLine.objects.filter(entry__event__in=["return_credit", "refund"])
    assert {(line.occurred_at, str(line.book_date)) for line in lines} == {(happened, "2026-12-01")}
    assert str(CreditNote.objects.get().book_date) == str(SettlementRow.objects.get().book_date) == "2026-12-01"
    verified()
