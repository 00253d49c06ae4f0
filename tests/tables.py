"""The one guarded way to empty tables whose triggers forbid DELETE and TRUNCATE.

`transactional_db` (and Django's TransactionTestCase) end through `clear`: triggers off, rows away, triggers on.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management.color import no_style
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

#: Written by migrate itself and the same for every test.
KEPT = frozenset({"django_content_type", "auth_permission"})


def clear(connection: BaseDatabaseWrapper) -> None:
    """Empty every table of a test database and leave its triggers as they were.

    Refuses any database whose name does not say that it is a test's.
    """
    from guicang.kernel import guards

    name = str(connection.settings_dict["NAME"])
    if "test" not in name:
        raise RuntimeError(f"{name} is not a test database: its rows stay")
    if not connection.introspection.table_names():
        return
    filled = _filled_tables(connection)
    if not filled:
        return
    statements = connection.ops.sql_flush(no_style(), filled, reset_sequences=False, allow_cascade=True)
    with guards.removed(connection):
        connection.ops.execute_sql_flush(statements)


def _filled_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables with at least one row, found by one statement: emptying eighty empty ones takes longer than a test."""
    names = [
        name
        for name in connection.introspection.django_table_names(only_existing=True, include_views=False)
        if name not in KEPT
    ]
    quote = connection.ops.quote_name
    probes = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quote(name)})" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(probes))
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture(autouse=True, scope="session")
def _flush_through_clear() -> Iterator[None]:
    def teardown(self: TransactionTestCase) -> None:
        for alias in self._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
            clear(connections[alias])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield
