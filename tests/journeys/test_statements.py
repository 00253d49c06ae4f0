"""Every step of a life costs a bounded number of statements per thousand returns."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.kernel.actor import Actor
from guicang.kernel.setwrites import CHUNK
from guicang.proofs import queries as proofs
from guicang.returns.models import ReturnLine
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import request
from guicang.returns.steps.settle import Settlement, settle
from guicang.returns.steps.ship import Sending, ship

SYSTEM = Actor.system()
#: Statements of one chunk of at most a thousand, with its transaction's own; the lists behind them are bounded.
MOST = {"request": 34, "authorise": 29, "ship": 20, "receive": 32, "inspect": 44, "settle": 52, "close": 22}


def counted(name: str, n: int, act: Any) -> list[Any]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        started = time.perf_counter()
        outcomes: list[Any] = act()
        spent = time.perf_counter() - started
    assert all(outcome.ok for outcome in outcomes), [r for o in outcomes for r in o.refusals][:3]
    chunks = -(-n // CHUNK)
    print(f"{name:10} n={n:5} statements={len(captured):4} {n / spent:8.0f}/s")
    assert len(captured) <= MOST[name] * chunks, [query["sql"][:90] for query in captured.captured_queries]
    return outcomes


@pytest.mark.parametrize("n", [1, 1000, 5000])
def test_statements_of_a_life(world: Any, n: int) -> None:
    world.sku("BULK", n)
    sold = world.sell(*[world.facts(1, sku="BULK", buyer=f"b{i}") for i in range(n)])
    lines = dict(zip([s.id for s in sold], _first_lines(sold), strict=True))
    wanted = [world.asked_line(s, lines[s.id]) for s in sold]
    made = counted("request", n, lambda: request(requests=wanted, actor=SYSTEM, now=world.now))
    ids = [outcome.id for outcome in made]
    counted(
        "authorise", n, lambda: authorise(authorisations=[Authorisation(i) for i in ids], actor=SYSTEM, now=world.now)
    )
    counted(
        "ship",
        n,
        lambda: ship(shipments=[Sending(i, "SF", f"T{k}") for k, i in enumerate(ids)], actor=SYSTEM, now=world.now),
    )
    rows = dict(ReturnLine.objects.filter(parent_id__among=ids).values_list("parent_id", "id"))
    arrived = [Receiving(i, [Arrived(rows[i], 1)], key="k") for i in ids]
    counted("receive", n, lambda: receive(receipts=arrived, actor=SYSTEM, now=world.now))
    parts = [Inspecting(i, [Part(rows[i], 1)]) for i in ids]
    counted("inspect", n, lambda: inspect(inspections=parts, actor=SYSTEM, now=world.now))
    counted("settle", n, lambda: settle(settlements=[Settlement(i) for i in ids], actor=SYSTEM, now=world.now))
    counted("close", n, lambda: close(closings=[Closing(i) for i in ids], actor=SYSTEM, now=world.now))
    assert all(proof.ok for proof in proofs.run())


def _first_lines(sold: list[Any]) -> list[Any]:
    from guicang.sales.models import OrderLine

    found = dict(OrderLine.objects.filter(order_id__among=[s.id for s in sold]).values_list("order_id", "id"))
    return [found[s.id] for s in sold]
