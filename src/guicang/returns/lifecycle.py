"""The life of a return as one table: the only place that says what may happen when.

Buttons, API errors, documents and tests read `COMMANDS`. The header state and the three axes
are labels that one pure function computes from the quantities; steps store what it yields, and
a command's `to` is what it must yield (tested).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag, StrEnum
from typing import Any, Protocol


class State(StrEnum):
    REQUESTED = "requested"
    INFO_NEEDED = "info_needed"
    AUTHORISED = "authorised"
    REJECTED = "rejected"
    IN_TRANSIT = "in_transit"
    RECEIVING = "receiving"
    RECEIVED = "received"
    INSPECTED = "inspected"
    SETTLED = "settled"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Type(StrEnum):
    REFUND = "refund"
    REFUND_ONLY = "refund_only"
    UNSHIPPED = "unshipped"
    EXCHANGE = "exchange"
    ADVANCE_EXCHANGE = "advance_exchange"
    REPAIR = "repair"
    RESHIP = "reship"
    REFUSED_PARCEL = "refused_parcel"
    MONEY_ONLY = "money_only"


class LineKind(StrEnum):
    GOODS = "goods"  # shipped, comes back: holds a claim
    KEEP = "keep"  # shipped, stays with the buyer: holds a claim
    UNSHIPPED = "unshipped"  # cancelled before shipment: the sale line holds it
    MONEY = "money"  # no quantity at all
    BLIND = "blind"  # without an order: waits until somebody finds one or prices it
    SURPLUS = "surplus"  # came beyond what was expected: claims nothing until accepted
    WRONG = "wrong"  # came instead of what was expected: likewise


class Leak(IntFlag):
    """Ways in which a return that is not over costs money (B25). Stored as their sum: `leaks` computes it."""

    REFUNDED_NOT_RECEIVED = 1
    RECEIVED_NOT_REFUNDED = 2
    GOODS_DIFFER = 4
    PARCELS_UNKNOWN = 8


class Disposition(StrEnum):
    RESTOCK = "restock"
    REFURBISH = "refurbish"
    SECOND = "second"
    SCRAP = "scrap"
    SUPPLIER = "supplier"
    REPAIR = "repair"
    SEND_BACK = "send_back"


@dataclass(frozen=True, slots=True)
class Command:
    """`sources`: header states it may start from; `to`: states it may end in; `who`: kinds of actor."""

    name: str
    zh: str
    en: str
    sources: frozenset[State]
    to: frozenset[State]
    permission: str
    who: frozenset[str]

    @property
    def enough(self) -> tuple[str, ...]:
        """Permissions of which one is enough to give it at all; without an open stage the step asks for the first."""
        return (self.permission, APPROVE) if self.name in AT_STAGE else (self.permission,)


S = State
OPEN_GOODS = frozenset({S.AUTHORISED, S.IN_TRANSIT, S.RECEIVING, S.RECEIVED, S.INSPECTED, S.SETTLED})
IN_HOUSE = (S.RECEIVING, S.RECEIVED, S.INSPECTED)  # some of the goods were looked at
GOODS_AWAITED = (S.AUTHORISED, S.IN_TRANSIT, S.RECEIVING)
ENDED = frozenset({S.CLOSED, S.CANCELLED, S.EXPIRED})
UNDECIDED = (S.REQUESTED, S.INFO_NEEDED)  # a request waits for its decision
#: Goods without an order are priced until they are paid for.
PRICED = frozenset({*UNDECIDED, *OPEN_GOODS} - {S.SETTLED})
#: Commands that leave the state as they find it.
KEEPING = frozenset({"offer", "decline_offer", "clear_risk", "retype", "price"})
#: What is enough for commands that can be one's word at a stage of an approval.
APPROVE, AT_STAGE = "returns.approve", ("authorise", "reject")


def _command(
    name: str, zh: str, en: str, sources: Sequence[State], to: Sequence[State], who: str = "staff system"
) -> Command:
    return Command(name, zh, en, frozenset(sources), frozenset(to), f"returns.{name}", frozenset(who.split()))


EVERYONE = "customer staff system"
COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        _command("request", "提交申请", "Request", [], [S.REQUESTED], EVERYONE),
        _command("ask", "要求补充", "Ask for more", [S.REQUESTED], [S.INFO_NEEDED]),
        _command("answer", "补充资料", "Answer", [S.INFO_NEEDED], [S.REQUESTED], EVERYONE),
        # At an approval stage that others follow the request still waits for a decision.
        _command("authorise", "同意退货", "Authorise", UNDECIDED, [S.AUTHORISED, S.REQUESTED]),
        _command("reject", "拒绝申请", "Reject", UNDECIDED, [S.REJECTED]),
        _command("retype", "更改类型", "Change the type", UNDECIDED, UNDECIDED),
        _command("price", "定价", "Price", sorted(PRICED), sorted(PRICED)),
        _command("offer", "提议部分退款", "Offer a part refund", UNDECIDED, UNDECIDED, EVERYONE),
        _command("accept_offer", "接受提议", "Accept the offer", UNDECIDED, [S.AUTHORISED], EVERYONE),
        _command("decline_offer", "谢绝或撤回提议", "Decline or withdraw the offer", UNDECIDED, UNDECIDED, EVERYONE),
        _command("appeal", "申诉", "Appeal", [S.REJECTED], [S.REQUESTED], EVERYONE),
        _command("ship", "登记寄回", "Record the way back", GOODS_AWAITED, [S.IN_TRANSIT, S.RECEIVING], EVERYONE),
        _command("receive", "收货", "Receive", sorted(OPEN_GOODS), [S.RECEIVING, S.RECEIVED]),
        _command(
            "short_close",
            "短少结案",
            "Short-close",
            GOODS_AWAITED,
            [S.RECEIVED, S.INSPECTED, S.SETTLED, S.RECEIVING, S.IN_TRANSIT, S.AUTHORISED],
        ),
        _command(
            "inspect", "检验", "Inspect", [S.RECEIVING, S.RECEIVED], [S.RECEIVING, S.RECEIVED, S.INSPECTED, S.SETTLED]
        ),
        _command(
            "redispose",
            "改变处置",
            "Change a disposition",
            [S.RECEIVING, S.RECEIVED, S.INSPECTED, S.SETTLED],
            [S.RECEIVING, S.RECEIVED, S.INSPECTED, S.SETTLED],
        ),
        _command(
            "release",
            "解除扣留",
            "Release a hold",
            [S.RECEIVING, S.RECEIVED, S.INSPECTED],
            [S.RECEIVING, S.RECEIVED, S.INSPECTED],
        ),
        _command("clear_risk", "解除风险复核", "Clear the risk review", sorted(OPEN_GOODS), sorted(OPEN_GOODS)),
        _command("settle", "结算退款", "Settle", sorted(OPEN_GOODS - {S.SETTLED}), sorted(OPEN_GOODS)),
        _command("exchange", "办理换货", "Exchange", sorted(OPEN_GOODS - {S.SETTLED}), sorted(OPEN_GOODS)),
        _command("send_ahead", "先发换货", "Send ahead", GOODS_AWAITED, GOODS_AWAITED),
        _command("reverse_settlement", "冲销结算", "Reverse a settlement", sorted(OPEN_GOODS), sorted(OPEN_GOODS)),
        _command("quote_repair", "维修报价", "Quote the repair", IN_HOUSE, IN_HOUSE),
        _command("accept_quote", "同意维修报价", "Accept the quote", IN_HOUSE, IN_HOUSE, EVERYONE),
        _command("decline_quote", "谢绝维修", "Decline the repair", IN_HOUSE, IN_HOUSE, EVERYONE),
        _command("finish_repair", "登记修好", "Finish the repair", IN_HOUSE, IN_HOUSE),
        _command("pay_repair", "登记维修收款", "Record the payment", IN_HOUSE, IN_HOUSE),
        _command("turn_repair", "改为退款或换货", "Refund or exchange instead", IN_HOUSE, IN_HOUSE),
        _command("send_out", "寄给客户", "Send to the customer", sorted(OPEN_GOODS), sorted(OPEN_GOODS)),
        _command("close", "完结", "Close", [S.SETTLED], [S.CLOSED]),
        _command("cancel", "取消", "Cancel", [S.REQUESTED, S.INFO_NEEDED, S.AUTHORISED], [S.CANCELLED], EVERYONE),
        _command("expire", "过期", "Expire", [S.AUTHORISED, S.INFO_NEEDED], [S.EXPIRED], "system staff"),
    )
}


class HeaderFacts(Protocol):
    decision: str
    ending: str
    under_way: bool


class LineFacts(Protocol):
    kind: str
    resolution: str
    requested: int
    authorised: int
    expected: int
    received: int
    lost: int
    short_closed: int
    accepted: int
    rejected: int
    disposed: int
    settled: int
    sent: int
    held: bool


def awaited(line: LineFacts) -> int:
    """Units still to arrive."""
    return max(0, line.expected - line.received - line.lost - line.short_closed)


def pending(line: LineFacts) -> int:
    """Units that arrived and were not inspected."""
    return line.received - line.accepted - line.rejected


def in_bay(line: LineFacts) -> int:
    return line.received - line.disposed


def to_send(line: LineFacts) -> int:
    """Units that are still to go to the buyer: what is sent again, and of his goods what he gets back."""
    if line.resolution == Type.RESHIP:
        return line.authorised - line.sent
    return kept_for_buyer(line)


def kept_for_buyer(line: LineFacts) -> int:
    """Units of his own that lie here: turned down or to be repaired, and not sent back yet."""
    if line.resolution == Type.RESHIP:
        return 0
    return line.rejected + (line.accepted if line.resolution == Type.REPAIR else 0) - line.sent


def bound(line: LineFacts) -> int:
    """Units of the sale that a line of goods still needs: what came or is awaited, and what was paid ahead.

    Goods that were refunded and never came stay bound: nobody sends them back for a second refund.
    """
    return max(line.received + awaited(line), line.settled)


#: What these give back pays for other goods: the exchange settles it.
EXCHANGED = frozenset({Type.EXCHANGE, Type.ADVANCE_EXCHANGE})
#: These move goods alone.
WITHOUT_MONEY = frozenset({Type.REPAIR, Type.RESHIP})
WITHOUT_REFUND = EXCHANGED | WITHOUT_MONEY


def due_units(line: LineFacts) -> int:
    """Units whose money is due by now: accepted goods, or what was authorised where no goods come."""
    if line.resolution in WITHOUT_MONEY:
        return 0
    if line.kind in (LineKind.KEEP, LineKind.UNSHIPPED, LineKind.MONEY):
        return line.authorised
    return min(line.accepted, line.authorised)


def unsettled(line: LineFacts) -> int:
    return max(0, due_units(line) - line.settled)


@dataclass(frozen=True, slots=True)
class Axes:
    reception: str
    acceptance: str
    money: str


def axes(line: LineFacts, refund_state: str = "") -> Axes:
    """The three axes of a line. `refund_state`: due, submitted, paid or failed, where a refund exists."""
    if line.expected == 0 and line.received == 0:
        reception = ""
    elif awaited(line):
        reception = "awaiting"
    else:
        reception = "received" if not line.lost + line.short_closed else ("lost" if line.lost else "short")
    if line.received == 0:
        acceptance = ""
    elif line.held:
        acceptance = "review"
    elif pending(line):
        acceptance = "pending"
    else:
        acceptance = "accepted" if line.accepted else "rejected"
    if unsettled(line):
        money = "due"
    else:
        money = (refund_state or "paid") if line.settled else "none"
    return Axes(reception, acceptance, money)


def state(header: HeaderFacts, lines: Sequence[LineFacts]) -> State:
    """The header state. Money never moves it ahead of the goods."""
    if header.ending:
        return State(header.ending)
    if header.decision != "authorised":
        return {"pending": S.REQUESTED, "info_needed": S.INFO_NEEDED, "rejected": S.REJECTED}[header.decision]
    some_received = any(line.received for line in lines)
    some_awaited = any(awaited(line) for line in lines)
    if some_awaited:
        if some_received:
            return S.RECEIVING
        return S.IN_TRANSIT if header.under_way else S.AUTHORISED
    if any(pending(line) or line.held for line in lines):
        return S.RECEIVED
    if any(unsettled(line) or (line.resolution in WITHOUT_MONEY and to_send(line)) for line in lines):
        return S.INSPECTED if some_received else S.AUTHORISED
    return S.SETTLED


def leaks(header: HeaderFacts, lines: Sequence[LineFacts]) -> Leak:
    """What a return leaks: nothing once it is over or rejected."""
    found = Leak(0)
    if header.ending or header.decision == "rejected":
        return found
    for line in lines:
        if line.settled and awaited(line):
            found |= Leak.REFUNDED_NOT_RECEIVED
        if line.received and unsettled(line):
            found |= Leak.RECEIVED_NOT_REFUNDED
        if line.held or (line.kind in (LineKind.SURPLUS, LineKind.WRONG) and pending(line)):
            found |= Leak.GOODS_DIFFER
        if line.kind == LineKind.BLIND:
            found |= Leak.PARCELS_UNKNOWN
    return found


def blocked(command: str, current: str) -> bool:
    """True where the table does not allow `command` from this state."""
    return State(current) not in COMMANDS[command].sources


def table() -> list[dict[str, Any]]:
    """The table as data, in reading order, for documents and the API."""
    order = list(State)
    return [
        {
            "command": command.name,
            "zh": command.zh,
            "en": command.en,
            "from": [str(s) for s in order if s in command.sources],
            "to": [str(s) for s in order if s in command.to],
            "permission": "|".join(command.enough),
            "who": sorted(command.who),
        }
        for command in COMMANDS.values()
    ]
