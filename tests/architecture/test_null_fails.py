"""NULL slips through every CHECK and is distinct in every UNIQUE: so no column they compare may be NULL."""

from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from guicang.kernel import guards
from guicang.kernel.models import Command
from guicang.sales.models import OrderLine, ShipmentLine
from tests.architecture.test_append_only import value_of


def _models() -> list[type[models.Model]]:
    found = (model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("guicang."))
    return sorted(found, key=lambda model: model._meta.db_table)


def compared(model: type[models.Model]) -> set[str]:
    """Columns that the table's keys, UNIQUEs and CHECKs look at, read from the statement that makes the table."""
    editor: Any = connection.schema_editor(collect_sql=True)
    editor.deferred_sql = []
    statements = [editor.table_sql(model)[0], *map(str, editor.deferred_sql)]
    found = {str(field.column) for field in model._meta.concrete_fields if field.primary_key or field.unique}
    known = {str(field.column) for field in model._meta.concrete_fields}
    for statement in statements:
        if statement.startswith("CREATE UNIQUE INDEX"):
            found |= known & set(re.findall(r'"(\w+)"', statement))
        for start in re.finditer(r"\b(?:CHECK|UNIQUE) (?=\()", statement):
            found |= known & set(re.findall(r'"(\w+)"', _in_brackets(statement[start.end() :])))
    return found


def _in_brackets(text: str) -> str:
    """Up to the bracket that closes the first one."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[: place + 1]
    raise AssertionError(text)


def takes_null(model: type[models.Model], column: str) -> bool:
    fields = model._meta.concrete_fields
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    values: list[Any] = [
        None if field.column == column else field.get_db_prep_save(value_of(field), connection) for field in fields
    ]
    table = connection.ops.quote_name(model._meta.db_table)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
    except DatabaseError as refusal:
        return not re.search("not.null", str(refusal).lower())
    return True


def test_what_is_compared_is_never_null(db: None) -> None:
    # Without triggers: what they refuse for reasons of their own is tested beside them.
    with guards.removed(connection), transaction.atomic():
        taken = [
            f"{model._meta.db_table}.{column}"
            for model in _models()
            for column in sorted(compared(model))
            if not isinstance(model._meta.get_field("id"), models.AutoField) and takes_null(model, column)
        ]
        transaction.set_rollback(True)
    assert not taken, f"NULL is taken where a CHECK or UNIQUE compares: {taken}"


def test_the_walk_finds_what_is_compared(db: None) -> None:
    assert {"id", "scope", "key"} <= compared(Command)
    assert {"order_id", "line_key", "ordered", "cancelled", "shipped", "credited_minor"} <= compared(OrderLine)
    assert {"claimed", "shipped"} <= compared(ShipmentLine)
    assert "list_price_minor" not in compared(OrderLine)
