"""How a refund goes back and who carries it out: pure words and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Way(StrEnum):
    """Who carries refunds out."""

    AT_ONCE = "at_once"  # paid outside by whoever settles: recorded as paid with the settlement
    BY_HAND = "by_hand"  # stays due until a second person marks it paid
    PORT = "port"  # a payment provider, through an execution port
    PLATFORM = "platform"  # the platform pays; what it says is recorded


class State(StrEnum):
    DUE = "due"
    SUBMITTED = "submitted"
    PAID = "paid"
    FAILED = "failed"


#: Back by the tender itself, as the money came (消费者权益保护法: 原路退回).
BACK: Final = ""


class Method(StrEnum):
    """How the money goes back where it does not go back by the tender itself."""

    STORE_CREDIT = "store_credit"
    BANK = "bank"
    CASH = "cash"
    EXCHANGE = "exchange"
    PLATFORM = "platform"
    CREDITED = "credited"  # set off: against what another row takes back


class RefundTo(StrEnum):
    """What may be asked for, when settling and of a refund that is not paid."""

    ORIGINAL = "original"
    STORE_CREDIT = "store_credit"
    BANK = "bank"
    CASH = "cash"
    PLATFORM = "platform"


class Failed(StrEnum):
    """Why a refund could not be paid, as people say it; a provider has codes of its own."""

    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_WRONG = "account_wrong"
    REFUSED = "refused"
    TOO_OLD = "too_old"
    OTHER = "other"


#: Nothing arrives there, whoever tries.
WRONG_ACCOUNT = (Failed.ACCOUNT_CLOSED, Failed.ACCOUNT_WRONG)
#: Kinds of tenders whose way a company may say by itself; '' stands for all the others.
KINDS = (
    *("wechat", "alipay", "card", "bank", "cash", "store_credit", "gift_card"),
    *("points", "coupon", "platform", ""),
)
#: Where the money of an intent still lies: in the account for refunds to pay.
UNPAID = (State.DUE, State.SUBMITTED, State.FAILED)
_WORST = (State.FAILED, State.DUE, State.SUBMITTED, State.PAID)


def method_of(wanted: str) -> str:
    return BACK if wanted == RefundTo.ORIGINAL else wanted


def allowed_ways(kind: str) -> tuple[Way, ...]:
    """Who may pay to a kind of tender: store credit is our own, so there is nobody else to pay it."""
    return (Way.AT_ONCE,) if kind == Method.STORE_CREDIT else tuple(Way)


def way_of(ways: Mapping[str, str], method: str, kind: str) -> str:
    """Who carries out a refund to `kind`, or by `method` where that is another."""
    wanted = method or kind
    said = ways.get(wanted) or ways.get("") or Way.AT_ONCE
    return said if said in allowed_ways(wanted) else Way.AT_ONCE


def state_of(way: str) -> str:
    """How an intent begins."""
    return State.PAID if way == Way.AT_ONCE else State.DUE


def worst(states: Iterable[str]) -> str:
    """What several refunds say together: the one that somebody has to look at first; '' for none."""
    found = set(states)
    return next((str(state) for state in _WORST if state in found), "")
