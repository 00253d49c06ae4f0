"""Carry out an exchange: credit the goods that came back, and let what they paid pay an order in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Outcome, Refusal
from guicang.org import queries as org
from guicang.payments.operations.cash import Cash
from guicang.returns import errors, queries
from guicang.returns.lifecycle import EXCHANGED, awaited, pending, unsettled
from guicang.returns.models import Swap
from guicang.returns.operations import claims, docket, payouts, refunding, replacing, saleview, swaps, till
from guicang.returns.operations.crediting import Settling
from guicang.returns.operations.docket import Case
from guicang.returns.operations.planning import count_shares, plan_orders
from guicang.returns.operations.replacing import SUFFIX, Money, Placing
from guicang.returns.operations.saleview import Account
from guicang.returns.operations.stated import Stated, as_data, stated
from guicang.returns.operations.swaps import Offered
from guicang.returns.operations.writing import write_settlements
from guicang.returns.settlement.exchanging import transfer
from guicang.returns.steps.settle import ways_of
from guicang.trade import queries as traded


@dataclass(frozen=True, slots=True)
class Exchanging:
    return_id: UUID
    reason: str = ""
    occurred_at: datetime | None = None


@dataclass(slots=True)
class _Swapping:
    """One return while its exchange is carried out."""

    case: Case
    settled: list[Settling]
    offer: Offered
    at: datetime
    #: By settlement what of each tender pays the order in place of the goods, and what of that order stays open.
    moved: list[Mapping[UUID, int]] = field(default_factory=list)
    left: int = 0


def exchange(
    *,
    exchanges: Sequence[Exchanging],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Carry out exchanges once all their goods are inspected; `order_id` in the outcome is the order in their place.

    About 70 statements a thousand. Locks shops, orders, order lines, tenders, returns, invoice lines, books (share),
    levels, audit heads. The credit is a settlement as any other, but it deducts no fee and gives back no shipping:
    what was paid for the goods travels with them (HARD-CASES 10, 11).
    """
    return docket.in_chunks(
        exchanges, _exchange, "exchange", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _exchange(chunk: Sequence[Exchanging], context: Context) -> list[Outcome]:
    wanted = [item.return_id for item in chunk]
    replacing.lock_shops(wanted)
    known = traded.replacements(wanted)
    sold = {order for _, order, _ in queries.sale_lines_of(wanted)} - {NIL}
    accounts = saleview.accounts(sold | {one.id for one in known.values()})
    cases = docket.load(wanted)
    rows = swaps.of(wanted)
    said = queries.verdicts_of(cases)
    companies = org.companies({case.header.company_id for case in cases.values()})
    ways = ways_of(companies, context)
    outcomes: list[Outcome] = []
    settled: list[Settling] = []
    placed, cash = list[Placing](), Cash(context)
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "exchange", context.actor)
        if case is None or refusals or (refusals := _refusals(case)):
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        company = companies[case.header.company_id]
        one = _plan(case, item.occurred_at or context.now, accounts, rows, stated(said[case.header.id]), company)
        refusals = [
            errors.BLOCKED[code](**{"disputed_minor": 0, "cash_minor": 0, **data})
            for each in one.settled
            for code, data in each.plan.blocked
        ]
        row = known.get(case.header.id)
        there = accounts[row.id] if row else None
        if not refusals:
            _pay(one, there, ways[case.header.company_id])
            refusals = till.plan(cash, one.settled)
        if not refusals:
            placed.append(_apply(one, item, there))
            settled.extend(one.settled)
        outcomes.append(docket.outcome(index, case, refusals, {"settlements": [each.id for each in one.settled]}))
    write_settlements(context, settled, cash)
    orders = replacing.place(context, placed)
    for outcome in outcomes:
        if outcome.ok and outcome.id in orders:
            outcome.data = {**outcome.data, "order_id": orders[outcome.id]}
    refunding.ask_where(settled, cases)
    changed = [case for case in cases.values() if case.touched]
    docket.store(context, changed, "exchange")
    claims.label_orders(changed)
    return outcomes


def _refusals(case: Case) -> list[Refusal]:
    refusals: list[Refusal] = [errors.Held(position=line.position) for line in case.lines if line.held]
    mine = [line for line in case.lines if line.resolution in EXCHANGED]
    waiting = sum(awaited(line) + pending(line) for line in mine)
    if waiting:
        refusals.append(errors.NotInspected(pending=waiting))
    elif not any(map(unsettled, mine)):
        refusals.append(errors.NothingDue())
    return refusals


def _plan(
    case: Case,
    at: datetime,
    accounts: Mapping[UUID, Account],
    rows: Mapping[UUID, Sequence[Swap]],
    said: Stated,
    company: org.CompanyInfo,
) -> _Swapping:
    lines = [line for line in case.lines if line.resolution in EXCHANGED and unsettled(line)]
    units = [(line, unsettled(line)) for line in lines]
    wanted = [row for line in lines for row in rows.get(line.id, ())]
    plain = swaps.neutral(said, lines, wanted)
    plans = plan_orders(case.header.currency, units, accounts, plain, others=case.lines)
    settled = [
        Settling(
            header=case.header,
            plan=each.plan,
            account=accounts[each.order_id],
            company=company,
            at=at,
            kinds={},
            lines={line.id: line for line in case.lines},
            rules=as_data(each.plan.rules),
        )
        for each in plans
    ]
    return _Swapping(case, settled, swaps.outlook(case.header.currency, lines, wanted, plans, accounts), at)


def _pay(one: _Swapping, there: Account | None, ways: Mapping[str, str]) -> None:
    """Say what moves to the order in place of the goods, and what goes back by which way."""
    rate = _rate(one, there)
    one.left = max(0, -there.sale.overpaid_minor) if there else one.offer.cost_minor
    for each in one.settled:
        each.moved_rate, moved = rate, transfer(each.plan.tenders, one.left)
        each.payouts = payouts.in_exchange(each.plan, each.account, ways, moved, one.case.header)
        one.left -= sum(moved.values())
        one.moved.append(moved)


def _apply(one: _Swapping, item: Exchanging, there: Account | None) -> Placing:
    """Move the return and its orders on, and say what the order in place of the goods is: one that is `there` or a
    new one.
    """
    case = one.case
    known = {line.id: line for line in case.lines}
    money: list[Money] = []
    moved_minor = 0
    for each, moved in zip(one.settled, one.moved, strict=True):
        moved_minor += sum(moved.values())
        if each.account is not None:
            each.account.sale, each.account.touched = each.plan.sale, True
            money += [Money(each.account, each.id, key, amount) for key, amount in moved.items()]
        for row in each.plan.lines:
            line = known[row.ref]
            line.refund_minor += row.paid_minor
            if not row.aside:
                line.settled += row.quantity
                count_shares(line, row)
        case.header.refund_minor += each.plan.cash_minor
        case.header.refund_state = payouts.state_after(case.header.refund_state, each.payouts)
    case.header.settled_at = one.at
    case.touched, case.occurred_at, case.notice, case.reason = True, item.occurred_at, "return_exchanged", item.reason
    case.notes = {"collect_minor": one.left, "paid_back_minor": one.offer.paid_back_minor}
    case.tells = _tells(case, one.left, sum(each.plan.cash_minor for each in one.settled) - moved_minor, there)
    sold = [each.account for each in one.settled if each.account]
    return Placing(case.header, one.at, one.offer.goods, sold, money, there)


def _tells(case: Case, left: int, back: int, there: Account | None) -> dict[str, str]:
    """What the notice says: what is open, and what goes back; nothing of what is nought."""
    header = case.header
    amounts = {"collect": left, "returned": back}
    told = {name: str(from_minor(minor, header.currency)) for name, minor in amounts.items() if minor}
    return {"order": there.order.number if there else header.number + SUFFIX, **told}


def _rate(one: _Swapping, there: Account | None) -> Decimal:
    """The rate at which the order in place of the goods is booked: that of the first order given back."""
    account = there or one.settled[0].account
    return account.order.fx_rate if account else Decimal(1)
