"""The answer of one proof: what was counted from the rows, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Differences kept with their details; `found` counts them all, so that a broken book of a
#: million rows is told in bounded memory.
KEPT = 100


@dataclass
class Proof:
    """`checked` counts rows or balances; `applicable` is False where the question does not arise.

    Add differences through `add`: it keeps the first hundred and counts every one in `found`.
    """

    name: str
    checked: int
    differences: list[dict[str, Any]]
    applicable: bool = True
    note: str = ""
    found: int = 0

    def __post_init__(self) -> None:
        self.found = max(self.found, len(self.differences))
        del self.differences[KEPT:]

    @property
    def ok(self) -> bool:
        return self.found == 0

    def add(self, **difference: Any) -> None:
        self.found += 1
        if len(self.differences) < KEPT:
            self.differences.append(difference)
