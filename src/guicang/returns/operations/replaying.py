"""Past requests judged anew, by two statements side by side: a stream of thousands that writes nothing.

Facts are built by `judging`, amounts by `planning`, as the step does it. They are what is known today, so a parcel of
which the arrival was told later counts as arrived; both sides read the same, and what differs is the policy's doing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from guicang.catalog import queries as catalogue
from guicang.kernel.compiled import compiled
from guicang.kernel.ids import NIL
from guicang.kernel.setwrites import CHUNK
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.policy.rules import Answered, Book, Case
from guicang.returns.lifecycle import LineKind, Type
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations import answering, judging, rewinding, saleview
from guicang.returns.operations.followup import LATE_PARCEL
from guicang.returns.operations.planning import Planned, again, reckon, weighed
from guicang.returns.operations.sight import Known, asked_dimensions, asks_invoices, knows_withdrawal
from guicang.returns.operations.stated import stated
from guicang.sales import queries as sold

#: Lines that came without having been asked for.
UNASKED = (LineKind.SURPLUS, LineKind.WRONG)
#: SKUs remembered from one thousand to the next.
SKUS = 50_000


class Place(NamedTuple):
    """The last request that was read."""

    asked_at: datetime
    id: UUID


class Past(NamedTuple):
    """A return as it was asked for."""

    id: UUID
    number: str
    shop_id: UUID
    requested_at: datetime
    currency: str
    pictures: int | None
    documents: int | None
    policy_version_id: UUID
    withdrawal: bool
    verdict__keeps: bool | None


_LINE = (
    *("parent_id", "id", "kind", "resolution", "order_id", "order_line_id", "shipment_line_id", "sku_id"),
    *("reason", "condition", "money_kind", "requested", "recorded_minor"),
)
_lines = compiled(
    lambda ids: (
        ReturnLine.objects.filter(parent_id__among=ids)
        .exclude(kind__in=UNASKED)
        .order_by("parent_id", "position")
        .values_list(*_LINE)
    )
)
Line = dict[str, Any]


@dataclass(slots=True)
class Replay:
    """Requests of a company from `since` until before `until`, by `tried` and by what it is compared with.

    `baseline` None: for each order the version it is frozen to. `amounts`: say what each would pay back; they are
    read anyhow where a statement asks about them.
    """

    company_id: UUID
    since: datetime
    until: datetime
    tried: Book
    baseline: Book | None = None
    amounts: bool = False
    _shops: dict[UUID, org.ShopInfo] = field(default_factory=dict)
    _zones: dict[UUID, org.MarketInfo] = field(default_factory=dict)
    _reasons: Any = field(default_factory=dict)
    _channels: dict[UUID, str] = field(default_factory=dict)
    _skus: dict[UUID, catalogue.SkuInfo] = field(default_factory=dict)

    def total(self) -> int:
        """How many requests there are; 1 statement."""
        return int(self._requests().count())

    def chunks(self, after: Place | None = None) -> Iterator[tuple[Place, list[Case]]]:
        """All of them in the order of asking, a thousand at a time, with the place that was reached.

        7 statements a thousand and 4 at the beginning, 1 more a thousand where a statement asks how was paid, 2 more
        where one knows a right of withdrawal, 5 more with amounts.
        """
        self._shops, self._zones, self._channels = org.shops(), org.markets(), org.channel_codes()
        self._reasons = policies.reasons([self.company_id])
        while found := self._next(after):
            after = Place(found[-1].requested_at, found[-1].id)
            yield after, self._judged(found)

    def _requests(self) -> Any:
        span = {"requested_at__gte": self.since, "requested_at__lt": self.until}
        return Return.objects.filter(company_id=self.company_id, **span).exclude(link_kind=LATE_PARCEL)

    def _next(self, after: Place | None) -> list[Past]:
        rows = self._requests()
        if after is not None:
            later = Q(requested_at__gt=after.asked_at) | Q(requested_at=after.asked_at, id__gt=after.id)
            rows = rows.filter(later, requested_at__gte=after.asked_at)
        return [Past(*row) for row in rows.order_by("requested_at", "id").values_list(*Past._fields)[:CHUNK]]

    def _judged(self, past: Sequence[Past]) -> list[Case]:
        lines: dict[UUID, list[Line]] = {one.id: [] for one in past}
        for row in _lines(list(lines)):
            lines[row[0]].append(dict(zip(_LINE, row, strict=True)))
        for one in past:
            if one.verdict__keeps:
                lines[one.id] = [_as_asked(line) for line in lines[one.id]]
        known = self._known([line for found in lines.values() for line in found])
        plans, answers = self._plans(past, lines, known), self._answers(past, known)
        return [self._case(one, lines[one.id], known, plans.get(one.id), answers.get(one.id, {})) for one in past]

    def _answers(self, past: Sequence[Past], known: Known) -> dict[UUID, dict[UUID, dict[str, Answered]]]:
        """Answers by return and line, where a statement asks about any; 2 statements a thousand."""
        if not any(book.asks_fields for book in (*known.books.values(), *self._compared)):
            return {}
        fields = policies.fields_of(self.company_id)
        codes = {one.id: one.code for one in fields.values()}
        found: dict[UUID, dict[UUID, dict[str, Answered]]] = {}
        for return_id, answers in answering.answers_of([one.id for one in past]).items():
            kept: dict[UUID, dict[str, str]] = {}
            for one in answers:
                kept.setdefault(one.line_id, {})[codes[one.field_id]] = one.value
            found[return_id] = answering.conditional(fields, kept)
        return found

    def _known(self, lines: Sequence[Line]) -> Known:
        orders = sold.order_heads({line["order_id"] for line in lines} - {NIL})
        books = policies.books({order.policy_version_id for order in orders.values()} | {NIL})
        asked = asked_dimensions([*books.values(), *self._compared])
        skus = {line["sku_id"] for line in lines} - {NIL}
        if len(self._skus) > SKUS:
            self._skus.clear()
        self._skus.update(catalogue.skus(skus - self._skus.keys()))
        frozen = sold.frozen_lines({line["order_line_id"] for line in lines} - {NIL})
        return Known(
            orders=orders,
            times=sold.shipment_times({line["shipment_line_id"] for line in lines} - {NIL}),
            confirmed={key for key, (_, _, confirmed) in frozen.items() if confirmed is not None},
            frozen={key: (category, brand) for key, (category, brand, _) in frozen.items()},
            books=books,
            channels=self._channels,
            payments=sold.payment_kinds(orders) if "payments" in asked else {},
            reasons=self._reasons,
            shops=self._shops,
            zones=self._zones,
            skus=self._skus,
            arrivals=sold.arrivals(orders) if knows_withdrawal([*books.values(), *self._compared]) else {},
            invoiced=sold.invoiced_orders(orders) if asks_invoices([*books.values(), *self._compared]) else (),
        )

    @property
    def _compared(self) -> list[Book]:
        return [self.tried] if self.baseline is None else [self.tried, self.baseline]

    def _plans(
        self, past: Sequence[Past], lines: Mapping[UUID, Sequence[Line]], known: Known
    ) -> dict[UUID, list[Planned]]:
        """What each request would pay back where all of it is granted, by its order as it stood at that moment."""
        if not (self.amounts or any(book.asks_amounts for book in (*known.books.values(), *self._compared))):
            return {}
        accounts = saleview.accounts(known.orders, lock=False)
        moments: dict[UUID, datetime] = {}
        for one in reversed(past):  # so that the first moment of an order stays
            moments.update((line["order_id"], one.requested_at) for line in lines[one.id] if line["order_id"] != NIL)
        paid, found = rewinding.settled_since(moments), {}
        for one in past:
            mine = {line["order_id"] for line in lines[one.id]} & accounts.keys()
            then = {key: rewinding.as_of(accounts[key], one.requested_at, paid.get(key, ())) for key in mine}
            found[one.id] = reckon(one.currency, lines[one.id], then)
        return found

    def _case(
        self, one: Past, lines: Sequence[Line], known: Known, plans: Sequence[Planned] | None, answers: Any
    ) -> Case:
        amount = weighed(lines, plans)
        case = judging.Case(one.shop_id, one.requested_at, amount, one.pictures, one.withdrawal, answers, one.documents)
        asked = judging.asked(lines, case, known)
        before, after = asked.verdict(known.books, self.baseline), asked.verdict(known.books, self.tried)
        first = next((line for line in lines if line["id"] in asked.lines), lines[0] if lines else None)
        order = known.orders.get(first["order_id"]) if first else None
        category = known.goods(first)[0] if first else ""
        places = (first["reason"] if first else "", category, order.customer_tier if order else "")
        return Case(
            id=str(one.id),
            number=one.number,
            asked_at=one.requested_at,
            before=before,
            after=after,
            currency=one.currency,
            places=places,
            version=str(self.baseline.version_id if self.baseline else one.policy_version_id),
            paid_minor=amount,
            fees=(_fees(before, plans), _fees(after, plans)),
        )


def _as_asked(line: Line) -> Line:
    """Goods that the policy let stay with the buyer were asked for as goods that come back."""
    kept = line["kind"] == LineKind.KEEP and line["resolution"] == Type.REFUND_ONLY
    return {**line, "kind": str(LineKind.GOODS), "resolution": str(Type.REFUND)} if kept else line


def _fees(verdict: Mapping[str, Any], plans: Sequence[Planned] | None) -> int:
    """What the fees named in a verdict come to, by the plans reckoned anew with them."""
    said = stated(verdict)
    refused = verdict["answer"] == "refuse" and not verdict.get("override")
    if not said.fees or not plans or refused:
        return 0
    return sum(each.plan.total("fee_minor") for each in again(plans, said))
