"""An order as settlement sees it: frozen amounts, and the counters that earlier settlements moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any
from uuid import UUID

from guicang.kernel.money import target


@dataclass(slots=True)
class SaleLine:
    """An order line: frozen amounts and what was settled so far.

    `withheld_minor`: of the share of what is settled, what was not given back because of what the buyer keeps.

    Shares go by a measure: units, or, of goods sold by weight (`weight_g`: of the whole line), grams times what was
    ordered. So the measure of an average piece is the weight of the line, and no gram is rounded. Each piece counts
    its own weight once all of the line was `weighed`, that is, has left; until then, and where a part was cancelled,
    the average.
    """

    id: UUID
    ordered: int
    paid_minor: int
    sold_minor: int
    tax_minor: int
    funded_minor: int = 0
    settled: int = 0
    cancelled_settled: int = 0
    cancelled_minor: int = 0
    credited_minor: int = 0
    credited_tax_minor: int = 0
    credited_funded_minor: int = 0
    withheld_minor: int = 0
    goodwill: tuple[tuple[Sequence[int], int], ...] = ()
    weight_g: int = 0
    weighed: bool = False
    settled_measure: int = 0
    #: Of the settled units, those that the same came in place of: what promotions go by is kept with it.
    exchanged: int = 0

    @property
    def unit(self) -> int:
        """The measure of a piece, or of an average one."""
        return self.weight_g or 1

    @property
    def whole(self) -> int:
        return self.ordered * self.unit

    @property
    def done(self) -> int:
        """The measure of what is settled."""
        return self.settled_measure if self.weight_g else self.settled

    @property
    def until(self) -> int:
        """The measure of what was not cancelled."""
        return (self.ordered - self.cancelled_settled) * self.unit

    def reached(self, units: int, weight_g: int = 0, measure: int = 0) -> int:
        """The measure settled after `units` more that weighed `weight_g` when they were sold.

        The last ones take what is left, so that weights which do not add up to the line's lose or pay nothing.
        `measure`: of a settlement that is taken back, exactly what it took.
        """
        if not self.weight_g:
            return self.settled + units
        if measure:
            return self.done + measure
        if self.settled + units == self.ordered - self.cancelled_settled:
            return self.until
        own = weight_g * self.ordered if self.weighed and weight_g else units * self.unit
        return max(0, min(self.done + own, self.until))

    def price(self, measure: int) -> int:
        """T(measure): the buyer's share of the first of it, after goodwill given so far."""
        return self._price(measure, len(self.goodwill))

    def _price(self, measure: int, given: int) -> int:
        """The share after the first `given` goodwills: each lowers what was unsettled at its time.

        That is the span from what was settled to what was not cancelled and settled from the other end.
        What lies outside keeps its price, also where a settlement is taken back later.
        """
        if not given:
            return target(self.paid_minor, measure, self.whole)
        (start, end), amount = self.goodwill[given - 1]
        if measure <= start:
            return self._price(measure, given - 1)
        if measure >= end:
            return self._price(measure, given - 1) - amount
        before = self._price(start, given - 1)
        return before + target(self._price(end, given - 1) - before - amount, measure - start, end - start)

    def funded(self, measure: int) -> int:
        return target(self.funded_minor, measure, self.whole)

    def kept_share(self, total: int) -> int:
        """Of a frozen amount of the whole line, what lies on what the buyer keeps."""
        return target(total, self.until, self.whole) - target(total, self.done, self.whole)

    def held_share(self, total: int) -> int:
        """Of a frozen amount of the whole line, what lies on what the buyer keeps or has the same in place of."""
        return self.kept_share(total) + target(total, self.exchanged * self.unit, self.whole)

    def tax_within(self, gross: int) -> int:
        """The tax within the first `gross` of what was sold, as it was invoiced."""
        return target(self.tax_minor, max(0, min(gross, self.sold_minor)), self.sold_minor)

    @property
    def kept(self) -> int:
        return self.ordered - self.cancelled_settled - self.settled

    @property
    def cancelled_funded(self) -> int:
        return self.funded_minor - self.funded(self.until)

    @property
    def buyer_room(self) -> int:
        """What can still be credited to the buyer on this line."""
        credited = self.credited_minor - self.credited_funded_minor
        return self.paid_minor - credited - (self.cancelled_minor - self.cancelled_funded)

    def progress(self) -> int:
        """Share of the paid amount that is settled, by measure: what shipping and points go by."""
        return self.paid_minor - self.kept_share(self.paid_minor)


@dataclass(slots=True)
class SaleTender:
    id: UUID
    captured_minor: int
    refunded_minor: int
    disputed_minor: int = 0
    promotional: bool = False
    kind: str = ""

    @property
    def room(self) -> int:
        return max(0, self.captured_minor - self.refunded_minor - self.disputed_minor)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion of the order as it was frozen at the sale.

    `mode`: keep or reprice, '' where the sale did not say. `discounts`: what the shop granted by it, by line; what
    others granted is theirs to take back. `gifts`: line and stated value of one unit. `shipping_minor`: the freight
    that it waived.
    """

    id: str
    mode: str = ""
    threshold_minor: int = 0
    members: tuple[UUID, ...] = ()
    discounts: Mapping[UUID, int] = field(default_factory=dict)
    gifts: tuple[tuple[UUID, int], ...] = ()
    shipping_minor: int = 0


@dataclass(slots=True)
class Sale:
    """An order as settlement sees it. `lines` by id, in stored order. `withheld`: by cause (see `resettling`).

    `set_off_minor`: what credits of other orders paid of it, less what its own credit paid of others.
    `fees_minor`: what was charged to the buyer for returns of it: he owes that besides what he bought.
    `extra_minor`: of `refunded_minor`, what was given besides the price: compensation, freight, past differences.
    """

    id: UUID
    currency: str
    total_minor: int
    captured_minor: int
    refunded_minor: int
    credited_minor: int
    lines: dict[UUID, SaleLine]
    tenders: list[SaleTender] = field(default_factory=list)
    shipping_standard_minor: int = 0
    shipping_surcharge_minor: int = 0
    shipping_tax_minor: int = 0
    shipping_refunded_minor: int = 0
    points_earned: int = 0
    points_taken_back: int = 0
    fees_minor: int = 0
    promotions: tuple[Promotion, ...] = ()
    withheld: dict[str, int] = field(default_factory=dict)
    set_off_minor: int = 0
    extra_minor: int = 0
    #: Of a deposit that is all that was paid so far, what whoever defaults forfeits for the whole order.
    earnest_minor: int = 0
    #: No more than a deposit was paid and nothing was shipped.
    presold: bool = False

    @property
    def overpaid_minor(self) -> int:
        """What the buyer has paid beyond what he still owes; negative: still to be paid."""
        owed = self.total_minor - self.credited_minor + self.fees_minor
        given_back = self.refunded_minor - self.extra_minor
        return self.captured_minor + self.set_off_minor - given_back - owed

    def copy(self) -> Sale:
        twin = Sale(*_sale_values(self))
        twin.lines = {key: SaleLine(*_line_values(line)) for key, line in self.lines.items()}
        twin.tenders = [SaleTender(*_tender_values(tender)) for tender in self.tenders]
        twin.withheld = dict(self.withheld)
        return twin


def _values(shape: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """All fields of such a dataclass in their order: what `copy.copy` does eight times as slowly."""
    found: Callable[[Any], tuple[Any, ...]] = attrgetter(*(one.name for one in fields(shape)))
    return found


_sale_values, _line_values, _tender_values = map(_values, (Sale, SaleLine, SaleTender))
