"""How money goes back in these days: two transfers, of which one waits for its account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.integrations.demo.play import Act, Story
from guicang.integrations.demo.stories import Tale
from guicang.integrations.demo.today import Buyer, Today, customer
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.payments.facts import Details
from guicang.payments.operations import set_ways
from guicang.returns.lifecycle import Disposition
from guicang.returns.steps.give_payee import Giving
from guicang.returns.steps.inspect import Inspecting, Part
from guicang.returns.steps.receive import Arrived, Receiving
from guicang.returns.steps.settle import Settlement

#: Invented, with the check digit of a card.
ACCOUNT = Details("card", "卫婷婷", "6222 0212 3456 7890 128", "中国工商银行杭州西湖支行")


def state_ways(company_id: UUID, by: Mapping[str, Actor], now: datetime) -> None:
    """Transfers are paid by hand, by a second person."""
    with transaction.atomic():
        set_ways(begin("demo.refund_ways", actor=by["ada"], now=now, items=1), company_id, {"bank": "by_hand"})


def transfers(today: Today) -> list[Story]:
    """One whose account nobody has said yet, one that can be paid."""

    def settled(tale: Tale, ago: float) -> Story:
        yield from today.asked(tale, ago + 90, "too_small")
        yield from today.agreed(tale, ago + 80)
        came = [Arrived(line.id, 1) for line in tale.rows()]
        yield Act(today.hours(ago + 30), "receive", Receiving(tale.return_id, came, "parcel-1"), today.by["wes"])
        found = [Part(line.id, 1, Disposition.RESTOCK) for line in tale.rows()]
        yield Act(today.hours(ago + 24), "inspect", Inspecting(tale.return_id, found), today.by["wes"])
        item = Settlement(tale.return_id, refund_to="bank")
        yield Act(today.hours(ago), "settle", item, today.by["fay"])

    def told(tale: Tale) -> Story:
        yield from settled(tale, 20)
        yield Act(today.hours(5), "give_payee", Giving(tale.return_id, ACCOUNT), customer(tale))

    return [
        settled(today.tale("no account", "SHIRT-LN-M", 8, Buyer(14, "施佳怡")), 22),
        told(today.tale("account", "TEE-NV-M", 8, Buyer(15, "卫婷婷"))),
    ]
