"""A policy tried through the pages: over past returns with its result, and at once on a few orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.desk.views import home
from guicang.desk.views import policy as policy_views
from guicang.desk.views import trials as trial_views
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL
from guicang.org.models import Company
from guicang.policy.models import Simulation
from guicang.policy.operations import set_review, start_draft, state_version
from guicang.policy.queries.reviews import months_later, reviews_due
from guicang.policy.rules import Statement
from guicang.returns.steps import simulate as step
from tests.journeys.acts import verified
from tests.journeys.test_simulator import SEVEN, handed_over
from tests.unit.desk.conftest import Hire
from tests.unit.desk.test_policy import post, said
from tests.world import NOW, SYSTEM, Sold, World, another_world

Order = Callable[..., Sold]


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour after the world's requests: what is past can be tried."""
    for module in (policy_views, trial_views):
        monkeypatch.setattr(module, "utcnow", lambda: NOW + timedelta(hours=1))


@pytest.fixture
def code(world: World) -> str:
    return Company.objects.get(id=world.company_id).code


def drafted(world: World, statement: Statement = SEVEN) -> None:
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        start_draft(context, world.company_id, name="New", statement=statement)


def tried(client: Client, code: str, **more: Any) -> Simulation:
    form = {"company": code, "source": "draft", "since": "2026-10-01", "until": "2026-11-03", "amounts": "1"}
    answer = post(client, "/policy/try/start/", **(form | more))
    row = Simulation.objects.latest("created_at")
    assert answer.headers["Location"] == f"/policy/try/{row.id}/?company={code}"
    return row


def test_a_draft_is_tried_over_past_returns(world: World, order: Order, hire: Hire, code: str) -> None:
    ada = hire("admin")
    first, second = world.row(world.request(order(), 2)), world.row(world.request(order(), 1, reason="quality"))
    drafted(world)
    assert f"/policy/try/?company={code}&amp;source=draft" in ada.get("/policy/draft/").content.decode()
    row = tried(ada, code)
    waiting = ada.get(f"/policy/try/{row.id}/").content.decode()
    assert "data-again" in waiting
    assert "Waits for its turn" in waiting
    step.simulate(handed_over(row.id))
    page = ada.get(f"/policy/try/{row.id}/").content.decode()
    assert "data-again" not in page
    assert "It would refuse 1 more." in page
    assert "It would send 1 more to a person." in page
    assert f'<a href="/returns/{first.id}/">{first.number}</a>' in page
    assert second.number in page
    assert "The time for returns ran out" in page
    assert "Quality" in page or "poor quality" in page
    listed = ada.get("/policy/try/").content.decode()
    assert "50.0 %" in listed
    lines = b"".join(ada.get(f"/policy/try/{row.id}.csv")).decode("utf-8-sig").splitlines()
    assert lines[0] == "Part,What,Before,After,Difference,Unit"
    assert "All,Refused,0,1,1," in lines
    assert "All,Would be paid back,30.00,0.00,-30.00,CNY" in lines
    assert "By reason,Too small: Refused,0,1,1," in lines


def test_whoever_may_only_look_reads_and_starts_nothing(world: World, order: Order, hire: Hire, code: str) -> None:
    world.request(order(), 1)
    drafted(world)
    row = tried(hire("admin"), code)
    step.simulate(handed_over(row.id))
    wes = hire("warehouse")
    for page in ("/policy/try/", f"/policy/try/{row.id}/", f"/policy/try/{row.id}.csv"):
        assert wes.get(page).status_code == 200
    assert "Try one" not in wes.get("/policy/try/").content.decode()
    assert wes.post("/policy/try/start/").status_code == 403


def test_who_sees_a_part_of_a_company_sees_no_figures_of_all_of_it(
    world: World, order: Order, hire: Hire, code: str
) -> None:
    world.request(order(), 1)
    drafted(world)
    row = tried(hire("admin"), code)
    part = hire("admin", name="part", company_id=world.company_id, shop_id=world.shop_id)
    other = hire("admin", name="other", company_id=another_world().company_id)
    for page in (f"/policy/try/{row.id}/", f"/policy/try/{row.id}.csv"):
        assert part.get(page).status_code == other.get(page).status_code == 404
    assert part.get("/policy/try/").status_code == 404
    assert other.post(f"/policy/try/{row.id}/act/", {"act": "cancel"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "queued"


def test_a_run_is_cancelled_and_goes_on(world: World, order: Order, hire: Hire, code: str) -> None:
    ada = hire("admin")
    world.request(order(), 1)
    drafted(world)
    row = tried(ada, code, source="seven_days", baseline="1", amounts="")
    assert (row.baseline_name[:9], row.amounts) == ("version 1", False)
    refused = post(ada, "/policy/try/start/", company=code, source="1", since="2026-10-01", until="2026-11-03")
    assert "One is running already" in said(refused)[0]
    post(ada, f"/policy/try/{row.id}/act/", act="cancel", company=code)
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert "Go on" in ada.get(f"/policy/try/{row.id}/").content.decode()
    post(ada, f"/policy/try/{row.id}/act/", act="resume", company=code)
    row.refresh_from_db()
    assert (row.state, row.starts) == ("queued", 2)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"source": "nothing"}, "There is no draft."),
        ({"since": "soon"}, "The first day has to lie before the last one"),
        ({"since": "9999-12-31", "until": "9999-12-31"}, "The first day has to lie before the last one"),
        ({"since": "2026-11-03", "until": "2026-11-01"}, "The first day has to lie before the last one"),
    ],
)
def test_what_cannot_be_tried_is_said(form: dict[str, str], sentence: str, world: World, hire: Hire, code: str) -> None:
    facts = {"company": code, "source": "1", "since": "2026-10-01", "until": "2026-11-03"}
    assert sentence in said(post(hire("admin"), "/policy/try/start/", **(facts | form)))[0]
    assert not Simulation.objects.exists()


def test_the_draft_is_tried_on_a_few_orders_at_once(world: World, order: Order, hire: Hire) -> None:
    ada = hire("admin")
    known, later = order(units=2, price_minor=1_000), order(units=1)
    terms = SEVEN.policies[0].model_copy(update={"terms": SEVEN.policies[0].terms.model_copy(update={"days": 9})})
    drafted(world, Statement(policies=(terms,)))
    page = ada.get(f"/policy/check/?orders={known.row.number}，nobody&reason=too_small").content.decode()
    assert known.row.number in page
    assert later.row.number not in page.partition("</form>")[2]
    assert "No order of this company has the number nobody." in page
    assert "Asked in time: 9 days" in page
    assert "Granted by the policy" in page
    assert "20.00" in page
    assert "A fee of 10 % of the refund" in page
    assert later.row.number in ada.get("/policy/check/").content.decode()
    faulty = ada.get(f"/policy/check/?orders={known.row.number}&reason=quality").content.decode()
    assert "A fee of 10 %" not in faulty


def test_statements_of_trying_orders_do_not_grow(world: World, order: Order, hire: Hire) -> None:
    ada = hire("admin")
    drafted(world)
    counts = []
    for _round in range(2):
        for _more in range(3):
            order(units=2)
        ada.get("/policy/check/")
        with CaptureQueriesContext(connection) as seen:
            assert ada.get("/policy/check/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 36


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_answer_in_both_languages(language: str, world: World, order: Order, hire: Hire, code: str) -> None:
    ada = hire("admin", language=language)
    world.request(order(), 1)
    drafted(world)
    row = tried(ada, code)
    step.simulate(handed_over(row.id))
    for page in ("/policy/try/", f"/policy/try/{row.id}/", "/policy/check/", "/policy/draft/"):
        text = ada.get(page).content.decode()
        assert ("政策" if language == "zh-hans" else "policy") in text


def test_the_first_page_asks_for_a_review_when_it_is_time(
    world: World, order: Order, hire: Hire, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.request(order(), 1)
    ada, wes = hire("admin"), hire("warehouse")
    part = hire("admin", name="part", company_id=world.company_id, shop_id=world.shop_id)
    assert "from 0 (never) to 60" in said(post(ada, "/policy/try/review/", company=code, months="61"))[0]
    post(ada, "/policy/try/review/", company=code, months="3")
    assert 'value="3"' in ada.get("/policy/try/").content.decode()
    asks = f'href="/policy/try/?company={code}&amp;source=1"'
    last = NOW + timedelta(hours=1)
    for at, due in ((last.replace(2027, 2) - timedelta(seconds=1), False), (last.replace(2027, 2), True)):
        monkeypatch.setattr(home, "utcnow", lambda at=at: at)
        assert (asks in ada.get("/").content.decode()) is due
    assert asks not in wes.get("/").content.decode()
    assert asks not in part.get("/").content.decode()
    monkeypatch.setattr(trial_views, "utcnow", lambda: last.replace(2027, 2))
    monkeypatch.setattr(policy_views, "utcnow", lambda: last.replace(2027, 2))
    tried(ada, code, source="1")
    assert asks not in ada.get("/").content.decode()
    post(ada, "/policy/try/review/", company=code, months="0")
    monkeypatch.setattr(home, "utcnow", lambda: last.replace(2037))
    assert asks not in ada.get("/").content.decode()
    verified()


def test_a_review_counts_from_the_version_in_force(world: World) -> None:
    def act(deed: Any) -> None:
        with transaction.atomic():
            deed(begin("test", actor=SYSTEM, now=world.now, items=1))

    act(lambda context: set_review(context, world.company_id, 1))
    world.now += timedelta(days=20)
    data = SEVEN.as_data()
    act(lambda c: state_version(c, world.company_id, name="甲", effective_from=world.now, statement=data))
    assert not reviews_due(world.company_id, NOW + timedelta(days=32))
    (due,) = reviews_due(NIL, NOW + timedelta(days=51))
    assert (due.company_id, due.number, due.before) == (world.company_id, 2, 1)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [((2026, 1, 31), 1, (2026, 2, 28)), ((2026, 12, 15), 1, (2027, 1, 15)), ((2027, 11, 30), 3, (2028, 2, 29))],
)
def test_months_later(day: tuple[int, int, int], months: int, later: tuple[int, int, int]) -> None:
    assert months_later(datetime(*day, 8, tzinfo=UTC), months) == datetime(*later, 8, tzinfo=UTC)
