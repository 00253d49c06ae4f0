"""Who comes to the other two faces: customers with orders of a few days ago, and a program with a token.

Importable once Django is started, over a database of `benchmarks.filling`. What they ask for is real: orders are
recorded, codes asked for and returns requested, so a second run finds as many more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.test import Client

from benchmarks import setup, years
from guicang.insights.shopper import offer
from guicang.integrations.demo.company import Company, all_done
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.notifications.queries import one_time_code
from guicang.org.models import Company as CompanyRow
from guicang.org.models import Shop, Warehouse
from guicang.returns.models import Return, ReturnLine
from guicang.sales.models import Order, OrderLine
from guicang.staff import operations as staff
from guicang.staff.models import User
from guicang.trade.steps import record_orders

#: An order of so many days ago has come, and its days of grace have not passed.
DAYS_AGO = 5


class Act(NamedTuple):
    """One request: a GET, or with `data` a POST."""

    client: Client
    path: str
    data: dict[str, str] | None = None

    def do(self, *, follow: bool = False) -> Any:
        if self.data is None:
            return self.client.get(self.path, follow=follow)
        return self.client.post(self.path, self.data)


Page = tuple[str, Callable[[], Act]]


def reading(client: Client, address: Callable[[], str]) -> Act:
    return Act(client, address())


@dataclass(frozen=True, slots=True)
class Visitor:
    """A customer whose code proved one order; `contact` is the phone it has."""

    client: Client
    number: str
    contact: str
    order_id: UUID
    line_id: UUID
    reason: str

    @property
    def wanted(self) -> dict[str, str]:
        """What the form of a return says."""
        return {f"units.{self.line_id}": "1", "type": "refund", "reason": self.reason, "condition": "unused"}


def browser() -> Client:
    return Client(headers={"accept-language": "zh-hans"}, SERVER_NAME="localhost")


def visitors(count: int, rng: random.Random) -> list[Visitor]:
    """Sell `count` orders and have the buyer of each prove it."""
    now = utcnow()
    drawer = years.Drawer(_company(), rng, Order.objects.count())
    made = [drawer.order((years.BASE - now).days + DAYS_AGO).facts for _ in range(count)]
    found = []
    for facts, outcome in zip(made, all_done(record_orders(orders=made, actor=setup.SYSTEM, now=now)), strict=True):
        if outcome.id is None or facts.customer is None:
            raise RuntimeError(f"{facts.number} was not recorded")
        client, contact = browser(), facts.customer.personal["phone"]
        client.post("/my/", {"number": facts.number, "contact": contact})
        proved = client.post("/my/code/", {"code": one_time_code(UUID(client.session["portal.asked"]))})
        if proved.status_code != 302:
            raise RuntimeError(f"{facts.number} was not proved")
        line_id, customer_id = OrderLine.objects.values_list("id", "order__customer_id").filter(order=outcome.id)[0]
        found.append(Visitor(client, facts.number, contact, outcome.id, line_id, _reason(outcome.id, customer_id)))
    return found


def _company() -> Company:
    (company_id,) = CompanyRow.objects.filter(code="YEARS").values_list("id", flat=True)

    def ids(model: type[Any]) -> dict[str, UUID]:
        return dict(model.objects.filter(company_id=company_id).values_list("code", "id"))

    return Company(company_id, ids(Shop), ids(Warehouse), {})


def _reason(order_id: UUID, customer_id: UUID) -> str:
    found = offer(order_id, customer_id, utcnow())
    if found is None:
        raise RuntimeError(f"order {order_id} is offered no return")
    return next(each.code for each in found.offered("refund") if not each.asks_evidence)


def portal(rng: random.Random, rounds: int) -> Iterator[Page]:
    """The way of a customer from the first page to the request; each submits once."""
    known = visitors(rounds + 1, rng)
    waiting = iter(known)

    def at(page: str = "", **more: str) -> Callable[[], Act]:
        def draw() -> Act:
            one = rng.choice(known)
            query = "&".join(f"{name}={value}" for name, value in {**one.wanted, **more}.items())
            return Act(one.client, f"/my/orders/{one.order_id}/{page}?{query}")

        return draw

    def sent(page: str, one: Visitor) -> Act:
        return Act(one.client, f"/my/orders/{one.order_id}/{page}/", {**one.wanted, "key": new_id().hex})

    def ask() -> Act:
        one = rng.choice(known)
        return Act(browser(), "/my/", {"number": one.number, "contact": one.contact})

    def own() -> Act:
        one = rng.choice(known)
        (key,) = ReturnLine.objects.filter(order_line_id=one.line_id).values_list("parent_id", flat=True)
        return Act(one.client, f"/my/returns/{key}/")

    yield "portal, find", lambda: Act(browser(), "/my/")
    yield "portal, ask for a code (POST)", ask
    yield "portal, orders", lambda: Act(rng.choice(known).client, "/my/orders/")
    yield "portal, choose", at()
    yield "portal, why", at("why/")
    yield "portal, confirm (POST)", lambda: sent("confirm", rng.choice(known))
    yield "portal, submit (POST, writes)", lambda: sent("submit", next(waiting))
    yield "portal, own return", own


def program(rng: random.Random, user: User) -> Iterator[Page]:
    """Reading the returns over the API."""
    with transaction.atomic():
        context = begin("bench", actor=setup.SYSTEM, now=utcnow(), items=1)
        token = staff.issue_token(context, user, name="benchmark", days=1)
    client = Client(headers={"authorization": f"Bearer {token}"}, SERVER_NAME="localhost")
    keys = list(Return.objects.order_by("id").values_list("id", flat=True))
    keys = rng.sample(keys, min(1_000, len(keys)))
    yield "API, returns", lambda: Act(client, "/api/v1/returns")
    yield "API, returns by state", lambda: Act(client, f"/api/v1/returns?state={rng.choice(('requested', 'closed'))}")
    yield "API, one return", lambda: Act(client, f"/api/v1/returns/{rng.choice(keys)}")
