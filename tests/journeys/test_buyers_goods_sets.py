"""What a set of repairs and sendings costs in statements does not grow with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.returns.models import ReturnLine
from guicang.returns.steps.accept_quote import QuoteAcceptance, accept_quote
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.finish_repair import Repaired, finish_repair
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.pay_repair import RepairPaid, pay_repair
from guicang.returns.steps.quote_repair import Quote, quote_repair
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import request
from guicang.returns.steps.send_out import SendingOut, send_out
from guicang.returns.steps.turn_repair import Turning, turn_repair
from tests.journeys.acts import do, verified

pytestmark = pytest.mark.django_db


def asked(world: Any, units: int, resolution: str) -> list[UUID]:
    sales = world.sell(*[world.facts(1) for _ in range(units)])
    outcomes = [world.asked(sold, 1, resolution=resolution) for sold in sales]
    do(request, world, *outcomes)
    keys = list(ReturnLine.objects.filter(order_id__in=[sold.id for sold in sales]).values_list("parent_id", flat=True))
    do(authorise, world, *[Authorisation(key) for key in keys])
    return keys


def in_house(world: Any, units: int) -> list[UUID]:
    keys = asked(world, units, "repair")
    lines = {key: world.line(key).id for key in keys}
    do(receive, world, *[Receiving(key, [Arrived(line, 1)], key=f"m{key}") for key, line in lines.items()])
    do(inspect, world, *[Inspecting(key, [Part(line, 1, "repair")]) for key, line in lines.items()])
    return keys


def cost(step: Any, world: Any, items: list[Any]) -> int:
    with CaptureQueriesContext(connection) as statements:
        do(step, world, *items)
    return len(statements)


def test_statements_of_repairs_are_bounded(world: Any) -> None:
    spare, found = world.sku("SPARE", 100), []
    for units in (2, 2, 12):  # the first ones make levels and balances
        keys, given_up = in_house(world, units), in_house(world, units)
        found.append(
            {
                "quote": cost(quote_repair, world, [Quote(key, False, 500) for key in keys]),
                "accept": cost(accept_quote, world, [QuoteAcceptance(key, 500) for key in keys]),
                "finish": cost(finish_repair, world, [Repaired(key, {spare: 1}) for key in keys]),
                "pay": cost(pay_repair, world, [RepairPaid(key, "cash") for key in keys]),
                "send": cost(send_out, world, [SendingOut(key, "SF") for key in keys]),
                "turn": cost(turn_repair, world, [Turning(key, "beyond_repair") for key in given_up]),
            }
        )
    few, many = found[1:]
    assert many == few
    most = {"quote": 16, "accept": 16, "finish": 44, "pay": 26, "send": 36, "turn": 45}
    assert not {name: n for name, n in few.items() if n > most[name]}, few
    verified()


def test_statements_of_goods_sent_again_are_bounded(world: Any) -> None:
    found = []
    for units in (2, 2, 12):
        found.append(cost(send_out, world, [SendingOut(key, "SF") for key in asked(world, units, "reship")]))
    assert found[2] == found[1] <= 50, found
    verified()
