"""Set one order's credit off against what the same customer owes for others (应收抵销): oldest first, or as chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.accounting import operations as accounting
from guicang.accounting.operations import Leg, Posting
from guicang.audit.operations import AuditEntry, record
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.money import convert_minor
from guicang.kernel.refusal import Refused
from guicang.org import queries as org
from guicang.parties import queries as parties
from guicang.sales import operations as sales
from guicang.sales.models import Order
from guicang.trade import errors

PERMISSION = "accounting.set_off"


@dataclass(frozen=True, slots=True)
class SettingOff:
    """`to_order_id` NIL: all that is open, oldest first. `amount_minor` None: as much as both sides allow."""

    from_order_id: UUID
    to_order_id: UUID = NIL
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class _Share:
    giver: Order
    taker: Order
    amount_minor: int
    id: UUID


def set_off(item: SettingOff, *, key: str, actor: Actor, now: datetime) -> int:
    """Set off, and say how much; once for a `key` ('': each time). About 15 statements.

    Never more than the credit, nor than is owed. Locks the orders of the customer that are open, by primary key; then
    books and audit heads. Raises Refused: NotPermitted, OrderUnknown, OtherAccount, NoCredit, NothingOwed,
    SetOffTooMuch.
    """
    if not actor.may(PERMISSION):
        raise Refused([errors.NotPermitted(permission=PERMISSION)])

    def act() -> dict[str, str]:
        return {"amount": str(_set_off(item, actor, now))}

    if not key:
        return int(act()["amount"])
    payload = {"from": str(item.from_order_id), "to": str(item.to_order_id), "amount": item.amount_minor}
    scope = f"trade.set_off:{actor.kind}:{actor.id.hex}"
    return int(commands.once(scope, key, payload, actor=actor, now=now, act=act)["amount"])


def _set_off(item: SettingOff, actor: Actor, now: datetime) -> int:
    with transaction.atomic():
        context = commands.begin("trade.set_off", actor=actor, now=now, items=1)
        candidates = sales.open_orders_beside(item.from_order_id)
        wanted = {item.from_order_id, *candidates} | ({item.to_order_id} - {NIL})
        orders = sales.lock_orders(wanted).orders
        giver = orders.get(item.from_order_id)
        if giver is None or not actor.scope.holds(giver.company_id, giver.shop_id, NIL):
            raise Refused([errors.OrderUnknown(number="")])
        if not parties.customers([giver.customer_id])[giver.customer_id].external_id:
            # Nobody knows who bought it: orders of such are not one person's.
            raise Refused([errors.OtherAccount()])
        takers = _takers(item, giver, orders)
        shares = _shares(item, giver, takers)
        _write(context, shares)
        return sum(share.amount_minor for share in shares)


def _takers(item: SettingOff, giver: Order, orders: dict[UUID, Order]) -> list[Order]:
    """Open orders of the same account, the oldest first; the chosen one alone where one is named."""
    chosen = orders.get(item.to_order_id)
    if item.to_order_id != NIL and (chosen is None or not _same_account(giver, chosen)):
        raise Refused([errors.OtherAccount()])
    found = [chosen] if chosen else [one for one in orders.values() if one is not giver and _same_account(giver, one)]
    return sorted((one for one in found if one.receivable_minor > 0), key=lambda one: (one.ordered_at, one.id))


def _same_account(one: Order, other: Order) -> bool:
    kept = ("company_id", "customer_id", "currency")
    return one.id != other.id and all(getattr(one, name) == getattr(other, name) for name in kept)


def _shares(item: SettingOff, giver: Order, takers: Sequence[Order]) -> list[_Share]:
    """What goes where; never more than the credit, never more than is owed."""
    credit, owed = -giver.receivable_minor, sum(one.receivable_minor for one in takers)
    if credit <= 0:
        raise Refused([errors.NoCredit()])
    if not owed:
        raise Refused([errors.NothingOwed()])
    most = min(credit, owed)
    left = most if item.amount_minor is None else item.amount_minor
    if not 1 <= left <= most:
        raise Refused([errors.SetOffTooMuch(amount_minor=left, most_minor=most)])
    shares = []
    for taker in takers:
        amount = min(left, taker.receivable_minor)
        if amount:
            shares.append(_Share(giver, taker, amount, new_id()))
        left -= amount
    return shares


def _write(context: Context, shares: Sequence[_Share]) -> None:
    giver = shares[0].giver
    company = org.companies([giver.company_id])[giver.company_id]
    entries = accounting.post(context, _postings(context, shares, company.currency))
    days = accounting.book_dates([giver.company_id] * len(shares), [context.now] * len(shares))
    rows = [
        {
            "id": share.id,
            "company_id": giver.company_id,
            "customer_id": giver.customer_id,
            "currency": giver.currency,
            "from_order_id": giver.id,
            "to_order_id": share.taker.id,
            "amount_minor": share.amount_minor,
            "entry_id": entry_id,
            "occurred_at": context.now,
            "book_date": day,
            **context.stamps,
        }
        for share, entry_id, day in zip(shares, entries, days, strict=True)
    ]
    sales.set_off(rows)
    given = sum(share.amount_minor for share in shares)
    moved = {giver.id: -given} | {share.taker.id: share.amount_minor for share in shares}
    record(
        context,
        [AuditEntry(giver.company_id, "order", key, "set_off", {}, {"set_off_minor": by}) for key, by in moved.items()],
    )


def _postings(context: Context, shares: Sequence[_Share], book_currency: str) -> list[Posting]:
    """Debit the receivable that was negative, credit the one that was open; each at its own order's frozen rate,
    by the cumulative amount, so that nothing of it remains. The difference is one of exchange.
    """
    standing = {share.giver.id: share.giver.receivable_minor for share in shares}
    postings = []
    for share in shares:
        giver, taker, amount = share.giver, share.taker, share.amount_minor
        before = standing[giver.id]
        standing[giver.id] = before + amount
        debit = _book(giver, before + amount, book_currency) - _book(giver, before, book_currency)
        after = taker.receivable_minor - amount
        credit = _book(taker, after, book_currency) - _book(taker, taker.receivable_minor, book_currency)
        legs = [
            Leg("receivable", amount, debit, "customer", giver.customer_id, giver.id, giver.shop_id),
            Leg("receivable", -amount, credit, "customer", taker.customer_id, taker.id, taker.shop_id),
        ]
        if debit + credit:
            legs.append(Leg("fx_difference", 0, -debit - credit))
        postings.append(
            Posting(giver.company_id, "set_off", "set_off", share.id, context.now, giver.currency, legs, giver.fx_rate)
        )
    return postings


def _book(order: Order, minor: int, book_currency: str) -> int:
    return convert_minor(minor, order.currency, order.fx_rate, book_currency)
