"""How a credit of an order line lies over its invoices: red never passes blue (HARD-CASES 20, R5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from guicang.kernel.ids import NIL


@dataclass(slots=True)
class Blue:
    """One invoice line and what was credited of it; amounts include tax."""

    invoice_id: UUID
    invoice_line_id: UUID
    invoiced_minor: int
    invoiced_tax_minor: int
    credited_minor: int = 0
    credited_tax_minor: int = 0

    @property
    def left_minor(self) -> int:
        return self.invoiced_minor - self.credited_minor

    @property
    def left_tax_minor(self) -> int:
        return self.invoiced_tax_minor - self.credited_tax_minor


@dataclass(slots=True)
class Room:
    """What can be credited of an order line: its invoices, oldest first, and what was sold without one.

    `uninvoiced_*` is what was credited beyond the invoices: it shrinks what may still be invoiced.
    """

    sold_minor: int
    sold_tax_minor: int
    blues: list[Blue] = field(default_factory=list)
    uninvoiced_minor: int = 0
    uninvoiced_tax_minor: int = 0

    @property
    def left_minor(self) -> int:
        return self.sold_minor - self.uninvoiced_minor - sum(blue.credited_minor for blue in self.blues)

    @property
    def left_tax_minor(self) -> int:
        return self.sold_tax_minor - self.uninvoiced_tax_minor - sum(blue.credited_tax_minor for blue in self.blues)


class Share(NamedTuple):
    """The part of a credit that falls on one invoice line, or on none (NIL); amounts include tax."""

    invoice_id: UUID
    invoice_line_id: UUID
    gross_minor: int
    tax_minor: int


def spread(room: Room, gross_minor: int, tax_minor: int) -> list[Share]:
    """Credit `gross_minor` with its tax: oldest invoice first, what no invoice takes last, without one.

    Negative amounts take a credit back by the same way: first what lies on no invoice, then the newest.
    The shares sum to both amounts exactly, no invoice line is passed in amount or in tax, and `room` is
    changed by them. Where invoices were taxed otherwise than the line, tax that finds no place beside its
    amount goes to an invoice line that still has some.
    """
    if gross_minor * tax_minor < 0:
        raise ValueError(f"{gross_minor} cannot hold a tax of {tax_minor}")
    if gross_minor < 0 or tax_minor < 0:
        return _take_back(room, -gross_minor, -tax_minor)
    taken: dict[UUID, list[int]] = {}
    gross, tax = gross_minor, tax_minor
    for blue in room.blues:
        part = min(gross, blue.left_minor)
        if part:
            part_tax = min(tax, blue.left_tax_minor, part)
            taken[blue.invoice_line_id] = [part, part_tax]
            gross, tax = gross - part, tax - part_tax
    if not gross and tax:
        for blue in room.blues:
            parts = taken.setdefault(blue.invoice_line_id, [0, 0])
            more = min(tax, blue.left_tax_minor - parts[1])
            parts[1], tax = parts[1] + more, tax - more
    shares = _apply(room.blues, taken, 1)
    if gross or tax or not shares:
        shares.append(_beyond(room, gross, tax))
    return shares


def _take_back(room: Room, gross: int, tax: int) -> list[Share]:
    first = (min(gross, room.uninvoiced_minor), min(tax, room.uninvoiced_tax_minor))
    rest, rest_tax = gross - first[0], tax - first[1]
    taken: dict[UUID, list[int]] = {}
    for blue in reversed(room.blues):
        parts = [min(rest, blue.credited_minor), min(rest_tax, blue.credited_tax_minor)]
        taken[blue.invoice_line_id] = parts
        rest, rest_tax = rest - parts[0], rest_tax - parts[1]
    if rest or rest_tax:
        raise ValueError(f"{gross} with tax {tax} is more than was credited")
    shares = _apply(room.blues, taken, -1)
    if first != (0, 0):
        shares.append(_beyond(room, -first[0], -first[1]))
    return shares


def _apply(blues: Sequence[Blue], taken: dict[UUID, list[int]], sign: int) -> list[Share]:
    shares = []
    for blue in blues:
        gross, tax = taken.get(blue.invoice_line_id, (0, 0))
        if gross or tax:
            blue.credited_minor += sign * gross
            blue.credited_tax_minor += sign * tax
            shares.append(Share(blue.invoice_id, blue.invoice_line_id, sign * gross, sign * tax))
    return shares


def _beyond(room: Room, gross: int, tax: int) -> Share:
    room.uninvoiced_minor += gross
    room.uninvoiced_tax_minor += tax
    return Share(NIL, NIL, gross, tax)
