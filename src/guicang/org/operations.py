"""Making and keeping masters. Each `ensure_*` answers the row with that code, made where there is none.

A row that is there stays as it is; every row made, changed or archived is audited. Runs in the caller's transaction;
1 statement where the row is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.clock import zone_known
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.numbers import Form, form_of, range_id, shape
from guicang.kernel.refusal import Refusal, Refused
from guicang.org import errors
from guicang.org.facts import EDITABLE, NUMBERED, UNSAID
from guicang.org.models import Channel, Company, Drawer, Market, Master, Ownership, Shop, Warehouse

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


def ensure_drawer(context: Context, *, code: str, name: str, shop: Shop) -> Drawer:
    return _ensure(context, Drawer, code, {"name": name, "shop": shop}, shop.company_id)


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


MODELS: dict[str, type[Master]] = {
    "company": Company,
    "shop": Shop,
    "warehouse": Warehouse,
    "drawer": Drawer,
    "market": Market,
    "channel": Channel,
}
_CODE = re.compile(r"[\w.-]{1,40}")
_CURRENCY = re.compile(r"[A-Z]{3}")


def check_new(context: Context, kind: str, code: str, facts: Mapping[str, str]) -> None:
    """Before a master is made by hand. 1 statement. Raises Refused with all findings."""
    refusals = _wrong(kind, facts)
    if not _CODE.fullmatch(code):
        refusals.append(errors.CodeBad())
    elif MODELS[kind]._default_manager.filter(code=code).exists():
        refusals.append(errors.CodeTaken(code=code))
    if "currency" in facts and not _CURRENCY.fullmatch(facts["currency"]):
        refusals.append(errors.CurrencyUnknown())
    if kind in ("company", "market", "channel") and context.actor.scope.company_id != NIL:
        refusals.append(errors.OfTheGroup())
    if refusals:
        raise Refused(refusals)


def change(context: Context, kind: str, master_id: UUID, facts: Mapping[str, str]) -> None:
    """Change what `facts.EDITABLE` lets change; about 7 statements, 2 where nothing differs.

    Locks the row. Raises Refused: NoSuchMaster, OfTheGroup, NameBad, ZoneUnknown, TooLong.
    """
    row = _locked(context, kind, master_id)
    wanted = {name: value.strip() for name, value in facts.items() if name in EDITABLE[kind]}
    if refusals := _wrong(kind, wanted):
        raise Refused(refusals)
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if not changed:
        return
    before = {name: _said(name, getattr(row, name)) for name in changed}
    MODELS[kind]._default_manager.filter(id=row.id).update(**changed)
    after = {name: _said(name, value) for name, value in changed.items()}
    record(context, [AuditEntry(_company_of(row), kind, row.id, "change", before, after)])


def set_archived(context: Context, kind: str, master_id: UUID, archived: bool) -> None:
    """Take a master out of every choice, or bring it back; what refers to it stays. About 8 statements.

    Raises Refused: NoSuchMaster, OfTheGroup, StillUsed by what is not archived, BelongsToArchived.
    """
    row = _locked(context, kind, master_id)
    if (row.archived_at is not None) == archived:
        return
    if archived and (users := _users(kind, row.id)):
        raise Refused([errors.StillUsed(names=", ".join(users))])
    if not archived and (above := _archived_above(row)):
        raise Refused([errors.BelongsToArchived(name=above)])
    MODELS[kind]._default_manager.filter(id=row.id).update(archived_at=context.now if archived else None)
    before, after = {"archived": not archived}, {"archived": archived}
    record(context, [AuditEntry(_company_of(row), kind, row.id, "archive" if archived else "restore", before, after)])


def _locked(context: Context, kind: str, master_id: UUID) -> Master:
    row = MODELS[kind]._default_manager.select_for_update().filter(id=master_id).first()
    bound = context.actor.scope.company_id
    if row is None or (NIL not in (bound, _company_of(row)) and bound != _company_of(row)):
        raise Refused([errors.NoSuchMaster()])
    if bound != NIL and _company_of(row) == NIL:
        raise Refused([errors.OfTheGroup()])
    return row


def _company_of(row: Master) -> UUID:
    if isinstance(row, Company):
        return row.id
    if isinstance(row, Drawer):
        return row.shop.company_id
    return row.company_id if isinstance(row, Shop | Warehouse) else NIL


def _wrong(kind: str, facts: Mapping[str, str]) -> list[Refusal]:
    refusals: list[Refusal] = []
    for name, value in facts.items():
        longest: int = getattr(MODELS[kind]._meta.get_field(name), "max_length", 0) or 0
        if name == "name" and not 1 <= len(value) <= longest:
            refusals.append(errors.NameBad())
        elif name == "zone" and not zone_known(value):
            refusals.append(errors.ZoneUnknown(zone=value))
        elif len(value) > longest:
            refusals.append(errors.TooLong(column=name, longest=longest))
    return refusals


def _users(kind: str, master_id: UUID) -> list[str]:
    """Names of a few masters, not archived, that stand on this one."""
    used: dict[str, list[type[Master]]] = {"company": [Shop, Warehouse], "shop": [Drawer]}
    used |= {"market": [Shop], "channel": [Shop]}
    names: list[str] = []
    for model in used.get(kind, []):
        rows = model._default_manager.filter(**{f"{kind}_id": master_id, "archived_at": None})
        names += rows.order_by("code").values_list("name", flat=True)[:5]
    return names


def _archived_above(row: Master) -> str:
    if isinstance(row, Drawer):
        return row.shop.name if row.shop.archived_at is not None else ""
    if not isinstance(row, Shop | Warehouse):
        return ""
    above: list[Master] = [row.company]
    if isinstance(row, Shop):
        above += [row.market, row.channel]
    return next((one.name for one in above if one.archived_at is not None), "")


def _said(name: str, value: str) -> str:
    return ("given" if value else "") if name in UNSAID else value


#: Letters, since the year follows at once: two forms never write the same number.
_PREFIX = re.compile(r"[A-Z][A-Z-]{0,9}")
_WIDTHS = range(4, 13)


def set_number_form(context: Context, company_id: UUID, document: str, year: int, form: Form) -> None:
    """Say how the numbers of a range are written, before its first one is given. About 12 statements.

    Later years are written so too until somebody says otherwise. Raises Refused with all findings, or RangeBegun.
    """
    bound = context.actor.scope.company_id
    if bound not in (NIL, company_id) or document not in NUMBERED or not Company.objects.filter(id=company_id).exists():
        raise Refused([errors.NoSuchMaster()])
    refusals: list[Refusal] = []
    if year not in (context.now.year, context.now.year + 1):
        refusals.append(errors.RangeYearBad())
    if not _PREFIX.fullmatch(form.prefix):
        refusals.append(errors.PrefixBad())
    if form.width not in _WIDTHS:
        refusals.append(errors.WidthBad())
    if refusals:
        raise Refused(refusals)
    key = (company_id, document, year)
    before = form_of(key, NUMBERED[document])
    if not shape(key, form, NUMBERED[document]):
        raise Refused([errors.RangeBegun(year=year)])
    after = {name: value for name, value in form._asdict().items() if value != getattr(before, name)}
    if after:
        said = {name: getattr(before, name) for name in after}
        record(context, [AuditEntry(company_id, "number_range", range_id(key), "change", said, after)])


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
