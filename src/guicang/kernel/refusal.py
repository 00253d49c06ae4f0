"""Refusals are values with a code, data and a sentence that says what to do.

A context lists its refusals in `errors.py` as subclasses. A step collects every refusal of
an item, not only the first, and goes on with the other items of the set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID


class Refusal:
    """Subclass with `code`, `status` and a translatable `sentence` formatted with the data."""

    code: ClassVar[str]
    status: ClassVar[int] = 409
    sentence: ClassVar[Any]

    def __init__(self, **data: Any) -> None:
        self.data: dict[str, Any] = data

    def told(self) -> dict[str, Any]:
        """What its sentence is filled with."""
        return dict(self.data)

    def __str__(self) -> str:
        return str(self.sentence) % self.told()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.data!r})"

    def as_dict(self) -> dict[str, Any]:
        data = {key: str(value) if isinstance(value, UUID) else value for key, value in self.data.items()}
        return {"code": self.code, "sentence": str(self), "data": data}


def worded(code: str, data: Mapping[str, Any]) -> str:
    """The sentence of a refusal that was stored as code and data, in the present language; '' for none of ours."""
    for found in _classes(Refusal):
        if getattr(found, "code", "") == code:
            with suppress(KeyError, TypeError, ValueError):
                return str(found(**data))
    return ""


def _classes(base: type[Refusal]) -> Iterator[type[Refusal]]:
    for found in base.__subclasses__():
        yield found
        yield from _classes(found)


class Refused(Exception):
    """Raised where the whole call is refused, with all the findings."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = list(refusals)
        super().__init__("; ".join(str(refusal) for refusal in self.refusals))


@dataclass(slots=True)
class Outcome:
    """What became of item `index` of a set: the id it made or changed, or why not."""

    index: int
    id: UUID | None = None
    refusals: list[Refusal] = field(default_factory=list)
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.refusals


def raise_first(outcomes: Iterable[Outcome]) -> None:
    """For callers that act on one item or want all or nothing."""
    refusals = [refusal for outcome in outcomes for refusal in outcome.refusals]
    if refusals:
        raise Refused(refusals)
