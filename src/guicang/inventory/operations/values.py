"""What the goods are worth: value rows that only grow, and the pools and layers they add up to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from guicang.inventory import queries, rules
from guicang.inventory.models import UNINSPECTED, CostLayer, StockValue, ValuePool
from guicang.inventory.operations import balances
from guicang.kernel import commands, setwrites
from guicang.kernel.compiled import compiled
from guicang.kernel.ids import NIL, new_id
from guicang.org.models import Company

Kind = Literal["receive", "issue", "write_down", "scrap", "leave", "adjust"]
PoolKey = tuple[UUID, str, UUID]  # sku, grade, owner


@dataclass(slots=True, eq=False, kw_only=True)
class ValueChange:
    """One change of the pool SKU x grade x owner, in minor units of the company's book currency.

    receive     `quantity` units in at `amount_minor`; `cost_source` says where that comes from
    issue       `quantity` units out at the average or the oldest layers
    leave       the same for an opposite or re-disposing move; with `first_entry_minor` (what the units
                were carried at when they came in: cost less write-down) the difference is a row of its own
    write_down  `amount_minor` off: directly or into the provision, as the company chose
    scrap       `quantity` units in at `amount_minor` and out again: nothing of them stays in the pool
    adjust      `amount_minor` (signed) without a quantity
    """

    kind: Kind
    company_id: UUID
    owner_id: UUID
    sku_id: UUID
    grade: str
    source_kind: str
    source_id: UUID
    occurred_at: datetime
    book_date: date
    quantity: int = 0
    amount_minor: int = 0
    cost_source: str = ""
    first_entry_minor: int | None = None
    move_id: UUID = NIL


class ValueResult(NamedTuple):
    """What the pool changed by, as magnitudes: what the caller posts to stock and provision.

    cost_minor        in (receive, scrap), out (issue, leave), lowered by (write_down), signed (adjust)
    provision_minor   out (issue, leave), raised by (write_down)
    cost_source       where the cost comes from: stated, average, fifo, standard, zero
    difference_minor  leave: first entry less what left (cost less provision); adjust: what the pool did not take
    short_quantity    units the pool did not have (the places had them: they came in without a cost)
    short_cost_minor  what those would have cost: at the average of what it had, else standard, else zero.
                      NOT in cost_minor, since no pool carried it
    """

    cost_minor: int
    provision_minor: int = 0
    cost_source: str = ""
    difference_minor: int = 0
    short_quantity: int = 0
    short_cost_minor: int = 0


def value(context: commands.Context, changes: Sequence[ValueChange]) -> list[ValueResult]:
    """Apply `changes` strictly in their order; one result each.

    Statements for n changes: 1 for the companies, pools read and locked as `balances.lock`, FIFO
    layers ceil(pools/1000) to read and as many to write, ceil(rows/1000) to insert (a change makes up
    to 3 rows), ceil(pools/1000) to update; with shortages ceil(n/1000) for standard costs.
    Raises ValueError (a fault of the caller) for uninspected goods, a pool of another company, an
    unknown company, or a write-down of more than the pool is carried at.
    """
    if not changes:
        return []
    sheet = _open(changes, context.stamps)
    for change in changes:
        sheet.results.append(_APPLY[change.kind](sheet, change, sheet.accounts[_key(change)]))
    _price_shortages(sheet)
    setwrites.insert(StockValue, sheet.rows)
    _write_layers(sheet)
    _write_pools(sheet)
    return sheet.results


class _Account(NamedTuple):
    id: UUID
    pool: rules.Pool
    through_provision: bool


class _Shortage(NamedTuple):
    place: int
    change: ValueChange
    taken: rules.Taken
    missing: int


@dataclass(slots=True)
class _Sheet:
    """The work in memory between reading the pools and writing them back."""

    stamps: Mapping[str, Any]
    accounts: dict[PoolKey, _Account]
    before: dict[UUID, tuple[int, int, int]]
    layers: list[tuple[rules.Layer, int, int]]  # with quantity and cost as they were read
    new_layers: list[tuple[UUID, UUID, rules.Layer]] = field(default_factory=list)  # pool, value row, layer
    rows: list[dict[str, Any]] = field(default_factory=list)
    shortages: list[_Shortage] = field(default_factory=list)
    results: list[ValueResult] = field(default_factory=list)

    def write(
        self,
        change: ValueChange,
        kind: str,
        quantity: int = 0,
        cost: int = 0,
        provision: int = 0,
        *,
        difference: int = 0,
        source: str = "",
    ) -> UUID:
        row_id = new_id()
        self.rows.append(
            {
                "id": row_id,
                "company_id": change.company_id,
                "owner_id": change.owner_id,
                "pool_id": self.accounts[_key(change)].id,
                "sku_id": change.sku_id,
                "grade": change.grade,
                "kind": kind,
                "quantity": quantity,
                "cost_minor": cost,
                "provision_minor": provision,
                "difference_minor": difference,
                "cost_source": source,
                "move_id": change.move_id,
                "source_kind": change.source_kind,
                "source_id": change.source_id,
                "occurred_at": change.occurred_at,
                "book_date": change.book_date,
                **self.stamps,
            }
        )
        return row_id


def _key(change: ValueChange) -> PoolKey:
    return (change.sku_id, change.grade, change.owner_id)


def _open(changes: Sequence[ValueChange], stamps: Mapping[str, Any]) -> _Sheet:
    company_of = {_key(change): change.company_id for change in changes}
    ids = {queries.derived_pool_id(*key): key for key in company_of}
    choices = _company_choices(set(company_of.values()))

    def make(missing: Sequence[UUID]) -> list[dict[str, Any]]:
        rows = []
        for pool_id in missing:
            sku, grade, owner = key = ids[pool_id]
            if grade == UNINSPECTED:
                raise ValueError("uninspected goods have no value pool")
            rows.append(
                {"id": pool_id, "company_id": company_of[key], "owner_id": owner, "sku_id": sku, "grade": grade}
            )
        return rows

    columns = ["company_id", "quantity", "cost_minor", "provision_minor"]
    found = balances.lock(ValuePool, ids.keys(), columns, make)
    sheet = _Sheet(stamps, {}, {}, [])
    for pool_id, (company_id, quantity, cost, provision) in found.items():
        if company_id != company_of[ids[pool_id]]:
            raise ValueError(f"pool {pool_id} belongs to company {company_id}")
        fifo, through_provision = choices[company_id]
        pool = rules.Pool(quantity, cost, provision, deque() if fifo else None)
        sheet.accounts[ids[pool_id]] = _Account(pool_id, pool, through_provision)
        sheet.before[pool_id] = (pool.quantity, pool.cost_minor, pool.provision_minor)
    _read_layers(sheet)
    return sheet


_choices = compiled(lambda ids: Company.objects.filter(id__among=ids).values_list("id", "cost_method", "write_down"))


def _company_choices(company_ids: set[UUID]) -> dict[UUID, tuple[bool, bool]]:
    choices = {company: (method == "fifo", down == "provision") for company, method, down in _choices(company_ids)}
    if len(choices) < len(company_ids):
        raise ValueError(f"company {next(iter(company_ids - choices.keys()))} does not exist")
    return choices


def _read_layers(sheet: _Sheet) -> None:
    layered = {account.id: account.pool for account in sheet.accounts.values() if account.pool.layers is not None}
    for batch in setwrites.chunks(layered):
        # The pools are locked: nobody else touches their layers.
        rows = CostLayer.objects.filter(pool_id__among=batch, quantity__gt=0).order_by("id")
        for layer_id, pool_id, quantity, cost in rows.values_list("id", "pool_id", "quantity", "cost_minor"):
            layer = rules.Layer(layer_id, quantity, cost)
            layers = layered[pool_id].layers
            if layers is not None:
                layers.append(layer)
            sheet.layers.append((layer, quantity, cost))


def _receive(sheet: _Sheet, change: ValueChange, account: _Account) -> ValueResult:
    source = change.cost_source or queries.STATED
    layer = rules.receive(account.pool, change.quantity, change.amount_minor, new_id())
    row_id = sheet.write(change, "receive", change.quantity, change.amount_minor, source=source)
    if layer is not None:
        sheet.new_layers.append((account.id, row_id, layer))
    return ValueResult(change.amount_minor, cost_source=source)


def _take(sheet: _Sheet, change: ValueChange, account: _Account) -> ValueResult:
    taken = rules.take(account.pool, change.quantity)
    source = queries.AVERAGE if account.pool.layers is None else queries.FIFO
    if taken.quantity:
        sheet.write(change, change.kind, -taken.quantity, -taken.cost_minor, -taken.provision_minor, source=source)
    missing = change.quantity - taken.quantity
    if missing:
        sheet.shortages.append(_Shortage(len(sheet.results), change, taken, missing))
    return ValueResult(taken.cost_minor, taken.provision_minor, source, short_quantity=missing)


def _leave(sheet: _Sheet, change: ValueChange, account: _Account) -> ValueResult:
    result = _take(sheet, change, account)
    if change.first_entry_minor is None:
        return result
    difference = change.first_entry_minor - (result.cost_minor - result.provision_minor)
    if difference:
        sheet.write(change, "difference", difference=difference)
    return result._replace(difference_minor=difference)


def _write_down(sheet: _Sheet, change: ValueChange, account: _Account) -> ValueResult:
    amount = change.amount_minor
    rules.write_down(account.pool, amount, through_provision=account.through_provision)
    cost, provision = (0, amount) if account.through_provision else (amount, 0)
    if amount:
        sheet.write(change, "write_down", cost=-cost, provision=provision)
    return ValueResult(cost, provision)


def _scrap(sheet: _Sheet, change: ValueChange, account: _Account) -> ValueResult:
    # Two rows, since the cost of sales is reversed first and the loss is one of its own; but past the
    # pool: at its average these units would take the cost of others along.
    if change.quantity < 1 or change.amount_minor < 0:
        raise ValueError(f"cannot scrap {change.quantity} units at {change.amount_minor}")
    source = change.cost_source or queries.STATED
    sheet.write(change, "receive", change.quantity, change.amount_minor, source=source)
    sheet.write(change, "scrap", -change.quantity, -change.amount_minor, source=source)
    return ValueResult(change.amount_minor, cost_source=source)


def _adjust(sheet: _Sheet, change: ValueChange, account: _Account) -> ValueResult:
    took = rules.adjust(account.pool, change.amount_minor)
    rest = change.amount_minor - took
    if took or rest:
        sheet.write(change, "adjust", cost=took, difference=rest)
    return ValueResult(took, difference_minor=rest)


_APPLY: dict[Kind, Callable[[_Sheet, ValueChange, _Account], ValueResult]] = {
    "receive": _receive,
    "issue": _take,
    "leave": _leave,
    "write_down": _write_down,
    "scrap": _scrap,
    "adjust": _adjust,
}


def _price_shortages(sheet: _Sheet) -> None:
    """Say what the missing units would have cost, in a row without value, so that they are listed."""
    if not sheet.shortages:
        return
    standard = queries.standard_costs(short.change.sku_id for short in sheet.shortages if not short.taken.quantity)
    for place, change, taken, missing in sheet.shortages:
        if taken.quantity:
            source, cost = sheet.results[place].cost_source, rules.price(taken.cost_minor, taken.quantity, missing)
        else:
            fallback = standard[change.sku_id]
            source, cost = fallback.source, fallback.of(missing)
        sheet.write(change, "short", difference=cost, source=source)
        sheet.results[place] = sheet.results[place]._replace(cost_source=source, short_cost_minor=cost)


def _write_layers(sheet: _Sheet) -> None:
    # New ones last of all: a layer that came and went within the set is never written.
    setwrites.insert(
        CostLayer,
        [
            {"id": new.id, "pool_id": pool, "value_id": row, "quantity": new.quantity, "cost_minor": new.cost_minor}
            for pool, row, new in sheet.new_layers
            if new.quantity
        ],
    )
    setwrites.update(
        CostLayer,
        [
            {"id": layer.id, "quantity": layer.quantity, "cost_minor": layer.cost_minor}
            for layer, quantity, cost in sheet.layers
            if (layer.quantity, layer.cost_minor) != (quantity, cost)
        ],
        assign=["quantity", "cost_minor"],
    )


def _write_pools(sheet: _Sheet) -> None:
    rows = []
    for pool_id, pool, _ in sheet.accounts.values():
        now = (pool.quantity, pool.cost_minor, pool.provision_minor)
        if now != sheet.before[pool_id]:
            rows.append({"id": pool_id, "quantity": now[0], "cost_minor": now[1], "provision_minor": now[2]})
    setwrites.update(ValuePool, rows, assign=["quantity", "cost_minor", "provision_minor"])
