"""Approval flows in the desk: made by clicks, shown on the return, decided, stood in for, waiting for one reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from guicang.kernel.clock import utcnow
from guicang.policy import queries as policies
from guicang.returns.models import ApprovalStage
from guicang.staff import queries as staff
from guicang.staff.models import Delegation, User
from tests.journeys.acts import verified
from tests.journeys.test_approvals import TWO, a_flow, agree, somebody, states
from tests.unit.desk.conftest import Hire
from tests.world import NOW, Sold, World, another_world

HOME = "/settings/approvals/"
NEW = {"code": "large", "zh": "大额退款", "en": "Large refunds", "amount": "20.00", "reasons": "too_small"}
STAGES = {"stage.0.roles": "agent", "stage.1.roles": "approver", "stage.1.hours": "8", "stage.1.escalate_to": "admin"}


def post(client: Client, where: str, **form: Any) -> Any:
    client.get("/me/")  # reads what was said before
    return client.post(where, form)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def flows(world: World) -> list[policies.FlowInfo]:
    return policies.flows([world.company_id])[world.company_id]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_flow_is_made_and_changed_by_clicks(language: str, world: World, order: Any, hire: Hire) -> None:
    ada = hire("admin", language=language, first_name="Ada")
    where = f"{HOME}new/?company={world.company_id}"
    assert ada.get(where).status_code == 200
    assert post(ada, where, company=world.company_id, **NEW, **STAGES).status_code == 302
    (made,) = flows(world)
    assert made.flow.as_data() == {
        "conditions": {"amount_minor": 2_000, "reasons": ["too_small"]},
        "stages": [{"roles": ["agent"]}, {"roles": ["approver"], "hours": 8, "escalate_to": "admin"}],
    }
    listed = ada.get(HOME).content.decode()
    assert ("大额退款" in listed, "Large refunds" in listed) == (language != "en", language == "en")
    assert "20.00 CNY" in listed
    assert len(states(world.request(order(), 2))) == 2
    changed = {**NEW, "en": "Really large", "amount": "500"}
    assert post(ada, f"{HOME}{made.id}/", **changed, **{"stage.0.roles": "admin"}).status_code == 302
    assert states(world.request(order(), 2)) == []
    shown = ada.get(f"{HOME}{made.id}/").content.decode()
    assert shown.count("Ada") >= 2
    assert 'value="500.00"' in shown
    verified()


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"zh": ""}, "Name the flow"),
        ({"code": "Large one"}, "A code has"),
        ({"amount": "much"}, "Type the refund from which the flow applies"),
        ({"risk_points": "1e3"}, "Type the risk points as a whole number"),
        ({"stage.0.roles": "", "stage.1.roles": ""}, "Nobody is named yet"),
        ({"stage.0.roles": "customer"}, "may not decide"),
        ({"stage.1.hours": ""}, "Say after how many hours"),
        ({"stage.1.hours": "soon"}, "Type the hours of stage 2"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    form: dict[str, str], code: str, world: World, hire: Hire
) -> None:
    ada = hire("admin")
    given = {**NEW, **STAGES, **form}
    answer = post(ada, f"{HOME}new/", company=world.company_id, **{k: v for k, v in given.items() if v})
    assert answer.status_code == 409
    assert code in said(answer)
    assert flows(world) == []
    if "zh" not in form:
        assert "大额退款" in answer.content.decode()


def test_flows_move_and_are_archived(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    first, last = a_flow(world, TWO, "first"), a_flow(world, [{"roles": ["admin"]}], "last")
    ada = hire("admin")
    post(ada, HOME, company=world.company_id, flow=last, act="up")
    assert [one.code for one in flows(world)] == ["last", "first"]
    post(ada, f"{HOME}{last}/", act="archive")
    assert len(states(world.request(order(), 1))) == 2
    post(ada, f"{HOME}{last}/", act="restore")
    assert len(states(world.request(order(), 1))) == 1
    foreign = a_flow(another_world(), TWO)
    bound = hire("admin", "bound", company_id=world.company_id)
    assert bound.get(f"{HOME}{foreign}/").status_code == 404
    assert bound.get(f"{HOME}{first}/").status_code == 200


def test_the_page_says_who_may_and_why_not(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    a_flow(world, TWO, amount_minor=1)
    fay, rosa = hire("approver", "fay"), hire("agent", "rosa", first_name="Rosa")
    key = world.request(order(), 1)
    page = fay.get(f"/returns/{key}/").content.decode()
    assert "Stage 1 of the approval is for others to decide" in page
    assert f'action="/returns/{key}/authorise/"' not in page
    mine = rosa.get(f"/returns/{key}/").content.decode()
    assert f'action="/returns/{key}/authorise/"' in mine
    assert 'name="stage" value="1"' in mine
    answer = post(fay, f"/returns/{key}/authorise/")
    assert "Stage 1 of the approval is for others" in said(answer)
    assert "Stage 2 of the approval is open now" in said(post(rosa, f"/returns/{key}/authorise/", stage="1"))
    assert "Stage 1 was decided meanwhile" in said(post(rosa, f"/returns/{key}/authorise/", stage="1"))
    assert "Rosa" in fay.get(f"/returns/{key}/").content.decode()
    post(fay, f"/returns/{key}/authorise/", stage="2")
    assert world.row(key).state == "authorised"


def test_the_form_offers_what_is_left(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    a_flow(world, TWO)
    key = world.request(order(), 4)
    assert agree(key, somebody("agent"), units={world.line(key).id: 3}, reason="partly_eligible").ok
    assert 'value="3"' in hire("approver").get(f"/returns/{key}/").content.decode()


def test_what_waits_for_me_is_what_i_may_decide(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    a_flow(world, TWO, amount_minor=2_000)
    rosa, fay, wes = hire("agent", "rosa"), hire("approver", "fay"), hire("warehouse", "wes")
    free, staged = world.request(order(), 1), world.request(order(), 2)

    def mine(client: Client) -> set[str]:
        found = client.get("/returns/?queue=mine").content.decode()
        return {name for name, key in (("free", free), ("staged", staged)) if f'href="/returns/{key}/"' in found}

    assert (mine(rosa), mine(fay), mine(wes)) == ({"free", "staged"}, {"free"}, set())
    for client, count in ((rosa, 2), (fay, 1)):
        assert client.get("/").context["queues"][0].count == count
        assert client.get("/returns/").context["page"].counts["mine"] == count
    assert wes.get("/").context["queues"][0].code != "mine"
    agree(staged, staff.actor_of(User.objects.get(username="rosa")))
    assert (mine(rosa), mine(fay)) == ({"free"}, {"free", "staged"})
    # Whoever stands in sees it too.
    day, users = staff.today(NOW), {user.username: user for user in User.objects.all()}
    Delegation.objects.create(
        from_user=users["fay"], to_user=users["rosa"], first_day=day, last_day=day, created_at=NOW
    )
    assert mine(rosa) == {"free", "staged"}
    ApprovalStage.objects.filter(parent_id=staged).update(asked_by_id=users["fay"].id)
    assert (mine(rosa), mine(fay)) == ({"free"}, {"free"})


def test_finance_finds_what_waits_for_it_and_decides(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    fin = hire("finance", "fin")
    assert fin.get("/").context["queues"][0].code != "mine"
    a_flow(world, [{"roles": ["finance"]}], amount_minor=2_000)
    free, staged = world.request(order(), 1), world.request(order(), 2)
    home = fin.get("/").context["queues"][0]
    assert (home.code, home.count) == ("mine", 1)
    shown = fin.get("/returns/?queue=mine").content.decode()
    assert (f'href="/returns/{staged}/"' in shown, f'href="/returns/{free}/"' in shown) == (True, False)
    page = fin.get(f"/returns/{staged}/").content.decode()
    assert f'action="/returns/{staged}/authorise/"' in page
    assert f'action="/returns/{staged}/reject/"' in page
    assert f'action="/returns/{free}/authorise/"' not in fin.get(f"/returns/{free}/").content.decode()
    assert "(returns.authorise)" in said(post(fin, f"/returns/{free}/authorise/"))
    post(fin, f"/returns/{staged}/authorise/", stage="1")
    assert (world.row(free).state, world.row(staged).state) == ("requested", "authorised")


def test_a_batch_is_answered_item_by_item(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    a_flow(world, TWO, amount_minor=2_000)
    free, staged = world.request(order(), 1), world.request(order(), 2)
    fay = hire("approver")
    answer = post(fay, "/returns/batch/", command="authorise", pick=[str(free), str(staged)])
    assert "1 returns done" in said(answer)
    assert "Stage 1 of the approval is for others" in said(answer)
    assert (world.row(free).state, world.row(staged).state) == ("authorised", "requested")


def test_the_counter_sends_what_others_have_to_agree_to_the_usual_way(
    world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    a_flow(world, TWO)
    cora, sold = hire("counter"), order()
    form = {
        f"units.{sold.lines[0].id}": "1",
        f"reason.{sold.lines[0].id}": "too_small",
        "warehouse": world.warehouse_id,
    }
    answer = post(cora, f"/orders/{sold.id}/counter/", key="k", **form)
    assert "cannot be finished at the counter" in said(answer)
    assert sold.claimed == 0


def test_a_colleague_is_named_and_taken_back(world: World, hire: Hire) -> None:
    fay = hire("approver", "fay", company_id=world.company_id)
    hire("agent", "rosa", first_name="Rosa", company_id=world.company_id)
    hire("warehouse", "wes", first_name="Wes", company_id=world.company_id)
    hire("agent", "zed", first_name="Zed", company_id=another_world().company_id)
    shown = fay.get("/me/delegations/").content.decode()
    assert ("Rosa" in shown, "Wes" in shown, "Zed" in shown) == (True, True, False)
    day = staff.today(utcnow())
    users = {user.username: user.id for user in User.objects.all()}
    form = {"first": day, "last": day + timedelta(days=3)}
    for wrong in (
        {"to": users["zed"], **form},
        {"to": users["fay"], **form},
        {"to": users["rosa"], "first": day - timedelta(days=1), "last": day},
        {"to": users["rosa"], "first": day, "last": day + timedelta(days=366)},
        {"to": users["rosa"], "first": day, "last": "soon"},
    ):
        assert post(fay, "/me/delegations/", **wrong).status_code == 409, wrong
    assert post(fay, "/me/delegations/", to=users["rosa"], **form).status_code == 302
    assert post(fay, "/me/delegations/", to=users["rosa"], **form).status_code == 409  # on the same days
    (made,) = Delegation.objects.all()
    assert post(hire("approver", "max"), "/me/delegations/", act="end", delegation=made.id).status_code == 409
    assert post(fay, "/me/delegations/", act="end", delegation=made.id).status_code == 302
    assert [one.state for one in staff.delegations(users["fay"], utcnow())] == ["ended"]
    assert post(fay, "/me/delegations/", act="end", delegation=made.id).status_code == 409
    verified()
