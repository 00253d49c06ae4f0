"""Tells SQLite what shape the tables have once years are in them, from the first row on.

Without figures SQLite takes every equality for selective, and reads all returns of a shop to find one by its number.
Its own ANALYZE would have to be run again as tables grow, and connections that are open never see the result; so the
figures are stated (https://sqlite.org/optoverview.html, "manual control of query plans"): plans are the same in a
test, on the first day and after ten years. ANALYZE run by hand replaces them until the next migrate.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps

#: Rows of a table, and of an index that holds only some of them.
ROWS, FEW = 1_000_000, 10_000
#: How many different values a column has; the rest have as many as rows.
DIFFERENT = {
    **dict.fromkeys(("company_id", "owner_id", "channel_id", "market_id", "currency", "year"), 2),
    **dict.fromkeys(("shop_id", "warehouse_id", "lot", "grade", "kind", "owner_kind", "carrier", "position"), 5),
    **dict.fromkeys(("state", "type", "event", "leaks", "lane", "aggregate_kind", "party_kind", "link_kind"), 10),
    "return_label": 4,
    **dict.fromkeys(("account_id", "location_id"), 100),
    **dict.fromkeys(("sku_id", "pool_id", "book_date"), 2_000),
    **dict.fromkeys(("command_id", "customer_id", "party_id"), 100_000),
}


def state(connection: Any) -> None:
    """Write the figures of every index of our tables. A few statements a table; run after migrate."""
    figures = []
    with connection.cursor() as cursor:
        for table in sorted(model._meta.db_table for model in apps.get_models() if _ours(model)):
            cursor.execute(f'PRAGMA index_list("{table}")')
            for _, name, unique, _, partial in cursor.fetchall():
                cursor.execute(f'PRAGMA index_info("{name}")')
                columns = [row[2] for row in cursor.fetchall()]
                figures.append((table, name, _figure(columns, FEW if partial else ROWS, bool(unique))))
        # Whatever it looks at, ANALYZE makes the table that the figures stand in.
        cursor.execute('ANALYZE "django_migrations"')
        cursor.execute("DELETE FROM sqlite_stat1")
        cursor.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (%s, %s, %s)", figures)
        cursor.execute("ANALYZE sqlite_schema")


def _ours(model: Any) -> bool:
    return str(model.__module__).startswith("guicang.")


def _figure(columns: list[str], rows: int, unique: bool) -> str:
    """Rows of the index, then how many share the same first column, the same first two, ..."""
    shared, found = rows, [rows]
    for column in columns:
        shared = max(1, shared // DIFFERENT.get(column, rows))
        found.append(shared)
    if unique:
        found[-1] = 1
    return " ".join(map(str, found))
