"""Plays stories of returns through the real steps, a few days at a time.

A story is a generator: it yields what is to be done and when, and is sent the outcome. What stories want
within the same days goes through each step as one set; every item keeps its own instant.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from guicang.integrations.demo.company import SYSTEM, all_done
from guicang.integrations.demo.orders import Bought, SoldLine
from guicang.kernel.actor import Actor
from guicang.kernel.refusal import Outcome
from guicang.returns.steps.accept_quote import accept_quote
from guicang.returns.steps.answer import answer
from guicang.returns.steps.appeal import appeal
from guicang.returns.steps.ask import ask
from guicang.returns.steps.authorise import authorise
from guicang.returns.steps.cancel import cancel
from guicang.returns.steps.close import close
from guicang.returns.steps.exchange import exchange
from guicang.returns.steps.expire import expire
from guicang.returns.steps.finish_repair import finish_repair
from guicang.returns.steps.give_payee import give_payees
from guicang.returns.steps.inspect import inspect
from guicang.returns.steps.offer import offer
from guicang.returns.steps.quote_repair import quote_repair
from guicang.returns.steps.receive import receive
from guicang.returns.steps.redispose import redispose
from guicang.returns.steps.reject import reject
from guicang.returns.steps.release import release
from guicang.returns.steps.request import request
from guicang.returns.steps.return_gift import Gift, return_gift
from guicang.returns.steps.reverse_settlement import reverse_settlement
from guicang.returns.steps.send_out import send_out
from guicang.returns.steps.settle import settle
from guicang.returns.steps.ship import ship
from guicang.returns.steps.short_close import short_close
from guicang.sales.models import Order, OrderLine
from guicang.trade.steps import record_orders


def give_back(*, gifts: Sequence[Gift], actor: Actor, now: datetime) -> list[Outcome]:
    """Gifts, one by one, as whoever stands at the counter brings them."""
    return [return_gift(one, key=one.order_id.hex, actor=actor, now=now) for one in gifts]


#: Each step and the name it gives its set, in the order of a day's work.
STEPS: dict[str, tuple[Callable[..., list[Outcome]], str]] = {
    "request": (request, "requests"),
    "gift": (give_back, "gifts"),
    "ask": (ask, "questions"),
    "answer": (answer, "answers"),
    "authorise": (authorise, "authorisations"),
    "reject": (reject, "rejections"),
    "appeal": (appeal, "appeals"),
    "offer": (offer, "offers"),
    "ship": (ship, "shipments"),
    "receive": (receive, "receipts"),
    "short_close": (short_close, "closings"),
    "inspect": (inspect, "inspections"),
    "release": (release, "releases"),
    "redispose": (redispose, "redispositions"),
    "quote_repair": (quote_repair, "quotes"),
    "accept_quote": (accept_quote, "acceptances"),
    "finish_repair": (finish_repair, "repaired"),
    "settle": (settle, "settlements"),
    "exchange": (exchange, "exchanges"),
    "give_payee": (give_payees, "payees"),
    "reverse_settlement": (reverse_settlement, "reversals"),
    "send_out": (send_out, "sendings"),
    "close": (close, "closings"),
    "cancel": (cancel, "cancellations"),
    "expire": (expire, "expiries"),
}
_RANK = {name: place for place, name in enumerate(STEPS)}


@dataclass(frozen=True, slots=True)
class Act:
    """`item` is what the step called `step` takes one of; `actor` gives it where acts are told one by one."""

    at: datetime
    step: str
    item: Any
    actor: Actor = SYSTEM


#: How much is worked on at once. Longer: fewer and larger sets, and rows recorded longer after they occurred.
STRIDE = timedelta(days=7)

Story = Generator[Act, Outcome, None]


def play(bought: Sequence[Bought], stories: Iterable[tuple[Bought, Story]], until: datetime) -> None:
    """Record the orders and tell the stories, in their order. Raises RuntimeError where one is refused or not over."""
    waiting = sorted(bought, key=lambda each: each.recorded_at)
    day = waiting[0].recorded_at.replace(hour=0, minute=0, second=0, microsecond=0)
    unborn = deque(sorted(stories, key=lambda pair: pair[0].recorded_at))
    live: list[tuple[Act, Story]] = []
    while day < until:
        evening = min(day + STRIDE, until) - timedelta(minutes=1)
        arrived = [each for each in waiting if each.recorded_at <= evening]
        _record(arrived, evening)
        waiting = waiting[len(arrived) :]
        while unborn and unborn[0][0].recorded_at <= evening:
            _, story = unborn.popleft()
            live.append((next(story), story))
        live = _work(live, evening)
        day += STRIDE
    if waiting or unborn or live:
        raise RuntimeError(f"{len(waiting)} orders and {len(unborn) + len(live)} stories are not over by {until}")


def live_through(live: list[tuple[Act, Story]], until: datetime) -> list[tuple[Act, Story]]:
    """Tell stories of these days: every act by itself, at its instant and by whoever does it; answers what is later."""
    while due := [pair for pair in live if pair[0].at <= until]:
        act, story = chosen = min(due, key=lambda pair: pair[0].at)
        live = [pair for pair in live if pair is not chosen]
        step, argument = STEPS[act.step]
        (outcome,) = all_done(step(actor=act.actor, now=act.at, **{argument: [act.item]}))
        with suppress(StopIteration):
            live.append((story.send(outcome), story))
    return live


def _record(arrived: Sequence[Bought], now: datetime) -> None:
    if not arrived:
        return
    outcomes = record_orders(orders=[each.facts for each in arrived], actor=SYSTEM, now=now)
    by_id = {}
    for each, outcome in zip(arrived, all_done(outcomes), strict=True):
        if outcome.id is not None:
            each.order_id = outcome.id
            by_id[outcome.id] = each
    for order_id, customer_id in Order.objects.filter(id__among=list(by_id)).values_list("id", "customer_id"):
        by_id[order_id].customer_id = customer_id
    rows = OrderLine.objects.filter(order_id__among=list(by_id)).values_list("order_id", "line_key", "id", "sku_id")
    for order_id, key, line_id, sku_id in rows:
        by_id[order_id].lines[key] = SoldLine(line_id, sku_id)


def _work(live: list[tuple[Act, Story]], now: datetime) -> list[tuple[Act, Story]]:
    """Do all that is due by `now`, step by step; answers what waits for a later day."""
    while due := [act.step for act, _ in live if act.at <= now]:
        name = min(due, key=_RANK.__getitem__)
        chosen = [pair for pair in live if pair[0].at <= now and pair[0].step == name]
        live = [pair for pair in live if not (pair[0].at <= now and pair[0].step == name)]
        step, argument = STEPS[name]
        outcomes = all_done(step(actor=SYSTEM, now=now, **{argument: [act.item for act, _ in chosen]}))
        for (_, story), outcome in zip(chosen, outcomes, strict=True):
            try:
                live.append((story.send(outcome), story))
            except StopIteration:
                continue
    return live
