"""Column types and look-ups that both engines treat alike."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import Lookup

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
        values = [field.get_db_prep_value(value, connection, prepared=False) for value in self.rhs]
        if connection.vendor == "postgresql":
            column_type = field.cast_db_type(connection) or "text"
            return f"{lhs} = ANY(%s::{column_type.split('(')[0]}[])", [*params, values]
        return f"{lhs} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(values, default=_plain)]  # noqa: S608


def _plain(value: Any) -> str:
    return value.hex if isinstance(value, UUID) else str(value)
