"""The return policy as everybody may read it, shop by shop: what the portal's page and its JSON show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.policy.facts import FieldInfo, ReasonInfo
from guicang.policy.queries import summary, words
from guicang.policy.queries.fields import labels as field_labels
from guicang.policy.queries.public import for_shop
from guicang.policy.rules import SILENT, Book, Decided, Sale, Statement, Terms
from guicang.returns.labels import LABELS
from guicang.returns.lifecycle import Type
from guicang.returns.rules import CONDITIONS, label

#: What holds for everything that no exception is about, by the question it answers, in the order of asking.
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "time": (
        *("counted_from", "counting", "fault_days", "withdrawal", "holidays_extend"),
        *("ship_days", "repair_days", "advance_days", "advance_then"),
    ),
    "goods": (
        *("excluded", "conditions", "requires", "reasons", "resolutions"),
        *("fields", "proof", "evidence", "evidence_from_minor"),
    ),
    "postage": ("freight_choice", "freight_fault"),
    "refund": (
        *(
            "refund_when",
            "refund_parts",
            "refund_days",
            "refund_to",
            "fees",
            "shipping_refund",
            "discount_mode",
            "gifts",
        ),
        *("lost_shipping", "deposit", "keep_offer_bp", "price_match_days"),
    ),
}
#: Told even where no policy says it; of the rest, what is usual is not worth a line.
_ALWAYS = frozenset({"counted_from", "freight_choice", "freight_fault", "refund_to", "fees"})


@dataclass(frozen=True, slots=True)
class Version:
    """`until` None: in force."""

    number: int
    name: str
    since: datetime
    until: datetime | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A version in one shop. `statement` is what everybody may read of it; `general` what no exception is about."""

    shop: org.ShopInfo
    company: str
    version: Version
    statement: Statement
    general: Decided
    versions: list[Version]
    reasons: Mapping[str, ReasonInfo]
    fields: Mapping[str, FieldInfo]


@dataclass(frozen=True, slots=True)
class Card:
    """A policy in the reader's language. `never`: what it is for cannot come back without a fault."""

    name: str
    source: str
    scope: list[tuple[str, str]]
    sentences: list[str]
    never: bool


class Frozen(NamedTuple):
    """The version that holds for an order, as its page is found. `number` 0: none was frozen onto it."""

    shop: str
    number: int


def shops() -> list[org.ShopInfo]:
    """The shops that sell to customers, by code; 2 statements."""
    companies = {one.id for one in org.in_use(org.companies().values())}
    return [one for one in org.in_use(org.shops().values()) if one.company_id in companies]


def published(shop_code: str, number: str, now: datetime) -> Published | None:
    """The version in force in a shop, or the earlier one of that number; None where there is none. 7 statements.

    A version that is not in force yet is nobody's to read: it may still be overtaken.
    """
    shop = org.shop_by_code(shop_code)
    company = org.companies([shop.company_id]).get(shop.company_id) if shop and shop.archived_at is None else None
    if shop is None or company is None or company.archived_at is not None:
        return None
    begun = [one for one in policies.versions(company.id, now) if one.state != "scheduled"]
    ends = [None, *(one.effective_from for one in begun[:-1])]
    known = [
        Version(one.number, one.name, one.effective_from, end, one.provisional)
        for one, end in zip(begun, ends, strict=True)
    ]
    place = next((at for at, one in enumerate(known) if number in ("", str(one.number))), None)
    if place is None:
        return None
    market, channel = org.markets([shop.market_id])[shop.market_id], org.channel_codes()[shop.channel_id]
    fields = {code: one for code, one in policies.fields_of(company.id).items() if one.asked_of != "staff"}
    statement = for_shop(begun[place].statement, shop=shop.code, channel=channel, market=market.code, asked=fields)
    # Seasons count for what is bought today; an earlier version is read by who bought some time under it.
    today = now.astimezone(ZoneInfo(market.zone)).date() if place == 0 else None
    general = Book(begun[place].id, begun[place].number, statement).decide(Sale(sold_on=today))
    reasons = policies.reasons_of(company.id)
    return Published(shop, company.name, known[place], statement, general, known, reasons, fields)


def answers(found: Published) -> dict[str, list[str]]:
    """What holds for everything else, in sentences of the reader's language, by question."""
    labels, currency = _labels(found), found.statement.currency
    said: dict[str, list[str]] = {}
    for question, names in QUESTIONS.items():
        shown = {name: found.general.terms[name] for name in names if _is_worth_it(name, found.general)}
        told = dict(summary.sentences(Terms(**shown), currency, labels, internal=False))
        said[question] = [told[name] for name in names if name in told]
    return said


def _is_worth_it(name: str, general: Decided) -> bool:
    if name == "fault_days" and general.terms[name] == general.terms["days"]:
        return False
    return name in _ALWAYS or general.terms[name] != SILENT[name]


def cards(found: Published, payments: Mapping[str, Any]) -> list[Card]:
    """The policies in their order of deciding, in the reader's language. `payments`: what ways of paying are called."""
    labels, currency = {**_labels(found), "payments": payments}, found.statement.currency
    return [
        Card(
            words.policy_name(one),
            one.source,
            summary.scope_words(one.scope, labels),
            summary.whole(one, currency, labels, internal=False),
            one.terms.excluded in ("by_law", "confirmed"),
        )
        for one in found.statement.policies
    ]


def exceptions(found: Published, payments: Mapping[str, Any]) -> list[Card]:
    """Those that are not for everything."""
    return [card for card in cards(found, payments) if card.scope]


def _labels(found: Published) -> dict[str, dict[str, str]]:
    language = get_language() or "zh"
    chinese = language.startswith("zh")
    return {
        "conditions": {one.code: label(one.code, language) for one in CONDITIONS},
        "reasons": {code: one.zh if chinese else one.en for code, one in found.reasons.items()},
        "resolutions": {one.value: LABELS[one][0 if chinese else 1] for one in Type},
        **field_labels(found.fields.values()),
    }


def frozen(orders: Iterable[tuple[UUID, UUID, UUID]]) -> dict[UUID, Frozen]:
    """By order, of (order, shop, version) triples; at most 2 statements."""
    given = list(orders)
    shops_by_id = org.shops({shop for _, shop, _ in given})
    books = policies.books({version for _, _, version in given})
    numbers = {key: book.number for key, book in books.items()}
    return {order: Frozen(shops_by_id[shop].code, numbers.get(version, 0)) for order, shop, version in given}
