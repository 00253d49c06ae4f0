"""From the codes of a profile, a file or the command line to companies, shops and warehouses, made where unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from guicang.intake.profiles import FIELDS, Profile
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.trade import operations as trade

#: Code of a place that neither file nor profile nor command line names.
DEFAULT = "MAIN"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document belongs. `currency` and `zone` are the company's, `company` is its code."""

    company_id: UUID
    shop_id: UUID
    channel_id: UUID
    market_id: UUID
    currency: str
    zone: str
    company: str


class Places:
    """Finds each combination of codes once and remembers it for the run."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._known: dict[tuple[str, ...], Place] = {}
        self._warehouses: dict[tuple[UUID, str], UUID] = {}
        self._companies: dict[UUID, UUID] = {}
        self._foreign: dict[tuple[str, str, str], bool] = {}
        #: The companies whose rows came by.
        self.companies: set[UUID] = set()

    def of(self, context: Callable[[], Context], values: Mapping[str, Any], currency: str) -> Place:
        """The place of a row, set up where it is new: about 20 statements, none where it was seen before.

        `context` is asked for only then. A shop that is there keeps its company and market, whatever the file says.
        """
        place = self._profile.place
        codes = (
            values.get("shop") or values.get("store") or place.shop or place.store or DEFAULT,
            values.get("company") or place.company or DEFAULT,
            values.get("channel") or place.channel or DEFAULT,
            values.get("market") or place.market or DEFAULT,
            currency,
        )
        found = self._known.get(codes)
        if found is None:
            found = self._known[codes] = self._shop(context, codes)
            self._companies[found.shop_id] = found.company_id
            self.companies.add(found.company_id)
        return found

    def company_of_shop(self, shop_id: UUID) -> UUID:
        """The company of a shop that `of` has answered."""
        return self._companies[shop_id]

    def company(self, context: Callable[[], Context], values: Mapping[str, Any], currency: str) -> Place:
        """The company of a row that names no shop: a place with NIL for what it does not have."""
        code = values.get("company") or self._profile.place.company or DEFAULT
        found = self._known.get(("", code))
        if found is None:
            known = org.company_by_code(code)
            if known is None:
                company = self._set_up(context, code, currency, ()).company
                known = org.companies([company.id])[company.id]
            found = self._known["", code] = Place(known.id, NIL, NIL, NIL, known.currency, known.zone, code)
            self.companies.add(known.id)
        return found

    def is_foreign(self, values: Mapping[str, Any], company_id: UUID) -> bool:
        """Whether a row names a place of another company than this one, or a company that nobody knows yet.

        3 statements a combination of codes that was not seen before. A shop or warehouse that is not there yet
        will be made for the row's company.
        """
        place, known = self._profile.place, FIELDS[self._profile.kind]
        shop = values.get("shop") or values.get("store") or place.shop or place.store or DEFAULT
        codes = (
            values.get("company") or place.company or DEFAULT,
            shop if "shop" in known else "",
            (values.get("warehouse") or place.warehouse or DEFAULT) if "warehouse" in known else "",
        )
        if codes not in self._foreign:
            company = org.company_by_code(codes[0])
            found = (codes[1] and org.shop_by_code(codes[1]), codes[2] and org.warehouse_by_code(codes[2]))
            owners = {one.company_id for one in found if one} | {company.id if company else NIL}
            self._foreign[codes] = owners != {company_id}
        return self._foreign[codes]

    def warehouse(self, context: Callable[[], Context], values: Mapping[str, Any], place: Place) -> UUID:
        """The warehouse of a row, made for the place's company where its code is new."""
        code = values.get("warehouse") or self._profile.place.warehouse or DEFAULT
        found = self._warehouses.get((place.company_id, code))
        if found is None:
            known = org.warehouse_by_code(code)
            if known is None:
                mode, since = self._profile.ownership.goods, self._profile.ownership.cut_over
                facts = trade.WarehouseFacts(code, goods=mode, goods_from=since)
                world = self._set_up(context, place.company, place.currency, (facts,))
                found = world.warehouses[code].id
            else:
                found = known.id
            self._warehouses[place.company_id, code] = found
        return found

    def _shop(self, context: Callable[[], Context], codes: tuple[str, str, str, str, str]) -> Place:
        code, company, channel, market, currency = codes
        shop = org.shop_by_code(code)
        if shop is None:
            zone = self._profile.zone
            facts = trade.ShopFacts(code, channel=channel, market=market, zone=zone, currency=currency)
            made = self._set_up(context, company, currency, (), (facts,)).shops[code]
            shop = org.shops([made.id])[made.id]
        owner = org.companies([shop.company_id])[shop.company_id]
        return Place(owner.id, shop.id, shop.channel_id, shop.market_id, owner.currency, owner.zone, owner.code)

    def _set_up(
        self,
        context: Callable[[], Context],
        company: str,
        currency: str,
        warehouses: Sequence[trade.WarehouseFacts],
        shops: Sequence[trade.ShopFacts] = (),
    ) -> trade.World:
        """Masters with the profile's ownership. Profiles with a `before_first_row` cut-over count from ever."""
        ownership = self._profile.ownership
        facts = {
            "code": company,
            "name": company,
            "currency": currency or "CNY",
            "zone": self._profile.zone,
            "chart": "cas" if currency in ("", "CNY") else "plain",
            "books": ownership.books,
            "books_from": ownership.cut_over,
        }
        return trade.set_up(context(), company=facts, shops=shops, warehouses=warehouses)
