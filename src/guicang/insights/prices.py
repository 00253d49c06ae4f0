"""Prices of returns without an order as people read them: rules by group of customers, prices agreed, one in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guicang.catalog import queries as catalogue
from guicang.insights.worklist import customer_names
from guicang.kernel.actor import Scope
from guicang.kernel.money import from_minor
from guicang.org import queries as org
from guicang.org.queries import CompanyInfo
from guicang.parties import queries as parties
from guicang.policy.queries.summary import money
from guicang.returns.models import AgreedPrice
from guicang.returns.operations.pricing import rules_of
from guicang.returns.pricing import FOREVER, SOURCES, Rules

#: Rows of a page.
MOST = 50

#: Where a price comes from, as one chooses it.
SOURCE_WORDS: Mapping[str, Promise] = {
    "agreed": _("Price agreed with the customer"),
    "last": _("Last price sold to the customer"),
    "lowest": _("Lowest price sold to the customer"),
    "lowest_any": _("Lowest price sold to anybody"),
}
PAYS_WORDS: Mapping[str, Promise] = {
    "account": _("It stays on the customer's account"),
    "bank": _("It is paid out to the customer's bank account"),
}
_SENTENCES: Mapping[str, Promise] = {
    "agreed": _("%(units)s at the price agreed with the customer, %(amount)s in all, valid from %(since)s."),
    "last": _("%(units)s at the last price sold to the customer: order %(number)s of %(sold_on)s, %(amount)s in all."),
    "lowest": _(
        "%(units)s at the lowest price sold to the customer within %(days)s days: order %(number)s of %(sold_on)s,"
        " %(amount)s in all."
    ),
    "lowest_any": _(
        "%(units)s at the lowest price at which anybody bought it within %(days)s days (%(sold_on)s), %(amount)s in"
        " all."
    ),
    "person": _("%(units)s priced by a member of staff at %(amount)s in all."),
}
_WHY: Mapping[str, Promise] = {
    "nothing_found": _("No rule found a price. A person prices it."),
    "above_limit": _("The price is above the limit up to which rules decide. A person prices it."),
    "no_sale_left": _("No sale to this customer has units left that could come back. A person prices it."),
}


def sentence(priced: Mapping[str, Any], currency: str) -> str:
    """How goods without an order were priced, or why a person has to; '' where nothing was said."""
    if "rule" not in priced:
        return str(_WHY.get(priced.get("why", ""), ""))
    return str(_SENTENCES[priced["rule"]]) % {
        "units": priced["units"],
        "amount": money(priced["amount_minor"], currency),
        "number": priced.get("number", ""),
        "sold_on": priced.get("sold_on", ""),
        "since": priced.get("since", ""),
        "days": priced["days"],
    }


class Group(NamedTuple):
    """What a company says for a group of customers; `tier` '': for all that have no rules of their own."""

    tier: str
    number: int
    rules: Rules
    most: str

    @property
    def places(self) -> list[str]:
        """The sources in their order, one a field, as many as there are."""
        return [*self.rules.sources, *[""] * (len(SOURCES) - len(self.rules.sources))]


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
    most = f"{from_minor(rules.most_minor, currency):f}" if rules.most_minor else "0"
    return Group(tier, number, rules, most)


class AgreedRow(NamedTuple):
    id: UUID
    customer_id: UUID
    customer: str
    customer_number: str
    shop: str
    sku_id: UUID
    code: str
    name: str
    currency: str
    price_minor: int
    since: date
    until: date | None


def agreed(scope: Scope, number: str = "", after: UUID | None = None, size: int = MOST) -> tuple[list[AgreedRow], bool]:
    """Prices that were agreed, the newest first, or those of customers with this number; and whether there are more.
    At most 7 statements.
    """
    rows = AgreedPrice.objects.filter(**scope.exact_filters(company_id="company_id", shop_id="shop_id"))
    if number:
        shops = org.shops()
        known = parties.customers_by_key((shop_id, number) for shop_id in shops)
        rows = rows.filter(customer_id__among=sorted(one.id for one in known.values()))
    place = AgreedPrice.objects.filter(id=after).values_list("recorded_at", "id").first() if after else None
    if place:
        rows = rows.filter(recorded_at__lte=place[0]).exclude(recorded_at=place[0], id__gte=place[1])
    found = list(rows.order_by("-recorded_at", "-id")[: size + 1])
    return _dressed(found[:size]), len(found) > size


def _dressed(rows: list[AgreedPrice]) -> list[AgreedRow]:
    customers, skus = parties.customers(row.customer_id for row in rows), catalogue.skus({row.sku_id for row in rows})
    names, shops = customer_names([row.customer_id for row in rows]), org.shops({row.shop_id for row in rows})
    return [
        AgreedRow(
            row.id,
            row.customer_id,
            names.get(row.customer_id, ""),
            customers[row.customer_id].external_id,
            shops[row.shop_id].name,
            row.sku_id,
            skus[row.sku_id].code,
            skus[row.sku_id].name,
            row.currency,
            row.price_minor,
            row.since,
            None if row.until == FOREVER else row.until,
        )
        for row in rows
    ]
