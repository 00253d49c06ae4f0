"""Text to exact values: amounts, prices, quantities, rates, instants; refused where a guess would be needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guicang.intake.profiles import load
from guicang.intake.tables import Converted, ConvertError, RowConverter, SetAside, convert, read_rows
from guicang.intake.tables.dates import DateFormats, Instants

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def code(call: Callable[..., object], *args: object, **options: object) -> str:
    with pytest.raises(ConvertError) as caught:
        call(*args, **options)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("12.50", ".", "12.50"), ("1,234.50", ".", "1234.50"), ("1.234,50", ",", "1234.50"), ("12,5", ",", "12.5"),
        ("１２．５０", ".", "12.50"), ("¥12.50", ".", "12.50"), ("￥ 12.50", ".", "12.50"), ("12.50元", ".", "12.50"),
        ("CNY 12.50", ".", "12.50"), ("(12.50)", ".", "-12.50"), ("−12.50", ".", "-12.50"), ("12.50-", ".", "-12.50"),
        ("-¥12.50", ".", "-12.50"), ("¥-12.50", ".", "-12.50"), ("+5", ".", "5"), ("1 234 567.8", ".", "1234567.8"),
        ("1'234.50", ".", "1234.50"), (".5", ".", "0.5"), ("5.", ".", "5"), ("0.0128", ".", "0.0128"),
        ("1\u00a0234,5", ",", "1234.5"), ("1.234.567", ",", "1234567"),
    ],
)  # fmt: skip
def test_numbers(text: str, decimal: str, value: str) -> None:
    assert convert.number(text, decimal, "CNY") == Decimal(value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$12", "currency_mismatch"), ("12 EUR", "currency_mismatch"), ("12,50", "bad_number"),
        ("1,23,456", "bad_number"), ("abc", "bad_number"), ("1.2.3", "bad_number"), ("--5", "bad_number"),
        ("1.23E+18", "excel_number"), ("", "bad_number"), ("NaN", "bad_number"), ("Infinity", "bad_number"),
        ("9" * 40, "number_too_large"), ("(-5)", "bad_number"), ("1_000", "bad_number"), ("\u0663", "bad_number"),
    ],
)  # fmt: skip
def test_numbers_that_are_refused(text: str, found: str) -> None:
    assert code(convert.number, text, ".", "CNY") == found


def test_quantities() -> None:
    assert [convert.quantity(text) for text in ("6", "-6", "6.0", "1,200", "006")] == [6, -6, 6, 1200, 6]
    assert convert.quantity("0") == 0
    assert code(convert.quantity, "0", nonzero=True) == "zero_quantity"
    assert code(convert.quantity, "0.00", nonzero=True) == "zero_quantity"
    assert code(convert.quantity, "1.5") == "fractional_quantity"
    assert code(convert.quantity, "6 pcs") == "bad_number"
    assert code(convert.quantity, "9" * 17) == "number_too_large"


def test_amounts_in_minor_units() -> None:
    assert convert.amount_minor("19.90", "CNY") == 1990
    assert convert.amount_minor("19.9000", "CNY") == 1990
    assert convert.amount_minor("1000", "JPY") == 1000
    assert convert.amount_minor("1.234", "KWD") == 1234
    assert code(convert.amount_minor, "19.905", "CNY") == "too_many_decimals"
    assert code(convert.amount_minor, "1.5", "JPY") == "too_many_decimals"
    assert convert.price("0.0128", "CNY") == Decimal("0.0128")


@given(st.integers(-(10**14), 10**14), st.sampled_from(["CNY", "JPY", "KWD"]), st.sampled_from([".", ","]))
def test_amounts_come_back_exactly(minor: int, currency: str, decimal: str) -> None:
    from guicang.kernel.money import from_minor

    text = f"{from_minor(minor, currency):,f}"
    if decimal == ",":
        text = text.translate(str.maketrans(",.", ".,"))
    assert convert.amount_minor(text, currency, decimal) == minor


def test_rates_booleans_codes_and_currencies() -> None:
    assert convert.rate("0.13") == convert.rate("13%") == convert.rate("１３％") == Decimal("0.13")
    assert code(convert.rate, "13") == "bad_rate"
    assert [convert.boolean(text) for text in ("是", "Y", "TRUE", "1", "否", "no", "0")] == [True] * 4 + [False] * 3
    assert code(convert.boolean, "也许") == "bad_boolean"
    assert convert.code("已发货", {"已发货": "shipped"}) == "shipped"
    assert code(convert.code, "飞了", {"已发货": "shipped"}) == "unknown_value"
    assert convert.currency_code("人民币") == convert.currency_code("cny") == "CNY"
    assert code(convert.currency_code, "¥") == "bad_currency"


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-03-01 08:00:00", "Asia/Shanghai", "2026-03-01T00:00:00+00:00"),
        ("2026/3/1", "Asia/Shanghai", "2026-02-28T16:00:00+00:00"),
        ("2026年3月1日 8时05分", "Asia/Shanghai", "2026-03-01T00:05:00+00:00"),
        ("20260301", "UTC", "2026-03-01T00:00:00+00:00"),
        ("20260301083015", "UTC", "2026-03-01T08:30:15+00:00"),
        ("01.03.2026 08:00", "Europe/Berlin", "2026-03-01T07:00:00+00:00"),
        ("2026-03-01T08:00:00+08:00", "Europe/Berlin", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01T00:00:00.250Z", "Europe/Berlin", "2026-03-01T00:00:00.250000+00:00"),
        ("2026-10-25 01:30:00", "Europe/London", "2026-10-25T00:30:00+00:00"),
    ],
)
def test_instants(text: str, zone: str, instant: str) -> None:
    assert Instants(DateFormats(), zone).read(text).isoformat() == instant


def test_instants_by_order_and_by_format() -> None:
    assert Instants(DateFormats(order="dmy"), "UTC").read("03/04/2026 1:05 PM") == datetime(
        2026, 4, 3, 13, 5, tzinfo=UTC
    )
    assert Instants(DateFormats(order="mdy"), "UTC").read("03/04/2026") == datetime(2026, 3, 4, tzinfo=UTC)
    listed = Instants(DateFormats(("%d %b %Y", "%y%m%d")), "UTC")
    assert listed.read("04 Mar 2026") == listed.read("260304") == listed.read("2026-03-04T00:00:00")
    assert code(listed.read, "2026-03-04") == "bad_date"


@pytest.mark.parametrize(
    "text", ["2026-02-30", "昨天", "45296", "03/04/2026", "2026-03-29 01:30:00", "2026-01-01 25:00", "0000-01-01"]
)
def test_dates_that_are_refused(text: str) -> None:
    assert code(Instants(DateFormats(), "Europe/London").read, text) == "bad_date"


def test_dates_in_the_future() -> None:
    instants = Instants(DateFormats(), "UTC", NOW)
    assert instants.read("2026-06-01") == NOW
    for _ in range(2):
        assert code(instants.read, "2026-06-02") == "date_in_future"
    assert instants.read("2027-01-01", may_be_future=True).year == 2027


def test_whole_rows_with_all_findings(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_number,ordered_at,sku,quantity,unit_price,paid,gift,currency,status,tax_rate\n"
        "A,2026-03-01,S,2,0.0128,¥19.90,否,,已发货,13%\n"
        "B,2027-03-01,S,0,abc,19.905,也许,,飞了,13\n"
        "C,2026-03-01,S,1,1,150,是,JPY,,\n"
        "D,2026-03-01,S,1,1,150,是,圆,,\n"
    )
    with read_rows(path, load("template", "orders")) as table:
        converter = RowConverter(table, now=NOW)
        first, second, third, fourth = (converter.convert(row) for row in table if not isinstance(row, SetAside))
    assert isinstance(first, Converted)
    assert first.values == {
        "order_number": "A", "ordered_at": datetime(2026, 2, 28, 16, tzinfo=UTC), "sku": "S", "quantity": 2,
        "unit_price": Decimal("0.0128"), "paid": 1990, "gift": False, "currency": "CNY", "status": "shipped",
        "tax_rate": Decimal("0.13"),
    }  # fmt: skip
    assert isinstance(second, SetAside)
    assert {(fault.column, fault.code) for fault in second.faults} == {
        ("ordered_at", "date_in_future"), ("quantity", "zero_quantity"), ("unit_price", "bad_number"),
        ("paid", "too_many_decimals"), ("gift", "bad_boolean"), ("status", "unknown_value"), ("tax_rate", "bad_rate"),
    }  # fmt: skip
    assert all(str(fault) for fault in second.faults)
    assert isinstance(third, Converted)
    assert (third.currency, third.values["paid"]) == ("JPY", 150)
    assert isinstance(fourth, SetAside)
    assert fourth.code == "bad_currency"
