"""Settle a return: plan exactly what is due, credit it, refund what was overpaid, and book both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.accounting.operations import RateKey
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.org import queries as org
from guicang.parties import operations as parties
from guicang.payments import queries as payments
from guicang.payments.models import Refund
from guicang.payments.operations.cash import Cash
from guicang.payments.rules import UNPAID, RefundTo
from guicang.returns import errors, queries
from guicang.returns.deadlines import AHEAD, Kind, early
from guicang.returns.lifecycle import WITHOUT_REFUND, LineKind, awaited, pending, unsettled
from guicang.returns.models import ReturnLine
from guicang.returns.operations import (
    balances,
    beyond,
    claims,
    docket,
    inputs,
    insurance,
    payouts,
    refunding,
    saleview,
    till,
)
from guicang.returns.operations.crediting import Settling
from guicang.returns.operations.docket import Case
from guicang.returns.operations.known import Known, known_of
from guicang.returns.operations.planning import Inspected, count_shares, plan_orders, refusals_of, unpriced
from guicang.returns.operations.saleview import Account
from guicang.returns.operations.stated import as_data, stated
from guicang.returns.operations.winning import win_back
from guicang.returns.operations.writing import write_settlements
from guicang.returns.settlement import Plan, ShippingMode
from guicang.trade.operations.books import known_rates


@dataclass(frozen=True, slots=True)
class Settlement:
    """`units` by line; empty: everything that is due. `ahead`: before the goods came back (极速退款).

    `shipping`: which shipping goes back with it, '' as the policy says. `deductions`: what is kept back by hand
    beyond the policy's fees, by line, with its reason. `cash_rate` None: the known rate of the day, else the sale's.
    `on_account`: what is overpaid stays a credit of the customer.
    """

    return_id: UUID
    units: Mapping[UUID, int] = field(default_factory=dict)
    shipping: str = ""
    ahead: bool = False
    deductions: Mapping[UUID, int] = field(default_factory=dict)
    reason: str = ""
    reference: str = ""
    #: How the money goes back: '' as the policy says, original, or another method; and that the buyer agreed to it.
    refund_to: str = ""
    consented: bool = False
    on_account: bool = False
    #: What somebody gives beyond it, an expense of ours with its reason.
    goodwill_minor: int = 0
    cash_rate: Decimal | None = None
    occurred_at: datetime | None = None
    #: The clock that gives the command, if one does.
    clock_id: UUID = NIL


def settle(
    *,
    settlements: Sequence[Settlement],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Settle in sets. About 34 statements a thousand, one more where an amount depends on the grade found.

    Locks orders, order lines, tenders, returns, invoice lines, books (share), audit heads. A return over several
    orders makes one settlement for each. Refused as a whole where any ceiling stands in the way (HARD-CASES 7).
    """
    return docket.in_chunks(
        settlements, _settle, "settle", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _settle(chunk: Sequence[Settlement], context: Context) -> list[Outcome]:
    wanted = [item.return_id for item in chunk]
    ahead = _paid_ahead([item.return_id for item in chunk if item.ahead and item.clock_id != NIL])
    accounts = saleview.accounts({order for _, order, _ in queries.sale_lines_of(wanted)} - {NIL})
    cases = docket.load(wanted)
    known = known_of(cases)
    companies = org.companies({case.header.company_id for case in cases.values()})
    ways = ways_of(companies, context)
    rates = _day_rates(chunk, cases, companies, context)
    bare = insurance.freight_refusals(cases.values(), context)
    outcomes: list[Outcome] = []
    settled, cash = list[Settling](), Cash(context)
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "settle", context.actor, item.clock_id)
        if case is None or refusals or (refusals := _refusals(case, item, context.actor, bare)):
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        planned = _plan(case, item, accounts, companies[case.header.company_id], known, context)
        for each in planned:
            each.cash_rate = item.cash_rate or rates.get((case.header.id, each.at))
            consented = item.consented or case.header.credit_consented
            to = item.refund_to or case.header.refund_to
            method = payouts.chosen(to, consented, known.verdicts[case.header.id])
            way = ways[case.header.company_id]
            each.payouts = payouts.payouts(each.plan, each.account, way, method, consented, case.header)
        refusals = balances.unowned(planned)
        refusals += [refusal for each in planned for refusal in refusals_of(each.plan)]
        refusals += _ceiling(case, planned, known, ahead) + _parts(case, item, known, context.actor)
        if not refusals and not (refusals := till.plan(cash, planned)):
            _apply(case, planned, item, context)
            known.owed[case.header.id] = known.owed.get(case.header.id, 0) + _on_account(planned)
            settled.extend(planned)
        outcomes.append(docket.outcome(index, case, refusals, {"settlements": [each.id for each in planned]}))
    moved = write_settlements(context, settled, cash)
    for case in cases.values():
        refunding.tell_credit(case, moved.gave.get(case.header.id))
    win_back(context, cases.values(), known.verdicts)
    refunding.ask_where(settled, cases)
    changed = [case for case in cases.values() if case.touched]
    docket.store(context, changed, "settle")
    claims.label_orders(changed)
    return outcomes


def ways_of(companies: Iterable[UUID], context: Context) -> Mapping[UUID, Mapping[str, str]]:
    """How each company carries out refunds; what history tells was paid. 1 statement, none for history."""
    if context.origin != Origin.LIVE:
        return {company_id: {} for company_id in companies}
    return payments.ways(companies)


def _paid_ahead(return_ids: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    """What customers were paid before their goods were looked at; locks the customers. 3 statements, 0 for none."""
    if not return_ids:
        return {}
    customers = queries.customers_of(return_ids)
    parties.hold_customers(customers)
    return queries.paid_ahead(customers)


def _ceiling(case: Case, planned: Sequence[Settling], told: Known, ahead: dict[tuple[UUID, str], int]) -> list[Refusal]:
    """What is paid ahead by itself stays below the policy's ceiling for the customer, all his returns together."""
    if case.by is None or case.by.kind not in AHEAD:
        return []
    key = (case.header.customer_id, case.header.currency)
    total = ahead.get(key, 0) + sum(each.plan.cash_minor for each in planned)
    most = told.verdicts[case.header.id].get("terms", {}).get("ahead_most_minor")
    if most is not None and total > most:
        return [errors.AheadCeiling()]
    ahead[key] = total
    return []


def _parts(case: Case, item: Settlement, told: Known, actor: Actor) -> list[Refusal]:
    """Where the policy refunds once all of it is here, nothing is paid by parcels but as an exception."""
    terms = told.verdicts[case.header.id].get("terms", {})
    if (
        terms.get("refund_parts") != "end"
        or item.ahead
        or case.header.withdrawal
        or (item.reason and actor.may(beyond.OVERRIDE))
    ):
        return []
    units = sum(awaited(line) + pending(line) for line in case.lines)
    return [errors.PartsAwaited(units=units)] if units else []


def _day_rates(
    chunk: Sequence[Settlement],
    cases: Mapping[UUID, Case],
    companies: Mapping[UUID, org.CompanyInfo],
    context: Context,
) -> dict[tuple[UUID, datetime], Decimal]:
    """The known rate of the day by return and instant, for money in another currency than the books'.

    3 statements where there is any, 5 where a rate is missing: the sale's own rate is taken then.
    """
    wanted = []
    for item in chunk:
        case = cases.get(item.return_id)
        if case and item.cash_rate is None and case.header.currency != companies[case.header.company_id].currency:
            wanted.append((case.header, item.occurred_at or context.now))
    if not wanted:
        return {}
    days = accounting.book_dates([header.company_id for header, _ in wanted], [at for _, at in wanted])
    keys = [RateKey(header.company_id, header.currency, day) for (header, _), day in zip(wanted, days, strict=True)]
    known = known_rates(set(keys))
    return {(header.id, at): known[key] for (header, at), key in zip(wanted, keys, strict=True) if key in known}


def _refusals(case: Case, item: Settlement, actor: Actor, bare: Mapping[UUID, Sequence[Refusal]]) -> list[Refusal]:
    """`bare`: why freight of a return is not paid back."""
    refusals = _holds(case, item)
    refusals += bare.get(case.header.id, ())
    refusals += inputs.too_long(Refund, {"reference": item.reference})
    refusals += inputs.unknown("shipping", item.shipping, ShippingMode) if item.shipping else []
    refusals += payouts.refusals(item.refund_to, item.consented)
    kept_back = bool(item.deductions)
    refusals += beyond.refusals(actor, item.reason, kept_back=kept_back, goodwill_minor=item.goodwill_minor)
    if not _units(case, item):
        waiting = sum(pending(line) for line in case.lines)
        refusals.append(errors.NotInspected(pending=waiting) if waiting else errors.NothingDue())
    known = {line.id: line for line in case.lines}
    for line_id, units in item.units.items():
        line = known.get(line_id)
        if line is None:
            refusals.append(errors.LineNotFound())
        elif not 1 <= units <= _most(case, line, item.ahead):
            refusals.append(errors.BadQuantity(quantity=units, most=_most(case, line, item.ahead)))
    for line_id, amount in item.deductions.items():
        if line_id not in known or amount < 1:
            refusals.append(errors.LineNotFound() if line_id not in known else errors.BadAmount(amount_minor=amount))
    return refusals


def _holds(case: Case, item: Settlement) -> list[Refusal]:
    """What has to be decided first: goods that differ, and what a clock gives while a person is to look at the risk."""
    refusals: list[Refusal] = [errors.Held(position=line.position) for line in case.lines if line.held]
    refusals += [errors.Unpriced(position=line.position) for line in case.lines if unpriced(case.header, line)]
    if case.header.gift and (item.on_account or item.refund_to not in ("", RefundTo.STORE_CREDIT)):
        refusals.append(errors.GiftMoney())
    if item.clock_id != NIL and case.header.risk_review:
        refusals.append(errors.RiskWaits())
    return refusals


def _most(case: Case, line: ReturnLine, ahead: bool) -> int:
    if line.resolution in WITHOUT_REFUND:
        return 0
    if ahead and case.by is not None and line.kind == LineKind.GOODS:
        return early(line, Kind(case.by.kind))
    return line.authorised - line.settled if ahead else unsettled(line)


def _units(case: Case, item: Settlement) -> dict[UUID, int]:
    if item.units:
        return dict(item.units)
    return {line.id: units for line in case.lines if (units := _most(case, line, item.ahead))}


def _plan(
    case: Case,
    item: Settlement,
    accounts: Mapping[UUID, Account],
    company: org.CompanyInfo,
    told: Known,
    context: Context,
) -> list[Settling]:
    """One plan an order, each against the order as earlier settlements of the set left it."""
    known = {line.id: line for line in case.lines}
    units = [(known[line_id], count) for line_id, count in _units(case, item).items()]
    if item.goodwill_minor:
        given = beyond.goodwill(case.lines, units[0][0], item.goodwill_minor, item.reason)
        units.append((given, 1))
        known[given.id] = given
    owed = -told.owed.get(case.header.id, 0)
    said = stated(told.verdicts[case.header.id], item.shipping, on_account=item.on_account, owed_minor=max(0, owed))
    inspected = Inspected(told.graded, item.deductions)
    return [
        Settling(
            header=case.header,
            plan=each.plan,
            account=accounts.get(each.order_id),
            company=company,
            at=item.occurred_at or context.now,
            kinds={key: line.money_kind for key, line in known.items()},
            lines=known,
            reference=item.reference,
            rules=as_data(each.plan.rules),
        )
        for each in plan_orders(case.header.currency, units, accounts, said, inspected, case.lines)
    ]


def _apply(case: Case, planned: Sequence[Settling], item: Settlement, context: Context) -> None:
    known: dict[UUID, Any] = {line.id: line for line in case.lines}
    units = _units(case, item)
    for each in planned:
        if each.account is not None:
            each.account.sale, each.account.touched = each.plan.sale, True
        for row in each.plan.lines:
            if row.ref not in known:
                known[row.ref] = each.lines[row.ref]
                case.lines.append(each.lines[row.ref])
            line = known[row.ref]
            line.refund_minor += row.paid_minor
            if not row.aside:
                line.settled += units.get(line.id, 1)
                count_shares(line, row)
        case.header.refund_minor += each.plan.cash_minor
        case.header.refund_state = payouts.state_after(case.header.refund_state, each.payouts)
    case.header.settled_at = item.occurred_at or context.now
    case.touched, case.occurred_at = True, item.occurred_at
    if case.header.refund_state not in UNPAID:
        case.notice = "return_refunded"  # else once it is paid
    case.reason = item.reason


def _on_account(planned: Sequence[Settling]) -> int:
    return sum(each.plan.unapplied_minor for each in planned if each.account is None)


class Supposition(NamedTuple):
    """A settlement that somebody thinks of. `grade`: that of goods nobody has inspected yet, '' none; `plain`: as if
    the policy kept nothing back.
    """

    settlement: Settlement
    grade: str = ""
    plain: bool = False


class Supposed(NamedTuple):
    """One plan an order, none where nothing is due; `refusals`: why the step would not do it."""

    plans: list[Plan]
    refusals: list[Refusal]


def preview(
    item: Settlement, actor: Actor, now: datetime, accounts: Mapping[UUID, Account] | None = None
) -> list[Plan]:
    """What settling now would pay, one plan an order: the step's own path, read without locks; 8 statements, 3 of
    which read the orders that the caller does not hand over in `accounts`.

    Empty where there is no such return, the actor may not see it, or nothing is due.
    """
    return suppose(item.return_id, [Supposition(item)], actor, now, accounts)[0].plans


def suppose(
    return_id: UUID,
    asked: Sequence[Supposition],
    actor: Actor,
    now: datetime,
    accounts: Mapping[UUID, Account] | None = None,
) -> list[Supposed]:
    """As `preview`, for several settlements of one return, each by itself; 8 statements for all of them."""
    case = docket.load([return_id], lock=False).get(return_id)
    if case is None or docket.hidden(case, actor):
        return [Supposed([], [errors.NotFound()]) for _ in asked]
    context = Context(NIL, actor, now)
    bare = insurance.freight_refusals([case], context)
    due = [_units(case, one.settlement) for one in asked]
    if not any(due):
        return [Supposed([], _refusals(case, one.settlement, actor, bare)) for one in asked]
    if accounts is None:
        accounts = saleview.accounts({line.order_id for line in case.lines} - {NIL}, lock=False)
    company = org.companies([case.header.company_id])[case.header.company_id]
    known = known_of({case.header.id: case})
    found = []
    for one, units in zip(asked, due, strict=True):
        refusals = _refusals(case, one.settlement, actor, bare)
        # Units of lines that are not there cannot be planned: the refusals say so.
        possible = units and set(units) <= {line.id for line in case.lines}
        told = _supposed(known, case, one)
        planned = _plan(case, one.settlement, accounts, company, told, context) if possible else []
        found.append(Supposed([each.plan for each in planned], refusals))
    return found


def _supposed(known: Known, case: Case, one: Supposition) -> Known:
    if one.plain:
        return known._replace(verdicts={case.header.id: {}}, graded={})
    if not one.grade:
        return known
    graded = dict(known.graded)
    for line in case.lines:
        found = graded.get(line.id, ())
        graded[line.id] = (*found, (one.grade, line.requested - sum(units for _, units in found)))
    return known._replace(graded=graded)
