"""Ids and numbers as fields of forms hold them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import QueryDict

from guicang.kernel.refusal import Refused
from guicang.returns import errors
from guicang.ui.amounts import typed_minor

#: More units than any line holds: a number with more digits is a slip of the finger.
MOST_DIGITS = 9
#: Ten times all of it: more is a slip of the finger.
MOST_BP = 100_000


def uuids(texts: Iterable[str]) -> list[UUID]:
    """The ids among `texts`, each once."""
    found: dict[UUID, None] = {}
    for text in texts:
        try:
            found[UUID(text)] = None
        except ValueError:
            continue
    return list(found)


def number(text: str) -> int:
    """A whole number of units. Raises Refused(BadQuantity) for anything else."""
    typed = text.strip()
    if not typed:
        return 0
    if not typed.isascii() or not typed.isdigit() or len(typed) > MOST_DIGITS:
        raise Refused([errors.BadQuantity(quantity=typed, most="")])
    return int(typed)


def amounts(given: QueryDict, prefix: str, currency: str) -> dict[UUID, int]:
    """`<prefix>.<line id>` fields as minor units by line; empty ones are left out. -1, which no line may be, for what
    is no amount.
    """
    found = {}
    for name, text in given.items():
        head, _, key = name.partition(".")
        if head == prefix and (ids := uuids([key])) and str(text).strip():
            typed = typed_minor(str(text), currency)
            found[ids[0]] = typed if typed is not None else (0 if not str(text).strip().strip("0.,") else -1)
    return found


def units(given: QueryDict, prefix: str) -> dict[UUID, int]:
    """`<prefix>.<line id>` fields as units by line, without zeros."""
    found = {}
    for name, text in given.items():
        head, _, key = name.partition(".")
        if head == prefix and (ids := uuids([key])) and (count := number(str(text))):
            found[ids[0]] = count
    return found


def basis_points(text: str) -> int:
    """Hundredths of a percent; -1, which no rule may say, for what is none."""
    try:
        value = Decimal(text.strip() or "0") * 100
    except InvalidOperation:
        return -1
    return int(value) if value.is_finite() and value == value.to_integral_value() and abs(value) <= MOST_BP else -1
