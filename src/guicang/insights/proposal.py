"""What was asked for, what the policy gives and what somebody proposes, side by side: nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from guicang.insights.dossier import Dossier
from guicang.insights.reckoning import PARTS, SUM
from guicang.kernel.actor import Actor
from guicang.kernel.refusal import Refusal
from guicang.returns.lifecycle import WITHOUT_REFUND, LineKind
from guicang.returns.operations.planning import refusals_of
from guicang.returns.settlement import Plan
from guicang.returns.steps.settle import Settlement, Supposed, Supposition, suppose


class Row(NamedTuple):
    """A component. `difference_minor`: what the proposal pays more than the policy, or less."""

    label: str
    asked_minor: int
    policy_minor: int
    proposed_minor: int

    @property
    def difference_minor(self) -> int:
        return self.proposed_minor - self.policy_minor


@dataclass(frozen=True, slots=True)
class Proposal:
    """`refusals`: why the proposal would be refused. The sums are cash."""

    rows: Sequence[Row]
    total: Row
    plans: Sequence[Plan]
    refusals: Sequence[Refusal]


def propose(found: Dossier, item: Settlement, actor: Actor, now: datetime) -> Proposal:
    """Three settlements by the step's own path; 8 statements."""
    asked = {
        line.row.id: units
        for line in found.lines
        if line.row.resolution not in WITHOUT_REFUND
        and line.row.kind != LineKind.MONEY
        and (units := line.row.requested - line.row.settled) > 0
    }
    three = [
        Supposition(Settlement(found.header.id, asked), plain=True),
        Supposition(Settlement(found.header.id)),
        Supposition(item),
    ]
    supposed = suppose(found.header.id, three, actor, now)
    proposed = supposed[2]
    blocked = [refusal for plan in proposed.plans for refusal in refusals_of(plan)]
    cash = [sum(plan.cash_minor for plan in each.plans) for each in supposed]
    return Proposal(_rows(supposed), Row(SUM, *cash), proposed.plans, [*proposed.refusals, *blocked])


def _rows(supposed: Sequence[Supposed]) -> list[Row]:
    columns = [_by_label(each.plans) for each in supposed]
    labels = dict.fromkeys(label for column in columns for label in column)
    return [Row(label, *(column.get(label, 0) for column in columns)) for label in labels]


def _by_label(plans: Iterable[Plan]) -> Mapping[str, int]:
    """What adds up to the sum, by component."""
    found: dict[str, int] = {}
    for plan in plans:
        for one in plan.explanation:
            label = one["label"]
            if label not in PARTS and label not in (SUM, "points_taken_back", "unapplied"):
                found[label] = found.get(label, 0) + one["amount_minor"]
    return found
