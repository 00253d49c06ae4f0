"""The demo company as it stood before its first order: masters, catalogue, stock with cost, users."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from guicang.catalog.operations import ComponentFacts, SkuFacts, record_skus, set_bundle
from guicang.integrations.demo import names
from guicang.integrations.demo.names import Good
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Outcome
from guicang.org import operations as org
from guicang.org.models import Ownership
from guicang.staff.operations import ensure_user
from guicang.trade.facts import StockFacts
from guicang.trade.operations import ShopFacts, WarehouseFacts, set_up
from guicang.trade.steps import record_opening_stock

SYSTEM = Actor.system()


@dataclass(frozen=True, slots=True)
class Company:
    """`skus`: ids by code."""

    id: UUID
    shops: dict[str, UUID]
    warehouses: dict[str, UUID]
    skus: dict[str, UUID]


def found(opened_at: datetime) -> Company:
    """Make the company with its stock as of `opened_at`; inside the caller's transaction."""
    context = begin("demo.found", actor=SYSTEM, now=opened_at, items=1)
    made = set_up(
        context,
        company=names.COMPANY,
        shops=[
            ShopFacts(names.PLATFORM_SHOP, names.SHOP_NAMES[names.PLATFORM_SHOP], "mall", "平台商城"),
            ShopFacts(names.STREET_SHOP, names.SHOP_NAMES[names.STREET_SHOP], "counter", "门店"),
        ],
        warehouses=[
            WarehouseFacts(names.OWN, names.WAREHOUSE_NAMES[names.OWN], goods=Ownership.OWNED),
            WarehouseFacts(names.PARTNER, names.WAREHOUSE_NAMES[names.PARTNER], goods=Ownership.MIRRORED),
        ],
    )
    company_id = made.company.id
    for code, address in names.RETURN_ADDRESSES.items():
        org.change(context, "warehouse", made.warehouses[code].id, address)
    outcomes = record_skus(context, [_facts(company_id, good) for good in names.GOODS])
    skus = {good.code: outcome.id for good, outcome in zip(names.GOODS, all_done(outcomes), strict=True) if outcome.id}
    code, name, _, parts = names.BUNDLE
    composed = set_bundle(context, company_id, code, [ComponentFacts(*part) for part in parts], name)
    all_done([composed])
    own = made.warehouses[names.OWN].id
    stock = [item for good in names.GOODS for item in _stock(own, good, opened_at)]
    all_done(record_opening_stock(items=stock, actor=SYSTEM, now=opened_at, all_or_nothing=True))
    return Company(
        company_id,
        {key: shop.id for key, shop in made.shops.items()},
        {key: warehouse.id for key, warehouse in made.warehouses.items()},
        skus,
    )


def all_done(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes; raises RuntimeError at the first refusal, for the demo's data must be possible."""
    for outcome in outcomes:
        if not outcome.ok:
            raise RuntimeError(f"demo data refused: {'; '.join(str(refusal) for refusal in outcome.refusals)}")
    return outcomes


def add_users(company: Company, now: datetime) -> None:
    """The demo's users. Password hashing is slow on purpose: about 0.05 s each."""
    with transaction.atomic():
        context = begin("demo.users", actor=SYSTEM, now=now, items=len(names.LOGINS))
        for login in names.LOGINS:
            warehouse = company.warehouses[names.OWN] if login.role == "warehouse" else None
            ensure_user(
                context,
                username=login.username,
                password=names.PASSWORD,
                role=login.role,
                first_name=login.first_name,
                company_id=company.id,
                warehouse_id=warehouse,
            )


def _facts(company_id: UUID, good: Good) -> SkuFacts:
    return SkuFacts(
        company_id,
        good.code,
        name=good.name,
        variant=good.variant,
        category=good.category,
        brand="青禾",
        tracks_lot=bool(good.lots),
        tracks_serial=bool(good.serials),
        weight_g=good.weight_g,
        standard_cost_minor=good.cost_minor,
        list_price_minor=good.price_minor,
        product=good.name,
        tax_rate=good.rate,
    )


def _stock(warehouse_id: UUID, good: Good, opened_at: datetime) -> Iterator[StockFacts]:
    at = opened_at - timedelta(hours=1)
    for number in range(good.serials):
        yield StockFacts(warehouse_id, good.code, 1, good.cost_minor, at, serial=serial(good, number))
    for lot in good.lots or ("",):
        if good.stock:
            yield StockFacts(warehouse_id, good.code, good.stock, good.stock * good.cost_minor, at, lot=lot)


def serial(good: Good, number: int) -> str:
    return f"{good.code[:2]}26{number + 1:06d}"
