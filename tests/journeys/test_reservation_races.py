"""Goods that several exchanges want at once: as many are granted as there are goods, and no more are kept."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection, connections

from guicang.catalog.models import Sku
from guicang.inventory.models import Reservation, StockLevel
from guicang.returns.models import Return
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.authorise import Authorisation, authorise
from tests.journeys.acts import SYSTEM, verified
from tests.journeys.test_exchange import ask
from tests.world import another_world

pytestmark = pytest.mark.django_db(transaction=True)
RACERS, STOCK = 6, 2


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: there is no race")
def test_as_many_are_granted_as_there_are_goods() -> None:
    world = another_world()
    want = world.sku("LAST", STOCK)
    Sku.objects.filter(id=want).update(list_price_minor=1000)
    keys = [ask(world, sold, Instead(want, 1)) for sold in world.sell(*[world.facts(1) for _ in range(RACERS)])]
    barrier, outcomes = Barrier(RACERS), []

    def race(key: object) -> None:
        barrier.wait()
        try:
            outcomes.extend(authorise(authorisations=[Authorisation(key)], actor=SYSTEM, now=world.now))  # type: ignore[arg-type]
        finally:
            connections.close_all()

    threads = [Thread(target=race, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.ok for outcome in outcomes) == [False] * (RACERS - STOCK) + [True] * STOCK
    level = StockLevel.objects.get(sku_id=want, virtual=False)
    assert (level.on_hand, level.reserved, Reservation.objects.count()) == (STOCK, STOCK, STOCK)
    assert Return.objects.filter(state="authorised").count() == STOCK
    verified()
