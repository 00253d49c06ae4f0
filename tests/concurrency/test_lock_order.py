"""Rows are locked in one order everywhere, or two steps that share rows wait for each other for ever.

The statements of every step that the demo company takes are looked at: the first lock of each table must not come
after that of a table which stands behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from guicang.integrations import demo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

#: The order. An order stands for its lines and comes before them.
ORDER = (
    "kernel_command",
    "org_company",
    "sales_order",
    "sales_orderline",
    "sales_shipmentline",
    "returns_return",
    "returns_returnline",
    "payments_till",
    "payments_shift",
    "sales_invoice",
    "sales_invoiceline",
    "sales_tender",
    "logistics_parcel",
    "catalog_serial",
    "inventory_stocklevel",
    "inventory_valuepool",
    "inventory_costlayer",
    "kernel_numberrange",
    "audit_audithead",
)
#: Out of order, but no cycle: (then, after). Whoever shares the period (the company's row) waits for one who closes
#: it, who wants nothing but the trail; tenders and invoice lines are locked under their order's lock.
HARMLESS = {
    *(("org_company", after) for after in ORDER[2:15]),
    ("sales_shipmentline", "sales_tender"),
    ("returns_return", "sales_tender"),
    ("returns_returnline", "sales_tender"),
    ("payments_till", "sales_tender"),
    ("payments_shift", "sales_tender"),
    ("sales_invoiceline", "sales_tender"),
}
#: What is granted at once was inserted by the same command: it is nobody else's yet. Of that command alone.
OWN = {("returns_return", "kernel_numberrange"), ("returns_returnline", "kernel_numberrange")}
LOCKS = re.compile(r"FOR (?:NO KEY )?UPDATE|FOR SHARE")
CHANGED = re.compile(r'(?:UPDATE|DELETE FROM|INSERT INTO) "?(\w+)')
NAME = re.compile(r"\b[a-z]+\.[a-z_]+\b")
READ = re.compile(r'FROM "?(\w+)')


class Watch:
    """Notes, by command, which table was locked after which that stands behind it."""

    def __init__(self) -> None:
        self.command, self.locked = "", [""]
        self.found: dict[tuple[str, str], set[str]] = {}
        self.commands: set[str] = set()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        changed = CHANGED.match(sql.lstrip())
        table = changed.group(1) if changed else None
        if LOCKS.search(sql) and (read := READ.search(sql)):
            table = read.group(1)
        if table == "kernel_command" and changed:
            # However the row is handed to the driver, its name is the one word with a dot in it.
            name = NAME.search(str(params))
            self.command = name.group() if name else ""
            self.commands.add(self.command)
            self.locked = []
        # A row that is inserted is nobody else's before the commit; only running balances are upserted.
        if table in ORDER and not (changed and sql.lstrip().startswith("INSERT")):
            self.note(table)
        return execute(sql, params, many, context)

    def note(self, table: str) -> None:
        if table in self.locked:
            return
        for before in self.locked:
            if before and ORDER.index(before) > ORDER.index(table):
                self.found.setdefault((table, before), set()).add(self.command)
        self.locked.append(table)


def test_every_step_locks_in_the_one_order(transactional_db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    watch = Watch()
    with connection.execute_wrapper(watch):
        demo.load(datetime(2026, 11, 3, 8, tzinfo=UTC))
    assert {"returns.request", "returns.settle", "returns.expire", "trade.record_orders"} <= watch.commands
    found = {pair: steps - ({"returns.request"} if pair in OWN else set()) for pair, steps in watch.found.items()}
    wrong = {pair: sorted(steps) for pair, steps in found.items() if steps and pair not in HARMLESS}
    assert not wrong, f"(locked, after what stands behind it): steps {wrong}"
