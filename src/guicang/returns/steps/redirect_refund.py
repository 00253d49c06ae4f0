"""Try refunds again, or pay them by another method than was begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refusal
from guicang.parties.queries import nameless
from guicang.payments import errors, queries
from guicang.payments import operations as payments
from guicang.payments.models import Refund
from guicang.payments.rules import BACK, Method, RefundTo, State, Way, method_of, way_of
from guicang.payments.rules.drawers import is_cash
from guicang.returns.errors import GiftMoney
from guicang.returns.operations import balances, inputs, refunding
from guicang.returns.operations.balances import customers_of
from guicang.returns.operations.till import AtCounter
from guicang.returns.queries import gifts_among


@dataclass(frozen=True, slots=True)
class Redirection:
    """`to`: '' as before, original, or a method. `consented`: the buyer agreed to store credit."""

    refund_id: UUID
    to: str = ""
    consented: bool = False


def redirect_refunds(
    *, redirections: Sequence[Redirection], actor: Actor, now: datetime, all_or_nothing: bool = False
) -> list[Outcome]:
    """Make refunds due again in sets, and paid where their way pays at once; parked ones are taken up as they are.

    About 26 statements a thousand.
    """
    at_counter = AtCounter()

    def check(item: Redirection, row: Refund, context: Context) -> list[Refusal]:
        return _refusals(item, row) or _at_counter(item, row, context, at_counter)

    def write(context: Context, done: Sequence[tuple[Redirection, Refund]]) -> None:
        _write(context, done, at_counter)

    return refunding.act(
        redirections, "refund_again", check, write, actor=actor, now=now, all_or_nothing=all_or_nothing
    )


def _at_counter(item: Redirection, row: Refund, context: Context, at_counter: AtCounter) -> list[Refusal]:
    """Why what is paid in cash from now on, at once, cannot leave the drawer of who says so; 1 statement for cash."""
    method = _method(item, row)
    if not is_cash(method, row.kind) or row.state == State.SUBMITTED:
        return []
    at_once = way_of(queries.ways([row.company_id])[row.company_id], method, row.kind) == Way.AT_ONCE
    return at_counter.plan(row, context, method) if at_once else []


def _refusals(item: Redirection, row: Refund) -> list[Refusal]:
    refusals: list[Refusal] = inputs.unknown("to", item.to, RefundTo) if item.to else []
    if item.to == Method.STORE_CREDIT and not item.consented:
        refusals.append(errors.ConsentMissing())
    if item.to == Method.STORE_CREDIT and nameless(customers_of([row.return_id]).values()):
        refusals.append(errors.CreditNeedsCustomer())
    if item.to not in ("", RefundTo.STORE_CREDIT) and gifts_among([row.return_id]):
        refusals.append(GiftMoney())
    sent = row.state == State.SUBMITTED
    if row.in_hand or (sent and (row.batch_id != NIL or _method(item, row) != row.method)):
        # Whoever does not know what became of the first must not pay a second.
        refusals.append(errors.RefundUnderWay())
    if row.promotional and _method(item, row) != BACK:
        refusals.append(errors.PromotionalStays())
    return refusals


def _method(item: Redirection, row: Refund) -> str:
    return method_of(item.to) if item.to else row.method


def _write(context: Context, done: Sequence[tuple[Redirection, Refund]], at_counter: AtCounter) -> None:
    parked = [row for _, row in done if row.state == State.SUBMITTED]
    payments.execute_again(context, parked)
    done = [(item, row) for item, row in done if row.state != State.SUBMITTED]
    ways = queries.ways({row.company_id for _, row in done})
    for item, row in done:
        row.method = _method(item, row)
        row.consented = row.method == Method.STORE_CREDIT and (item.consented or row.consented)
        row.way = way_of(ways[row.company_id], row.method, row.kind)
        row.attempts = 0
    at_once = [row for _, row in done if row.way == Way.AT_ONCE]
    payments.again(context, [row for _, row in done if row.way != Way.AT_ONCE])
    books = refunding.cash_book([(row, context.now) for row in at_once])
    credited = balances.pay_as_credit(context, [row for row in at_once if row.method == Method.STORE_CREDIT])
    payments.pay(
        context,
        [
            payments.Paid(row, context.now, "", books.get(row.id), credited.get(row.id, NIL), at_counter.till_of(row))
            for row in at_once
        ],
    )
    at_counter.write(context, at_once)
