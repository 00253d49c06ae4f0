"""Catalogue, customers, opening stock and payments: what orders need around them."""

from __future__ import annotations

from typing import Any

from guicang.accounting.models import Account, Entry, EntryLine
from guicang.catalog.models import Barcode, BundleComponent, Sku
from guicang.inventory.models import StockLevel, ValuePool
from guicang.parties.models import Customer, VaultEntry
from guicang.returns.models import AgreedPrice
from guicang.sales.models import Order, OrderLine, Payment, ShipmentLine
from tests.journeys.files import Desk, order


def test_a_catalogue_with_barcodes_and_a_bundle(desk: Desk) -> None:
    rows: list[dict[str, Any]] = [
        {"商品编码": "A", "商品名称": "壶", "标准成本": "6.00", "税率": "13%", "条码": "690123"},
        {"商品编码": "A", "商品名称": "壶", "条码": "690124"},
        {"商品编码": "B", "商品名称": "杯", "序列号管理": "是", "不可退": "是"},
        {"商品编码": "SET", "商品名称": "茶具", "套装组成": "A*1@83.00;B*2@35.00"},
    ]
    path = desk.file("catalogue.csv", rows)
    report = desk.imports("catalogue", path)
    assert (report["imported"] + report["updated"], report["set_aside"]) == (4, 0)
    assert Barcode.objects.count() == 2
    assert BundleComponent.objects.filter(bundle__code="SET").count() == 2
    assert Sku.objects.get(code="A").standard_cost_minor == 600
    assert not Sku.objects.get(code="B").returnable
    assert desk.imports("catalogue", path)["unchanged"] == 4
    rows[0]["商品名称"] = rows[1]["商品名称"] = "茶壶"
    again = desk.imports("catalogue", desk.file("later.csv", rows))
    assert (again["updated"], again["unchanged"]) == (2, 2)


def test_a_composition_nobody_can_read_is_the_rows_fault(desk: Desk) -> None:
    rows = [
        {"商品编码": "SET", "商品名称": "茶具", "套装组成": "two cups"},
        {"商品编码": "X", "商品名称": "x", "套装组成": "NO*1@1"},
    ]
    report = desk.imports("catalogue", desk.file("catalogue.csv", rows))
    assert report["codes"] == {"bad_composition": 1, "component_unknown": 1}


def test_customers_are_sealed_and_the_same_file_changes_nothing(desk: Desk) -> None:
    rows = [{"客户编号": "B-7", "姓名": "罗莎", "手机": "13812345678"}, {"客户编号": "B-8", "姓名": "小王"}]
    path = desk.file("customers.csv", rows)
    assert desk.imports("customers", path)["imported"] == 2
    assert Customer.objects.count() == 2
    assert VaultEntry.objects.count() == 3
    assert desk.imports("customers", path)["unchanged"] == 2
    rows[0]["手机"] = "13900000000"
    again = desk.imports("customers", desk.file("later.csv", rows))
    assert (again["updated"], again["unchanged"]) == (1, 1)


def test_a_customer_moves_to_another_tier(desk: Desk) -> None:
    desk.imports("customers", desk.file("one.csv", [{"客户编号": "B-1", "会员等级": "金"}, {"客户编号": "B-2"}]))
    again = desk.file("two.csv", [{"客户编号": "B-1", "会员等级": "钻石"}, {"客户编号": "B-2"}])
    report = desk.imports("customers", again)
    assert (report["updated"], report["unchanged"]) == (1, 1)
    assert Customer.objects.get(external_id="B-1").tier == "钻石"
    assert desk.imports("customers", again)["unchanged"] == 2


def test_opening_stock_is_moved_valued_and_posted_once(desk: Desk) -> None:
    desk.imports("catalogue", desk.file("catalogue.csv", [{"商品编码": "MUG", "商品名称": "杯", "标准成本": "4.00"}]))
    rows: list[dict[str, Any]] = [
        {"仓库": "W1", "商品编码": "MUG", "数量": 10, "单位成本": "5.00"},
        {"仓库": "W1", "商品编码": "MUG", "数量": 10, "单位成本": "5.00"},
        {"仓库": "W1", "商品编码": "MUG", "数量": 5, "单位成本": "", "批号": "L2"},
        {"仓库": "W1", "商品编码": "GONE", "数量": 5, "单位成本": "1.00"},
    ]
    path = desk.file("stock.csv", rows)
    report = desk.imports("stock", path)
    assert (report["imported"], report["codes"]) == (3, {"sku_unknown": 1})
    assert sum(StockLevel.objects.filter(virtual=False).values_list("on_hand", flat=True)) == 25
    pool = ValuePool.objects.get()
    assert pool.quantity == 25
    stock = Account.objects.get(role="stock")
    assert pool.cost_minor == sum(EntryLine.objects.filter(account_id=stock.id).values_list("book_minor", flat=True))
    entries = Entry.objects.count()
    assert desk.imports("stock", path)["unchanged"] == 3
    assert Entry.objects.count() == entries


def test_stock_then_orders_issue_goods_at_cost(desk: Desk) -> None:
    desk.imports("catalogue", desk.file("catalogue.csv", [{"商品编码": "MUG", "商品名称": "杯"}]))
    stock = [{"仓库": "W1", "商品编码": "MUG", "数量": 10, "单位成本": "5.00"}]
    desk.imports("stock", desk.file("stock.csv", stock))
    rows = [order(已发数量=3, 仓库="W1"), order("A-2", 数量=9, 已发数量=9, 仓库="W1")]
    report = desk.imports("orders", desk.file("orders.csv", rows))
    assert (report["imported"], report["codes"]) == (1, {"stock_short": 1})
    line = ShipmentLine.objects.get()
    assert (line.issue_cost_minor, line.cost_source) == (1500, "average")


def test_payments_reach_known_orders_once(desk: Desk) -> None:
    desk.imports(
        "orders", desk.file("orders.csv", [order(), order("A-2", 实付金额="30.00", 支付方式="微信", 支付流水号="T2")])
    )
    paid = {"支付方式": "微信", "支付时间": "2026-03-02 11:00"}
    rows = [
        {"订单号": "A-1", "金额": "20.00", "支付流水号": "T1", **paid},
        {"订单号": "A-1", "金额": "5.00", **paid},
        {"订单号": "A-1", "金额": "5.00", **paid},
        {"订单号": "A-2", "金额": "30.00", "支付流水号": "T2", **paid},
        {"订单号": "GONE", "金额": "1.00", **paid},
        {"订单号": "A-1", "金额": "1.00", **paid, "收付方向": "退款"},
    ]
    path = desk.file("payments.csv", rows)
    report = desk.imports("payments", path)
    assert (report["updated"], report["unchanged"]) == (3, 1)
    assert report["codes"] == {"order_unknown": 1, "refund_not_here": 1}
    assert dict(Order.objects.values_list("number", "captured_minor")) == {"A-1": 3000, "A-2": 3000}
    assert Payment.objects.count() == 4
    assert desk.imports("payments", path)["unchanged"] == 4
    assert {row["set-aside code"] for row in desk.aside()} == set(report["codes"])


def test_payments_and_stock_without_a_name_of_their_own_wait_for_a_faulty_twin(desk: Desk) -> None:
    desk.imports("orders", desk.file("orders.csv", [order()]))
    paid = {"订单号": "A-1", "支付方式": "微信", "支付时间": "2026-03-02 11:00"}
    payments = [{**paid, "金额": "5.00"}, {**paid, "金额": "five"}, {**paid, "金额": "1.00", "支付流水号": "T1"}]
    report = desk.imports("payments", desk.file("payments.csv", payments))
    assert (report["updated"], report["codes"]) == (1, {"document_incomplete": 1, "bad_number": 1})
    again = [{**row, "金额": "5.00"} for row in desk.aside()]
    assert desk.imports("payments", desk.file("again.csv", again))["updated"] == 2
    assert Order.objects.get().captured_minor == 1100
    stock = [{"仓库": "W2", "商品编码": "MUG", "成色": "良品", "数量": count} for count in (4, "4x")]
    assert desk.imports("stock", desk.file("stock.csv", stock))["set_aside"] == 2
    again = [{**row, "数量": "4"} for row in desk.aside()]
    assert desk.imports("stock", desk.file("again.csv", again))["imported"] == 2


def test_a_bundle_is_exploded_with_the_prices_of_its_sale(desk: Desk) -> None:
    rows = [
        {"商品编码": "A", "商品名称": "壶", "套装组成": ""},
        {"商品编码": "B", "商品名称": "杯", "套装组成": ""},
        {"商品编码": "SET", "商品名称": "茶具", "套装组成": "A*1@83.00;B*1@70.00"},
    ]
    desk.imports("catalogue", desk.file("catalogue.csv", rows))
    cells = {"商品编码": "SET", "数量": 1, "单价": "169.59", "税额": "9.60"}
    desk.imports("orders", desk.file("orders.csv", [order(**cells)]))
    parts = OrderLine.objects.exclude(bundle_line_id="00000000-0000-0000-0000-000000000000").order_by("position")
    assert [(part.paid_minor - part.tax_minor, part.tax_minor) for part in parts] == [(8679, 521), (7320, 439)]


def test_the_template_is_read_back(desk: Desk) -> None:
    from guicang.cli.main import main

    for name in ("orders.csv", "orders.xlsx"):
        assert main(["import", "template", "orders", "--out", str(desk.folder / name)]) == 0
        report = desk.imports("orders", desk.folder / name)
        assert report["rows"] == 0


def test_prices_agreed_with_customers(desk: Desk) -> None:
    """A row a price: known customers and articles alone, changed by the same first day, never overlapping."""
    desk.imports("customers", desk.file("customers.csv", [{"客户编号": "B-7"}]))
    desk.imports("catalogue", desk.file("catalogue.csv", [{"商品编码": "POT", "商品名称": "茶壶"}]))
    row = {"客户编号": "B-7", "商品编码": "POT", "单价": "12.50", "生效日期": "2026-01-01", "截止日期": "2026-06-30"}
    rows = [row, {**row, "客户编号": "B-9"}, {**row, "商品编码": "PAN"}, {**row, "生效日期": "2026-06-30"}]
    report = desk.imports("prices", desk.file("prices.csv", rows))
    assert report["imported"] == 1
    assert report["codes"] == {"no_such_customer": 1, "no_such_article": 1, "price_overlaps": 1}
    price = AgreedPrice.objects.get()
    assert (price.price_minor, price.since.isoformat(), price.until.isoformat()) == (1250, "2026-01-01", "2026-06-30")
    assert desk.imports("prices", desk.file("again.csv", [row]))["unchanged"] == 1
    assert desk.imports("prices", desk.file("later.csv", [{**row, "单价": "11.00"}]))["updated"] == 1
    assert AgreedPrice.objects.get().price_minor == 1100
