"""The worklist of returns: filtered, searched, sorted, paged. A page costs at most 18 statements, whatever there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Sum

from guicang.insights import approvals, owners
from guicang.insights.became import BECAME
from guicang.kernel.actor import Actor, Scope
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.logistics.models import Parcel
from guicang.org import queries as org
from guicang.parties import queries as parties
from guicang.returns import lifecycle
from guicang.returns.lifecycle import Leak
from guicang.returns.models import Clock, Return, ReturnLine
from guicang.sales.models import Order

PAGE = 50
QueueName = Literal["mine", "review", "info", "awaited", "bay", "due", "settled"]
LeakName = Literal["refunded_not_received", "received_not_refunded", "goods_differ", "parcels_unknown"]
SortName = Literal["new", "old", "due"]
ClockName = Literal["review", "answer", "ship", "refund", "platform", "stage", "offer"]
#: Names of quick filters and the states they stand for, in the order of work.
QUEUES: dict[str, tuple[str, ...]] = {
    "review": ("requested",),
    "info": ("info_needed",),
    "awaited": ("authorised", "in_transit"),
    "bay": ("receiving", "received"),
    "due": ("inspected",),
    "settled": ("settled",),
}
#: States of what is over: by them no work is found.
OVER = frozenset(str(state) for state in (*lifecycle.ENDED, lifecycle.State.REJECTED))
#: Sort orders: the columns, and which of them a page continues after.
SORTS = {"new": ("-requested_at", "-id"), "old": ("requested_at", "id"), "due": ("due_at", "id")}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; empty: everything. `after`: the last id of the page before."""

    states: Sequence[str] = ()
    shop_id: UUID | None = None
    type: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    overdue: bool = False
    #: Due before then, overdue or not.
    due_before: datetime | None = None
    #: A kind of clock that runs; with `overdue` one that ran out.
    clock: str = ""
    escalated: bool = False
    risky: bool = False
    #: What the policy does by itself waits until somebody has looked at the risk.
    risk_review: bool = False
    #: What became of the request, of `insights.became.BECAME`.
    became: str = ""
    leak: str = ""
    #: Only what this reader may decide.
    mine: Actor | None = None
    #: In whose queue it stands; whose it is there (NIL: nobody's). What is over is in none.
    department: str = ""
    owner_id: UUID | None = None
    sort: str = "new"
    after: UUID | None = None


class Row(NamedTuple):
    id: UUID
    number: str
    rma_code: str
    type: str
    state: str
    currency: str
    customer_id: UUID
    shop_id: UUID
    warehouse_id: UUID
    requested_at: datetime
    expires_at: datetime | None
    due_at: datetime | None
    escalated_to: str
    refund_minor: int
    risk_points: int | None
    risk_high: bool
    withdrawal: bool
    risk_review: bool
    department: str
    owner_id: UUID
    held: bool
    units: int
    unlike: int
    order_numbers: tuple[str, ...]
    shop: str
    customer: str
    owner: str


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    more: bool
    counts: dict[str, int] = field(default_factory=dict)
    owned: owners.Counts = field(default_factory=owners.Counts)

    @property
    def units(self) -> int:
        return sum(row.units for row in self.rows)

    @property
    def refunds(self) -> dict[str, int]:
        """What the returns of this page paid back, by currency: several are never added."""
        found: dict[str, int] = {}
        for row in self.rows:
            if row.refund_minor:
                found[row.currency] = found.get(row.currency, 0) + row.refund_minor
        return found


_COLUMNS = (
    *("id", "number", "rma_code", "type", "state", "currency", "customer_id", "shop_id", "warehouse_id"),
    *("requested_at", "expires_at", "due_at", "escalated_to", "refund_minor"),
    *("risk_points", "risk_high", "withdrawal", "risk_review"),
    *("department", "owner_id"),
)


def scoped(scope: Scope) -> QuerySet[Return]:
    bounds = scope.exact_filters(company_id="company_id", shop_id="shop_id")
    return Return.objects.filter(**bounds, **scope.filters(warehouse_id="warehouse_id"))


def worklist(actor: Actor, filters: Filters, now: datetime, size: int = PAGE) -> Page:
    """A page of returns that the actor may see. At most 18 statements."""
    rows, more = listed(actor.scope, filters, now, size)
    counted = {"mine": approvals.waiting(actor, now).count, **queue_counts(actor.scope)}
    return Page(rows, more, counted, owners.counts(scoped(actor.scope), actor))


def listed(scope: Scope, filters: Filters, now: datetime, size: int) -> tuple[list[Row], bool]:
    """`size` returns after `filters.after`, and whether there are more; at most 12 statements."""
    rows = _after(_asked(scope, filters, now), filters).order_by(*SORTS[filters.sort])
    found = list(rows.values_list(*_COLUMNS)[: size + 1])
    return _dress(found[:size]), len(found) > size


def count(scope: Scope, filters: Filters, now: datetime, most: int) -> int:
    """How many returns fit, counted up to `most`; 1 statement, 2 more for a text."""
    return _asked(scope, filters, now).order_by()[:most].count()


def _asked(scope: Scope, filters: Filters, now: datetime) -> QuerySet[Return]:
    return _filtered(four_list(scope, filters.leak) if filters.leak else scoped(scope), filters, now)


def first(scope: Scope, states: Sequence[str], size: int) -> list[Row]:
    """The oldest returns in these states; at most 8 statements."""
    rows = in_states(scoped(scope), states).order_by("requested_at", "id")
    return _dress(list(rows.values_list(*_COLUMNS)[:size]))


def in_states(rows: QuerySet[Return], states: Sequence[str]) -> QuerySet[Return]:
    """Those in any of `states`; where none of these is an end, by the index of what is not over."""
    rows = rows.filter(state__in=states)
    return rows if OVER.intersection(states) else rows.filter(ending="").exclude(decision="rejected")


def queue_counts(scope: Scope) -> dict[str, int]:
    """How many returns wait in each queue; 1 statement over the open returns alone, inside their own index."""
    wanted = [state for states in QUEUES.values() for state in states]
    rows = in_states(scoped(scope), wanted).order_by()
    by_state = {str(state): n for state, n in rows.values_list("state").annotate(n=Count("*"))}
    return {queue: sum(by_state.get(state, 0) for state in states) for queue, states in QUEUES.items()}


def _filtered(rows: QuerySet[Return], filters: Filters, now: datetime) -> QuerySet[Return]:
    if filters.states:
        rows = in_states(rows, filters.states)
    exact = {"shop_id": filters.shop_id, "type": filters.type, "risk_high": filters.risky or filters.risk_review}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if filters.risk_review:
        rows = rows.filter(risk_review=True, ending="")
    if filters.since:
        rows = rows.filter(requested_at__gte=filters.since)
    if filters.until:
        rows = rows.filter(requested_at__lt=filters.until)
    if filters.mine:
        rows = in_states(rows, ("requested",)).filter(approvals.may_decide(filters.mine, now))
    rows = _timed(_owned(rows, filters), filters, now)
    if filters.became:  # as the report of decisions counts: nothing that was imported
        rows = rows.filter(BECAME[filters.became], origin=Origin.LIVE)
    if filters.text.strip():
        found = _matches(filters.text)
        rows = rows.filter(id__among=found) if found else rows.none()
    return rows


def _owned(rows: QuerySet[Return], filters: Filters) -> QuerySet[Return]:
    """By department and owner, under the conditions of the indexes of what is not over."""
    if not filters.department and filters.owner_id is None:
        return rows
    rows = rows.exclude(department="").filter(ending="").exclude(decision="rejected")
    exact = {"department": filters.department or None, "owner_id": filters.owner_id}
    return rows.filter(**{name: value for name, value in exact.items() if value is not None})


def _timed(rows: QuerySet[Return], filters: Filters, now: datetime) -> QuerySet[Return]:
    """By what is due; the first condition is the one of the index of what has a clock."""
    if filters.overdue or filters.due_before or filters.clock or filters.sort == "due":
        rows = rows.filter(due_at__isnull=False)
    if filters.overdue:
        rows = rows.filter(due_at__lte=now)
    if filters.due_before:
        rows = rows.filter(due_at__lt=filters.due_before)
    if filters.escalated:
        rows = rows.exclude(escalated_to="")
    if filters.clock:
        late = {"due_at__lte": now} if filters.overdue else {}
        rows = rows.filter(Exists(Clock.objects.filter(parent=OuterRef("pk"), kind=filters.clock, outcome="", **late)))
    return rows


def _matches(text: str) -> list[UUID]:
    """Returns by their number or RMA code, their order's number, a parcel's number, or the customer's phone, e-mail
    or name; of all shops. Each way has an index, so they are asked one by one and not with OR. At most 3 statements.
    """
    typed = text.strip()
    letters = typed.upper().replace("-", "").replace(" ", "")
    orders = Order.objects.filter(number=typed).values("id")
    ways = [
        Return.objects.filter(number=typed).values("id"),
        Return.objects.filter(rma_code=letters).exclude(rma_code="").values("id"),
        Return.objects.filter(source_document=typed).exclude(source_document="").values("id"),
        ReturnLine.objects.filter(order_id__in=orders).exclude(order_id=NIL).values("parent_id"),
        Parcel.objects.filter(tracking=typed).exclude(tracking="").values("return_id"),
    ]
    people = customers_called(typed)
    if people:
        ways.append(Return.objects.filter(customer_id__among=people).values("id"))
    first, *others = [way.order_by().values_list(*way.query.values_select) for way in ways]
    return sorted({key for (key,) in first.union(*others)} - {NIL})


def customers_called(typed: str) -> list[UUID]:
    """Customers with exactly this phone, e-mail or name; at most 2 statements."""
    return sorted(parties.customers_of_persons(persons_called(typed)))


def persons_called(typed: str) -> set[UUID]:
    """Persons (customers, or orders whose buyer nobody knows) of this phone, e-mail or name; 1 statement."""
    kind = "email" if "@" in typed else "phone" if sum(c.isdigit() for c in typed) >= 7 else "name"  # noqa: PLR2004
    return parties.persons_by_value(kind, typed)


def _after(rows: QuerySet[Return], filters: Filters) -> QuerySet[Return]:
    column = SORTS[filters.sort][0].lstrip("-")
    last = Return.objects.filter(id=filters.after).values_list(column, "id").first() if filters.after else None
    if last is None or last[0] is None:
        return rows
    # Not as an OR: an index goes straight to this place.
    if filters.sort == "new":
        return rows.filter(requested_at__lte=last[0]).exclude(requested_at=last[0], id__gte=last[1])
    return rows.filter(**{f"{column}__gte": last[0]}).exclude(**{column: last[0], "id__lte": last[1]})


def _dress(found: Sequence[tuple[Any, ...]]) -> list[Row]:
    """Lines, order numbers, shops and customers' names of a page of returns, and of their owners; 6 statements."""
    if not found:
        return []
    lines = ReturnLine.objects.filter(parent_id__among=[row[0] for row in found])
    units: dict[UUID, int] = {}
    unlike: dict[UUID, int] = {}
    held: set[UUID] = set()
    orders: dict[UUID, set[UUID]] = {}
    sums = lines.order_by().values_list("parent_id", "held", "order_id").annotate(n=Sum("requested"), m=Sum("unlike"))
    for parent_id, is_held, order_id, n, m in sums:
        units[parent_id] = units.get(parent_id, 0) + n
        unlike[parent_id] = unlike.get(parent_id, 0) + m
        orders.setdefault(parent_id, set()).add(order_id)
        if is_held:
            held.add(parent_id)
    numbers = order_numbers({key for keys in orders.values() for key in keys})
    shops = org.shops({row[7] for row in found})
    names = customer_names({row[6] for row in found})
    owned_by = owners.names({row[-1] for row in found})
    return [
        Row._make(
            (
                *row,
                row[0] in held,
                units.get(row[0], 0),
                unlike.get(row[0], 0),
                tuple(sorted(numbers[key] for key in orders.get(row[0], ()) if key in numbers)),
                shops[row[7]].name,
                names.get(row[6], ""),
                owned_by.get(row[-1], ""),
            )
        )
        for row in found
    ]


def order_numbers(ids: Iterable[UUID]) -> dict[UUID, str]:
    """1 statement."""
    return dict(Order.objects.filter(id__among=sorted(set(ids) - {NIL})).values_list("id", "number"))


def customer_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """What to call customers: the name in the vault, else the platform's id of the buyer; '' for who was erased.

    2 statements.
    """
    known = parties.customers(ids)
    opened = parties.personal(("customer", key) for key in known)
    names = {}
    for key, customer in known.items():
        name = next((each.value for each in opened.get(("customer", key), ()) if each.kind == "name"), "")
        names[key] = name or ("" if customer.erased_at else customer.external_id)
    return names


@dataclass(slots=True)
class Queue:
    """One of the four lists: how many, the oldest, and the money at risk by currency."""

    code: str
    count: int
    oldest: datetime | None
    at_risk: dict[str, int]


def four_lists(scope: Scope) -> list[Queue]:
    """What costs a merchant money (B25): refunded but not received, received but not refunded, goods differ from
    what was paid, parcels nobody knows. 1 statement over the returns that are on any of them.
    """
    found = {code: Queue(code, 0, None, {}) for code in FOUR}
    rows = scoped(scope).exclude(leaks=0).order_by().values_list("leaks", "currency")
    sums = rows.annotate(n=Count("*"), oldest=Min("requested_at"), minor=Sum("refund_minor"))
    for leaks, currency, n, oldest, minor in sums:
        for leak in Leak(leaks):
            queue = found[_code(leak)]
            queue.count += n
            queue.oldest = min(queue.oldest or oldest, oldest)
            queue.at_risk[currency] = queue.at_risk.get(currency, 0) + minor
    return list(found.values())


def _code(leak: Leak) -> str:
    return str(leak.name).lower()


FOUR = tuple(_code(leak) for leak in Leak)


def four_list(scope: Scope, code: str) -> QuerySet[Return]:
    """The returns on one of the four lists."""
    wanted = Leak[code.upper()]
    holding = [leaks for leaks in range(1, 2 * max(Leak)) if leaks & wanted]
    return scoped(scope).filter(leaks__in=holding).exclude(leaks=0)
