"""The life of a return with goods, from request to closing, and what the two ledgers hold afterwards."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from guicang.accounting import queries as books
from guicang.inventory.models import StockLevel, ValuePool
from guicang.kernel.actor import Actor
from guicang.proofs import queries as proofs
from guicang.returns.models import Return
from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import request
from guicang.returns.steps.settle import Settlement, settle
from guicang.trade.facts import DiscountFacts, LineFacts, PaymentFacts, ShippedFacts

SYSTEM = Actor.system()


def verified() -> None:
    found = [(proof.name, proof.differences[:3]) for proof in proofs.run() if not proof.ok]
    assert not found, found


def do(step: Any, now: Any, **items: Any) -> list[Any]:
    outcomes = step(actor=SYSTEM, now=now, **items)
    for outcome in outcomes:
        assert outcome.ok, [str(refusal) for refusal in outcome.refusals]
    return list(outcomes)


def arrive(world: Any, return_id: UUID, units: int, **more: Any) -> Any:
    line = world.line(return_id)
    return do(receive, world.now, receipts=[Receiving(return_id, [Arrived(line.id, units)], **more)])[0]


def test_whole_life_in_owned_books_and_goods(world: Any, order: Any) -> None:
    sold = order(units=3, price_minor=1000)
    key = world.authorised(sold, 2)
    assert world.row(key).rma_code
    arrive(world, key, 2, key="m1")
    assert world.row(key).state == "received"
    assert arrive(world, key, 2, key="m1").data == {"repeat": True}
    line = world.line(key)
    do(inspect, world.now, inspections=[Inspecting(key, [Part(line.id, 1), Part(line.id, 1, "second")])])
    assert world.row(key).state == "inspected"
    verified()
    do(settle, world.now, settlements=[Settlement(key)])
    assert world.row(key).state == "settled"
    assert world.row(key).refund_minor == 2000
    assert sold.row.refunded_minor == 2000
    do(close, world.now, closings=[Closing(key)])
    assert world.row(key).state == "closed"
    assert sold.row.return_label == "part"
    # 1,000 units at 5.00, three sold: one is back at 5.00 in A, one at 3.00 in B (60 % of its cost).
    assert {(pool.grade, pool.quantity, pool.cost_minor) for pool in ValuePool.objects.filter(sku_id=world.sku_id)} == {
        ("A", 998, 499000),
        ("B", 1, 300),
    }
    assert books.balances("receivable")[world.company_id] == 0
    verified()


def test_half_of_an_unpaid_order_shrinks_the_receivable(world: Any, order: Any) -> None:
    sold = order(units=2, price_minor=1000, paid=False)
    key = world.authorised(sold, 1)
    arrive(world, key, 1)
    do(inspect, world.now, inspections=[Inspecting(key, [Part(world.line(key).id, 1)])])
    do(settle, world.now, settlements=[Settlement(key)])
    assert (sold.row.receivable_minor, sold.row.refunded_minor) == (1000, 0)
    assert SettlementRow.objects.get(parent_id=key).cash_minor == 0
    verified()


def test_case_6_a_late_parcel_goes_to_the_open_return_first(world: Any, order: Any) -> None:
    from guicang.returns.steps.expire import Expiry, expire

    sold = order(units=5)
    first = world.authorised(sold, 3)
    world.now += timedelta(days=20)
    do(expire, world.now, expiries=[Expiry(first)])
    assert sold.claimed == 0
    second = world.authorised(sold, 5)
    outcome = arrive(world, first, 3)
    assert outcome.data["taken_by"] == {str(second): 3}
    assert (world.line(second).received, world.row(second).state) == (3, "receiving")
    assert arrive(world, second, 2).ok
    # Everything expected has come: what comes now is nobody's and opens a follow-up that claims nothing.
    late = arrive(world, first, 1)
    follow_up = Return.objects.get(id=UUID(late.data["follow_up"]))
    assert (follow_up.linked_id, follow_up.link_kind) == (first, "late_parcel")
    line = follow_up.lines.get()
    assert (line.kind, line.received, line.claimed) == ("surplus", 1, 0)
    assert sold.claimed == 5
    verified()


def test_surplus_claims_nothing_until_it_is_accepted(world: Any, order: Any) -> None:
    sold = order(units=5)
    key = world.authorised(sold, 2)
    assert arrive(world, key, 3).data["surplus"] == 1
    surplus = world.line(key, 2)
    assert (surplus.kind, surplus.received, surplus.claimed, sold.claimed) == ("surplus", 1, 0, 2)
    do(inspect, world.now, inspections=[Inspecting(key, [Part(world.line(key).id, 2), Part(surplus.id, 1)])])
    assert sold.claimed == 3
    do(settle, world.now, settlements=[Settlement(key)])
    assert sold.row.refunded_minor == 3000
    verified()


def test_refund_only_and_before_shipment(world: Any, order: Any) -> None:
    sold = order(units=5, shipped=3)
    keep = world.authorised(sold, 1, resolution="refund_only")
    do(settle, world.now, settlements=[Settlement(keep)])
    unshipped = world.authorised(sold, 2, resolution="unshipped")
    do(settle, world.now, settlements=[Settlement(unshipped)])
    assert sold.row.refunded_minor == 3000
    assert (sold.lines[0].cancelled, sold.row.advance_minor) == (2, 0)
    assert {world.row(key).state for key in (keep, unshipped)} == {"settled"}
    assert StockLevel.objects.filter(grade="uninspected", virtual=False, on_hand__gt=0).count() == 0
    verified()


def test_case_18_serials(world: Any, order: Any) -> None:
    sold = order(units=1, serials=["SN-A"])
    key = world.authorised(sold, 1, serial="SN-A")
    arrive(world, key, 1)
    line = world.line(key)
    do(inspect, world.now, inspections=[Inspecting(key, [Part(line.id, 1, found_serial="SN-B")])])
    assert world.line(key).held
    (refused,) = settle(settlements=[Settlement(key)], actor=SYSTEM, now=world.now)
    assert "held" in {refusal.code for refusal in refused.refusals}
    assert sold.row.refunded_minor == 0
    verified()


def test_a_set_gives_each_item_its_own_answer(world: Any, order: Any) -> None:
    sold = order(units=2)
    key = world.authorised(sold, 1)
    outcomes = authorise(authorisations=[Authorisation(key), Authorisation(sold.id)], actor=SYSTEM, now=world.now)
    assert [[refusal.code for refusal in outcome.refusals] for outcome in outcomes] == [
        ["wrong_state"],
        ["return_not_found"],
    ]


@pytest.mark.parametrize("units", [1, 2, 3])
def test_one_by_one_returns_all_that_was_paid(world: Any, order: Any, units: int) -> None:
    sold = order(units=3, price_minor=667)
    for _ in range(3 // units):
        key = world.authorised(sold, units)
        arrive(world, key, units)
        do(inspect, world.now, inspections=[Inspecting(key, [Part(world.line(key).id, units)])])
        do(settle, world.now, settlements=[Settlement(key)])
    assert sold.row.refunded_minor == 667 * units * (3 // units)
    verified()


def inspected(world: Any, sold: Any, units: int, *dispositions: str) -> UUID:
    key: UUID = world.authorised(sold, units)
    arrive(world, key, units)
    parts = [Part(world.line(key).id, 1, name) for name in dispositions] or [Part(world.line(key).id, units)]
    do(inspect, world.now, inspections=[Inspecting(key, parts)])
    return key


def test_allocation_return_reverse_return_again(world: Any, order: Any) -> None:
    from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement

    facts = world.facts(3, price_minor=1000)
    facts.lines[0].discounts = [DiscountFacts("shop", 1000)]
    facts.payments[0].amount_minor = 2000
    sold = world.sell(facts)[0]
    key = inspected(world, sold, 1)
    (done,) = do(settle, world.now, settlements=[Settlement(key)])
    assert sold.row.refunded_minor == 667
    do(reverse_settlement, world.now, reversals=[Reversal(done.data["settlements"][0], "typed_twice")])
    assert (sold.row.refunded_minor, world.row(key).state) == (0, "inspected")
    verified()
    (again,) = reverse_settlement(
        reversals=[Reversal(done.data["settlements"][0], "again")], actor=SYSTEM, now=world.now
    )
    assert [refusal.code for refusal in again.refusals] == ["already_reversed"]
    do(settle, world.now, settlements=[Settlement(key)])
    for _ in range(2):
        do(settle, world.now, settlements=[Settlement(inspected(world, sold, 1))])
    assert sold.row.refunded_minor == 2000
    verified()


def test_case_13_a_disposition_changes_later(world: Any, order: Any) -> None:
    from guicang.returns.models import Inspection
    from guicang.returns.steps.redispose import Redisposition, redispose

    sold = order(units=3)
    key = inspected(world, sold, 2, "second", "restock")
    first = Inspection.objects.get(line__parent_id=key, disposition="second")
    do(redispose, world.now, redispositions=[Redisposition(first.id, 1, "scrap", "broken_after_all")])
    assert ValuePool.objects.get(sku_id=world.sku_id, grade="B").cost_minor == 0
    verified()
    (again,) = redispose(redispositions=[Redisposition(first.id, 1, "restock", "no")], actor=SYSTEM, now=world.now)
    assert [refusal.code for refusal in again.refusals] == ["bad_quantity"]


def test_case_20_half_of_an_invoice_comes_back(world: Any, order: Any) -> None:
    from guicang.accounting.models import CreditNote, EntryLine
    from guicang.kernel.commands import begin
    from guicang.sales.invoicing import BlueInvoice, BlueLine, issue_invoice

    world.sku("COST60", 10, cost_minor=60000)
    facts = world.facts(2, price_minor=11300, sku="COST60")
    facts.lines[0].tax_rate = Decimal("0.13")
    facts.payments[0].amount_minor = 10000
    sold = world.sell(facts)[0]
    line = sold.lines[0]
    assert (line.sold_minor, line.tax_minor, sold.row.receivable_minor) == (22600, 2600, 12600)
    issue_invoice(
        begin("test", actor=SYSTEM, now=world.now, items=1),
        BlueInvoice(world.company_id, sold.id, "B1", world.now, "CNY", [BlueLine(line.id, 2, 22600, 2600)]),
    )
    key = inspected(world, sold, 1)
    do(settle, world.now, settlements=[Settlement(key)])
    assert (sold.row.receivable_minor, sold.row.refunded_minor) == (1300, 0)
    note = CreditNote.objects.get()
    assert (note.net_minor, note.tax_minor) == (10000, 1300)
    credit = EntryLine.objects.filter(entry_id=note.entry_id).order_by("position")
    assert sorted(row.book_minor for row in credit) == [-11300, 1300, 10000]
    stock = EntryLine.objects.filter(entry__event="return_stock").values_list("book_minor", flat=True)
    assert sorted(stock) == [-6000, 6000]
    do(settle, world.now, settlements=[Settlement(inspected(world, sold, 1))])
    assert (sold.row.receivable_minor, sold.row.refunded_minor) == (0, 10000)
    verified()


def test_case_9_and_28_tenders_and_a_platform_subsidy(world: Any, order: Any) -> None:
    facts = world.facts(3, price_minor=4000)
    facts.lines[0].discounts = [DiscountFacts("platform", 2000)]
    facts.payments = [
        PaymentFacts("a", "gift_card", 3000, world.now - timedelta(days=4)),
        PaymentFacts("b", "points", 1000, world.now - timedelta(days=4), promotional=True),
        PaymentFacts("c", "card", 6000, world.now - timedelta(days=4)),
    ]
    sold = world.sell(facts)[0]
    owed = books.balances("platform_receivable")[world.company_id]
    assert owed == 2000
    do(settle, world.now, settlements=[Settlement(inspected(world, sold, 1))])
    assert list(sold.row.tenders.order_by("position").values_list("refunded_minor", flat=True)) == [1000, 333, 2000]
    assert books.balances("platform_receivable")[world.company_id] == 1333
    do(settle, world.now, settlements=[Settlement(inspected(world, sold, 2))])
    assert list(sold.row.tenders.order_by("position").values_list("refunded_minor", flat=True)) == [3000, 1000, 6000]
    assert books.balances("platform_receivable")[world.company_id] == 0
    verified()


def test_case_16_the_sales_rate_and_the_days_rate(world: Any, order: Any) -> None:
    facts = world.facts(1, price_minor=10000, currency="USD", fx_rate=Decimal("7.00"))
    sold = world.sell(facts)[0]
    key = inspected(world, sold, 1)
    do(settle, world.now, settlements=[Settlement(key, cash_rate=Decimal("7.20"))])
    found = {role: books.balances(role)[world.company_id] for role in ("sales_returns", "fx_difference", "receivable")}
    assert found == {"sales_returns": 70000, "fx_difference": 2000, "receivable": 0}
    verified()


def test_case_7_an_open_dispute_blocks_cash(world: Any, order: Any) -> None:
    from guicang.kernel.commands import begin
    from guicang.payments.operations import close_dispute, open_dispute

    sold = order(units=6, price_minor=4500)
    tender = sold.row.tenders.get()
    context = begin("test", actor=SYSTEM, now=world.now, items=1)
    dispute = open_dispute(context, tender.id, 27000, "D1")
    key = inspected(world, sold, 6)
    (refused,) = settle(settlements=[Settlement(key)], actor=SYSTEM, now=world.now)
    assert [refusal.code for refusal in refused.refusals] == ["dispute_open"]
    assert SettlementRow.objects.count() == 0
    close_dispute(context, dispute, "won")
    do(settle, world.now, settlements=[Settlement(key)])
    assert sold.row.refunded_minor == 27000
    verified()


def test_goodwill_lowers_the_price_of_what_is_kept(world: Any, order: Any) -> None:
    sold = order(units=6, price_minor=4500)
    key = world.authorised(sold, 0, resolution="money_only", recorded_minor=3000)
    do(settle, world.now, settlements=[Settlement(key)])
    do(settle, world.now, settlements=[Settlement(inspected(world, sold, 1))])
    assert sold.row.refunded_minor == 7000
    do(settle, world.now, settlements=[Settlement(inspected(world, sold, 5))])
    assert sold.row.refunded_minor == 27000
    verified()


def test_case_3_shipping_comes_back_once_through_the_steps(world: Any, order: Any) -> None:
    facts = world.facts(1, price_minor=6000, shipping_standard_minor=1500)
    for number, price in (("2", 3000), ("3", 1000)):
        facts.lines.append(LineFacts(number, "GOODS", 1, Decimal(price) / 100, price))
        facts.shipments[0].lines.append(ShippedFacts(number, 1))
    facts.payments[0].amount_minor = 11500
    sold = world.sell(facts)[0]
    for line in sold.lines:
        key = world.authorised(sold, 1, order_line_id=line.id)
        arrive(world, key, 1)
        do(inspect, world.now, inspections=[Inspecting(key, [Part(world.line(key).id, 1)])])
        do(settle, world.now, settlements=[Settlement(key, shipping="proportional")])
    assert list(SettlementRow.objects.order_by("id").values_list("shipping_minor", flat=True)) == [900, 450, 150]
    assert (sold.row.refunded_minor, sold.row.receivable_minor) == (11500, 0)
    verified()


def test_case_6_claims_are_released_and_receipts_add_up(world: Any, order: Any) -> None:
    from guicang.returns.steps.short_close import ShortClosing, short_close

    sold = order(units=5)
    key = world.authorised(sold, 3)
    assert sold.claimed == 3
    arrive(world, key, 2)
    do(short_close, world.now, closings=[ShortClosing(key, {world.line(key).id: 1}, reason="one_stays")])
    assert sold.claimed == 2
    assert (world.line(key).received, world.row(key).state) == (2, "received")
    verified()


def test_case_14_goods_are_conserved(world: Any, order: Any) -> None:
    sold = order(units=5)
    before = levels(world)
    key = world.authorised(sold, 5)
    arrive(world, key, 5)
    assert levels(world)["bay"] - before.get("bay", 0) == 5
    assert levels(world)["sellable"] == before["sellable"]
    line = world.line(key)
    parts = [
        Part(line.id, 2),
        Part(line.id, 1, "refurbish"),
        Part(line.id, 1, "scrap"),
        Part(line.id, 1, accepted=False),
    ]
    do(inspect, world.now, inspections=[Inspecting(key, parts)])
    after = levels(world)
    assert (after["sellable"] - before["sellable"], after["bay"], after["refurbish"]) == (2, 0, 1)
    do(settle, world.now, settlements=[Settlement(key)])
    assert levels(world) == after
    assert sold.row.refunded_minor == 4000
    verified()


def levels(world: Any) -> dict[str, int]:
    from guicang.inventory.models import Location

    found: dict[str, int] = {}
    kinds = dict(Location.objects.filter(warehouse_id=world.warehouse_id).values_list("id", "kind"))
    for row in StockLevel.objects.filter(sku_id=world.sku_id, virtual=False):
        found[kinds[row.location_id]] = found.get(kinds[row.location_id], 0) + row.on_hand
    return found


def test_case_17_bundle_and_component_share_one_counter(world: Any, order: Any) -> None:
    from guicang.catalog.operations import ComponentFacts, ensure_skus, set_bundle
    from guicang.kernel.commands import begin

    for code in ("A", "B"):
        world.sku(code, 10)
    context = begin("test", actor=SYSTEM, now=world.now, items=1)
    ensure_skus(context, world.company_id, {"SET": "set"})
    components = [ComponentFacts("A", 1, 8300), ComponentFacts("B", 1, 7000)]
    set_bundle(context, world.company_id, "SET", components)
    facts = world.facts(1, price_minor=16959, sku="SET")
    facts.lines[0].tax_minor = 960
    world.skus["SET"] = world.sku_id
    sold = world.sell(facts)[0]
    header, first, second = sold.lines
    frozen = [(line.sold_minor - line.tax_minor, line.tax_minor) for line in (first, second)]
    assert frozen == [
        (8679, 521),
        (7320, 439),
    ]
    key = world.authorised(sold, 1, order_line_id=first.id)
    (refused,) = request(requests=[world.asked(sold, 1, order_line_id=header.id)], actor=SYSTEM, now=world.now)
    assert [refusal.code for refusal in refused.refusals] == ["over_return"]
    arrive(world, key, 1)
    do(inspect, world.now, inspections=[Inspecting(key, [Part(world.line(key).id, 1)])])
    do(settle, world.now, settlements=[Settlement(key)])
    assert sold.row.refunded_minor == 9200
    verified()


def test_case_18_the_latest_sale_of_a_serial_is_refunded(world: Any, order: Any) -> None:
    first = order(units=1, serials=["SN-A"], price_minor=8000)
    key = world.authorised(first, 1, serial="SN-A")
    (twice,) = request(requests=[world.asked(first, 1, serial="SN-A")], actor=SYSTEM, now=world.now)
    assert {refusal.code for refusal in twice.refusals} & {"over_return", "serial_claimed"}
    arrive(world, key, 1)
    do(inspect, world.now, inspections=[Inspecting(key, [Part(world.line(key).id, 1, found_serial="SN-A")])])
    do(settle, world.now, settlements=[Settlement(key)])
    do(close, world.now, closings=[Closing(key)])
    world.now += timedelta(days=8)
    second = order(units=1, serials=["SN-A"], price_minor=7000, buyer="buyer-2")
    again = inspected(world, second, 1)
    do(settle, world.now, settlements=[Settlement(again)])
    assert (first.row.refunded_minor, second.row.refunded_minor) == (8000, 7000)
    (refused,) = request(requests=[world.asked(first, 1, serial="SN-A")], actor=SYSTEM, now=world.now)
    assert refused.refusals
    verified()


def test_words_do_not_go_into_the_trail(world: Any, order: Any) -> None:
    """What people write may name somebody; a reason is a code, and the trail outlives every person."""
    key = world.request(order(), 1)
    for said in ("王静 13800138000", "Too small!", "x" * 61):
        (outcome,) = reject(rejections=[Rejection(key, said)], actor=SYSTEM, now=world.now)
        assert [refusal.code for refusal in outcome.refusals] == ["reason_not_a_code"]
    assert reject(rejections=[Rejection(key, "too_late")], actor=SYSTEM, now=world.now)[0].ok


def test_an_exchange_pays_no_refund(world: Any, order: Any) -> None:
    key = world.authorised(order(), 1, resolution="exchange")
    line = world.line(key).id
    assert receive(receipts=[Receiving(key, [Arrived(line, 1)])], actor=SYSTEM, now=world.now)[0].ok
    assert inspect(inspections=[Inspecting(key, [Part(line, 1)])], actor=SYSTEM, now=world.now)[0].ok
    assert (world.row(key).state, world.line(key).money) == ("inspected", "due")
    (outcome,) = settle(settlements=[Settlement(key)], actor=SYSTEM, now=world.now)
    assert not outcome.ok
