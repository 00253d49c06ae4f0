"""SQLite keeps ids and instants as text; turning them into objects was a third of a step's time.

A set of a thousand returns reads the same company, shop, buyer and command ids and the same few
instants again and again. Both kinds of object are immutable, so each text is converted once.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.backends.sqlite3 import base, operations

REMEMBERED = 65536


@lru_cache(maxsize=REMEMBERED)
def _uuid(text: str) -> UUID:
    return UUID(text)


class DatabaseOperations(operations.DatabaseOperations):
    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._instant = lru_cache(maxsize=REMEMBERED)(self._convert_instant)

    def convert_uuidfield_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else _uuid(value)

    def convert_datetimefield_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self._instant(value) if isinstance(value, str) else self._convert_instant(value)

    def _convert_instant(self, value: Any) -> datetime | None:
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.replace(tzinfo=self.connection.timezone)
        return super().convert_datetimefield_value(value, None, self.connection)


@lru_cache(maxsize=2048)
def _with_question_marks(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class Cursor(base.SQLiteCursorWrapper):
    """Rewrites each text once: the same statements come again and again."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        if param_names is None:
            return _with_question_marks(query)
        return str(super().convert_query(query, param_names=param_names))


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)
