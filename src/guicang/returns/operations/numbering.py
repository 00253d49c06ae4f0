"""Numbers of returns: a range for each company and year, written as its settings say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from guicang.kernel import numbers
from guicang.org.facts import NUMBERED

DOCUMENT = "return"


def return_numbers(wanted: Iterable[tuple[UUID, int]]) -> list[str]:
    """A number for each (company, year), in their order; 1 statement a range, 4 for a new one. Locks the ranges."""
    keys = [(company_id, DOCUMENT, year) for company_id, year in wanted]
    taken = numbers.take(Counter(keys), NUMBERED[DOCUMENT])
    following = {key: iter(block.texts()) for key, block in taken.items()}
    return [next(following[key]) for key in keys]
