"""Yearly return quotas as people read them: rules by group of customers, and what a customer used and has left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guicang.kernel.money import from_minor
from guicang.org import queries as org
from guicang.org.queries import CompanyInfo
from guicang.parties import queries as parties
from guicang.returns.operations.quotas import Place, rule_for, rules_of, standings
from guicang.returns.quotas import Rules, year_of

OF_WORDS: Mapping[str, Promise] = {
    "this_year": _("of what was bought this year"),
    "last_year": _("of what was bought the year before"),
}
ABOVE_WORDS: Mapping[str, Promise] = {
    "review": _("A person decides"),
    "refuse": _("It is refused"),
    "fee": _("A fee is kept back"),
}


class Group(NamedTuple):
    """What a company says for a group of customers; `tier` '': for all that have no rules of their own."""

    tier: str
    number: int
    rules: Rules
    fixed: str
    share: str
    fee: str


@dataclass(frozen=True, slots=True)
class Stated:
    """`tiers`: groups of its customers that have no rules yet."""

    company: CompanyInfo
    groups: list[Group]
    tiers: list[str]


def stated(companies: Collection[CompanyInfo], tier: str = "") -> list[Stated]:
    """Rules of each company, those for all others first; `tier`: one more to fill in. 2 statements, 1 a shop."""
    found, shops = [], org.shops().values()
    said = rules_of([company.id for company in companies])
    for company in companies:
        mine = {key[1]: rules for key, rules in said.items() if key[0] == company.id}
        tiers = parties.tiers(shop.id for shop in shops if shop.company_id == company.id)
        wanted = ["", *sorted(key for key in mine if key), *([tier] if tier in tiers and tier not in mine else [])]
        groups = [_group(key, *mine.get(key, (0, Rules())), company.currency) for key in wanted]
        found.append(Stated(company, groups, [one for one in tiers if one not in wanted]))
    return found


def _group(tier: str, number: int, rules: Rules, currency: str) -> Group:
    fixed = f"{from_minor(rules.fixed_minor, currency):f}" if rules.fixed_minor else "0"
    return Group(tier, number, rules, fixed, _percent(rules.share_bp), _percent(rules.fee_bp))


def _percent(points: int) -> str:
    whole, rest = divmod(points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)


class Left(NamedTuple):
    """A customer's quota of a year in one currency."""

    year: int
    currency: str
    quota_minor: int
    used_minor: int
    left_minor: int
    purchases_minor: int


def of_customer(customer_id: UUID, now: datetime) -> list[Left]:
    """What is left of this year's quota, in the currency of his shop; none where there is no quota. 6 statements."""
    customer = parties.customers([customer_id]).get(customer_id)
    if customer is None or not customer.external_id:
        return []
    shop = org.shops([customer.shop_id])[customer.shop_id]
    company = org.companies([shop.company_id])[shop.company_id]
    rules = rule_for(rules_of([company.id]), company.id, customer.tier)
    place = Place(company.id, customer_id, shop.currency, year_of(now, company.zone))
    return [
        Left(one.year, place.currency, one.quota_minor, one.used_minor, one.left_minor, one.purchases_minor)
        for place, one in standings({place: rules}, {company.id: company.zone}).items()
    ]
