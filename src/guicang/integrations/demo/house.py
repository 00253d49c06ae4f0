"""What the demo company says: its policy, who has to agree, what counts as risk, who stands in for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from guicang.integrations.demo import names
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.logistics.operations import state_freight
from guicang.logistics.rules import Rate
from guicang.payments.operations.credit_rules import state_rules
from guicang.payments.rules.credit import Rules as Credit
from guicang.policy import operations as policy
from guicang.policy.queries.files import from_toml
from guicang.returns import pricing
from guicang.returns.operations import price_rules, watching
from guicang.returns.risk import Rules
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


def put_on_list(number: str, kind: str, reason: str, days: int, by: Actor, now: datetime) -> None:
    """The customer of a return, for so many days."""
    with transaction.atomic():
        context = begin("demo.list", actor=by, now=now, items=1)
        watching.list_customer(context, number, kind, reason, now + timedelta(days=days))
