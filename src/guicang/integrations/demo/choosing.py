"""What customers chose instead of their money: other goods that cost more, and store credit with its bonus."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from guicang.integrations.demo.play import Act, Story
from guicang.integrations.demo.stories import Tale
from guicang.integrations.demo.today import Buyer, Today, customer
from guicang.returns.lifecycle import Type
from guicang.returns.operations.asking import Instead, Wanted
from guicang.returns.steps.authorise import Authorisation
from guicang.returns.steps.exchange import Exchanging
from guicang.returns.steps.inspect import Inspecting, Part
from guicang.returns.steps.receive import Arrived, Receiving
from guicang.returns.steps.settle import Settlement
from guicang.returns.steps.ship import Sending


def begun(today: Today) -> list[Story]:
    """A difference that is overdue, one of these days, and store credit."""
    dear = today.company.skus["SHIRT-LN-M"]
    buyers = [Buyer(21, "范雪"), Buyer(22, "方志强"), Buyer(23, "石美玲")]
    return [
        _exchanged(today, today.tale("overdue", "TEE-WH-M", 17, buyers[0]), 360, dear),
        _exchanged(today, today.tale("to collect", "TEE-NV-M", 8, buyers[1]), 150, dear),
        _to_credit(today, today.tale("store credit", "LAMP-DESK", 9, buyers[2]), 170),
    ]


def _exchanged(today: Today, tale: Tale, ago: float, instead: UUID) -> Story:
    """Asked for so many hours ago; the new goods cost more, and nobody has paid it yet."""
    tale.at = today.hours(ago)
    wanted = tale.wanted(1, reason="too_small", resolution=Type.EXCHANGE, instead=(Instead(instead, 1),))
    yield from _asked(today, tale, wanted)
    yield from _back(today, tale, ago)
    yield Act(today.hours(ago - 100), "exchange", Exchanging(tale.return_id), today.by["fay"])


def _to_credit(today: Today, tale: Tale, ago: float) -> Story:
    tale.at = today.hours(ago)
    yield from _asked(today, tale, tale.wanted(1, reason="changed_mind"), refund_to="store_credit", consented=True)
    yield from _back(today, tale, ago)
    yield Act(today.hours(ago - 100), "settle", Settlement(tale.return_id), today.by["fay"])


def _asked(today: Today, tale: Tale, wanted: Wanted, **more: Any) -> Story:
    made = yield Act(tale.at, "request", tale.asked(wanted, entered_by="web", **more), customer(tale))
    if made.id is not None:
        tale.return_id = made.id


def _back(today: Today, tale: Tale, ago: float) -> Story:
    """Granted, sent, there and looked at within four days."""
    by = today.by
    yield Act(today.hours(ago - 5), "authorise", Authorisation(tale.return_id), by["rosa"])
    yield Act(today.hours(ago - 20), "ship", Sending(tale.return_id, "SF", f"SF{tale.at:%y%m%d%H}7"), customer(tale))
    came = [Arrived(line.id, 1) for line in tale.rows()]
    yield Act(today.hours(ago - 70), "receive", Receiving(tale.return_id, came, "parcel-1"), by["wes"])
    found = [Part(line.id, 1) for line in tale.rows()]
    yield Act(today.hours(ago - 75), "inspect", Inspecting(tale.return_id, found), by["wes"])
