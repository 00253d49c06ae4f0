"""Which returns the demo has: every state and every type, in a mix a shop would know."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from guicang.integrations.demo import buyers_goods, names, stories
from guicang.integrations.demo.company import Company
from guicang.integrations.demo.orders import Bought, Maker, Wish
from guicang.integrations.demo.play import Story
from guicang.integrations.demo.stories import Tale, lives
from guicang.returns.lifecycle import Disposition, Type

#: Days before today on which the order was placed. A life with goods takes at most 18 days from then on.
LONG_AGO, NEW = (32, 172), (20, 30)
#: So that what was asked for is to be decided within its hours, and what came is to be paid within its days, or nearly.
ASKED, CAME, SEEN = (7, 7), (13, 14), (14, 15)
PARTS: tuple[tuple[str, ...], ...] = (
    (Disposition.RESTOCK,),
    (Disposition.RESTOCK,),
    (Disposition.SECOND,),
    (Disposition.RESTOCK, Disposition.SCRAP),
    (Disposition.REFURBISH,),
    (Disposition.SUPPLIER,),
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`count` orders like `wish`, placed within `ago` days, and what becomes of each."""

    count: int
    ago: tuple[int, int]
    story: Callable[[Tale], Story]
    wish: Wish


def scenarios(company: Company, rng: random.Random) -> Iterator[Scenario]:
    yield from _with_goods(rng)
    yield from _undecided_and_ended()
    yield from _without_goods(rng)
    yield from _odd_ones(company)


def draw(maker: Maker, plain: int) -> tuple[list[Bought], list[tuple[Bought, Story]]]:
    """Orders with a return, each with its story, and `plain` orders without one."""
    rng, company = maker.rng, maker.company
    bought: list[Bought] = []
    told: list[tuple[Bought, Story]] = []
    for scenario in scenarios(company, rng):
        for _ in range(scenario.count):
            order = maker.order(rng.randint(*scenario.ago), scenario.wish)
            bought.append(order)
            # A chance of its own: what one story draws does not change the others.
            tale = Tale(company, order, random.Random(rng.random()), order.recorded_at)  # noqa: S311  # nosec B311
            told.append((order, scenario.story(tale)))
    for number in range(plain):
        wish = Wish(units=2, shipped=number % 2) if number % 13 == 0 else Wish()
        bought.append(maker.order(rng.randint(2, 178), wish))
    # Of an order that is there: one more would change how usual returns are.
    latest, platform = maker.base - timedelta(days=LONG_AGO[0]), company.shops[names.PLATFORM_SHOP]
    fit = [one for one in bought if one.facts.ordered_at < latest and one.facts.shop_id == platform]
    for order in [one for one in fit if one.facts.shipments][-1:]:
        tale = Tale(company, order, random.Random(plain), order.recorded_at)  # noqa: S311  # nosec B311
        told.append((order, stories.names_no_order(tale, "settled")))
    return bought, told


def _with_goods(rng: random.Random) -> Iterator[Scenario]:
    for number in range(22):
        units, parts = number % 2 + 1, PARTS[number % len(PARTS)]
        yield _scenario(1, LONG_AGO, lives, Wish(units=units), until="closed", units=units, parts=parts)
    several = Wish(units=3, shop=names.PLATFORM_SHOP, pay=("gift_card", "points", "alipay"))
    yield _scenario(2, LONG_AGO, lives, several, until="closed", units=2)
    yield _scenario(1, LONG_AGO, lives, Wish(goods=names.BUNDLE[0], units=1), until="closed")
    yield _scenario(1, LONG_AGO, lives, Wish(goods="TEA-LONGJING", units=2), until="closed", units=2)
    yield _scenario(1, LONG_AGO, lives, Wish(goods="HEADSET-PRO", units=1), until="closed")
    yield _scenario(3, LONG_AGO, lives, Wish(warehouse=names.PARTNER, units=1), until="closed")
    refused = {"resolution": Type.REFUSED_PARCEL}
    yield _scenario(
        3, LONG_AGO, lives, Wish(units=1, shop=names.PLATFORM_SHOP, refused=True), until="closed", **refused
    )
    yield _scenario(5, NEW, lives, Wish(units=1), until="settled")
    unwanted = {"until": "settled", "reason": "changed_mind"}
    yield _scenario(1, NEW, lives, Wish(units=1, shop=names.PLATFORM_SHOP, promoted=True), **unwanted)
    yield _scenario(4, SEEN, lives, Wish(units=1), until="inspected")
    yield _scenario(4, CAME, lives, Wish(units=1), until="received")
    yield _scenario(6, (11, 15), lives, Wish(units=1), until="in_transit")
    yield _scenario(5, (9, 12), lives, Wish(units=1), until="authorised")
    yield _scenario(7, ASKED, lives, Wish(units=1), until="requested")
    one = Wish(units=1)
    yield _scenario(1, LONG_AGO, buyers_goods.mended, one, in_warranty=True)
    yield _scenario(1, NEW, buyers_goods.mended, one, in_warranty=False)
    yield _scenario(1, NEW, buyers_goods.quoted, one)
    yield _scenario(1, NEW, buyers_goods.resent, one)
    yield _scenario(1, NEW, buyers_goods.turned_down, one)
    yield _scenario(1, NEW, buyers_goods.gift, one)
    asked = {Type.EXCHANGE: "requested", Type.ADVANCE_EXCHANGE: "authorised", Type.REPAIR: "received"}
    for wanted, stage in {**asked, Type.RESHIP: "requested"}.items():
        ago = ASKED if stage == "requested" else (16, 19)
        yield _scenario(1, ago, lives, Wish(units=1), until=stage, resolution=wanted)
    yield _scenario(1, ASKED, lives, Wish(units=1), until="requested", resolution=Type.EXCHANGE)


def _undecided_and_ended() -> Iterator[Scenario]:
    one = Wish(units=1)
    yield _scenario(3, (10, 13), stories.asks_for_more, one)
    yield _scenario(1, (12, 15), stories.asks_for_more, one, answered=True)
    yield _scenario(3, LONG_AGO, stories.rejected, one)
    yield _scenario(1, (12, 15), stories.rejected, one, appealed=True)
    yield _scenario(3, LONG_AGO, stories.cancelled, one)
    yield _scenario(3, LONG_AGO, stories.expired, one)
    yield _scenario(1, (45, 80), stories.expired, one, late_parcel=True)


def _without_goods(rng: random.Random) -> Iterator[Scenario]:
    free = stories.without_goods
    yield _scenario(4, LONG_AGO, free, Wish(units=1), until="closed", resolution=Type.REFUND_ONLY)
    yield _scenario(1, NEW, free, Wish(units=2), until="settled", resolution=Type.REFUND_ONLY)
    unsent = Wish(units=2, shipped=0, shop=names.PLATFORM_SHOP)
    yield _scenario(3, LONG_AGO, free, unsent, until="closed", resolution=Type.UNSHIPPED, units=2)
    half = Wish(units=3, shipped=2, shop=names.PLATFORM_SHOP)
    yield _scenario(1, NEW, free, half, until="settled", resolution=Type.UNSHIPPED)
    for until, ago in {"closed": LONG_AGO, "settled": NEW}.items():
        amount = rng.randrange(300, 1200)
        goodwill = {"resolution": Type.MONEY_ONLY, "units": 0, "recorded_minor": amount}
        yield _scenario(2, ago, free, Wish(units=1), until=until, **goodwill)
    sorry = {"resolution": Type.MONEY_ONLY, "units": 0, "recorded_minor": 1200, "money_kind": "compensation"}
    yield _scenario(1, LONG_AGO, free, Wish(units=1), until="closed", **sorry)


def _odd_ones(company: Company) -> Iterator[Scenario]:
    two = Wish(units=2)
    yield _scenario(3, (14, 18), stories.comes_in_two_parcels, two)
    yield _scenario(1, LONG_AGO, stories.comes_in_two_parcels, two, lost=True)
    yield _scenario(1, LONG_AGO, stories.granted_in_part, two)
    yield _scenario(1, LONG_AGO, stories.brings_more, two)
    yield _scenario(1, NEW, stories.brings_something_else, Wish(units=1), sku_id=company.skus["CABLE-C1"])
    serial = Wish(goods="HEADSET-PRO", units=1)
    yield _scenario(1, NEW, stories.another_serial, serial)
    yield _scenario(1, NEW, stories.another_serial, serial, decided=True)
    sku_id = company.skus["TOWEL-3"]
    yield _scenario(1, (9, 12), stories.without_order, Wish(), until="requested", sku_id=sku_id)
    yield _scenario(1, NEW, stories.without_order, Wish(), until="received", sku_id=sku_id)
    yield _scenario(1, LONG_AGO, stories.corrected, Wish(units=1))


def _scenario(count: int, ago: tuple[int, int], story: Callable[..., Story], wish: Wish, **how: Any) -> Scenario:
    return Scenario(count, ago, partial(story, **how), wish)
