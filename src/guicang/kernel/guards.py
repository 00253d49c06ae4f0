"""Triggers that keep append-only tables append-only, on both engines.

Installed after every migrate and checked at start: SQLite rebuilds a table, without its
triggers, whenever one of its columns changes. Other contexts add triggers of their own
(`register`), such as the one that seals a ledger entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from guicang.kernel.models import AppendOnly


@dataclass(frozen=True, slots=True)
class Trigger:
    """`create` makes the statements for a vendor; `name` is unique in the database."""

    name: str
    table: str
    create: Callable[[str], Sequence[str]]


_registered: list[Callable[[], Sequence[Trigger]]] = []


def register(source: Callable[[], Sequence[Trigger]]) -> None:
    """Add triggers beside the append-only ones; `source` is asked after the models are loaded."""
    if source not in _registered:
        _registered.append(source)


def append_only_models() -> list[type[models.Model]]:
    found = [
        model for model in apps.get_models() if issubclass(model, AppendOnly) or getattr(model, "append_only", False)
    ]
    return sorted(found, key=lambda model: model._meta.db_table)


def triggers(vendor: str) -> list[Trigger]:
    """Every trigger this database must have."""
    wanted: list[Trigger] = []
    for model in append_only_models():
        table = model._meta.db_table
        for event in ("UPDATE", "DELETE", *(("TRUNCATE",) if vendor == "postgresql" else ())):
            wanted.append(Trigger(f"{table}_no_{event.lower()}", table, _forbid(table, event)))
    for source in _registered:
        wanted.extend(source())
    return wanted


def install(connection: Any) -> None:
    """(Re)create every trigger whose table exists."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for trigger in triggers(connection.vendor):
            if trigger.table not in tables:
                continue
            cursor.execute(_drop(connection.vendor, trigger))
            for statement in trigger.create(connection.vendor):
                cursor.execute(statement)


def remove(connection: Any) -> None:
    """Drop every trigger; only `removed` and tests that clear tables use it."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for trigger in triggers(connection.vendor):
            if trigger.table in tables:
                cursor.execute(_drop(connection.vendor, trigger))


def missing(connection: Any) -> list[str]:
    """Names of triggers that should be there and are not."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    return [trigger.name for trigger in triggers(connection.vendor) if trigger.name not in present]


@contextmanager
def removed(connection: Any) -> Iterator[None]:
    """Without triggers for a moment: for tests that clear tables or plant a fault."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def _drop(vendor: str, trigger: Trigger) -> str:
    on = f' ON "{trigger.table}"' if vendor == "postgresql" else ""
    return f'DROP TRIGGER IF EXISTS "{trigger.name}"{on}'


def _forbid(table: str, event: str) -> Callable[[str], Sequence[str]]:
    def create(vendor: str) -> Sequence[str]:
        name = f"{table}_no_{event.lower()}"
        words = f"{table} is append-only: {event} is forbidden"
        if vendor != "postgresql":
            return [f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" BEGIN SELECT RAISE(ABORT, \'{words}\'); END']
        return [
            "CREATE OR REPLACE FUNCTION guicang_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = "
            "TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' is forbidden'; END $$",
            f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" '
            f"FOR EACH {'STATEMENT' if event == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION guicang_append_only()",
        ]

    return create
