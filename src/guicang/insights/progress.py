"""How far a return has come, and what it waits for: computed from the header and lines that a page has read anyway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from guicang.audit.queries import HistoryItem
from guicang.insights.approvals import Approval
from guicang.returns import lifecycle
from guicang.returns.departments import goods_go
from guicang.returns.lifecycle import LineKind
from guicang.returns.models import Clock, Return, ReturnLine
from guicang.returns.offers import Side
from guicang.returns.operations.talks import OfferInfo
from guicang.returns.repairing import RepairFacts, waits


class Stage(NamedTuple):
    """A step of the strip. `where`: done, now, todo, or stopped (rejected, cancelled, expired). `at`: when it ended."""

    code: str
    where: str
    at: datetime | None


class Waits(NamedTuple):
    """What happens next: a code with words in `ui.words.WAITS`, whose turn it is (a role, or customer), and by when."""

    code: str
    who: str
    until: datetime | None


#: Stage -> the command whose last use ended it.
_ENDED_BY = {
    "requested": "request",
    "decided": "authorise",
    "sent": "ship",
    "received": "receive",
    "inspected": "inspect",
    "refunded": "settle",
    "sent_out": "send_out",
    "closed": "close",
}
#: Another command that ends the same stage.
_SAME = {"accept_offer": "authorise", "exchange": "settle"}
_GOODS = ("sent", "received", "inspected")


def stages(header: Return, lines: Sequence[ReturnLine], history: Sequence[HistoryItem]) -> list[Stage]:
    """The strip of a return, from request to closing; goods have no part in it where none come back, nor money where
    nothing but goods move.
    """
    decided = header.decision == "authorised"
    goods = any(line.expected or line.received or (line.kind == LineKind.GOODS and not decided) for line in lines)
    moneyless = all(line.resolution in lifecycle.WITHOUT_MONEY for line in lines)
    ended = {_SAME.get(item.action, item.action): item.occurred_at for item in history}
    done = _done(header, lines)
    found: list[Stage] = []
    for code, command in _ENDED_BY.items():
        if (code in _GOODS and not goods) or code == ("refunded" if moneyless else "sent_out"):
            continue
        if done[code]:
            found.append(Stage(code, "done", ended.get(command)))
            continue
        stopped = header.ending in ("cancelled", "expired") or header.decision == "rejected"
        first = not any(stage.where in ("now", "stopped") for stage in found)
        found.append(Stage(code, ("stopped" if stopped else "now") if first else "todo", None))
    return found


def _done(header: Return, lines: Sequence[ReturnLine]) -> dict[str, bool]:
    decided = header.decision == "authorised"
    awaited, received = any(map(lifecycle.awaited, lines)), any(line.received for line in lines)
    arrived = decided and not awaited
    inspected = arrived and not any(lifecycle.pending(line) or line.held for line in lines)
    return {
        "requested": True,
        "decided": decided,
        "sent": decided and (header.under_way or received or not awaited),
        "received": arrived,
        "inspected": inspected,
        "refunded": inspected and not any(map(lifecycle.unsettled, lines)),
        "sent_out": inspected and not any(map(lifecycle.to_send, lines)),
        "closed": header.ending == "closed",
    }


def waits_for(
    header: Return,
    lines: Sequence[ReturnLine],
    clocks: Sequence[Clock] = (),
    chain: Approval | None = None,
    offer: OfferInfo | None = None,
    repair: RepairFacts | None = None,
) -> Waits | None:
    """What this return waits for, and until when by its clocks; None where nothing more happens to it.

    `chain`: who has to agree to it; `offer`: the one that is open.
    """
    if offer is not None:
        made_by_staff = offer.side == Side.STAFF
        return Waits(*(("offer", "customer") if made_by_staff else ("wish", "agent")), offer.expires_at)
    stage = chain.now if chain else None
    if stage is not None and header.state == "requested":
        return Waits("review", next((seat.role for seat in stage.seats if seat.role), "approver"), stage.due_at)
    found = _repair(header, lines, repair) or _waits(header, lines)
    kind = _CLOCKS.get(found.code) if found else None
    until = next((clock.due_at for clock in clocks if clock.kind == kind and clock.done_at is None), None)
    return found._replace(until=until) if found and until else found


_REPAIRERS = {"quote": "warehouse", "consent": "customer", "repair": "warehouse", "charge": "finance"}


def _repair(header: Return, lines: Sequence[ReturnLine], repair: RepairFacts | None) -> Waits | None:
    """What a repair waits for, once all that came was looked at; sending is told as of all goods."""
    code = waits(repair, lines) if repair and header.state == "inspected" else ""
    return Waits(code, _REPAIRERS[code], None) if code in _REPAIRERS else None


def _waits(header: Return, lines: Sequence[ReturnLine]) -> Waits | None:
    if any(line.held for line in lines) and header.state in ("received", "receiving"):
        return Waits("release", "approver", None)
    if header.state == "receiving" and any(map(lifecycle.pending, lines)):
        return Waits("inspect", "warehouse", None)
    if header.state == "authorised" and any(map(lifecycle.unsettled, lines)):
        return Waits("refund", "finance", None)
    if header.state == "settled" and any(map(lifecycle.in_bay, lines)):
        return Waits("bay", "warehouse", None)
    if goods_go(header.state, lines):
        return Waits("send", "warehouse", None)
    code, who = _WAITS.get(header.state, ("", ""))
    return Waits(code, who, header.expires_at if header.state in TIMED else None) if code else None


#: The clock that runs while a return waits for something.
_CLOCKS = {
    "review": "review",
    "answer": "answer",
    "parcel": "ship",
    "inspect": "refund",
    "release": "refund",
    "refund": "refund",
    "quote": "repair",
    "repair": "repair",
}
#: States in which the deadline of the return is a deadline of the customer.
TIMED = ("info_needed", "authorised")
_WAITS = {
    "requested": ("review", "agent"),
    "info_needed": ("answer", "customer"),
    "authorised": ("parcel", "customer"),
    "in_transit": ("arrival", "warehouse"),
    "receiving": ("rest", "warehouse"),
    "received": ("inspect", "warehouse"),
    "inspected": ("refund", "finance"),
    "settled": ("close", "finance"),
}
