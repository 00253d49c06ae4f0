"""What goes on in these days, counted from the hour at which the demo is made: approvals, talks, clocks, risk.

Each story is told act by act, by the people who do it (`play.live_through`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from guicang.integrations.demo import house, names
from guicang.integrations.demo.company import Company
from guicang.integrations.demo.orders import BY_CODE, Bought, single
from guicang.integrations.demo.play import Act, Story, live_through
from guicang.integrations.demo.stories import Tale
from guicang.integrations.demo.ten import MEMBER
from guicang.kernel.actor import Actor
from guicang.returns import queries as returns
from guicang.returns.lifecycle import Disposition, Type
from guicang.returns.steps import tick
from guicang.returns.steps.authorise import Authorisation
from guicang.returns.steps.inspect import Inspecting, Part
from guicang.returns.steps.offer import Offering
from guicang.returns.steps.receive import Arrived, Receiving
from guicang.returns.steps.reject import Rejection
from guicang.returns.steps.settle import Settlement
from guicang.returns.steps.ship import Sending
from guicang.trade.facts import CustomerFacts

#: Since when approvals and risk are on, in hours before now.
WATCHED_SINCE = 120
#: Whose customer is on which list, why, and for how many days.
LISTED = {"worn": ("block", "suspected_abuse", 60), "agreed": ("allow", "valued_customer", 90)}


class Buyer:
    """Invented like everybody here."""

    def __init__(self, number: int, name: str, tier: str = "") -> None:
        self.facts = CustomerFacts(
            f"buyer-7{number:03d}",
            tier,
            {
                "name": name,
                "phone": f"1995550{number:04d}",
                "address": f"{names.PLACES[number % len(names.PLACES)]}{number + 20}号",
            },
        )


@dataclass(slots=True)
class Today:
    """`by`: the demo's users; `now` may be any hour of the day after `play` ended."""

    company: Company
    by: Mapping[str, Actor]
    now: datetime
    orders: list[Bought] = field(default_factory=list)
    tales: dict[str, Tale] = field(default_factory=dict)

    def hours(self, ago: float) -> datetime:
        return self.now - timedelta(hours=ago)

    def tale(self, name: str, sku: str, days: float, buyer: Buyer) -> Tale:
        """An order delivered so many days ago (at least two: it has to be recorded before today), to be told about."""
        order = self.bought(sku, days, buyer)
        self.tales[name] = Tale(self.company, order, random.Random(0), order.recorded_at)  # noqa: S311  # nosec B311
        return self.tales[name]

    def bought(self, sku: str, days: float, buyer: Buyer) -> Bought:
        """An order delivered so many days ago, of which nothing has to be told."""
        number = f"QH{self.now:%y%m%d}{90001 + len(self.orders)}"
        shop, warehouse = self.company.shops[names.PLATFORM_SHOP], self.company.warehouses[names.OWN]
        self.orders.append(single(shop, warehouse, number, sku, self.now - timedelta(days=days), buyer.facts))
        return self.orders[-1]

    def asked(self, tale: Tale, ago: float, reason: str, resolution: str = Type.REFUND, **more: Any) -> Story:
        """The customer asks by himself."""
        tale.at = self.hours(ago)
        wanted = tale.wanted(1, reason=reason, resolution=resolution)
        item = tale.asked(wanted, **{"entered_by": "web", **more})
        by = customer(tale) if item.entered_by == "web" else self.by["rosa"]
        made = yield Act(tale.at, "request", item, by)
        if made.id is not None:
            tale.return_id = made.id

    def agreed(self, tale: Tale, ago: float, who: str = "rosa") -> Story:
        item = Authorisation(tale.return_id, occurred_at=self.hours(ago))
        yield Act(self.hours(ago), "authorise", item, self.by[who])

    def offered(self, tale: Tale, ago: float, amount_minor: int, who: Actor | None = None) -> Story:
        yield Act(self.hours(ago), "offer", Offering(tale.return_id, amount_minor), who or self.by["rosa"])


def customer(tale: Tale) -> Actor:
    return Actor("customer", tale.bought.customer_id)


def begun(company: Company, by: Mapping[str, Actor], now: datetime) -> tuple[Today, list[Story]]:
    """The orders of these days, which are recorded with all others, and what is told of them afterwards."""
    today = Today(company, by, now)
    stories = [*_approvals(today), *_talks(today), *_clocks(today), *_at_once(today), *_abuse(today)]
    return today, stories


def go_on(today: Today, stories: list[Story]) -> None:
    """Tell them, once the orders are recorded; then what the worker does about clocks that ran out."""
    since = today.hours(WATCHED_SINCE)
    live = live_through([(next(story), story) for story in stories], since)
    house.watch(today.company.id, today.by, since)
    live_through(live, today.now)
    numbers = returns.numbers(tale.return_id for tale in today.tales.values())
    for name, kind, reason, days in (
        ("worn", "block", "suspected_abuse", 60),
        ("agreed", "allow", "valued_customer", 90),
    ):
        number = numbers[today.tales[name].return_id]
        house.put_on_list(number, kind, reason, days, today.by["max"], today.hours(1))
    house.trade_terms(today.company.id, today.tales["agreed"].return_id, today.by, today.hours(1))
    tick.act_due(today.now)
    tick.warn_due(today.now)


def _approvals(today: Today) -> list[Story]:
    """A large refund takes two: one waits for the first, one for the second, one has both."""

    def waits(tale: Tale) -> Story:
        yield from today.asked(tale, 30, "too_small")

    def half(tale: Tale) -> Story:
        yield from today.asked(tale, 50, "not_as_described")
        yield from today.agreed(tale, 26)

    def whole(tale: Tale) -> Story:
        yield from today.asked(tale, 72, "changed_mind")
        yield from today.agreed(tale, 60)
        yield from today.agreed(tale, 40, "ada")  # for max, who is away

    return [
        waits(today.tale("waits", "COAT-DOWN-M", 3, Buyer(1, "沈雨桐"))),
        half(today.tale("half", "QUILT-150", 4, Buyer(2, "何静"))),
        whole(today.tale("agreed", "BAG-CABIN20", 5, Buyer(3, "吕思远"))),
    ]


def _talks(today: Today) -> list[Story]:
    """Keep it for a part of the money: open, answered by more, run out."""

    def opened(tale: Tale) -> Story:
        yield from today.asked(tale, 20, "not_as_described", words="壶盖上有一道划痕，不影响使用。")
        yield from today.offered(tale, 5, 4000)

    def countered(tale: Tale) -> Story:
        yield from today.asked(tale, 44, "damaged_in_transit", words="包角磨破了一点。")
        yield from today.offered(tale, 22, 2500)
        yield from today.offered(tale, 3, 3500, customer(tale))

    def run_out(tale: Tale) -> Story:
        yield from today.asked(tale, 66, "quality", words="袖口有一处脱线。")
        yield from today.offered(tale, 62, 5400)

    return [
        opened(today.tale("opened", "KETTLE-1L", 3, Buyer(4, "秦晓燕"))),
        countered(today.tale("countered", "BAG-TOTE", 4, Buyer(5, "华俊杰"))),
        run_out(today.tale("run out", "SHIRT-LN-M", 5, Buyer(6, "魏欣怡"))),
    ]


def _clocks(today: Today) -> list[Story]:
    """One to be decided within hours, one to be paid since yesterday, one that the platform decides tomorrow."""

    def nearly_late(tale: Tale) -> Story:
        yield from today.asked(tale, 65, "changed_mind")

    def unpaid(tale: Tale) -> Story:
        yield from today.asked(tale, 13 * 24, "too_large")
        yield from today.agreed(tale, 12.5 * 24)
        yield Act(today.hours(300), "ship", Sending(tale.return_id, "SF", f"SF{tale.at:%y%m%d}884301"))
        came = [Arrived(line.id, 1) for line in tale.rows()]
        yield Act(today.hours(220), "receive", Receiving(tale.return_id, came, "parcel-1"), today.by["wes"])
        found = [Part(line.id, 1, Disposition.RESTOCK) for line in tale.rows()]
        yield Act(today.hours(210), "inspect", Inspecting(tale.return_id, found), today.by["wes"])

    def by_platform(tale: Tale) -> Story:
        due: dict[str, Any] = {"platform_due_at": today.now + timedelta(hours=20), "platform_then": "approve"}
        yield from today.asked(tale, 28, "changed_mind", entered_by="platform", **due)

    return [
        nearly_late(today.tale("nearly late", "TOWEL-3", 5, Buyer(7, "孔文博"))),
        unpaid(today.tale("unpaid", "SHOE-RUN-39", 15, Buyer(8, "陶敏"))),
        by_platform(today.tale("platform", "LAMP-DESK", 3, Buyer(9, "冯一诺"))),
    ]


def _at_once(today: Today) -> list[Story]:
    """Members: little is granted without a person, and what is worth very little stays with them."""

    def granted(tale: Tale, ago: float, reason: str) -> Story:
        yield from today.asked(tale, ago, reason)

    return [
        granted(today.tale("granted", "TEE-NV-M", 12, Buyer(10, "蒋子涵", MEMBER)), 10, "too_large"),
        granted(today.tale("kept", "NOTE-A5", 9, Buyer(11, "尤浩然", MEMBER)), 6, "changed_mind"),
    ]


def _abuse(today: Today) -> list[Story]:
    """Somebody to whom parts were missing six times within weeks, and now again; and one who had worn the goods."""
    again = Buyer(12, "曹磊")

    def missing(tale: Tale, days: float) -> Story:
        yield from today.asked(tale, days * 24, "missing_part", Type.REFUND_ONLY)
        yield from today.agreed(tale, days * 24 - 20)
        yield Act(today.hours(days * 24 - 30), "settle", Settlement(tale.return_id), today.by["fay"])

    def once_more(tale: Tale) -> Story:
        yield from today.asked(tale, 26, "missing_part", Type.REFUND_ONLY, words="说明书和电源线都没有。")

    def worn(tale: Tale) -> Story:
        yield from today.asked(tale, 15 * 24, "changed_mind")
        yield Act(today.hours(14 * 24), "reject", Rejection(tale.return_id, "worn"), today.by["rosa"])

    cheap = sorted((good for good in BY_CODE.values() if good.category == "家居"), key=lambda good: good.price_minor)
    times = [
        missing(today.tale(f"missing {days}", good.code, days + 2, again), days)
        for days, good in zip((28, 25, 20, 15, 11, 7), cheap * 2, strict=False)
    ]
    return [
        *times,
        once_more(today.tale("once more", "LAMP-DESK", 4, again)),
        worn(today.tale("worn", "SHIRT-LN-L", 17, Buyer(13, "姜洋"))),
    ]
