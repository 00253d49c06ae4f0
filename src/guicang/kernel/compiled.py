"""Queries whose SQL is built once.

Django compiles a query anew at every call, which for a row or two takes longer than running it; a life of one
return reads some forty times. Only the lists of `__among` differ between two calls of the same reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from guicang.kernel.fields import Slot

Rows = list[tuple[Any, ...]]


def compiled(build: Callable[..., QuerySet[Any, Any]], *, share: bool = False) -> Callable[..., Rows]:
    """`build(*lists)` answers a `values_list` over `__among=list` look-ups; the result answers its rows as tuples.

    One statement a call. `share` takes a share lock on the rows (PostgreSQL; SQLite's writer is alone anyhow),
    which Django has no word for.
    """
    place = f"guicang.compiled.{id(build)}"

    def read(*lists: Iterable[Any]) -> Rows:
        # On the connection, since converters belong to it; every thread has its own.
        known = getattr(connection, place, None)
        if known is None:
            known = _build(build, len(lists), share)
            setattr(connection, place, known)
        sql, parameters, compiler, converters = known
        filled = [p.to_parameter(lists[p.place]) if isinstance(p, Slot) else p for p in parameters]
        with connection.cursor() as cursor:
            cursor.execute(sql, filled)
            rows: Iterable[Any] = cursor.fetchall()
        if converters:
            rows = map(tuple, compiler.apply_converters(rows, converters))
        return list(rows)

    return read


def _build(build: Callable[..., QuerySet[Any, Any]], lists: int, share: bool) -> tuple[str, tuple[Any, ...], Any, Any]:
    compiler = build(*[Slot(place) for place in range(lists)]).query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
    if share and connection.vendor == "postgresql":
        sql += " FOR SHARE"
    return sql, tuple(parameters), compiler, converters
