"""Orders in: what is frozen, moved and booked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from guicang.accounting.operations import RateKey, set_rates
from guicang.accounting.queries import balances
from guicang.audit.queries import history
from guicang.catalog.models import Serial
from guicang.catalog.operations import ComponentFacts, set_bundle
from guicang.kernel.models import OutboxMessage
from guicang.parties.models import Customer
from guicang.policy.operations import state_version
from guicang.sales.models import LineDiscount, Payment, Shipment, ShipmentLine, Tender
from guicang.trade.facts import CustomerFacts, DiscountFacts, PaymentFacts, ShipmentFacts, ShippedFacts
from tests.unit.trade.world import NOW, build, codes, context, faults

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_paid_and_shipped_order_is_booked_through_its_advance() -> None:
    world = build()
    facts = world.order(world.line("A", 3, "10.00"), ship={"A": 2}, pay={"p1": 3000}, status="shipped")
    (outcome,) = world.record(facts)
    assert outcome.ok, outcome.refusals
    assert outcome.data["result"] == "imported"
    order = world.row(facts)
    assert (order.total_minor, order.captured_minor) == (3000, 3000)
    assert (order.receivable_minor, order.advance_minor) == (0, 1000)
    assert balances("sales")[world.company_id] == -2000
    assert balances("advance")[world.company_id] == -1000
    assert balances("wallet_wechat")[world.company_id] == 3000
    assert [item.action for item in history(order.id)] == ["import"]
    assert faults() == {}


def test_the_same_order_again_changes_nothing() -> None:
    world = build()
    facts = world.order(world.line("A", 3, "10.00"), ship={"A": 2}, pay={"p1": 3000})
    world.record(facts)
    before = world.row(facts)
    assert world.record(facts)[0].data["result"] == "unchanged"
    after = world.row(facts)
    assert {name: getattr(after, name) for name in ("revision", "receivable_minor", "advance_minor")} == {
        name: getattr(before, name) for name in ("revision", "receivable_minor", "advance_minor")
    }
    assert (Shipment.objects.count(), Payment.objects.count()) == (1, 1)


def test_payment_after_shipment_settles_the_receivable_and_the_rest_is_an_advance() -> None:
    world = build()
    late = [PaymentFacts("p", "alipay", 2500, NOW - DAY)]
    facts = world.order(world.line("A", 2, "10.00"), ship=True, pay=late)
    world.record(facts)
    order = world.row(facts)
    assert (order.receivable_minor, order.advance_minor) == (0, 500)
    assert faults() == {}


def test_shipping_is_billed_once_with_the_first_shipment() -> None:
    world = build()
    facts = world.order(
        world.line("A", 2, "10.00", tax_rate=Decimal("0.13")),
        ship={"A": 1},
        shipping_standard_minor=500,
        shipping_surcharge_minor=1000,
        shipping_tax_minor=85,
    )
    world.record(facts)
    assert world.row(facts).receivable_minor == 2500
    facts.shipments[0].lines[0].quantity = 2
    assert world.record(facts)[0].data["result"] == "updated"
    order = world.row(facts)
    assert (order.total_minor, order.receivable_minor, order.shipping_booked) == (3500, 3500, True)
    assert list(Shipment.objects.order_by("id").values_list("number", "value_minor")) == [("", 2500), ("~2", 1000)]
    # 2000 * 0.13 / 1.13 = 230.09, and the tax of the fee
    assert balances("output_vat")[world.company_id] == -(230 + 85)
    assert faults() == {}


def test_what_others_fund_is_theirs_to_pay() -> None:
    world = build()
    discounts = [DiscountFacts("platform", 300), DiscountFacts("shop", 200, "promo-1")]
    facts = world.order(world.line("A", 3, "10.00", discounts=discounts, tax_rate=Decimal("0.13")), ship={"A": 1})
    world.record(facts)
    (line,) = world.lines(facts)
    # tax is on all that is sold: 2800 * 0.13 / 1.13
    assert (line.gross_minor, line.paid_minor, line.funded_minor, line.sold_minor) == (3000, 2500, 300, 2800)
    assert line.tax_minor == 322
    order = world.row(facts)
    assert (order.total_minor, order.receivable_minor) == (2500, 833)
    assert balances("platform_receivable")[world.company_id] == 100
    assert balances("output_vat")[world.company_id] == -107
    assert balances("sales")[world.company_id] == -(933 - 107)
    assert list(LineDiscount.objects.order_by("position").values_list("funder", "amount_minor")) == [
        ("platform", 300),
        ("shop", 200),
    ]
    assert faults() == {}


def test_hard_case_17_bundle() -> None:
    world = build()
    world.skus("A", "B")
    with transaction.atomic():
        set_bundle(context(), world.company_id, "SET", [ComponentFacts("A", 1, 8300), ComponentFacts("B", 1, 7000)])
    world.made.add("SET")
    set_line = world.line("SET", 1, "159.99", tax_rate=Decimal("0.06"), tax_minor=960)
    facts = world.order(set_line, ship={"SET": 1}, tax_inclusive=False)
    assert world.record(facts)[0].ok
    header, a, b = world.lines(facts)
    assert (header.kind, header.ordered, header.sold_minor, header.shipped) == ("bundle", 1, 0, 0)
    assert (a.sold_minor - a.tax_minor, a.tax_minor, a.unit_price) == (8679, 521, Decimal("83.00"))
    assert (b.sold_minor - b.tax_minor, b.tax_minor) == (7320, 439)
    assert (a.bundle_line_id, a.per_bundle, a.line_key) == (header.id, 1, "SET/1")
    assert world.row(facts).total_minor == 16959
    assert set(ShipmentLine.objects.values_list("order_line_id", flat=True)) == {a.id, b.id}
    # A later edit of the bundle changes nothing.
    with transaction.atomic():
        set_bundle(context(), world.company_id, "SET", [ComponentFacts("B", 2, 100)])
    assert world.record(facts)[0].data["result"] == "unchanged"
    assert faults() == {}


def test_bundles_of_several_units_ship_and_cancel_whole() -> None:
    world = build()
    world.skus("A", "B")
    with transaction.atomic():
        set_bundle(context(), world.company_id, "SET", [ComponentFacts("A", 2, 100), ComponentFacts("B", 1, 50)])
    world.made.add("SET")
    facts = world.order(world.line("SET", 3, "2.00", cancelled=1), ship={"SET": 2})
    assert world.record(facts)[0].ok
    _, a, b = world.lines(facts)
    assert (a.ordered, a.shipped, a.cancelled) == (6, 4, 2)
    assert (b.ordered, b.shipped, b.cancelled) == (3, 2, 1)
    assert (a.paid_minor, b.paid_minor) == (480, 120)
    assert faults() == {}


def test_owned_goods_move_at_their_cost() -> None:
    world = build(goods="owned")
    world.stock("A", 10, 5000)
    facts = world.order(world.line("A", 3, "10.00"), ship={"A": 3})
    (outcome,) = world.record(facts)
    assert outcome.ok, outcome.refusals
    line = ShipmentLine.objects.get()
    assert (line.issue_cost_minor, line.cost_source) == (1500, "average")
    assert Shipment.objects.get().moved
    assert balances("stock")[world.company_id] == 3500
    assert balances("cost_of_sales")[world.company_id] == 1500
    assert faults() == {}


def test_too_little_stock_refuses_the_order_and_loses_nothing() -> None:
    world = build(goods="owned")
    world.stock("A", 5, 500)
    first = world.order(world.line("A", 3, "1.00"), ship=True)
    short = world.order(world.line("A", 2, "1.00"), world.line("B", 1, "1.00"), ship=True)
    last = world.order(world.line("A", 2, "1.00"), ship=True)
    outcomes = world.record(first, short, last)
    assert [codes(outcome) for outcome in outcomes] == [[], ["stock_short"], []]
    assert outcomes[1].refusals[0].data["sku_code"] == "B"
    world.stock("A", 2, 200, reference="late")
    world.stock("B", 1, 100)
    assert world.record(short)[0].data["result"] == "imported"
    assert faults() == {}


def test_mirrored_goods_and_earlier_shipments_are_facts_alone() -> None:
    cut_over = NOW - 4 * DAY
    world = build(goods="mirrored", books_from=cut_over)
    early = world.shipment({"A": 1}, "early", shipped_at=cut_over - timedelta(seconds=1))
    late = world.shipment({"A": 1}, "late", shipped_at=cut_over)
    facts = world.order(world.line("A", 2, "10.00"), shipments=[early, late])
    world.record(facts)
    rows = list(Shipment.objects.order_by("shipped_at").values_list("number", "moved", "booked", "value_minor"))
    assert rows == [("early", False, False, 1000), ("late", False, True, 1000)]
    assert world.row(facts).receivable_minor == 1000
    assert ShipmentLine.objects.filter(issue_cost_minor__isnull=True).count() == 2
    assert faults() == {}


def test_mirrored_books_write_no_entries_and_hand_nothing_back() -> None:
    world = build(books="mirrored")
    facts = world.order(world.line("A", 2, "10.00"), ship=True, pay={"p": 2000})
    world.record(facts)
    order = world.row(facts)
    assert (order.receivable_minor, order.advance_minor, order.captured_minor) == (0, 0, 2000)
    assert not Payment.objects.get().booked
    assert not OutboxMessage.objects.exists()
    assert faults() == {}


def test_history_queues_nothing() -> None:
    world = build()
    facts = world.order(world.line("A", 2, "10.00"), ship=True, pay={"p": 2000})
    world.record(facts, origin="history")
    assert world.row(facts).origin == "history"
    assert not OutboxMessage.objects.exists()


def test_the_policy_in_force_when_ordered_is_frozen() -> None:
    world = build()
    with transaction.atomic():
        version = state_version(
            context(),
            world.company_id,
            name="14 days",
            effective_from=NOW - 3 * DAY,
            statement={"policies": [{"code": "all", "zh": "14 天", "terms": {"days": 14, "counted_from": "delivery"}}]},
        )
    before = world.order(world.line("A", 1, "1.00"), ordered_at=NOW - 4 * DAY)
    after = world.order(world.line("A", 1, "1.00"), ordered_at=NOW - 3 * DAY)
    world.record(before, after)
    assert world.row(before).policy_provisional
    assert world.row(before).policy_version_id != version
    assert (world.row(after).policy_version_id, world.row(after).policy_provisional) == (version, False)


def test_another_currency_follows_the_frozen_rate() -> None:
    """HARD-CASES 16: sold at 7.00; money at the day's rate of 7.20 makes an exchange difference of 20.00."""
    world = build(shop_currency="USD")
    key = RateKey(world.company_id, "USD", datetime(2026, 10, 1, tzinfo=UTC).date())
    paid_on = RateKey(world.company_id, "USD", NOW.date())
    with transaction.atomic():
        set_rates(context(), [(key, Decimal("7.00")), (paid_on, Decimal("7.20"))])
    facts = world.order(world.line("A", 3, "33.33"), world.line("B", 1, "0.01"), pay=[])
    facts.shipments = [world.shipment({"A": 2}, "1"), world.shipment({"A": 1, "B": 1}, "2")]
    facts.payments = [PaymentFacts("p", "card", 10000, NOW)]
    (outcome,) = world.record(facts)
    assert outcome.ok, outcome.refusals
    assert world.row(facts).fx_rate == 7
    assert balances("sales")[world.company_id] == -70000
    assert balances("card")[world.company_id] == 72000
    assert balances("fx_difference")[world.company_id] == -2000
    assert balances("receivable")[world.company_id] == 0
    assert faults() == {}


def test_a_currency_without_a_rate_is_refused() -> None:
    world = build(shop_currency="USD")
    assert codes(world.record(world.order(world.line("A", 1, "1.00")))[0]) == ["rate_missing"]
    assert world.record(world.order(world.line("A", 1, "1.00"), fx_rate=Decimal("7.1")))[0].ok


def test_orders_without_a_buyer_share_the_shops_unknown() -> None:
    world = build()
    facts = [world.order(world.line("A", 1, "1.00"), customer=CustomerFacts()) for _ in range(2)]
    world.record(*facts)
    assert world.row(facts[0]).customer_id == world.row(facts[1]).customer_id
    assert Customer.objects.get().external_id == ""


def test_the_latest_sale_of_a_serial_counts() -> None:
    world = build()

    def sale(day: int) -> ShipmentLine:
        shipped = ShipmentFacts("", world.warehouse_id, NOW - day * DAY, [ShippedFacts("A", 1, serial="SN-A")])
        facts = world.order(world.line("A", 1, "80.00"), shipments=[shipped])
        assert world.record(facts)[0].ok
        return ShipmentLine.objects.get(order_line__order=world.row(facts))

    first, second = sale(9), sale(3)
    assert Serial.objects.get().latest_shipment_line_id == second.id
    sale(6)
    assert Serial.objects.get().latest_shipment_line_id == second.id
    assert first.serial == "SN-A"
    wrong = world.order(world.line("A", 2, "80.00"))
    wrong.shipments = [ShipmentFacts("", world.warehouse_id, NOW, [ShippedFacts("A", 2, serial="SN-B")])]
    assert codes(world.record(wrong)[0]) == ["serial_quantity"]


def test_several_tenders_keep_their_order() -> None:
    world = build()
    paid = [
        PaymentFacts("1", "gift_card", 3000, NOW - 5 * DAY, reference="G1"),
        PaymentFacts("2", "points", 1000, NOW - 5 * DAY, promotional=True),
        PaymentFacts("3", "card", 6000, NOW - 5 * DAY),
    ]
    facts = world.order(world.line("A", 1, "100.00"), ship=True, pay=paid)
    world.record(facts)
    rows = Tender.objects.order_by("position").values_list("kind", "captured_minor", "promotional")
    assert list(rows) == [("gift_card", 3000, False), ("points", 1000, True), ("card", 6000, False)]
    assert balances("points_liability")[world.company_id] == 1000
    assert faults() == {}


def test_postage_is_shipping_income_and_needs_no_sku() -> None:
    world = build(goods="owned")
    world.stock("A", 1, 100)
    facts = world.order(world.line("A", 1, "10.00"), world.line("POST", 1, "3.00", kind="postage"), ship=True)
    assert world.record(facts)[0].ok
    assert balances("shipping_income")[world.company_id] == -300
    assert faults() == {}
