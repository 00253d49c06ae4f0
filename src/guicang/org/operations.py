"""Making masters. Each `ensure_*` answers the row with that code, made where there is none.

A row that is there stays as it is; every row made is audited. Runs in the caller's transaction;
1 statement where the row is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.org.models import Channel, Company, Market, Master, Ownership, Shop, Warehouse

M = TypeVar("M", bound=Master)


def ensure_company(
    context: Context,
    *,
    code: str,
    name: str,
    currency: str,
    zone: str = "Asia/Shanghai",
    chart: str = "cas",
    cost_method: str = "average",
    write_down: str = "direct",
    books: str = Ownership.OWNED,
    books_from: datetime | None = None,
) -> Company:
    """A legal entity. `currency` is that of its books; IntegrityError for a method that does not exist."""
    facts: dict[str, Any] = {"name": name, "currency": currency, "zone": zone, "chart": chart}
    facts |= {"cost_method": cost_method, "write_down": write_down, "books": books, "books_from": books_from}
    return _ensure(context, Company, code, facts, None)


def ensure_channel(context: Context, *, code: str, name: str) -> Channel:
    return _ensure(context, Channel, code, {"name": name}, NIL)


def ensure_market(context: Context, *, code: str, name: str, zone: str, currency: str) -> Market:
    return _ensure(context, Market, code, {"name": name, "zone": zone, "currency": currency}, NIL)


def ensure_shop(
    context: Context, *, code: str, name: str, company: Company, channel: Channel, market: Market, currency: str = ""
) -> Shop:
    """`currency` '' is the market's."""
    facts = {"name": name, "company": company, "channel": channel, "market": market}
    return _ensure(context, Shop, code, {**facts, "currency": currency or market.currency}, company.id)


def ensure_warehouse(
    context: Context,
    *,
    code: str,
    name: str,
    company: Company,
    goods: str = Ownership.OWNED,
    goods_from: datetime | None = None,
) -> Warehouse:
    facts = {"name": name, "company": company, "goods": goods, "goods_from": goods_from}
    return _ensure(context, Warehouse, code, facts, company.id)


def lock_company(company_id: UUID) -> None:
    """Hold the company's row, for what must be alone in a company. 1 statement; waits for postings under way."""
    list(Company.objects.select_for_update(no_key=True).filter(id=company_id).values_list("id"))


def lock_shops(shop_ids: Iterable[UUID]) -> None:
    """Hold the shops until the transaction ends: whoever makes orders of a shop does so one at a time.

    The first lock of a step that takes it. 1 statement; PostgreSQL only, SQLite has one writer.
    """
    list(
        Shop.objects.select_for_update(no_key=True)
        .filter(id__among=sorted(set(shop_ids)))
        .order_by("pk")
        .values_list("pk")
    )


def _ensure(context: Context, model: type[M], code: str, facts: dict[str, Any], company_id: UUID | None) -> M:
    row, made = model._default_manager.get_or_create(code=code, defaults=facts)
    if made:
        after = {"code": code, **{name: _plain(value) for name, value in facts.items()}}
        kind = model._meta.model_name or ""
        record(context, [AuditEntry(row.id if company_id is None else company_id, kind, row.id, "create", {}, after)])
    return row


def _plain(value: Any) -> Any:
    return value.id if isinstance(value, Master) else value
