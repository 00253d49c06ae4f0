"""Programs at one return at the same time, on PostgreSQL: one key is one act, one version is changed once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from guicang.kernel.ids import NIL
from guicang.payments.models import Refund
from guicang.returns.models import Return, Settlement
from guicang.staff.models import User
from tests.concurrency.test_claims import _row_locks, at_once  # noqa: F401 - the fixture skips SQLite
from tests.journeys.acts import back, verified
from tests.unit.api.conftest import _the_hour_of_the_world, token_of  # noqa: F401 - the hour of the goods

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def together(path: str, body: Any, n: int, **headers: str) -> list[Any]:
    """The answers to `n` equal calls at once."""
    token = token_of(User.objects.create(username="erp", role="admin", company_id=NIL))

    def call() -> Any:
        client = Client(headers={"authorization": f"Bearer {token}", **headers})
        return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")

    found = at_once([call] * n)
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return found


def test_one_key_is_one_act(transactional_db: None, world: Any, order: Any) -> None:
    key = back(world, order(), 2)
    found = together(f"/returns/{key}/settle", {}, 4, idempotency_key="k", if_match="*")
    assert [answer.status_code for answer in found] == [200] * 4
    assert len({answer.content for answer in found}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in found) == 3
    assert (Settlement.objects.count(), Refund.objects.count()) == (1, 1)
    verified()


def test_one_key_enters_one_return(transactional_db: None, world: Any, order: Any) -> None:
    sold = order()
    line = {"order_line_id": str(sold.lines[0].id), "units": 1, "reason": "too_small"}
    body = {"items": [{"order_id": str(sold.id), "lines": [line]}]}
    found = together("/returns", body, 4, idempotency_key="k")
    assert len({answer.content for answer in found}) == 1
    assert Return.objects.count() == 1
    verified()


def test_one_version_is_changed_once(transactional_db: None, world: Any, order: Any) -> None:
    key = world.authorised(order(), 1)
    version = Client(headers={"authorization": f"Bearer {a_token()}"}).get(f"/api/v1/returns/{key}").headers["ETag"]
    body = {
        "carrier": "SF"
    }  # without a number each sending is a parcel of its own, so that only versions stand between
    found = together(f"/returns/{key}/ship", body, 4, if_match=version)
    assert sorted(answer.status_code for answer in found) == [200, 412, 412, 412]
    verified()


def a_token() -> str:
    return token_of(User.objects.create(username="reader", role="admin", company_id=NIL))
