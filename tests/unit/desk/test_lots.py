"""Lots in the desk: the form asks what is printed on the goods, another lot is told, stock says until when."""

from __future__ import annotations

import pytest

from tests.journeys.test_goods_bound import lots, of_lot
from tests.unit.desk.conftest import Hire
from tests.world import World

pytestmark = pytest.mark.django_db


def test_the_desk_asks_for_the_lot_and_stock_tells_its_last_day(world: World, hire: Hire) -> None:
    lots(world, "L1", "L2")
    wes, key = hire("warehouse", language="en"), of_lot(world, 1)
    line = world.line(key).id
    assert f'name="lot.{line}"' in wes.get(f"/returns/{key}/").content.decode()
    said = {f"units.{line}": "1", f"lot.{line}": " L2 ", "key": "p"}
    page = wes.post(f"/returns/{key}/receive/", said, follow=True).content.decode()
    assert "lot found/sold L2/L1" in page
    assert (world.line(key).lot, world.line(key).held) == ("L2", True)
    assert "until 2026-11-23" in wes.get("/stock/").content.decode()
