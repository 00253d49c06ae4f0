"""Pages of a list: as many items as asked for, and a cursor to go on with. A cursor is ours and of one list alone."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar
from uuid import UUID

from django.core import signing
from pydantic import BaseModel, Field

from guicang.api import errors
from guicang.api.parsing import Given, Text
from guicang.kernel.refusal import Refused

T = TypeVar("T")
Limit = Annotated[int, Field(ge=1, le=200)]


class Page(BaseModel, Generic[T]):
    """`next` is the `cursor` of the page that follows; null at the end."""

    items: list[T]
    next: str | None


class Paging(Given):
    limit: Limit = 50
    cursor: Text = ""


def cursor(name: str, last: UUID | str) -> str:
    return signing.dumps(str(last), salt=f"guicang.api.{name}")


def place(name: str, given: str) -> str:
    """What `cursor` was made from; '' for none. Raises Refused(BadCursor)."""
    try:
        return str(signing.loads(given, salt=f"guicang.api.{name}")) if given else ""
    except signing.BadSignature:
        raise Refused([errors.BadCursor()]) from None


def place_id(name: str, given: str) -> UUID | None:
    found = place(name, given)
    return UUID(found) if found else None
