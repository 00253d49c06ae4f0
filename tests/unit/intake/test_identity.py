"""A line keeps its key whatever its status says."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from guicang.intake.asides import safe
from guicang.intake.identity import line_key

ROW = {"sku": "85123A", "unit_price": Decimal("2.5500"), "quantity": 6}


def test_the_exports_line_id_comes_first() -> None:
    assert line_key({**ROW, "line_id": "7788"}, Counter()) == "id:7788"


def test_without_one_what_never_changes_and_the_occurrence() -> None:
    seen: Counter[str] = Counter()
    assert line_key(ROW, seen) == "85123A@2.55x6#1"
    assert (
        line_key({**ROW, "unit_price": Decimal("2.55"), "status": "shipped", "shipped_quantity": 6}, seen)
        == "85123A@2.55x6#2"
    )
    assert line_key({**ROW, "discount_shop": 100, "discount_platform": 5}, seen) == "85123A@2.55x6-s100-p5#1"
    assert line_key({**ROW, "unit_price": Decimal(0)}, seen) == "85123A@0x6#1"
    assert line_key({**ROW, "unit_price": Decimal(100)}, seen) == "85123A@100x6#1"


def test_a_long_key_keeps_apart_what_is_apart() -> None:
    one, two = (line_key({**ROW, "line_id": "9" * 300 + end}, Counter()) for end in "ab")
    assert one != two
    assert len(one) < 180


def test_cells_that_a_spreadsheet_would_run_become_text() -> None:
    assert safe("=cmd|'/C calc'!A0") == "'=cmd|'/C calc'!A0"
    assert safe("@SUM(1)") == "'@SUM(1)"
    assert safe("\t=1") == "'\t=1"
    for harmless in ("-5", "+86 138", "-1,234.50", "+3", '="00123"', "A=B", "", "12%", "2026-03-01"):
        assert safe(harmless) == harmless
