"""What a return's refund is worth as store credit once it is given, and by when it is to be paid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.payments.models import CreditLot, Refund
from guicang.payments.queries.credit import given
from guicang.payments.rules import Method
from guicang.payments.rules.credit import BONUS
from guicang.returns.deadlines import Kind
from guicang.returns.lifecycle import WITHOUT_MONEY
from guicang.returns.models import Clock, Return, Settlement


class Credit(NamedTuple):
    """Refunded money in a customer's balance and the bonus on it, less what was taken back; `until`: of the bonus."""

    money_minor: int
    bonus_minor: int
    until: datetime | None


class Expected(NamedTuple):
    """When the money is due: by `due_at` once its clock runs, else `days` after the goods came. None: not said."""

    due_at: datetime | None
    days: int | None


class Back(NamedTuple):
    """The money of a return: what is paid or to be paid, what of it is store credit, by when the rest is due."""

    refunds: list[Refund]
    credit: Credit | None
    expected: Expected | None


def back_of(header: Return, settlements: Iterable[Settlement], clocks: Iterable[Clock]) -> Back:
    """1 statement, 3 where anything went to store credit. `clocks`: those that ran are passed over."""
    ids = [row.id for row in settlements]
    refunds = list(Refund.objects.filter(settlement_id__among=ids).order_by("id"))
    return Back(refunds, credit_of(refunds, ids), expected(header, clocks))


def credit_of(refunds: Sequence[Refund], settlement_ids: Iterable[UUID]) -> Credit | None:
    """None, and no statement, where nothing went to store credit; 2 statements otherwise."""
    if not any(row.method == Method.STORE_CREDIT for row in refunds):
        return None
    found = list(given(settlement_ids).values())
    lots = {lot for one in found for lot in one.lots}
    ends = CreditLot.objects.filter(id__among=sorted(lots), kind=BONUS).order_by("expires_at")
    money, bonus = sum(one.money_minor for one in found), sum(one.bonus_minor for one in found)
    return Credit(money, bonus, ends.values_list("expires_at", flat=True).first() if bonus else None)


def expected(header: Return, running: Iterable[Clock]) -> Expected | None:
    """None once it is paid or nothing will be."""
    nothing = header.type in WITHOUT_MONEY and not header.refund_state
    if header.ending or header.decision == "rejected" or header.refund_state == "paid" or nothing:
        return None
    due_at = min((one.due_at for one in running if one.kind == Kind.REFUND and one.done_at is None), default=None)
    days = header.verdict.get("terms", {}).get("refund_days")
    return Expected(due_at, days) if due_at or days else None
