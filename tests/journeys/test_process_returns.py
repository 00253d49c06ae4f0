"""Rosa's old returns come in with the files of the past, through the same life as new ones."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from guicang.accounting.models import Account, Entry, EntryLine
from guicang.cli.main import main
from guicang.intake.models import ImportRun, ReturnSourceLine
from guicang.intake.profiles.load import SHIPPED
from guicang.inventory.models import StockValue
from guicang.kernel.models import OutboxMessage
from guicang.org.models import Shop
from guicang.returns.models import Return, ReturnLine, Settlement, SettlementLine
from guicang.sales.models import Order, ShipmentLine
from tests.journeys.files import Desk, order

HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
#: number, code, quantity, day of 2011, price, customer
Row = tuple[str, str, int, str, str, str]
SALES: list[Row] = [
    ("1", "MUG", 5, "01-03", "2.50", "77"),
    ("2", "MUG", 4, "01-05", "3.00", "77"),
    ("2", "JAR", 1, "01-05", "8.00", "77"),
    ("3", "MUG", 9, "01-07", "2.50", "88"),
    ("4", "MUG", 3, "01-08", "2.50", ""),
    ("5", "POST", 1, "01-09", "15.00", "77"),
    ("6", "MUG", -2, "01-09", "0", ""),
]


def ledger(desk: Desk, rows: list[Row], name: str = "ledger.csv") -> Path:
    path = desk.folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for number, code, quantity, day, price, customer in rows:
            writer.writerow([number, code, code.title(), quantity, f"2011-{day} 12:00:00", price, customer, "UK"])
    return path


def process(desk: Desk, path: Path, *words: object, status: int = 0) -> dict[str, Any]:
    return desk.run("process", "returns", path, "--profile", "online_retail", *words, status=status)


@pytest.fixture
def sold(desk: Desk) -> Desk:
    report = desk.imports("orders", ledger(desk, SALES, "sales.csv"), "--profile", "online_retail")
    assert (report["imported"], report["codes"]) == (6, {"write_off": 1})
    return desk


def balance(role: str) -> int:
    account = Account.objects.get(role=role)
    return sum(EntryLine.objects.filter(account_id=account.id).values_list("book_minor", flat=True))


def test_a_return_is_matched_same_price_first_and_the_excess_is_split_off(sold: Desk) -> None:
    receivable = balance("receivable")
    path = ledger(sold, [("C1", "MUG", -11, "02-01", "3.00", "77"), ("C1", "POST", -1, "02-01", "15.00", "77")])
    report = process(sold, path)
    assert (report["imported"], report["set_aside"], report["documents"]) == (2, 0, {"imported": 1})
    main = Return.objects.get(link_kind="")
    assert (main.state, main.source_document, main.origin) == ("closed", "C1", "history")
    assert main.ended_at is not None
    assert main.requested_at.date().isoformat() == main.ended_at.date().isoformat() == "2011-02-01"
    lines = list(ReturnLine.objects.filter(parent=main).order_by("position"))
    assert [(line.kind, line.requested, line.recorded_minor, line.money_kind) for line in lines] == [
        ("goods", 4, 1200, ""),
        ("goods", 5, 1500, ""),
        ("money", 1, 1500, "postage"),
    ]
    waiting = Return.objects.get(link_kind="unmatched")
    assert (waiting.state, waiting.linked_id) == ("requested", main.id)
    assert [(line.kind, line.requested) for line in waiting.lines.all()] == [("blind", 2)]
    assert sorted(ShipmentLine.objects.filter(claimed__gt=0).values_list("shipped", "claimed")) == [(4, 4), (5, 5)]
    # 4 x 3.00 and 5 x 2.50 are credited; the 2.50 beyond the sale's price is an expense, never credit on the line.
    assert sum(SettlementLine.objects.values_list("credit_minor", flat=True)) == 1200 + 1250
    assert (
        sum(SettlementLine.objects.exclude(order_line_id="0" * 32).values_list("price_difference_minor", flat=True))
        == 250
    )
    assert balance("price_difference") == 250
    assert receivable - balance("receivable") == 1200 + 1250 + 250 + 1500
    assert sum(EntryLine.objects.values_list("book_minor", flat=True)) == 0
    sold.run("verify")
    assert Order.objects.get(number="1").return_label == "full"


def test_nothing_of_the_past_is_announced_paid_out_or_valued(sold: Desk) -> None:
    process(sold, ledger(sold, [("C1", "MUG", -2, "02-01", "2.50", "77")]))
    assert not OutboxMessage.objects.exists()
    assert not StockValue.objects.exists()
    assert Settlement.objects.get().cash_minor == 0


def test_who_is_unknown_matches_nobody_and_waits_for_review(sold: Desk) -> None:
    rows: list[Row] = [
        ("C1", "MUG", -1, "02-01", "2.50", ""),
        ("C2", "MUG", -1, "02-01", "2.50", "99"),
        ("C3", "MUG", -1, "01-02", "2.50", "77"),
        ("C4", "CUP", -1, "02-01", "2.50", "77"),
    ]
    process(sold, ledger(sold, rows))
    reasons = dict(ReturnSourceLine.objects.values_list("document", "reason"))
    assert reasons == {
        "C1": "customer_unknown",
        "C2": "no_earlier_sale",
        "C3": "no_earlier_sale",
        "C4": "no_earlier_sale",
    }
    assert set(Return.objects.values_list("state", "link_kind")) == {("requested", "unmatched")}
    assert not ShipmentLine.objects.filter(claimed__gt=0).exists()


def test_whoever_begins_with_the_returns_is_told(desk: Desk) -> None:
    rows: list[Row] = [("C1", "MUG", -1, "02-01", "2.50", "77")]
    path = ledger(desk, [*SALES, *rows])
    process(desk, path, "--dry-run")
    assert "先导入订单" in desk.said
    desk.imports("orders", path, "--profile", "online_retail")
    process(desk, path)
    assert "先导入订单" not in desk.said
    assert desk.run("report", "summary")["booked"]["lines"] == 1


def test_the_summary_on_paper_names_every_row_of_the_file(sold: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    process(sold, ledger(sold, [*SALES, ("C1", "MUG", -1, "02-01", "2.50", "77"), ("C2", "CUP", -1, "02-01", "4", "")]))
    assert main(["report", "summary"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:7] == [
        ["documents", "lines", "units", "value", "recorded"],
        ["source", "2", "2", "-2", "-6.5"],
        ["booked", "1", "1", "-1", "-2.5", "2.5"],
        ["unmatched", "1", "1", "-1", "-4", "4"],
        ["set_aside", "0", "0", "0", "0", "0"],
        ["other", "command", "7", "21", "77.5"],
    ]


def test_a_run_that_was_broken_off_is_called_so(sold: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    process(sold, ledger(sold, [("C1", "MUG", -1, "02-01", "2.50", "77")]))
    assert main(["report", "summary"]) == 0
    assert "尚未结束" not in capsys.readouterr().out
    ImportRun.objects.filter(kind="returns").update(state="running", ended_at=None)
    assert main(["report", "summary"]) == 0
    assert "尚未结束" in capsys.readouterr().out


def test_never_more_than_was_sold_over_several_documents_in_the_order_of_their_dates(sold: Desk) -> None:
    rows: list[Row] = [("C2", "JAR", -1, "02-02", "8.00", "77"), ("C1", "JAR", -1, "02-01", "8.00", "77")]
    process(sold, ledger(sold, rows))
    assert dict(ReturnSourceLine.objects.values_list("document", "bucket")) == {"C1": "booked", "C2": "unmatched"}


def test_the_same_file_again_changes_nothing_and_tells_the_same(sold: Desk) -> None:
    rows: list[Row] = [("C1", "MUG", -11, "02-01", "3.00", "77"), ("C2", "MUG", -1, "02-01", "2.50", "")]
    path = ledger(sold, rows)
    process(sold, path)
    summary = sold.run("report", "summary")
    counts = [model._default_manager.count() for model in (Return, ReturnLine, Settlement, Entry)]
    report = process(sold, path)
    assert (report["unchanged"], report["imported"]) == (2, 0)
    assert [model._default_manager.count() for model in (Return, ReturnLine, Settlement, Entry)] == counts
    again = sold.run("report", "summary")
    assert again.pop("run") != summary.pop("run")
    assert again == summary
    changed = process(sold, ledger(sold, [("C1", "MUG", -10, "02-01", "3.00", "77")], "other.csv"))
    assert changed["codes"] == {"document_changed": 1}


def test_a_document_that_names_other_goods_or_another_buyer_is_not_unchanged(sold: Desk) -> None:
    process(sold, ledger(sold, [("C1", "MUG", -1, "02-01", "2.50", "77"), ("C2", "POST", -1, "02-01", "2.50", "77")]))
    others: list[Row] = [
        ("C1", "JAR", -1, "02-01", "2.50", "77"),
        ("C1", "NEW", -1, "02-01", "2.50", "77"),
        ("C1", "MUG", -1, "02-01", "2.50", "88"),
        ("C2", "D", -1, "02-01", "2.50", "77"),
    ]
    for row in others:
        report = process(sold, ledger(sold, [row], "other.csv"))
        assert report["codes"] == {"document_changed": 1}, row
    report = process(sold, ledger(sold, [("C1", "MUG", -1, "02-01", "2.50", "77")], "same.csv"))
    assert report["unchanged"] == 1


def test_the_summary_adds_up_per_bucket_and_counts_a_document_once(sold: Desk) -> None:
    rows: list[Row] = [
        *SALES,
        ("C1", "MUG", -11, "02-01", "3.00", "77"),
        ("C2", "POST", -1, "02-01", "15.005", "77"),
        ("C3", "MUG", -1, "02-01", "2.50", "88"),
        ("C4", "MUG", -1, "02-01", "2.50", "88"),
        ("C4", "MUG", 2, "02-01", "2.50", "88"),
    ]
    report = process(sold, ledger(sold, rows))
    assert (report["other_command"], report["codes"]) == (7, {"document_contradiction": 2})
    facts = sold.run("report", "summary")
    assert facts["source"] | {"other": None} == {
        "rows": 12, "documents": 4, "lines": 5, "units": -12, "value": "-48.005", "other": None,
    }  # fmt: skip
    shown = {
        name: tuple(facts[name][key] for key in ("documents", "lines", "units", "value"))
        for name in ("booked", "unmatched", "set_aside")
    }
    assert shown == {
        "booked": (2, 2, -11, "-44.505"),
        "unmatched": (1, 1, -2, "-6"),
        "set_aside": (1, 2, 1, "2.5"),
    }
    assert facts["booked"]["kinds"] == {"postage": {"lines": 1, "units": -1, "value": "-15.005"}}
    assert (facts["rounding"], facts["adds_up"], facts["split_lines"]) == ("-0.005", True, 1)
    results = sold.results()
    assert [(row["row"], row["part"], row["bucket"], row["units"]) for row in results if row["document"] == "C1"] == [
        ("9", "0", "booked", "-4"),
        ("9", "1", "booked", "-5"),
        ("9", "2", "unmatched", "-2"),
    ]
    assert all(row["return"].startswith("R2011") for row in results if row["bucket"] != "set_aside")


def test_a_faulty_row_keeps_its_document_back_until_it_is_corrected(sold: Desk) -> None:
    rows: list[Row] = [
        ("C1", "MUG", -1, "02-01", "2.50", "77"),
        ("C1", "JAR", 0, "02-01", "8.00", "77"),
        ("1", "MUG", 0, "02-01", "8.00", "77"),
    ]
    report = process(sold, ledger(sold, rows))
    assert report["codes"] == {"zero_quantity": 1, "document_incomplete": 1}
    assert report["other_command"] == 1, "a faulty sale row is the other command's"
    assert not Return.objects.exists()
    aside = sold.aside()
    aside[1]["Quantity"] = "-1"
    report = process(sold, sold.file("corrected.csv", aside))
    assert (report["imported"], report["set_aside"]) == (2, 0)
    assert Return.objects.get().state == "closed"


def test_dry_run_and_strict_leave_nothing(sold: Desk) -> None:
    rows: list[Row] = [("C1", "MUG", -1, "02-01", "2.50", "77"), ("C2", "MUG", 0, "02-01", "2.50", "77")]
    path = ledger(sold, rows)
    assert process(sold, path, "--dry-run")["imported"] == 1
    assert process(sold, path, "--strict", status=3)["set_aside"] == 1
    assert not Return.objects.exists()
    assert not ReturnSourceLine.objects.exists()


def test_our_own_template_names_the_order(desk: Desk) -> None:
    cells = {"客户编号": "B-7", "已发数量": 3, "发货时间": "2026-03-03", "订单状态": "已签收"}
    paid = {"实付金额": "30.00", "支付方式": "微信", "支付流水号": "T1", "支付时间": "2026-03-02 10:01"}
    desk.imports("orders", desk.file("orders.csv", [order(**cells, **paid, 子订单号="L1")]))
    rows = [
        {"退货单号": "R-1", "退货时间": "2026-03-09", "退货类型": "退货退款", "订单号": "A-1", "子订单号": "L1",
         "商品编码": "MUG", "退货数量": 1, "退款金额": "10.00", "成色": "次品", "处置": "次品仓"},
        {"退货单号": "R-2", "退货时间": "2026-03-10", "退货类型": "仅退款", "订单号": "A-1",
         "商品编码": "MUG", "退货数量": 1, "退款金额": "4.00"},
        {"退货单号": "R-3", "退货时间": "2026-03-10", "退货类型": "换货", "订单号": "A-1",
         "商品编码": "MUG", "退货数量": 1, "退款金额": "4.00"},
        {"退货单号": "R-4", "退货时间": "2026-03-10", "订单号": "A-9",
         "商品编码": "MUG", "退货数量": 1, "退款金额": "4.00"},
    ]  # fmt: skip
    report = desk.run("process", "returns", desk.file("returns.csv", rows))
    assert report["codes"] == {"return_type_unknown": 1}
    states = dict(Return.objects.values_list("source_document", "state"))
    assert states == {"R-1": "closed", "R-2": "closed", "R-4": "requested"}
    kinds = dict(ReturnLine.objects.values_list("parent__source_document", "kind"))
    assert kinds == {"R-1": "goods", "R-2": "keep", "R-4": "blind"}
    sale = Order.objects.get()
    assert (sale.captured_minor, sale.refunded_minor) == (3000, 1400)
    assert not OutboxMessage.objects.exists()


def test_a_file_of_amounts_without_unit_prices_adds_up(desk: Desk) -> None:
    cells = {"客户编号": "B-8", "已发数量": 3, "发货时间": "2026-03-03", "订单状态": "已签收"}
    desk.imports("orders", desk.file("orders.csv", [order(**cells)]))
    row = {"商品编码": "MUG", "客户编号": "B-8", "退货时间": "2026-03-09"}
    rows = [
        row | {"退货单号": "R-1", "退货数量": 5, "退款金额": "50.00"},
        row | {"退货单号": "R-2", "退货数量": 1, "单价": "10.00", "退款金额": "9.00"},
    ]
    desk.run("process", "returns", desk.file("returns.csv", rows))
    facts = desk.run("report", "summary")
    assert (facts["source"]["value"], facts["adds_up"], facts["rounding"]) == ("10", True, "0")
    assert (facts["booked"]["recorded"], facts["unmatched"]["recorded"]) == ("30", "29")
    assert (facts["booked"]["value"], facts["unmatched"]["value"]) == ("0", "10")


def test_rows_without_a_document_number_are_one_document_of_the_sums(desk: Desk) -> None:
    row = {"退货单号": "", "商品编码": "MUG", "退货时间": "2026-03-09", "退货数量": 2, "单价": "10.00", "店铺": "S1"}
    rows = [
        row | {"退货单号": "R-1"},
        row,
        row | {"退货时间": "", "退货数量": 1, "店铺": "S2"},
        row | {"退货单号": "1.23E+18", "退货数量": "?"},
    ]
    report = desk.run("process", "returns", desk.file("returns.csv", rows))
    assert (report["set_aside"], report["codes"]) == (3, {"missing_value": 2, "excel_number": 1})
    assert report["documents"] == {"imported": 1, "set_aside": 1}
    facts = desk.run("report", "summary")
    names = ("documents", "lines", "units", "value")
    assert [facts["source"][name] for name in names] == [2, 4, 5, "50"]
    assert [facts["set_aside"][name] for name in names] == [1, 3, 3, "30"]
    assert facts["set_aside"]["reasons"] == {"missing_value": 2, "excel_number": 1}
    assert facts["adds_up"]
    assert not Shop.objects.filter(code="S2").exists(), "what is set aside sets nothing up"
    aside = [each | {"退货单号": f"R-{index}"} for index, each in enumerate(desk.aside(), 2)]
    aside[1]["退货时间"], aside[2]["退货数量"] = "2026-03-09", "2"
    assert desk.run("process", "returns", desk.file("corrected.csv", aside))["imported"] == 3


def test_a_document_waits_for_its_row_of_too_few_or_too_many_cells(sold: Desk) -> None:
    lines = [
        ",".join(HEADER),
        "C1,MUG,Mug,-1,2011-02-01 12:00:00,2.50,77,UK",
        "C1,JAR,Jar, glass,-1,2011-02-01 12:00:00,8.00,77,UK",
        "C2,MUG,Mug,-1,2011-02-01 12:00:00,2.50,77,UK",
        "C2,MUG",
        'C3,MUG,"Mug blue,-1,2011-02-01 12:00:00,2.50,77,UK',
        "C4,MUG,Mug,-1,2011-02-01 12:00:00,2.50,77,UK",
        "1,MUG",
        ",,,",
    ]
    path = sold.text("ledger.csv", "\n".join(lines))
    report = process(sold, path)
    assert report["codes"] == {"cell_count": 2, "document_incomplete": 2, "bad_quoting": 1, "blank_row": 1}
    assert (report["imported"], report["other_command"]) == (1, 1)
    assert sold.imports("orders", path, "--profile", "online_retail")["codes"] == {"cell_count": 1, "blank_row": 1}
    assert Return.objects.get().source_document == "C4"
    facts = sold.run("report", "summary")
    assert (facts["source"]["documents"], facts["source"]["lines"], facts["adds_up"]) == (4, 6, True)
    assert (facts["set_aside"]["documents"], facts["set_aside"]["lines"]) == (3, 5)
    corrected: list[Row] = [
        ("C1", "MUG", -1, "02-01", "2.50", "77"),
        ("C1", "JAR", -1, "02-01", "8.00", "77"),
        ("C2", "MUG", -1, "02-01", "2.50", "77"),
        ("C2", "MUG", -2, "02-01", "2.50", "77"),
    ]
    assert process(sold, ledger(sold, corrected, "corrected.csv"))["imported"] == 4


def test_a_document_in_merged_cells_waits_for_its_faulty_row(sold: Desk) -> None:
    profile = (SHIPPED / "online_retail.toml").read_text(encoding="utf-8")
    own = sold.text("merged.toml", profile.replace("kind = ", 'merged = ["return_number"]\nkind = ', 1))
    rows: list[Row] = [
        ("C1", "MUG", -1, "02-01", "2.50", "77"),
        ("", "JAR", 0, "02-01", "8.00", "77"),
        ("C2", "MUG", -1, "02-01", "2.50", "77"),
    ]
    report = sold.run("process", "returns", ledger(sold, rows), "--profile", own)
    assert (report["imported"], report["codes"]) == (1, {"zero_quantity": 1, "document_incomplete": 1})
    assert sold.run("report", "summary")["adds_up"]


def test_texts_too_long_for_their_columns_are_in_the_sums_too(desk: Desk) -> None:
    row = {"商品编码": "MUG", "退货时间": "2026-03-09", "退货数量": 1, "单价": "1.00"}
    rows = [
        row | {"退货单号": "R" * 90 + "1", "店铺": "S"},
        row | {"退货单号": "R" * 90 + "2", "店铺": "S"},
        row | {"退货单号": "R-3", "店铺": "S" * 50, "退货时间": "never"},
    ]
    report = desk.run("process", "returns", desk.file("returns.csv", rows))
    assert report["codes"] == {"too_long": 2, "bad_date": 1}
    facts = desk.run("report", "summary")
    assert (facts["set_aside"]["documents"], facts["set_aside"]["value"], facts["adds_up"]) == (3, "3", True)


def test_the_report_on_the_screen_is_in_words(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"退货单号": "1.23E+18", "商品编码": "MUG", "退货时间": "2026-03-09", "退货数量": 1, "单价": "10.00"}
    path = desk.file("returns.csv", [row, row | {"退货单号": "R-1"}])
    assert main(["process", "returns", str(path)]) == 0
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["搁置", "1"] in shown
    assert ["已导入", "1"] in shown
    assert ["被", "Excel", "舍入的数字", "(excel_number)", "1"] in shown


def test_currencies_stand_apart(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"商品编码": "MUG", "退货时间": "2026-03-09", "退货数量": 1}
    rows = [
        row | {"退货单号": "R-1", "单价": "900", "退款金额": "900", "币种": "JPY"},
        row | {"退货单号": "R-2", "单价": "10.5055", "退款金额": "", "币种": "CNY"},
        row | {"退货单号": "R-3", "单价": "7", "退款金额": "", "币种": "JPY", "退货时间": "never"},
    ]
    desk.run("process", "returns", desk.file("yen.csv", rows[:1]))
    facts = desk.run("report", "summary")
    assert facts["currency"] == "JPY"
    assert (facts["source"]["value"], facts["unmatched"]["recorded"], facts["unmatched"]["value"]) == ("900",) * 3
    assert [(each["currency"], each["recorded"]) for each in desk.results()] == [("JPY", "900")]
    desk.run("process", "returns", desk.file("both.csv", rows))
    facts = desk.run("report", "summary")
    assert facts["currency"] == ["CNY", "JPY"]
    assert facts["source"]["value"] == {"CNY": "10.5055", "JPY": "907"}
    assert facts["unmatched"]["recorded"] == {"CNY": "10.51", "JPY": "900"}
    assert facts["set_aside"]["value"] == {"CNY": "0", "JPY": "7"}
    assert (facts["rounding"], facts["adds_up"]) == ({"CNY": "0.0045", "JPY": "0"}, True)
    assert main(["report", "summary"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["unmatched", "2", "2", "2", "CNY", "10.5055", "CNY", "10.51"] in lines
    assert ["JPY", "900", "JPY", "900"] in lines
    other = desk.run("process", "returns", desk.file("other.csv", [{**rows[0], "币种": "KRW"}]))
    assert other["codes"] == {"document_changed": 1}, "900 of another currency are another amount"


def test_a_refused_document_leaves_its_sale_to_the_others_of_its_set(desk: Desk) -> None:
    cells = {"客户编号": "B-8", "已发数量": 3, "发货时间": "2026-03-03", "订单状态": "已签收"}
    desk.imports("orders", desk.file("orders.csv", [order(**cells)]))
    row = {"订单号": "A-1", "商品编码": "MUG", "退货数量": 3, "退款金额": "30.00", "客户编号": "B-8"}
    rows = [
        row | {"退货单号": "R-1", "退货时间": "2026-03-09", "客户编号": "B-7"},
        row | {"退货单号": "R-2", "退货时间": "2026-03-10"},
    ]
    report = desk.run("process", "returns", desk.file("returns.csv", rows))
    assert report["codes"] == {"line_not_found": 1}, "somebody else's order"
    assert dict(ReturnSourceLine.objects.values_list("document", "bucket")) == {"R-1": "set_aside", "R-2": "booked"}
    assert Return.objects.get().state == "closed"
    desk.run("verify")


def test_rounding_is_that_of_each_line_whatever_its_sign(sold: Desk) -> None:
    rows: list[Row] = [
        ("C1", "POST", -1, "02-01", "15.004", "77"),
        ("C2", "MUG", 2, "02-01", "2.50", "77"),
        ("C3", "MUG", -1, "02-01", "0", "88"),
    ]
    process(sold, ledger(sold, rows))
    facts = sold.run("report", "summary")
    assert (facts["booked"]["value"], facts["rounding"], facts["adds_up"]) == ("-10.004", "0.004", True)
    assert [row["value"] for row in sold.results()] == ["-15.004", "5", "0"]
