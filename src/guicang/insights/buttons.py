"""Which commands a return's page offers, and what stands in the way of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from guicang.insights.approvals import Approval
from guicang.insights.swaps import can_exchange, can_send_ahead
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.returns import lifecycle, repairing
from guicang.returns.classing import CHANGEABLE
from guicang.returns.models import Return, ReturnLine
from guicang.returns.offers import COMMANDS as OFFERS
from guicang.returns.operations.talks import Outlook, side_of
from guicang.returns.repairing import RepairFacts

#: What each command still needs before it makes sense, beyond the header's state: the table's line quantities.
_NEEDS: Mapping[str, Any] = {
    "receive": lambda lines: any(lifecycle.awaited(line) for line in lines),
    "ship": lambda lines: any(lifecycle.awaited(line) for line in lines),
    "short_close": lambda lines: any(lifecycle.awaited(line) for line in lines),
    "inspect": lambda lines: any(lifecycle.pending(line) and not line.held for line in lines),
    "release": lambda lines: any(line.held for line in lines),
    "settle": lambda lines: any(
        lifecycle.unsettled(line) for line in lines if line.resolution not in lifecycle.EXCHANGED
    ),
    "exchange": can_exchange,
    "send_ahead": can_send_ahead,
    "close": lambda lines: not any(lifecycle.in_bay(line) or lifecycle.to_send(line) for line in lines),
    "reverse_settlement": lambda lines: any(line.settled for line in lines),
    "redispose": lambda lines: any(line.disposed for line in lines if line.resolution != lifecycle.Type.REPAIR),
    "retype": lambda lines: any(line.resolution in CHANGEABLE and line.sku_id != NIL for line in lines),
    "price": lambda lines: any(line.kind == lifecycle.LineKind.BLIND and not line.settled for line in lines),
    "cancel": lambda lines: not any(line.settled or line.received or line.sent for line in lines),
}


class Button(NamedTuple):
    """A command as the page offers it. `why`: '' where it can be given, else state, permission, goods or stage.

    stage: it is not the reader's turn in the approval; `Approval.why` says it in words.
    """

    command: str
    why: str


def buttons(
    header: Return,
    lines: Sequence[ReturnLine],
    actor: Actor,
    talk: Outlook,
    chain: Approval | None = None,
    repair: RepairFacts | None = None,
) -> list[Button]:
    """Every command but the request itself, in the order of the life, with what stands in its way."""
    found = []
    for command in lifecycle.COMMANDS.values():
        if command.name == "request":
            continue
        if lifecycle.blocked(command.name, header.state):
            why = "state"
        elif actor.kind not in command.who or not _may(command, header, actor):
            why = "permission"
        elif not _makes_sense(command.name, lines, talk, actor, repair) or (
            command.name == "clear_risk" and not header.risk_review
        ):
            why = "goods"
        elif command.name in ("authorise", "reject") and chain is not None and chain.why is not None:
            why = "stage"
        else:
            why = ""
        found.append(Button(command.name, why))
    return found


def _may(command: lifecycle.Command, header: Return, actor: Actor) -> bool:
    """As the step asks: of a stage one's word, where none is open the permission."""
    if actor.kind != "staff":
        return True
    return any(map(actor.may, command.enough if header.stage else command.enough[:1]))


def _makes_sense(
    command: str, lines: Sequence[ReturnLine], talk: Outlook, actor: Actor, repair: RepairFacts | None
) -> bool:
    if command in repairing.COMMANDS:
        return repair is not None and repairing.may(command, repair, lines)
    if command == "send_out":
        return any(sends(line, repair) for line in lines)
    if command in OFFERS:
        return talk.may(command, side_of(actor))
    needed = _NEEDS.get(command)
    return needed is None or bool(needed(lines))


def sends(line: ReturnLine, repair: RepairFacts | None) -> int:
    """Units of a line that can go to the buyer now: what is being repaired waits until it is done or declined."""
    waiting = line.resolution == lifecycle.Type.REPAIR and line.accepted and not (repair and repairing.ready(repair))
    return 0 if waiting else lifecycle.to_send(line)
