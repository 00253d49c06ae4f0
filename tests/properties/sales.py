"""Any sale, any policy about its money, and what always holds of them: for every property that settles."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from guicang.kernel.ids import new_id
from guicang.kernel.money import split
from guicang.returns.settlement import Promotion, Sale, SaleLine, SaleTender
from guicang.trade import rules
from guicang.trade.facts import (
    CustomerFacts,
    DiscountFacts,
    LineFacts,
    OrderFacts,
    PaymentFacts,
    ShipmentFacts,
    ShippedFacts,
)

DEEP = os.environ.get("GUICANG_HYPOTHESIS") == "deep" or os.environ.get("GUICANG_TEST_TIER") == "deep"
FUNDERS = ("shop", "platform", "government", "other")
#: Kinds of ways to pay, in the order in which an order has them; points never become money.
TENDERS = ("wechat", "gift_card", "points", "store_credit")
RATES = (Decimal(0), Decimal("0.06"), Decimal("0.13"))
GRADES = ("A", "B", "S")


@dataclass(slots=True)
class Basket:
    """`lines` as a source states them. `left`: how many units of each have left; `paid`: by tender, in their order."""

    lines: list[LineFacts]
    left: list[int]
    inclusive: bool
    promotions: list[dict[str, Any]]
    shipping_minor: int
    surcharge_minor: int
    points: int
    #: Where one way of paying ends and the next begins, in hundredths of the total.
    marks: list[int]
    total_minor: int = 0
    paid: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        goods = sum(_frozen(line, self.inclusive).paid_minor for line in self.lines)
        self.total_minor = goods + self.shipping_minor + self.surcharge_minor
        marks = [0, *sorted(self.total_minor * mark // 100 for mark in self.marks), self.total_minor]
        self.paid = [high - low for low, high in pairwise(marks)]

    @property
    def shipping_tax_minor(self) -> int:
        return self.shipping_minor // 20

    def sale(self) -> Sale:
        """The order as settlement sees it, without rows."""
        ids = {line.line_key: new_id() for line in self.lines}
        return Sale(
            new_id(),
            "CNY",
            self.total_minor,
            self.total_minor,
            0,
            0,
            {ids[line.line_key]: self._line(ids[line.line_key], line) for line in self.lines},
            [
                SaleTender(new_id(), minor, 0, promotional=kind == "points", kind=kind)
                for kind, minor in zip(TENDERS, self.paid, strict=False)
            ],
            self.shipping_minor,
            self.surcharge_minor,
            self.shipping_tax_minor,
            points_earned=self.points,
            promotions=tuple(self._promotion(each, ids) for each in self.promotions),
        )

    def _line(self, key: UUID, line: LineFacts) -> SaleLine:
        frozen = _frozen(line, self.inclusive)
        return SaleLine(key, line.ordered, frozen.paid_minor, frozen.sold_minor, frozen.tax_minor, frozen.funded_minor)

    def _promotion(self, said: dict[str, Any], ids: dict[str, UUID]) -> Promotion:
        granted = {
            ids[line.line_key]: sum(cut.amount_minor for cut in line.discounts if cut.promotion_id == said["id"])
            for line in self.lines
        }
        return Promotion(
            said["id"],
            said["mode"],
            said["threshold_minor"],
            tuple(ids[key] for key in said["members"]),
            granted,
            tuple((ids[gift["line_key"]], gift["value_minor"]) for gift in said["gifts"]),
            said.get("shipping_minor", 0),
        )

    def facts(self, world: Any, number: str) -> OrderFacts:
        """The order as a source states it, shipped as far as it left and paid in full."""
        parcel = [
            ShippedFacts(line.line_key, units) for line, units in zip(self.lines, self.left, strict=True) if units
        ]
        at = world.now - timedelta(days=4)
        return OrderFacts(
            world.shop_id,
            number,
            world.now - timedelta(days=5),
            "CNY",
            self.lines,
            CustomerFacts("buyer-1"),
            tax_inclusive=self.inclusive,
            shipments=[ShipmentFacts("1", world.warehouse_id, world.now - timedelta(days=3), parcel)] if parcel else [],
            payments=[
                PaymentFacts(f"p{place}", kind, minor, at, promotional=kind == "points")
                for place, (kind, minor) in enumerate(zip(TENDERS, self.paid, strict=False))
                if minor
            ],
            shipping_standard_minor=self.shipping_minor,
            shipping_surcharge_minor=self.surcharge_minor,
            shipping_tax_minor=self.shipping_tax_minor,
            points_earned=self.points,
            promotions=self.promotions,
        )


def _frozen(line: LineFacts, inclusive: bool) -> rules.Frozen:
    cuts = [(cut.amount_minor, cut.funder != "shop") for cut in line.discounts]
    frozen = rules.freeze(line.gross_minor, cuts, line.tax_rate, line.tax_minor, inclusive=inclusive)
    assert frozen is not None
    return frozen


Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def baskets(draw: Draw, most_lines: int = 3) -> Basket:
    """One to three goods, each with discounts that anybody may bear; then what the whole order was promised."""
    lines = [_goods(draw, str(place)) for place in range(draw(st.integers(1, most_lines)))]
    promotions = _promised(draw, lines)
    shipping = draw(st.sampled_from([0, 0, 700, 1234]))
    return Basket(
        lines,
        [line.ordered - draw(st.sampled_from([0, 0, line.ordered // 2, line.ordered])) for line in lines],
        draw(st.booleans()),
        promotions,
        shipping,
        draw(st.sampled_from([0, 300])) if shipping else 0,
        draw(st.sampled_from([0, 37])),
        draw(st.lists(st.integers(1, 99), max_size=3)),
    )


def _goods(draw: Draw, key: str) -> LineFacts:
    ordered, price = draw(st.integers(1, 5)), draw(st.integers(1, 99_999))
    discounts, left = [], ordered * price
    for funder in draw(st.lists(st.sampled_from(FUNDERS), max_size=2)):
        discounts.append(DiscountFacts(funder, left * draw(st.integers(0, 100)) // 100))
        left -= discounts[-1].amount_minor
    rate = draw(st.sampled_from(RATES))
    unit = Decimal(price) / 100
    return LineFacts(key, "GOODS", ordered, unit, ordered * price, discounts=discounts, tax_rate=rate)


def _promised(draw: Draw, lines: list[LineFacts]) -> list[dict[str, Any]]:
    """满减, a gift (a line more) and free shipping, each by a threshold of its own over the goods."""
    members = [line.line_key for line in lines]
    worth = [line.gross_minor - sum(cut.amount_minor for cut in line.discounts) for line in lines]
    # One that the kept goods may just reach: what all are worth but some units of the first.
    one = worth[0] // lines[0].ordered
    found = []
    for name in draw(st.lists(st.sampled_from("MGF"), unique=True, max_size=3)):
        just = sum(worth) - one * draw(st.integers(0, lines[0].ordered))
        threshold = draw(st.sampled_from([just, sum(worth) * draw(st.integers(0, 120)) // 100]))
        size = draw(st.integers(0, 100))
        said: dict[str, Any] = {"id": name, "mode": "", "threshold_minor": threshold, "members": members, "gifts": []}
        if name == "M":
            said["mode"] = draw(st.sampled_from(["", "keep", "reprice"]))
            parts = split(sum(worth) * size // 100, worth) if sum(worth) else [0] * len(worth)
            for line, part in zip(lines, parts, strict=True):
                line.discounts.append(DiscountFacts("shop", part, "M"))
        elif name == "G":
            said["gifts"] = [{"line_key": "g", "value_minor": size * 20}]
        else:
            said["shipping_minor"] = size * 15
        found.append(said)
    if any(said["gifts"] for said in found):
        lines.append(LineFacts("g", "GOODS", 1, Decimal(0), 0, is_gift=True, promotion_id="G"))
    return found


_FEES: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"kind": "percent", "value": 1500}],
    [{"kind": "fixed", "value": 700, "per": "unit"}, {"kind": "fixed", "value": 500, "per": "return"}],
    [{"kind": "percent", "value": 3000, "grades": ["B", "S"], "what": "value"}, {"kind": "fixed", "value": 90}],
)


@st.composite
def terms(draw: Draw) -> dict[str, Any]:
    """What a policy says about money."""
    return {
        "discount_mode": draw(st.sampled_from(["keep", "reprice"])),
        "gifts": draw(st.sampled_from(["keep", "charge"])),
        "lost_shipping": draw(st.sampled_from(["no", "charge", "give_back"])),
        "shipping_refund": draw(st.sampled_from(["none", "proportional", "last_unit", "statutory"])),
        "refund_first": draw(st.sampled_from([[], ["gift_card"], ["store_credit", "wechat"]])),
        "fees": draw(st.sampled_from(_FEES)),
    }


def holds(sale: Sale) -> None:
    """Refunded and kept and fees are what was paid, to the cent, by tender and by line with its tax."""
    kept = sale.total_minor - sale.credited_minor
    given = sale.refunded_minor - sale.extra_minor
    rest = sale.captured_minor - given - kept - sale.fees_minor
    # Of what was given besides the price the tenders may have had no room for the last of the refund.
    assert rest <= 0 or sale.refunded_minor == sale.captured_minor, rest
    # Taken back out of its order a unit may be worth more than what is left to take: a cent of rounding, or what was
    # kept in fees of a later one. The buyer owes that until it is settled again; nothing was given back beside it.
    assert rest >= 0 or (given == 0 and -rest <= sale.fees_minor + sum(line.ordered for line in sale.lines.values()))
    for tender in sale.tenders:
        assert 0 <= tender.refunded_minor <= tender.captured_minor
    assert sum(tender.refunded_minor for tender in sale.tenders) == sale.refunded_minor
    value = sale.shipping_standard_minor + sale.shipping_surcharge_minor - sale.shipping_refunded_minor
    for line in sale.lines.values():
        settled = rounded(line.paid_minor, line.settled, line.ordered)
        given_up = line.paid_minor - rounded(line.paid_minor, line.ordered - line.cancelled_settled, line.ordered)
        goodwill = sum(amount for _, amount in line.goodwill)
        if not line.goodwill:
            assert line.credited_minor - line.credited_funded_minor == settled - line.withheld_minor
            assert line.cancelled_minor - line.cancelled_funded == given_up
        assert line.credited_funded_minor == rounded(line.funded_minor, line.settled, line.ordered)
        credited = line.credited_minor - line.credited_funded_minor + line.cancelled_minor - line.cancelled_funded
        value += line.paid_minor - credited
        assert line.withheld_minor >= 0
        assert 0 <= line.credited_minor + line.cancelled_minor <= line.sold_minor
        assert goodwill <= line.paid_minor
        # Its tax is the invoiced one, in proportion; what is kept keeps the rest of it.
        assert line.credited_tax_minor == rounded(line.tax_minor, line.credited_minor, line.sold_minor)
    assert value == kept
    assert sum(sale.withheld.values()) == sum(line.withheld_minor for line in sale.lines.values())


def rounded(amount: int, part: int, whole: int) -> int:
    """The share of a part, half up: HARD-CASES, Allocation, written down a second time."""
    return (2 * amount * part + whole) // (2 * whole) if whole else 0
