"""Reading the masters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from guicang.kernel.actor import Scope
from guicang.kernel.compiled import compiled
from guicang.kernel.setwrites import chunks
from guicang.org.models import Channel, Company, Drawer, Market, Master, Ownership, Shop, Warehouse


class CompanyInfo(NamedTuple):
    """`books_from` None: from ever."""

    id: UUID
    code: str
    name: str
    currency: str
    zone: str
    books: str
    books_from: datetime | None
    archived_at: datetime | None

    def books_at(self, instant: datetime) -> bool:
        """True where what happened at `instant` has an entry in our books."""
        return self.books == Ownership.OWNED and (self.books_from is None or instant >= self.books_from)


class ShopInfo(NamedTuple):
    id: UUID
    code: str
    name: str
    company_id: UUID
    channel_id: UUID
    market_id: UUID
    currency: str
    archived_at: datetime | None


class WarehouseInfo(NamedTuple):
    """`goods_from` None: from ever."""

    id: UUID
    code: str
    name: str
    company_id: UUID
    goods: str
    goods_from: datetime | None
    archived_at: datetime | None

    def goods_at(self, instant: datetime) -> bool:
        """True where what left at `instant` is a move in our goods ledger."""
        return self.goods == Ownership.OWNED and (self.goods_from is None or instant >= self.goods_from)


class MarketInfo(NamedTuple):
    id: UUID
    code: str
    name: str
    zone: str
    currency: str


Info = TypeVar("Info", CompanyInfo, ShopInfo, WarehouseInfo)


def in_use(found: Iterable[Info]) -> list[Info]:
    """Those that are not archived: what a form offers. A filter offers the others too, since rows name them."""
    return [one for one in found if one.archived_at is None]


_company_rows = compiled(lambda ids: Company.objects.filter(id__among=ids).values_list(*CompanyInfo._fields))
_shop_rows = compiled(lambda ids: Shop.objects.filter(id__among=ids).values_list(*ShopInfo._fields))
_warehouse_rows = compiled(lambda ids: Warehouse.objects.filter(id__among=ids).values_list(*WarehouseInfo._fields))
_market_rows = compiled(lambda ids: Market.objects.filter(id__among=ids).values_list(*MarketInfo._fields))


def companies(ids: Iterable[UUID] | None = None) -> dict[UUID, CompanyInfo]:
    """Companies by id, all where no ids are given. 1 statement a thousand."""
    if ids is None:
        return {row[0]: CompanyInfo(*row) for row in Company.objects.order_by("code").values_list(*CompanyInfo._fields)}
    found: dict[UUID, CompanyInfo] = {}
    for batch in chunks(set(ids)):
        found.update({row[0]: CompanyInfo(*row) for row in _company_rows(batch)})
    return found


def shops(ids: Iterable[UUID] | None = None) -> dict[UUID, ShopInfo]:
    """Shops by id, all where no ids are given. 1 statement a thousand."""
    if ids is None:
        return {row[0]: ShopInfo(*row) for row in Shop.objects.order_by("code").values_list(*ShopInfo._fields)}
    found: dict[UUID, ShopInfo] = {}
    for batch in chunks(set(ids)):
        found.update({row[0]: ShopInfo(*row) for row in _shop_rows(batch)})
    return found


def warehouses(ids: Iterable[UUID] | None = None) -> dict[UUID, WarehouseInfo]:
    """Warehouses by id, all where no ids are given. 1 statement a thousand."""
    if ids is None:
        rows = Warehouse.objects.order_by("code").values_list(*WarehouseInfo._fields)
        return {row[0]: WarehouseInfo(*row) for row in rows}
    found: dict[UUID, WarehouseInfo] = {}
    for batch in chunks(set(ids)):
        found.update({row[0]: WarehouseInfo(*row) for row in _warehouse_rows(batch)})
    return found


def markets(ids: Iterable[UUID] | None = None) -> dict[UUID, MarketInfo]:
    """Markets by id, all where no ids are given. 1 statement a thousand."""
    if ids is None:
        return {row[0]: MarketInfo(*row) for row in Market.objects.order_by("code").values_list(*MarketInfo._fields)}
    found: dict[UUID, MarketInfo] = {}
    for batch in chunks(set(ids)):
        found.update({row[0]: MarketInfo(*row) for row in _market_rows(batch)})
    return found


def channel_codes() -> dict[UUID, str]:
    """The codes of all channels; 1 statement."""
    return dict(Channel.objects.values_list("id", "code"))


def company_by_code(code: str) -> CompanyInfo | None:
    row = Company.objects.filter(code=code).values_list(*CompanyInfo._fields).first()
    return CompanyInfo(*row) if row else None


def shop_by_code(code: str) -> ShopInfo | None:
    row = Shop.objects.filter(code=code).values_list(*ShopInfo._fields).first()
    return ShopInfo(*row) if row else None


def warehouse_by_code(code: str) -> WarehouseInfo | None:
    row = Warehouse.objects.filter(code=code).values_list(*WarehouseInfo._fields).first()
    return WarehouseInfo(*row) if row else None


class DrawerInfo(NamedTuple):
    id: UUID
    code: str
    name: str
    shop_id: UUID
    shop: str
    company_id: UUID
    currency: str
    archived_at: datetime | None


_DRAWER = ("id", "code", "name", "shop_id", "shop__name", "shop__company_id", "shop__currency", "archived_at")


def drawers(scope: Scope, *, archived: bool = False) -> list[DrawerInfo]:
    """The cash drawers that `scope` holds, by code; those out of use only where `archived`. 1 statement."""
    rows = Drawer.objects.filter(**scope.exact_filters(company_id="shop__company_id", shop_id="shop_id"))
    rows = rows if archived else rows.filter(archived_at=None)
    return [DrawerInfo(*row) for row in rows.order_by("code").values_list(*_DRAWER)]


class MasterInfo(NamedTuple):
    """A master as settings show it. `facts`: its columns besides; `above`: name of the company, '' for none."""

    id: UUID
    code: str
    name: str
    archived_at: datetime | None
    above: str
    facts: dict[str, Any]


_KINDS: dict[str, tuple[type[Master], tuple[str, ...]]] = {
    "company": (Company, ("currency", "zone", "chart", "cost_method", "write_down", "books", "books_from")),
    "shop": (Shop, ("currency", "company__name", "channel__name", "market__name")),
    "warehouse": (Warehouse, ("company__name", "goods", "goods_from", "return_to", "return_phone", "return_address")),
    "drawer": (Drawer, ("shop__name", "shop__currency")),
    "market": (Market, ("zone", "currency")),
    "channel": (Channel, ()),
}
KINDS = tuple(_KINDS)


def masters(kind: str, scope: Scope, master_id: UUID | None = None) -> list[MasterInfo]:
    """The masters of a kind that `scope` may see, those in use first, by code; 1 statement."""
    model, columns = _KINDS[kind]
    column = {"company": "id", "shop": "company_id", "warehouse": "company_id", "drawer": "shop__company_id"}.get(kind)
    bounds = scope.filters(company_id=column) if column else {}
    rows = model._default_manager.filter(**bounds)
    rows = rows.filter(id=master_id) if master_id else rows
    found = rows.order_by("code").values("id", "code", "name", "archived_at", *columns)
    shown = [
        MasterInfo(
            row["id"],
            row["code"],
            row["name"],
            row["archived_at"],
            row.get("company__name", "") or row.get("shop__name", ""),
            {name.replace("__name", "").replace("shop__", ""): row[name] for name in columns},
        )
        for row in found
    ]
    return sorted(shown, key=lambda one: (one.archived_at is not None, one.code))


class ReturnAddress(NamedTuple):
    """`str()` of it is what stands on a parcel."""

    to: str
    phone: str
    address: str

    def __str__(self) -> str:
        return " ".join(part for part in self if part)


def return_address(warehouse_id: UUID) -> ReturnAddress | None:
    """Where customers send goods of this warehouse to; None where nobody has said. 1 statement."""
    return return_addresses([warehouse_id]).get(warehouse_id)


def return_addresses(warehouse_ids: Iterable[UUID]) -> dict[UUID, ReturnAddress]:
    """The same of several warehouses, without those of which nobody has said; 1 statement."""
    rows = Warehouse.objects.filter(id__among=sorted(set(warehouse_ids))).exclude(return_address="")
    return {
        key: ReturnAddress(*row) for key, *row in rows.values_list("id", "return_to", "return_phone", "return_address")
    }


def code_known(kind: str, code: str) -> bool:
    """True for the code of a master that is not archived; 1 statement."""
    return _KINDS[kind][0]._default_manager.filter(code=code, archived_at=None).exists()
