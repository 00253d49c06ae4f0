"""Goods without an order are priced by rule, credited with a note of their own, and proved (B32)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.accounting.models import Account, CreditNote, EntryLine
from guicang.inventory.models import StockValue
from guicang.kernel import commands
from guicang.kernel.ids import NIL
from guicang.parties.models import Customer
from guicang.payments.models import Refund
from guicang.returns.models import AgreedPrice, Return, ReturnLine
from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.operations import price_rules
from guicang.returns.operations.price_rules import Agreement
from guicang.returns.pricing import Rules
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.price import Pricing, price
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, Wanted, preview, request
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from guicang.trade.facts import LineFacts
from tests.journeys.acts import SYSTEM, codes, undo, verified
from tests.journeys.test_refunds import ways
from tests.world import Sold, World

pytestmark = pytest.mark.django_db


def state(world: World, tier: str = "", **said: Any) -> None:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        price_rules.state_rules(context, world.company_id, tier, Rules(**said))


def agree(world: World, sold: Sold, amount: int, since: date, until: date) -> Any:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        return price_rules.agree(context, [Agreement(sold.customer_id, world.sku_id, "CNY", amount, since, until)])[0]


def sale(world: World, unit: int, days: int, units: int = 10, buyer: str = "buyer-1") -> Sold:
    """An order of so many days ago, 13 % tax within."""
    facts = world.facts(units, price_minor=unit, buyer=buyer)
    facts.lines = [LineFacts("1", "GOODS", units, Decimal(unit) / 100, units * unit, tax_rate=Decimal("0.13"))]
    facts.ordered_at = world.now - timedelta(days=days)
    return world.sell(facts)[0]


def asked(world: World, sold: Sold, units: int, amount: int | None = None) -> Request:
    wanted = Wanted(sku_id=world.sku_id, quantity=units, reason="too_small", recorded_minor=amount)
    return Request(sold.shop_id, sold.customer_id, [wanted], warehouse_id=world.warehouse_id)


def blind(world: World, sold: Sold, units: int, amount: int | None = None) -> UUID:
    (outcome,) = request(requests=[asked(world, sold, units, amount)], actor=SYSTEM, now=world.now)
    assert outcome.ok, outcome.refusals
    assert outcome.id is not None
    return outcome.id


def accept(world: World, key: UUID) -> None:
    for outcomes in (
        authorise(authorisations=[Authorisation(key)], actor=SYSTEM, now=world.now),
        receive(
            receipts=[Receiving(key, [Arrived(one.id, one.requested) for one in lines(key)], key=key.hex)],
            actor=SYSTEM,
            now=world.now,
        ),
        inspect(
            inspections=[Inspecting(key, [Part(one.id, one.requested, "restock") for one in lines(key)])],
            actor=SYSTEM,
            now=world.now,
        ),
    ):
        assert outcomes[0].ok, outcomes[0].refusals


def lines(key: UUID) -> list[ReturnLine]:
    return list(ReturnLine.objects.filter(parent_id=key).order_by("position"))


def pay(world: World, key: UUID, **said: Any) -> SettlementRow:
    (outcome,) = settle(settlements=[Settlement(key, **said)], actor=SYSTEM, now=world.now)
    assert outcome.ok, outcome.refusals
    return SettlementRow.objects.get(id=outcome.data["settlements"][0])


@pytest.mark.parametrize(
    ("sources", "amount"),
    [(("last",), 3 * 1300), (("lowest",), 3 * 1100), (("lowest_any", "last"), 3 * 900), (("agreed", "last"), 3 * 1300)],
)
def test_each_source(world: World, sources: tuple[str, ...], amount: int) -> None:
    """Lowest within 100 days: the 7.00 of long ago does not count."""
    for unit, days in ((700, 200), (1100, 60), (1300, 10)):
        sold = sale(world, unit, days)
    sale(world, 900, 30, buyer="somebody")
    state(world, sources=sources, days=100)
    (line,) = lines(blind(world, sold, 3))
    assert (line.recorded_minor, line.kind) == (amount, "blind")
    assert line.price_rule == next(one for one in sources if one != "agreed")


def test_agreed_prices_hold_from_until_and_never_overlap(world: World) -> None:
    sold, today = sale(world, 1300, 10), world.now.date()
    state(world, sources=("agreed", "last"))
    key = agree(world, sold, 1000, today - timedelta(days=5), today)
    assert codes(agree(world, sold, 1, today, today + timedelta(days=9))) == ["price_overlaps"]
    assert agree(world, sold, 800, today + timedelta(days=1), today + timedelta(days=9)).data["result"] == "imported"
    assert lines(blind(world, sold, 2))[0].recorded_minor == 2000
    changed = agree(world, sold, 1050, today - timedelta(days=5), today)
    assert (changed.id, changed.data["result"]) == (key.id, "updated")
    assert lines(blind(world, sold, 2))[0].recorded_minor == 2100
    assert AgreedPrice.objects.count() == 2
    verified()


def test_a_group_of_customers_has_rules_of_its_own(world: World) -> None:
    sold = sale(world, 1300, 10)
    state(world, sources=("last",), most_minor=2600)
    assert lines(blind(world, sold, 2))[0].price_rule == "last"
    over = lines(blind(world, sold, 3))[0]
    assert (over.price_rule, over.priced, over.recorded_minor) == ("", {"why": "above_limit"}, None)
    state(world, "wholesale", sources=("last",))
    Customer.objects.filter(id=sold.customer_id).update(tier="wholesale")
    assert lines(blind(world, sold, 3))[0].recorded_minor == 3900


def test_credited_with_a_note_of_its_own(world: World) -> None:
    """113.00 for 10 units: 3 of them are 33.90 with 3.90 tax within, on account, back at what the sale cost."""
    sold = sale(world, 1130, 10)
    state(world, sources=("last",))
    shown = preview(asked(world, sold, 3), actor=SYSTEM, now=world.now)
    assert shown.plans[0].plan.total("unlinked_minor") == 3390
    key = blind(world, sold, 3)
    accept(world, key)
    row = pay(world, key)
    assert (row.unlinked_minor, row.tax_minor, row.unapplied_minor, row.cash_minor) == (3390, 390, 3390, 0)
    note = CreditNote.objects.get(settlement_id=row.id)
    assert (note.net_minor, note.tax_minor, note.invoice_id, note.order_id) == (3000, 390, NIL, NIL)
    assert row.explanation[0]["rule"] == "priced_last"
    assert row.explanation[0]["basis"]["number"] == sold.row.number
    value = StockValue.objects.get(source_id=lines(key)[0].id)
    assert (value.cost_minor, value.cost_source) == (1500, "sale")
    verified()
    (undone,) = reverse_settlement(reversals=[Reversal(row.id, "wrong")], actor=SYSTEM, now=world.now)
    assert undone.ok, undone.refusals
    verified()
    assert pay(world, key).unlinked_minor == 3390
    vat = EntryLine.objects.filter(account_id__in=Account.objects.filter(role="output_vat").values("id"))
    assert sum(vat.values_list("amount_minor", flat=True)) == -910
    verified()


def test_parts_add_up_to_the_cent(world: World) -> None:
    sold = sale(world, 1000, 10, units=3)
    state(world, sources=("last",))
    key = blind(world, sold, 3, amount=1000)
    accept(world, key)
    line = lines(key)[0]
    rows = [pay(world, key, units={line.id: 1}) for _ in range(3)]
    assert [row.unlinked_minor for row in rows] == [333, 334, 333]
    assert sum(row.tax_minor for row in rows) == line.priced["tax_minor"]
    verified()


def test_a_person_prices_what_no_rule_does(world: World) -> None:
    sold = sale(world, 1000, 10)
    key = blind(world, sold, 2)
    accept(world, key)
    (refused,) = settle(settlements=[Settlement(key)], actor=SYSTEM, now=world.now)
    assert [one.code for one in refused.refusals] == ["unpriced"]
    (line,) = lines(key)
    (done,) = price(pricings=[Pricing(key, {line.id: 1500}, "market_price")], actor=SYSTEM, now=world.now)
    assert done.ok, done.refusals
    assert pay(world, key).unlinked_minor == 1500
    (again,) = price(pricings=[Pricing(key, {line.id: 1}, "market_price")], actor=SYSTEM, now=world.now)
    assert [one.code for one in again.refusals] == ["wrong_state"]
    verified()


def test_paid_out_to_the_bank_where_the_rules_say_so(world: World) -> None:
    sold = sale(world, 1000, 10)
    state(world, sources=("last",), pays="bank")
    key = blind(world, sold, 2)
    accept(world, key)
    row = pay(world, key)
    assert (row.cash_minor, row.unapplied_minor) == (2000, 0)
    refund = Refund.objects.get(settlement_id=row.id)
    assert (refund.method, refund.tender_id, refund.order_id) == ("bank", NIL, NIL)
    verified()


def moved(settlement_id: UUID) -> tuple[int, int]:
    row = SettlementRow.objects.get(id=settlement_id)
    return row.cash_minor, row.unapplied_minor


def balance(role: str) -> int:
    rows = EntryLine.objects.filter(account_id__in=Account.objects.filter(role=role).values("id"))
    return sum(rows.values_list("amount_minor", flat=True))


def test_a_payout_that_is_still_due_is_set_off(world: World) -> None:
    sold = sale(world, 1000, 10)
    state(world, sources=("last",), pays="bank")
    ways(world, bank="by_hand")
    key = blind(world, sold, 2)
    accept(world, key)
    row = pay(world, key)
    assert (balance("refunds_payable"), Return.objects.get(id=key).refund_state) == (-2000, "due")
    assert moved(undo(world, row.id)) == (-2000, 0)
    found = Return.objects.get(id=key)
    assert (balance("refunds_payable"), found.refund_minor, found.refund_state) == (0, 0, "paid")
    assert list(Refund.objects.order_by("id").values_list("method", "state", "amount_minor")) == [
        ("credited", "paid", 2000),
        ("credited", "paid", -2000),
    ]
    verified()
    assert moved(pay(world, key).id) == (2000, 0)
    assert balance("refunds_payable") == -2000
    verified()


def test_a_payout_that_was_paid_is_owed_and_never_paid_twice(world: World) -> None:
    sold = sale(world, 1000, 10)
    state(world, sources=("last",), pays="bank")
    key = blind(world, sold, 3)
    accept(world, key)
    (line,) = lines(key)
    first = pay(world, key, units={line.id: 1})
    owed = balance("receivable")
    assert moved(undo(world, first.id)) == (0, -1000)
    assert (balance("receivable") - owed, Return.objects.get(id=key).refund_minor) == (1000, 1000)
    verified()
    # Of the next 20.00 he owes 10.00: so much less goes out.
    several = [Settlement(key, {line.id: 1}), Settlement(key, {line.id: 1})]
    outcomes = settle(settlements=several, actor=SYSTEM, now=world.now)
    assert [moved(each.data["settlements"][0]) for each in outcomes] == [(0, 1000), (1000, 0)]
    assert moved(pay(world, key).id) == (1000, 0)
    assert (balance("receivable"), Return.objects.get(id=key).refund_minor) == (owed, 3000)
    verified()


def test_what_is_due_of_another_part_is_set_off_before_he_owes(world: World) -> None:
    sold = sale(world, 1000, 10)
    state(world, sources=("last",), pays="bank")
    key = blind(world, sold, 2)
    accept(world, key)
    (line,) = lines(key)
    paid = pay(world, key, units={line.id: 1})
    ways(world, bank="by_hand")
    due = pay(world, key)
    assert moved(undo(world, paid.id)) == (-1000, 0)
    verified()
    assert moved(undo(world, due.id)) == (0, -1000)
    verified()
    assert moved(pay(world, key).id) == (1000, 1000)
    assert Return.objects.get(id=key).refund_minor == 2000
    verified()


def test_goods_count_as_returned_of_the_sales_that_are_found(world: World) -> None:
    """Where a red-letter invoice has to name the blue one: the newest sale first, then the next; the rest waits."""
    old, new = sale(world, 1100, 60, units=2), sale(world, 1300, 10, units=3)
    state(world, sources=("last",), refers=True)
    key = blind(world, new, 7)
    found = [(line.order_id, line.kind, line.requested, line.price_rule) for line in lines(key)]
    assert found == [(new.id, "goods", 3, ""), (old.id, "goods", 2, ""), (NIL, "blind", 2, "")]
    assert (new.claimed, old.claimed) == (3, 2)
    assert [line.priced for line in lines(key)] == [{}, {}, {"why": "no_sale_left"}]
    verified()
