"""Whatever is sent, the answer is one that the description has: drawn at random from the description itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.db.models import Model
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from guicang.config.wsgi import application
from guicang.policy.models import PolicyVersion
from guicang.returns.models import Inspection, ReturnLine, Settlement
from guicang.returns.operations.evidence import Showing, add_evidence
from guicang.staff.models import AccessToken
from tests.journeys.acts import back, verified
from tests.receiver import endpoint
from tests.unit.api.conftest import Hire
from tests.unit.desk.conftest import in_every_state
from tests.unit.desk.files import imported, kept, order_rows
from tests.unit.returns.test_evidence import photo
from tests.world import SYSTEM, Sold, World

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ID = re.compile(r"[0-9a-f-]{32,36}", re.IGNORECASE)
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture
def ready(world: World, order: Callable[..., Sold], program: Hire, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """(headers, ids by the beginning of a path or the name in a body); afterwards books and goods must still add up."""
    monkeypatch.setattr(django_settings, "API_RATE", 10**9)
    for signal in (request_started, request_finished):  # as Django's own test client: the test's connection stays open
        signal.disconnect(close_old_connections)
    sold = order(9)
    returns = [back(world, sold, 2), *in_every_state(world, order).values()]
    shown = add_evidence(pictures=[Showing(returns[0], photo())], actor=SYSTEM, now=world.now)[0].id
    ids: dict[str, list[Any]] = {"/orders": [sold.id], "/returns": returns, "/stock": [world.sku_id]}
    ids |= {"/webhooks": [endpoint(world)], "/pictures": [shown or world.sku_id]}
    ids |= {"/imports/files": [kept(order_rows("x"))], "/imports": [imported(order_rows("x")).run_id]}
    world.request(order(), 1)
    ids |= {"id": returns, "order_id": [sold.id], "order_line_id": [line.id for line in sold.lines]}
    ids |= {"warehouse_id": [world.warehouse_id], "sku_id": [world.sku_id]}
    ids |= {"line_id": _keys(ReturnLine), "line_ids": _keys(ReturnLine)}
    ids |= {"inspection_id": _keys(Inspection), "settlement_id": _keys(Settlement)}
    colleague = program("agent").user
    ids |= {
        "/persons": [sold.customer_id],
        "/policy": _keys(PolicyVersion),
        "against": _keys(PolicyVersion),
        "/users": [colleague.id],
        "/tokens": [AccessToken.objects.get(user=colleague).id],
    }
    yield {"Authorization": f"Bearer {program('admin').token}"}, ids
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    verified()


def _keys(model: type[Model]) -> list[UUID]:
    return list(model._default_manager.order_by("pk").values_list("pk", flat=True))


def real(drawn: str, known: Sequence[Any], unknown: int) -> str:
    """A known id instead of the drawn one, except for one in `unknown`, so that more than "not found" is met."""
    number = sum(map(ord, drawn))
    return str(known[number // unknown % len(known)]) if number % unknown else drawn


def filled(body: Any, ids: Mapping[str, Sequence[Any]], name: str = "") -> Any:
    """The body with known ids where ids are meant; units stand by line."""
    if isinstance(body, dict):
        return {filled(key, ids, "line_id"): filled(value, ids, key) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(value, ids, name) for value in body]
    is_id = isinstance(body, str) and name in ids and ID.fullmatch(body)
    return real(body, ids[name], 8) if is_id else body


def answered(case: Case[Any], ready: Any) -> None:
    headers, ids = ready
    for name, drawn in case.path_parameters.items():
        found = next((keys for start, keys in ids.items() if case.path.startswith(f"/api/v1{start}")), None)
        case.path_parameters[name] = real(str(drawn), found, 2) if found else drawn
    if isinstance(case.body, dict | list) and case.media_type == "application/json":
        case.body = filled(case.body, ids)
    case.call_and_validate(checks=CHECKS, headers=headers)


@schema.parametrize()
@settings(max_examples=6, deadline=None, suppress_health_check=QUIET)
def test_answers_are_described(case: Case[Any], ready: Any) -> None:
    answered(case, ready)


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
def test_answers_are_described_deeply(case: Case[Any], ready: Any) -> None:
    answered(case, ready)
