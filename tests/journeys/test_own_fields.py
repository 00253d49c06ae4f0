"""Fields of a company's own: asked by forms, answered with a return, asked about by rules and flows, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guicang.audit import queries as audit
from guicang.audit.models import AuditRow
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin, OutboxMessage
from guicang.kernel.refusal import Outcome, Refused
from guicang.parties.models import VaultEntry
from guicang.policy import operations as policy
from guicang.policy import queries as policies
from guicang.policy.rules import PLAIN, Book, Statement
from guicang.returns.models import FieldAnswer, Return, ReturnLine
from guicang.returns.operations.answering import Answering, answers_of, change_answers
from guicang.returns.operations.replaying import Replay
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.request import Request, Wanted, preview, request
from guicang.trade.facts import CustomerFacts
from guicang.trade.operations.erasure import erase_customer
from tests.journeys.acts import do, verified
from tests.journeys.test_approvals import a_flow, context, somebody
from tests.world import NOW, SYSTEM, Sold, World, another_world

Order = Callable[..., Sold]
FACTS: dict[str, Any] = {
    **{"zh": "穿过次数", "en": "Times worn", "help_zh": "", "help_en": "", "kind": "number", "options": []},
    **{"asked_of": "both", "per_line": False, "required": False},
}
SECRET = "my neighbour Zhao signed for it"


def own_field(world: World, code: str = "worn", **facts: Any) -> UUID:
    with transaction.atomic():
        return policy.add_field(context(), world.company_id, code, {**FACTS, **facts})


def ask(world: World, sold: Sold, answers: dict[str, str], actor: Actor = SYSTEM, **more: Any) -> Outcome:
    """A request for one unit of the first line; `line`: answers for the line."""
    wanted = Wanted(sold.lines[0].id, 1, "too_small", answers=more.pop("line", {}))
    item = Request(world.shop_id, sold.customer_id, [wanted], answers=answers, **more)
    return request(requests=[item], actor=actor, now=NOW)[0]


def codes(outcome: Outcome) -> list[str]:
    return [refusal.code for refusal in outcome.refusals]


def under(world: World, *rules: dict[str, Any]) -> None:
    """The statement under which orders are made from now on."""
    data = {"policies": [{"code": "p", "zh": "p", "terms": {"days": 30, "fields": list(rules)}}]}
    with transaction.atomic():
        since = NOW - timedelta(days=60)
        policy.state_version(context(), world.company_id, name="p", statement=data, effective_from=since)


def test_answers_are_kept_typed_and_texts_in_the_vault_alone(world: World, order: Order) -> None:
    own_field(world)
    own_field(world, "why", kind="text", zh="说明", en="Details")
    own_field(world, "stain", kind="yes_no", per_line=True, zh="有污渍", en="Stained")
    made = ask(world, order(customer=CustomerFacts("lin")), {"worn": "02.50", "why": SECRET}, line={"stain": "yes"})
    assert made.ok
    rows = {one.value for one in FieldAnswer.objects.filter(parent_id=made.id)}
    assert rows == {"2.5", "", "yes"}
    line = ReturnLine.objects.get(parent_id=made.id).id
    assert {(one.line_id, one.value) for one in answers_of([made.id or NIL])[made.id or NIL]} == {
        (NIL, "2.5"),
        (NIL, SECRET),
        (line, "yes"),
    }
    (trail,) = audit.history(made.id or NIL)
    assert trail.after["fields"] == {"worn": "2.5", "why": ""}
    assert trail.after["line1"]["fields"] == {"stain": "yes"}
    for told in (AuditRow, OutboxMessage, Return):
        assert SECRET not in repr(list(told.objects.values()))
    verified()


def test_erasing_the_person_takes_texts_along(world: World, order: Order) -> None:
    own_field(world, "why", kind="text", zh="说明", en="Details")
    sold = order(customer=CustomerFacts("lin"))
    made = ask(world, sold, {"why": SECRET})
    with transaction.atomic():
        erase_customer(context(), sold.customer_id)
    assert not VaultEntry.objects.filter(owner_kind="field_answer").exists()
    assert [one.value for one in answers_of([made.id or NIL])[made.id or NIL]] == [""]
    (refused,) = change_answers(items=[Answering(made.id or NIL, {"why": "again"})], actor=SYSTEM, now=NOW)
    assert codes(refused) == ["person_erased"]
    verified()


@pytest.mark.parametrize(
    ("facts", "answers", "line", "wanted"),
    [
        ({}, {"worn": "often"}, {}, "custom_field_answer_bad"),
        ({"required": True}, {}, {}, "custom_field_missing"),
        ({"required": True, "per_line": True}, {}, {}, "custom_field_missing"),
        ({"per_line": True}, {"worn": "1"}, {}, "custom_field_unknown"),
        ({}, {}, {"worn": "1"}, "custom_field_unknown"),
        ({}, {"other": "1"}, {}, "custom_field_unknown"),
    ],
)
def test_a_wrong_answer_refuses_and_names_the_field(
    facts: dict[str, Any], answers: dict[str, str], line: dict[str, str], wanted: str, world: World, order: Order
) -> None:
    own_field(world, **facts)
    sold = order()
    outcome = ask(world, sold, answers, line=line)
    assert codes(outcome) == [wanted]
    assert any(name in str(outcome.refusals[0]) for name in ("Times worn", "穿过次数", "other", "worn"))
    item = Request(
        world.shop_id, sold.customer_id, [Wanted(sold.lines[0].id, 1, "too_small", answers=line)], answers=answers
    )
    assert [one.code for one in preview(item, actor=SYSTEM, now=NOW).refusals] == [wanted]
    assert not Return.objects.exists()
    assert sold.claimed == 0


def test_nothing_has_to_be_answered_where_no_form_asked(world: World, order: Order) -> None:
    own_field(world, required=True)
    assert ask(world, order(), {}, entered_by="platform").ok
    sold = order(units=2, shipped=0)
    item = Request(world.shop_id, sold.customer_id, [Wanted(sold.lines[0].id, 1, "changed_mind", "unshipped")])
    assert request(requests=[item], actor=SYSTEM, now=NOW)[0].ok
    wanted = replace(item, lines=[Wanted(order().lines[0].id, 1)], entered_by="import")
    assert request(requests=[wanted], actor=SYSTEM, now=NOW, origin=Origin.HISTORY)[0].ok


def test_customers_are_asked_theirs_and_answer_no_others(world: World, order: Order) -> None:
    own_field(world, "inner", asked_of="staff", required=True)
    sold = order(customer=CustomerFacts("lin"))
    customer = Actor(kind="customer", id=sold.customer_id)
    assert codes(ask(world, sold, {"inner": "1"}, customer)) == ["custom_field_unknown"]
    assert ask(world, sold, {}, customer).ok
    assert codes(ask(world, order(), {})) == ["custom_field_missing"]


def test_a_policy_asks_about_answers_and_its_verdict_says_which(world: World, order: Order) -> None:
    own_field(world)
    under(world, {"field": "worn", "at_least": "3", "then": "refuse"})
    assert codes(ask(world, order(), {"worn": "5"})) == ["not_eligible"]
    made = ask(world, order(), {"worn": "2"})
    assert world.row(made.id or NIL).verdict["answer"] == "allow"
    under(world, {"field": "worn", "at_least": "3"})
    reviewed = world.row(ask(world, order(), {"worn": "5"}).id or NIL).verdict
    assert reviewed["answer"] == "review"
    reason = reviewed["reasons"][0]
    assert (reason["code"], reason["field"], reason["zh"], reason["value_en"]) == (
        "field_reviews",
        "worn",
        "穿过次数",
        "5",
    )


def test_a_text_never_comes_into_a_verdict(world: World, order: Order) -> None:
    own_field(world, kind="text")
    under(world, {"field": "worn", "one_of": ["secret"], "then": "refuse"})
    assert world.row(ask(world, order(), {"worn": "secret"}).id or NIL).verdict["answer"] == "allow"


def test_a_flow_asks_about_answers_of_any_line(world: World, order: Order) -> None:
    own_field(world, "stain", kind="yes_no", per_line=True)
    a_flow(world, [{"roles": ["approver"]}], fields=[{"field": "stain", "is_yes": True}])
    assert world.row(ask(world, order(), {}, line={"stain": "yes"}).id or NIL).stage == 1
    assert world.row(ask(world, order(), {}, line={"stain": "no"}).id or NIL).stage == 0
    assert world.row(ask(world, order(), {}).id or NIL).stage == 0


def test_the_simulator_knows_what_was_answered(world: World, order: Order) -> None:
    own_field(world)
    ask(world, order(), {"worn": "5"})
    ask(world, order(), {"worn": "1"})
    rule = {"field": "worn", "at_least": 3, "then": "refuse"}
    data = {"policies": [{"code": "p", "zh": "p", "terms": {"days": 30, "fields": [rule]}}]}
    span = (world.company_id, NOW - timedelta(days=1), NOW + timedelta(days=1))
    replay = Replay(*span, Book(NIL, 2, Statement.from_data(data)), Book(NIL, 1, PLAIN))
    cases = [case for _place, found in replay.chunks() for case in found]
    assert sorted(case.after["answer"] for case in cases) == ["allow", "refuse"]
    assert {case.before["answer"] for case in cases} == {"allow"}


def test_staff_correct_answers_until_the_return_is_over(world: World, order: Order) -> None:
    own_field(world, required=True)
    own_field(world, "why", kind="text", zh="说明", en="Details")
    made = ask(world, order(customer=CustomerFacts("lin")), {"worn": "1"}).id or NIL
    said = {"worn": "4", "why": SECRET}
    assert change_answers(items=[Answering(made, said)], actor=somebody("agent"), now=NOW)[0].ok
    assert {one.value for one in answers_of([made])[made]} == {"4", SECRET}
    trail = audit.history(made)[-1]
    assert (trail.before, trail.after) == ({"fields": {"worn": "1", "why": ""}}, {"fields": {"worn": "4", "why": ""}})
    assert change_answers(items=[Answering(made, said)], actor=SYSTEM, now=NOW)[0].ok
    assert AuditRow.objects.filter(aggregate_id=made, action="fields").count() == 1
    assert codes(change_answers(items=[Answering(made, {"worn": ""})], actor=SYSTEM, now=NOW)[0]) == [
        "custom_field_missing"
    ]
    assert change_answers(items=[Answering(made, {"why": ""})], actor=SYSTEM, now=NOW)[0].ok
    assert not VaultEntry.objects.filter(owner_kind="field_answer").exists()
    do(cancel, world, Cancellation(made, "kept_after_all"))
    assert codes(change_answers(items=[Answering(made, {"worn": "9"})], actor=SYSTEM, now=NOW)[0]) == ["return_is_over"]
    with pytest.raises(Refused):
        change_answers(items=[Answering(made, {"worn": "9"})], actor=somebody("analyst"), now=NOW)
    other = somebody("agent", company_id=another_world().company_id)
    assert codes(change_answers(items=[Answering(made, {"worn": "9"})], actor=other, now=NOW)[0]) == [
        "return_not_found"
    ]
    verified()


def test_definitions_are_made_changed_moved_archived(world: World) -> None:
    first, second = (
        own_field(world),
        own_field(world, "size", kind="choice", options=[{"code": "s", "zh": "小", "en": "S"}]),
    )
    known = policies.fields_of(world.company_id)
    assert list(known) == ["worn", "size"]
    with transaction.atomic():
        policy.move_field(context(), world.company_id, second, up=True)
        policy.change_field(context(), world.company_id, first, {**FACTS, "en": "How often worn", "kind": "text"})
        policy.archive_field(context(), world.company_id, second, True)
    known = policies.fields_of(world.company_id)
    assert list(known) == ["size", "worn"]
    assert (known["worn"].en, known["worn"].kind) == ("How often worn", "number")
    assert not known["size"].asks("staff")
    assert [one.action for one in AuditRow.objects.filter(aggregate_id=second).order_by("seq")] == [
        *("create", "change", "archive")
    ]
    verified()


@pytest.mark.parametrize(
    ("code", "facts", "wanted"),
    [
        ("Bad code", {}, "field_code_bad"),
        ("worn", {}, "field_code_taken"),
        ("x", {"zh": ""}, "field_words_bad"),
        ("x", {"help_en": "x" * 161}, "field_words_bad"),
        ("x", {"kind": "file"}, "field_kind_bad"),
        ("x", {"asked_of": "nobody"}, "field_kind_bad"),
        ("x", {"kind": "choice"}, "field_options_bad"),
        ("x", {"options": [{"code": "a", "zh": "a", "en": "a"}]}, "field_options_bad"),
        ("x", {"kind": "choice", "options": [{"code": "a", "zh": "a", "en": "a"}] * 2}, "field_options_bad"),
        ("x", {"kind": "choice", "options": [{"code": "a b", "zh": "a", "en": "a"}]}, "field_options_bad"),
    ],
)
def test_a_bad_definition_is_refused(code: str, facts: dict[str, Any], wanted: str, world: World) -> None:
    own_field(world)
    with pytest.raises(Refused) as refused:
        own_field(world, code, **facts)
    assert [one.code for one in refused.value.refusals] == [wanted]


def test_one_more_statement_for_requests_without_fields_three_with(world: World, order: Order) -> None:
    def counted(answers: dict[str, str]) -> int:
        sold = order(customer=CustomerFacts("lin"))
        with CaptureQueriesContext(connection) as queries:
            assert ask(world, sold, answers).ok
        return len(queries)

    counted({})
    without = counted({})
    own_field(world)
    own_field(world, "why", kind="text", zh="说明", en="Details")
    assert counted({"worn": "1"}) - without <= 2
    assert counted({"worn": "1", "why": SECRET}) - without <= 4
