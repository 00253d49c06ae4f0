"""Whose a return is: the queue it stands in, who takes it, whom it is given to, and what a company's rules do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guicang.audit import queries as audit
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import OutboxMessage
from guicang.kernel.refusal import Refused
from guicang.proofs import queries as proofs
from guicang.returns import queries as returns
from guicang.returns.departments import ROLES, Department
from guicang.returns.lifecycle import ENDED
from guicang.returns.models import Assignment, Return
from guicang.returns.operations.assigning import assignment_rules, state_assignment_rules
from guicang.returns.steps.assign import Assigning, assign
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.deadline import Deadline, set_deadlines
from guicang.returns.steps.escalate import Escalation, escalate
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import request
from guicang.staff.models import User
from tests.journeys.acts import arrive, back, codes, do, look_at, pay, verified
from tests.journeys.test_approvals import a_flow, context, somebody
from tests.world import NOW, SYSTEM, Sold, World, another_world

Order = Callable[..., Sold]


def gives(who: Actor, key: UUID, to: UUID, note: str = "") -> list[str]:
    return codes(assign(assignments=[Assigning(key, to, note)], actor=who, now=NOW)[0])


def stands(world: World, key: UUID) -> tuple[str, UUID]:
    row = world.row(key)
    return row.department, row.owner_id


def rule(world: World, department: str, way: str, role: str = "") -> None:
    with transaction.atomic():
        rules = assignment_rules(world.company_id) | {department: (way, role or ROLES[Department(department)])}
        state_assignment_rules(context(), world.company_id, rules)


def test_a_return_stands_in_one_queue_all_its_life(world: World, order: Order) -> None:
    key = world.request(order(), 2)
    assert world.row(key).department == "service"
    do(authorise, world, Authorisation(key))
    assert world.row(key).department == "warehouse"
    arrive(world, key, 2)
    assert world.row(key).department == "warehouse"
    look_at(world, key, (2, "restock"))
    assert world.row(key).department == "finance"
    pay(world, key)
    assert (world.row(key).state, world.row(key).department) == ("settled", "finance")
    do(close, world, Closing(key))
    assert world.row(key).department == ""
    rejected = world.request(order(), 1)
    do(reject, world, Rejection(rejected, "too_late"))
    assert world.row(rejected).department == ""
    over = {*ENDED, "rejected"}
    assert all((row.department == "") == (row.state in over) for row in Return.objects.all())
    verified()


def test_a_return_in_the_wrong_queue_is_found(world: World, order: Order) -> None:
    waiting, awaited, over = world.request(order(), 1), world.authorised(order(), 2), world.request(order(), 1)
    do(reject, world, Rejection(over, "too_late"))
    verified()
    Return.objects.filter(id__in=[waiting, over]).update(department="finance")
    Return.objects.filter(id=awaited).update(department="")
    (found,) = [proof for proof in proofs.run() if proof.name == "return_departments"]
    told = {each["return_id"]: (each["stored"], each["computed"]) for each in found.differences}
    assert told == {
        str(waiting): ("finance", "service"),
        str(over): ("finance", ""),
        str(awaited): ("", "warehouse"),
    }


def test_money_without_goods_is_for_finance_at_once(world: World, order: Order) -> None:
    key = world.authorised(order(5, 0), 2, resolution="unshipped")
    assert world.row(key).department == "finance"


def test_an_open_stage_and_a_clock_that_ran_out_call_management(world: World, order: Order) -> None:
    plain = world.request(order(), 1)
    a_flow(world, [{"roles": ["approver"]}])
    asked = world.request(order(), 1)
    assert [world.row(key).department for key in (plain, asked)] == ["service", "management"]
    do(set_deadlines, world, Deadline(plain, NOW + timedelta(hours=1)))
    clock = returns.clocks_of([plain])[plain][0]
    do(escalate, world, Escalation(plain, clock.id))
    assert (world.row(plain).escalated_to, world.row(plain).department) == ("approver", "management")


def test_taken_given_and_put_back(world: World, order: Order) -> None:
    key = world.request(order(), 1)
    rosa, wes = somebody("agent", "rosa"), somebody("agent", "wes")
    User.objects.filter(id=wes.id).update(email="wes@example.com")
    assert gives(rosa, key, rosa.id) == []
    assert stands(world, key) == ("service", rosa.id)
    taken = assign(assignments=[Assigning(key, wes.id)], actor=wes, now=NOW)[0]
    assert (codes(taken), taken.refusals[0].data) == (["owned_already"], {"who": "rosa"})
    assert gives(wes, key, NIL) == ["owned_already"]
    assert gives(rosa, key, wes.id, "He speaks French") == []
    assert stands(world, key) == ("service", wes.id)
    assert [note.text for note in returns.notes_of([key])[key]] == ["He speaks French"]
    told = OutboxMessage.objects.filter(aggregate_id=key, body__notice="staff_given")
    assert [one.body["owner_id"] for one in told] == [str(wes.id)]
    assert gives(wes, key, NIL) == []
    assert stands(world, key) == ("service", NIL)
    said = [(item.action, item.after["owner_id"]) for item in audit.history(key) if "owner_id" in item.after]
    assert said == [("assign", str(rosa.id)), ("assign", str(wes.id)), ("assign", str(NIL))]
    assert list(Assignment.objects.order_by("id").values_list("how", flat=True)) == ["taken", "given", "put_back"]
    verified()


def test_an_approver_gives_what_is_somebody_elses(world: World, order: Order) -> None:
    key = world.request(order(), 1)
    rosa, wes, cora = somebody("agent"), somebody("agent"), somebody("approver")
    gives(rosa, key, rosa.id)
    assert gives(cora, key, wes.id) == []
    assert stands(world, key)[1] == wes.id


def test_only_to_people_who_work_on_it(world: World, order: Order) -> None:
    key, elsewhere = world.request(order(), 1), another_world()
    rosa = somebody("agent")
    blind = somebody("agent", company_id=elsewhere.company_id)
    out = somebody("agent")
    User.objects.filter(id=out.id).update(is_active=False)
    for nobody in (new_id(), blind.id, out.id, somebody("analyst").id):
        assert gives(rosa, key, nobody) == ["no_such_colleague"]
    assert gives(blind, key, blind.id) == ["return_not_found"]
    with pytest.raises(Refused):
        assign(assignments=[Assigning(key, NIL)], actor=somebody("analyst"), now=NOW)
    do(reject, world, Rejection(key, "too_late"))
    assert gives(rosa, key, rosa.id) == ["wrong_state"]


def test_what_moves_on_is_nobodys_there(world: World, order: Order) -> None:
    key, rosa = world.request(order(), 1), somebody("agent")
    gives(rosa, key, rosa.id)
    do(authorise, world, Authorisation(key))
    assert stands(world, key) == ("warehouse", NIL)


def test_in_turn_each_gets_as_many(world: World, order: Order) -> None:
    rule(world, "service", "in_turn")
    people = [somebody("agent") for _ in range(3)]
    somebody("agent", company_id=another_world().company_id)
    somebody("warehouse")
    sold = [order() for _ in range(7)]
    asked = [world.asked(one, 1) for one in sold[:4]]
    outcomes = request(requests=asked, actor=SYSTEM, now=NOW)
    keys = [outcome.id for outcome in outcomes if outcome.id] + [world.request(one, 1) for one in sold[4:]]
    owners = [world.row(key).owner_id for key in keys]
    assert owners[:3] == owners[3:6]
    assert set(owners) == {person.id for person in people}
    assert owners[6] == owners[0]
    do(authorise, world, Authorisation(keys[0]))
    assert stands(world, keys[0]) == ("warehouse", NIL)
    verified()


def test_the_last_person_of_a_customer_gets_the_next_return(world: World, order: Order) -> None:
    rosa, wes = somebody("agent"), somebody("agent")
    first = world.request(order(buyer="b1"), 1)
    gives(rosa, first, rosa.id)
    rule(world, "service", "last_person")
    assert world.row(world.request(order(buyer="b1"), 1)).owner_id == rosa.id
    other = world.request(order(buyer="b2"), 1)
    assert world.row(other).owner_id == NIL
    gives(wes, other, wes.id)
    gives(wes, other, NIL)
    assert world.row(world.request(order(buyer="b2"), 1)).owner_id == wes.id
    User.objects.filter(id=wes.id).update(is_active=False)
    assert world.row(world.request(order(buyer="b2"), 1)).owner_id == NIL


def test_goods_that_are_inspected_go_to_finance_in_turn(world: World, order: Order) -> None:
    rule(world, "finance", "in_turn")
    fay = somebody("finance")
    User.objects.filter(id=fay.id).update(email="fay@example.com")
    key = back(world, order(), 1)
    assert stands(world, key) == ("finance", fay.id)
    assert OutboxMessage.objects.filter(aggregate_id=key, body__notice="staff_given").count() == 1
    User.objects.filter(id=fay.id).update(muted_notices=["staff_given"])
    quiet = back(world, order(), 1)
    assert stands(world, quiet) == ("finance", fay.id)
    assert not OutboxMessage.objects.filter(aggregate_id=quiet, body__notice="staff_given").exists()


def test_rules_are_checked_and_in_the_trail(world: World) -> None:
    good = assignment_rules(world.company_id)
    assert good["service"] == ("nobody", "agent")
    for wrong in (
        {"service": ("nobody", "agent")},
        good | {"service": ("x", "agent")},
        good | {"service": ("nobody", "analyst")},
    ):
        with pytest.raises(Refused), transaction.atomic():
            state_assignment_rules(context(), world.company_id, wrong)
    rule(world, "service", "in_turn")
    rule(world, "service", "last_person")
    assert assignment_rules(world.company_id)["service"] == ("last_person", "agent")
    verified()


def test_a_thousand_at_once_cost_what_one_does(world: World, order: Order) -> None:
    rosa = somebody("agent")
    keys = [world.request(order(1), 1) for _ in range(12)]

    def statements(some: list[UUID]) -> int:
        with CaptureQueriesContext(connection) as seen:
            assign(assignments=[Assigning(key, rosa.id) for key in some], actor=rosa, now=NOW)
        return len(seen)

    assert statements(keys[:1]) == statements(keys[1:]) <= 17
