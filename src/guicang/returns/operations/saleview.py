"""Orders as settlement sees them, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from guicang.payments.operations.credit import AccountKey
from guicang.returns.operations.exchanged import kept_in_place
from guicang.returns.settlement import Promotion, Sale, SaleLine, SaleTender, earnest_of
from guicang.sales import operations as sales
from guicang.sales import queries as sold
from guicang.sales.kinds import DepositKind
from guicang.sales.models import LineKind, Order, OrderLine, Tender

#: By order and promotion: what the shop granted by it, by line.
Granted = Mapping[tuple[UUID, str], Mapping[UUID, int]]


@dataclass(slots=True)
class Account:
    """An order while a set settles it. `sale` moves on from settlement to settlement of the set."""

    order: Order
    sale: Sale
    lines: dict[UUID, OrderLine]
    tender_kinds: dict[UUID, str]
    references: dict[UUID, str] = field(default_factory=dict)
    #: Tenders that the buyer's store credit with us paid.
    credit_tenders: frozenset[UUID] = frozenset()
    touched: bool = False

    @property
    def credit_account_id(self) -> UUID:
        return account_key(self.order).id


def accounts(order_ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, Account]:
    """Orders with lines and tenders, locked unless it is for a preview; 3 statements per 1,000, 4 with promotions, 5
    where those may be reckoned anew, 2 more where their goods were exchanged.
    """
    locked = sales.lock_orders(order_ids, tenders=True, lock=lock)
    granted = sold.promotion_discounts(key for key, order in locked.orders.items() if _may_reprice(order))
    exchanged = kept_in_place(key for key, order in locked.orders.items() if order.promotions)
    return {
        key: Account(
            order,
            _sale(order, locked, granted, exchanged),
            {line.id: line for line in locked.lines[key]},
            {row.id: row.kind for row in locked.tenders[key]},
            {row.id: row.reference for row in locked.tenders[key]},
            frozenset(row.id for row in locked.tenders[key] if _is_credit(row, order)),
        )
        for key, order in locked.orders.items()
    }


def account_key(order: Order) -> AccountKey:
    return AccountKey(order.company_id, order.customer_id, order.currency)


def _is_credit(tender: Tender, order: Order) -> bool:
    """`trade.steps.spend_credit` names the account; store credit that others keep has references of theirs."""
    return tender.kind == "store_credit" and tender.reference == str(account_key(order).id)


def _may_reprice(order: Order) -> bool:
    return any(promotion.get("mode") != "keep" and promotion.get("members") for promotion in order.promotions)


def _promotions(order: Order, lines: Iterable[OrderLine], granted: Granted) -> tuple[Promotion, ...]:
    """The order's promotions by ids of its lines; a bundle stands for its components."""
    ids: dict[str, list[UUID]] = {}
    heads = {line.id: line.line_key for line in lines if line.kind == LineKind.BUNDLE}
    for line in lines:
        if line.kind != LineKind.BUNDLE:
            ids.setdefault(heads.get(line.bundle_line_id, line.line_key), []).append(line.id)
    return tuple(
        Promotion(
            id=each["id"],
            mode=each.get("mode", ""),
            threshold_minor=each.get("threshold_minor", 0),
            members=tuple(key for name in each.get("members", ()) for key in ids.get(name, ())),
            discounts=granted.get((order.id, each["id"]), {}),
            gifts=tuple(
                (key, gift["value_minor"]) for gift in each.get("gifts", ()) for key in ids.get(gift["line_key"], ())
            ),
            shipping_minor=each.get("shipping_minor", 0),
        )
        for each in order.promotions
    )


def _sale(order: Order, locked: sales.LockedSales, granted: Granted, exchanged: Mapping[UUID, int]) -> Sale:
    return Sale(
        id=order.id,
        currency=order.currency,
        total_minor=order.total_minor,
        captured_minor=order.captured_minor,
        refunded_minor=order.refunded_minor,
        credited_minor=order.credited_minor,
        lines={
            line.id: _line(line, exchanged.get(line.id, 0))
            for line in locked.lines[order.id]
            if line.kind != LineKind.BUNDLE
        },
        tenders=[
            SaleTender(row.id, row.captured_minor, row.refunded_minor, row.disputed_minor, row.promotional, row.kind)
            for row in locked.tenders[order.id]
        ],
        shipping_standard_minor=order.shipping_standard_minor,
        shipping_surcharge_minor=order.shipping_surcharge_minor,
        shipping_tax_minor=order.shipping_tax_minor,
        shipping_refunded_minor=order.shipping_refunded_minor,
        points_earned=order.points_earned,
        points_taken_back=order.points_taken_back,
        fees_minor=order.fees_minor,
        promotions=_promotions(order, locked.lines[order.id], granted),
        withheld=dict(order.withheld),
        set_off_minor=order.set_off_minor,
        extra_minor=order.extra_minor,
        earnest_minor=_earnest(order, locked.lines[order.id]),
        presold=_presold(order, locked.lines[order.id]),
    )


def _presold(order: Order, lines: Iterable[OrderLine]) -> bool:
    """Once more is paid or goods left, the deposit has become part of the price and nobody forfeits it."""
    within_deposit = 0 < order.deposit_minor >= order.captured_minor
    return within_deposit and not any(line.shipped for line in lines)


def _earnest(order: Order, lines: Sequence[OrderLine]) -> int:
    if order.deposit_kind != DepositKind.EARNEST or not _presold(order, lines):
        return 0
    return earnest_of(order.captured_minor, sum(line.paid_minor for line in lines if line.kind != LineKind.BUNDLE))


def _line(line: OrderLine, exchanged: int = 0) -> SaleLine:
    return SaleLine(
        id=line.id,
        ordered=line.ordered,
        paid_minor=line.paid_minor,
        sold_minor=line.sold_minor,
        tax_minor=line.tax_minor,
        funded_minor=line.funded_minor,
        settled=line.settled,
        cancelled_settled=line.cancelled_settled,
        cancelled_minor=line.cancelled_minor,
        credited_minor=line.credited_minor,
        credited_tax_minor=line.credited_tax_minor,
        credited_funded_minor=line.credited_funded_minor,
        withheld_minor=line.withheld_minor,
        goodwill=tuple((at, amount) for at, amount in line.goodwill),
        weight_g=line.weight_g if line.by_weight else 0,
        weighed=line.shipped == line.ordered,
        settled_measure=line.settled_measure,
        exchanged=exchanged,
    )


def store(accounts_touched: Iterable[Account]) -> None:
    """Write the counters of orders and of the lines that moved; 2 statements per 1,000."""
    orders: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for account in accounts_touched:
        sale, order = account.sale, account.order
        orders.append(
            {
                "id": order.id,
                "refunded_minor": sale.refunded_minor,
                "credited_minor": sale.credited_minor,
                "fees_minor": sale.fees_minor,
                "extra_minor": sale.extra_minor,
                "withheld": sale.withheld,
                "shipping_refunded_minor": sale.shipping_refunded_minor,
                "points_taken_back": sale.points_taken_back,
                "receivable_minor": order.receivable_minor,
                "advance_minor": order.advance_minor,
            }
        )
        lines.extend(row for line in sale.lines.values() if (row := _changed(line, account.lines)))
    sales.store_settled_lines(lines)
    sales.store_settled_orders(orders)


def _changed(line: SaleLine, stored: Mapping[UUID, OrderLine]) -> dict[str, Any] | None:
    was = stored[line.id]
    now = (line.settled, line.cancelled_settled, line.credited_minor, line.withheld_minor, len(line.goodwill))
    if now == (was.settled, was.cancelled_settled, was.credited_minor, was.withheld_minor, len(was.goodwill)):
        return None
    return {
        "id": line.id,
        "settled": line.settled,
        "settled_minor": line.price(line.done),
        "settled_measure": line.settled_measure,
        "cancelled_settled": line.cancelled_settled,
        "cancelled_minor": line.cancelled_minor,
        "credited_minor": line.credited_minor,
        "credited_tax_minor": line.credited_tax_minor,
        "credited_funded_minor": line.credited_funded_minor,
        "withheld_minor": line.withheld_minor,
        "goodwill_minor": sum(amount for _, amount in line.goodwill),
        "goodwill": [list(step) for step in line.goodwill],
    }
