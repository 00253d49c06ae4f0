"""Take a settlement back by an opposite one: a correction is a row of its own, never a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from guicang.accounting import queries as accounting
from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Outcome, Refusal
from guicang.org import queries as org
from guicang.payments import operations as payments
from guicang.payments.errors import RefundUnderWay
from guicang.payments.operations.credit import AccountKey
from guicang.payments.queries import refund_states
from guicang.payments.rules import Method
from guicang.returns import errors, queries
from guicang.returns.lifecycle import EXCHANGED, LineKind, bound
from guicang.returns.models import ReturnLine, Settlement, SettlementLine
from guicang.returns.operations import claims, docket, inputs, saleview, till
from guicang.returns.operations.balances import Balances, customers_of
from guicang.returns.operations.crediting import EXPENSES, Settling
from guicang.returns.operations.docket import Case
from guicang.returns.operations.known import Known, known_of
from guicang.returns.operations.payouts import SetOff, state_after
from guicang.returns.operations.planning import Inspected, count_shares, summed, undo
from guicang.returns.operations.saleview import Account
from guicang.returns.operations.stated import from_data, stated
from guicang.returns.operations.writing import write_settlements
from guicang.returns.settlement import Ask, Sale
from guicang.trade import errors as trade


@dataclass(frozen=True, slots=True)
class Reversal:
    settlement_id: UUID
    reason: str
    occurred_at: datetime | None = None


def reverse_settlement(
    *,
    reversals: Sequence[Reversal],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Undo settlements in sets. About 37 statements a thousand (38 in other currencies).

    Locks as `settle`, and shipment lines after the orders.

    The units are due again and a new settlement pays them by the same rule, so that any order of
    settlements and reversals ends at exactly what was paid (HARD-CASES, Allocation).
    """
    return docket.in_chunks(
        reversals, _reverse, "reverse_settlement", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _reverse(chunk: Sequence[Reversal], context: Context) -> list[Outcome]:
    rows = {row.id: row for row in setwrites.fetch(Settlement, [item.settlement_id for item in chunk])}
    lines: dict[UUID, list[SettlementLine]] = {key: [] for key in rows}
    for line in setwrites.fetch(SettlementLine, rows, key="settlement_id"):
        lines[line.settlement_id].append(line)
    accounts = saleview.accounts({row.order_id for row in rows.values()} - {NIL})
    claims.lock_for(row.parent_id for row in rows.values())
    cases = docket.load(row.parent_id for row in rows.values())
    known = known_of(cases)
    refunds = _refunds(accounts, rows.values())
    cash = refunds.cash(context)
    balances = _balances(rows, accounts, refunds)
    companies = org.companies({row.company_id for row in rows.values()})
    rates = _rates(rows.values(), companies)
    # Read under the lock of the returns, so that two reversals of one settlement cannot both pass.
    undone = queries.reversed_settlements(rows)
    outcomes, settled, releases = [], [], claims.Releases()
    for index, item in enumerate(chunk):
        row = rows.get(item.settlement_id)
        case = cases.get(row.parent_id) if row else None
        refusals = docket.check(case, "reverse_settlement", context.actor)
        if (
            row is None
            or case is None
            or refusals
            or (refusals := _refusals(item, row, lines[row.id], undone, refunds) + _exchanged(case, lines[row.id]))
        ):
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        settling = _plan(case, row, lines[row.id], accounts, companies[row.company_id], known, refunds)
        settling.at = item.occurred_at or context.now
        settling.cash_rate = rates.get(row.id)
        if refusals := till.plan(cash, [settling]) or balances.take_back(settling):
            till.undo(cash, [settling])
            refunds.drop()
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        undone.add(row.id)
        refunds.keep()
        _apply(case, settling, item, releases)
        settled.append(settling)
        outcomes.append(docket.outcome(index, case, data={"settlements": [settling.id]}))
    write_settlements(context, settled, cash, balances)
    _set_off(context, refunds, cases)
    releases.write()
    changed = [case for case in cases.values() if case.touched]
    docket.store(context, changed, "reverse_settlement")
    claims.label_orders(changed)
    return outcomes


def _refunds(accounts: Iterable[UUID], rows: Iterable[Settlement]) -> SetOff:
    """1 statement, 1 more each where any went to store credit or out without an order."""
    found = payments.lock_refunds_of(accounts)
    if out := {row.parent_id for row in rows if row.order_id == NIL and row.cash_minor}:
        found += [row for row in payments.lock_refunds_of_returns(out) if row.order_id == NIL]
    credited = {row.return_id for row in found if row.method == Method.STORE_CREDIT}
    return SetOff(found, customers_of(credited) if credited else {})


def _exchanged(case: Case, lines: Sequence[SettlementLine]) -> list[Refusal]:
    """What paid an order in place of the goods is not taken back from under it."""
    known = {line.id: line for line in case.lines}
    mine = any(line.quantity and known[line.line_id].resolution in EXCHANGED for line in lines)
    return [trade.ExchangeStays()] if mine else []


def _balances(rows: Mapping[UUID, Settlement], accounts: Mapping[UUID, Account], refunds: SetOff) -> Balances:
    """The balances of store credit that these settlements gave to."""
    gave = [
        row for row in rows.values() if row.order_id in accounts and refunds.as_credit(row.id, accounts[row.order_id])
    ]
    keys = [AccountKey(row.company_id, row.customer_id, row.currency) for row in gave]
    return Balances(keys, [row.order_id for row in gave], [row.parent_id for row in gave])


def _set_off(context: Context, refunds: SetOff, cases: Mapping[UUID, Case]) -> None:
    """What was not paid yet never will be; 3 statements where there is any."""
    if not (taken := refunds.taken()):
        return
    payments.set_off(context, taken)
    for key, state in refund_states(row.return_id for row, _, _ in taken).items():
        cases[key].header.refund_state = state


def _refusals(
    item: Reversal, row: Settlement, lines: Sequence[SettlementLine], undone: set[UUID], refunds: SetOff
) -> list[Refusal]:
    refusals: list[Refusal] = []
    refusals += inputs.reason(item.reason)
    if row.id in undone or row.reverses_id != NIL:
        refusals.append(errors.AlreadyReversed())
    if any(line.goodwill_minor or line.price_difference_minor for line in lines):
        refusals.append(errors.GoodwillStays())
    if refunds.under_way(row.id):
        refusals.append(RefundUnderWay())
    return refusals


def _plan(
    case: Case,
    row: Settlement,
    lines: Sequence[SettlementLine],
    accounts: Mapping[UUID, Account],
    company: org.CompanyInfo,
    told: Known,
    refunds: SetOff,
) -> Settling:
    account = accounts.get(row.order_id)
    sale = account.sale if account else Sale(NIL, row.currency, 0, 0, 0, 0, {})
    known = {line.id: line for line in case.lines}
    asks = [
        (known[line.line_id], _undo(line, known[line.line_id]))
        for line in lines
        # What was withheld besides follows from what the buyer keeps.
        if line.order_line_id == known[line.line_id].order_line_id and (line.quantity or not line.withheld_minor)
    ]
    mine = {line.line_id for line in lines}
    elsewhere = summed(line.fees for line in case.lines if line.id not in mine)
    paid_out = row.cash_minor + row.unapplied_minor - refunds.due_without_order(case.header.id)
    rules = replace(
        from_data(row.rules),
        once_charged=elsewhere,
        gave=refunds.gave(row.id),
        gave_shipping=row.shipping_minor,
        stays_minor=0 if account else max(0, paid_out),
    )
    said = stated(told.verdicts[case.header.id])
    settling = Settling(
        header=case.header,
        plan=undo(sale, asks, said, Inspected(told.graded), rules),
        account=account,
        company=company,
        at=row.occurred_at,
        kinds={line.id: line.money_kind for line in case.lines},
        lines=known,
        rules=row.rules,
        reverses_id=row.id,
    )
    settling.payouts = refunds.payouts(settling.plan, account, case.header, row.id)
    return settling


def _undo(line: SettlementLine, of: ReturnLine) -> Ask:
    if of.money_kind in EXPENSES:
        return Ask(line.line_id, line.order_line_id, expense_minor=-line.expense_minor)
    if line.order_line_id == NIL:
        recorded, tax = -line.unlinked_minor, -line.tax_minor
        priced = of.priced if of.price_rule else {}
        return Ask(line.line_id, NIL, -line.quantity, recorded_minor=recorded, recorded_tax_minor=tax, priced=priced)
    as_paid = None if of.recorded_minor is None else -line.target_minor
    return Ask(line.line_id, line.order_line_id, -line.quantity, line.unshipped, as_paid, measure=-line.measure)


def _rates(rows: Iterable[Settlement], companies: Mapping[UUID, org.CompanyInfo]) -> dict[UUID, Decimal]:
    """At which rate the money of settlements in other currencies left: it comes back at the same."""
    foreign = {row.id: (row.currency, companies[row.company_id].currency) for row in rows}
    foreign = {key: pair for key, pair in foreign.items() if pair[0] != pair[1]}
    paid = accounting.cash_paid_out(foreign) if foreign else {}
    return {
        key: from_minor(book, foreign[key][1]) / from_minor(amount, foreign[key][0])
        for key, (amount, book) in paid.items()
    }


def _apply(case: Case, settling: Settling, item: Reversal, releases: claims.Releases) -> None:
    if settling.account is not None:
        settling.account.sale, settling.account.touched = settling.plan.sale, True
    known = {line.id: line for line in case.lines}
    for row in settling.plan.lines:
        line = known[row.ref]
        line.refund_minor += row.paid_minor
        if row.aside:
            continue
        line.settled += row.quantity if row.quantity else -line.settled
        count_shares(line, row)
        if line.kind == LineKind.GOODS:
            # Paid ahead, given up, and now not paid either: the buyer may still send them back.
            releases.release(line, max(0, line.claimed - bound(line)))
    case.header.refund_minor += settling.plan.cash_minor
    case.header.refund_state = state_after(case.header.refund_state, settling.payouts)
    case.touched, case.reason, case.occurred_at = True, item.reason, item.occurred_at
