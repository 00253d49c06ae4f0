"""The matching rule for past returns, and that it never gives more than was sold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from guicang.intake.matching import Part, Pool, Wanted, recorded_parts
from guicang.kernel.ids import NIL

BUYER, OTHER, MUG = UUID(int=1), UUID(int=2), UUID(int=3)
DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


class Line(NamedTuple):
    shipment_line_id: UUID
    unit_price: Decimal = Decimal("2.50")
    shipped_at: datetime = START
    free: int = 5
    shipped: int = 6
    customer_id: UUID = BUYER
    sku_id: UUID = MUG
    order_line_id: UUID = NIL
    order_id: UUID = NIL
    serial: str = ""


def line(number: int, **facts: Any) -> Line:
    return Line(UUID(int=number), order_line_id=UUID(int=number + 100), order_id=UUID(int=number + 200))._replace(
        **facts
    )


def wanted(units: int, **facts: Any) -> Wanted:
    return Wanted(BUYER, MUG, units, Decimal("2.5000"), START + 9 * DAY)._replace(**facts)


def shown(parts: list[Part[Line]]) -> list[tuple[int, int]]:
    return [(part.sold.shipment_line_id.int if part.sold else 0, part.units) for part in parts]


def test_same_price_first_then_the_latest() -> None:
    pool = Pool([line(1), line(2, shipped_at=START + DAY), line(3, shipped_at=START + 2 * DAY, unit_price=Decimal(9))])
    assert shown(pool.take(wanted(12))) == [(2, 5), (1, 5), (3, 2)]
    assert shown(pool.take(wanted(5))) == [(3, 3), (0, 2)], "never more than is free, the excess split off"


def test_only_the_same_buyer_and_only_earlier_sales() -> None:
    pool = Pool([line(1, customer_id=OTHER), line(2, shipped_at=START + 10 * DAY), line(3, sku_id=OTHER)])
    assert shown(pool.take(wanted(1))) == [(0, 1)]


def test_a_document_that_names_its_order_or_serial_gets_that_one() -> None:
    pool = Pool([line(1), line(2, shipped_at=START + DAY), line(3, serial="SN-A", shipped_at=START - DAY)])
    assert shown(pool.take(wanted(1, order_id=UUID(int=201)))) == [(1, 1)]
    assert shown(pool.take(wanted(1, serial="SN-A"))) == [(3, 1)]
    assert shown(pool.take(wanted(1, order_id=UUID(int=202), order_line_id=UUID(int=999)))) == [(0, 1)]


def test_recorded_amounts_lie_over_the_parts_exactly() -> None:
    parts: list[Part[Line]] = [Part(None, 1), Part(None, 1), Part(None, 1)]
    assert recorded_parts(1000, parts) == [333, 334, 333]


@given(
    free=st.lists(st.integers(0, 6), max_size=8),
    asked=st.lists(st.integers(1, 9), max_size=12),
    amount=st.integers(0, 10_000),
)
def test_any_sequence_takes_each_unit_once(free: list[int], asked: list[int], amount: int) -> None:
    pool = Pool([line(number, free=units) for number, units in enumerate(free, 1)])
    taken: dict[int, int] = {}
    for units in asked:
        parts = pool.take(wanted(units))
        assert sum(part.units for part in parts) == units
        assert sum(recorded_parts(amount, parts)) == amount
        for number, count in shown(parts):
            taken[number] = taken.get(number, 0) + count
    unmatched = taken.pop(0, 0)
    assert all(count <= free[number - 1] for number, count in taken.items())
    assert sum(taken.values()) == min(sum(free), sum(asked))
    assert unmatched == max(0, sum(asked) - sum(free))
