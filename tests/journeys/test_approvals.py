"""Approval flows: who has to agree, one after the other, whoever stands in, and that nobody decides his own request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guicang.audit import queries as audit
from guicang.insights.approvals import waiting
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Outcome, Refused
from guicang.policy import operations as policy
from guicang.proofs import queries as proofs
from guicang.returns.models import ApprovalSeat, ApprovalStage, Clock, Return
from guicang.returns.steps.answer import Answer, answer
from guicang.returns.steps.appeal import Appeal, appeal
from guicang.returns.steps.ask import Question, ask
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import request
from guicang.returns.steps.tick import act_due
from guicang.staff import operations as staff
from guicang.staff import queries as members
from guicang.staff.models import User
from tests.journeys.acts import codes, do, verified
from tests.journeys.test_risk import only, watch
from tests.world import NOW, SYSTEM, Sold, World, another_world

Order = Callable[..., Sold]
TWO = [{"roles": ["agent"]}, {"roles": ["approver"]}]


def context(who: Actor = SYSTEM) -> commands.Context:
    return commands.begin("test", actor=who, now=NOW, items=1)


def a_flow(world: World, stages: Sequence[dict[str, Any]], code: str = "large", **conditions: Any) -> UUID:
    with transaction.atomic():
        data = {"conditions": conditions, "stages": stages}
        return policy.add_flow(context(), world.company_id, code, "大额", "Large", data)


def somebody(role: str, name: str = "", **scope: UUID) -> Actor:
    user = User.objects.create(username=name or f"{role}-{new_id().hex[-8:]}", role=role, **scope)
    return members.actor_of(user)


def stand_in(of: Actor, by: Actor, first: int, last: int) -> None:
    """`by` stands in for `of` from so many days after now to so many."""
    day = members.today(NOW)
    with transaction.atomic():
        user = User.objects.get(id=of.id)
        staff.delegate(context(of), user, by.id, day + timedelta(days=first), day + timedelta(days=last))


def agree(key: UUID, who: Actor, now: Any = NOW, **more: Any) -> Outcome:
    return authorise(authorisations=[Authorisation(key, **more)], actor=who, now=now)[0]


def states(key: UUID, turn: int = 0) -> list[str]:
    rows = ApprovalStage.objects.filter(parent_id=key, round=turn).order_by("number")
    return list(rows.values_list("state", flat=True))


def test_a_return_is_granted_by_the_last_of_two_stages(world: World, order: Order) -> None:
    a_flow(world, TWO, amount_minor=2_000)
    agent, approver = somebody("agent"), somebody("approver")
    key = world.request(order(), 2)
    assert (states(key), world.row(key).stage) == (["open", "waiting"], 1)
    assert codes(agree(key, approver)) == ["not_your_stage"]
    first = agree(key, agent)
    assert (first.ok, first.data) == (True, {"stage": 2})
    assert (world.row(key).state, world.row(key).rma_code, states(key)) == ("requested", "", ["approved", "open"])
    assert codes(agree(key, agent)) == ["not_your_stage"]
    last = agree(key, approver)
    assert (last.ok, last.data) == (True, {"stage": 0})
    assert (world.row(key).state, world.row(key).stage, states(key)) == ("authorised", 0, ["approved", "approved"])
    verified()


def test_only_requests_that_fit_go_through_the_flow(world: World, order: Order) -> None:
    a_flow(world, TWO, amount_minor=2_000)
    approver, key = somebody("approver"), world.request(order(), 1)
    assert (states(key), world.row(key).stage) == ([], 0)
    assert agree(key, approver).data == {}
    assert world.row(key).state == "authorised"
    verified()


def test_the_first_flow_from_the_top_that_fits_applies(world: World, order: Order) -> None:
    a_flow(world, [{"roles": ["approver"]}], "small_sizes", reasons=["too_small"])
    rest = a_flow(world, TWO, "rest")
    assert len(states(world.request(order(), 1))) == 1
    assert len(states(world.request(order(), 1, reason="too_large"))) == 2
    with transaction.atomic():
        policy.move_flow(context(), world.company_id, rest, up=True)
    assert len(states(world.request(order(), 1))) == 2
    with transaction.atomic():
        policy.archive_flow(context(), world.company_id, rest, archived=True)
    assert len(states(world.request(order(), 1))) == 1


def test_stages_are_frozen_when_the_return_is_requested(world: World, order: Order) -> None:
    flow = a_flow(world, TWO)
    key = world.request(order(), 1)
    with transaction.atomic():
        said = {"stages": [{"roles": ["admin"]}]}
        policy.change_flow(context(), world.company_id, flow, "大额", "Large", said)
    assert agree(key, somebody("agent")).ok
    assert agree(key, somebody("approver")).ok
    assert world.row(key).state == "authorised"


def test_where_all_have_to_agree_each_says_so_once(world: World, order: Order) -> None:
    mira = somebody("approver", "mira")
    a_flow(world, [{"roles": ["agent", "admin"], "users": [str(mira.id)], "need": "all"}])
    key, agent = world.request(order(), 1), somebody("agent")
    assert agree(key, mira).data == {"stage": 1}
    assert codes(agree(key, mira)) == ["stage_decided_already"]
    assert agree(key, agent).data == {"stage": 1}
    assert codes(agree(key, somebody("agent"))) == ["not_your_stage"]  # the agents' word was given
    assert world.row(key).state == "requested"
    assert agree(key, somebody("admin")).data == {"stage": 0}
    assert (world.row(key).state, ApprovalSeat.objects.filter(open=True).count()) == ("authorised", 0)
    verified()


def test_any_of_those_named_is_enough(world: World, order: Order) -> None:
    mira = somebody("approver", "mira")
    a_flow(world, [{"roles": ["admin"], "users": [str(mira.id)]}])
    key = world.request(order(), 1)
    assert codes(agree(key, somebody("approver"))) == ["not_your_stage"]
    assert agree(key, mira).data == {"stage": 0}
    seats = ApprovalSeat.objects.filter(stage__parent_id=key)
    assert sorted((seat.role, seat.decided_by_id == mira.id) for seat in seats) == [("", True), ("admin", False)]


def test_a_colleague_stands_in_on_his_days_alone(world: World, order: Order) -> None:
    boss, agent = somebody("approver", "boss"), somebody("agent")
    a_flow(world, [{"users": [str(boss.id)]}])
    stand_in(boss, agent, 1, 2)
    key = world.request(order(), 1)
    assert codes(agree(key, agent)) == ["not_your_stage"]
    assert codes(agree(key, agent, NOW + timedelta(days=3))) == ["not_your_stage"]
    assert agree(key, agent, NOW + timedelta(days=2)).data == {"stage": 0}
    (seat,) = ApprovalSeat.objects.filter(stage__parent_id=key)
    assert (seat.decided_by_id, seat.decided_for_id) == (agent.id, boss.id)
    assert _trail(key, "authorise")["for"] == str(boss.id)
    verified()


def test_who_was_locked_out_or_ended_it_is_not_stood_in_for(world: World, order: Order) -> None:
    boss, agent = somebody("approver", "boss"), somebody("agent")
    a_flow(world, [{"users": [str(boss.id)]}])
    stand_in(boss, agent, 0, 5)
    key = world.request(order(), 1)
    User.objects.filter(id=boss.id).update(is_active=False)
    assert codes(agree(key, agent)) == ["not_your_stage"]
    User.objects.filter(id=boss.id).update(is_active=True)
    (mine,) = members.delegations(boss.id, NOW)
    with transaction.atomic():
        staff.end_delegation(context(boss), User.objects.get(id=boss.id), mine.id)
    assert codes(agree(key, agent)) == ["not_your_stage"]


def test_who_stands_in_needs_the_permission_and_the_sight_himself(world: World, order: Order) -> None:
    boss = somebody("approver", "boss")
    a_flow(world, [{"users": [str(boss.id)]}])
    with pytest.raises(Refused) as refused:
        stand_in(boss, somebody("customer"), 0, 5)
    assert [each.code for each in refused.value.refusals] == ["delegate_unknown"]
    abroad = somebody("agent", shop_id=new_id())
    stand_in(boss, abroad, 0, 5)
    assert codes(agree(world.request(order(), 1), abroad)) == ["return_not_found"]


def test_nobody_sees_more_by_standing_in_for_somebody_of_another_shop(world: World, order: Order) -> None:
    """The boss of another shop may not decide here, so his stand-in may not either."""
    boss, agent = somebody("approver", "boss", shop_id=new_id()), somebody("agent")
    a_flow(world, [{"users": [str(boss.id)]}])
    stand_in(boss, agent, 0, 5)
    assert codes(agree(world.request(order(), 1), agent)) == ["not_your_stage"]


def test_nobody_decides_his_own_request(world: World, order: Order) -> None:
    boss, other, agent = somebody("approver", "boss"), somebody("approver", "other"), somebody("agent")
    a_flow(world, [{"roles": ["approver", "agent"]}])
    stand_in(other, boss, 0, 5)
    stand_in(boss, agent, 0, 5)
    made = request(requests=[world.asked(order(), 1)], actor=boss, now=NOW)[0].id
    assert made is not None
    # Not himself, not for a colleague; and nobody does it in his name.
    assert codes(agree(made, boss)) == ["own_request"]
    rejected = reject(rejections=[Rejection(made, "too_late")], actor=boss, now=NOW)[0]
    assert codes(rejected) == ["own_request"]
    assert agree(made, agent).data == {"stage": 0}
    (seat,) = ApprovalSeat.objects.filter(stage__parent_id=made).exclude(decided_at=None)
    assert (seat.role, seat.decided_for_id) == ("agent", NIL)


def test_nobody_decides_for_who_asked(world: World, order: Order) -> None:
    boss, agent = somebody("approver", "boss"), somebody("agent")
    a_flow(world, [{"users": [str(boss.id)]}])
    stand_in(boss, agent, 0, 5)
    made = request(requests=[world.asked(order(), 1)], actor=boss, now=NOW)[0].id
    assert made is not None
    assert codes(agree(made, agent)) == ["not_your_stage"]
    assert agree(made, SYSTEM).ok
    assert states(made) == ["skipped"]
    verified()


def test_a_later_stage_grants_at_most_what_an_earlier_one_did(world: World, order: Order) -> None:
    a_flow(world, TWO)
    key = world.request(order(), 4)
    line = world.line(key).id
    agent, approver = somebody("agent"), somebody("approver")
    assert codes(agree(key, agent, units={line: 3})) == ["reason_missing"]
    assert agree(key, agent, units={line: 3}, reason="partly_eligible").ok
    assert world.line(key).authorised == 0
    assert codes(agree(key, approver, units={line: 4})) == ["granted_less"]
    # All that is left needs no reason of its own.
    assert agree(key, approver).data == {"stage": 0}
    assert (world.line(key).authorised, world.line(key).claimed) == (3, 3)
    verified()


def test_less_at_each_stage(world: World, order: Order) -> None:
    a_flow(world, TWO)
    key = world.request(order(), 4)
    line = world.line(key).id
    assert agree(key, somebody("agent"), units={line: 3}, reason="partly_eligible").ok
    assert agree(key, somebody("approver"), units={line: 1}, reason="partly_eligible").ok
    assert world.line(key).authorised == 1


def test_a_no_at_any_stage_rejects(world: World, order: Order) -> None:
    sold = order()
    a_flow(world, [*TWO, {"roles": ["admin"]}])
    key, approver = world.request(sold, 2), somebody("approver")
    said = [Rejection(key, "too_late")]
    assert codes(reject(rejections=said, actor=approver, now=NOW)[0]) == ["not_your_stage"]
    assert agree(key, somebody("agent")).ok
    assert reject(rejections=said, actor=approver, now=NOW)[0].ok
    assert states(key) == ["approved", "rejected", "skipped"]
    assert (world.row(key).state, world.row(key).stage, sold.claimed) == ("rejected", 0, 0)
    verified()


def test_an_appeal_opens_the_flow_anew_as_it_was(world: World, order: Order) -> None:
    flow = a_flow(world, TWO)
    key, agent, approver = world.request(order(), 2), somebody("agent"), somebody("approver")
    line = world.line(key).id
    assert agree(key, agent, units={line: 1}, reason="partly_eligible").ok
    assert reject(rejections=[Rejection(key, "too_late")], actor=approver, now=NOW)[0].ok
    with transaction.atomic():
        policy.archive_flow(context(), world.company_id, flow, archived=True)
    do(appeal, world, Appeal(key, "new_evidence"))
    assert (states(key), states(key, 1), world.row(key).stage) == (["approved", "rejected"], ["open", "waiting"], 1)
    assert codes(agree(key, approver)) == ["not_your_stage"]
    assert agree(key, agent).ok
    assert agree(key, approver).ok
    assert world.line(key).authorised == 2  # what was said before the appeal bounds nobody
    verified()


def test_asking_for_more_keeps_the_stages(world: World, order: Order) -> None:
    a_flow(world, TWO)
    key = world.request(order(), 1)
    assert agree(key, somebody("agent")).ok
    do(ask, world, Question(key, "photo_missing"))
    assert states(key) == ["approved", "open"]
    do(answer, world, Answer(key))
    assert agree(key, somebody("approver")).data == {"stage": 0}


def clocks(key: UUID) -> list[tuple[Any, str]]:
    """When each clock of a stage is or was due, and what became of it."""
    rows = Clock.objects.filter(parent_id=key, kind="stage").order_by("set_at", "due_at")
    return [(row.due_at - NOW, row.outcome) for row in rows]


def test_the_time_of_a_stage_stands_still_while_the_customer_is_asked(world: World, order: Order) -> None:
    a_flow(world, [{"roles": ["agent"], "hours": 24, "escalate_to": "admin"}])
    key, hour = world.request(order(), 1), timedelta(hours=1)
    ask(questions=[Question(key, "photo_missing")], actor=SYSTEM, now=NOW + 10 * hour)
    assert clocks(key) == [(24 * hour, "paused")]
    assert act_due(NOW + 30 * hour) == 0
    answer(answers=[Answer(key)], actor=SYSTEM, now=NOW + 40 * hour)
    assert clocks(key) == [(24 * hour, "paused"), (54 * hour, "")]  # 14 hours were left
    stage = ApprovalStage.objects.get(parent_id=key)
    assert (stage.due_at, stage.paused_at, world.row(key).due_at) == (NOW + 54 * hour, None, NOW + 54 * hour)
    verified()
    # Once more, and nothing is lost or won by it.
    ask(questions=[Question(key, "photo_missing")], actor=SYSTEM, now=NOW + 50 * hour)
    answer(answers=[Answer(key)], actor=SYSTEM, now=NOW + 60 * hour)
    assert act_due(NOW + 64 * hour - timedelta(seconds=1)) == 0
    assert act_due(NOW + 64 * hour) == 1
    assert world.row(key).escalated_to == "admin"
    # Who took too long has no time left that could stand still.
    ask(questions=[Question(key, "photo_missing")], actor=SYSTEM, now=NOW + 65 * hour)
    assert world.row(key).escalated_to == "admin"
    answer(answers=[Answer(key)], actor=SYSTEM, now=NOW + 70 * hour)
    assert act_due(NOW + 100 * hour) == 0
    verified()


def test_a_word_of_some_while_the_customer_is_asked_lets_the_time_of_the_others_go_on(
    world: World, order: Order
) -> None:
    a_flow(world, [{"roles": ["agent", "approver"], "need": "all", "hours": 24}])
    key, hour = world.request(order(), 1), timedelta(hours=1)
    ask(questions=[Question(key, "photo_missing")], actor=SYSTEM, now=NOW + 10 * hour)
    assert agree(key, somebody("agent"), NOW + 20 * hour).data == {"stage": 1}
    assert clocks(key) == [(24 * hour, "paused"), (34 * hour, "")]
    verified()


def test_a_stage_of_finance_or_of_the_warehouse_is_decided_by_them(world: World, order: Order) -> None:
    a_flow(world, [{"roles": ["warehouse"]}, {"roles": ["finance"]}], amount_minor=2_000)
    clerk, fay = somebody("warehouse", company_id=world.company_id), somebody("finance")
    key, other, free = (world.request(order(), units) for units in (2, 2, 1))
    assert (waiting(clerk, NOW).count, waiting(fay, NOW).count) == (2, 0)
    assert codes(agree(key, fay)) == ["not_your_stage"]
    assert agree(key, clerk).data == {"stage": 2}
    assert (waiting(clerk, NOW).count, waiting(fay, NOW).count) == (1, 1)
    assert agree(key, fay).data == {"stage": 0}
    assert world.row(key).state == "authorised"
    # They say no as well, and outside a stage they say nothing.
    assert reject(rejections=[Rejection(other, "too_late")], actor=clerk, now=NOW)[0].ok
    assert [[one.code for one in agree(free, clerk).refusals], codes(agree(free, fay))] == [["not_permitted"]] * 2
    assert codes(reject(rejections=[Rejection(free, "too_late")], actor=fay, now=NOW)[0]) == ["not_permitted"]
    verified()


def test_a_stage_is_decided_within_ones_shop_alone(world: World, order: Order) -> None:
    a_flow(world, [{"roles": ["finance"]}])
    key, abroad = world.request(order(), 1), somebody("finance", shop_id=new_id())
    assert (codes(agree(key, abroad)), waiting(abroad, NOW).count) == (["return_not_found"], 0)


def test_the_same_return_twice_in_a_set_decides_one_stage(world: World, order: Order) -> None:
    a_flow(world, [{"roles": ["admin"]}, {"roles": ["admin"]}])
    key, ada = world.request(order(), 1), somebody("admin")
    outcomes = authorise(authorisations=[Authorisation(key)] * 2, actor=ada, now=NOW)
    assert [codes(one) for one in outcomes] == [[], ["named_twice"]]
    assert (states(key), world.row(key).state) == (["approved", "open"], "requested")
    verified()


def test_a_flow_for_risky_requests_is_asked_by_the_score(world: World, order: Order) -> None:
    """The points of the request decide, as they are counted when it is made; so does nobody outside the flow."""
    a_flow(world, [{"roles": ["finance"]}], "risky", risk_points=20)
    watch(world, threshold=20, weights=only("velocity", 10, 40, 3))
    keys = [world.request(order(), 1) for _ in range(4)]
    assert [(world.row(key).risk_points, states(key)) for key in keys[2:]] == [(10, []), (20, ["open"])]
    risky, approver = keys[-1], somebody("approver")
    assert (waiting(approver, NOW).count, waiting(somebody("finance"), NOW).count) == (3, 1)
    assert codes(agree(risky, approver)) == ["not_your_stage"]
    assert agree(risky, somebody("finance")).data == {"stage": 0}
    assert agree(keys[0], approver).data == {}
    verified()


def test_a_word_while_more_is_asked_for_ends_the_waiting(world: World, order: Order) -> None:
    a_flow(world, TWO)
    key = world.request(order(), 1)
    do(ask, world, Question(key, "photo_missing"))
    assert agree(key, somebody("agent")).data == {"stage": 2}
    assert (world.row(key).state, world.row(key).expires_at) == ("requested", None)
    verified()


def test_what_is_cancelled_waits_for_nobody(world: World, order: Order) -> None:
    a_flow(world, TWO)
    key = world.request(order(), 1)
    do(cancel, world, Cancellation(key, "changed_mind"))
    assert (states(key), world.row(key).stage) == (["skipped", "skipped"], 0)
    assert not ApprovalSeat.objects.filter(open=True).exists()
    verified()


def test_the_stage_that_was_looked_at_is_the_one_decided(world: World, order: Order) -> None:
    """A double click of somebody who is of both stages does not decide the second one unseen."""
    a_flow(world, [{"roles": ["admin"]}, {"roles": ["admin"]}])
    key, ada = world.request(order(), 1), somebody("admin")
    assert agree(key, ada, stage=1).data == {"stage": 2}
    assert codes(agree(key, ada, stage=1)) == ["stage_moved"]
    late = reject(rejections=[Rejection(key, "too_late", stage=1)], actor=ada, now=NOW)[0]
    assert codes(late) == ["stage_moved"]
    assert agree(key, ada, stage=2).data == {"stage": 0}


def test_an_overdue_stage_asks_one_role_more(world: World, order: Order) -> None:
    a_flow(world, [{"roles": ["approver", "agent"], "need": "all", "hours": 24, "escalate_to": "admin"}])
    key, ada = world.request(order(), 1), somebody("admin")
    late = NOW + timedelta(hours=24)
    assert act_due(late - timedelta(seconds=1)) == 0
    assert codes(agree(key, ada, late)) == ["not_your_stage"]
    assert act_due(late) == 1
    assert act_due(late) == 0
    told = _trail(key, "escalate")
    assert (told["at_stage"], told["role"]) == (1, "admin")
    assert world.row(key).escalated_to == "admin"
    # Who was asked before still can, and the one who was asked now speaks for all that did not.
    assert agree(key, somebody("agent"), late).data == {"stage": 1}
    assert agree(key, ada, late).data == {"stage": 0}
    verified()


def test_a_set_is_decided_item_by_item(world: World, order: Order) -> None:
    a_flow(world, TWO, amount_minor=2_000)
    agent = somebody("agent")
    free, first, own = (
        world.request(order(), 1),
        world.request(order(), 2),
        request(requests=[world.asked(order(), 2)], actor=agent, now=NOW)[0].id,
    )
    second = world.request(order(), 2)
    assert own is not None
    assert agree(second, somebody("agent")).ok
    wanted = [Authorisation(key) for key in (free, first, own, second, new_id())]
    outcomes = authorise(authorisations=wanted, actor=agent, now=NOW)
    assert [codes(outcome) for outcome in outcomes] == [
        [],
        [],
        ["own_request"],
        ["not_your_stage"],
        ["return_not_found"],
    ]
    assert [world.row(key).state for key in (free, first, own)] == ["authorised", "requested", "requested"]
    verified()


def test_what_the_policy_grants_by_itself_asks_nobody(world: World, order: Order) -> None:
    a_flow(world, TWO)
    statement = {"policies": [{"code": "all", "zh": "全部", "terms": {"approve_below_minor": 5_000}}]}
    with transaction.atomic():
        policy.state_version(
            context(), world.company_id, name="v", effective_from=NOW - timedelta(days=30), statement=statement
        )
    key = world.request(order(), 1)
    assert (world.row(key).state, states(key)) == ("authorised", [])


def test_statements_do_not_grow_with_the_set(world: World) -> None:
    a_flow(world, [{"roles": ["agent"], "hours": 4, "escalate_to": "admin"}, {"roles": ["approver"]}])
    world.sku("BULK", 60)
    agent, approver = somebody("agent"), somebody("approver")

    def counted(act: Callable[[], Sequence[Outcome]], counts: list[int]) -> list[UUID]:
        with CaptureQueriesContext(connection) as seen:
            outcomes = act()
        counts.append(len(seen))
        assert all(each.ok for each in outcomes)
        return [each.id for each in outcomes if each.id]

    def life(n: int) -> list[int]:
        sold = world.sell(*[world.facts(1, sku="BULK", buyer=f"b{i}") for i in range(n)])
        wanted = [world.asked(one, 1) for one in sold]
        counts: list[int] = []
        ids = counted(lambda: request(requests=wanted, actor=SYSTEM, now=NOW), counts)
        late = NOW + timedelta(hours=5)
        assert act_due(late) == n
        items = [Authorisation(key) for key in ids]
        counted(lambda: authorise(authorisations=items, actor=agent, now=late), counts)
        counted(lambda: authorise(authorisations=items, actor=approver, now=late), counts)
        assert Return.objects.filter(id__in=ids, state="authorised").count() == n
        return counts

    life(1)  # what a process reads once
    few = life(2)
    assert life(40) == few
    assert all(n <= most for n, most in zip(few, (40, 26, 34), strict=True)), few
    verified()


def test_a_flow_of_one_company_is_not_asked_in_another(world: World, order: Order) -> None:
    a_flow(another_world(), TWO)
    assert states(world.request(order(), 1)) == []


def _trail(key: UUID, action: str) -> dict[str, Any]:
    return next(item.after for item in audit.history(key) if item.action == action)


@pytest.mark.parametrize(
    ("model", "change", "fault"),
    [
        (ApprovalStage, {"state": "waiting"}, "undecided"),
        (ApprovalStage, {"state": "open"}, "label"),
        (ApprovalSeat, {"decided_at": None}, "wordless"),
        (ApprovalSeat, {"open": True}, "seats"),
        (Return, {"stage": 1}, "label"),
    ],
)
def test_the_proof_finds_a_planted_fault(
    model: Any, change: dict[str, Any], fault: str, world: World, order: Order
) -> None:
    a_flow(world, [{"roles": ["agent"]}])
    key = world.request(order(), 1)
    assert agree(key, somebody("agent")).ok
    verified()
    assert model.objects.update(**change)
    (found,) = [proof for proof in proofs.run() if proof.name == "approvals"]
    assert fault in {each["fault"] for each in found.differences}


def test_the_proof_finds_who_decided_his_own_request(world: World, order: Order) -> None:
    a_flow(world, [{"roles": ["agent"]}])
    key, agent = world.request(order(), 1), somebody("agent")
    assert agree(key, agent).ok
    ApprovalStage.objects.update(asked_by_id=agent.id)
    (found,) = [proof for proof in proofs.run() if proof.name == "approvals"]
    assert [each["fault"] for each in found.differences] == ["own"]
