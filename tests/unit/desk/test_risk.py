"""Risk in the desk: what counts, who is on a list, and the points of a return in words of both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.insights.risk import LABELS, sentence
from guicang.kernel.clock import utcnow
from guicang.returns.models import RiskListing
from guicang.returns.operations import scoring
from guicang.returns.risk import DEFAULTS, FEATURES, Rules
from tests.journeys.acts import verified
from tests.journeys.test_risk import only, watch
from tests.unit.desk.conftest import Hire
from tests.world import Sold, World


def form(world: World, **more: Any) -> dict[str, Any]:
    fields = {
        f"{name}.{code}": getattr(DEFAULTS[code], name) for code in FEATURES for name in ("points", "most", "start")
    }
    return {"act": "rules", "company": world.company_id, "on": "1", "threshold": 50, "days": 30, **fields, **more}


def rules(world: World) -> Rules:
    return scoring.rules_of([world.company_id])[world.company_id][1]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_rules_are_stated_on_the_page(language: str, world: World, hire: Hire) -> None:
    ada = hire("admin", language=language)
    assert not rules(world).on
    answer = ada.post("/risk/", form(world, threshold=70, claims=["missing_part"], **{"points.rate": 7}))
    assert answer.status_code == 302
    said = rules(world)
    assert (said.on, said.threshold, said.claims, said.weights["rate"].points) == (True, 70, ("missing_part",), 7)
    assert f'name="threshold" inputmode="numeric" required value="{70}"' in ada.get("/risk/").content.decode()
    assert ada.post("/risk/", form(world, threshold="x")).status_code == 409
    assert ada.post("/risk/", form(world, on="")).status_code == 302
    assert not rules(world).on
    verified()


def test_an_approver_lists_and_does_not_state(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    max_, number = hire("approver"), world.row(world.request(order(), 1)).number
    assert max_.post("/risk/", form(world)).status_code == 409
    until = (utcnow() + timedelta(days=9)).date().isoformat()
    said = {"act": "list", "number": number, "kind": "block", "reason": "suspected_abuse", "until": until}
    for wrong in ({"number": "RT-none"}, {"kind": "x"}, {"reason": "x"}, {"until": "2020-01-01"}, {"until": "x"}):
        assert max_.post("/risk/", said | wrong).status_code == 409
    assert max_.post("/risk/", said).status_code == 302
    row = RiskListing.objects.get()
    page = max_.get("/risk/").content.decode()
    assert "Abuse is suspected" in page
    assert until in page
    assert max_.post("/risk/", {"act": "end", "listing": row.id}).status_code == 302
    assert max_.post("/risk/", {"act": "end", "listing": row.id}).status_code == 409
    assert "Nobody is on a list." in max_.get("/risk/").content.decode()
    verified()


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "近期内提交了 2 次退货申请。"), ("en", "2 requests within")]
)
def test_a_return_says_what_counts(
    language: str, words: str, world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    watch(world, threshold=10, weights=only("velocity", 10, 40, 2))
    low, high = world.request(order(), 1), world.request(order(), 1)
    ada = hire("admin", language=language)
    page = ada.get(f"/returns/{high}/").content.decode()
    assert words in page
    assert f"/risk/?number={world.row(high).number}" in page
    listed = ada.get("/returns/?risky=1").content.decode()
    assert world.row(high).number in listed
    assert world.row(low).number not in listed
    assert "/risk/" not in hire("agent").get(f"/returns/{high}/").content.decode()


def counted(client: Client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)


def test_statements_do_not_grow(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    watch(world, threshold=10, weights=only("velocity", 10, 40, 2))
    ada, key = hire("admin"), world.request(order(), 1)
    few = counted(ada, f"/returns/{key}/")
    for _ in range(10):
        world.request(order(), 1)
    assert counted(ada, f"/returns/{key}/") == few <= 55
    assert counted(ada, "/risk/") <= 16


def test_every_feature_has_its_words() -> None:
    figures = {"times": 3, "percent": 30, "orders": 9, "returned": 4, "rate": 40, "peers": 10}
    assert set(LABELS) == set(FEATURES)
    for code in FEATURES:
        said = sentence({"code": code, "points": 1, **figures})
        assert any(character.isdigit() for character in said), said
