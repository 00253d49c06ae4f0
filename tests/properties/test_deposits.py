"""An earnest deposit (定金): any split of what is cancelled forfeits the same, to the cent (B30)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from guicang.returns.settlement import EARNEST, Ask, Plan, Sale, SaleLine, SaleTender, earnest_of, plan_settlement

LINES = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 40_000)), min_size=1, max_size=4)


def _sale(lines: list[tuple[int, int]], deposit: int) -> Sale:
    found = [SaleLine(uuid4(), units, paid, paid, 0) for units, paid in lines]
    price = sum(line.paid_minor for line in found)
    deposit = min(deposit, price)
    tenders = [SaleTender(uuid4(), deposit, 0)]
    sale = Sale(uuid4(), "CNY", price, deposit, 0, 0, {line.id: line for line in found}, tenders)
    sale.earnest_minor = earnest_of(deposit, price)
    return sale


def _cancel(sale: Sale, key: UUID, units: int, **more: Any) -> Plan:
    plan = plan_settlement(sale, [Ask(uuid4(), key, units, unshipped=True, **more)])
    assert not plan.blocked
    return plan


@given(LINES, st.integers(0, 50_000), st.data())
def test_any_split_forfeits_the_same(lines: list[tuple[int, int]], deposit: int, data: st.DataObject) -> None:
    sale = _sale(lines, deposit)
    earnest, captured, refunded = sale.earnest_minor, sale.captured_minor, 0
    todo = data.draw(st.permutations([key for key, line in sale.lines.items() for _ in range(line.ordered)]))
    while todo:
        units = data.draw(st.integers(1, len(todo)))
        part, todo = todo[:units], todo[units:]
        asks = [Ask(uuid4(), key, part.count(key), unshipped=True, forfeits=True) for key in dict.fromkeys(part)]
        plan = plan_settlement(sale, asks)
        assert all(0 <= line.fee_minor <= line.share_minor and not line.fee_tax_minor for line in plan.lines)
        sale, refunded = plan.sale, refunded + plan.cash_minor
    assert (sale.fees_minor, refunded) == (earnest, captured - earnest)
    assert earnest * 5 <= sum(line.paid_minor for line in sale.lines.values())


@given(LINES, st.integers(0, 50_000), st.data())
def test_in_any_sequence_of_undoing_never_more(lines: list[tuple[int, int]], deposit: int, data: st.DataObject) -> None:
    """What was kept of a cancellation that is taken back is given back, and the whole never passes what counts."""
    sale = _sale(lines, deposit)
    made: list[tuple[UUID, int, int, int]] = []
    steps = data.draw(st.lists(st.booleans(), min_size=1, max_size=12))
    for undoes in steps:
        if made and undoes:
            key, units, kept, share = made.pop(data.draw(st.integers(0, len(made) - 1)))
            undone = _cancel(sale, key, -units, settled=units, share_minor=share, charged={EARNEST: kept})
            # No more than the share that it takes back, which may be a cent less than what it gave.
            assert max(0, kept - 1) <= -undone.total("fee_minor") <= kept
            sale = undone.sale
        else:
            open_lines = [line for line in sale.lines.values() if line.cancelled_settled < line.ordered]
            if not open_lines:
                continue
            line = data.draw(st.sampled_from(open_lines))
            units = data.draw(st.integers(1, line.ordered - line.cancelled_settled))
            forfeits = data.draw(st.booleans())
            plan = _cancel(sale, line.id, units, forfeits=forfeits)
            assert forfeits or not plan.total("fee_minor")
            made.append((line.id, units, plan.total("fee_minor"), plan.total("share_minor")))
            sale = plan.sale
        assert 0 <= sale.fees_minor <= sale.earnest_minor
