"""Rebates on the turnover of a period (返利), and what of them later returns take back (返利追回). Pure.

The rate of the highest tier that the turnover reaches holds for all of it. What was granted and taken back so far
always adds up to what is due for the turnover of today, so any order of returns, reversals and reckonings ends alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from guicang.kernel.money import divide_half_up, tax_within

#: A whole, in hundredths of a percent; tiers of an agreement at most.
WHOLE_BP, MOST_TIERS = 10_000, 9
MOST_MINOR = 10**13


class Tier(NamedTuple):
    """From `from_minor` of turnover on, `bp` of all of it."""

    from_minor: int
    bp: int


class Reckoned(NamedTuple):
    """What a turnover earns. `change_minor`: above zero is granted, below it taken back; `tax_change_minor` of it."""

    turnover_minor: int
    bp: int
    due_minor: int
    change_minor: int
    tax_change_minor: int


def rate(tiers: Sequence[Tier], turnover_minor: int) -> int:
    """Of the highest tier that is reached; 0 below all of them."""
    return next((tier.bp for tier in reversed(tiers) if turnover_minor >= tier.from_minor), 0)


def reckon(tiers: Sequence[Tier], turnover_minor: int, given_minor: int, tax_rate: Decimal) -> Reckoned:
    """`given_minor`: granted so far, less what was taken back; never below zero, and so is what is due."""
    turnover = max(0, turnover_minor)
    bp = rate(tiers, turnover)
    due = divide_half_up(turnover * bp, WHOLE_BP)
    tax = tax_within(due, tax_rate) - tax_within(given_minor, tax_rate)
    return Reckoned(turnover, bp, due, due - given_minor, tax)


def fits(tiers: Sequence[Tier]) -> bool:
    """Some, not too many, each begins above the one before and gives no less."""
    if not 1 <= len(tiers) <= MOST_TIERS:
        return False
    bounds = all(0 <= tier.from_minor <= MOST_MINOR and 1 <= tier.bp <= WHOLE_BP for tier in tiers)
    return bounds and all(one.from_minor < two.from_minor and one.bp <= two.bp for one, two in pairwise(tiers))
