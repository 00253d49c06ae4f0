"""Returned goods back into value: at the cost they were issued at, then written down by grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from guicang.inventory import rules
from guicang.inventory.models import Grade
from guicang.inventory.operations.values import Kind, ValueChange, ValueResult, value
from guicang.kernel import commands
from guicang.kernel.compiled import compiled
from guicang.kernel.ids import NIL


@dataclass(slots=True, eq=False, kw_only=True)
class Acceptance:
    """`quantity` units accepted into `grade` at `cost_minor` for them together (book minor units).

    `worth_minor`: what they are worth in that grade; None: the grade's share of the cost. Goods are
    never written up: a worth above the cost counts as the cost. `scrap`: nothing of them is kept.
    """

    company_id: UUID
    owner_id: UUID
    sku_id: UUID
    grade: str
    quantity: int
    cost_minor: int
    cost_source: str
    source_kind: str
    source_id: UUID
    occurred_at: datetime
    book_date: date
    worth_minor: int | None = None
    scrap: bool = False
    move_id: UUID = NIL


class AcceptanceResult(NamedTuple):
    """Debit stock and credit cost of sales by `cost_minor`; debit the loss by `loss_minor`,
    credit stock by `write_down_minor` (all of it for scrap) and the provision by `provision_minor`.
    One of the latter two is zero.
    """

    cost_minor: int
    write_down_minor: int
    provision_minor: int

    @property
    def loss_minor(self) -> int:
        return self.write_down_minor + self.provision_minor

    @property
    def worth_minor(self) -> int:
        """What stays: what a later `leave` states as its first entry."""
        return self.cost_minor - self.loss_minor


def acceptance(context: commands.Context, items: Sequence[Acceptance]) -> list[AcceptanceResult]:
    """Receive, then write down or off; one result an item, in order (HARD-CASES 13).

    1 statement for the grades (none where every worth is stated) and those of `value` for up to 2n
    changes. Raises ValueError for a grade the company does not have, and as `value`.
    """
    worths = _worths(items)
    changes: list[ValueChange] = []
    places: list[tuple[int, int]] = []  # of an item's receipt and, -1 where there is none, its write-down
    for item, worth in zip(items, worths, strict=True):
        places.append((len(changes), -1))
        changes.append(_change(item, "scrap" if item.scrap else "receive", item.cost_minor))
        if worth < item.cost_minor and not item.scrap:
            places[-1] = (len(changes) - 1, len(changes))
            changes.append(_change(item, "write_down", item.cost_minor - worth))
    results = value(context, changes)
    return [
        _result(item, results[first], results[second] if second >= 0 else None)
        for item, (first, second) in zip(items, places, strict=True)
    ]


def _result(item: Acceptance, came: ValueResult, down: ValueResult | None) -> AcceptanceResult:
    if item.scrap:
        return AcceptanceResult(came.cost_minor, came.cost_minor, 0)
    if down is None:
        return AcceptanceResult(came.cost_minor, 0, 0)
    return AcceptanceResult(came.cost_minor, down.cost_minor, down.provision_minor)


_grades = compiled(
    lambda ids: Grade.objects.filter(company_id__among=ids).values_list("company_id", "code", "worth_ppm")
)


def _worths(items: Sequence[Acceptance]) -> list[int]:
    open_items = [item for item in items if item.worth_minor is None and not item.scrap]
    shares: dict[tuple[UUID, str], int] = {}
    if open_items:
        grades = _grades({item.company_id for item in open_items})
        shares = {(company, code): ppm for company, code, ppm in grades}
    worths = []
    for item in items:
        if item.scrap:
            worths.append(0)
        elif item.worth_minor is not None:
            worths.append(item.worth_minor)
        elif (item.company_id, item.grade) in shares:
            worths.append(rules.worth(item.cost_minor, shares[item.company_id, item.grade]))
        else:
            raise ValueError(f"company {item.company_id} has no grade {item.grade}")
    return worths


def _change(item: Acceptance, kind: Kind, amount_minor: int) -> ValueChange:
    return ValueChange(
        kind=kind,
        company_id=item.company_id,
        owner_id=item.owner_id,
        sku_id=item.sku_id,
        grade=item.grade,
        source_kind=item.source_kind,
        source_id=item.source_id,
        occurred_at=item.occurred_at,
        book_date=item.book_date,
        quantity=0 if kind == "write_down" else item.quantity,
        amount_minor=amount_minor,
        cost_source="" if kind == "write_down" else item.cost_source,
        move_id=item.move_id,
    )
