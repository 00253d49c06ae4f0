"""Refunds that are not paid at once, each with the return it belongs to: locked, checked, labelled again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.accounting.operations import RateKey
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.money import convert_minor, from_minor
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.org import queries as org
from guicang.payments import errors, queries
from guicang.payments import operations as payments
from guicang.payments.models import Refund
from guicang.payments.operations import payees
from guicang.payments.rules import UNPAID, worst
from guicang.payments.rules.payees import PayeeState
from guicang.returns.errors import NotPermitted
from guicang.returns.operations import docket
from guicang.returns.operations.crediting import Settling
from guicang.returns.operations.docket import Case
from guicang.trade.operations.books import known_rates

PERMISSION = "payments.pay"
#: The notice that asks the buyer for an account.
PAYEE_WANTED = "payee_wanted"


class Item(Protocol):
    @property
    def refund_id(self) -> UUID: ...


T = TypeVar("T", bound=Item)


@dataclass(slots=True)
class Desk:
    """Refunds of a set under lock, with their returns."""

    rows: dict[UUID, Refund]
    cases: dict[UUID, Case]

    def case(self, refund_id: UUID) -> Case | None:
        row = self.rows.get(refund_id)
        return self.cases.get(row.return_id) if row else None


def act(
    items: Sequence[T],
    command: str,
    check: Callable[[T, Refund, Context], list[Refusal]],
    write: Callable[[Context, Sequence[tuple[T, Refund]]], None],
    *,
    actor: Actor,
    now: datetime,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Act on unpaid refunds in sets, one outcome each. Locks returns, refunds, books (share), audit heads.

    About 14 statements a thousand besides those of `write`.
    """
    if not actor.may(PERMISSION) or actor.kind == "customer":
        raise Refused([NotPermitted(permission=PERMISSION)])

    def chunk(part: Sequence[T], context: Context) -> list[Outcome]:
        desk = lock(item.refund_id for item in part)
        outcomes: list[Outcome] = []
        done: dict[UUID, tuple[T, Refund]] = {}
        for index, item in enumerate(part):
            row, case = desk.rows.get(item.refund_id), desk.case(item.refund_id)
            refusals = _refusals(row, case, actor, item.refund_id in done)
            if row is not None and not refusals and not (refusals := check(item, row, context)):
                done[row.id] = (item, row)
            outcomes.append(Outcome(index, item.refund_id if row else None, refusals))
        write(context, list(done.values()))
        relabel(context, desk, done, command)
        return outcomes

    return docket.run(items, chunk, command, actor=actor, now=now, all_or_nothing=all_or_nothing)


def lock(refund_ids: Iterable[UUID]) -> Desk:
    """5 statements per 1,000; the returns first."""
    wanted = list(refund_ids)
    cases = docket.load(queries.returns_of(wanted).values())
    return Desk(payments.lock_refunds(wanted), cases)


def relabel(context: Context, desk: Desk, changed: Iterable[UUID], command: str) -> None:
    """Say on the returns, and in their trail, what became of these refunds; tell the buyer once all is paid."""
    touched: dict[UUID, Case] = {}
    for key in changed:
        row, case = desk.rows[key], desk.cases[desk.rows[key].return_id]
        touched[case.header.id], case.touched = case, True
        told = {"state": row.state, "method": row.method, "amount_minor": row.amount_minor, "reference": row.reference}
        case.notes = {**case.notes, f"refund {row.id}": told | ({"failure": row.failure} if row.failure else {})}
        if row.payee == PayeeState.MISSING:
            case.notice = PAYEE_WANTED
    for key, state in queries.refund_states(touched).items():
        case = touched[key]
        if case.header.refund_state in UNPAID and state not in UNPAID and not case.notice:
            case.notice = "return_refunded"
        case.header.refund_state = worst([state])
    docket.store(context, list(touched.values()), command)


def ask_where(settled: Iterable[Settling], cases: Mapping[UUID, Case]) -> None:
    """Ask the buyer for an account where a transfer of a settlement waits for one; 1 statement where any waits."""
    waiting = {each.header.id for each in settled if any(map(payees.wanted, each.payouts))}
    for key, columns in payees.known_for(waiting).items():
        if columns == payees.UNKNOWN and not cases[key].notice:
            cases[key].notice = PAYEE_WANTED


def _refusals(row: Refund | None, case: Case | None, actor: Actor, twice: bool) -> list[Refusal]:
    if row is None or case is None or docket.hidden(case, actor):
        return [errors.NoSuchRefund()]
    return [errors.RefundState(state=row.state)] if twice or row.state not in UNPAID else []


def cash_book(rows: Iterable[tuple[Refund, datetime]]) -> dict[UUID, int]:
    """What leaves in the currency of the books at the day's known rate, of refunds in another; others are left out."""
    pairs = list(rows)
    companies = org.companies({row.company_id for row, _ in pairs})
    foreign = [(row, at) for row, at in pairs if row.currency != companies[row.company_id].currency]
    if not foreign:
        return {}
    days = accounting.book_dates([row.company_id for row, _ in foreign], [at for _, at in foreign])
    keys = [RateKey(row.company_id, row.currency, day) for (row, _), day in zip(foreign, days, strict=True)]
    known: dict[RateKey, Decimal] = known_rates(set(keys))
    return {
        row.id: convert_minor(row.amount_minor, row.currency, known[key], companies[row.company_id].currency)
        for (row, _), key in zip(foreign, keys, strict=True)
        if key in known
    }


def tell_credit(case: Case, gave: tuple[int, int] | None) -> None:
    """What of the refund is store credit, and what its bonus is worth: in the trail and in the notice."""
    if gave is None:
        return
    money, bonus = gave
    case.notes = {**case.notes, "store_credit_minor": money, "store_credit_bonus_minor": bonus}
    currency = case.header.currency
    case.tells = {**case.tells, "credit": str(from_minor(money, currency))}
    case.tells |= {"bonus": str(from_minor(bonus, currency))} if bonus else {}
