"""The report on decisions in the desk: figures that lead to their returns, exceptions, files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from guicang.insights.became import BECAME
from guicang.returns.steps.request import request
from guicang.ui.templatetags import decisions as words
from tests.journeys.test_approvals import a_flow, agree, somebody
from tests.journeys.test_policies import state
from tests.unit.desk.conftest import Hire
from tests.unit.desk.test_exports import read_csv, read_xlsx
from tests.world import NOW, Sold, World

HOME = "/reports/decisions/"
DAYS = "since=2026-10-20&until=2026-12-20"


@pytest.fixture
def decided(world: World, order: Callable[..., Sold]) -> World:
    """One granted at once, one agreed to at a stage, one open, one exception."""
    a_flow(world, [{"roles": ["agent"]}], amount_minor=2_000)
    key = world.request(order(), 2)
    agree(key, somebody("agent"), NOW + timedelta(hours=3))
    world.request(order(), 2)
    state(world, {"terms": {"days": 0, "approve_below_minor": 1_500}})
    sold = order()
    boss = somebody("approver", "boss")
    wanted = replace(world.asked(sold, 1), override="goodwill")
    assert request(requests=[wanted], actor=boss, now=world.now + timedelta(days=9))[0].ok
    return world


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_figures_lead_to_their_returns(language: str, decided: World, hire: Hire) -> None:
    fin = hire("finance", language=language)
    page = fin.get(f"{HOME}?{DAYS}")
    shown: Any = page.context["report"]
    assert {code: n for code, n in shown.whole.counts.items() if n} == {"approved": 1, "open": 2}
    text = page.content.decode()
    assert ("大额" in text, "Large" in text) == (language != "en", language == "en")
    for code in ("approved", "open"):
        assert f"/returns/?became={code}&amp;{DAYS.replace('&', '&amp;')}" in text
        listed = fin.get(f"/returns/?became={code}&{DAYS}").context["page"].rows
        assert len(listed) == shown.whole.counts[code]
    (made,) = shown.exceptions
    assert f'href="/returns/{made.return_id}/"' in text
    assert "boss" in text


def test_days_beyond_a_year_are_left_out_and_said(decided: World, hire: Hire) -> None:
    page = hire("analyst").get(f"{HOME}?since=2019-01-01&until=2026-12-20")
    assert page.context["wanted"].since.isoformat() == "2025-12-20"
    assert "At most 366 days" in page.content.decode()


def test_the_files_hold_what_the_page_shows(decided: World, hire: Hire) -> None:
    fin = hire("finance")
    (shop,) = read_csv(fin, f"{HOME}shops.csv?{DAYS}")[1:]
    assert shop[1:] == ["3", "0", "1", "0", "0", "0", "2", "0", "0.0", "3.0", "3.0"]
    (stage,) = read_csv(fin, f"{HOME}stages.csv?{DAYS}")[1:]
    assert stage[:6] == ["Large", "1", "1", "0", "1", "0"]
    rows = read_xlsx(fin, f"{HOME}exceptions.xlsx?{DAYS}")
    assert len(rows) == 2
    assert rows[1][3:6] == ["Accepted against the policy", "boss", "Goodwill"]
    assert fin.get(f"{HOME}nothing.csv").status_code == 404
    assert fin.get(f"{HOME}shops.pdf").status_code == 404


def test_every_way_to_be_decided_has_its_words() -> None:
    assert [*words.BECAME] == [*BECAME]
