"""The different values of an indexed column: one look into the index for each, however many rows there are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, models


def distinct(model: type[models.Model], within: str, key: UUID, column: str, limit: int = 200) -> list[str]:
    """The values of `column` where `within` is `key`, in order, without ''. 1 statement.

    Wants an index on (within, column) over the rows where the column is not ''.
    """
    table, quote = model._meta.db_table, connection.ops.quote_name
    least = (
        f"SELECT MIN({quote(column)}) AS said FROM {quote(table)} "  # noqa: S608 - names of our own models
        f"WHERE {quote(within)} = %s AND {quote(column)} <> '' AND {quote(column)} > "
    )
    text = (
        f"WITH RECURSIVE found(said) AS ({least} '' UNION ALL SELECT ({least} found.said) FROM found "  # noqa: S608
        f"WHERE found.said IS NOT NULL) SELECT said FROM found WHERE said IS NOT NULL LIMIT {int(limit)}"
    )
    owner: Any = key if connection.vendor == "postgresql" else key.hex
    with connection.cursor() as cursor:
        cursor.execute(text, [owner, owner])
        return [str(row[0]) for row in cursor.fetchall()]
