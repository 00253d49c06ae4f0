"""What units of return lines pay: the one way from lines to plans, for the step, its preview and the estimate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.money import target
from guicang.kernel.refusal import Refusal
from guicang.returns.errors import BLOCKED
from guicang.returns.lifecycle import WITHOUT_MONEY, WITHOUT_REFUND, LineKind, unsettled
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations.crediting import EXPENSES
from guicang.returns.operations.saleview import Account
from guicang.returns.operations.stated import NOTHING_STATED, Stated
from guicang.returns.settlement import Ask, Plan, PlanLine, Rules, Sale, plan_settlement

#: Accepted units of a return line by grade, in the order of their inspection.
Graded = Mapping[UUID, tuple[tuple[str, int], ...]]


class Wish(NamedTuple):
    """A line that somebody asks for or asked for, as far as its money needs it."""

    id: UUID
    kind: str
    resolution: str
    order_id: UUID
    order_line_id: UUID
    requested: int
    money_kind: str = ""
    recorded_minor: int | None = None
    settled: int = 0
    share_minor: int = 0
    fees: Mapping[str, int] = {}
    unit_weight_g: int = 0
    by_weight: bool = False
    priced: Mapping[str, Any] = {}


class Planned(NamedTuple):
    """`sale`: the order before it; `units` of each line."""

    order_id: UUID
    units: Sequence[tuple[ReturnLine | Wish, int]]
    plan: Plan
    sale: Sale

    @property
    def lines(self) -> list[ReturnLine | Wish]:
        return [line for line, _ in self.units]


class Inspected(NamedTuple):
    """What is known beyond the lines themselves: grades found, and what somebody keeps back by hand, by line."""

    graded: Graded = {}
    deductions: Mapping[UUID, int] = {}


NOTHING_FOUND = Inspected()


def plan_orders(
    currency: str,
    units: Sequence[tuple[ReturnLine, int]],
    accounts: Mapping[UUID, Account],
    said: Stated = NOTHING_STATED,
    inspected: Inspected = NOTHING_FOUND,
    others: Sequence[ReturnLine] = (),
) -> list[Planned]:
    """One plan an order of the lines, against `accounts` as they are; those are left as they were. No I/O.

    `others`: all lines of the return; a fee that is per return counts what was kept back of any of them.
    """
    by_order: dict[UUID, list[tuple[ReturnLine, int]]] = {}
    for line, count in units:
        by_order.setdefault(line.order_id, []).append((line, count))
    borne = {line.id: dict(line.fees) for line in others or [line for line, _ in units]}
    planned = []
    for order_id, parts in by_order.items():
        account = accounts.get(order_id)
        sale = account.sale if account else Sale(NIL, currency, 0, 0, 0, 0, {})
        planned.append(Planned(order_id, parts, _plan(sale, parts, said, inspected, borne), sale))
    return planned


def again(plans: Sequence[Planned], said: Stated) -> list[Planned]:
    """The same under other terms, as if nothing had been kept back before."""
    borne: dict[UUID, dict[str, int]] = {line.id: {} for each in plans for line in each.lines}
    return [each._replace(plan=_plan(each.sale, each.units, said, NOTHING_FOUND, borne)) for each in plans]


def _plan(
    sale: Sale,
    parts: Sequence[tuple[ReturnLine | Wish, int]],
    said: Stated,
    inspected: Inspected,
    borne: dict[UUID, dict[str, int]],
) -> Plan:
    """`borne`: what was kept back of the return's lines so far, moved on by this plan."""
    mine = {line.id for line, _ in parts}
    rules = replace(
        said.rules,
        sellers_fault=bool(said.faulty) and mine <= said.faulty,
        once_charged=summed(fees for key, fees in borne.items() if key not in mine),
        pay_out=not said.rules.on_account and any(line.priced.get("pays") == "bank" for line, _ in parts),
    )
    plan = plan_settlement(sale, [_ask(line, count, said, inspected) for line, count in parts], rules=rules)
    for row in plan.lines:
        for key, change in row.fees.items():
            borne[row.ref][key] = borne[row.ref].get(key, 0) + change
    return plan


def count_shares(line: ReturnLine, row: PlanLine) -> None:
    """What the line gave back before fees, and what was kept back of it."""
    line.share_minor += row.share_minor
    fees = {**line.fees, **{key: line.fees.get(key, 0) + change for key, change in row.fees.items()}}
    line.fees = {key: amount for key, amount in fees.items() if amount}


def undo(sale: Sale, rows: Sequence[tuple[ReturnLine, Ask]], said: Stated, inspected: Inspected, rules: Rules) -> Plan:
    """The plan that takes a settlement back: its asks with the fees that lie on them."""
    asks = [replace(ask, **_fees_of(line, said, inspected)) for line, ask in rows]
    return plan_settlement(sale, asks, rules=rules)


def estimate(
    currency: str, rows: Sequence[Mapping[str, Any]], accounts: Mapping[UUID, Account], said: Stated = NOTHING_STATED
) -> tuple[list[ReturnLine], list[Planned]]:
    """Lines as a request makes them, as if all of them were granted, and what settling them pays."""
    lines = [ReturnLine(**row, position=place, authorised=row["requested"]) for place, row in enumerate(rows, 1)]
    units = [(line, line.authorised) for line in lines if line.resolution not in WITHOUT_REFUND]
    return lines, plan_orders(currency, units, accounts, said)


def reckon(currency: str, rows: Iterable[Mapping[str, Any]], accounts: Mapping[UUID, Account]) -> list[Planned]:
    """The plans of `estimate` alone, for whoever needs no lines: a tenth of the time."""
    by_order: dict[UUID, list[tuple[ReturnLine | Wish, int]]] = {}
    for row in rows:
        if row["resolution"] not in WITHOUT_REFUND:
            wish = Wish(**{name: row[name] for name in Wish._fields if name in row})
            by_order.setdefault(wish.order_id, []).append((wish, wish.requested))
    found = []
    for order_id, parts in by_order.items():
        account = accounts.get(order_id)
        sale = account.sale if account else Sale(NIL, currency, 0, 0, 0, 0, {})
        asks = [_ask(line, count, NOTHING_STATED, NOTHING_FOUND) for line, count in parts]
        found.append(Planned(order_id, parts, plan_settlement(sale, asks), sale))
    return found


def unpriced(header: Return, line: ReturnLine) -> bool:
    """Accepted goods without an order that nobody has priced: what they pay is not known."""
    waits = line.kind == LineKind.BLIND and line.recorded_minor is None
    return waits and header.origin == Origin.LIVE and unsettled(line) > 0


def refusals_of(plan: Plan) -> list[Refusal]:
    """Which ceilings and disputes stand in the way of a plan."""
    return [BLOCKED[code](**{"disputed_minor": 0, "cash_minor": 0, **data}) for code, data in plan.blocked]


def paid_back(plans: Iterable[Planned]) -> int:
    return sum(each.plan.total("paid_minor") + each.plan.shipping_minor for each in plans)


def weighed(lines: Iterable[Mapping[str, Any]], plans: Iterable[Planned] | None) -> int | None:
    """What policies are told that a request pays back; None where nobody counted.

    Likewise where goods are repaired or sent once more: no amount says what that gives away, so none is little enough
    to be granted by itself.
    """
    if plans is None or any(line["resolution"] in WITHOUT_MONEY for line in lines):
        return None
    return paid_back(plans)


def _ask(line: ReturnLine | Wish, units: int, said: Stated, inspected: Inspected) -> Ask:
    amount = line.recorded_minor
    if line.kind == LineKind.MONEY:
        if line.money_kind in EXPENSES:
            return Ask(line.id, line.order_line_id, expense_minor=amount or 0)
        if line.order_line_id != NIL:
            return Ask(line.id, line.order_line_id, goodwill_minor=amount or 0)
        return Ask(line.id, recorded_minor=amount)
    # What a past document paid belongs to all units of the line: a part of them takes its share.
    recorded = None if amount is None else _share(line, units, amount)
    priced = line.priced if "rule" in line.priced else {}
    return Ask(
        line.id,
        line.order_line_id,
        units,
        line.kind == LineKind.UNSHIPPED,
        recorded,
        _share(line, units, priced["tax_minor"]) if priced else 0,
        priced,
        **_fees_of(line, said, inspected),
        deduction_minor=inspected.deductions.get(line.id, 0),
        weight_g=units * line.unit_weight_g if line.by_weight else 0,
        exchanged=units * said.same.get(line.id, 0) // (line.requested or 1),
    )


def _fees_of(line: ReturnLine | Wish, said: Stated, inspected: Inspected) -> dict[str, Any]:
    """What of an ask is about fees: those stated, and what was settled and kept back before."""
    return {
        "fees": said.fees.get(line.id, ()),
        "graded": inspected.graded.get(line.id, ()),
        "settled": line.settled,
        "share_minor": line.share_minor,
        "charged": line.fees,
        "forfeits": line.id in said.forfeits,
    }


def summed(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Fees of several lines, added up by fee."""
    found: dict[str, int] = {}
    for fees in several:
        for key, amount in fees.items():
            found[key] = found.get(key, 0) + amount
    return found


def _share(line: ReturnLine | Wish, units: int, amount: int) -> int:
    return target(amount, line.settled + units, line.requested) - target(amount, line.settled, line.requested)
