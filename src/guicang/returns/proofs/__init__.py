"""What `verify` asks of returns: quantities, money, books, labels and existence, each from the rows alone."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.proofs import (
    approvals,
    books,
    clocks,
    departments,
    exchanges,
    gifts,
    limits,
    links,
    money,
    outgoing,
    overrides,
    quantities,
    quotas,
    rebates,
    repairs,
    risk,
    talks,
    trail,
)


def proofs() -> list[Proof]:
    """Thirty-one proofs, about 117 statements over whole tables, all within the caller's snapshot."""
    parts = (
        quantities,
        money,
        books,
        links,
        trail,
        clocks,
        departments,
        approvals,
        risk,
        talks,
        overrides,
        quotas,
        limits,
        rebates,
        exchanges,
        outgoing,
        repairs,
        gifts,
    )
    return [proof for part in parts for proof in part.proofs()]
