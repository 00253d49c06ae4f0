"""A company that can trade: masters, open books, places for goods, a policy to freeze on orders, reasons to offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.accounting.operations import open_books
from guicang.inventory.operations import ensure_locations
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.org import operations as org
from guicang.org import queries as known
from guicang.org.errors import NoSuchMaster
from guicang.org.models import Company, Ownership, Shop, Warehouse
from guicang.policy.operations import ensure_default, ensure_reasons


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """A shop with its channel and market, each by code; names '' are the codes."""

    code: str
    name: str = ""
    channel: str = "web"
    channel_name: str = ""
    market: str = "CN"
    market_name: str = ""
    zone: str = "Asia/Shanghai"
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class WarehouseFacts:
    code: str
    name: str = ""
    goods: str = Ownership.OWNED
    goods_from: datetime | None = None


@dataclass(slots=True)
class World:
    """What `set_up` made or found, by code."""

    company: Company
    shops: dict[str, Shop] = field(default_factory=dict)
    warehouses: dict[str, Warehouse] = field(default_factory=dict)


def set_up(
    context: Context,
    *,
    company: Mapping[str, Any],
    shops: Sequence[ShopFacts] = (),
    warehouses: Sequence[WarehouseFacts] = (),
) -> World:
    """Make what is missing, leave what is there; inside the caller's transaction. Idempotent.

    `company` holds the arguments of `org.operations.ensure_company`: code, name, currency and what differs
    from the defaults.
    """
    world = World(org.ensure_company(context, **company))
    open_books(world.company)
    ensure_default(context, world.company.id)
    ensure_reasons(context, world.company.id)
    for shop in shops:
        channel = org.ensure_channel(context, code=shop.channel, name=shop.channel_name or shop.channel)
        market = org.ensure_market(
            context, code=shop.market, name=shop.market_name or shop.market, zone=shop.zone, currency=shop.currency
        )
        world.shops[shop.code] = org.ensure_shop(
            context,
            code=shop.code,
            name=shop.name or shop.code,
            company=world.company,
            channel=channel,
            market=market,
            currency=shop.currency,
        )
    for item in warehouses:
        made = org.ensure_warehouse(
            context,
            code=item.code,
            name=item.name or item.code,
            company=world.company,
            goods=item.goods,
            goods_from=item.goods_from,
        )
        ensure_locations(made.company_id, made.id)
        world.warehouses[item.code] = made
    return world


def add_master(context: Context, kind: str, code: str, facts: Mapping[str, str]) -> UUID:
    """A master made by hand, whole: a company with its books and policy, a warehouse with its places; its id.

    `facts`: name, and of what stands above it the codes (`company`, `channel`, `market`, `shop`). About 25 statements.
    Raises Refused: what `org.operations.check_new` finds, NoSuchMaster for a code that names nothing here.
    """
    said = {name: facts[name] for name in ("name", "zone", "currency") if name in facts}
    org.check_new(context, kind, code, said)
    if kind == "channel":
        return org.ensure_channel(context, code=code, name=said["name"]).id
    if kind == "market":
        return org.ensure_market(context, code=code, **said).id
    if kind == "company":
        chart = "cas" if said["currency"] == "CNY" else "plain"
        return set_up(context, company={"code": code, **said, "chart": chart}).company.id
    if kind == "drawer":
        return _add_drawer(context, code, facts)
    return _add_place(context, kind, code, facts)


def _add_drawer(context: Context, code: str, facts: Mapping[str, str]) -> UUID:
    shop = Shop.objects.filter(code=facts.get("shop", ""), archived_at=None).first()
    if shop is None or not context.actor.scope.holds(shop.company_id, shop.id, NIL):
        raise Refused([NoSuchMaster()])
    return org.ensure_drawer(context, code=code, name=facts["name"], shop=shop).id


def _add_place(context: Context, kind: str, code: str, facts: Mapping[str, str]) -> UUID:
    """A shop or a warehouse of a company that is there."""
    company = known.company_by_code(facts.get("company", ""))
    if company is None or company.archived_at is not None or context.actor.scope.company_id not in (NIL, company.id):
        raise Refused([NoSuchMaster()])
    of = {"code": company.code, "name": company.name, "currency": company.currency}
    if kind == "warehouse":
        goods = Ownership.MIRRORED if facts.get("goods") == Ownership.MIRRORED else Ownership.OWNED
        made = set_up(context, company=of, warehouses=[WarehouseFacts(code, facts["name"], goods=goods)])
        return made.warehouses[code].id
    for above in ("channel", "market"):
        if not known.code_known(above, facts.get(above, "")):
            raise Refused([NoSuchMaster()])
    # The channel and the market are there; its currency is the market's.
    shop = ShopFacts(code, facts["name"], channel=facts["channel"], market=facts["market"], currency="")
    return set_up(context, company=of, shops=[shop]).shops[code].id
