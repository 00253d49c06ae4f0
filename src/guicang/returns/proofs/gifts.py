"""Gifts: whoever brings one back gets store credit or goods, never the money."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.models import Return
from guicang.returns.proofs.statements import differences

_MONEY = """
SELECT r.id, r.return_id, r.amount_minor FROM {refund} r JOIN {return} t ON t.id = r.return_id AND t.gift
WHERE r.method NOT IN ('store_credit', 'exchange', 'credited') AND NOT r.promotional AND r.amount_minor > 0
"""


def proofs() -> list[Proof]:
    """One proof, 2 statements."""
    proof = Proof("gifts", Return.objects.filter(gift=True).count(), [])
    return [differences(proof, "money", _MONEY, ["refund_id", "return_id", "amount_minor"])]
