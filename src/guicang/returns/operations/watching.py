"""What a company says about risk: its rules in versions, its lists of customers, and what is usual among them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import clock, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.outbox import Envelope
from guicang.kernel.refusal import Refusal, Refused
from guicang.org import operations as org
from guicang.org import queries as masters
from guicang.parties import queries as parties
from guicang.returns import errors
from guicang.returns.models import Return, RiskListing, RiskPeers, RiskRules
from guicang.returns.operations import scoring
from guicang.returns.risk import FEATURES, MOST_READ, Peers, Rules, prior
from guicang.returns.rules import WHY
from guicang.sales import queries as sold

STATE, LIST = "policy.manage", "returns.override"
KINDS = ("block", "allow")
#: The most that rules may say.
MOST = {"threshold": 1000, "days": 365, "points": 100, "most": 200, "start": MOST_READ}


def state_rules(context: Context, company_id: UUID, rules: Rules) -> None:
    """The company's rules from now on, as a new version; nothing where they are the same. About 12 statements.

    Locks the company. Scores that stand keep their points. Raises Refused: NotPermitted, BadChoice.
    """
    _permit(context.actor, STATE, company_id)
    if refusals := _wrong(rules):
        raise Refused(refusals)
    org.lock_company(company_id)
    number, before = scoring.rules_of([company_id])[company_id]
    if rules == before:
        return
    rules_id = new_id()
    row = {"id": rules_id, "company_id": company_id, "number": number + 1, "rules": rules.as_data()}
    setwrites.insert(RiskRules, [{**row, "command_id": context.id, "recorded_at": context.now}])
    said = {"number": number + 1, **rules.as_data()}
    changed = {name: value for name, value in said.items() if name == "number" or before.as_data().get(name) != value}
    was = {name: value for name, value in {"number": number, **before.as_data()}.items() if name in changed}
    record(context, [AuditEntry(company_id, "risk_rules", rules_id, "state", was, changed)])
    if rules.on and not before.on:
        count_peers([company_id], context.now)


def _permit(actor: Actor, permission: str, company_id: UUID, shop_id: UUID = NIL) -> None:
    if not actor.may(permission):
        raise Refused([errors.NotPermitted(permission=permission)])
    if not actor.scope.holds(company_id, shop_id, NIL):
        raise Refused([errors.NotFound()])


def _wrong(rules: Rules) -> list[Refusal]:
    """Numbers outside their bounds."""
    asked = [("threshold", rules.threshold, 1), ("days", rules.days, 1)]
    for code in FEATURES:
        weight = rules.weights[code]
        asked += [("points", weight.points, 0), ("most", weight.most, 0), ("start", weight.start, 1)]
    return [
        errors.OutOfBounds(value=value, least=least, most=MOST[name])
        for name, value, least in dict.fromkeys(asked)
        if not least <= value <= MOST[name]
    ]


def list_customer(context: Context, number: str, kind: str, reason: str, until: datetime) -> UUID:
    """Put the customer of return `number` on a list; what he was on before ends. About 13 statements.

    Raises Refused: NotPermitted, NotFound, NobodyKnown, BadChoice, NotAhead.
    """
    if not context.actor.may(LIST):
        raise Refused([errors.NotPermitted(permission=LIST)])
    found = Return.objects.filter(number=number).values_list("company_id", "shop_id", "customer_id", "warehouse_id")
    row = next((one for one in found if context.actor.sees(one[0], one[1], one[3], one[2])), None)
    if row is None:
        raise Refused([errors.NotFound()])
    company_id, customer_id = row[0], row[2]
    refusals = _wrong_listing(kind, reason, until, context.now)
    if not parties.customers([customer_id])[customer_id].external_id:
        refusals.append(errors.NobodyKnown())
    if refusals:
        raise Refused(refusals)
    org.lock_company(company_id)
    for before in RiskListing.objects.filter(customer_id=customer_id, ended=False):
        _end(context, before)
    listing_id = new_id()
    said = {"customer_id": customer_id, "kind": kind, "reason": reason, "until": until}
    columns = {"id": listing_id, "company_id": company_id, "created_at": context.now, "ended": False, "ended_at": None}
    setwrites.insert(RiskListing, [{**columns, **said}])
    record(context, [AuditEntry(company_id, "risk_listing", listing_id, "create", {}, said)])
    return listing_id


def _wrong_listing(kind: str, reason: str, until: datetime, now: datetime) -> list[Refusal]:
    refusals: list[Refusal] = []
    if kind not in KINDS:
        refusals.append(errors.BadChoice(column="kind", value=kind))
    if reason not in {why.code for why in WHY["list_customer"]}:
        refusals.append(errors.BadChoice(column="reason", value=reason))
    if until <= now:
        refusals.append(errors.NotAhead())
    return refusals


def end_listing(context: Context, listing_id: UUID) -> None:
    """Take a customer off his list before its time. About 8 statements. Raises Refused: NotPermitted, NotFound."""
    row = RiskListing.objects.select_for_update().filter(id=listing_id, ended=False).first()
    if row is None:
        raise Refused([errors.NoSuchListing()])
    _permit(context.actor, LIST, row.company_id, parties.customers([row.customer_id])[row.customer_id].shop_id)
    _end(context, row)


def _end(context: Context, row: RiskListing) -> None:
    RiskListing.objects.filter(id=row.id).update(ended=True, ended_at=context.now)
    ended = {"ended_at": context.now}
    record(context, [AuditEntry(row.company_id, "risk_listing", row.id, "end", {"ended_at": None}, ended)])


def count_peers_everywhere(_envelope: Envelope) -> None:
    """Every night: what is usual now, in each company that is on."""
    on = [key for key, (_, rules) in scoring.rules_of(masters.companies()).items() if rules.on]
    now = clock.utcnow()
    for company_id in on:
        with transaction.atomic():
            begin("returns.peers", actor=Actor.system(), now=now, items=1)
            count_peers([company_id], now)


def count_peers(company_ids: list[UUID], now: datetime) -> None:
    """Count a company's customers together, once over all its orders; 6 statements a company."""
    shops, companies = masters.shops().values(), masters.companies(company_ids)
    rows = []
    for key in company_ids:
        unknown = parties.customers_by_key((shop.id, "") for shop in shops if shop.company_id == key)
        counted = sold.returning_of_all(key, [customer.id for customer in unknown.values()])
        found = prior(Peers(*counted))
        rows.append(
            {
                "id": new_id(),
                "company_id": key,
                **{name: getattr(counted, name) for name in ("customers", "orders", "returned")},
                "prior_returned_milli": found.returned_milli if found else 0,
                "prior_orders_milli": found.orders_milli if found else 0,
                "usual_minor": _usual(key, companies[key].currency),
                "currency": companies[key].currency,
                "recorded_at": now,
            }
        )
    setwrites.insert(RiskPeers, rows, ignore_conflicts=True)


def _usual(company_id: UUID, currency: str) -> int:
    """The median of what its returns paid back; 2 statements."""
    rows = Return.objects.filter(company_id=company_id, currency=currency, refund_minor__gt=0).order_by("refund_minor")
    middle = rows.count() // 2
    return rows.values_list("refund_minor", flat=True)[middle : middle + 1].first() or 0
