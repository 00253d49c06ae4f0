"""Olga, who runs the shop, imports what the platform exports every evening."""

from __future__ import annotations

import gzip
import lzma
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from guicang.accounting.models import Entry
from guicang.intake.models import ImportRun, SetAsideRow
from guicang.intake.orders import OrderTaker
from guicang.intake.verdicts import Chunk, Verdict
from guicang.inventory.models import StockMove
from guicang.kernel.models import Command, OutboxMessage
from guicang.parties.models import Customer, VaultEntry
from guicang.returns.models import Return
from guicang.sales.models import LineDiscount, Order, OrderLine, OrderRevision, Payment, Shipment, ShipmentLine
from tests.journeys.files import Desk, order


def bomb() -> bytes:
    """A file of 100 MB in some 15 KB."""
    return lzma.compress(
        b"order_number,ordered_at,sku,quantity,unit_price\n" + b"A,2026-03-01,S,1,1\n" * 5_000_000, preset=0
    )


CUSTOMER = {"客户编号": "B-7", "客户姓名": "罗莎", "手机": "13812345678"}
FACTS = (Order, OrderLine, LineDiscount, Shipment, ShipmentLine, Payment, OrderRevision, Entry, StockMove)


def facts() -> dict[str, list[dict[str, Any]]]:
    """Every fact of the sale without what names the command that wrote it."""
    left_out = {"command_id", "recorded_at"}
    return {
        model.__name__: [
            {key: value for key, value in row.items() if key not in left_out}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in FACTS
    }


def test_a_file_becomes_orders_and_the_same_file_changes_nothing(desk: Desk) -> None:
    path = desk.file("day1.csv", [order(**CUSTOMER, 客户等级="金"), order("A-2", 商品编码="CUP", 单价="9.90")])
    report = desk.imports("orders", path)
    assert (report["rows"], report["imported"], report["set_aside"]) == (2, 2, 0)
    assert report["set_aside_file"] is None
    line = OrderLine.objects.get(order__number="A-1")
    assert (line.ordered, line.gross_minor, line.paid_minor) == (3, 3000, 3000)
    assert Customer.objects.filter(external_id="B-7").count() == 1
    assert "罗莎" not in str(list(VaultEntry.objects.values())), "sealed"
    before = facts()
    again = desk.imports("orders", path)
    assert again["unchanged"] == 2
    assert facts() == before


def test_identical_rows_are_lines_of_their_own(desk: Desk) -> None:
    desk.imports("orders", desk.file("twins.csv", [order(), order(), order(单价="10.000"), order(数量=1)]))
    keys = OrderLine.objects.order_by("position").values_list("line_key", flat=True)
    assert list(keys) == ["MUG@10x3#1", "MUG@10x3#2", "MUG@10x3#3", "MUG@10x1#1"]


def test_an_overlapping_file_moves_on_what_moved_on_and_leaves_absent_lines_alone(desk: Desk) -> None:
    first = [order(已发数量=1, 订单状态="部分发货", 发货时间="2026-03-03"), order(商品编码="CUP", 已发数量=0)]
    desk.imports("orders", desk.file("day1.csv", first))
    second = [order(已发数量=3, 订单状态="已发货", 发货时间="2026-03-04"), order("A-9")]
    report = desk.imports("orders", desk.file("day2.csv", second))
    assert (report["updated"], report["imported"]) == (1, 1)
    assert dict(OrderLine.objects.filter(order__number="A-1").values_list("line_key", "shipped")) == {
        "MUG@10x3#1": 3,
        "CUP@10x3#1": 0,
    }
    revision = OrderRevision.objects.get(order__number="A-1")
    assert revision.changes["status"] == ["partly_shipped", "shipped"]


def test_day_one_day_two_day_one_equals_day_one_day_two(desk: Desk) -> None:
    one = desk.file("day1.csv", [order(更新时间="2026-03-03 20:00", 已发数量=1, 实付金额="10.00", 支付方式="微信")])
    two = desk.file("day2.csv", [order(更新时间="2026-03-04 20:00", 已发数量=3, 实付金额="30.00", 支付方式="微信")])
    desk.imports("orders", one)
    desk.imports("orders", two)
    before = facts()
    report = desk.imports("orders", one)
    assert report["unchanged_older"] == 1
    assert facts() == before


def test_as_of_stands_in_for_an_update_column(desk: Desk) -> None:
    one, two = desk.file("day1.csv", [order(已发数量=1)]), desk.file("day2.csv", [order(已发数量=2)])
    desk.imports("orders", two, "--as-of", "2026-03-04T20:00+08:00")
    assert desk.imports("orders", one, "--as-of", "2026-03-03T20:00+08:00")["unchanged_older"] == 1


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ({"已发数量": 3}, {"已发数量": 1}, "shipped_would_shrink"),
        ({"实付金额": "30.00", "支付方式": "wechat"}, {"实付金额": "20.00", "支付方式": "wechat"}, "paid_would_shrink"),
        ({"取消数量": 2}, {"取消数量": 1}, "cancelled_would_shrink"),
        ({"子订单号": "L1"}, {"子订单号": "L1", "单价": "11.00"}, "line_mismatch"),
    ],
)
def test_without_an_as_of_facts_only_grow(desk: Desk, before: dict[str, Any], after: dict[str, Any], code: str) -> None:
    desk.imports("orders", desk.file("one.csv", [order(**before)]))
    held = facts()
    report = desk.imports("orders", desk.file("two.csv", [order(**after)]))
    assert report["codes"] == {code: 1}
    assert facts() == held, "a refusal moves nothing"


def test_a_change_below_what_returns_hold_is_set_aside_with_that_reason(desk: Desk) -> None:
    desk.imports("orders", desk.file("one.csv", [order(已发数量=3)]))
    ShipmentLine.objects.update(claimed=2)
    assert desk.imports("orders", desk.file("two.csv", [order(已发数量=1)]))["codes"] == {"below_claimed": 1}


def test_rows_set_aside_are_corrected_and_imported_again(desk: Desk) -> None:
    rows = [
        order(),
        order("A-2", 数量="2.5"),
        order("A-3", 数量=0),
        order("A-4", 单价="=1+1"),
        order("A-5", 下单时间="2126-01-01"),
        order("1.23E+18"),
        order("A-7", 商家优惠="0.001"),
        order("A-8", 数量=-1),
    ]
    report = desk.imports("orders", desk.file("dirty.csv", rows))
    assert (report["imported"], report["set_aside"]) == (1, 7)
    path = Path(report["set_aside_file"])
    assert path.parent == settings.HOME / "asides", "everything the program writes lies under one folder"
    assert [each.name for each in desk.folder.iterdir()] == ["dirty.csv"], "nothing beside the input"
    assert re.fullmatch(r"dirty\.set-aside\.[0-9a-f]{10}\.csv", path.name)
    [*aside] = desk.aside()
    found = [(row["set-aside row"], row["set-aside column"], row["set-aside code"]) for row in aside]
    assert found == [
        ("3", "数量", "fractional_quantity"),
        ("4", "数量", "zero_quantity"),
        ("5", "单价", "formula"),
        ("6", "下单时间", "date_in_future"),
        ("7", "订单号", "excel_number"),
        ("8", "商家优惠", "too_many_decimals"),
        ("9", "数量", "write_off"),
    ]
    assert aside[2]["单价"] == "'=1+1", "no spreadsheet may run it"
    assert all(row["set-aside reason"] for row in aside)
    better = {"A-2": {"数量": "2"}, "A-4": {"单价": "2.00"}}
    corrected = [{**row, **better[row["订单号"]]} for row in aside if row["订单号"] in better]
    again = desk.imports("orders", desk.file("corrected.csv", corrected))
    assert (again["imported"], again["set_aside"]) == (2, 0)
    assert SetAsideRow.objects.count() == 7


def test_a_twin_of_a_faulty_row_waits_for_it_and_neither_is_lost(desk: Desk) -> None:
    rows = [order(), order(), order(下单时间="never"), order(商品编码="CUP")]
    report = desk.imports("orders", desk.file("twins.csv", rows))
    assert (report["imported"], report["codes"]) == (1, {"document_incomplete": 2, "bad_date": 1})
    corrected = [{**row, "下单时间": "2026-03-02 10:00:00"} for row in desk.aside()]
    assert desk.imports("orders", desk.file("corrected.csv", corrected))["updated"] == 3
    assert sorted(OrderLine.objects.values_list("line_key", flat=True)) == [
        "CUP@10x3#1", "MUG@10x3#1", "MUG@10x3#2", "MUG@10x3#3",
    ]  # fmt: skip


def test_rows_wait_for_what_a_faulty_row_states_for_the_whole_order(desk: Desk) -> None:
    paid = {"支付方式": "微信", "实付金额": "68.00", "标准运费": "8.00"}
    rows = [order(数量="1.5", 客户编号="C1", **paid), order(商品编码="CUP"), order("A-2"), order("A-2", 数量=-3)]
    report = desk.imports("orders", desk.file("first.csv", rows))
    assert (report["imported"], report["set_aside"]) == (1, 3)
    assert report["codes"] == {"fractional_quantity": 1, "document_incomplete": 1, "write_off": 1}, (
        "for a write-off nothing waits"
    )
    corrected = [{**row, "数量": "3"} for row in desk.aside()[:2]]
    assert desk.imports("orders", desk.file("corrected.csv", corrected))["imported"] == 2
    made = Order.objects.get(number="A-1")
    assert (made.total_minor, made.captured_minor) == (6800, 6800)


def test_rows_of_an_order_that_disagree_are_set_aside_together(desk: Desk) -> None:
    rows = [
        order(标准运费="8.00"),
        order(商品编码="CUP"),
        order(商品编码="JAR", 标准运费="9.00"),
        order("A-2", 标准运费="8.00"),
    ]
    report = desk.imports("orders", desk.file("fees.csv", rows))
    assert report["codes"] == {"order_contradiction": 3}
    assert Order.objects.get().shipping_standard_minor == 800
    aside = desk.aside()
    assert {row["set-aside column"] for row in aside} == {"标准运费 / shipping_standard"}


def test_discounts_keep_their_funder_and_the_buyer_pays_the_rest(desk: Desk) -> None:
    desk.imports("orders", desk.file("d.csv", [order(商家优惠="3.00", 平台优惠="2.00", 税率="13%")]))
    line = OrderLine.objects.get()
    assert (line.gross_minor, line.paid_minor, line.funded_minor, line.sold_minor) == (3000, 2500, 200, 2700)
    assert list(LineDiscount.objects.order_by("position").values_list("funder", "amount_minor")) == [
        ("shop", 300),
        ("platform", 200),
    ]


def test_dry_run_reports_and_leaves_nothing_behind(desk: Desk) -> None:
    path = desk.file("day1.csv", [order(), order("A-2", 数量=0)])
    report = desk.imports("orders", path, "--dry-run")
    assert (report["imported"], report["set_aside"], report["written"]) == (1, 1, False)
    assert not Order.objects.exists()
    assert not ImportRun.objects.exists()
    assert not Command.objects.exists()


def test_strict_writes_nothing_where_a_row_is_set_aside(desk: Desk) -> None:
    path = desk.file("day1.csv", [order(), order("A-2", 数量=0)])
    report = desk.imports("orders", path, "--strict", status=3)
    assert (report["set_aside"], report["written"]) == (1, False)
    assert not Order.objects.exists()
    assert not ImportRun.objects.exists()
    clean = desk.file("clean.csv", [order()])
    assert desk.imports("orders", clean, "--strict")["written"]
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.csv", None, "没有文件|There is no file"),
        ("noise.csv", bytes(range(256)) * 40, ""),
        ("empty.csv", b"", "空|empty"),
        ("columns.csv", "订单号,商品编码\nA-1,MUG\n".encode(), "单价|unit_price"),
        ("bomb.xlsx", b"PK\x03\x04" + b"\x00" * 200, ""),
        ("bomb.csv.xz", bomb(), "1:1000"),
    ],
)
def test_a_file_that_cannot_be_used_ends_with_2_and_writes_nothing(
    desk: Desk, name: str, content: bytes | None, words: str
) -> None:
    path = desk.folder / name
    if content is not None:
        path.write_bytes(content)
    desk.imports("orders", path, status=2)
    assert any(word in desk.said for word in words.split("|")), desk.said
    assert not Command.objects.exists()
    assert not ImportRun.objects.exists()
    assert list(desk.folder.glob("*set-aside*")) == []


def test_a_profile_that_cannot_be_used_ends_with_2(desk: Desk) -> None:
    path = desk.file("day1.csv", [order()])
    desk.imports("orders", path, "--profile", "nobody", status=2)
    assert "nobody" in desk.said


def test_packed_files_and_other_encodings_are_read_as_they_are(desk: Desk) -> None:
    plain = desk.file("gb.csv", [order()], delimiter=";", encoding="gb18030").read_bytes()
    for number, (name, data) in enumerate(
        (("a.csv", plain), ("a.csv.gz", gzip.compress(plain)), ("a.csv.xz", lzma.compress(plain)))
    ):
        (desk.folder / name).write_bytes(data)
        report = desk.imports("orders", desk.folder / name)
        assert report["imported" if number == 0 else "unchanged"] == 1
    assert OrderLine.objects.count() == 1


def test_rows_of_an_order_need_not_stand_together(desk: Desk) -> None:
    rows = [order("A-1"), order("A-2"), order("A-1", 商品编码="CUP"), order("A-3"), order("A-2", 商品编码="CUP")]
    desk.imports("orders", desk.file("mixed.csv", rows))
    assert {order.number: order.lines.count() for order in Order.objects.all()} == {"A-1": 2, "A-2": 2, "A-3": 1}


def test_one_line_id_over_several_parcels_is_one_line(desk: Desk) -> None:
    cells = {"子订单号": "L1", "数量": 3}
    rows = [
        order(**cells, 已发数量=1, 运单号="SF1", 发货时间="2026-03-03"),
        order(**cells, 已发数量=2, 运单号="SF2", 发货时间="2026-03-04"),
    ]
    desk.imports("orders", desk.file("parcels.csv", rows))
    line = OrderLine.objects.get()
    assert (line.line_key, line.ordered, line.shipped) == ("id:L1", 3, 3)
    assert sorted(Shipment.objects.values_list("number", flat=True)) == ["SF1", "SF2"]


def test_codes_of_places_come_from_the_row_then_the_command_line(desk: Desk) -> None:
    path = desk.file("shops.csv", [order(店铺="S1"), order(店铺="S2"), order("A-2")])
    desk.imports("orders", path, "--shop", "S3", "--company", "C9")
    from guicang.org.models import Shop

    assert sorted(Shop.objects.values_list("code", "company__code")) == [("S1", "C9"), ("S2", "C9"), ("S3", "C9")]
    assert Order.objects.filter(number="A-1").count() == 2, "a number is unique within its shop"


def test_orders_of_nobody_known_post_to_one_customer_of_their_shop(desk: Desk) -> None:
    rows = [order(), order("A-2", 客户编号="UNKNOWN"), order("A-3", 客户编号="B-7"), order("A-4", 店铺="S2")]
    desk.imports("orders", desk.file("nobody.csv", rows))
    assert sorted(Customer.objects.values_list("external_id", flat=True)) == ["", "", "B-7"]
    assert Order.objects.filter(number__in=["A-1", "A-2"]).values("customer_id").distinct().count() == 1


def test_an_import_queues_no_notice_and_makes_no_return(desk: Desk) -> None:
    desk.imports("orders", desk.file("day1.csv", [order()]))
    assert not OutboxMessage.objects.exists()
    assert not Return.objects.exists()


def test_a_run_broken_off_goes_on_where_the_last_whole_set_ended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.file("many.csv", [order(f"A-{number}") for number in range(7)] + [order("A-9", 数量=0)])
    monkeypatch.setattr(OrderTaker, "groups", 2)
    take, calls = OrderTaker.take, 0

    def dying(taker: OrderTaker, chunk: Chunk) -> list[Verdict]:
        nonlocal calls
        calls += 1
        verdicts = take(taker, chunk)
        if calls == 3:
            raise KeyboardInterrupt
        return verdicts

    monkeypatch.setattr(OrderTaker, "take", dying)
    desk.imports("orders", path, status=130)
    assert (Order.objects.count(), ImportRun.objects.get().done_groups) == (4, 4)
    report = desk.imports("orders", path)
    assert (report["resumed"], report["imported"], report["set_aside"]) == (True, 7, 1)
    assert (Order.objects.count(), ImportRun.objects.count(), SetAsideRow.objects.count()) == (7, 1, 1)


def test_two_processes_at_one_file_do_not_meet(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.file("many.csv", [order(f"A-{number}") for number in range(4)])
    monkeypatch.setattr(OrderTaker, "groups", 2)
    take = OrderTaker.take

    def beside_another(taker: OrderTaker, chunk: Chunk) -> list[Verdict]:
        verdicts = take(taker, chunk)
        ImportRun.objects.update(state="done")
        return verdicts

    monkeypatch.setattr(OrderTaker, "take", beside_another)
    desk.imports("orders", path, status=2)
    assert "many.csv" in desk.said
    assert Order.objects.count() == 2


def test_a_profile_must_map_what_makes_an_order(desk: Desk) -> None:
    head = 'kind = "orders"\nzone = "Asia/Shanghai"\ncurrency = "CNY"\nrequired = ["sku"]\n'
    profile = desk.text("own.toml", f'{head}[columns]\nsku = ["code"]\nunit_price = ["price"]\n')
    desk.imports("orders", desk.text("own.csv", "code,price\nS,1\n"), "--profile", profile, status=2)
    assert "order_number" in desk.said


def test_a_row_that_takes_off_the_whole_order_is_spread_over_its_goods(desk: Desk) -> None:
    """HARD-CASES 1: lines of 6.00 and 4.00 less 1.00 are 5.40 and 3.60."""
    columns = {"order_number": "No", "ordered_at": "Date", "sku": "Sku", "quantity": "Qty", "unit_price": "Price"}
    mapped = "\n".join(f'{field} = ["{header}"]' for field, header in columns.items())
    profile = desk.text(
        "shop.toml",
        'kind = "orders"\nzone = "Asia/Shanghai"\ncurrency = "CNY"\nunknown_sku = "create"\n'
        f'required = ["order_number"]\n[columns]\n{mapped}\n[codes]\ndiscount = ["OFF"]\npostage = ["POST"]\n',
    )

    def row(number: str, sku: str, price: str, quantity: object = 1) -> dict[str, Any]:
        return {"No": number, "Date": "2026-03-02", "Sku": sku, "Qty": quantity, "Price": price}

    rows = [row("A-1", "CUP", "6.00"), row("A-1", "JAR", "4.00"), row("A-1", "OFF", "-1.00")]
    rows += [row("A-1", "POST", "8.00"), row("A-2", "CUP", "6.00"), row("A-2", "OFF", "1.00", -2)]
    rows += [row("A-3", "CUP", "6.00"), row("A-3", "OFF", "x"), row("A-4", "CUP", "6.00"), row("A-4", "OFF", "-7")]
    path = desk.file("orders.csv", rows)
    report = desk.imports("orders", path, "--profile", profile)
    assert (report["imported"], report["set_aside"]) == (6, 4)
    assert report["codes"] == {"amounts_invalid": 2, "bad_number": 1, "document_incomplete": 1}
    found = OrderLine.objects.order_by("order__number", "position").values_list("paid_minor", flat=True)
    assert list(found) == [540, 360, 800, 400]
    assert set(LineDiscount.objects.values_list("funder", flat=True)) == {"shop"}
    assert desk.imports("orders", path, "--profile", profile)["unchanged"] == 6


def test_a_cancelled_order_cancels_what_had_not_left_before(desk: Desk) -> None:
    desk.imports("orders", desk.file("one.csv", [order(已发数量=2), order("A-2", 订单状态="已发货")]))
    later = [order(订单状态="交易关闭"), order("A-2", 订单状态="交易关闭"), order("A-3", 订单状态="交易关闭")]
    later.append(order("A-4", 订单状态="交易关闭", 发货时间="2026-03-03"))
    report = desk.imports("orders", desk.file("two.csv", later))
    assert (report["updated"], report["imported"], report["set_aside"]) == (2, 2, 0)
    found = OrderLine.objects.order_by("order__number").values_list("shipped", "cancelled")
    assert list(found) == [(2, 1), (3, 0), (0, 3), (3, 0)]


def test_a_newer_file_that_takes_back_what_is_booked_is_told_what_to_do(desk: Desk) -> None:
    cells = {"支付方式": "wechat", "实付金额": "30.00", "发货时间": "2026-03-03"}
    desk.imports("orders", desk.file("one.csv", [order(**cells, 已发数量=3)]), "--as-of", "2026-03-04")
    for changed in ({"已发数量": 2}, {"已发数量": 3, "实付金额": "20.00"}):
        newer = desk.file("two.csv", [order(**{**cells, **changed})])
        assert desk.imports("orders", newer, "--as-of", "2026-03-09")["set_aside"] == 1
        assert "请录入退货单" in desk.aside()[0]["set-aside reason"]


def test_reasons_speak_of_amounts_as_people_write_them(desk: Desk) -> None:
    paid = {"支付方式": "wechat", "标准运费": "8.00"}
    desk.imports("orders", desk.file("one.csv", [order(**paid, 实付金额="30.00"), order("A-2", 子订单号="L1")]))
    rows = [
        order(支付方式="wechat", 实付金额="20.00"),
        order("A-2", 子订单号="L1", 单价="11.00"),
        order("A-3", 商家优惠="-5"),
    ]
    desk.imports("orders", desk.file("two.csv", rows))
    reasons = [row["set-aside reason"] for row in desk.aside()]
    for reason, words in zip(reasons, [("30.00", "20.00"), ("单价", "11.00"), ("-5.00",)], strict=True):
        assert all(word in reason for word in words)
        assert not reason.startswith("'"), "the guard against formulas is for cells that begin like one"
    desk.imports("orders", desk.file("three.csv", [order(标准运费="9.00")]))
    [row] = desk.aside()
    assert all(word in row["set-aside reason"] for word in ("标准运费", "8.00"))


def test_an_as_of_in_the_future_is_refused_since_all_later_files_would_be_older(desk: Desk) -> None:
    desk.imports("orders", desk.file("one.csv", [order()]), "--as-of", "2126-01-01", status=2)
    assert "2126-01-01" in desk.said
    assert not Order.objects.exists()


def test_the_reason_of_a_file_that_cannot_be_used_is_in_the_language_of_its_sentence(desk: Desk) -> None:
    desk.imports("orders", desk.text("noise.csv", bytes(range(256)) * 400), status=2)
    assert "二进制" in desk.said


def test_a_text_too_long_for_its_column_is_the_rows_fault(desk: Desk) -> None:
    report = desk.imports("orders", desk.file("long.csv", [order("A" * 81), order("A-2", 商品名称="名" * 500)]))
    assert (report["imported"], report["codes"]) == (1, {"too_long": 1})


def test_a_tracking_number_that_comes_later_names_the_shipment_there_is(desk: Desk) -> None:
    desk.imports("orders", desk.file("one.csv", [order(已发数量=1)]))
    two = desk.file("two.csv", [order(已发数量=1, 运单号="SF1")])
    assert desk.imports("orders", two)["updated"] == 1
    assert list(Shipment.objects.values_list("tracking", flat=True)) == ["SF1"]
    assert desk.imports("orders", two)["unchanged"] == 1
    three = [order(已发数量=1, 运单号="SF1"), order(商品编码="CUP", 已发数量=3, 运单号="SF2")]
    desk.imports("orders", desk.file("three.csv", three))
    assert sorted(Shipment.objects.values_list("tracking", flat=True)) == ["SF1", "SF2"]
    assert sorted(OrderLine.objects.values_list("shipped", flat=True)) == [1, 3]
