"""Reading the goods ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q, Sum

from guicang.catalog.models import Sku
from guicang.inventory import rules
from guicang.inventory.models import GRADE_A, Grade, Location, LocationKind, StockLevel, StockValue, ValuePool
from guicang.kernel.ids import derived_id
from guicang.kernel.setwrites import chunks

#: Where a cost comes from (`StockValue.cost_source`); anything but the first three is an estimate and listed.
STATED, AVERAGE, FIFO, STANDARD, ZERO = "stated", "average", "fifo", "standard", "zero"


class Place(NamedTuple):
    """What never changes about a location."""

    company_id: UUID
    virtual: bool


def grades_of(company_ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    """Codes of the grades of each company; 1 statement."""
    found: dict[UUID, set[str]] = {key: set() for key in company_ids}
    for company_id, code in Grade.objects.filter(company_id__among=sorted(found)).values_list("company_id", "code"):
        found[company_id].add(code)
    return found


class LevelRow(NamedTuple):
    sku_id: UUID
    lot: str
    grade: str
    owner_id: UUID
    location_id: UUID
    on_hand: int
    weight_g: int


class LocationTotal(NamedTuple):
    location_id: UUID
    warehouse_id: UUID
    kind: str
    code: str
    virtual: bool
    skus: int
    on_hand: int


class PoolTotal(NamedTuple):
    """Book minor units; stock in the balance sheet is cost less provision."""

    quantity: int
    cost_minor: int
    provision_minor: int

    @property
    def carrying_minor(self) -> int:
        return self.cost_minor - self.provision_minor


class CostSource(NamedTuple):
    kind: str
    cost_source: str
    rows: int
    quantity: int
    cost_minor: int


@dataclass(frozen=True, slots=True)
class FallbackCost:
    """What units cost where the issue they come back from is not known."""

    source: str
    cost_minor: int = 0
    of_quantity: int = 1

    def of(self, quantity: int) -> int:
        """Book minor units for `quantity` units together, half up."""
        return rules.price(self.cost_minor, self.of_quantity, quantity)


# Locations never change, and the ids of the standard ones follow from their warehouse and kind:
# what a transaction that was rolled back left here is right again when they are made anew.
_places: dict[UUID, Place] = {}
_standard: dict[UUID, dict[LocationKind, UUID]] = {}


def location_id(warehouse_id: UUID, kind: LocationKind) -> UUID:
    """The id of a warehouse's standard place of a kind, whether it was made yet or not."""
    return derived_id("location", warehouse_id, kind.value)


def places(warehouse_ids: Iterable[UUID]) -> dict[UUID, dict[LocationKind, UUID]]:
    """Standard places per warehouse; at most 1 statement for 1,000 warehouses, none once they are known.

    Raises ValueError for a warehouse whose places `ensure_locations` has not made.
    """
    wanted = set(warehouse_ids)
    for batch in chunks(wanted - _standard.keys()):
        rows = Location.objects.filter(warehouse_id__among=batch).values_list("warehouse_id", "kind", "code", "id")
        found: dict[UUID, dict[LocationKind, UUID]] = {}
        for warehouse, kind, code, place in rows:
            if kind == code:
                found.setdefault(warehouse, {})[LocationKind(kind)] = place
        whole = {warehouse: kinds for warehouse, kinds in found.items() if len(kinds) == len(LocationKind)}
        _standard.update(whole)
        if len(whole) < len(batch):
            raise ValueError(f"no places were made for warehouse {next(iter(set(batch) - whole.keys()))}")
    return {warehouse: _standard[warehouse] for warehouse in wanted}


def places_by_id(location_ids: Iterable[UUID]) -> Mapping[UUID, Place]:
    """Company and virtual flag of locations; as `places` in statements. Raises ValueError for an unknown one."""
    missing = set(location_ids) - _places.keys()
    for batch in chunks(missing):
        rows = Location.objects.filter(id__among=batch).values_list("id", "company_id", "virtual")
        _places.update({place: Place(company, virtual) for place, company, virtual in rows})
    unknown = missing - _places.keys()
    if unknown:
        raise ValueError(f"location {next(iter(unknown))} does not exist")
    return _places


def levels_by_location(
    location_ids: Iterable[UUID], *, sku_ids: Iterable[UUID] | None = None, grade: str = ""
) -> list[LevelRow]:
    """Levels other than zero in these places, by location and SKU; 1 statement. Large places: name the `sku_ids`."""
    query = StockLevel.objects.filter(location_id__among=list(location_ids)).exclude(on_hand=0, weight_g=0)
    if sku_ids is not None:
        query = query.filter(sku_id__among=list(sku_ids))
    if grade:
        query = query.filter(grade=grade)
    rows = query.order_by("location_id", "sku_id", "lot", "grade", "owner_id").values_list(*LevelRow._fields)
    return [LevelRow(*row) for row in rows]


def stock_by_location(company_id: UUID) -> list[LocationTotal]:
    """Units and SKUs in each place of a company, empty places included. 2 statements."""
    totals = {
        row["location_id"]: (row["skus"], row["units"])
        for row in StockLevel.objects.filter(company_id=company_id)
        .exclude(on_hand=0)
        .values("location_id")
        .annotate(skus=Count("sku_id", distinct=True), units=Sum("on_hand"))
    }
    rows = Location.objects.filter(company_id=company_id).order_by("warehouse_id", "virtual", "kind", "code")
    return [
        LocationTotal(
            place.id, place.warehouse_id, place.kind, place.code, place.virtual, *totals.get(place.id, (0, 0))
        )
        for place in rows
    ]


def pool_value(company_id: UUID) -> PoolTotal:
    """All value pools of a company together. 1 statement."""
    totals = ValuePool.objects.filter(company_id=company_id).aggregate(
        quantity=Sum("quantity", default=0),
        cost=Sum("cost_minor", default=0),
        provision=Sum("provision_minor", default=0),
    )
    return PoolTotal(int(totals["quantity"]), int(totals["cost"]), int(totals["provision"]))


def costs_by_source(company_id: UUID) -> list[CostSource]:
    """How many units went in and out at a cost from which source: the estimates are listed, not hidden. 1 statement."""
    rows = (
        StockValue.objects.filter(company_id=company_id)
        .exclude(cost_source="")
        .values_list("kind", "cost_source")
        .annotate(rows=Count("id"), units=Sum("quantity"), cost=Sum("cost_minor"))
        .order_by("kind", "cost_source")
    )
    return [CostSource(kind, source, count, int(units), int(cost)) for kind, source, count, units, cost in rows]


def differences(company_id: UUID) -> list[tuple[UUID, int]]:
    """(source id, first entry less what left) of every difference that was listed, oldest first. 1 statement."""
    rows = StockValue.objects.filter(Q(company_id=company_id) & ~Q(difference_minor=0)).order_by("id")
    return list(rows.values_list("source_id", "difference_minor"))


def fallback_cost(keys: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], FallbackCost]:
    """(sku_id, owner_id) to what a unit costs there: average of the grade A pool, else standard, else zero.

    2 * ceil(n / 1000) statements at most, no lock. Price a quantity with `.of(q)`.
    """
    wanted = {derived_pool_id(sku, GRADE_A, owner): (sku, owner) for sku, owner in keys}
    found: dict[tuple[UUID, UUID], FallbackCost] = {}
    for batch in chunks(wanted):
        pools = ValuePool.objects.filter(id__among=batch, quantity__gt=0).values_list("id", "cost_minor", "quantity")
        found.update({wanted[pool]: FallbackCost(AVERAGE, cost, units) for pool, cost, units in pools})
    missing = [key for key in wanted.values() if key not in found]
    standard = standard_costs(sku for sku, _ in missing)
    return found | {key: standard[key[0]] for key in missing}


def standard_costs(sku_ids: Iterable[UUID]) -> dict[UUID, FallbackCost]:
    """Standard cost, else zero, per SKU; ceil(n / 1000) statements."""
    wanted = set(sku_ids)
    costs: dict[UUID, FallbackCost] = dict.fromkeys(wanted, FallbackCost(ZERO))
    for batch in chunks(wanted):
        rows = Sku.objects.filter(id__among=batch, standard_cost_minor__isnull=False)
        for sku, cost in rows.values_list("id", "standard_cost_minor"):
            costs[sku] = FallbackCost(STANDARD, cost or 0)
    return costs


def derived_pool_id(sku_id: UUID, grade: str, owner_id: UUID) -> UUID:
    return derived_id("pool", sku_id, grade, owner_id)
