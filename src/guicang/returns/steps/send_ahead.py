"""Send new goods ahead of the old ones: an order in their place, open until they are back or it is charged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from guicang.kernel import clock
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.org import queries as org
from guicang.returns import deadlines, errors, queries
from guicang.returns.deadlines import new_first
from guicang.returns.lifecycle import awaited
from guicang.returns.models import Swap
from guicang.returns.operations import docket, replacing, saleview, swaps
from guicang.returns.operations.docket import Case
from guicang.returns.operations.planning import plan_orders
from guicang.returns.operations.replacing import SUFFIX, Placing
from guicang.returns.operations.saleview import Account
from guicang.returns.operations.stated import stated
from guicang.trade import errors as trade
from guicang.trade import queries as traded


@dataclass(frozen=True, slots=True)
class Ahead:
    return_id: UUID
    occurred_at: datetime | None = None


def send_ahead(
    *,
    aheads: Sequence[Ahead],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Make the orders in place of goods that are still awaited; `order_id` in the outcome. About 60 statements a
    thousand. Locks as `exchange`.

    What the old goods will give back is its price, and it is open until then. A clock runs for them: what it does by
    itself the policy says (HARD-CASES 12).
    """
    return docket.in_chunks(
        aheads, _send, "send_ahead", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _send(chunk: Sequence[Ahead], context: Context) -> list[Outcome]:
    wanted = [item.return_id for item in chunk]
    replacing.lock_shops(wanted)
    accounts = saleview.accounts({order for _, order, _ in queries.sale_lines_of(wanted)} - {NIL})
    cases = docket.load(wanted, whole=True)
    known = set(traded.replacements(wanted))
    rows = swaps.of(wanted)
    zones = org.markets({case.header.market_id for case in cases.values()})
    outcomes: list[Outcome] = []
    placed: list[Placing] = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "send_ahead", context.actor)
        if case is None or refusals or (refusals := _refusals(case, known)):
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        at = item.occurred_at or context.now
        placing = _plan(case, at, accounts, rows)
        if not placing.goods:
            outcomes.append(docket.outcome(index, case, [errors.NothingDue()]))
            continue
        known.add(case.header.id)
        placed.append(placing)
        _apply(case, at, zones[case.header.market_id].zone)
        outcomes.append(docket.outcome(index, case))
    orders = replacing.place(context, placed)
    for outcome in outcomes:
        if outcome.ok and outcome.id in orders:
            outcome.data = {**outcome.data, "order_id": orders[outcome.id]}
    docket.store(context, [case for case in cases.values() if case.touched], "send_ahead")
    return outcomes


def _refusals(case: Case, known: set[UUID]) -> list[Refusal]:
    if case.header.id in known:
        return [trade.SentAhead()]
    return [] if any(map(awaited, new_first(case.lines))) else [errors.NothingDue()]


def _plan(case: Case, at: datetime, accounts: Mapping[UUID, Account], rows: Mapping[UUID, Sequence[Swap]]) -> Placing:
    lines = [line for line in case.lines if line in new_first(case.lines) and line.authorised]
    asked = [row for line in lines for row in rows.get(line.id, ())]
    said = swaps.neutral(stated(case.header.verdict), lines, asked)
    units = [(line, line.authorised) for line in lines]
    plans = plan_orders(case.header.currency, units, accounts, said, others=case.lines)
    offer = swaps.outlook(case.header.currency, lines, asked, plans, accounts)
    return Placing(case.header, at, offer.goods, [accounts[each.order_id] for each in plans], [])


def _apply(case: Case, at: datetime, zone: str) -> None:
    timer = deadlines.sent_ahead(at, case.header.verdict.get("terms", {}), zone)
    last = (timer.due_at - timedelta(microseconds=1)).astimezone(clock.zone(zone))  # stored exclusive
    case.timers, case.touched, case.occurred_at, case.notice = [timer], True, at, "return_sent_ahead"
    case.tells = {"order": case.header.number + SUFFIX, "until": last.date().isoformat()}
