"""A repair from the bay back to the buyer: quoted, agreed, carried out, paid and sent; `verify` after each step."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from guicang.accounting.models import Account, EntryLine
from guicang.inventory.models import Reservation, StockMove
from guicang.kernel.actor import Actor
from guicang.kernel.models import OutboxMessage
from guicang.proofs import queries as proofs
from guicang.returns.models import Clock, Inspection, Repair, RepairPart, RepairPayment, Return
from guicang.returns.steps.accept_quote import QuoteAcceptance, accept_quote
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.decline_quote import QuoteDeclination, decline_quote
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.finish_repair import Repaired, finish_repair
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.pay_repair import RepairPaid, pay_repair
from guicang.returns.steps.quote_repair import Quote, quote_repair
from guicang.returns.steps.redispose import Redisposition, redispose
from guicang.returns.steps.send_out import SendingOut, send_out
from guicang.returns.steps.settle import Settlement, settle
from guicang.returns.steps.turn_repair import Turning, turn_repair
from guicang.sales.models import Order as Sale
from guicang.trade.facts import LineFacts
from tests.journeys.acts import arrive, codes, do, give, verified
from tests.journeys.test_send_out import held, in_stock, stock_value
from tests.world import Sold

pytestmark = pytest.mark.django_db
Order = Callable[..., Sold]


def brought(world: Any, sold: Sold, units: int = 1) -> UUID:
    """A return whose goods lie here to be repaired."""
    key: UUID = world.authorised(sold, units, resolution="repair")
    arrive(world, key, units)
    do(inspect, world, Inspecting(key, [Part(world.line(key).id, units, "repair")]))
    verified()
    return key


def booked(event: str) -> dict[str, int]:
    roles = dict(Account.objects.values_list("id", "role"))
    found: dict[str, int] = {}
    for account, minor in EntryLine.objects.filter(entry__event=event).values_list("account_id", "book_minor"):
        found[roles[account]] = found.get(roles[account], 0) + minor
    return found


def with_tax(world: Any) -> Sold:
    facts = world.facts(1)
    facts.lines = [LineFacts("1", "GOODS", 1, Decimal("10.00"), 1000, tax_rate=Decimal("0.13"))]
    sold: Sold = world.sell(facts)[0]
    return sold


def test_goods_in_repair_stay_the_buyers(world: Any, order: Order) -> None:
    sold, value = order(1), stock_value(world)
    key = brought(world, sold)
    assert (held(world), stock_value(world)) == ({sold.customer_id: 1}, value)
    assert (world.row(key).state, world.row(key).department) == ("inspected", "warehouse")
    assert codes(give(send_out, world, SendingOut(key, "SF"))[0]) == ["repair_open"]
    assert "buyers_goods_here" in codes(give(close, world, Closing(key))[0])
    first = Inspection.objects.get().id
    assert codes(give(redispose, world, Redisposition(first, 1, "scrap", "other"))[0]) == ["not_redisposable"]
    verified()


def test_a_repair_in_warranty_costs_the_buyer_nothing(world: Any, order: Order) -> None:
    sold, spare = order(1), world.sku("SPARE", 10, cost_minor=1234)
    key = brought(world, sold)
    value = stock_value(world)
    assert codes(give(quote_repair, world, Quote(key, True, 100))[0]) == ["warranty_costs"]
    do(quote_repair, world, Quote(key, in_warranty=True))
    assert Repair.objects.get().state == "agreed"
    assert codes(give(accept_quote, world, QuoteAcceptance(key, 0))[0]) == ["repair_not_now"]
    do(finish_repair, world, Repaired(key, {spare: 2}, labour_minutes=45))
    verified()
    # 12.34 for ten: two of them leave at 2.47.
    assert (stock_value(world), RepairPart.objects.get().cost_minor) == (value - 247, 247)
    assert booked("repair_part") == {"warranty_expense": 247, "stock": -247}
    assert codes(give(finish_repair, world, Repaired(key, {spare: 2}))[0]) == ["repair_not_now"]
    assert codes(give(pay_repair, world, RepairPaid(key, "cash"))[0]) == ["repair_not_now"]
    do(send_out, world, SendingOut(key, "SF", "SF1"))
    verified()
    do(close, world, Closing(key))
    verified()
    row = world.row(key)
    assert (row.state, row.refund_minor, row.refund_state, held(world), sold.claimed) == ("closed", 0, "", {}, 0)
    # What was repaired can come back once more.
    assert world.request(sold, 1, resolution="repair")


def test_out_of_warranty_the_buyer_agrees_and_pays_before_he_gets_it(world: Any) -> None:
    sold, spare = with_tax(world), world.sku("SPARE", 1, cost_minor=300)
    key = brought(world, sold)
    buyer = Actor(kind="customer", id=sold.customer_id)
    do(quote_repair, world, Quote(key, in_warranty=False, price_minor=11300))
    told = OutboxMessage.objects.get(aggregate_id=key, body__notice="repair_quoted").body
    assert (told["data"]["amount"], told["owner_id"]) == ("113.00", str(sold.customer_id))
    assert codes(give(finish_repair, world, Repaired(key, {spare: 1}))[0]) == ["repair_not_now"]
    do(quote_repair, world, Quote(key, in_warranty=False, price_minor=22600))
    stale = accept_quote(acceptances=[QuoteAcceptance(key, 11300)], actor=buyer, now=world.now)
    assert codes(stale[0]) == ["quote_changed"]
    stranger = Actor(kind="customer", id=sold.shop_id)
    assert codes(accept_quote(acceptances=[QuoteAcceptance(key, 22600)], actor=stranger, now=world.now)[0]) == [
        "return_not_found"
    ]
    agreed = accept_quote(acceptances=[QuoteAcceptance(key, 22600)], actor=buyer, now=world.now)
    assert agreed[0].ok
    do(finish_repair, world, Repaired(key, {spare: 1}))
    assert booked("repair_part") == {"repair_cost": 300, "stock": -300}
    assert codes(give(send_out, world, SendingOut(key, "SF"))[0]) == ["repair_owed"]
    first, second = give(pay_repair, world, RepairPaid(key, "wechat", "wx-9"), RepairPaid(key, "cash"))
    assert (first.ok, codes(second)) == (True, ["repair_not_now"])
    verified()
    assert booked("repair_charge") == {"wallet_wechat": 22600, "repair_income": -20000, "output_vat": -2600}
    assert (RepairPayment.objects.get().amount_minor, RepairPayment.objects.get().tax_minor) == (22600, 2600)
    do(send_out, world, SendingOut(key, "SF"))
    do(close, world, Closing(key))
    verified()
    assert (world.row(key).state, world.row(key).refund_minor) == ("closed", 0)


def test_declined_it_goes_back_as_it_came(world: Any, order: Order) -> None:
    sold = order(1)
    key = brought(world, sold)
    do(quote_repair, world, Quote(key, in_warranty=False, price_minor=5000))
    buyer = Actor(kind="customer", id=sold.customer_id)
    assert decline_quote(declinations=[QuoteDeclination(key, 5000)], actor=buyer, now=world.now)[0].ok
    do(send_out, world, SendingOut(key, "SF"))
    do(close, world, Closing(key))
    verified()
    assert (Repair.objects.get().state, world.row(key).state, RepairPayment.objects.exists()) == (
        "declined",
        "closed",
        False,
    )


def test_a_part_that_is_not_there_leaves_the_repair_open(world: Any, order: Order) -> None:
    spare = world.sku("SPARE", 1)
    key = brought(world, order(1))
    do(quote_repair, world, Quote(key, in_warranty=True))
    assert codes(give(finish_repair, world, Repaired(key, {spare: 2}))[0]) == ["not_enough_stock"]
    assert codes(give(finish_repair, world, Repaired(key, {key: 1}))[0]) == ["part_unknown"]
    assert (Repair.objects.get().state, RepairPart.objects.exists(), Reservation.objects.exists()) == (
        "agreed",
        False,
        False,
    )
    verified()


@pytest.mark.parametrize("quoted", [False, True])
def test_beyond_repair_it_becomes_a_refund_in_one_act(world: Any, order: Order, quoted: bool) -> None:
    sold, value = order(1), stock_value(world)
    key = brought(world, sold)
    if quoted:
        do(quote_repair, world, Quote(key, in_warranty=True))
    assert codes(give(turn_repair, world, Turning(key, "", "refund"))[0]) == ["reason_missing"]
    do(turn_repair, world, Turning(key, "beyond_repair", "refund", "second"))
    verified()
    row = world.row(key)
    # 60 % of 5.00 in second grade; the buyer's goods are ours now.
    assert (row.type, row.state, held(world), stock_value(world)) == ("refund", "inspected", {}, value + 300)
    assert (Repair.objects.get().state, sold.shipped[0].returned) == ("given_up", 1)
    do(settle, world, Settlement(key))
    verified()
    do(close, world, Closing(key))
    verified()
    assert (world.row(key).state, world.row(key).refund_minor, sold.claimed) == ("closed", 1000, 1)


def test_beyond_repair_it_becomes_an_exchange(world: Any, order: Order) -> None:
    key = brought(world, order(1))
    do(turn_repair, world, Turning(key, "beyond_repair", "exchange"))
    verified()
    do(exchange, world, Exchanging(key))
    verified()
    assert Sale.objects.filter(return_id=key).count() == 1
    do(close, world, Closing(key))
    verified()


def test_goods_that_came_for_repair_are_not_put_on_the_shelf(world: Any, order: Order) -> None:
    key = world.authorised(order(1), 1, resolution="repair")
    arrive(world, key, 1)
    line = world.line(key).id
    assert codes(give(inspect, world, Inspecting(key, [Part(line, 1)]))[0]) == ["for_repair"]
    other = world.authorised(order(1), 1)
    arrive(world, other, 1)
    assert codes(give(inspect, world, Inspecting(other, [Part(world.line(other).id, 1, "repair")]))[0]) == [
        "bad_choice"
    ]
    # Not fit to be repaired: it goes back without one.
    do(inspect, world, Inspecting(key, [Part(line, 1, accepted=False)]))
    do(send_out, world, SendingOut(key, "SF"))
    do(close, world, Closing(key))
    verified()


def test_a_repair_has_its_time(world: Any, order: Order) -> None:
    key = world.authorised(order(1), 1, resolution="repair")
    row = Return.objects.get(id=key)
    Return.objects.filter(id=key).update(verdict={**row.verdict, "terms": {"repair_days": 10}})
    arrive(world, key, 1)
    do(inspect, world, Inspecting(key, [Part(world.line(key).id, 1, "repair")]))
    clock = Clock.objects.get(parent_id=key, kind="repair")
    assert (clock.due_at - world.now).days == 10
    assert world.row(key).due_at == clock.due_at
    do(quote_repair, world, Quote(key, in_warranty=True))
    do(finish_repair, world, Repaired(key))
    do(send_out, world, SendingOut(key, "SF"))
    assert Clock.objects.get(id=clock.id).outcome == "met"
    verified()


def test_the_proof_finds_a_part_without_its_move(world: Any, order: Order) -> None:
    spare = world.sku("SPARE", 1)
    key = brought(world, order(1))
    do(quote_repair, world, Quote(key, in_warranty=True))
    do(finish_repair, world, Repaired(key, {spare: 1}))
    Repair.objects.filter(parent_id=key).update(state="quoted", in_warranty=False, price_minor=5)
    verified()
    Repair.objects.filter(parent_id=key).update(state="agreed")
    do(pay_repair, world, RepairPaid(key, "cash"))
    Repair.objects.filter(parent_id=key).update(price_minor=6)
    found = {proof.name: proof.differences for proof in proofs.run() if not proof.ok}
    assert [each["fault"] for each in found["repairs"]] == ["paid"]
    assert (in_stock(world), StockMove.objects.filter(event="repair_part").count()) == (999, 1)
