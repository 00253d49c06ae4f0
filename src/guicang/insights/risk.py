"""Risk as staff read it: the points of a return with their reasons, the customer's figures, rules and lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guicang.insights.worklist import customer_names
from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.org.queries import CompanyInfo
from guicang.parties import queries as parties
from guicang.policy import queries as policies
from guicang.policy.facts import ReasonInfo
from guicang.returns.models import Return, RiskListing, RiskRules, RiskScore
from guicang.returns.operations import scoring
from guicang.returns.risk import FEATURES, MOST_READ, Rules, Weight
from guicang.sales import queries as sold

#: Of one part of a score, with its figures.
_SENTENCES: Mapping[str, Promise] = {
    "rate": _(
        "%(returned)s of his %(orders)s other orders came back: %(rate)s %% by what is known, peers %(peers)s %%."
    ),
    "velocity": _("%(times)s requests within a few weeks."),
    "value": _("It asks for %(times)s times the usual refund."),
    "goods": _("Goods or serial numbers on %(times)s lines are not those that were sold."),
    "weight": _("The parcels are off by %(percent)s %% of their weight."),
    "mismatches": _("%(times)s earlier returns within a year did not hold what was sold."),
    "not_received": _("%(times)s returns within a year say that goods never came."),
    "worn": _("%(times)s returns within a year were called unused and came back used or damaged."),
    "last_day": _("%(times)s requests within a year came in the last 24 hours of their time."),
    "shared": _("%(times)s other customers of the shop have the same phone, e-mail or WeChat."),
}


class Label(NamedTuple):
    """What the page of rules calls a feature, and what its `start` counts."""

    text: Promise
    start: Promise


LABELS: Mapping[str, Label] = {
    "rate": Label(_("Returns more than others do: points for each 10 % above them"), _("orders known")),
    "velocity": Label(_("Many requests in a short time"), _("requests")),
    "value": Label(_("Asks for much more than usual"), _("times the usual")),
    "goods": Label(_("Other goods or another serial number came"), _("lines")),
    "weight": Label(_("The parcels weigh something else"), _("percent off")),
    "mismatches": Label(_("Earlier returns did not hold what was sold"), _("returns")),
    "not_received": Label(_("Says again and again that goods never came"), _("returns")),
    "worn": Label(_("Called unused, found used or damaged"), _("returns")),
    "last_day": Label(_("Asks again and again at the last moment"), _("returns")),
    "shared": Label(_("Shares phone, e-mail or WeChat with other customers"), _("customers")),
}
MOMENTS: Mapping[str, Promise] = {
    "request": _("At the request"),
    "receipt": _("At the receipt"),
    "inspection": _("At the inspection"),
}


class Part(NamedTuple):
    code: str
    points: int
    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    moment: str
    label: str
    at: datetime
    points: int
    threshold: int
    high: bool
    listed: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class View:
    """`moments`: the latest first. `rate`, `peers`: percent, None where too little is known."""

    points: int
    high: bool
    moments: list[Moment]
    orders: int
    returned: int
    rate: int | None
    peers: int | None
    listing: Listing | None


class Listing(NamedTuple):
    id: UUID
    company_id: UUID
    customer_id: UUID
    kind: str
    reason: str
    until: datetime
    customer: str
    is_over: bool

    @property
    def last(self) -> datetime:
        """`until` is exclusive: this is on its last day."""
        return self.until - timedelta(microseconds=1)


def of_return(header: Return, now: datetime) -> View | None:
    """How a return scored; None where it never was, for no statement, else for 7."""
    if header.risk_points is None:
        return None
    rows = RiskScore.objects.filter(parent_id=header.id).order_by("-recorded_at", "-id")
    orders, returned = sold.returning([header.customer_id], MOST_READ).get(header.customer_id, (0, 0))
    prior = scoring.usual([header.company_id])[header.company_id].prior
    listings = _listings(RiskListing.objects.filter(customer_id=header.customer_id, ended=False), now)
    return View(
        header.risk_points,
        header.risk_high,
        [_moment(row) for row in rows],
        orders,
        returned,
        round(prior.rate(returned, orders) * 100) if prior else None,
        round(prior.mean * 100) if prior else None,
        next((one for one in listings if not one.is_over), None),
    )


def _moment(row: RiskScore) -> Moment:
    parts = [Part(part["code"], part["points"], sentence(part)) for part in row.parts]
    label = str(MOMENTS.get(row.moment, row.moment))
    return Moment(row.moment, label, row.recorded_at, row.points, row.threshold, row.high, row.listed, parts)


def sentence(part: Mapping[str, Any]) -> str:
    """A part of a score as stored, with its figures."""
    code = str(part["code"])
    return str(_SENTENCES[code]) % part if code in _SENTENCES else code


@dataclass(frozen=True, slots=True)
class Feature:
    code: str
    label: Label
    weight: Weight


@dataclass(frozen=True, slots=True)
class Stated:
    """What a company says now. `number` 0: nothing yet; then it is off."""

    company: CompanyInfo
    number: int
    since: datetime | None
    rules: Rules
    features: list[Feature]
    reasons: list[ReasonInfo]


def stated(company: CompanyInfo) -> Stated:
    """3 statements."""
    number, rules = scoring.rules_of([company.id])[company.id]
    since = RiskRules.objects.filter(company_id=company.id, number=number).values_list("recorded_at", flat=True).first()
    features = [Feature(code, LABELS[code], rules.weights[code]) for code in FEATURES]
    return Stated(company, number, since, rules, features, list(policies.reasons_of(company.id).values()))


#: More customers on the lists of a company are not shown at once.
MOST = 200


def listings(scope: Scope, now: datetime) -> list[Listing]:
    """Customers on a list, the soonest to end first; 4 statements."""
    bounds = scope.exact_filters(company_id="company_id")
    rows = RiskListing.objects.filter(**bounds, ended=False).order_by("until", "id")[:MOST]
    found = _listings(rows, now)
    shops = {key: customer.shop_id for key, customer in parties.customers(one.customer_id for one in found).items()}
    return [one for one in found if scope.holds(one.company_id, shops[one.customer_id], NIL)]


def _listings(rows: Any, now: datetime) -> list[Listing]:
    found = list(rows)
    names = customer_names({row.customer_id for row in found}) if found else {}
    return [
        Listing(
            row.id,
            row.company_id,
            row.customer_id,
            row.kind,
            row.reason,
            row.until,
            names.get(row.customer_id, ""),
            row.until <= now,
        )
        for row in found
    ]
