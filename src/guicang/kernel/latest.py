"""The newest rows of each of several owners: so many of each, however many there are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection, models

from guicang.kernel.setwrites import array, element


def latest(
    model: type[models.Model], key: str, values: Iterable[UUID | str], by: str, most: int, **having: str
) -> set[UUID]:
    """Ids of the `most` rows with the highest `by` of each of the values of `key`. 1 statement.

    Reads no more rows than that along an index that begins with (key, by). `having`: columns and what they hold; a
    value of '' is nobody's, so that an index without them serves.
    """
    quote, table = connection.ops.quote_name, connection.ops.quote_name(model._meta.db_table)
    field: Any = model._meta.get_field(key)
    wanted, text = sorted(set(values)), not isinstance(field, models.UUIDField)
    if not wanted:
        return set()
    asked = "".join(f" AND one.{quote(column)} = %s" for column in having)
    asked += f" AND one.{quote(key)} <> ''" if text else ""
    newest = (
        f"SELECT one.id FROM {table} AS one WHERE one.{quote(key)} = wanted.value{asked} "  # noqa: S608 - own names
        f"ORDER BY one.{quote(by)} DESC LIMIT {int(most)}"
    )
    if connection.vendor == "postgresql":
        source = f"unnest(%s::{'text' if text else 'uuid'}[]) AS wanted(value)"
        sql = f"SELECT found.id FROM {source} CROSS JOIN LATERAL ({newest}) AS found"  # noqa: S608
        parameters: list[Any] = [array(map(element(field), wanted))]
    else:
        # No LATERAL there; the order of a CROSS JOIN is the order in which it reads.
        sql = f"SELECT found.id FROM json_each(%s) AS wanted CROSS JOIN {table} AS found ON found.id IN ({newest})"  # noqa: S608
        parameters = [json.dumps([value.hex if isinstance(value, UUID) else value for value in wanted])]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, *having.values()])
        return {key if isinstance(key, UUID) else UUID(key) for (key,) in cursor.fetchall()}
