"""Two years of a company's trade, drawn by chance that repeats: orders, and the stories of what came back.

Importable once Django is started; `benchmarks.filling` plays it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction

from benchmarks import setup
from guicang.catalog.operations import ensure_skus
from guicang.integrations.demo import names, stories
from guicang.integrations.demo.company import Company, all_done
from guicang.integrations.demo.orders import Bought
from guicang.integrations.demo.play import Act, Story
from guicang.integrations.demo.stories import Tale
from guicang.kernel import commands
from guicang.kernel.setwrites import chunks
from guicang.returns.lifecycle import Disposition, Type
from guicang.returns.steps.inspect import Inspecting, Part
from guicang.returns.steps.settle import Settlement
from guicang.trade import facts
from guicang.trade.operations import ShopFacts, WarehouseFacts, set_up
from guicang.trade.steps import record_opening_stock

BASE = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 730
SKUS, CUSTOMERS = 500, 60_000
SHOPS = ("MALL", "LIVE", "OWN", "STREET", "ABROAD")
#: Code, and who owns the goods there.
WAREHOUSES = ((names.OWN, "owned"), ("WEST", "owned"), (names.PARTNER, "mirrored"))
#: Days before BASE on which an order was placed whose return is over; the open ones are newer.
LONG_AGO = (40, DAYS - 5)
#: One return in so many is one of the last weeks, and not over.
OPEN_OF = 12


@dataclass(slots=True)
class Drawer:
    """Draws orders: one or two lines of one to three units, paid, and shipped a day later."""

    company: Company
    rng: random.Random
    numbers: int = 0
    warehouses: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.warehouses = list(self.company.warehouses.values())

    def order(self, days_ago: int, units: int = 0) -> Bought:

        rng = self.rng
        self.numbers += 1
        at = BASE - timedelta(days=days_ago) + timedelta(minutes=rng.randrange(1200))
        shipped = at + timedelta(hours=rng.randrange(14, 30))
        codes = rng.sample(range(SKUS), rng.choice((1, 1, 2)))
        lines = [
            self._line(code, (units if not place else 0) or rng.choice((1, 1, 2, 3)))
            for place, code in enumerate(codes)
        ]
        number = rng.randrange(CUSTOMERS)
        made = facts.OrderFacts(
            self.company.shops[rng.choices(SHOPS, (8, 5, 4, 2, 1))[0]],
            f"{at:%y%m%d}{self.numbers:08d}",
            at,
            "CNY",
            lines,
            facts.CustomerFacts(
                f"buyer{number:06d}", personal={"name": f"Buyer {number}", "phone": f"199{number:08d}"}
            ),
            shipments=[
                facts.ShipmentFacts(
                    "1",
                    rng.choice(self.warehouses),
                    shipped,
                    [facts.ShippedFacts(line.line_key, line.ordered) for line in lines],
                    carrier="SF",
                    tracking=f"SF{self.numbers:012d}",
                    delivered_at=shipped + timedelta(hours=rng.randrange(20, 60)),
                )
            ],
            payments=[
                facts.PaymentFacts("p", rng.choice(("wechat", "alipay")), sum(line.gross_minor for line in lines), at)
            ],
        )
        return Bought(made, shipped)

    def _line(self, code: int, units: int) -> facts.LineFacts:
        price = 1000 + code * 37
        return facts.LineFacts(
            f"S{code:04d}", f"S{code:04d}", units, Decimal(price) / 100, price * units, tax_rate=Decimal("0.13")
        )


def found() -> Company:
    """The company, its SKUs, and more stock than two years sell."""

    opened = BASE - timedelta(days=DAYS + 1)
    with transaction.atomic():
        context = commands.begin("bench", actor=setup.SYSTEM, now=opened, items=1)
        made = set_up(
            context,
            company={"code": "YEARS", "name": "YEARS", "currency": "CNY"},
            shops=[ShopFacts(code) for code in SHOPS],
            warehouses=[WarehouseFacts(code, goods=goods) for code, goods in WAREHOUSES],
        )
        codes = {f"S{code:04d}": f"Goods {code}" for code in range(SKUS)}
        skus = ensure_skus(context, made.company.id, codes)
    ids = {code: row.id for code, row in made.warehouses.items()}
    stock = [
        facts.StockFacts(ids[place], code, 100_000, 100_000 * (400 + number), opened)
        for place, goods in WAREHOUSES
        if goods == "owned"
        for number, code in enumerate(codes)
    ]
    for batch in chunks(stock):
        all_done(record_opening_stock(items=batch, actor=setup.SYSTEM, now=opened))
    return Company(made.company.id, {code: row.id for code, row in made.shops.items()}, ids, skus)


def half_paid(tale: Tale) -> Story:
    """One of two units came and was paid; the other is still awaited."""

    yield from stories.comes_in_two_parcels(tale)
    (line,) = tale.rows()
    yield Act(tale.later(3, 28), "inspect", Inspecting(tale.return_id, [Part(line.id, 1)], tale.at))
    yield Act(tale.later(4, 30), "settle", Settlement(tale.return_id, occurred_at=tale.at))


def paid_ahead(tale: Tale) -> Story:
    """Refunded on trust before anything came back."""

    yield from stories.lives(tale, until="in_transit")
    yield Act(tale.later(2, 20), "settle", Settlement(tale.return_id, ahead=True, occurred_at=tale.at))


def kinds(company: Company) -> tuple[list[tuple[int, Any]], list[tuple[int, tuple[int, int], Any]]]:
    """(weight, story) of returns that are over, and (weight, days ago, story) of those that are not."""

    lives, free = stories.lives, stories.without_goods
    over = [
        (60, partial(lives, until="closed")),
        (8, partial(lives, until="closed", parts=(Disposition.SECOND,))),
        (3, partial(lives, until="closed", parts=(Disposition.SCRAP,))),
        (5, stories.rejected),
        (4, stories.cancelled),
        (6, stories.expired),
        (4, partial(free, until="closed", resolution=Type.REFUND_ONLY)),
        (2, partial(free, until="closed", resolution=Type.MONEY_ONLY, units=0, recorded_minor=500)),
        (3, partial(lives, until="settled")),
    ]
    sku_id = next(iter(company.skus.values()))
    not_over = [
        (20, (8, 10), partial(lives, until="requested")),
        (15, (9, 12), partial(lives, until="authorised")),
        (20, (11, 15), partial(lives, until="in_transit")),
        (12, (20, 30), partial(lives, until="received")),
        (10, (20, 30), partial(lives, until="inspected")),
        (12, (20, 30), partial(lives, until="settled")),
        (4, (10, 13), stories.asks_for_more),
        (3, (14, 18), stories.comes_in_two_parcels),
        (2, (20, 30), half_paid),
        (2, (20, 30), paid_ahead),
        (2, (20, 30), partial(stories.without_order, until="received", sku_id=sku_id)),
    ]
    return over, not_over


def draw(company: Company, returns: int, orders: int, seed: int) -> tuple[list[Bought], list[tuple[Bought, Story]]]:
    """`orders` to a return: those without a return and those with one, and the stories of the latter."""

    rng = random.Random(seed)  # nosec B311: chance that repeats
    drawer = Drawer(company, rng)
    over, not_over = kinds(company)
    bought = [drawer.order(rng.randint(2, DAYS)) for _ in range(returns * (orders - 1))]
    told = []
    for place in range(returns):
        if place % OPEN_OF:
            ago, story = LONG_AGO, rng.choices([one[1] for one in over], [one[0] for one in over])[0]
        else:
            _, ago, story = rng.choices(not_over, [one[0] for one in not_over])[0]
        order = drawer.order(rng.randint(*ago), units=2)
        bought.append(order)
        # A chance of its own: what one story draws does not change the others.
        tale = Tale(company, order, random.Random(rng.random()), order.recorded_at)  # nosec B311
        told.append((order, story(tale)))
    return bought, told
