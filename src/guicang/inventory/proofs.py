"""Do the running balances equal the rows that caused them? One statement a question, any number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models

from guicang.inventory.models import (
    REAL,
    UNINSPECTED,
    CostLayer,
    Location,
    Reservation,
    StockLevel,
    StockMove,
    StockValue,
    ValuePool,
)
from guicang.kernel.proof import Proof
from guicang.org.models import Company, Ownership, Warehouse

#: Rows a fetch from the open cursor; only differences are fetched.
FETCH = 1000


def proofs() -> list[Proof]:
    """14 statements at most, all within the caller's snapshot."""
    return [_levels(), _reservations(), _places(), _moves(), _pools(), _layers(), _quantities()]


def _levels() -> Proof:
    """Level = what moves brought less what they took, units and grams."""
    key = "sku_id, lot, grade, owner_id, location_id"
    sql = f"""
        SELECT {key}, SUM(held), SUM(moved), SUM(held_g), SUM(moved_g) FROM (
            SELECT {key}, on_hand AS held, 0 AS moved, weight_g AS held_g, 0 AS moved_g FROM {_table(StockLevel)}
            UNION ALL
            SELECT sku_id, lot, to_grade, owner_id, to_location_id, 0, quantity, 0, weight_g FROM {_table(StockMove)}
            UNION ALL
            SELECT sku_id, lot, from_grade, owner_id, from_location_id, 0, -quantity, 0, -weight_g
            FROM {_table(StockMove)}
        ) AS t GROUP BY {key} HAVING SUM(held) <> SUM(moved) OR SUM(held_g) <> SUM(moved_g)"""  # noqa: S608
    names = ["sku_id", "lot", "grade", "owner_id", "location_id", "on_hand", "moved", "weight_g", "moved_g"]
    return _proof("stock_levels", _count(StockLevel), sql, names)


def _reservations() -> Proof:
    """What is kept of a level = its reservations, and each lies on a level."""
    sql = f"""
        SELECT id, SUM(kept), SUM(units) FROM (
            SELECT id, reserved AS kept, 0 AS units FROM {_table(StockLevel)}
            UNION ALL SELECT level_id, 0, quantity FROM {_table(Reservation)}
        ) AS t GROUP BY id HAVING SUM(kept) <> SUM(units)"""  # noqa: S608
    return _proof("stock_reservations", _count(Reservation), sql, ["level_id", "reserved", "reservations"])


def _places() -> Proof:
    """A level's virtual flag and company are its location's, and a location is virtual by its kind."""
    real = ", ".join(f"'{kind}'" for kind in sorted(REAL))
    sql = f"""
        SELECT l.id, l.location_id FROM {_table(StockLevel)} l LEFT JOIN {_table(Location)} p ON p.id = l.location_id
        WHERE p.id IS NULL OR l.virtual <> p.virtual OR l.company_id <> p.company_id
           OR p.virtual <> (p.kind NOT IN ({real}))"""  # noqa: S608
    return _proof("stock_places", _count(StockLevel), sql, ["level_id", "location_id"])


def _moves() -> Proof:
    """Both ends of a move exist and are its company's."""
    sql = f"""
        SELECT m.id, m.company_id, m.from_location_id, m.to_location_id FROM {_table(StockMove)} m
        LEFT JOIN {_table(Location)} a ON a.id = m.from_location_id
        LEFT JOIN {_table(Location)} b ON b.id = m.to_location_id
        WHERE a.id IS NULL OR b.id IS NULL OR a.company_id <> m.company_id OR b.company_id <> m.company_id"""  # noqa: S608
    names = ["move_id", "company_id", "from_location_id", "to_location_id"]
    return _proof("stock_move_places", _count(StockMove), sql, names)


def _pools() -> Proof:
    """Pool = sum of its value rows, and each row is of its pool's SKU, grade, owner and company."""
    key = "sku_id, grade, owner_id, company_id"
    sql = f"""
        SELECT pool_id, {key}, SUM(units), SUM(row_units), SUM(cost), SUM(row_cost), SUM(provision), SUM(row_provision)
        FROM (
            SELECT id AS pool_id, {key}, quantity AS units, 0 AS row_units, cost_minor AS cost, 0 AS row_cost,
                   provision_minor AS provision, 0 AS row_provision FROM {_table(ValuePool)}
            UNION ALL
            SELECT pool_id, {key}, 0, quantity, 0, cost_minor, 0, provision_minor FROM {_table(StockValue)}
        ) AS t GROUP BY pool_id, {key}
        HAVING SUM(units) <> SUM(row_units) OR SUM(cost) <> SUM(row_cost)
            OR SUM(provision) <> SUM(row_provision)"""  # noqa: S608
    names = ["pool_id", "sku_id", "grade", "owner_id", "company_id", "quantity", "rows_quantity"]
    names += ["cost_minor", "rows_cost_minor", "provision_minor", "rows_provision_minor"]
    return _proof("stock_value", _count(ValuePool), sql, names)


def _layers() -> Proof:
    """FIFO: a pool is the sum of its layers."""
    fifo = Company.objects.filter(cost_method="fifo")
    if not fifo.exists():
        return Proof("stock_layers", 0, [], applicable=False, note="no company keeps FIFO layers")
    checked = ValuePool.objects.filter(company_id__in=fifo.values("id")).count()
    sql = f"""
        SELECT p.id, p.quantity, COALESCE(SUM(l.quantity), 0), p.cost_minor, COALESCE(SUM(l.cost_minor), 0)
        FROM {_table(ValuePool)} p JOIN {_table(Company)} c ON c.id = p.company_id AND c.cost_method = 'fifo'
        LEFT JOIN {_table(CostLayer)} l ON l.pool_id = p.id GROUP BY p.id, p.quantity, p.cost_minor
        HAVING COALESCE(SUM(l.quantity), 0) <> p.quantity OR COALESCE(SUM(l.cost_minor), 0) <> p.cost_minor"""  # noqa: S608
    names = ["pool_id", "quantity", "layers_quantity", "cost_minor", "layers_cost_minor"]
    return _proof("stock_layers", checked, sql, names)


def _quantities() -> Proof:
    """Graded units in real places of owned warehouses = units in the value pools."""
    owned = Warehouse.objects.filter(goods=Ownership.OWNED).exists()
    if not owned:
        return Proof("stock_quantities", 0, [], applicable=False, note="no warehouse owns its goods")
    sql = f"""
        SELECT sku_id, grade, owner_id, SUM(held), SUM(valued) FROM (
            SELECT l.sku_id, l.grade, l.owner_id, l.on_hand AS held, 0 AS valued FROM {_table(StockLevel)} l
            JOIN {_table(Location)} p ON p.id = l.location_id
            JOIN {_table(Warehouse)} w ON w.id = p.warehouse_id AND w.goods = '{Ownership.OWNED.value}'
            WHERE NOT l.virtual AND l.grade <> '{UNINSPECTED}'
            UNION ALL
            SELECT sku_id, grade, owner_id, 0, quantity FROM {_table(ValuePool)}
        ) AS t GROUP BY sku_id, grade, owner_id HAVING SUM(held) <> SUM(valued)"""  # noqa: S608
    return _proof("stock_quantities", _count(ValuePool), sql, ["sku_id", "grade", "owner_id", "on_hand", "valued"])


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _count(model: type[models.Model]) -> int:
    return model._default_manager.count()


def _proof(name: str, checked: int, sql: str, columns: Sequence[str]) -> Proof:
    """A proof whose statement answers the differences alone."""
    proof = Proof(name, checked, [])
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(FETCH):
            for row in rows:
                proof.add(**{column: _plain(column, found) for column, found in zip(columns, row, strict=True)})
    return proof


def _plain(column: str, found: Any) -> str | int:
    """Ids alike on both engines; sums as integers (PostgreSQL adds bigints up to a numeric)."""
    if column.endswith("_id"):
        return str(UUID(str(found)))
    return found if isinstance(found, str) else int(found)
