"""How cash lies over the ways an order was paid."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from guicang.kernel.money import split
from guicang.returns.settlement.sale import SaleTender


def spread_over_tenders(
    tenders: Sequence[SaleTender], amount: int, first: Sequence[str] = ()
) -> list[tuple[UUID, int]]:
    """`amount` in proportion to what each tender can still give (or, undone, to what it gave back).

    Kinds named in `first` give all they can before the others, in that order; undone, they take back last.
    """
    weights = {tender.id: tender.room if amount >= 0 else tender.refunded_minor for tender in tenders}
    shares = dict.fromkeys(weights, 0)
    left = abs(amount)
    groups = [[tender.id for tender in tenders if tender.kind == kind] for kind in first]
    groups.append([tender.id for tender in tenders if tender.kind not in first])
    for group in groups if amount >= 0 else reversed(groups):
        part = min(left, sum(weights[key] for key in group))
        for key, share in zip(group, split(part, [weights[key] for key in group]), strict=True):
            shares[key] += share
        left -= part
    sign = 1 if amount >= 0 else -1
    return [(key, sign * share) for key, share in shares.items()]
