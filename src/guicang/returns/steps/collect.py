"""Collect what an exchange leaves open: once, by whatever way the buyer pays it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal, Refused, raise_first
from guicang.org import queries as org
from guicang.payments.operations.cash import Cash, Moved
from guicang.payments.rules.drawers import CashKind
from guicang.returns import errors
from guicang.returns.deadlines import new_first
from guicang.returns.lifecycle import awaited
from guicang.returns.models import Collection
from guicang.returns.operations import docket, inputs, replacing, saleview, till
from guicang.returns.operations.docket import Case
from guicang.returns.operations.saleview import Account
from guicang.trade import errors as trade
from guicang.trade import queries as traded
from guicang.trade.facts import OrderFacts, PaymentFacts
from guicang.trade.operations.recording import record

PERMISSION = "returns.collect"
#: Ways in which a buyer can pay a difference.
WAYS = ("cash", "card", "wechat", "alipay", "transfer")
DIFFERENCE = "difference"
#: The old goods are not back in time: the new ones are charged by the way that the old ones were paid.
CHARGE = "charge"


@dataclass(frozen=True, slots=True)
class Collecting:
    """All that is open was paid, by `way`; `reference` of the payment. A charge takes both from the old order."""

    return_id: UUID
    way: str = ""
    reference: str = ""
    kind: str = DIFFERENCE
    #: The clock that gives the command, if one does.
    clock_id: UUID = NIL


def collect(
    *,
    collections: Sequence[Collecting],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Record what was paid for orders in place of returned goods. About 45 statements a thousand.

    Locks shops, orders, order lines, tenders, returns, books (share), audit heads. A second one of the same kind finds
    nothing open, and no order has two rows of a kind (UNIQUE).
    """
    if not actor.may(PERMISSION):
        raise Refused([errors.NotPermitted(permission=PERMISSION)])
    return docket.run(
        collections, _collect, "collect", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _collect(chunk: Sequence[Collecting], context: Context) -> list[Outcome]:
    wanted = [item.return_id for item in chunk]
    replacing.lock_shops(wanted)
    known = traded.replacements(wanted)
    accounts = saleview.accounts(one.id for one in known.values())
    cases = docket.load(wanted)
    chunk = _as_paid_before(chunk, cases)
    outcomes: list[Outcome] = []
    facts: list[OrderFacts] = []
    rows: list[dict[str, Any]] = []
    cash, moved = Cash(context), list[Moved]()
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        there = known.get(item.return_id)
        account = accounts.get(there.id) if there else None
        refusals = docket.check(case, "collect", context.actor, item.clock_id) or _refusals(item, account, case)
        if not refusals and case is not None and account is not None and _at_counter(item, case, cash):
            refusals = cash.move(case.header.company_id, case.header.currency, -account.sale.overpaid_minor)
        if case is None or account is None or refusals:
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        amount = -account.sale.overpaid_minor
        account.sale.captured_minor += amount
        through = cash.till_id if _at_counter(item, case, cash) else NIL
        facts.append(_paid(item, account, amount, context, through))
        rows.append(_row(item, case, account, amount, context))
        if through != NIL:
            moved.append(Moved(CashKind.COLLECTION, amount, _booked(case, context), rows[-1]["id"], case.header.id))
        case.touched, case.notes = True, {"collected_minor": amount, "kind": item.kind, "way": item.way}
        outcomes.append(docket.outcome(index, case, data={"collected_minor": amount, "order_id": account.order.id}))
    days = accounting.book_dates([row["company_id"] for row in rows], [context.now] * len(rows))
    for row, day in zip(rows, days, strict=True):
        row["book_date"] = day
        del row["company_id"]
    raise_first(record(context, facts) if facts else [])
    setwrites.insert(Collection, rows)
    cash.write(moved)
    docket.store(context, [case for case in cases.values() if case.touched], "collect")
    return outcomes


def _as_paid_before(chunk: Sequence[Collecting], cases: Mapping[UUID, Case]) -> list[Collecting]:
    """Charges with the way and reference by which the old order was paid; 1 statement where there are any."""
    charged = [item for item in chunk if item.kind == CHARGE and item.return_id in cases]
    orders = {item.return_id: cases[item.return_id].lines[0].order_id for item in charged}
    paid = traded.first_tenders(orders.values()) if orders else {}
    return [
        replace(item, way=paid[orders[item.return_id]][0], reference=paid[orders[item.return_id]][1])
        if orders.get(item.return_id) in paid
        else item
        for item in chunk
    ]


def _refusals(item: Collecting, account: Account | None, case: Case | None) -> list[Refusal]:
    refusals: list[Refusal] = inputs.too_long(Collection, {"reference": item.reference})
    known = bool(item.way) if item.kind == CHARGE else item.way in WAYS and item.kind == DIFFERENCE
    if not known:
        refusals.append(errors.BadChoice(column="way", value=item.way))
    gone = item.kind == CHARGE and case is not None and not any(map(awaited, new_first(case.lines)))
    if account is None or account.sale.overpaid_minor >= 0 or gone:
        refusals.append(trade.NothingToCollect())
    return refusals


def _at_counter(item: Collecting, case: Case, cash: Cash) -> bool:
    """Whether somebody at a counter takes it in cash; what is charged comes by the way of the first payment."""
    return item.kind == DIFFERENCE and till.takes(cash, item.way, case.header.company_id)


def _booked(case: Case, context: Context) -> bool:
    """Whether our books have what is paid now; 1 statement."""
    return org.companies([case.header.company_id])[case.header.company_id].books_at(context.now)


def _paid(item: Collecting, account: Account, amount: int, context: Context, till_id: UUID) -> OrderFacts:
    order = account.order
    key = f"collection:{item.kind}"
    payment = PaymentFacts(key, item.way, amount, context.now, item.reference, till_id=till_id)
    return OrderFacts(order.shop_id, order.number, order.ordered_at, "", [], payments=[payment])


def _row(item: Collecting, case: Case, account: Account, amount: int, context: Context) -> dict[str, Any]:
    return {
        "id": new_id(),
        "company_id": case.header.company_id,
        "parent_id": case.header.id,
        "order_id": account.order.id,
        "kind": item.kind,
        "currency": case.header.currency,
        "amount_minor": amount,
        "tender_kind": item.way,
        "reference": item.reference,
        "occurred_at": context.now,
        **context.stamps,
    }
