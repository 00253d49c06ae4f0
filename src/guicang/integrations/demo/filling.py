"""Fill an empty database with the demo company."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import transaction

from guicang.integrations.demo import choosing, house, money, names, ten, today
from guicang.integrations.demo.company import add_users, found
from guicang.integrations.demo.names import Login
from guicang.integrations.demo.orders import Maker
from guicang.integrations.demo.play import play
from guicang.integrations.demo.scenarios import draw
from guicang.org.models import Company
from guicang.parties import queries as parties
from guicang.returns import queries as returns
from guicang.sales.models import Order

SEED = 20260101
#: How far back the demo begins.
DAYS = 181
#: Orders nothing comes back of; those with returns come on top, about 300 together.
PLAIN_ORDERS = 205


@dataclass(frozen=True, slots=True)
class Loaded:
    orders: int
    returns: int


def is_empty() -> bool:
    """True where no company was ever made. 1 statement."""
    return not Company.objects.exists()


def load(now: datetime, seed: int = SEED) -> Loaded | None:
    """Make the demo company and what happened to it in the six months before `now`; None where anything is there.

    One transaction: an interrupted start leaves an empty database. The same seed on the same day (UTC) makes the same
    orders, amounts and returns, but for the instants of what goes on these days (`today`), which count from `now`;
    only ids differ. About 470 sets through the steps.
    """
    base = datetime.combine(now.astimezone(UTC).date(), time.min, UTC)
    with transaction.atomic():
        if not is_empty():
            return None
        company = found(base - timedelta(days=DAYS))
        add_users(company, base - timedelta(days=DAYS))
        staff = house.staff_actors()
        in_force = base - timedelta(days=house.IN_FORCE_DAYS)
        house.state_policy(company.id, in_force, staff["ada"], base - timedelta(days=DAYS))
        rng = random.Random(seed)  # noqa: S311  # nosec B311: a demo wants chance that repeats
        bought, told = draw(Maker(company, rng, base), PLAIN_ORDERS)
        bought += ten.orders(company.shops[names.PLATFORM_SHOP], company.warehouses[names.OWN], base)
        house.state_costs(company.id, in_force, staff["ada"], base - timedelta(days=DAYS))
        now_on, stories = today.begun(company, staff, now)
        stories += choosing.begun(now_on)
        stories += money.transfers(now_on)
        cash = money.bought_in_cash(now_on)
        bought += [*now_on.orders, *cash]
        play(bought, told, base)
        money.state_ways(company.id, staff, base)
        today.go_on(now_on, stories)
        money.at_the_till(now_on, cash)
    return Loaded(len(bought), returns.counts()["returns"])


def logins() -> tuple[list[Login], str]:
    """Who can sign in to the demo, with what password; nobody where this is no demo database. 1 statement."""
    if not Company.objects.filter(code=names.COMPANY["code"], name=names.COMPANY["name"]).exists():
        return [], ""
    return list(names.LOGINS), names.PASSWORD


def shopper(now: datetime) -> tuple[str, str] | None:
    """Number and phone of an order that the portal finds and that can come back; None where this is no demo database.

    5 statements.
    """
    if not logins()[0]:
        return None
    recent = Order.objects.filter(ordered_at__gt=now - timedelta(days=20), return_label="none", shipments__isnull=False)
    orders = list(recent.order_by("-ordered_at", "id").values_list("number", "customer_id")[:20])
    phones = {
        owner: entry.value
        for (_, owner), entries in parties.personal(("customer", customer) for _, customer in orders).items()
        for entry in entries
        if entry.kind == "phone"
    }
    return next(((number, phones[customer]) for number, customer in orders if customer in phones), None)
