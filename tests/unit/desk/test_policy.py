"""The return policy through the pages: written by clicks, read before it is published, frozen onto later orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.audit import queries as audit
from guicang.kernel.clock import utcnow
from guicang.org.models import Company
from guicang.policy import queries as policies
from guicang.policy.models import PolicyVersion
from guicang.returns.models import Return
from tests.journeys.acts import verified
from tests.unit.desk.conftest import Hire
from tests.world import Sold, World, another_world


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def post(client: Client, where: str, **form: Any) -> Any:
    client.get("/me/")  # reads what was said before
    return client.post(where, form)


@pytest.fixture
def code(world: World) -> str:
    return Company.objects.get(id=world.company_id).code


def revision(world: World) -> str:
    draft = policies.draft(world.company_id)
    return str(draft.revision) if draft else "0"


def add(ada: Client, world: World, company: str, **form: Any) -> Any:
    return post(ada, "/policy/draft/new/", company=company, revision=revision(world), **form)


def test_a_policy_is_written_by_clicks_and_published(world: World, hire: Hire, code: str) -> None:
    ada = hire("admin", language="en")
    page = ada.get("/policy/").content.decode()
    assert "plain default" in page
    assert 'href="/my/policy/"' in page
    assert post(ada, "/policy/start/", company=code, source="1").headers["Location"] == f"/policy/draft/?company={code}"
    members = {"code": "members", "zh": "会员", "en": "Members", "scope.tiers.more": "会员, 金牌", "terms.days": "30"}
    assert add(ada, world, code, **members).status_code == 302
    everyone = {"code": "plain", "zh": "其他", "en": "Everybody", "terms.days": "7", "terms.counted_from": "delivery"}
    changed = post(ada, "/policy/draft/plain/", company=code, revision=revision(world), **everyone)
    assert changed.status_code == 302
    # What is for some stands above what is for all, whenever it is added.
    page = ada.get("/policy/draft/").content.decode()
    assert page.index("Members") < page.index("Everybody")
    assert "7 days to return." in page
    assert post(ada, "/policy/draft/", company=code, revision=revision(world), act="publish").status_code == 302
    version = PolicyVersion.objects.get(number=2)
    assert [one["code"] for one in version.statement["policies"]] == ["members", "plain"]
    assert version.statement["policies"][0]["scope"] == {"tiers": ["会员", "金牌"]}
    assert policies.draft(world.company_id) is None
    assert "Members" in ada.get("/policy/").content.decode()
    assert "Default" in ada.get("/policy/?version=1").content.decode()
    assert audit.history(version.id)[-1].action == "state"
    verified()


def test_every_term_of_the_form_arrives_and_is_shown_again(world: World, hire: Hire, code: str) -> None:
    ada = hire("admin", language="en")
    post(ada, "/policy/start/", company=code, source="seven_days")
    form = {
        "code": "one",
        "zh": "甲",
        "terms.days": "9",
        "terms.holidays_extend": "yes",
        "say.conditions": "on",
        "terms.conditions": ["unopened", "unused"],
        "terms.evidence_from_minor": "12.34",
        "terms.room_bp": "12.5",
        "terms.freight_choice": "seller",
        "say.fees": "on",
        "fee.0.kind": "percent",
        "fee.0.value": "15",
        "fee.0.conditions": ["used"],
        "fee.1.kind": "fixed",
        "fee.1.value": "5",
        "fee.1.per": "unit",
        "fee.1.what": "value",
        "fee.1.grades": ["B"],
        "fee.1.untaxed": "on",
        "terms.lost_shipping": "charge",
        "say.refund_first": "on",
        "terms.refund_first": ["card", "wechat"],
        "scope.sold_from": "2026-11-01",
        "scope.payments": ["alipay"],
    }
    assert add(ada, world, code, **form).status_code == 302
    draft = policies.draft(world.company_id)
    assert draft is not None
    policy = next(one for one in draft.statement.policies if one.code == "one")
    assert policy.model_dump(mode="json", exclude_defaults=True) == {
        "code": "one",
        "zh": "甲",
        "scope": {"payments": ["alipay"], "sold_from": "2026-11-01"},
        "terms": {
            "days": 9,
            "holidays_extend": True,
            "conditions": ["unopened", "unused"],
            "evidence_from_minor": 1234,
            "fees": [
                {"kind": "percent", "value": 1500, "conditions": ["used"]},
                {"kind": "fixed", "value": 500, "per": "unit", "grades": ["B"], "taxed": False, "what": "value"},
            ],
            "freight_choice": "seller",
            "lost_shipping": "charge",
            "refund_first": ["card", "wechat"],
            "room_bp": 1250,
        },
    }
    page = ada.get("/policy/draft/one/").content.decode()
    for shown in (
        'value="B" checked',
        'value="value" selected',
        'value="12.34"',
        'value="12.5"',
        'value="15"',
        'value="2026-11-01"',
        'value="unused" checked',
    ):
        assert shown in page


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ({"terms.days": "soon"}, "terms.days"),
        ({"terms.days": "99999"}, "terms.days"),
        ({"terms.keep_below_minor": "1.234"}, "terms.keep_below_minor"),
        ({"code": "Not A Code"}, "code"),
        ({"code": "all"}, "all"),
        ({"zh": ""}, "zh"),
        ({"scope.sold_from": "2026-12-01", "scope.sold_until": "2026-11-01"}, "scope"),
        ({"terms.counted_from": "moon"}, "terms.counted_from"),
        ({"say.fees": "on", "fee.0.kind": "percent", "fee.0.value": "120"}, "fees"),
    ],
)
def test_bad_input_is_refused_and_the_rest_is_kept(
    form: dict[str, Any], place: str, world: World, hire: Hire, code: str
) -> None:
    ada = hire("admin", language="en")
    post(ada, "/policy/start/", company=code, source="seven_days")
    answer = add(ada, world, code, **{"code": "one", "zh": "甲乙丙", "terms.refund_days": "5", **form})
    assert answer.status_code == 409
    assert place in " ".join(said(answer))
    assert 'name="terms.refund_days" inputmode="decimal" maxlength="16" placeholder="says nothing" value="5"' in (
        " ".join(answer.content.decode().split())
    )
    draft = policies.draft(world.company_id)
    assert draft is not None
    assert draft.revision == 1


def test_moving_removing_and_what_was_changed_meanwhile(world: World, hire: Hire, code: str) -> None:
    ada = hire("admin", language="en")
    post(ada, "/policy/start/", company=code, source="seven_days")

    def order() -> list[str]:
        draft = policies.draft(world.company_id)
        return [one.code for one in draft.statement.policies] if draft else []

    before = order()
    stale = revision(world)
    act: dict[str, Any] = {"company": code}
    post(ada, "/policy/draft/", act="down", code=before[0], revision=stale, **act)
    assert order()[:2] == [before[1], before[0]]
    answer = post(ada, "/policy/draft/", act="remove", code=before[0], revision=stale, **act)
    assert answer.status_code == 409
    assert "Somebody else has changed the draft" in " ".join(said(answer))
    post(ada, "/policy/draft/", act="remove", code=before[0], revision=revision(world), **act)
    assert before[0] not in order()
    post(ada, "/policy/draft/", act="rename", name="Winter", revision=revision(world), **act)
    assert policies.draft(world.company_id).name == "Winter"  # type: ignore[union-attr]
    assert "There is a draft already" in " ".join(said(post(ada, "/policy/start/", company=code, source="b2b")))
    post(ada, "/policy/draft/", act="discard", revision=revision(world), **act)
    assert policies.draft(world.company_id) is None
    assert ada.get("/policy/draft/").headers["Location"].startswith("/policy/")
    verified()


def test_a_draft_with_faults_is_not_published_and_none_reaches_back(world: World, hire: Hire, code: str) -> None:
    ada = hire("admin", language="en")
    post(ada, "/policy/start/", company=code, source="seven_days")
    add(ada, world, code, **{"code": "shop", "zh": "店", "scope.shops": ["NOWHERE"], "terms.days": "9"})
    page = ada.get("/policy/draft/").content.decode()
    assert "nobody knows NOWHERE" in page
    act: dict[str, Any] = {"company": code, "act": "publish"}
    answer = post(ada, "/policy/draft/", revision=revision(world), **act)
    assert "The draft has 1 faults" in " ".join(said(answer))
    post(ada, "/policy/draft/", company=code, act="remove", code="shop", revision=revision(world))
    answer = post(ada, "/policy/draft/", revision=revision(world), **{**act, "from": "2020-01-01T00:00"})
    assert "never reaches back" in " ".join(said(answer))
    assert PolicyVersion.objects.filter(company_id=world.company_id).count() == 1
    later = (utcnow() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    post(ada, "/policy/draft/", revision=revision(world), **{**act, "from": later})
    assert "Scheduled" in ada.get("/policy/").content.decode()


def test_a_file_goes_out_and_comes_in(world: World, hire: Hire, code: str) -> None:
    ada = hire("admin", language="en")
    version = PolicyVersion.objects.get(company_id=world.company_id)
    file = ada.get(f"/policy/{version.id}.toml")
    assert "attachment" in file.headers["Content-Disposition"]
    content = file.content.replace(b"days = 30", b"days = 21")
    post(ada, "/policy/start/", company=code, file=SimpleUploadedFile("p.toml", content))
    draft = policies.draft(world.company_id)
    assert draft is not None
    assert draft.statement.policies[0].terms.days == 21
    post(ada, "/policy/draft/", company=code, act="discard", revision="1")
    answer = post(ada, "/policy/start/", company=code, file=SimpleUploadedFile("p.toml", b"dayz = 3"))
    assert "This is no policy yet" in " ".join(said(answer))
    assert policies.draft(world.company_id) is None


def test_who_may(world: World, hire: Hire, code: str) -> None:
    rosa = hire("agent")
    assert rosa.get("/policy/").status_code == 200
    assert rosa.get("/policy/draft/").status_code == 403
    assert post(rosa, "/policy/start/", company=code, source="b2b").status_code == 403
    other = another_world()
    foreign = PolicyVersion.objects.get(company_id=other.company_id)
    bound = hire("admin", company_id=world.company_id)
    assert bound.get(f"/policy/{foreign.id}.toml").status_code == 404
    assert bound.get(f"/policy/?company={Company.objects.get(id=other.company_id).code}").status_code == 404


def test_statements_do_not_grow_with_versions_or_goods(
    world: World, order: Callable[..., Sold], hire: Hire, code: str
) -> None:
    ada = hire("admin")

    def counted(page: str) -> int:
        ada.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert ada.get(page).status_code == 200
        return len(queries)

    few = counted("/policy/")
    for number in range(3):
        post(ada, "/policy/start/", company=code, source="marketplace")
        post(ada, "/policy/draft/", company=code, act="publish", revision="1")
        world.sku(f"S{number}")
    post(ada, "/policy/start/", company=code, source="seven_days")
    assert counted("/policy/") == few <= 20
    assert counted("/policy/draft/") <= 19
    assert counted("/policy/draft/all/") <= 19


def test_staff_see_the_verdict_before_they_enter_a_return(
    world: World, order: Callable[..., Sold], hire: Hire, code: str
) -> None:
    ada = hire("admin", language="en")
    post(ada, "/policy/start/", company=code, source="1")
    terms = {"zh": "全部", "en": "All", "code": "all", "say.conditions": "on", "terms.conditions": ["unopened"]}
    post(ada, "/policy/draft/plain/", company=code, revision="1", **terms, **{"terms.approve_below_minor": "25"})
    post(ada, "/policy/draft/", company=code, revision="2", act="publish")
    sold = order(ordered_at=utcnow())
    form = {f"units.{sold.lines[0].id}": "2", "reason": "too_small", "resolution": "refund", "entered_by": "mail"}
    where = f"/orders/{sold.id}/return/"
    page = post(ada, where, **form, condition="used", check="1").content.decode()
    assert "Declared as Used; it can come back only if it is Unopened." in page
    assert 'value="used" selected' in page
    assert 'name="units.' in page
    assert 'inputmode="numeric" value="2"' in page
    page = post(ada, where, **form, condition="unopened", check="1").content.decode()
    assert "Granted by the policy" in page
    assert "20.00" in page
    assert not Return.objects.exists()
    refused = post(ada, where, **form, condition="used")
    assert (refused.status_code, Return.objects.exists()) == (409, False)
    assert "Declared as Used" in refused.content.decode()
    made = post(ada, where, **form, condition="unopened")
    assert Return.objects.get().state == "authorised"
    assert "the policy has granted it" in " ".join(said(made))
