"""What `verify` asks of returns: quantities, money, books, labels and existence, each from the rows alone."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.proofs import books, clocks, links, money, quantities, trail


def proofs() -> list[Proof]:
    """Nineteen proofs, about 65 statements over whole tables, all within the caller's snapshot."""
    return [*quantities.proofs(), *money.proofs(), *books.proofs(), *links.proofs(), *trail.proofs(), *clocks.proofs()]
