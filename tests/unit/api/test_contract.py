"""Whatever is sent, the answer is one that the description has: drawn at random from the description itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from guicang.config.wsgi import application
from guicang.returns.operations.evidence import Showing, add_evidence
from tests.journeys.acts import back, verified
from tests.receiver import endpoint
from tests.unit.api.conftest import Hire
from tests.unit.desk.files import imported, kept, order_rows
from tests.unit.returns.test_evidence import photo
from tests.world import SYSTEM, Sold, World

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture
def ready(world: World, order: Callable[..., Sold], program: Hire, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """(headers, ids that stand behind a path's parameters); afterwards the books and the goods must still add up."""
    monkeypatch.setattr(django_settings, "API_RATE", 10**9)
    for signal in (request_started, request_finished):  # as Django's own test client: the test's connection stays open
        signal.disconnect(close_old_connections)
    sold = order(9)
    ids = {"/orders": sold.id, "/returns": back(world, sold, 2), "/stock": world.sku_id}
    shown = add_evidence(pictures=[Showing(ids["/returns"], photo())], actor=SYSTEM, now=world.now)[0].id
    ids |= {"/webhooks": endpoint(world), "/pictures": shown or world.sku_id}
    ids |= {"/imports/files": kept(order_rows("x")), "/imports": imported(order_rows("x")).run_id}
    world.request(order(), 1)
    yield {"Authorization": f"Bearer {program('admin').token}"}, ids
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    verified()


def answered(case: Case[Any], ready: Any) -> None:
    headers, ids = ready
    for name in case.path_parameters:
        found = next((key for start, key in ids.items() if case.path.startswith(f"/api/v1{start}")), None)
        # Half of the ids are real, so that more than "not found" is met.
        if found and sum(map(ord, str(case.path_parameters[name]))) % 2:
            case.path_parameters[name] = str(found)
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
