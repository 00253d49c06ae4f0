"""What the demo company says: its policy, who has to agree, what counts as risk, who stands in for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from guicang.integrations.demo import names
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.logistics.operations import state_freight
from guicang.logistics.rules import Rate
from guicang.parties.models import Customer
from guicang.payments.operations.credit_rules import state_rules
from guicang.payments.rules.credit import Rules as Credit
from guicang.policy import operations as policy
from guicang.policy.queries.files import from_toml
from guicang.returns import limits, pricing
from guicang.returns import quotas as quota_rules
from guicang.returns.operations import insurance, money_limits, price_rules, quotas, watching
from guicang.returns.operations.insurance import Insured
from guicang.returns.rebates import Tier
from guicang.returns.risk import Rules
from guicang.returns.steps import rebate
from guicang.returns.steps.rebate import Agreeing, Reckoning
from guicang.sales.models import Order
from guicang.staff import operations as staff
from guicang.staff import queries as people
from guicang.staff.queries import actor_of, today

POLICY = Path(__file__).parent / "policy.toml"
#: How long before today the policy came into force: long enough to be looked at again.
IN_FORCE_DAYS, REVIEW_MONTHS = 100, 3
#: From so much on a refund takes two people: somebody of the service, then an approver.
LARGE_MINOR = 30_000
FLOW = {
    "conditions": {"amount_minor": LARGE_MINOR},
    "stages": [
        {"roles": ["agent"], "hours": 72, "escalate_to": "approver"},
        {"roles": ["approver"], "hours": 48, "escalate_to": "admin"},
    ],
}


#: What goods pay that come back without an order.
PRICES = pricing.Rules(sources=("agreed", "last", "lowest"), most_minor=50_000)


#: What a customer may send back in a year, what staff may grant without goods, and the tax in a rebate.
QUOTA = quota_rules.Rules(fixed_minor=2_000_000)
LIMITS = limits.Rules({"agent": limits.Limit(5_000, 10_000, 100_000)})
VAT = Decimal("0.13")


def staff_actors() -> dict[str, Actor]:
    """The demo's users as they act, by user name; 1 statement each."""
    found = {login.username: people.member(login.username) for login in names.LOGINS}
    return {name: actor_of(user) for name, user in found.items() if user}


def state_policy(company_id: UUID, in_force_from: datetime, by: Actor, now: datetime) -> None:
    """Publish the policy the way an administrator does, and ask for a review every so many months."""
    name, statement = from_toml(POLICY.read_bytes())
    context = begin("demo.policy", actor=by, now=now, items=1)
    policy.start_draft(context, company_id, name=name, statement=statement)
    policy.publish(context, company_id, revision=1, effective_from=in_force_from)
    policy.set_review(context, company_id, REVIEW_MONTHS)
    context = begin("demo.prices", actor=by, now=now, items=1)
    price_rules.state_rules(context, company_id, "", PRICES)


def state_costs(company_id: UUID, valid_from: datetime, by: Actor, now: datetime) -> None:
    """What the way back costs by two carriers, and what a refund is worth more as store credit."""
    day = valid_from.date()
    rates = [
        Rate(800, day, carrier="EMS", first_g=1000, next_g=1000, next_minor=300),
        Rate(1200, day, carrier="SF", first_g=1000, next_g=500, next_minor=200),
    ]
    context = begin("demo.costs", actor=by, now=now, items=1)
    state_freight(context, company_id, "CNY", rates)
    state_rules(context, company_id, "CNY", Credit(bonus_bp=500, bonus_most_minor=5_000))


def watch(company_id: UUID, by: Mapping[str, Actor], now: datetime) -> None:
    """From `now` on large refunds take two people, requests are scored, and ada stands in for max."""
    with transaction.atomic():
        context = begin("demo.watch", actor=by["ada"], now=now, items=1)
        policy.add_flow(context, company_id, "large", "大额退款", "Large refunds", FLOW)
        watching.state_rules(context, company_id, Rules(on=True))
    with transaction.atomic():
        context, user = begin("demo.delegate", actor=by["max"], now=now, items=1), people.member("max")
        if user is not None:
            first = today(now)
            staff.delegate(context, user, by["ada"].id, first, first + timedelta(days=20))


def trade_terms(company_id: UUID, return_id: UUID, by: Mapping[str, Actor], now: datetime) -> None:
    """A yearly quota, limits of money, a rebate of the best customer's last quarter, and an insured way back."""
    with transaction.atomic():
        context = begin("demo.terms", actor=by["ada"], now=now, items=1)
        quotas.state_rules(context, company_id, "", QUOTA)
        money_limits.state_rules(context, company_id, LIMITS)
    with transaction.atomic():
        context = begin("demo.insured", actor=by["ada"], now=now, items=1)
        insurance.insure(context, return_id, Insured("platform", "filed", today(now), "安途财险", "RF2611-0042"))
        until = today(now) - timedelta(days=31)
        since = until - timedelta(days=90)
        best = Order.objects.filter(company_id=company_id, customer_id__in=known_customers()).order_by()
        sums = best.values("customer_id").annotate(total=Sum("total_minor")).order_by("-total", "customer_id")
        customer = sums.filter(ordered_at__date__range=(since, until))[0]["customer_id"]
        key = rebate.agree(context, Agreeing(customer, since, until, (Tier(0, 100), Tier(100_000, 300)), VAT))
    (outcome,) = rebate.reckon_rebates(reckonings=[Reckoning(key)], actor=by["fay"], now=now)
    if not outcome.ok:
        raise RuntimeError("the demo's rebate was refused")


def known_customers() -> Any:
    """Those who have a number; a counter sells to everybody else as one."""
    return Customer.objects.exclude(external_id="").values("id")


def put_on_list(number: str, kind: str, reason: str, days: int, by: Actor, now: datetime) -> None:
    """The customer of a return, for so many days."""
    with transaction.atomic():
        context = begin("demo.list", actor=by, now=now, items=1)
        watching.list_customer(context, number, kind, reason, now + timedelta(days=days))
