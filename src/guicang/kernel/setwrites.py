"""Sets of rows in, out and changed: a thousand a statement on both engines.

PostgreSQL takes one array a column (`unnest`); SQLite runs one prepared statement over the rows
inside the process, or reads them from one JSON parameter. Both leave every trigger, CHECK and
foreign key at work. Rows are dicts from attname (`order_id`) to value; a column that is missing
takes its field's default, and where there is none that is an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models.base import ModelState
from django.db.models.fields import NOT_PROVIDED

#: Rows a statement. Statement counts are a + b * ceil(n / CHUNK).
CHUNK = 1000

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)
Values = Mapping[str, Any]
Converter = Callable[[Any], Any]


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


@dataclass(frozen=True, slots=True)
class _Column:
    attname: str
    name: str
    sql_type: str
    default: Any
    adapt: Converter | None

    def values(self, batch: Sequence[Values], given: set[str]) -> list[Any]:
        """The column's values for the driver; `given` are the names that any row of the batch has."""
        name, default = self.attname, self.default
        if name in given:
            values = [row[name] if name in row else self._absent() for row in batch]
        elif default is NOT_PROVIDED or callable(default):
            values = [self._absent() for _ in batch]
        else:
            adapted = default if self.adapt is None or default is None else self.adapt(default)
            return [adapted] * len(batch)
        adapt = self.adapt
        if adapt is None:
            return values
        first = values[0]
        # Stamps, company and currency are one object for the whole set: adapted once, not a thousand times.
        if values[-1] is first and all(value is first for value in values):
            return [None if first is None else adapt(first)] * len(values)
        return [None if value is None else adapt(value) for value in values]

    def _absent(self) -> Any:
        if self.default is NOT_PROVIDED:
            raise KeyError(f"{self.attname} is missing")
        return self.default() if callable(self.default) else self.default


def _columnwise(columns: Sequence[_Column], batch: Sequence[Values]) -> list[list[Any]]:
    """One list a column: a comprehension a column is three times as fast as a call a cell."""
    given: set[str] = set().union(*batch)
    return [column.values(batch, given) for column in columns]


def insert(model: type[models.Model], rows: Sequence[Values], *, ignore_conflicts: bool = False) -> None:
    """Insert `rows`: ceil(n / 1000) statements. `ignore_conflicts` leaves an existing row as it is."""
    if not rows:
        return
    vendor = connection.vendor
    columns = _columns(model, vendor)
    _refuse_unknown(model, columns, rows[0])
    sql = _insert_sql(model, vendor, ignore_conflicts)
    with connection.cursor() as cursor:
        for batch in chunks(rows):
            if vendor == "postgresql":
                cursor.execute(sql, _arrays(columns, batch))
            else:
                cursor.executemany(sql, list(zip(*_columnwise(columns, batch), strict=True)))


@lru_cache(maxsize=512)
def _insert_sql(model: type[models.Model], vendor: str, ignore_conflicts: bool) -> str:
    quote, columns = connection.ops.quote_name, _columns(model, vendor)
    table, names = quote(model._meta.db_table), ", ".join(quote(column.name) for column in columns)
    tail = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    if vendor == "postgresql":
        arrays = ", ".join(f"%s::{column.sql_type}[]" for column in columns)
        return f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}){tail}"  # noqa: S608
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(columns))}){tail}"  # noqa: S608


def update(
    model: type[models.Model],
    rows: Sequence[Values],
    *,
    assign: Sequence[str] = (),
    add: Sequence[str] = (),
    key: str = "id",
) -> int:
    """Change the rows whose `key` is given: `assign` columns are set, `add` columns are increased.

    ceil(n / 1000) statements; returns how many rows were changed. Each key at most once a call.
    """
    if not rows:
        return 0
    vendor = connection.vendor
    columns, sql = _update_sql(model, vendor, tuple(assign), tuple(add), key)
    changed = 0
    with connection.cursor() as cursor:
        for batch in chunks(rows):
            cursor.execute(sql, _arrays(columns, batch) if vendor == "postgresql" else [_json(columns, batch)])
            changed += cursor.rowcount
    return changed


@lru_cache(maxsize=512)
def _update_sql(
    model: type[models.Model], vendor: str, assign: tuple[str, ...], add: tuple[str, ...], key: str
) -> tuple[list[_Column], str]:
    quote, by_name = connection.ops.quote_name, {column.attname: column for column in _columns(model, vendor)}
    table, columns = quote(model._meta.db_table), [by_name[name] for name in (key, *assign, *add)]
    first, *rest = [quote(column.name) for column in columns]
    sets = [f"{name} = v.{name}" for name in rest[: len(assign)]]
    sets += [f"{name} = {table}.{name} + v.{name}" for name in rest[len(assign) :]]
    if vendor == "postgresql":
        arrays = ", ".join(f"%s::{column.sql_type}[]" for column in columns)
        source = f"unnest({arrays}) AS v({', '.join([first, *rest])})"
    else:
        picked = ", ".join(f"json_extract(value, '$[{i}]') AS {name}" for i, name in enumerate([first, *rest]))
        source = f"(SELECT {picked} FROM json_each(%s)) AS v"  # noqa: S608
    return columns, f"UPDATE {table} SET {', '.join(sets)} FROM {source} WHERE {table}.{first} = v.{first}"  # noqa: S608


def fetch(
    model: type[M], ids: Iterable[UUID], *, lock: bool = False, key: str = "id", only: Sequence[str] = ()
) -> list[M]:
    """The rows whose `key` is among `ids`, in primary key order, locked in that order if asked.

    `only`: the columns a hot path needs; reading another one later costs a statement a row.
    ceil(n / 1000) statements. On SQLite the transaction already holds the one write lock.
    """
    found: list[M] = []
    vendor = connection.vendor
    sql, columns, adapt = _reading(model, key, tuple(only), vendor)
    if lock and vendor == "postgresql":
        sql += " FOR UPDATE"
    among = array if vendor == "postgresql" else json.dumps
    names, alias = [name for name, _ in columns], connection.alias
    with connection.cursor() as cursor:
        for batch in chunks(sorted(set(ids), key=_number)):
            cursor.execute(sql, [among([adapt(value) for value in batch])])
            rows = cursor.fetchall()
            cells = [
                _read(values, convert)
                for values, (_, convert) in zip(zip(*rows, strict=True), columns, strict=bool(rows))
            ]
            found.extend([_instance(model, names, alias, row) for row in zip(*cells, strict=True)])
    return found


@lru_cache(maxsize=512)
def _reading(
    model: type[models.Model], key: str, only: tuple[str, ...], vendor: str
) -> tuple[str, list[tuple[str, list[Converter]]], Converter]:
    """The statement that reads rows by `key`, its columns with their converters, and what a key needs.

    Django builds the same statement anew for every call, which takes longer than running it for one row.
    """
    quote, table = connection.ops.quote_name, connection.ops.quote_name(model._meta.db_table)
    wanted = {"pk", model._meta.pk.name, *only}
    fields = [f for f in model._meta.concrete_fields if not only or wanted & {f.name, f.attname}]
    picked = ", ".join(quote(str(field.column)) for field in fields)
    by_name = {column.attname: column for column in _columns(model, vendor)}
    sql_type = by_name[key].sql_type
    among = f"= ANY(%s::{sql_type}[])" if vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    order = quote(str(model._meta.pk.column))
    where = f"{quote(by_name[key].name)} {among}"
    sql = f"SELECT {picked} FROM {table} WHERE {where} ORDER BY {order}"  # noqa: S608
    columns = [(field.attname, _converters(field)) for field in fields]
    return sql, columns, by_name[key].adapt or str


def _converters(field: models.Field[Any, Any]) -> list[Converter]:
    """What Django applies to a column's values as they come from the driver."""
    column = field.get_col(field.model._meta.db_table)
    found = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    # The wrapper itself: Django's proxy looks for the thread's connection at every touch.
    return [partial(_convert, each, column, connection.ops.connection) for each in found]


def _convert(converter: Callable[..., Any], column: Any, wrapper: Any, value: Any) -> Any:
    return converter(value, column, wrapper)


def _read(values: Sequence[Any], converters: Sequence[Converter]) -> Sequence[Any]:
    for convert in converters:
        values = [convert(value) for value in values]
    return values


def _instance(model: type[M], names: Sequence[str], alias: str, row: Sequence[Any]) -> M:
    """A row as an instance, without what `Model.__init__` does for each column: a third of the time."""
    made = model.__new__(model)
    made._state = ModelState()
    made._state.adding, made._state.db = False, alias
    made.__dict__.update(zip(names, row, strict=True))
    return made


def _number(key: UUID) -> int:
    return key.int


def _arrays(columns: Sequence[_Column], batch: Sequence[Values]) -> list[str]:
    """One array literal a column."""
    return [array(values) for values in _columnwise(columns, batch)]


def array(elements: Iterable[str | None]) -> str:
    """PostgreSQL's text form of an array. Written here, it costs a third of what the driver takes for a list."""
    return f"{{{','.join(['NULL' if element is None else element for element in elements])}}}"


def _json(columns: Sequence[_Column], batch: Sequence[Values]) -> str:
    # json_extract gives true and false as 1 and 0, as SQLite stores them.
    return json.dumps(list(zip(*_columnwise(columns, batch), strict=True)))


def _refuse_unknown(model: type[models.Model], columns: Sequence[_Column], row: Values) -> None:
    unknown = set(row) - {column.attname for column in columns}
    if unknown:
        raise KeyError(f"{model.__name__} has no column {', '.join(sorted(unknown))}")


@lru_cache(maxsize=512)
def _columns(model: type[models.Model], vendor: str) -> tuple[_Column, ...]:
    return tuple(
        _Column(field.attname, str(field.column), _sql_type(field), field.default, _adapter(field, vendor))
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField)
    )


def _sql_type(field: models.Field[Any, Any]) -> str:
    column_type = field.cast_db_type(connection) or "text"
    return "text" if column_type.startswith("varchar") else column_type


def _adapter(field: models.Field[Any, Any], vendor: str) -> Converter | None:
    """What a Python value needs before the driver takes it; None where it goes as it is."""
    target: models.Field[Any, Any] = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if vendor == "postgresql":
        return element(target)
    if isinstance(target, models.JSONField):
        return _to_json
    if isinstance(target, models.UUIDField):
        return _to_hex
    if isinstance(target, models.DateTimeField):
        return lru_cache(maxsize=4096)(connection.ops.adapt_datetimefield_value)
    if isinstance(target, models.DateField):
        return str
    return _to_digits if not isinstance(target, models.IntegerField | models.CharField | models.TextField) else None


def element(field: models.Field[Any, Any]) -> Converter:
    """Writes a value of `field` as an element of an array literal."""
    if isinstance(field, models.JSONField):
        return lambda value: _quoted(_to_json(value))
    if isinstance(field, models.UUIDField):
        return _to_hex
    if isinstance(field, models.IntegerField | models.BooleanField | models.DateField):
        return str
    if isinstance(field, models.CharField | models.TextField):
        return _quoted
    return lambda value: str(_to_digits(value))


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


#: One encoder for all: json.dumps with options of its own builds a new one at every call.
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_to_hex = attrgetter("hex")


def _to_digits(value: Any) -> Any:
    return format(value, "f") if isinstance(value, Decimal) else value
