"""Refunds as the desk and programs list them: to pay, submitted, failed, overdue, paid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from guicang.insights.worklist import customer_names
from guicang.kernel.actor import Scope
from guicang.org import queries as org
from guicang.payments.models import Refund
from guicang.payments.queries import batches, payees
from guicang.payments.rules import UNPAID
from guicang.returns.deadlines import Kind
from guicang.returns.models import Clock, Return
from guicang.sales.queries import order_heads

PAGE = 50
StateName = Literal["due", "submitted", "failed", "paid"]
WayName = Literal["at_once", "by_hand", "port", "platform"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty: everything that is not paid, the oldest first. `overdue`: the return's clock of the refund ran out."""

    state: str = ""
    way: str = ""
    shop_id: UUID | None = None
    overdue: bool = False
    payee: str = ""
    after: UUID | None = None


class Row(NamedTuple):
    """`due_at`: by when the policy wants it paid. `settled_by`: who may not mark it paid by hand."""

    id: UUID
    return_id: UUID
    order_id: UUID
    shop_id: UUID
    amount_minor: int
    currency: str
    kind: str
    method: str
    way: str
    state: str
    reference: str
    failure: str
    promotional: bool
    attempts: int
    next_attempt_at: datetime | None
    settled_by: UUID
    occurred_at: datetime
    paid_at: datetime | None
    payee: str
    payee_id: UUID
    batch_id: UUID
    number: str = ""
    order_number: str = ""
    customer: str = ""
    shop: str = ""
    due_at: datetime | None = None
    #: Kind and masked number of the account that it goes to, and the number of the payment file it left with.
    account: tuple[str, str] = ("", "")
    batch: str = ""

    @property
    def parked(self) -> bool:
        """Nobody tries it any more and nobody knows what became of it."""
        return self.way == "port" and self.state == "submitted" and self.next_attempt_at is None


_COLUMNS = tuple(name for name in Row._fields if name not in Row._field_defaults)


def scoped(scope: Scope) -> QuerySet[Refund]:
    rows = Refund.objects.filter(**scope.exact_filters(company_id="company_id", shop_id="shop_id"))
    if places := scope.filters(warehouse_id="warehouse_id"):
        rows = rows.filter(Exists(Return.objects.filter(id=OuterRef("return_id"), **places)))
    return rows


def listed(scope: Scope, filters: Filters, now: datetime, size: int = PAGE) -> tuple[list[Row], bool]:
    """A page, and whether there are more: the oldest first, of what was paid the latest; at most 11 statements."""
    rows, latest = _asked(scope, filters, now), filters.state == "paid"
    place = Refund.objects.filter(id=filters.after).values_list("occurred_at", "id").first() if filters.after else None
    if place and latest:
        rows = rows.filter(occurred_at__lte=place[0]).exclude(occurred_at=place[0], id__gte=place[1])
    elif place:
        rows = rows.filter(occurred_at__gte=place[0]).exclude(occurred_at=place[0], id__lte=place[1])
    order = ("-occurred_at", "-id") if latest else ("occurred_at", "id")
    found = [
        Row._make([*row, *Row._field_defaults.values()])
        for row in rows.order_by(*order).values_list(*_COLUMNS)[: size + 1]
    ]
    return _dress(found[:size]), len(found) > size


def one(scope: Scope, refund_id: UUID) -> Row | None:
    """At most 10 statements."""
    found = [
        Row._make([*row, *Row._field_defaults.values()])
        for row in scoped(scope).filter(id=refund_id).values_list(*_COLUMNS)
    ]
    return next(iter(_dress(found)), None)


def picked(scope: Scope, refund_ids: Iterable[UUID]) -> list[Refund]:
    """1 statement."""
    return list(scoped(scope).filter(id__among=sorted(set(refund_ids))))


def in_file(scope: Scope, batch_id: UUID) -> list[Row]:
    """Refunds that a payment file holds, within the scope, as they are now; at most 11 statements."""
    rows = scoped(scope).filter(id__among=batches.refunds_of(batch_id)).order_by("occurred_at", "id")
    return _dress([Row._make([*row, *Row._field_defaults.values()]) for row in rows.values_list(*_COLUMNS)])


def count(scope: Scope, filters: Filters, now: datetime, most: int) -> int:
    """How many fit, counted up to `most`; 1 statement."""
    return _asked(scope, filters, now).order_by()[:most].count()


def named(refund_ids: Iterable[UUID], scope: Scope) -> dict[UUID, str]:
    """Number of the return of each refund within the scope; 2 statements."""
    pairs = dict(scoped(scope).filter(id__among=sorted(set(refund_ids))).values_list("id", "return_id"))
    numbers = dict(Return.objects.filter(id__among=sorted(set(pairs.values()))).values_list("id", "number"))
    return {key: numbers.get(return_id, "") for key, return_id in pairs.items()}


def _asked(scope: Scope, filters: Filters, now: datetime) -> QuerySet[Refund]:
    rows = scoped(scope)
    rows = rows.filter(state=filters.state) if filters.state else rows.filter(state__in=UNPAID)
    if filters.way:
        rows = rows.filter(way=filters.way)
    if filters.payee:
        rows = rows.filter(payee=filters.payee)
    if filters.shop_id:
        rows = rows.filter(shop_id=filters.shop_id)
    if filters.overdue:
        late = Clock.objects.filter(parent=OuterRef("return_id"), kind=Kind.REFUND, outcome="", due_at__lte=now)
        rows = rows.filter(Exists(late))
    return rows


def _dress(rows: Sequence[Row]) -> list[Row]:
    wanted = sorted({row.return_id for row in rows})
    heads = {key: (number, who) for key, number, who in _heads(wanted)}
    names = customer_names({who for _, who in heads.values()})
    orders, shops = order_heads({row.order_id for row in rows}), org.shops({row.shop_id for row in rows})
    clocks = Clock.objects.filter(parent__id__among=wanted, kind=Kind.REFUND, outcome="")
    due = dict(clocks.values_list("parent_id", "due_at"))
    accounts = payees.shown(row.payee_id for row in rows)
    files = batches.numbers_of(row.batch_id for row in rows)
    return [
        row._replace(
            number=heads[row.return_id][0],
            customer=names.get(heads[row.return_id][1], ""),
            order_number=orders[row.order_id].number if row.order_id in orders else "",
            shop=shops[row.shop_id].name if row.shop_id in shops else "",
            due_at=due.get(row.return_id),
            account=accounts.get(row.payee_id, ("", "")),
            batch=files.get(row.batch_id, ""),
        )
        for row in rows
    ]


def _heads(return_ids: Sequence[UUID]) -> Iterable[tuple[UUID, str, UUID]]:
    return Return.objects.filter(id__among=return_ids).values_list("id", "number", "customer_id")
