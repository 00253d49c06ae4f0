"""Scores of returns in sets: at the request, and again when goods come and when they are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from django.db.models import Count, Q, Sum

from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.latest import latest
from guicang.kernel.models import Origin
from guicang.parties import queries as parties
from guicang.policy.rules import ANSWERS
from guicang.returns.lifecycle import LineKind
from guicang.returns.models import Inspection, Receipt, Return, ReturnLine, RiskListing, RiskPeers, RiskRules, RiskScore
from guicang.returns.operations.asking import Request
from guicang.returns.operations.docket import Case
from guicang.returns.operations.sight import Sight
from guicang.returns.risk import (
    LAST_HOURS,
    MEMORY_DAYS,
    MOST_READ,
    Features,
    Prior,
    Rules,
    is_high,
    score,
    waits,
    weight_off,
)
from guicang.sales import queries as sold

Moment = Literal["request", "receipt", "inspection"]
#: What buyers call goods that they did not use, and what is found when they did.
_FRESH, _USED = ("unopened", "unused"), ("used", "damaged")
#: Goods that are not those that were sold: another serial number, or other goods.
_DIFFER = Q(held=True) | ~Q(hold_decision="") | Q(kind=LineKind.WRONG)


class Standing(NamedTuple):
    """What is known of a customer from the rows of his orders and returns. See `risk.Features`."""

    orders: int = 0
    returned: int = 0
    requests: int = 0
    mismatches: int = 0
    not_received: int = 0
    worn: int = 0
    last_day: int = 0
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in a company."""

    prior: Prior | None = None
    usual_minor: int = 0
    currency: str = ""


@dataclass(slots=True)
class Watch:
    """What a set needs for its scores. Of companies that are not on it knows nothing, and changes nothing."""

    context: Context
    rules: Mapping[UUID, tuple[int, Rules]] = field(default_factory=dict)
    #: By shop.
    companies: Mapping[UUID, UUID] = field(default_factory=dict)
    usual: Mapping[UUID, Usual] = field(default_factory=dict)
    standings: Mapping[UUID, Standing] = field(default_factory=dict)
    listed: Mapping[UUID, str] = field(default_factory=dict)
    #: Orders for which a return was made, among those of the set.
    returned: set[UUID] = field(default_factory=set)
    #: Requests of this set that come before, by customer.
    before: dict[UUID, int] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def on(self) -> bool:
        return bool(self.rules)

    def weigh(
        self,
        item: Request,
        lines: Sequence[Mapping[str, Any]],
        verdict: Mapping[str, Any],
        currency: str,
        paid_back: int | None,
    ) -> dict[str, Any]:
        """The columns of a request's header that its score decides: its verdict alone where nobody is watched.

        A high score turns what would be granted into a review, and never refuses. `verdict`: what the policy says.
        """
        key, company_id, at = new_id(), self.companies.get(item.shop_id, NIL), item.occurred_at or self.context.now
        known = self.standings.get(item.customer_id)
        if known is None or company_id not in self.rules:
            return {"id": key, "verdict": dict(verdict)}
        claims = any(line["reason"] in self.rules[company_id][1].claims for line in lines)
        last_day = _is_last(verdict, at)
        earlier = self.before.get(item.customer_id, 0)
        self.before[item.customer_id] = earlier + 1
        amount = paid_back if currency == self.usual[company_id].currency else None
        known = self._without(known, {line["order_id"] for line in lines})
        features = {
            **self._features(company_id, known, amount),
            "requests": known.requests + earlier + 1,
            "not_received": known.not_received + claims,
            "last_day": known.last_day + last_day,
        }
        row = self._row(key, company_id, item.customer_id, Features(**features), "request")
        self.rows.append(row | {"last_day": last_day, "amount_minor": amount})
        return {
            "id": key,
            "verdict": _reviewed(verdict, row),
            "risk_points": row["points"],
            "risk_high": row["high"],
        }

    def weigh_again(self, sent: Sent, moment: Moment) -> None:
        """As `weigh`, for a return that is written, with what was found since; counts in `standings` hold it."""
        known = self.standings.get(sent.customer_id)
        if known is None:
            return
        known = self._without(known, sent.orders)
        features = self._features(sent.company_id, known, sent.amount_minor)
        features |= {"goods": sent.goods, "weight": sent.weight, "mismatches": known.mismatches - bool(sent.goods)}
        row = self._row(sent.id, sent.company_id, sent.customer_id, Features(**features), moment)
        self.rows.append(row | {"last_day": False, "amount_minor": sent.amount_minor})

    def write(self) -> None:
        setwrites.insert(RiskScore, self.rows)

    def _without(self, known: Standing, order_ids: Iterable[UUID]) -> Standing:
        """Without this return's own orders: it is not held against itself."""
        own = set(order_ids) - {NIL}
        orders, returned = known.orders - len(own), known.returned - len(own & self.returned)
        return known._replace(orders=max(orders, 0), returned=max(min(returned, orders), 0))

    def _features(self, company_id: UUID, known: Standing, amount: int | None) -> dict[str, Any]:
        usual = self.usual[company_id]
        return {**known._asdict(), "prior": usual.prior, "usual_minor": usual.usual_minor, "amount_minor": amount}

    def _row(
        self, key: UUID, company_id: UUID, customer_id: UUID, features: Features, moment: Moment
    ) -> dict[str, Any]:
        number, rules = self.rules[company_id]
        found, listed = score(features, rules), self.listed.get(customer_id, "")
        return {
            "id": new_id(),
            "parent_id": key,
            "moment": moment,
            "points": found.points,
            "parts": found.as_data(),
            "listed": listed,
            "threshold": rules.threshold,
            "high": is_high(found.points, rules.threshold, listed),
            "rules_number": number,
            "command_id": self.context.id,
            "recorded_at": self.context.now,
        }


def _is_last(verdict: Mapping[str, Any], at: datetime) -> bool:
    """Whether it was asked for in the last hours of its time."""
    until = verdict.get("deadline")
    if not until:
        return False
    left: timedelta = datetime.fromisoformat(until) - at
    return timedelta(0) < left <= timedelta(hours=LAST_HOURS)


def _reviewed(verdict: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict after the score: allow becomes review where it is high; an answer is never made milder or refused."""
    if not row["high"]:
        return dict(verdict)
    figures = {"points": row["points"], "threshold": row["threshold"]}
    reason: dict[str, Any] = {"code": "risk_listed"} if row["listed"] else {"code": "risk_high", **figures}
    reason |= {"answer": "review", "policy": ""}
    answer = max(verdict["answer"], "review", key=ANSWERS.index)
    reasons = sorted([reason, *verdict["reasons"]], key=lambda one: -ANSWERS.index(one["answer"]))
    return {**verdict, "answer": answer, "automatic": False, "keeps": False, "reasons": reasons}


def look_at(chunk: Sequence[Request], sight: Sight, context: Context) -> Watch:
    """What the scores of a set of requests need; 1 statement where no company is on, about 17 otherwise.

    Nothing on history: what is past is not held against anybody.
    """
    if context.origin != Origin.LIVE:
        return Watch(context)
    rules = _on({shop.company_id for shop in sight.shops.values()})
    pairs = {(sight.shops[item.shop_id].company_id, item.customer_id) for item in chunk if item.shop_id in sight.shops}
    watch = _watch(rules, pairs, sight.orders, context)
    watch.companies = {key: shop.company_id for key, shop in sight.shops.items()}
    return watch


class Sent(NamedTuple):
    """A written return as its score sees it. `orders`: ids."""

    id: UUID
    company_id: UUID
    customer_id: UUID
    orders: frozenset[UUID]
    amount_minor: int | None
    goods: int
    weight: int


def score_again(cases: Sequence[Case], moment: Moment, context: Context) -> None:
    """Score returns once more, after what was found is written; they are locked by the step.

    A high score marks the return: what the policy does by itself waits until somebody has looked. 1 statement where
    no company is on, about 22 otherwise. Never on history, and never refuses.
    """
    rules = _on({case.header.company_id for case in cases}) if context.origin == Origin.LIVE else {}
    if not rules:
        return
    wanted = sorted({case.header.id for case in cases})
    columns = ("id", "company_id", "customer_id", "risk_seen")
    headers = list(Return.objects.filter(id__among=wanted, origin=Origin.LIVE).values_list(*columns))
    lines = list(ReturnLine.objects.filter(parent_id__among=[row[0] for row in headers]))
    pairs, orders = {(row[1], row[2]) for row in headers}, {line.order_id for line in lines} - {NIL}
    watch = _watch(rules, pairs, orders, context)
    asked = RiskScore.objects.filter(parent_id__among=wanted, moment="request")
    amounts = dict(asked.values_list("parent_id", "amount_minor"))
    weights = _weights(lines)
    for key, company_id, customer_id, _ in headers:
        own = [line for line in lines if line.parent_id == key]
        sent = Sent(
            key,
            company_id,
            customer_id,
            frozenset(line.order_id for line in own),
            amounts.get(key),
            sum(line.held or line.hold_decision != "" or line.kind == LineKind.WRONG for line in own),
            weights.get(key, 0),
        )
        watch.weigh_again(sent, moment)
    watch.write()
    looked_at = {row[0]: row[3] for row in headers}
    scored = [
        {
            "id": row["parent_id"],
            "risk_points": row["points"],
            "risk_high": row["high"],
            "risk_review": waits(row["points"], row["high"], looked_at[row["parent_id"]]),
        }
        for row in watch.rows
    ]
    setwrites.update(Return, scored, assign=["risk_points", "risk_high", "risk_review"])


def _weights(lines: Sequence[ReturnLine]) -> dict[UUID, int]:
    """By how many percent what came is off, by return; 1 statement. Lines of no known weight are left out."""
    sums: dict[UUID, list[int]] = {}
    whose = {line.id: line.parent_id for line in lines}
    for line_id, (expected, found) in grams(lines).items():
        both = sums.setdefault(whose[line_id], [0, 0])
        both[0] += expected
        both[1] += found
    return {key: weight_off(*both) for key, both in sums.items()}


def grams(lines: Sequence[ReturnLine]) -> dict[UUID, tuple[int, int]]:
    """{line: (what its received units should weigh, what they weighed)}, where that is known; at most 1 statement."""
    known = {line.id: line for line in lines if line.unit_weight_g and line.received}
    if not known:
        return {}
    rows = Receipt.objects.filter(line_id__among=sorted(known)).order_by()
    sums = rows.values_list("line_id").annotate(n=Sum("quantity"), g=Sum("weight_g"))
    return {line_id: (units * known[line_id].unit_weight_g, found) for line_id, units, found in sums}


def _watch(
    rules: Mapping[UUID, tuple[int, Rules]], pairs: set[tuple[UUID, UUID]], order_ids: Iterable[UUID], context: Context
) -> Watch:
    """`pairs`: (company, customer)."""
    if not rules:
        return Watch(context)
    watched = parties.customers(customer for company, customer in pairs if company in rules)
    # "Unknown" is everybody who was never told apart: nobody's habits.
    persons = {key for key, customer in watched.items() if customer.external_id}
    standings: dict[UUID, Standing] = {}
    for company_id, (_, stated) in rules.items():
        standings |= _standings({who for company, who in pairs if company == company_id} & persons, stated, context.now)
    return Watch(
        context,
        rules,
        usual=usual(rules),
        standings=standings,
        listed=listings_of(persons, context.now),
        returned=sold.with_returns(order_ids),
    )


def _on(company_ids: Iterable[UUID]) -> dict[UUID, tuple[int, Rules]]:
    return {key: stated for key, stated in rules_of(company_ids).items() if stated[1].on}


def rules_of(company_ids: Iterable[UUID]) -> dict[UUID, tuple[int, Rules]]:
    """{company: (version, what it says)}; a company that says nothing is off (version 0). 1 statement a company."""
    found = {}
    for key in company_ids:
        row = RiskRules.objects.filter(company_id=key).order_by("-number").values_list("number", "rules").first()
        found[key] = (row[0], Rules.of(row[1])) if row else (0, Rules())
    return found


def usual(company_ids: Iterable[UUID]) -> dict[UUID, Usual]:
    """What was last counted of each company; 1 statement a company."""
    found = {}
    for key in company_ids:
        row = RiskPeers.objects.filter(company_id=key).order_by("-recorded_at").first()
        prior = Prior(row.prior_returned_milli, row.prior_orders_milli) if row and row.prior_orders_milli else None
        found[key] = Usual(prior, row.usual_minor, row.currency) if row else Usual()
    return found


def listings_of(customer_ids: Iterable[UUID], now: datetime) -> dict[UUID, str]:
    """Which customers are on a list now; 1 statement."""
    rows = RiskListing.objects.filter(customer_id__among=sorted(customer_ids), ended=False, until__gt=now)
    return dict(rows.values_list("customer_id", "kind"))


def _standings(customer_ids: set[UUID], rules: Rules, now: datetime) -> dict[UUID, Standing]:
    """11 statements a thousand, each inside an index's range of these customers: nothing grows with the company.

    Nor with anybody's past: of each customer the newest are looked at, MOST_READ at most.
    """
    if not customer_ids:
        return {}
    wanted, since = sorted(customer_ids), now - timedelta(days=MEMORY_DAYS)
    orders, shared = sold.returning(wanted, MOST_READ), parties.sharing(wanted, MOST_READ)
    newest = sorted(latest(Return, "customer_id", wanted, "requested_at", MOST_READ))
    recent = Return.objects.filter(id__among=newest, requested_at__gte=now - timedelta(days=rules.days))
    requests = _counts(recent.values_list("customer_id").annotate(n=Count("*")))
    lines = ReturnLine.objects.filter(parent_id__among=newest, parent__requested_at__gte=since)
    several = lines.values_list("parent__customer_id")
    claims = _counts(several.filter(reason__in=rules.claims).annotate(n=Count("parent_id", distinct=True)))
    differ = _counts(several.filter(_DIFFER).annotate(n=Count("parent_id", distinct=True)))
    found = Inspection.objects.filter(
        line__parent_id__among=newest,
        line__parent__requested_at__gte=since,
        line__condition__in=_FRESH,
        found_condition__in=_USED,
    )
    worn = _counts(found.values_list("line__parent__customer_id").annotate(n=Count("line__parent_id", distinct=True)))
    late = RiskScore.objects.filter(parent_id__among=newest, parent__requested_at__gte=since, last_day=True)
    last = _counts(late.values_list("parent__customer_id").annotate(n=Count("parent_id", distinct=True)))
    return {
        key: Standing(
            *orders.get(key, (0, 0)),
            *(counted.get(key, 0) for counted in (requests, differ, claims, worn, last, shared)),
        )
        for key in wanted
    }


def _counts(rows: Any) -> dict[UUID, int]:
    return dict(rows.order_by())
