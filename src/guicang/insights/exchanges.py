"""Orders in place of returned goods, and what is still to be collected for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, QuerySet

from guicang.audit.models import AuditRow
from guicang.insights.worklist import customer_names
from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.returns.models import Return
from guicang.sales.models import Order

PAGE = 50
#: What is open for longer is overdue.
OVERDUE_DAYS = 7
#: open: to be collected; overdue: for longer than so many days; ahead: until the old goods are back; paid; all.
Show = Literal["open", "overdue", "ahead", "paid", "all"]
SHOWN: tuple[Show, ...] = ("open", "overdue", "ahead", "paid", "all")


@dataclass(frozen=True, slots=True)
class Filters:
    """`text`: a number of an order or a return."""

    show: Show = "open"
    shop_id: UUID | None = None
    text: str = ""
    after: UUID | None = None


class Row(NamedTuple):
    """`ahead`: the old goods are still awaited. `reminded_at`: when the customer was told last, None: never."""

    id: UUID
    number: str
    return_id: UUID
    customer_id: UUID
    shop_id: UUID
    currency: str
    total_minor: int
    open_minor: int
    ordered_at: datetime
    return_number: str = ""
    ahead: bool = False
    customer: str = ""
    shop: str = ""
    reminded_at: datetime | None = None
    overdue: bool = False


def listed(scope: Scope, filters: Filters, now: datetime, size: int = PAGE) -> tuple[list[Row], bool]:
    """A page, the oldest first, and whether there are more; at most 8 statements."""
    rows = _asked(scope, filters, now)
    place = Order.objects.filter(id=filters.after).values_list("ordered_at", "id").first() if filters.after else None
    if place:
        rows = rows.filter(ordered_at__gte=place[0]).exclude(ordered_at=place[0], id__lte=place[1])
    columns = ("id", "number", "return_id", "customer_id", "shop_id", "currency", "total_minor", "owed", "ordered_at")
    found = [Row(*row) for row in rows.order_by("ordered_at", "id").values_list(*columns)[: size + 1]]
    return _dress(found[:size], now), len(found) > size


def count(scope: Scope, filters: Filters, now: datetime, most: int) -> int:
    """How many fit, counted up to `most`; 1 statement, 2 for a text."""
    return _asked(scope, filters, now).order_by()[:most].count()


def named(return_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Numbers of returns; 1 statement."""
    return dict(Return.objects.filter(id__among=sorted(set(return_ids))).values_list("id", "number"))


def _asked(scope: Scope, filters: Filters, now: datetime) -> QuerySet[Order]:
    rows = Order.objects.filter(**scope.exact_filters(company_id="company_id", shop_id="shop_id"))
    paid = F("captured_minor") + F("set_off_minor") - F("refunded_minor") + F("extra_minor")
    rows = rows.exclude(return_id=NIL)
    rows = rows.annotate(owed=F("total_minor") - F("credited_minor") + F("fees_minor") - paid)
    carried_out = Return.objects.filter(id=OuterRef("return_id"), settled_at__isnull=False)
    if filters.show in ("open", "overdue"):
        rows = rows.filter(Exists(carried_out), owed__gt=0)
    elif filters.show == "ahead":
        rows = rows.filter(~Exists(carried_out), owed__gt=0)
    elif filters.show == "paid":
        rows = rows.filter(owed__lte=0)
    if filters.show == "overdue":
        rows = rows.filter(ordered_at__lte=now - timedelta(days=OVERDUE_DAYS))
    if filters.shop_id:
        rows = rows.filter(shop_id=filters.shop_id)
    if text := filters.text.strip():
        mine = Return.objects.filter(number=text).order_by().values_list("id", flat=True)
        rows = rows.filter(number=text) | rows.filter(return_id__in=list(mine))
    return rows


def _dress(rows: Sequence[Row], now: datetime) -> list[Row]:
    wanted = sorted({row.return_id for row in rows})
    heads = {
        key: (number, settled_at)
        for key, number, settled_at in Return.objects.filter(id__among=wanted).values_list("id", "number", "settled_at")
    }
    told = AuditRow.objects.filter(aggregate_kind="return", aggregate_id__among=wanted, action="remind")
    reminded = dict(told.order_by().values_list("aggregate_id").annotate(at=Max("occurred_at")))
    names, shops = customer_names({row.customer_id for row in rows}), org.shops({row.shop_id for row in rows})
    late = now - timedelta(days=OVERDUE_DAYS)
    found = []
    for row in rows:
        number, settled_at = heads.get(row.return_id, ("", None))
        ahead = settled_at is None and row.open_minor > 0
        found.append(
            row._replace(
                return_number=number,
                ahead=ahead,
                reminded_at=reminded.get(row.return_id),
                customer=names.get(row.customer_id, ""),
                shop=shops[row.shop_id].name,
                open_minor=max(0, row.open_minor),
                overdue=row.open_minor > 0 and not ahead and row.ordered_at <= late,
            )
        )
    return found
