"""How the repair of a return's goods stands, and who may do what then. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from guicang.returns.lifecycle import LineFacts, Type, to_send


class RepairState(StrEnum):
    """`''` as long as nobody looked at the goods."""

    QUOTED = "quoted"  # the buyer is asked whether he pays it
    AGREED = "agreed"  # by the buyer, or it costs him nothing
    DECLINED = "declined"  # the goods go back as they came
    DONE = "done"
    GIVEN_UP = "given_up"  # it cannot be repaired: money or other goods instead


@dataclass(frozen=True, slots=True)
class RepairFacts:
    """`price_minor` with its tax; 0: the buyer pays nothing."""

    state: str = ""
    in_warranty: bool = True
    price_minor: int = 0
    tax_minor: int = 0
    currency: str = ""
    labour_minutes: int = 0
    paid: bool = False

    @property
    def owed_minor(self) -> int:
        """What the buyer still has to pay before he gets his goods."""
        agreed = self.state in (RepairState.AGREED, RepairState.DONE)
        return self.price_minor if agreed and not self.paid else 0


NOT_BEGUN = RepairFacts()


def goods_of(lines: Sequence[LineFacts]) -> int:
    """Units that are here to be repaired, or were and are still to go back."""
    return sum(line.accepted - line.sent for line in lines if line.resolution == Type.REPAIR)


def may(command: str, repair: RepairFacts, lines: Sequence[LineFacts]) -> bool:
    """Whether the command makes sense as the repair stands, beyond the state of the return."""
    if goods_of(lines) <= 0:
        return False
    state = repair.state
    if command == "quote_repair":
        return state in ("", RepairState.QUOTED, RepairState.DECLINED)
    if command in ("accept_quote", "decline_quote"):
        return state == RepairState.QUOTED
    if command == "finish_repair":
        return state == RepairState.AGREED
    if command == "pay_repair":
        return repair.owed_minor > 0
    # Nothing was taken for it, and nothing of it left.
    sent = any(line.sent for line in lines if line.resolution == Type.REPAIR)
    return state not in (RepairState.DONE, RepairState.GIVEN_UP) and not repair.paid and not sent


#: Commands of a repair, which have a place of their own on the page.
COMMANDS = ("quote_repair", "accept_quote", "decline_quote", "finish_repair", "pay_repair", "turn_repair")


def ready(repair: RepairFacts) -> bool:
    """Whether the goods may go back to the buyer: repaired and paid, or as they came."""
    if repair.state == RepairState.DECLINED:
        return True
    return repair.state == RepairState.DONE and not repair.owed_minor


def waits(repair: RepairFacts, lines: Sequence[LineFacts]) -> str:
    """What a repair waits for: quote, consent, work, payment or sending; '' without one."""
    if not any(to_send(line) for line in lines if line.resolution == Type.REPAIR):
        return ""
    if repair.state == RepairState.QUOTED:
        return "consent"
    if repair.state == RepairState.AGREED:
        return "repair"
    if ready(repair):
        return "send"
    return "charge" if repair.state == RepairState.DONE else "quote"
