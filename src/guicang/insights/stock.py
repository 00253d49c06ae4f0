"""Goods as the desk shows them: levels per place, and the moves behind one SKU."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from guicang.catalog.models import Sku
from guicang.catalog.queries import best_before
from guicang.inventory.models import Location, StockLevel, StockMove, ValuePool
from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.org import queries as org

PAGE = 50


class Level(NamedTuple):
    sku_id: UUID
    code: str
    name: str
    variant: str
    unit: str
    warehouse: str
    place: str
    lot: str
    grade: str
    on_hand: int
    #: The last day on which its lot may be sold as it is.
    best_before: date | None = None


class Move(NamedTuple):
    occurred_at: datetime
    event: str
    quantity: int
    lot: str
    serial: str
    from_place: str
    from_grade: str
    to_place: str
    to_grade: str
    origin: str
    id: UUID


class Value(NamedTuple):
    """What a grade of a SKU is worth in the books, and how much of it there is."""

    grade: str
    quantity: int
    cost_minor: int
    provision_minor: int
    currency: str


def levels(
    scope: Scope, text: str = "", after: UUID | None = None, size: int = PAGE
) -> tuple[list[Level], UUID | None]:
    """Real stock by SKU code, a page of SKUs; and the SKU to go on after, None at the end. At most 6 statements."""
    skus = _asked(scope, text)
    last = Sku.objects.filter(id=after).values_list("code", "company_id").first() if after else None
    if last:  # two companies may use one code
        skus = skus.filter(code__gte=last[0]).exclude(code=last[0], company_id__lte=last[1])
    found = list(skus.order_by("code", "company_id")[: size + 1])
    page = {sku.id: sku for sku in found[:size]}
    rows = StockLevel.objects.filter(sku_id__among=list(page), virtual=False).exclude(on_hand=0)
    rows = rows.filter(**scope.filters(company_id="company_id"))
    places = _places(list(rows.values_list("location_id", flat=True)), scope)
    days = best_before({row.sku_id for row in rows if row.lot})
    shown = [
        _level(page[row.sku_id], row, *places[row.location_id])._replace(best_before=days.get((row.sku_id, row.lot)))
        for row in rows
        if row.location_id in places
    ]
    shown.sort(key=lambda level: (level.code, level.warehouse, level.place, level.grade, level.lot))
    return shown, found[size - 1].id if len(found) > size else None


def _asked(scope: Scope, text: str) -> QuerySet[Sku]:
    skus = Sku.objects.filter(**scope.exact_filters(company_id="company_id"))
    typed = text.strip()
    return skus.filter(Q(code__icontains=typed) | Q(name__icontains=typed)) if typed else skus


def count(scope: Scope, text: str, most: int) -> int:
    """How many levels are not empty, counted up to `most`; 1 statement."""
    rows = StockLevel.objects.filter(virtual=False, **scope.filters(company_id="company_id")).exclude(on_hand=0)
    return rows.filter(sku_id__in=_asked(scope, text).values("id")).order_by()[:most].count()


def _level(sku: Sku, row: StockLevel, warehouse: str, place: str) -> Level:
    return Level(sku.id, sku.code, sku.name, sku.variant, sku.unit, warehouse, place, row.lot, row.grade, row.on_hand)


def _places(ids: Sequence[UUID], scope: Scope) -> dict[UUID, tuple[str, str]]:
    """(warehouse, kind of place) by location, of the scope's warehouses."""
    rows = Location.objects.filter(id__among=sorted(set(ids))).filter(**scope.filters(warehouse_id="warehouse_id"))
    found = {row[0]: (row[1], row[2]) for row in rows.values_list("id", "warehouse_id", "kind")}
    names = org.warehouses({warehouse for warehouse, _ in found.values()})
    return {key: (names[warehouse].name, kind) for key, (warehouse, kind) in found.items() if warehouse in names}


def _seen(rows: QuerySet[StockMove], scope: Scope) -> QuerySet[StockMove]:
    """Of these moves those from or to a place of the scope's warehouse; all of them where it is not bound to one."""
    bound = scope.filters(warehouse_id="warehouse_id")
    if not bound:
        return rows
    places = list(Location.objects.filter(**bound).values_list("id", flat=True))
    return rows.filter(Q(from_location_id__among=places) | Q(to_location_id__among=places))


def moves(
    sku_id: UUID, scope: Scope, size: int = 200, after: UUID | None = None
) -> tuple[Sku, list[Move], list[Value]] | None:
    """A SKU, its latest moves that touch a warehouse of `scope` (those that follow `after`), and what its grades are
    worth; None where `scope` holds no such SKU. At most 7 statements.
    """
    sku = Sku.objects.filter(id=sku_id, **scope.filters(company_id="company_id")).first()
    if sku is None:
        return None
    found = _seen(StockMove.objects.filter(sku_id=sku_id), scope)
    last = found.filter(id=after).values_list("occurred_at", "id").first() if after else None
    if last:
        found = found.filter(Q(occurred_at__lt=last[0]) | Q(occurred_at=last[0], id__lt=last[1]))
    rows = list(found.order_by("-occurred_at", "-id")[:size])
    used = {key for row in rows for key in (row.from_location_id, row.to_location_id)}
    places = _places(sorted(used), scope)
    currency = org.companies([sku.company_id])[sku.company_id].currency if sku.company_id != NIL else ""
    shown = [
        Move(
            row.occurred_at,
            row.event,
            row.quantity,
            row.lot,
            row.serial,
            places.get(row.from_location_id, ("", ""))[1],
            row.from_grade,
            places.get(row.to_location_id, ("", ""))[1],
            row.to_grade,
            row.origin,
            row.id,
        )
        for row in rows
    ]
    pools = ValuePool.objects.filter(sku_id=sku_id).order_by("grade")
    return sku, shown, [Value(p.grade, p.quantity, p.cost_minor, p.provision_minor, currency) for p in pools]
