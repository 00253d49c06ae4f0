"""What units of return lines pay: the one way from lines to plans, for the step, its preview and the estimate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.kernel.money import target
from guicang.returns.lifecycle import WITHOUT_REFUND, LineKind
from guicang.returns.models import ReturnLine
from guicang.returns.operations.crediting import EXPENSES
from guicang.returns.operations.saleview import Account
from guicang.returns.settlement import Ask, Plan, Sale, ShippingMode, plan_settlement


class Planned(NamedTuple):
    order_id: UUID
    lines: list[ReturnLine]
    plan: Plan


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


def plan_orders(
    currency: str, units: Sequence[tuple[ReturnLine, int]], accounts: Mapping[UUID, Account], shipping: str
) -> list[Planned]:
    """One plan an order of the lines, against `accounts` as they are; those are left as they were. No I/O."""
    by_order: dict[UUID, list[tuple[ReturnLine, int]]] = {}
    for line, count in units:
        by_order.setdefault(line.order_id, []).append((line, count))
    return [
        Planned(order_id, [line for line, _ in parts], _plan(currency, parts, accounts.get(order_id), shipping))
        for order_id, parts in by_order.items()
    ]


def _plan(
    currency: str, parts: Sequence[tuple[ReturnLine | Wish, int]], account: Account | None, shipping: str
) -> Plan:
    sale = account.sale if account else Sale(NIL, currency, 0, 0, 0, 0, {})
    return plan_settlement(sale, [_ask(line, count) for line, count in parts], shipping=shipping)


def estimate(
    currency: str, rows: Sequence[Mapping[str, Any]], accounts: Mapping[UUID, Account]
) -> tuple[list[ReturnLine], list[Planned]]:
    """Lines as a request makes them, as if all of them were granted, and what settling them pays."""
    lines = [ReturnLine(**row, position=place, authorised=row["requested"]) for place, row in enumerate(rows, 1)]
    units = [(line, line.authorised) for line in lines if line.resolution not in WITHOUT_REFUND]
    return lines, plan_orders(currency, units, accounts, ShippingMode.NONE)


def reckon(currency: str, rows: Iterable[Mapping[str, Any]], accounts: Mapping[UUID, Account]) -> list[Plan]:
    """The plans of `estimate` alone, for whoever needs no lines: a tenth of the time."""
    by_order: dict[UUID, list[tuple[Wish, int]]] = {}
    for row in rows:
        if row["resolution"] not in WITHOUT_REFUND:
            wish = Wish(**{name: row[name] for name in Wish._fields if name in row})
            by_order.setdefault(wish.order_id, []).append((wish, wish.requested))
    return [_plan(currency, parts, accounts.get(order_id), ShippingMode.NONE) for order_id, parts in by_order.items()]


def paid_back(plans: Iterable[Plan]) -> int:
    return sum(plan.total("paid_minor") + plan.shipping_minor for plan in plans)


def _ask(line: ReturnLine | Wish, units: int) -> Ask:
    amount = line.recorded_minor
    if line.kind == LineKind.MONEY:
        if line.money_kind in EXPENSES:
            return Ask(line.id, line.order_line_id, expense_minor=amount or 0)
        if line.order_line_id != NIL:
            return Ask(line.id, line.order_line_id, goodwill_minor=amount or 0)
        return Ask(line.id, recorded_minor=amount)
    # What a past document paid belongs to all units of the line: a part of them takes its share.
    recorded = None if amount is None else _share(line, units, amount)
    return Ask(line.id, line.order_line_id, units, line.kind == LineKind.UNSHIPPED, recorded)


def _share(line: ReturnLine | Wish, units: int, amount: int) -> int:
    return target(amount, line.settled + units, line.requested) - target(amount, line.settled, line.requested)
