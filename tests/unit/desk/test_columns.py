"""Which columns a list shows: each reader's own choice, kept, and nothing that a phone or a file follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from guicang.staff.models import User
from guicang.ui.columns import COLUMNS
from tests.unit.desk.conftest import Hire, in_every_state
from tests.world import Sold, World

LISTS = {"returns": "/returns/", "orders": "/orders/", "stock": "/stock/", "journal": "/journal/"}


def table(client: Client, page: str) -> tuple[str, str]:
    """The table of a list, and what it leaves out."""
    shown = re.search(r'<table[^>]* data-hide="([^"]*)".*?</table>', client.get(page).content.decode(), re.DOTALL)
    assert shown, page
    return shown[0], shown[1]


@pytest.mark.parametrize("name", LISTS)
def test_a_choice_is_kept_for_its_reader(name: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    in_every_state(world, order)
    ada, rosa = hire("admin"), hire("finance")
    assert table(ada, LISTS[name])[1] == ""
    first, *others = COLUMNS[name]
    filters = "since=2020-01-01" if name != "stock" else "q=GOODS"
    answer = ada.post(f"/columns/{name}/", {"show": [*others, "no such column"], "filters": filters})
    assert answer.headers["Location"] == f"{LISTS[name]}?{filters}"
    assert table(ada, LISTS[name])[1] == first
    assert table(rosa, LISTS[name])[1] == ""
    ada.post(f"/columns/{name}/", {"act": "all"})
    assert table(ada, LISTS[name])[1] == ""
    assert User.objects.get(username="admin").hidden_columns == {}


def test_lists_are_chosen_one_by_one(hire: Hire) -> None:
    ada = hire("admin")
    ada.post("/columns/stock/", {"show": ["name"]})
    ada.post("/columns/orders/", {"show": list(COLUMNS["orders"])[1:]})
    kept = User.objects.get(username="admin").hidden_columns
    assert kept == {"stock": ["warehouse", "place", "lot", "grade", "units"], "orders": ["customer"]}
    assert ada.post("/columns/nothing/").status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_head_rows_and_sums_name_the_same_columns(
    name: str, world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    """What is left out goes from top to bottom; what a row is and what can be done with it have no name to go by."""
    in_every_state(world, order)
    shown, _ = table(hire("admin"), LISTS[name])
    sheet: Any = finders.find("ui/lists.css")
    with open(sheet, encoding="utf8") as file:
        rules = file.read()
    for column in COLUMNS[name]:
        assert f'[data-hide~="{column}"] .{column}' in rules
    for part in re.findall(r"<t(?:head|foot)>.*?</t(?:head|foot)>", shown, re.DOTALL):
        named = [set(found.split()) & set(COLUMNS[name]) for found in re.findall(r'<t[hd][^>]*?class="([^"]*)"', part)]
        assert [found.pop() for found in named if found] == list(COLUMNS[name])
    for column in COLUMNS[name]:
        assert re.search(rf'<td class="[^"]*\b{column}\b', shown), column


def test_a_file_has_all_columns(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    in_every_state(world, order)
    ada = hire("admin")
    before = b"".join(ada.get("/returns/export.csv").streaming_content)  # type: ignore[attr-defined] # it streams
    ada.post("/columns/returns/", {"show": ["state"]})
    assert b"".join(ada.get("/returns/export.csv").streaming_content) == before  # type: ignore[attr-defined]
