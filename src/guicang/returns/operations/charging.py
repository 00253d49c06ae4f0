"""What the fees that a verdict names would come to: told beforehand, not deducted by settling yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from guicang.policy.rules import Charged, charges
from guicang.returns.settlement import Plan


class Charge(NamedTuple):
    """A fee of a line. `fee` as the verdict keeps it, `amount_minor` an estimate by what the line would pay back."""

    line_id: UUID
    fee: Mapping[str, Any]
    amount_minor: int


def charges_of(verdict: Mapping[str, Any], plans: Iterable[Plan], currency: str = "") -> list[Charge]:
    """By line, in the order of the plans; nothing is charged for what is refused.

    `currency`: that of the policy. A fixed amount in it says nothing about a sale in another; '': not compared.
    """
    said = verdict.get("lines", {})
    if verdict.get("answer") == "refuse" and not verdict.get("override"):
        return []
    paying, asked = [], []
    for plan in plans:
        same = not currency or plan.sale.currency == currency
        for line in plan.lines:
            fees = said.get(str(line.ref), {}).get("terms", {}).get("fees", ())
            countable = [fee for fee in fees if same or fee["kind"] == "percent"]
            paying.append(line)
            asked.append(Charged(countable, line.paid_minor, line.quantity))
    return [Charge(paying[one.place].ref, one.fee, one.amount_minor) for one in charges(asked)]
