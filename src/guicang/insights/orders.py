"""Orders as the desk finds and shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet, Sum

from guicang.catalog import queries as catalogue
from guicang.insights.reckoning import Reading, read_request
from guicang.insights.swaps import Exchange, offered_in
from guicang.insights.verdicts import Explained, explain
from guicang.insights.worklist import customer_names, customers_called
from guicang.kernel.actor import Actor, Scope
from guicang.kernel.ids import NIL
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refusal
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.policy.facts import FieldInfo, ReasonInfo, offered
from guicang.policy.rules import Verdict
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations import judging
from guicang.returns.settlement import Plan, earnest_of
from guicang.returns.steps.request import Request, preview
from guicang.sales.kinds import DepositKind
from guicang.sales.models import LineKind, Order, OrderLine, ReturnLabel, Shipment, ShipmentLine, Tender
from guicang.sales.queries import OrderHead

PAGE = 50


class Row(NamedTuple):
    id: UUID
    number: str
    shop: str
    customer: str
    currency: str
    ordered_at: datetime
    total_minor: int
    refunded_minor: int
    return_label: str
    status: str


class Line(NamedTuple):
    """`free`: units that were shipped and no return holds; `unshipped`: units that can only be cancelled."""

    id: UUID
    code: str
    name: str
    unit: str
    kind: str
    ordered: int
    cancelled: int
    shipped: int
    claimed: int
    free: int
    unshipped: int
    paid_minor: int
    settled_minor: int
    sku_id: UUID

    @property
    def key(self) -> str:
        """Its id, as fields of forms are named."""
        return str(self.id)


@dataclass(frozen=True, slots=True)
class Sheet:
    order: Order
    shop: str
    customer: str
    lines: list[Line]
    shipments: list[Shipment]
    tenders: list[Tender]
    returns: list[Return]
    #: What would be said of each shipped line now, and of all of them together.
    verdicts: Mapping[UUID, Verdict]
    verdict: dict[str, Any] | None
    explained: Explained | None
    reasons: list[ReasonInfo]
    #: The company's own fields that staff are asked.
    fields: list[FieldInfo]

    @property
    def second_deposit(self) -> tuple[str, str] | None:
        """What a seller who cannot deliver pays besides giving an earnest deposit back (民法典 587): the line that
        it is entered on, and the amount as somebody types it.
        """
        order = self.order
        goods = [line for line in self.lines if line.kind != LineKind.BUNDLE]
        if order.deposit_kind != DepositKind.EARNEST or any(line.shipped for line in goods):
            return None
        price = sum(line.paid_minor for line in goods)
        amount = earnest_of(min(order.captured_minor, order.deposit_minor), price)
        dearest = max(goods, key=lambda line: line.paid_minor)
        return (dearest.key, str(from_minor(amount, order.currency))) if amount else None


def scoped(scope: Scope) -> QuerySet[Order]:
    return Order.objects.filter(**scope.exact_filters(company_id="company_id", shop_id="shop_id"))


def head(order_id: UUID, scope: Scope) -> OrderHead | None:
    """1 statement."""
    row = scoped(scope).filter(id=order_id).values_list(*OrderHead._fields).first()
    return OrderHead(*row) if row else None


def heads(order_ids: Iterable[UUID], scope: Scope) -> dict[UUID, OrderHead]:
    """Those of the orders that `scope` holds; 1 statement."""
    rows = scoped(scope).filter(id__among=sorted(set(order_ids))).values_list("id", *OrderHead._fields)
    return {row[0]: OrderHead._make(row[1:]) for row in rows}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; empty: everything. `after`: the last id of the page before."""

    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    label: str = ""
    shop_id: UUID | None = None
    after: UUID | None = None


def search(scope: Scope, filters: Filters, size: int = PAGE) -> tuple[list[Row], bool]:
    """Orders by number, parcel, phone, e-mail or name, newest first, and if there are more; at most 8 statements."""
    rows = _asked(scope, filters)
    last = Order.objects.filter(id=filters.after).values_list("ordered_at", "id").first() if filters.after else None
    if last:
        # Not as an OR: an index goes straight to this place.
        rows = rows.filter(ordered_at__lte=last[0]).exclude(ordered_at=last[0], id__gte=last[1])
    found = list(rows.order_by("-ordered_at", "-id")[: size + 1])
    return _dress(found[:size]), len(found) > size


def count(scope: Scope, filters: Filters, most: int) -> int:
    """How many orders fit, counted up to `most`; 1 statement, 2 more for a text."""
    return _asked(scope, filters).order_by()[:most].count()


def _asked(scope: Scope, filters: Filters) -> QuerySet[Order]:
    rows = scoped(scope)
    if filters.text.strip():
        matching = _matches(filters.text.strip())
        rows = rows.filter(id__among=matching) if matching else rows.none()
    if filters.since:
        rows = rows.filter(ordered_at__gte=filters.since)
    if filters.until:
        rows = rows.filter(ordered_at__lt=filters.until)
    if filters.label:
        rows = rows.filter(return_label=filters.label)
        if filters.label != ReturnLabel.NONE:
            rows = rows.exclude(return_label=ReturnLabel.NONE)  # the condition of its index
    if filters.shop_id:
        rows = rows.filter(shop_id=filters.shop_id)
    return rows


def _matches(typed: str) -> list[UUID]:
    """Orders of all shops, each way by its own index; at most 3 statements."""
    ways: list[QuerySet[Any, tuple[UUID]]] = [
        Shipment.objects.filter(tracking=typed).exclude(tracking="").order_by().values_list("order_id")
    ]
    people = customers_called(typed)
    if people:
        ways.append(Order.objects.filter(customer_id__among=people).order_by().values_list("id"))
    return sorted({key for (key,) in Order.objects.filter(number=typed).order_by().values_list("id").union(*ways)})


def _dress(found: Sequence[Order]) -> list[Row]:
    if not found:
        return []
    shops = org.shops({order.shop_id for order in found})
    names = customer_names({order.customer_id for order in found})
    return [
        Row(
            order.id,
            order.number,
            shops[order.shop_id].name,
            names.get(order.customer_id, ""),
            order.currency,
            order.ordered_at,
            order.total_minor,
            order.refunded_minor,
            order.return_label,
            order.status,
        )
        for order in found
    ]


def sheet(order_id: UUID, scope: Scope, now: datetime) -> Sheet | None:
    """An order with what can still come back; None where `scope` holds no such order. At most 26 statements."""
    order = scoped(scope).filter(id=order_id).first()
    if order is None:
        return None
    shipments = list(Shipment.objects.filter(order_id=order_id).order_by("shipped_at", "id"))
    lines = lines_of(order_id)
    goods = [line.id for line in lines if line.kind == LineKind.GOODS and line.shipped]
    verdicts = judging.outlook(order_id, order.shop_id, order.customer_id, goods, now) if goods else {}
    verdict = judging.together(verdicts) if verdicts else None
    ids = ReturnLine.objects.filter(order_id=order_id).exclude(order_id=NIL).values("parent_id")
    return Sheet(
        order=order,
        shop=org.shops([order.shop_id])[order.shop_id].name,
        customer=customer_names([order.customer_id]).get(order.customer_id, ""),
        lines=lines,
        shipments=shipments,
        tenders=list(Tender.objects.filter(order_id=order_id).order_by("position")),
        returns=list(Return.objects.filter(id__in=ids).order_by("requested_at")),
        verdicts=verdicts,
        verdict=verdict,
        explained=explain(verdict, order.policy_version_id) if verdict else None,
        fields=[one for one in policies.fields_of(order.company_id).values() if one.asks("staff")],
        reasons=offered(policies.reasons_of(order.company_id).values()),
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """What would become of a return that somebody is about to enter: why not, or the verdict and what it pays."""

    refusals: list[Refusal]
    explained: Explained | None = None
    refund_minor: int = 0
    plans: list[Plan] = field(default_factory=list)
    reading: Reading | None = None
    #: What an exchange comes to.
    exchange: Exchange | None = None
    #: What else could be asked for (`insights.choices`), for whoever looked.
    choices: Sequence[Any] = ()


def check(item: Request, actor: Actor, now: datetime) -> Checked:
    """As the step would take it; about 16 statements. Raises Refused(NotPermitted)."""
    said = preview(item, actor=actor, now=now)
    explained = explain(said.verdict, said.policy_version_id) if said.verdict else None
    paid = sum(each.plan.total("paid_minor") + each.plan.shipping_minor for each in said.plans)
    plans = [each.plan for each in said.plans]
    return Checked(said.refusals, explained, paid, plans, read_request(said), offered_in(said.offer))


def lines_of(order_id: UUID) -> list[Line]:
    """The order's lines with their counters, in their order; 3 statements."""
    rows = list(OrderLine.objects.filter(order_id=order_id).order_by("position"))
    left: dict[UUID, tuple[int, int]] = {}
    claims = ShipmentLine.objects.filter(order_line_id__among=[row.id for row in rows]).order_by()
    claimed = {key: n for key, n in claims.values_list("order_line_id").annotate(n=Sum("claimed"))}
    skus = catalogue.skus({row.sku_id for row in rows} - {NIL})
    found = []
    for row in rows:
        sku = skus.get(row.sku_id)
        held = claimed.get(row.id, 0)
        if row.kind == LineKind.GOODS:
            left[row.id] = (row.shipped - held, row.ordered - row.cancelled - row.shipped)
        found.append(
            Line(
                row.id,
                sku.code if sku else "",
                sku.name if sku else "",
                sku.unit if sku else "",
                row.kind,
                row.ordered,
                row.cancelled,
                row.shipped,
                held,
                *left.get(row.id, (0, 0)),
                row.paid_minor,
                row.settled_minor,
                row.sku_id,
            )
        )
    sets = _sets(rows, left)
    return [
        line._replace(free=sets[line.id][0], unshipped=sets[line.id][1]) if line.id in sets else line for line in found
    ]


def _sets(rows: Sequence[OrderLine], left: Mapping[UUID, tuple[int, int]]) -> dict[UUID, tuple[int, int]]:
    """Of sets, as many as all of their components make: a set has no counter of its own (HARD-CASES 17)."""
    found: dict[UUID, tuple[int, int]] = {}
    for row in rows:
        if row.bundle_line_id != NIL:
            free, unshipped = (units // row.per_bundle for units in left[row.id])
            most = found.get(row.bundle_line_id, (free, unshipped))
            found[row.bundle_line_id] = (min(most[0], free), min(most[1], unshipped))
    return found
