"""What makes a list quick to work with and needs no script: days by one click, sums that never mix currencies."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from guicang.insights.worklist import Page
from tests.journeys.acts import back, pay
from tests.unit.desk.conftest import Hire
from tests.world import Sold, World

Order = Callable[..., Sold]


def test_today_and_this_week_are_filters(world: World, order: Order, hire: Hire) -> None:
    world.request(order(), 1)
    ada = hire("admin")
    # The world's hour is Tuesday the third of November.
    for since, label in (("2026-11-03", "Today"), ("2026-11-02", "This week")):
        address = f"?since={since}&amp;until=2026-11-03"
        assert f'<a href="{address}">{label}</a>' in ada.get("/returns/").content.decode()
        shown = ada.get(f"/returns/?since={since}&until=2026-11-03").content.decode()
        assert f'aria-current="true">{label}</a>' in shown
        assert "1 return on this page" in shown
    assert "No return fits" in ada.get("/returns/?since=2026-11-04&until=2026-11-04").content.decode()


def test_sums_of_a_page(world: World, order: Order, hire: Hire) -> None:
    for units in (1, 2):
        pay(world, back(world, order(), units))
    shown = hire("admin").get("/returns/").content.decode()
    foot = shown.partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert '<td class="num units">3</td>' in foot
    assert "30.00" in foot


def test_currencies_are_never_added() -> None:
    rows: Any = [SimpleNamespace(currency=code, units=2, refund_minor=500) for code in ("CNY", "USD", "CNY")]
    page = Page(rows, more=False)
    assert (page.units, page.refunds) == (6, {"CNY": 1000, "USD": 500})
