"""How money goes back in these days: two transfers, one of which waits for its account, and a cash drawer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from guicang.integrations.demo import names
from guicang.integrations.demo.company import all_done
from guicang.integrations.demo.orders import Bought, single
from guicang.integrations.demo.play import Act, Story
from guicang.integrations.demo.stories import Tale
from guicang.integrations.demo.today import Buyer, Today, customer
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, begin
from guicang.payments.facts import Details
from guicang.payments.operations import set_ways, shifts
from guicang.returns.lifecycle import Disposition
from guicang.returns.steps.counter import Handed, Handover, take_back
from guicang.returns.steps.give_payee import Giving
from guicang.returns.steps.inspect import Inspecting, Part
from guicang.returns.steps.receive import Arrived, Receiving
from guicang.returns.steps.settle import Settlement
from guicang.trade.operations import add_master

T = TypeVar("T")

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


#: What a company books of a difference without a second person.
LIMIT_MINOR = 500
#: Goods that came back to the counter: yesterday's, and today's.
BACK = (("NOTE-A5", 3, Buyer(16, "程一鸣")), ("TOWEL-3", 2.5, Buyer(17, "江若曦")))


def bought_in_cash(today: Today) -> list[Bought]:
    """Orders of the street shop that were paid in cash, recorded with all others."""
    found = []
    for place, (sku, days, buyer) in enumerate(BACK):
        shop, warehouse = today.company.shops[names.STREET_SHOP], today.company.warehouses[names.OWN]
        number = f"WK{today.now:%y%m%d}{9001 + place}"
        one = single(shop, warehouse, number, sku, today.now - timedelta(days=days), buyer.facts)
        one.facts.payments = [replace(paid, tender_kind="cash") for paid in one.facts.payments]
        found.append(one)
    return found


def at_the_till(today: Today, bought: Sequence[Bought]) -> None:
    """A shift that ended short, agreed to by a second person, and one that goes on."""
    cora, second = today.by["cora"], today.by["max"]
    yesterday, morning = today.hours(30), today.hours(6)
    till = _keep(today.by["ada"], yesterday, _drawer)
    _keep(today.by["ada"], yesterday, shifts.state_limit, today.company.id, LIMIT_MINOR)
    first = _keep(cora, yesterday, shifts.open_shift, till, 80_000)
    _hand_back(today, bought[0], cora, today.hours(27))
    _keep(cora, today.hours(23), shifts.move_cash, first, "to_safe", 30_000)
    left = 80_000 - 30_000 - bought[0].facts.payments[0].amount_minor
    _keep(cora, today.hours(22), shifts.count_shift, first, left - 2_000)
    _keep(second, today.hours(21), shifts.agree, first)
    now = _keep(cora, morning, shifts.open_shift, till, left - 2_000)
    _keep(cora, today.hours(5), shifts.move_cash, now, "expense", 1_850)
    _hand_back(today, bought[1], cora, today.hours(4))


def _drawer(context: Context) -> UUID:
    return add_master(context, "drawer", "WUKANG-1", {"name": "前台钱箱", "shop": names.STREET_SHOP})


def _keep(who: Actor, at: datetime, act: Callable[..., T], *said: Any) -> T:
    with transaction.atomic():
        return act(begin("demo.drawer", actor=who, now=at, items=1), *said)


def _hand_back(today: Today, one: Bought, cora: Actor, at: datetime) -> None:
    (line,) = one.lines.values()
    handed = [Handed(line.id, 1, "changed_mind")]
    item = Handover(one.facts.shop_id, one.customer_id, today.company.warehouses[names.OWN], handed)
    all_done([take_back(item, key=f"demo:{one.facts.number}", actor=cora, now=at)])
