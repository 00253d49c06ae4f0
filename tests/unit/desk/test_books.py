"""The trial balance as people see it: with what was there before the days asked for, and the same after numbering."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from guicang.accounting.models import Entry
from guicang.accounting.operations import number_vouchers
from tests.unit.desk.conftest import Hire, in_every_state
from tests.unit.desk.test_exports import read_csv
from tests.world import NOW, Sold, World

LAST = "9999-12-31"


@pytest.mark.parametrize("days", ["", "&since=2026-11-01", f"&since={LAST}", "&until=2026-11-30", f"&until={LAST}"])
def test_numbering_changes_nothing_on_the_page(days: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    in_every_state(world, order)
    fay = hire("finance")
    address = f"/journal/?tab=balance{days}"
    before, file = fay.get(address).context["balances"], read_csv(fay, f"/journal/balance.csv?{days}")
    assert before
    assert number_vouchers(NOW) == Entry.objects.count()
    assert fay.get(address).context["balances"] == before
    assert read_csv(fay, f"/journal/balance.csv?{days}") == file


def test_what_was_there_before_the_days_is_the_opening_balance(
    world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    in_every_state(world, order)
    fay = hire("finance")
    number_vouchers(NOW)
    assert "Opening balance" not in fay.get("/journal/?tab=balance").content.decode()
    shown = fay.get(f"/journal/?tab=balance&since={LAST}")
    assert "Opening balance" in shown.content.decode()
    assert sum(row.opening_minor for row in shown.context["balances"]) == 0
    assert any(row.opening_minor for row in shown.context["balances"])
    assert not any(row.debit_minor or row.credit_minor for row in shown.context["balances"])
