"""Column types and look-ups that both engines treat alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import Lookup

from guicang.kernel.setwrites import array, element

if TYPE_CHECKING:
    _DecimalField = models.Field[Decimal | int | str, Decimal]
    _Lookup = Lookup[Any]
else:
    _DecimalField, _Lookup = models.Field, Lookup


class ExactDecimalField(_DecimalField):
    """A Decimal kept digit for digit: numeric on PostgreSQL, text on SQLite.

    Django's DecimalField has numeric affinity on SQLite, which turns digits into a float.
    """

    def db_type(self, connection: Any) -> str:
        return "numeric" if connection.vendor == "postgresql" else "text"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(value)
        except ArithmeticError as error:
            raise ValidationError(f"{value!r} is not a decimal number") from error

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return self.to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        return self.to_python(super().get_prep_value(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = value if prepared else self.get_prep_value(value)
        return value if value is None or connection.vendor == "postgresql" else format(value, "f")


class Slot:
    """Stands for the list of an `__among` in a query whose SQL is built once (`kernel.compiled`)."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.to_parameter: Callable[[Iterable[Any]], str] = str

    def bind(self, to_parameter: Callable[[Iterable[Any]], str]) -> Slot:
        bound = Slot(self.place)
        bound.to_parameter = to_parameter
        return bound


@models.ForeignKey.register_lookup
@models.Field.register_lookup
class Among(_Lookup):
    """`field__among=[...]`: membership in a list of any length for one parameter.

    `IN (...)` has one placeholder a value: a thousand of them are parsed anew each time.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        lhs, params = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        to_parameter = _to_parameter(field, connection)
        wanted = self.rhs.bind(to_parameter) if isinstance(self.rhs, Slot) else to_parameter(self.rhs)
        if connection.vendor == "postgresql":
            column_type = field.cast_db_type(connection) or "text"
            return f"{lhs} = ANY(%s::{column_type.split('(')[0]}[])", [*params, wanted]
        return f"{lhs} IN (SELECT value FROM json_each(%s))", [*params, wanted]  # noqa: S608


def _to_parameter(field: models.Field[Any, Any], connection: Any) -> Callable[[Iterable[Any]], str]:
    """How a list of the field's values becomes one parameter: an array literal, or JSON on SQLite."""

    if isinstance(field.target_field if isinstance(field, models.ForeignKey) else field, models.UUIDField):
        # By far the most common, and a field's own preparation asks the connection for every value.
        written = array if connection.vendor == "postgresql" else json.dumps
        return lambda values: written([_hex(value) for value in values])

    def prepared(values: Iterable[Any]) -> list[Any]:
        return [field.get_db_prep_value(value, connection, prepared=False) for value in values]

    if connection.vendor != "postgresql":
        return lambda values: json.dumps(prepared(values), default=_plain)
    target: models.Field[Any, Any] = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    write = element(target)
    return lambda values: array([None if value is None else write(value) for value in prepared(values)])


def _hex(value: Any) -> str | None:
    if isinstance(value, UUID):
        return value.hex
    return None if value is None else UUID(str(value)).hex


def _plain(value: Any) -> str:
    return value.hex if isinstance(value, UUID) else str(value)
