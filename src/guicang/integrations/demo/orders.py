"""Orders of the demo, drawn by a seeded generator: what was bought, how it was paid, when it left."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from guicang.integrations.demo import names
from guicang.integrations.demo.company import Company, serial
from guicang.integrations.demo.names import Good
from guicang.kernel.ids import NIL
from guicang.trade.facts import (
    CustomerFacts,
    DiscountFacts,
    LineFacts,
    OrderFacts,
    PaymentFacts,
    ShipmentFacts,
    ShippedFacts,
)

ANY = ""
#: Amounts in fen, shares of 1.
FREE_SHIPPING_FROM, SHIPPING_FEE, DEAR = 9_900, 800, 20_000
PLATFORM_COUPONS, SHOP_COUPONS, STRANGERS = 0.4, 0.3, 0.3
COUNTER_TENDERS: tuple[tuple[str, ...], ...] = (("cash",), ("card",), ("wechat",))
PLATFORM_TENDERS: tuple[tuple[str, ...], ...] = (("alipay",), ("wechat",))
#: What is drawn by chance. Cosmetics are bought in the ten prepared orders alone (`demo.ten`).
PLAIN = tuple(good for good in names.GOODS if not good.serials and not good.lots and good.category != "美妆")
BY_CODE = {good.code: good for good in names.GOODS}


@dataclass(frozen=True, slots=True)
class Wish:
    """What an order must be like; ANY and None leave it to chance.

    `shipped`: units of the first line that leave (0: none of the order does, None: everything).
    `pay`: tender kinds, the first ones small.
    """

    goods: str = ANY
    units: int | None = None
    shipped: int | None = None
    shop: str = ANY
    warehouse: str = names.OWN
    pay: tuple[str, ...] = ()
    #: Nobody took the parcel.
    refused: bool = False
    #: Two articles bought together at 300 less 50; one of them alone misses the threshold.
    promoted: bool = False


class SoldLine(NamedTuple):
    id: UUID
    sku_id: UUID


@dataclass(slots=True)
class Bought:
    """An order's facts, and once it is recorded the ids the program gave it; `lines` by line key."""

    facts: OrderFacts
    recorded_at: datetime
    order_id: UUID = NIL
    customer_id: UUID = NIL
    lines: dict[str, SoldLine] = field(default_factory=dict)

    @property
    def shipped_at(self) -> datetime:
        """When the first parcel left, or when it was ordered while none has."""
        return min((shipment.shipped_at for shipment in self.facts.shipments), default=self.recorded_at)


@dataclass(slots=True)
class Maker:
    """Draws orders. The same `rng` and `base` (midnight UTC of today) draw the same ones."""

    company: Company
    rng: random.Random
    base: datetime
    numbers: int = 0
    serials: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        tracked = next(good for good in names.GOODS if good.serials)
        self.serials = iter([serial(tracked, number) for number in range(tracked.serials)])

    def order(self, days_ago: int, wish: Wish) -> Bought:
        """An order of `days_ago` before today that left, as far as it did, a day later."""
        rng = self.rng
        self.numbers += 1
        at = self.base - timedelta(days=days_ago) + timedelta(minutes=rng.randrange(60, 800))
        shop = wish.shop or rng.choices((names.PLATFORM_SHOP, names.STREET_SHOP), (4, 1))[0]
        lines = self._lines(wish, shop)
        promotions: list[dict[str, Any]] = []
        if wish.promoted:
            lines, promotions = _together()
        counter = shop == names.STREET_SHOP
        shipped_at = at if counter else at + timedelta(hours=rng.randrange(14, 30))
        shipments = self._shipments(lines, wish, shipped_at, counter)
        platform = not counter
        fee = 0 if counter or sum(line.gross_minor for line in lines) >= FREE_SHIPPING_FROM else SHIPPING_FEE
        facts = OrderFacts(
            shop_id=self.company.shops[shop],
            number=f"{'QH' if platform else 'WK'}{at:%y%m%d}{self.numbers:05d}",
            ordered_at=at,
            currency="CNY",
            lines=lines,
            customer=self._customer(counter),
            status=_status(shipments, lines, wish),
            shipments=shipments,
            shipping_standard_minor=fee,
            shipping_tax_minor=fee * 6 // 106,
            promotions=promotions,
        )
        facts.payments = self._payments(facts, wish.pay, counter)
        return Bought(facts, max([at, *(shipment.shipped_at for shipment in shipments)]))

    def _lines(self, wish: Wish, shop: str) -> list[LineFacts]:
        rng = self.rng
        codes = [wish.goods or rng.choice(PLAIN).code]
        if not wish.goods:
            others = [good.code for good in PLAIN if good.code != codes[0]]
            codes += rng.sample(others, rng.choices((0, 1, 2), (5, 3, 1))[0])
        return [self._line(code, wish.units if not place else None, shop) for place, code in enumerate(codes)]

    def _line(self, code: str, units: int | None, shop: str) -> LineFacts:
        rng = self.rng
        price, rate, name = _priced(code)
        dear = price > DEAR
        units = units or rng.choices((1, 2, 3), (8, 1, 0) if dear else (5, 3, 2))[0]
        line = LineFacts(code, code, units, Decimal(price) / 100, price * units, name=name, tax_rate=rate)
        if shop == names.PLATFORM_SHOP and rng.random() < PLATFORM_COUPONS:
            off = line.gross_minor * rng.choice((5, 8, 10)) // 100
            line.discounts = [DiscountFacts("platform", off, "满减津贴")]
        if rng.random() < SHOP_COUPONS:
            line.discounts.append(DiscountFacts("shop", line.gross_minor * rng.choice((3, 5)) // 100, "店铺券"))
        return line

    def _shipments(
        self, lines: Sequence[LineFacts], wish: Wish, shipped_at: datetime, counter: bool
    ) -> list[ShipmentFacts]:
        if wish.shipped == 0:
            return []
        units = [line.ordered for line in lines]
        if wish.shipped is not None:
            units[0] = wish.shipped
        rows = [row for line, count in zip(lines, units, strict=True) for row in self._rows(line, count)]
        tracking = "" if counter else f"{self.rng.randrange(10**11, 10**12)}"
        arrived = shipped_at if counter else shipped_at + timedelta(hours=self.rng.randrange(20, 60))
        return [
            ShipmentFacts(
                "1",
                self.company.warehouses[wish.warehouse],
                shipped_at,
                rows,
                carrier="" if counter else self.rng.choice(names.CARRIERS),
                tracking=tracking,
                delivered_at=None if wish.refused else arrived,
            )
        ]

    def _rows(self, line: LineFacts, units: int) -> list[ShippedFacts]:
        good = BY_CODE.get(line.sku_code)
        if good and good.serials:
            return [ShippedFacts(line.line_key, 1, serial=next(self.serials)) for _ in range(units)]
        # A bundle's lot is that of its first component.
        lots = good.lots if good else BY_CODE[names.BUNDLE[3][0][0]].lots
        lot = self.rng.choice(lots) if lots else ""
        return [ShippedFacts(line.line_key, units, lot=lot)]

    def _customer(self, counter: bool) -> CustomerFacts:
        rng = self.rng
        if counter and rng.random() < STRANGERS:
            return CustomerFacts()
        # Few enough that some buy again.
        number = rng.randrange(180)
        person = random.Random(number)  # noqa: S311  # nosec B311: the same buyer has the same name every time
        personal = {
            "name": person.choice(names.SURNAMES) + person.choice(names.GIVEN),
            "phone": f"199{person.randrange(10**7, 10**8)}",
            "address": f"{person.choice(names.PLACES)}{person.randrange(1, 400)}号",
        }
        return CustomerFacts(f"buyer-{number:04d}", personal=personal)

    def _payments(self, facts: OrderFacts, kinds: tuple[str, ...], counter: bool) -> list[PaymentFacts]:
        rng = self.rng
        paid = facts.shipping_standard_minor
        paid += sum(line.gross_minor - sum(off.amount_minor for off in line.discounts) for line in facts.lines)
        if not kinds:
            usual = COUNTER_TENDERS if counter else PLATFORM_TENDERS
            kinds = rng.choice((*usual, ("points", "wechat"), ("gift_card", "wechat")))
        left, found = paid, []
        for place, kind in enumerate(kinds, 1):
            amount = left if place == len(kinds) else paid * rng.choice((5, 10, 20)) // 100
            left -= amount
            if amount:
                found.append(
                    PaymentFacts(
                        f"P{place}", kind, amount, facts.ordered_at + timedelta(minutes=3), promotional=kind == "points"
                    )
                )
        return found


def single(
    shop_id: UUID, warehouse_id: UUID, number: str, sku: str, delivered: datetime, customer: CustomerFacts
) -> Bought:
    """One unit to somebody, delivered two days after it was ordered."""
    good = BY_CODE[sku]
    ordered, shipped = delivered - timedelta(days=2), delivered - timedelta(days=1)
    price = Decimal(good.price_minor) / 100
    line = LineFacts(sku, sku, 1, price, good.price_minor, name=good.name, tax_rate=good.rate)
    tracking = f"SF26{''.join(filter(str.isdigit, number)):0>10}"
    facts = OrderFacts(
        shop_id=shop_id,
        number=number,
        ordered_at=ordered,
        currency=names.COMPANY["currency"],
        lines=[line],
        customer=customer,
        customer_tier=customer.tier,
        status="completed",
        shipments=[
            ShipmentFacts("1", warehouse_id, shipped, [ShippedFacts(sku, 1)], "SF", tracking, delivered_at=delivered)
        ],
        payments=[PaymentFacts("P1", "alipay", good.price_minor, ordered + timedelta(minutes=3))],
    )
    return Bought(facts, shipped)


def _together() -> tuple[list[LineFacts], list[dict[str, Any]]]:
    """满300减50 on two articles, the fifty shared out by price."""
    goods, name, off = [BY_CODE[code] for code in ("SHIRT-LN-M", "TOWEL-3")], "满300减50", 50_00
    total, left, lines = sum(good.price_minor for good in goods), off, []
    for good in goods:
        share = left if good is goods[-1] else off * good.price_minor // total
        left -= share
        line = LineFacts(good.code, good.code, 1, Decimal(good.price_minor) / 100, good.price_minor, name=good.name)
        line.tax_rate, line.promotion_id, line.discounts = good.rate, name, [DiscountFacts("shop", share, name)]
        lines.append(line)
    members = [good.code for good in goods]
    return lines, [{"id": name, "mode": "reprice", "threshold_minor": 300_00, "members": members, "gifts": []}]


def _priced(code: str) -> tuple[int, Decimal, str]:
    if code == names.BUNDLE[0]:
        return names.BUNDLE[2], BY_CODE[names.BUNDLE[3][0][0]].rate, names.BUNDLE[1]
    good: Good = BY_CODE[code]
    return good.price_minor, good.rate, good.name


def _status(shipments: Sequence[ShipmentFacts], lines: Sequence[LineFacts], wish: Wish) -> str:
    if not shipments:
        return "待发货"
    return "部分发货" if wish.shipped is not None and wish.shipped < lines[0].ordered else "已发货"
