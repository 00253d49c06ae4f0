"""The dirt of rows and cells: cleaned and reported, or set aside with a reason, and never dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from guicang.intake.profiles import Profile, load
from guicang.intake.tables import FileFault, Row, SetAside, Table, read_rows

HEADER = "订单号,下单时间,商品编码,商品名称,数量,单价,手机\n"


@pytest.fixture(scope="module")
def orders() -> Profile:
    return load("template", "orders")


def read(tmp_path: Path, profile: Profile, text: str) -> list[Row | SetAside]:
    return list(table(tmp_path, profile, text))


def table(tmp_path: Path, profile: Profile, text: str) -> Table:
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode())
    return read_rows(path, profile)


def line(**cells: str) -> str:
    order, sku, name = cells.get("order", "A-1"), cells.get("sku", "S-1"), cells.get("name", "杯")
    quantity, price, phone = cells.get("quantity", "1"), cells.get("price", "9.90"), cells.get("phone", "")
    return f"{order},2026-03-01,{sku},{name},{quantity},{price},{phone}\n"


@pytest.mark.parametrize(
    ("dirty", "value", "what"),
    [
        ('="00123"', "00123", "excel_text"),
        ('"=""00123"""', "00123", "excel_text"),
        ("\t00123", "00123", "tab"),
        ("'00123", "00123", "apostrophe"),
        ("\u00a000123\u3000", "00123", "spaces"),
        (" 00123 ", "00123", "spaces"),
        ("00\u200b123", "00123", "invisible"),
        ('\t="00123"', "00123", "excel_text"),
    ],
)
def test_dirt_is_cleaned_and_reported(tmp_path: Path, orders: Profile, dirty: str, value: str, what: str) -> None:
    [row] = read(tmp_path, orders, HEADER + line(order=dirty))
    assert isinstance(row, Row)
    assert row.cells["order_number"] == value
    assert row.cleaned == (("订单号", what),)
    assert row.raw[0] != value


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"order": "1.23E+18"}, "订单号", "excel_number"),
        ({"sku": "6.9e+12"}, "商品编码", "excel_number"),
        ({"quantity": "1.2E+15"}, "数量", "excel_number"),
        ({"name": "=cmd|' /C calc'!A0"}, "商品名称", "formula"),
        ({"price": "=SUM(A1:A9)"}, "单价", "formula"),
        ({"name": "+cmd|' /C calc'!A0"}, "商品名称", "formula"),
        ({"name": "@SUM(1+1)"}, "商品名称", "formula"),
        ({"name": "-2+3+cmd|x"}, "商品名称", "formula"),
        ({"name": "+A1"}, "商品名称", "formula"),
        ({"sku": "#REF!"}, "商品编码", "cell_error"),
        ({"price": "#N/A"}, "单价", "cell_error"),
        ({"quantity": "#####"}, "数量", "cell_error"),
        ({"order": "A\x07"}, "订单号", "control_character"),
        ({"sku": ""}, "商品编码", "missing_value"),
        ({"sku": " \u3000"}, "商品编码", "missing_value"),
    ],
)
def test_cells_that_are_refused(tmp_path: Path, orders: Profile, cells: dict[str, str], column: str, code: str) -> None:
    rows = read(tmp_path, orders, HEADER + line() + line(**cells) + line())
    assert [type(row) for row in rows] == [Row, SetAside, Row]
    found = rows[1]
    assert isinstance(found, SetAside)
    assert (found.number, found.column, found.code) == (3, column, code)
    assert str(found.faults[0])


@pytest.mark.parametrize(
    "cells",
    [
        {"quantity": "-3"},
        {"name": "-20% 优惠"},
        {"name": "@张三"},
        {"name": "- 三件装"},
        {"name": "'90s 海报"},
        {"phone": "+86 138-0013-8000"},
        {"phone": "+1(415)555-0100"},
        {"sku": "12E5"},
        {"name": "#1 杯"},
        {"name": '"两行\n名称"'},
    ],
)
def test_honest_cells_pass(tmp_path: Path, orders: Profile, cells: dict[str, str]) -> None:
    [row] = read(tmp_path, orders, HEADER + line(**cells))
    assert isinstance(row, Row)
    assert row.cleaned == ()


def test_all_findings_of_a_row_at_once(tmp_path: Path, orders: Profile) -> None:
    [row] = read(tmp_path, orders, HEADER + line(order="1.2E+17", sku="#REF!", name="=A1"))
    assert isinstance(row, SetAside)
    assert [fault.code for fault in row.faults] == ["excel_number", "cell_error", "formula"]


def test_every_physical_row_is_accounted_for(tmp_path: Path, orders: Profile) -> None:
    text = (
        "店铺导出,,,,,,\n\n"
        + HEADER
        + line()
        + "\n"
        + HEADER
        + "合计,,,,12,99.00,\n"
        + ",,,,,,\n"
        + "A-2,2026-03-01\n"
        + line().strip()
        + ",,\n"
        + line().strip()
        + ",多\n"
        + '"两\n行",2026-03-01,S,杯,1,1,\n'
        + "小计：,,,,3,,\nTotal,,,,1,,"
    )
    opened = table(tmp_path, orders, text)
    rows = list(opened)
    assert opened.preamble == [(1, ("店铺导出", *[""] * 6)), (2, ())]
    assert opened.header.number == 3
    codes = [(row.number, "row" if isinstance(row, Row) else row.code) for row in rows]
    assert codes == [
        (4, "row"), (5, "blank_row"), (6, "repeated_header"), (7, "total_row"), (8, "blank_row"), (9, "cell_count"),
        (10, "row"), (11, "cell_count"), (12, "row"), (14, "total_row"), (15, "total_row"),
    ]  # fmt: skip
    assert sum(opened.counts.values()) == len(rows)


def test_a_stray_quote_costs_one_row(tmp_path: Path, orders: Profile) -> None:
    text = HEADER + line() + line(name='"7寸') + line() * 300 + line(name='"杯"子') + line()
    rows = read(tmp_path, orders, text)
    assert [row.number for row in rows] == list(range(2, 306))
    bad = [row for row in rows if isinstance(row, SetAside)]
    assert [(row.number, row.code) for row in bad] == [(3, "bad_quoting"), (304, "bad_quoting")]


def test_two_stray_quotes_swallow_nothing(tmp_path: Path, orders: Profile) -> None:
    rows = read(
        tmp_path, orders, HEADER + line(name='"7寸') + line() * 3 + line(name='8寸"') + line(name='"9') + line()
    )
    assert [row.number for row in rows] == list(range(2, 9))
    assert sum(isinstance(row, Row) for row in rows) >= 5


def test_product_called_total_is_no_total_row(tmp_path: Path) -> None:
    rows = read(tmp_path, load("template", "catalogue"), "sku,name\nTOTAL,Total 牙膏\n合计,\nSum,\n")
    assert [isinstance(row, Row) for row in rows] == [True, False, False]


def test_merged_cells_take_the_value_above(tmp_path: Path, orders: Profile) -> None:
    text = HEADER + line() + line(order="") + "合计,,,,2,,\n" + line(order="") + line(order="1.2E+18") + line(order="")
    rows = read(tmp_path, replace(orders, merged=("order_number",)), text)
    assert [row.cells["order_number"] if isinstance(row, Row) else row.code for row in rows] == [
        "A-1", "A-1", "total_row", "missing_value", "excel_number", "missing_value",
    ]  # fmt: skip
    plain = read(tmp_path, orders, text)
    assert [isinstance(row, Row) for row in plain] == [True, False, False, False, False, False]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, orders: Profile, delimiter: str) -> None:
    opened = table(tmp_path, orders, (HEADER + line() * 3).replace(",", delimiter))
    assert (opened.delimiter, len(list(opened))) == (delimiter, 3)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, orders: Profile, end: str) -> None:
    rows = read(tmp_path, orders, (HEADER + line() * 3).replace("\n", end))
    assert [row.number for row in rows] == [2, 3, 4]
    assert all(isinstance(row, Row) for row in rows)


@pytest.mark.parametrize(
    "header",
    [
        '\ufeff订单号 / order_number,ordered_at,SKU,\u3000数量 ,"=""单价"""',
        "order_number,下单时间,sku,quantity,unit_price",
    ],
)
def test_headers_in_either_language_with_their_dirt(tmp_path: Path, orders: Profile, header: str) -> None:
    [row] = read(tmp_path, orders, header + "\nA,2026-03-01,S,1,2.5\n")
    assert isinstance(row, Row)
    assert row.cells == {
        "order_number": "A",
        "ordered_at": "2026-03-01",
        "sku": "S",
        "quantity": "1",
        "unit_price": "2.5",
    }


@pytest.mark.parametrize(
    ("prices", "mark"),
    [
        (["1.234,50"], ","),
        (["12,5"], ","),
        (["1,234.50"], "."),
        (["0.125"], "."),
        (["5"], "."),
        (["1.234", "2,50"], ","),
        (["1.234.567"], ","),
    ],
)
def test_decimal_marks_are_proven(tmp_path: Path, orders: Profile, prices: list[str], mark: str) -> None:
    text = HEADER.replace(",", ";") + "".join(f"A;2026-03-01;S;杯;1;{price};\n" for price in prices)
    assert table(tmp_path, orders, text).formats.decimal == mark


@pytest.mark.parametrize("prices", [["1.234"], ["1,234"], ["12,50", "12.50"]])
def test_decimal_marks_are_not_guessed(tmp_path: Path, orders: Profile, prices: list[str]) -> None:
    text = HEADER.replace(",", ";") + "".join(f"A;2026-03-01;S;杯;1;{price};\n" for price in prices)
    with pytest.raises(FileFault) as caught:
        table(tmp_path, orders, text)
    assert caught.value.code == "ambiguous_decimal"
    assert table(tmp_path, replace(orders, decimal=","), text).formats.decimal == ","


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["2026-03-01"], ""),
        (["13/02/2026", "01/02/2026"], "dmy"),
        (["02/13/2026"], "mdy"),
        (["01.02.2026"], ""),
        (["2026年3月1日"], ""),
    ],
)
def test_date_orders_are_proven(tmp_path: Path, orders: Profile, dates: list[str], order: str) -> None:
    text = HEADER + "".join(f"A,{date},S,杯,1,1,\n" for date in dates)
    assert table(tmp_path, orders, text).formats.dates.order == order


@pytest.mark.parametrize("dates", [["01/02/2026"], ["13/02/2026", "02/13/2026"]])
def test_date_orders_are_not_guessed(tmp_path: Path, orders: Profile, dates: list[str]) -> None:
    with pytest.raises(FileFault) as caught:
        table(tmp_path, orders, HEADER + "".join(f"A,{date},S,杯,1,1,\n" for date in dates))
    assert caught.value.code == "ambiguous_dates"
    assert "profile" in str(caught.value)


def test_xlsx_values_formulas_and_errors(tmp_path: Path, orders: Profile) -> None:
    path = tmp_path / "orders.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("订单")
    stamp, day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write(1, 1, "导出")
    sheet.write_row(2, 1, HEADER.strip().split(","))

    def put(row: int, order: object, *, price: object = 2.55) -> None:
        sheet.write(row, 1, order)
        sheet.write_datetime(row, 2, datetime(2026, 3, 1, 8, 30), stamp)  # noqa: DTZ001 - sheets know no zone
        sheet.write_row(row, 3, ["S-1", "杯", 6, price])

    put(3, 536365)
    put(4, 1.23e18)
    put(5, "A-2", price=0.1 + 0.2)
    put(6, "A-3")
    sheet.write_formula(6, 6, "=SUM(1,2)", None, 3)
    put(7, "A-4")
    sheet.write_formula(7, 5, "=1/0", None, "#DIV/0!")
    sheet.write_string(8, 1, "合计")
    sheet.write_formula(8, 5, "=SUM(F4:F8)", None, 24)
    put(10, "A-5", price=1e-7)
    sheet.write_datetime(10, 2, date(2026, 3, 2), day)
    sheet.write_string(10, 3, "=cmd|x")
    book.close()
    with read_rows(path, orders) as opened:
        rows = list(opened)
        assert opened.sheet == "订单"
        assert opened.progress.read == opened.progress.total
    told = [
        (r.number, "row", r.cells["order_number"], r.cells["unit_price"])
        if isinstance(r, Row)
        else (r.number, r.code, r.column)
        for r in rows
    ]
    assert told == [
        (4, "row", "536365", "2.55"),
        (5, "excel_number", "订单号"),
        (6, "row", "A-2", "0.3"),
        (7, "formula", "单价"),
        (8, "formula", "数量"),
        (9, "total_row", ""),
        (10, "blank_row", ""),
        (11, "formula", "商品编码"),
    ]
    assert isinstance(rows[0], Row)
    assert rows[0].cells["ordered_at"] == "2026-03-01T08:30:00"


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"]), max_size=12
).filter(lambda text: text[:1] not in tuple("=+-@'#") and "E+" not in text.upper())
WORD = CELL.filter(bool).map("x{}".format)


@given(
    st.lists(st.tuples(WORD, WORD, CELL, st.integers(-9, 99)), min_size=1, max_size=20),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, data: list[tuple[str, str, str, int]], delimiter: str
) -> None:
    import csv

    path = tmp_path_factory.mktemp("trip") / "orders.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(HEADER.strip().split(","))
        writer.writerows((order, "2026-03-01", sku, name, count, "1.50", "") for order, sku, name, count in data)
    with read_rows(path, load("template", "orders")) as opened:
        rows = list(opened)
    got = [
        (r.cells["order_number"], r.cells["sku"], r.cells["name"], int(r.cells["quantity"]))
        for r in rows
        if isinstance(r, Row)
    ]
    assert got == data
    assert [row.number for row in rows] == list(range(2, len(data) + 2))
