"""Ledger rows stay: no append-only table takes UPDATE, DELETE or (PostgreSQL) TRUNCATE, however it came to be."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from guicang.accounting.models import EntryLine
from guicang.kernel import guards
from guicang.kernel.ids import new_id

ROOT = Path(__file__).resolve().parents[2]
MODELS = guards.append_only_models()
PLAIN: dict[str, Any] = {
    "BooleanField": True,
    "DateField": date(2026, 11, 3),
    "DateTimeField": datetime(2026, 11, 3, tzinfo=UTC),
    "BigIntegerField": 1,
    "IntegerField": 1,
    "SmallIntegerField": 1,
    "JSONField": {},
}


def insert(model: type[models.Model], **known: Any) -> models.Model:
    """A row that passes the checks. Its foreign keys point nowhere: they wait for a commit that never comes."""
    if model._meta.label == "accounting.Entry":
        known = {"id": new_id(), "company_id": new_id()}
        for position, minor in enumerate((1, -1)):
            columns = {"entry_id": known["id"], "company_id": known["company_id"], "position": position}
            insert(EntryLine, **columns, amount_minor=minor, book_minor=minor)
    if model._meta.label == "payments.CashMove":
        known = {"kind": "in", "reason": ""} | known
    row = model(**{field.attname: value_of(field) for field in model._meta.concrete_fields} | known)
    row.save(force_insert=True)
    return row


def value_of(field: Any) -> Any:
    """A value of the column's type that most checks let pass."""
    kind = field.target_field.get_internal_type() if field.is_relation else field.get_internal_type()
    if kind == "UUIDField":
        return new_id()
    if type(field).__name__ == "ExactDecimalField":
        return Decimal(1)
    return PLAIN.get(kind, "x")


def unguarded() -> list[str]:
    """What the tables let happen and should not: '<table> took <event>'."""
    found = []
    for model in MODELS:
        table = connection.ops.quote_name(model._meta.db_table)
        with transaction.atomic():
            if connection.vendor == "postgresql" and not _refused(f"TRUNCATE {table} CASCADE"):
                found.append(f"{model._meta.db_table} took TRUNCATE")
            key = insert(model).pk
            where = f"WHERE id = '{key if connection.vendor == 'postgresql' else key.hex}'"
            for event, sql in _changes(table, where):
                if not _refused(sql):
                    found.append(f"{model._meta.db_table} took {event}")
            transaction.set_rollback(True)
    return found


def _changes(table: str, where: str) -> list[tuple[str, str]]:
    """Every way to change or remove a row that is there, the roundabout ones too."""
    again = f"INTO {table} SELECT * FROM {table} {where}"
    changes = [
        ("UPDATE", f"UPDATE {table} SET id = id {where}"),
        ("DELETE", f"DELETE FROM {table} {where}"),
        ("UPSERT", f"INSERT {again} ON CONFLICT (id) DO UPDATE SET id = excluded.id"),
    ]
    if connection.vendor == "sqlite":
        changes += [
            ("REPLACE", f"INSERT OR REPLACE {again}"),
            ("UPDATE OR REPLACE", f"UPDATE OR REPLACE {table} SET id = id {where}"),
        ]
    return changes


def _refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except IntegrityError as refusal:
        return "append-only" in str(refusal)
    return False


def test_the_catalogue_names_every_ledger() -> None:
    names = {model._meta.label for model in MODELS}
    assert {
        "accounting.Entry",
        "accounting.EntryLine",
        "audit.AuditRow",
        "inventory.StockMove",
        "inventory.StockValue",
        "returns.Receipt",
        "returns.Inspection",
        "returns.Settlement",
        "returns.SettlementLine",
        "sales.Payment",
    } <= names


def test_no_append_only_table_takes_a_change(db: None) -> None:
    assert guards.missing(connection) == []
    assert unguarded() == []


def test_an_unguarded_table_is_told(db: None) -> None:
    with guards.removed(connection):
        assert len(guards.missing(connection)) == len(guards.triggers(connection.vendor))
        ways = len(_changes("x", "")) + (connection.vendor == "postgresql")
        assert len(unguarded()) == len(MODELS) * ways


@pytest.mark.parametrize("change", ["zero_and_back", "new_columns"])
def test_guards_outlive_a_change_of_the_schema(change: str, tmp_path: Path) -> None:
    """In a database and a process of its own: the suite's tables stay as they are."""
    environment = {**os.environ, "GUICANG_HOME": str(tmp_path)}
    environment.pop("GUICANG_DATABASE_URL", None)
    if os.environ["GUICANG_TEST_ENGINE"] == "postgresql":
        environment["GUICANG_DATABASE_URL"] = _new_database(f"append_only_{change}_{os.getpid()}")
    script = f"import django; django.setup(); from tests.architecture import test_append_only as t; t.{change}()"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]


def _new_database(name: str) -> str:
    import psycopg

    base = os.environ["GUICANG_TEST_PG_URL"]
    with psycopg.connect(base, autocommit=True) as server:
        server.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return base.replace("/postgres?", f"/{name}?")


def zero_and_back() -> None:
    """Unapply every migration of ours and apply them again. Runs in the child process."""
    migrate()
    labels = {model._meta.app_label for model in guards.append_only_models()}
    for label in sorted(labels):
        call_command("migrate", label, "zero", interactive=False, verbosity=0)
    left = {model._meta.db_table for model in MODELS} & set(connection.introspection.table_names())
    assert not left, left
    migrate()
    proven()


def new_columns() -> None:
    """Add a column to every append-only table, which rebuilds it on SQLite. Runs in the child process."""
    migrate()
    sealed = [model for model in MODELS if model._meta.label in ("accounting.Entry", "accounting.EntryLine")]
    for model in MODELS:
        if model not in sealed:
            _add_column(model)
    lost = guards.missing(connection)
    assert bool(lost) == (connection.vendor == "sqlite"), lost
    # SQLite cannot rebuild a table that another table's trigger names; migrate takes the triggers off before.
    guards.remove(connection)
    for model in sealed:
        _add_column(model)
    migrate()
    proven()


def _add_column(model: type[models.Model]) -> None:
    column: models.Field[Any, Any] = models.IntegerField(null=True, default=1)
    column.set_attributes_from_name("synthetic")
    with connection.schema_editor() as editor:
        editor.add_field(model, column)


def migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def proven() -> None:
    assert guards.missing(connection) == []
    assert (found := unguarded()) == [], found
