"""Yearly return quotas: their rules in versions, what requests take of them under lock, what returns give back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, derived_id, new_id
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Refusal, Refused
from guicang.org import queries as org
from guicang.org.operations import lock_company
from guicang.parties import queries as parties
from guicang.policy.rules.terms import SELLERS_SIDE
from guicang.returns import errors
from guicang.returns.lifecycle import LineKind, State
from guicang.returns.models import Quota, QuotaRules, QuotaUse, Return, ReturnLine
from guicang.returns.operations import inputs
from guicang.returns.operations.asking import Request
from guicang.returns.operations.judging import OVERRIDE
from guicang.returns.operations.planning import Planned
from guicang.returns.quotas import ABOVE, BOUNDS, OF, Rules, holds, span, year_of
from guicang.sales import prices as sold

STATE = "policy.manage"
#: Nothing of these comes back.
UNCOUNTED = (LineKind.MONEY, LineKind.UNSHIPPED)


def rules_of(company_ids: Iterable[UUID]) -> dict[tuple[UUID, str], tuple[int, Rules]]:
    """The version in force for each group of customers; 1 statement over what a few people stated."""
    rows = QuotaRules.objects.filter(company_id__in=sorted(set(company_ids))).order_by("number")
    return {
        (company_id, tier): (number, Rules.of_data(said))
        for company_id, tier, number, said in rows.values_list("company_id", "tier", "number", "rules")
    }


def rule_for(said: Mapping[tuple[UUID, str], tuple[int, Rules]], company_id: UUID, tier: str) -> Rules:
    """Those of the customer's group, else those for all others."""
    return (said.get((company_id, tier)) or said.get((company_id, "")) or (0, Rules()))[1]


def state_rules(context: Context, company_id: UUID, tier: str, rules: Rules) -> None:
    """The rules for a group of customers ('': all that have none of their own) from now on, as a new version; nothing
    where they are the same. About 9 statements. Locks the company. What returns took before they keep.

    Raises Refused: NotPermitted, BadChoice, OutOfBounds, TextTooLong.
    """
    if not context.actor.may(STATE) or not context.actor.scope.holds(company_id, NIL, NIL):
        raise Refused([errors.NotPermitted(permission=STATE)])
    if refusals := _wrong(rules) + inputs.too_long(QuotaRules, {"tier": tier}):
        raise Refused(refusals)
    lock_company(company_id)
    number, before = rules_of([company_id]).get((company_id, tier), (0, Rules()))
    if rules == before:
        return
    rules_id = new_id()
    row = {"id": rules_id, "company_id": company_id, "tier": tier, "number": number + 1, "rules": rules.as_data()}
    setwrites.insert(QuotaRules, [{**row, "command_id": context.id, "recorded_at": context.now}])
    was, now = before.as_data(), rules.as_data()
    changed = [name for name in now if now[name] != was[name]]
    after = {"tier": tier, "number": number + 1, **{name: now[name] for name in changed}}
    trail = AuditEntry(company_id, "quota_rules", rules_id, "state", {name: was[name] for name in changed}, after)
    record(context, [trail])


def _wrong(rules: Rules) -> list[Refusal]:
    said = rules.as_data()
    refusals: list[Refusal] = [
        errors.OutOfBounds(value=said[name], least=least, most=most)
        for name, (least, most) in BOUNDS.items()
        if not least <= said[name] <= most
    ]
    if rules.of not in OF:
        refusals.append(errors.BadChoice(column="of", value=rules.of))
    if rules.above not in ABOVE:
        refusals.append(errors.BadChoice(column="above", value=rules.above))
    if rules.above == "fee" and not rules.fee_bp:
        refusals.append(errors.OutOfBounds(value=0, least=1, most=BOUNDS["fee_bp"][1]))
    return refusals


class Standing(NamedTuple):
    """A customer's quota of a year: `used_minor` so far."""

    id: UUID
    year: int
    rules: Rules
    purchases_minor: int
    used_minor: int

    @property
    def quota_minor(self) -> int:
        return self.rules.quota(self.purchases_minor)

    @property
    def left_minor(self) -> int:
        return max(0, self.quota_minor - self.used_minor)


class Place(NamedTuple):
    """Whose quota, of which year."""

    company_id: UUID
    customer_id: UUID
    currency: str
    year: int

    @property
    def id(self) -> UUID:
        return derived_id("quota", *self)


def standings(wanted: Mapping[Place, Rules], zones: Mapping[UUID, str], *, lock: bool = False) -> dict[Place, Standing]:
    """Purchases and what was used; locks the counters in the order of their ids. 1 statement, 1 more a year that is
    looked at, 2 more with locks.
    """
    on = {place: rules for place, rules in wanted.items() if rules.on}
    if not on:
        return {}
    if lock:
        rows = [{"id": place.id, "used_minor": 0, **place._asdict()} for place in sorted(on, key=lambda one: one.id)]
        setwrites.insert(Quota, rows, ignore_conflicts=True)
    used = {row.id: row.used_minor for row in setwrites.fetch(Quota, [place.id for place in on], lock=lock)}
    bought = _purchases(on, zones)
    return {
        place: Standing(place.id, place.year, rules, bought.get(place, 0), used.get(place.id, 0))
        for place, rules in on.items()
    }


def _purchases(on: Mapping[Place, Rules], zones: Mapping[UUID, str]) -> dict[Place, int]:
    """What each customer bought in the year that counts, in that currency."""
    spans: dict[tuple[Any, Any], list[tuple[Place, Rules]]] = {}
    for place, rules in on.items():
        if rules.share_bp:
            years = span(rules.year_of_purchases(place.year), zones[place.company_id])
            spans.setdefault(years, []).append((place, rules))
    found: dict[Place, int] = {}
    for (since, until), several in spans.items():
        sums = sold.purchases({place.customer_id for place, _ in several}, since, until)
        found |= {place: sums.get((place.customer_id, place.currency), 0) for place, _ in several}
    return found


@dataclass(slots=True)
class Counting:
    """Quotas of a set of requests, counted on from request to request."""

    found: dict[Place, Standing]
    zones: Mapping[UUID, str]
    context: Context
    taken: dict[Place, int] = field(default_factory=dict)
    uses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def on(self) -> bool:
        return bool(self.found)

    def weigh(
        self, item: Request, company_id: UUID, counted: int | None, currency: str, verdict: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[Refusal]]:
        """The verdict with what is left of the quota: above it a person decides, it is refused, or a fee is kept back.

        `counted`: what of the request counts. Withdrawals are a right and only told.
        """
        place = self._place(item, company_id, currency)
        standing = self.found.get(place) if place else None
        data = dict(verdict)
        if place is None or standing is None or not counted:
            return data, []
        left = max(0, standing.left_minor - self.taken.get(place, 0))
        told = {"quota_minor": standing.quota_minor, "left_minor": left, "asked_minor": counted, "year": place.year}
        data["quota"] = {"id": str(standing.id), "counted_minor": counted}
        if counted <= left or item.withdrawal is not None:
            _say(data, "within_quota" if counted <= left else "withdraws_above", "allow", told, currency)
            return data, []
        return self._above(item, data, standing.rules, told, currency)

    def _above(
        self, item: Request, data: dict[str, Any], rules: Rules, told: Mapping[str, int], currency: str
    ) -> tuple[dict[str, Any], list[Refusal]]:
        if rules.above == "refuse":
            _say(data, "above_quota", "refuse", told, currency)
            data |= {"answer": "refuse", "automatic": False, "keeps": False}
            if item.override and self.context.actor.kind != "customer" and self.context.actor.may(OVERRIDE):
                return {**data, "override": item.override}, []
            return data, [errors.QuotaUsedUp(year=told["year"])]
        charged = rules.above == "fee" and _charge(data, rules.fee(told["asked_minor"] - told["left_minor"]))
        _say(data, "above_quota_fee" if charged else "above_quota", "allow" if charged else "review", told, currency)
        if not charged:
            answer = data["answer"] if data["answer"] == "refuse" else "review"
            data |= {"answer": answer, "automatic": False, "keeps": False}
        return data, []

    def _place(self, item: Request, company_id: UUID, currency: str) -> Place | None:
        zone = self.zones.get(company_id)
        at = item.occurred_at or self.context.now
        return Place(company_id, item.customer_id, currency, year_of(at, zone)) if zone else None

    def take(self, header: dict[str, Any]) -> None:
        """The accepted request takes its part."""
        counted = header["verdict"].get("quota")
        if not counted:
            return
        key, amount = UUID(counted["id"]), counted["counted_minor"]
        place = next(place for place, standing in self.found.items() if standing.id == key)
        self.taken[place] = self.taken.get(place, 0) + amount
        header |= {"quota_id": key, "quota_asked_minor": amount, "quota_minor": amount}
        self.uses.append(_use(key, header["id"], amount, self.context))

    def write(self) -> None:
        _write(self.uses)


def _say(data: dict[str, Any], code: str, answer: str, told: Mapping[str, int], currency: str) -> None:
    reason = {"code": code, "answer": answer, "currency": currency, **told}
    data["reasons"] = [*data["reasons"], reason] if answer == "allow" else [reason, *data["reasons"]]


def _charge(data: dict[str, Any], amount: int) -> bool:
    """Keep it back once, of the lines that belong to orders; False where there are none."""
    lines = {key: dict(line) for key, line in data.get("lines", {}).items()}
    if not lines or not amount:
        return False
    fee = {"kind": "fixed", "value": amount, "per": "return", "grades": [], "taxed": True, "what": "restocking"}
    for line in lines.values():
        line["terms"] = {**line["terms"], "fees": [*line["terms"].get("fees", ()), fee]}
    data["lines"] = lines
    return True


def look_at(
    chunk: Sequence[Request], companies: Mapping[UUID, UUID], currencies: Sequence[str], context: Context, *, lock: bool
) -> Counting:
    """Quotas of the customers of a set; locks their counters. 1 statement where no company has any, else about 5.

    `companies`: company by shop; `currencies`: of each request.
    """
    if context.origin != Origin.LIVE:
        return Counting({}, {}, context)
    said = rules_of(set(companies.values()))
    if not any(rules.on for _, rules in said.values()):
        return Counting({}, {}, context)
    zones = {key: one.zone for key, one in org.companies(set(companies.values())).items()}
    customers = parties.customers({item.customer_id for item in chunk})
    wanted: dict[Place, Rules] = {}
    for item, currency in zip(chunk, currencies, strict=True):
        customer, company_id = customers.get(item.customer_id), companies.get(item.shop_id)
        if customer is None or company_id is None or not customer.external_id:
            continue
        year = year_of(item.occurred_at or context.now, zones[company_id])
        wanted[Place(company_id, customer.id, currency, year)] = rule_for(said, company_id, customer.tier)
    return Counting(standings(wanted, zones, lock=lock), zones, context)


def counted(
    plans: Iterable[Planned] | None, lines: Sequence[Mapping[str, Any]], verdict: Mapping[str, Any]
) -> int | None:
    """What of a request counts: goods that come back and are not at the seller's fault; None where nobody counted."""
    if plans is None:
        return None
    said = verdict.get("lines", {})
    mine = {
        line["id"]
        for line in lines
        if line["kind"] not in UNCOUNTED
        and said.get(str(line["id"]), {}).get("terms", {}).get("fault") not in SELLERS_SIDE
    }
    return sum(max(0, row.paid_minor) for each in plans for row in each.plan.lines if row.ref in mine)


class Held(Protocol):
    """A return while a step works on it."""

    header: Return
    lines: list[ReturnLine]


def follow(cases: Iterable[Held], context: Context) -> None:
    """Give back to quotas, or take again, what returns hold since they changed; sets their headers.

    Locks counters. None where nothing moved, else 3 statements a thousand.
    """
    uses = []
    for case in cases:
        header = case.header
        if header.quota_id == NIL:
            continue
        paid = sum(line.refund_minor for line in case.lines if line.kind not in UNCOUNTED)
        now = holds(
            header.quota_asked_minor,
            paid,
            decision=header.decision,
            ending=header.ending,
            settled=header.state == State.SETTLED,
        )
        if now != header.quota_minor:
            uses.append(_use(header.quota_id, header.id, now - header.quota_minor, context))
            header.quota_minor = now
    if uses:
        setwrites.fetch(Quota, {use["quota_id"] for use in uses}, lock=True)
    _write(uses)


def _use(quota_id: UUID, return_id: UUID, amount: int, context: Context) -> dict[str, Any]:
    stamps = {"command_id": context.id, "recorded_at": context.now}
    return {"id": new_id(), "quota_id": quota_id, "parent_id": return_id, "amount_minor": amount, **stamps}


def _write(uses: Sequence[dict[str, Any]]) -> None:
    moved: dict[UUID, int] = {}
    for use in uses:
        moved[use["quota_id"]] = moved.get(use["quota_id"], 0) + use["amount_minor"]
    rows = [{"id": key, "used_minor": amount} for key, amount in sorted(moved.items()) if amount]
    setwrites.update(Quota, rows, add=["used_minor"])
    setwrites.insert(QuotaUse, uses)
