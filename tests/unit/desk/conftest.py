"""A desk at the hour of `tests.world`, and people who sit at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from guicang.desk.views import acts, counter, exports, money, orders, refunds, returns, settling, users
from guicang.kernel.ids import NIL
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.reject import Rejection, reject
from guicang.staff.models import User
from tests.journeys import acts as journey
from tests.journeys.acts import arrive, back, do, pay
from tests.world import NOW, Sold, World

Hire = Callable[..., Client]
PASSWORD = "a long enough one"


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (acts, counter, exports, money, orders, refunds, returns, settling, users):
        monkeypatch.setattr(module, "utcnow", lambda: NOW)


@pytest.fixture(autouse=True)
def _a_language_ends_with_its_request() -> Iterator[None]:
    yield
    translation.deactivate()


@pytest.fixture
def hire(db: None) -> Hire:
    """hire(role, name=..., language=..., shop_id=...): a browser with somebody of that role signed in."""

    def make(role: str, name: str = "", language: str = "en", first_name: str = "", **scope: Any) -> Client:
        user = User(username=name or role, role=role, first_name=first_name, **{"company_id": NIL, **scope})
        user.set_password(PASSWORD)
        user.save()
        client = Client(headers={"accept-language": language})
        client.force_login(user)
        return client

    return make


def in_every_state(world: World, order: Callable[..., Sold]) -> dict[str, Any]:
    """One return each in the states that pages show differently, by state."""
    received = world.authorised(order(), 2)
    arrive(world, received, 2)
    settled, closed = back(world, order(), 1), back(world, order(), 1)
    pay(world, settled)
    pay(world, closed)
    do(close, world, Closing(closed))
    rejected = world.request(order(), 1)
    do(reject, world, Rejection(rejected, "too_late"))
    return {
        "requested": world.request(order(), 1),
        "authorised": world.authorised(order(), 1),
        "received": received,
        "inspected": back(world, order(), 1),
        "settled": settled,
        "closed": closed,
        "rejected": rejected,
    }


def dump() -> dict[str, list[Any]]:
    """Every row that a return, goods or money has; what was only seen leaves its traces in the session."""
    return {name: rows for name, rows in journey.dump().items() if not name.startswith(("sessions.", "usersessions."))}
