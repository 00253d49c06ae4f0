"""How requests were decided: by the policy, by people or by time, how long it took, and every exception that was made.

Over the requests of some days, along the index of when they were asked for; nothing here reads a table whole. What is
imported from the past was decided elsewhere and is left out, and so is what nobody asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, FloatField, Func, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from guicang.insights.became import BECAME
from guicang.insights.worklist import scoped
from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.returns.deciders import Decider
from guicang.returns.models import ApprovalStage, Override, Return
from guicang.staff import queries as staff

#: More days than that are not read at once.
MOST_DAYS = 366
PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests from `since` on and before `until`, of one shop or of all that the reader sees."""

    since: datetime
    until: datetime
    shop_id: UUID | None = None


class Times(NamedTuple):
    """Half of all took at most the first, nine of ten at most the second; None: nothing was decided."""

    half: timedelta | None = None
    most: timedelta | None = None

    @property
    def half_hours(self) -> float | None:
        return _hours(self.half)

    @property
    def most_hours(self) -> float | None:
        return _hours(self.most)


def _hours(took: timedelta | None) -> float | None:
    return None if took is None else round(took.total_seconds() / 3600, 1)


@dataclass(frozen=True, slots=True)
class Figures:
    """`times`: from the request to the decision, without what the policy granted at once."""

    name: str
    shop_id: UUID | None
    counts: Mapping[str, int]
    times: Times

    @property
    def requests(self) -> int:
        return sum(self.counts.values())

    def percent(self, code: str) -> float:
        return round(100 * self.counts[code] / self.requests, 1) if self.requests else 0.0

    @property
    def touchless(self) -> float:
        return self.percent("policy")

    @property
    def shares(self) -> list[tuple[str, int, float]]:
        """(what became of it, requests, percent) in the order of `BECAME`."""
        return [(code, count, self.percent(code)) for code, count in self.counts.items()]


class StageFigures(NamedTuple):
    """A stage of a flow: how its words fell. `late`: decided after its time, or still open after it."""

    zh: str
    en: str
    number: int
    times: Times
    approved: int
    rejected: int
    open: int
    late: int
    escalated: int


class Exemption(NamedTuple):
    """An exception to the policy. `amount_minor` None: not known."""

    id: UUID
    return_id: UUID
    number: str
    state: str
    shop: str
    deed: str
    reason: str
    who: str
    amount_minor: int | None
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    whole: Figures
    shops: list[Figures]
    stages: list[StageFigures]
    exceptions: list[Exemption]
    #: How many there were, and what they were about by currency.
    exceptions_count: int
    exceptions_minor: dict[str, int]


def report(scope: Scope, asked: Asked, now: datetime) -> Report:
    """At most 13 statements."""
    rows = requests(scope, asked)
    shops = _shops(rows)
    counts = {code: sum(shop.counts[code] for shop in shops) for code in BECAME}
    overall = _times(_decided(rows), _Took("decided_at", "requested_at"), ()) if shops else {}
    count, sums = _sums(scope, asked)
    return Report(
        Figures("", None, counts, overall.get((), Times())),
        shops,
        stages(scope, asked, now) if shops else [],
        exceptions(scope, asked, PAGE) if count else [],
        count,
        sums,
    )


def requests(scope: Scope, asked: Asked) -> QuerySet[Return]:
    rows = scoped(scope).filter(requested_at__gte=asked.since, requested_at__lt=asked.until)
    if asked.shop_id:
        rows = rows.filter(shop_id=asked.shop_id)
    return rows.filter(origin=Origin.LIVE).exclude(decided_by=Decider.NOBODY).order_by()


def shops(scope: Scope, asked: Asked) -> list[Figures]:
    """A row a shop, the one with most requests first; 3 statements."""
    return _shops(requests(scope, asked))


def _shops(rows: QuerySet[Return]) -> list[Figures]:
    sums = {f"n_{code}": Count("id", filter=which) for code, which in BECAME.items()}
    counted = rows.values_list("shop_id").annotate(**sums)
    found = {key: dict(zip(BECAME, counts, strict=True)) for key, *counts in counted}
    if not found:
        return []
    took = _times(_decided(rows), _Took("decided_at", "requested_at"), ("shop_id",))
    names = org.shops(found)
    made = [Figures(names[key].name, key, counts, took.get((key,), Times())) for key, counts in found.items()]
    return sorted(made, key=lambda one: (-one.requests, one.name))


def _decided(rows: QuerySet[Return]) -> QuerySet[Return]:
    return rows.filter(decided_at__isnull=False).exclude(decided_by=Decider.POLICY)


class _Took(Func):
    """Seconds between two instants, to the thousandth: on SQLite by its own function, not by one call of ours a row."""

    template = "EXTRACT(EPOCH FROM %(expressions)s)"
    arg_joiner = " - "
    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        first, second = (compiler.compile(each) for each in self.get_source_expressions())
        sql = f"ROUND((JULIANDAY({first[0]}) - JULIANDAY({second[0]})) * 86400, 3)"
        return sql, (*first[1], *second[1])


def _times(rows: QuerySet[Any], took: _Took, keys: Sequence[str]) -> dict[tuple[Any, ...], Times]:
    """Median and ninth decile of `took` by `keys`, by the nearest rank: a time that really was; 1 statement."""
    whole = [F(key) for key in keys] or None
    ranked = rows.annotate(took=took)
    ranked = ranked.annotate(
        rank=Window(RowNumber(), partition_by=whole, order_by=[F("took"), F("id")]),
        all=Window(Count("*"), partition_by=whole),
    )
    half = Q(rank__gte=F("all") / 2.0) & Q(rank__lt=F("all") / 2.0 + 1)
    most = Q(rank__gte=F("all") * 0.9) & Q(rank__lt=F("all") * 0.9 + 1)
    found: dict[tuple[Any, ...], dict[int, timedelta]] = {}
    sizes: dict[tuple[Any, ...], int] = {}
    for *key, rank, n, time in ranked.filter(half | most).values_list(*keys, "rank", "all", "took"):
        found.setdefault(tuple(key), {})[rank] = timedelta(seconds=float(time))
        sizes[tuple(key)] = n
    return {key: Times(by[-(-sizes[key] // 2)], by[-(-9 * sizes[key] // 10)]) for key, by in found.items()}


def stages(scope: Scope, asked: Asked, now: datetime) -> list[StageFigures]:
    """A row a stage of each flow, in the order of flows and stages; 2 statements, 1 more for their names.

    Appeals count as well: each opens the stages anew. The time of a stage includes what the customer took to answer.
    """
    rows = ApprovalStage.objects.filter(parent__in=requests(scope, asked)).exclude(state__in=("waiting", "skipped"))
    decided = Q(state__in=("approved", "rejected"))
    counted = rows.order_by().values_list("flow_id", "number")
    found = list(
        counted.annotate(
            n_approved=Count("id", filter=Q(state="approved")),
            n_rejected=Count("id", filter=Q(state="rejected")),
            n_open=Count("id", filter=Q(state="open")),
            n_late=Count("id", filter=(decided & Q(decided_at__gt=F("due_at"))) | Q(state="open", due_at__lte=now)),
            n_escalated=Count("id", filter=Q(escalated_at__isnull=False)),
        )
    )
    if not found:
        return []
    took = _times(rows.filter(decided).order_by(), _Took("decided_at", "opened_at"), ("flow_id", "number"))
    names = policies.flow_names(flow_id for flow_id, *_ in found)
    made = [
        StageFigures(*names.get(flow_id, ("", "")), number, took.get((flow_id, number), Times()), *counts)
        for flow_id, number, *counts in found
    ]
    return sorted(made, key=lambda one: (one.zh, one.number))


def _overrides(scope: Scope, asked: Asked) -> QuerySet[Override]:
    rows = Override.objects.filter(recorded_at__gte=asked.since, recorded_at__lt=asked.until)
    rows = rows.filter(**scope.exact_filters(company_id="company_id", shop_id="shop_id"))
    rows = rows.filter(**scope.filters(warehouse_id="parent__warehouse_id"))
    return rows.filter(shop_id=asked.shop_id) if asked.shop_id else rows


def _sums(scope: Scope, asked: Asked) -> tuple[int, dict[str, int]]:
    rows = _overrides(scope, asked).order_by().values_list("currency")
    found = list(rows.annotate(n=Count("id"), minor=Sum("amount_minor")))
    return sum(n for _, n, _ in found), {currency: minor for currency, _, minor in found if minor}


def exceptions(scope: Scope, asked: Asked, size: int, after: UUID | None = None) -> list[Exemption]:
    """The latest first; 3 statements."""
    rows = _overrides(scope, asked).order_by("-recorded_at", "-id")
    last = Override.objects.filter(id=after).values_list("recorded_at", "id").first() if after else None
    if last is not None:
        rows = rows.filter(recorded_at__lte=last[0]).exclude(recorded_at=last[0], id__gte=last[1])
    columns = ("id", "parent_id", "parent__number", "parent__state", "shop_id", "deed", "reason", "actor_id")
    found = list(rows.values_list(*columns, "amount_minor", "currency", "recorded_at")[:size])
    names, shops = _names(row[7] for row in found), org.shops({row[4] for row in found})
    return [
        Exemption(key, parent, number, state, shops[shop].name, deed, reason, names.get(who, ""), amount, currency, at)
        for key, parent, number, state, shop, deed, reason, who, amount, currency, at in found
    ]


def exceptions_count(scope: Scope, asked: Asked, most: int) -> int:
    """Counted up to `most`; 1 statement."""
    return _overrides(scope, asked).order_by()[:most].count()


def _names(ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = sorted(set(ids) - {NIL})
    return staff.names(wanted) if wanted else {}
