"""How cash lies over the ways an order was paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from guicang.kernel.money import split
from guicang.returns.settlement.sale import SaleTender


def spread_over_tenders(
    tenders: Sequence[SaleTender], amount: int, first: Sequence[str] = (), gave: Mapping[UUID, int] | None = None
) -> list[tuple[UUID, int]]:
    """`amount` in proportion to what each tender can still give (or, undone, to what it gave back).

    Kinds named in `first` give all they can before the others, in that order; undone, they take back last.
    `gave`: what is undone was given so; it comes back the same way as far as it goes.
    """
    weights = {tender.id: tender.room if amount >= 0 else tender.refunded_minor for tender in tenders}
    shares = dict.fromkeys(weights, 0)
    left = abs(amount)
    if amount < 0 and gave:
        back = {key: min(weight, max(0, gave.get(key, 0))) for key, weight in weights.items()}
        part = min(left, sum(back.values()))
        shares = dict(zip(back, split(part, list(back.values())), strict=True))
        weights = {key: weight - shares[key] for key, weight in weights.items()}
        left -= part
    groups = [[tender.id for tender in tenders if tender.kind == kind] for kind in first]
    groups.append([tender.id for tender in tenders if tender.kind not in first])
    for group in groups if amount >= 0 else reversed(groups):
        part = min(left, sum(weights[key] for key in group))
        for key, share in zip(group, split(part, [weights[key] for key in group]), strict=True):
            shares[key] += share
        left -= part
    sign = 1 if amount >= 0 else -1
    return [(key, sign * share) for key, share in shares.items()]
