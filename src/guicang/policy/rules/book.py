"""Which policy decides about a sale: term by term, the first from the top that is for it and says something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from guicang.policy.rules.terms import SILENT, TERMS, Policy, Scope, Statement

#: Terms that compare what would be paid back.
AMOUNTS = ("approve_below_minor", "evidence_from_minor", "keep_below_minor")
#: How many kinds of sales a book remembers.
KINDS = 20_000


@dataclass(frozen=True, slots=True)
class Sale:
    """What a scope asks about: codes as the masters have them, '' where nobody knows.

    `sold_on`: the day of the order in the market's zone.
    """

    sku: str = ""
    category: str = ""
    brand: str = ""
    channel: str = ""
    shop: str = ""
    market: str = ""
    tier: str = ""
    seller: str = ""
    payments: tuple[str, ...] = ()
    sold_on: date | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """Every term with its value, and the code of the policy that said so ('' where none did).

    `known`: what verdicts under these terms have in common whatever their times, kept by `rules.verdict`.
    """

    terms: dict[str, Any]
    said_by: dict[str, str]
    known: dict[tuple[Any, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.terms[name]
        except KeyError:
            raise AttributeError(name) from None


#: By dimension of a scope: what of a sale it asks about.
ASKS_ABOUT = {
    "categories": "category",
    "brands": "brand",
    "skus": "sku",
    "channels": "channel",
    "shops": "shop",
    "markets": "market",
    "tiers": "tier",
    "sellers": "seller",
    "payments": "payments",
    "sold_from": "sold_on",
    "sold_until": "sold_on",
}


@dataclass(slots=True)
class Book:
    """A version of a statement that answers; sales that no scope tells apart are looked up once."""

    version_id: UUID
    number: int
    statement: Statement
    provisional: bool = False
    _told_apart_by: tuple[str, ...] = field(init=False)
    _known: dict[tuple[Any, ...], Decided] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._told_apart_by = tuple(sorted({ASKS_ABOUT[name] for name in self.asks}))

    @property
    def asks(self) -> frozenset[str]:
        """The dimensions that any scope names, so that the rest need not be looked up."""
        return frozenset(
            name for one in self.statement.policies for name in Scope.model_fields if getattr(one.scope, name)
        )

    @property
    def asks_amounts(self) -> bool:
        """Whether what would be paid back decides anything."""
        return any(getattr(one.terms, name) is not None for one in self.statement.policies for name in AMOUNTS)

    @property
    def asks_invoices(self) -> bool:
        """Whether a receipt or invoice is wanted of anything."""
        return any(one.terms.proof == "invoice" for one in self.statement.policies)

    @property
    def asks_fields(self) -> bool:
        """Whether an answer to one of the company's own fields decides anything."""
        return any(one.terms.fields for one in self.statement.policies)

    def decide(self, sale: Sale) -> Decided:
        """The terms for a sale. Total: what no policy says is `SILENT`."""
        kind = tuple(getattr(sale, name) for name in self._told_apart_by)
        found = self._known.get(kind)
        if found is None:
            if len(self._known) >= KINDS:
                self._known.clear()
            found = self._known[kind] = _decide([one for one in self.statement.policies if covers(one.scope, sale)])
        return found

    def policies(self, sale: Sale) -> list[Policy]:
        """Those that are for the sale, the deciding ones first."""
        return [one for one in self.statement.policies if covers(one.scope, sale)]


def _decide(policies: Iterable[Policy]) -> Decided:
    terms: dict[str, Any] = dict(SILENT)
    said_by = dict.fromkeys(TERMS, "")
    for policy in policies:
        for name, value in policy.terms.said().items():
            if not said_by[name]:
                terms[name], said_by[name] = value, policy.code
    return Decided(terms, said_by)


def covers(scope: Scope, sale: Sale) -> bool:
    """Whether a sale is in the scope: in every dimension that the scope names."""
    if scope.categories and not any(within(sale.category, one) for one in scope.categories):
        return False
    for wanted, have in (
        (scope.brands, sale.brand),
        (scope.skus, sale.sku),
        (scope.channels, sale.channel),
        (scope.shops, sale.shop),
        (scope.markets, sale.market),
        (scope.tiers, sale.tier),
        (scope.sellers, sale.seller),
    ):
        if wanted and have not in wanted:
            return False
    if scope.payments and not set(scope.payments) & set(sale.payments):
        return False
    return _in_season(scope, sale.sold_on)


def within(category: str, of: str) -> bool:
    """美妆/护肤 is within 美妆."""
    return category == of or category.startswith(f"{of}/")


def _in_season(scope: Scope, day: date | None) -> bool:
    if scope.sold_from is None and scope.sold_until is None:
        return True
    if day is None:
        return False
    return (scope.sold_from or day) <= day <= (scope.sold_until or day)


def includes(wide: Scope, narrow: Scope) -> bool:
    """Whether every sale of `narrow` is surely one of `wide` too."""
    if wide.categories and not (
        narrow.categories and all(any(within(one, of) for of in wide.categories) for one in narrow.categories)
    ):
        return False
    for name in ("brands", "skus", "channels", "shops", "markets", "tiers", "sellers", "payments"):
        of, one = set(getattr(wide, name)), set(getattr(narrow, name))
        if of and not (one and one <= of):
            return False
    if wide.sold_from and not (narrow.sold_from and narrow.sold_from >= wide.sold_from):
        return False
    return not wide.sold_until or bool(narrow.sold_until and narrow.sold_until <= wide.sold_until)
