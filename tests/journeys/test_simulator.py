"""A statement replayed over the past: the same verdicts and amounts as the step, counted once, and nothing written."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guicang.kernel import outbox
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import OutboxMessage
from guicang.kernel.refusal import Refused
from guicang.policy import operations, queries
from guicang.policy.models import Simulation
from guicang.policy.operations import Trial, simulations
from guicang.policy.queries.simulations import simulation
from guicang.policy.rules import PLAIN, Book, Case, Statement, changes
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations import replaying
from guicang.returns.operations.replaying import Replay
from guicang.returns.steps import simulate as step
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, Wanted, preview, request
from tests.journeys.acts import back, do, dump, pay, undo, verified
from tests.world import SYSTEM, Sold, World, another_world

Order = Callable[..., Sold]
FAULTY = ("quality", "damaged_in_transit")


def stated(world: World, statement: Statement) -> None:
    """What is in force for the orders of the world, which are made five days before its day."""
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        since = world.now - timedelta(days=400)
        operations.state_version(
            context, world.company_id, name="某", effective_from=since, statement=statement.as_data()
        )


def some_terms(chance: random.Random) -> dict[str, Any]:
    offered: dict[str, Any] = {
        "days": chance.choice([0, 1, 2, 3, 7, 30]),
        "fault_days": chance.choice([1, 60]),
        "counted_from": chance.choice(["order", "shipment", "delivery"]),
        "counting": chance.choice(["days", "hours"]),
        "excluded": chance.choice(["no", "by_law", "confirmed"]),
        "conditions": chance.choice([["unopened"], ["unopened", "used"]]),
        "requires": ["packaging"],
        "reasons": chance.choice([["too_small", "quality"], ["too_large"]]),
        "evidence": chance.choice(["fault", "always"]),
        "evidence_from_minor": chance.choice([1, 2_500]),
        "approve_below_minor": chance.choice([900, 2_500, 100_000]),
        "keep_below_minor": chance.choice([500, 2_000]),
        "freight_choice": chance.choice(["seller", "buyer"]),
        "refund_days": chance.choice([3, 7]),
        "fees": [{"kind": "percent", "value": chance.choice([500, 1_500])}],
    }
    return {name: offered[name] for name in chance.sample(sorted(offered), chance.randint(1, 6))}


def some_statement(chance: random.Random) -> Statement:
    scopes: list[dict[str, Any]] = [{"tiers": ["gold"]}, {"payments": ["wechat"]}, {"skus": ["GOODS"]}, {}]
    chosen = chance.sample(scopes, chance.randint(1, 4))
    named = [
        {"code": f"p{place}", "zh": "某", "scope": scope, "terms": some_terms(chance)}
        for place, scope in enumerate(chosen)
    ]
    return Statement.from_data({"policies": named})


def replayed(world: World, tried: Statement = PLAIN, **more: Any) -> dict[str, Case]:
    span = {"since": world.now - timedelta(days=900), "until": world.now + timedelta(days=900)}
    replay = Replay(world.company_id, tried=Book(NIL, 0, tried), **(span | more))
    return {case.id: case for _place, cases in replay.chunks() for case in cases}


def some_request(chance: random.Random, world: World, sold: Sold, units: int) -> Request:
    wanted = [
        Wanted(
            sold.lines[0].id,
            units,
            chance.choice(["too_small", "too_large", *FAULTY, "no_such_reason"]),
            condition=chance.choice(["", "unopened", "used"]),
        )
    ]
    if chance.random() < 0.2:
        wanted.append(Wanted(sold.lines[0].id, reason="late", resolution="money_only", recorded_minor=150))
    pictures = chance.choice([None, 0, 2])
    return Request(sold.shop_id, sold.customer_id, wanted, override="goodwill", pictures=pictures)


def through(world: World, key: UUID) -> UUID:
    """A return to its end: granted, arrived, as good as new, paid."""
    if world.row(key).state == "requested":
        do(authorise, world, Authorisation(key))
    for line in ReturnLine.objects.filter(parent_id=key, expected__gt=0):
        do(receive, world, Receiving(key, [Arrived(line.id, line.expected)]))
        do(inspect, world, Inspecting(key, [Part(line.id, line.expected)]))
    return pay(world, key)


@pytest.mark.parametrize("seed", range(6))
def test_by_its_own_version_a_return_gets_the_verdict_and_the_amount_that_it_got(
    seed: int, world: World, order: Order
) -> None:
    chance = random.Random(seed)
    statement = some_statement(chance)
    stated(world, statement)
    sold = [
        order(
            units=7,
            price_minor=chance.choice([333, 1_001]),
            buyer=f"buyer-{number}",
            customer_tier=chance.choice(["", "gold"]),
        )
        for number in range(6)
    ]
    expected: dict[UUID, int] = {}
    for _round in range(12):
        world.now += timedelta(hours=chance.randint(1, 30))
        item = some_request(chance, world, chance.choice(sold), chance.randint(1, 2))
        known = preview(item, actor=SYSTEM, now=world.now)
        (outcome,) = request(requests=[item], actor=SYSTEM, now=world.now)
        if not outcome.ok or outcome.id is None:
            assert [one.code for one in outcome.refusals] == ["over_return"]
            continue
        expected[outcome.id] = sum(one.plan.total("paid_minor") + one.plan.total("fee_minor") for one in known.plans)
        # Whatever happens later: they are judged by their order as it stood when they were asked for.
        if chance.random() < 0.6:
            world.now += timedelta(hours=chance.randint(1, 30))
            paid = through(world, outcome.id)
            if len(item.lines) == 1 and chance.random() < 0.3:  # goodwill cannot be undone
                undo(world, paid)
    found = replayed(world, statement, amounts=True)
    assert {UUID(key) for key in found} == set(expected)
    for row in Return.objects.filter(company_id=world.company_id):
        case = found[str(row.id)]
        stored = {name: value for name, value in row.verdict.items() if name != "override"}
        assert case.before == stored
        assert {**case.after, "version": stored["version"]} == stored
        assert case.paid_minor == expected[row.id]
        assert not changes(case)


def thirds(world: World) -> Sold:
    """Three units for 10.00 together."""
    line = world.facts(3).lines[0]
    return world.sell(world.facts(3, lines=[replace(line, gross_minor=1_000)], paid=False))[0]


def test_amounts_are_those_of_the_moment_of_asking(world: World) -> None:
    sold = thirds(world)
    first = back(world, sold, 1)
    early = replayed(world, amounts=True)[str(first)].paid_minor
    pay(world, first)
    world.now += timedelta(days=1)
    second = back(world, sold, 1)
    pay(world, second)
    found = replayed(world, amounts=True)
    assert early == found[str(first)].paid_minor == 333
    assert found[str(second)].paid_minor == 334


def test_what_stays_with_the_buyer_was_asked_for_as_goods_that_come_back(world: World, order: Order) -> None:
    terms = {"days": 30, "keep_below_minor": 2_000, "approve_below_minor": 5_000, "resolutions": ["refund"]}
    statement = Statement.from_data({"policies": [{"code": "p", "zh": "某", "terms": terms}]})
    stated(world, statement)
    sold = order()
    item = Request(sold.shop_id, sold.customer_id, [Wanted(sold.lines[0].id, 1, "too_small")])
    (outcome,) = request(requests=[item], actor=Actor("customer", sold.customer_id), now=world.now)
    assert outcome.id is not None
    row = world.row(outcome.id)
    assert (row.verdict["keeps"], world.line(row.id).resolution) == (True, "refund_only")
    (case,) = replayed(world).values()
    assert case.before == row.verdict
    assert changes(case) == ["granted>allow", "keeps>back"]


SEVEN = Statement.from_data(
    {
        "policies": [
            {
                "code": "own",
                "zh": "甲",
                "terms": {
                    "days": 1,
                    "approve_below_minor": 5_000,
                    "freight_choice": "seller",
                    "fees": [{"kind": "percent", "value": 1_000, "faults": ["none"]}],
                },
            }
        ]
    }
)


def started(world: World, statement: Statement = SEVEN, **more: Any) -> UUID:
    world.now += timedelta(minutes=1)  # what was asked for a moment ago is past
    span = {"since": world.now - timedelta(days=90), "until": world.now + timedelta(days=1)}
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        return operations.start_simulation(
            context, world.company_id, Trial("乙", statement, **(span | {"amounts": True} | more))
        )


def handed_over(key: UUID) -> outbox.Envelope:
    row = OutboxMessage.objects.filter(topic="policy.simulate", aggregate_id=key).latest("created_at")
    lease = outbox.Lease("w", 1)
    return outbox.Envelope(row.id, row.topic, 1, row.created_at, key, row.body, lease)


def several(world: World, order: Order, days: int = 5) -> list[UUID]:
    """One request a day by an order each; the world ends on the last day."""
    made = []
    for number in range(days):
        made.append(world.request(order(buyer=f"b-{number}"), 1, reason="too_small"))
        world.now += timedelta(days=1)
    return made


def test_a_run_counts_before_and_after_and_writes_nothing_else(world: World, order: Order) -> None:
    sold = order()
    first = world.request(sold, 2)
    second = world.request(sold, 1, reason="quality")
    key = started(world)
    before = dump()
    step.simulate(handed_over(key))
    after = dump()
    assert [name for name in after if after[name] != before[name]] == ["policy.Simulation"]
    found = simulation(key)
    assert found is not None
    assert (found.run.state, found.run.done, found.run.total) == ("done", 2, 2)
    effect = found.effect
    assert (effect.before["allow"], effect.before["granted"], effect.before["refuse"]) == (2, 0, 0)
    # Shipped three days ago: too late, and for faulty goods a person looks.
    assert (effect.after["refuse"], effect.after["review"], effect.after["late"]) == (1, 1, 2)
    assert effect.before["money"]["CNY"] == {"granted": 0, "allow": 3_000, "review": 0, "refuse": 0, "fees": 0}
    assert effect.after["money"]["CNY"] == {"granted": 0, "allow": 0, "review": 1_000, "refuse": 2_000, "fees": 0}
    assert effect.by["reason"] == {"too_small": [0, 1, 0, 0, 0, 0, 0, 1], "quality": [0, 1, 0, 0, 0, 0, 1, 0]}
    assert effect.kinds == {"allow>refuse": 1, "in_time>late": 2, "allow>review": 1}
    (example,) = effect.examples["allow>refuse"]
    assert example["id"] == str(first)
    assert [one["code"] for one in example["after"]["reasons"] if one["answer"] == "refuse"] == ["too_late"]
    assert [one["id"] for one in effect.examples["allow>review"]] == [str(second)]
    verified()


def test_what_would_be_granted_at_once_pays_a_fee_and_who_pays_the_way_back(world: World, order: Order) -> None:
    world.request(order(), 2)
    terms = SEVEN.policies[0].terms.model_copy(update={"days": 30})
    longer = Statement(policies=(SEVEN.policies[0].model_copy(update={"terms": terms}),))
    key = started(world, longer)
    step.simulate(handed_over(key))
    found = simulation(key)
    assert found is not None
    assert found.effect.after["money"]["CNY"] == {"granted": 2_000, "allow": 0, "review": 0, "refuse": 0, "fees": 200}
    assert found.effect.kinds == {"allow>granted": 1, "freight>seller": 1, "fees": 1}
    assert (found.effect.before["freight_buyer"], found.effect.after["freight_seller"]) == (1, 1)


def test_compared_with_one_version_for_all(world: World, order: Order) -> None:
    world.request(order(), 1)
    stated(world, SEVEN)
    (version,) = [one for one in queries.versions(world.company_id, world.now) if not one.provisional]
    key = started(world, PLAIN, baseline_id=version.id)
    step.simulate(handed_over(key))
    found = simulation(key)
    assert found is not None
    assert found.effect.kinds["refuse>allow"] == 1


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def twos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests at a time, each noted."""
    monkeypatch.setattr(replaying, "CHUNK", 2)
    monkeypatch.setattr(step, "NOTED_EVERY", 0.0)


@pytest.mark.usefixtures("twos")
def test_one_that_is_killed_goes_on_and_counts_nothing_twice(
    world: World, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(world, order)
    whole = started(world)
    step.simulate(handed_over(whole))
    key = started(world)
    real, seen = Replay._judged, []

    def dies(self: Replay, past: Any) -> Any:
        seen.append(len(past))
        if len(seen) == 2:
            raise Killed
        return real(self, past)

    monkeypatch.setattr(Replay, "_judged", dies)
    with pytest.raises(Killed):
        step.simulate(handed_over(key))
    found = simulation(key)
    assert found is not None
    assert (found.run.state, found.run.done, found.run.total) == ("running", 2, 5)
    step.simulate(handed_over(key))
    assert seen == [2, 2, 2, 1]
    found, other = simulation(key), simulation(whole)
    assert found is not None
    assert other is not None
    assert (found.run.state, found.run.done) == ("done", 5)
    assert found.effect == other.effect


@pytest.mark.usefixtures("twos")
def test_one_that_is_called_off_stops_and_can_go_on(
    world: World, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(world, order)
    key = started(world)
    first = handed_over(key)
    real = Replay._judged

    def told(self: Replay, past: Any) -> Any:
        with transaction.atomic():
            operations.cancel_simulation(begin("test", actor=SYSTEM, now=world.now, items=1), key, world.company_id)
        return real(self, past)

    monkeypatch.setattr(Replay, "_judged", told)
    step.simulate(first)
    monkeypatch.undo()
    found = simulation(key)
    assert found is not None
    assert (found.run.state, found.run.done) == ("cancelled", 2)
    world.now += timedelta(minutes=1)
    with transaction.atomic():
        operations.resume_simulation(begin("test", actor=SYSTEM, now=world.now, items=1), key, world.company_id)
    step.simulate(first)  # of the earlier start
    found = simulation(key)
    assert found is not None
    assert found.run.state == "queued"
    step.simulate(handed_over(key))
    found = simulation(key)
    assert found is not None
    assert (found.run.state, found.run.done) == ("done", 5)


def test_one_at_a_time_over_a_span_that_is_past_and_twenty_are_kept(world: World, order: Order) -> None:
    world.request(order(), 1)
    key = started(world)
    with pytest.raises(Refused) as refused:
        started(world, Statement(), since=world.now + timedelta(days=1), until=world.now + timedelta(days=2))
    codes = [one.code for one in refused.value.refusals]
    assert codes == ["simulation_empty", "simulation_span", "simulation_runs"]
    for _again in range(20):
        simulations.ended(key, "done", "", world.now)
        world.now += timedelta(minutes=1)
        key = started(world)
    assert Simulation.objects.filter(company_id=world.company_id).count() == 20
    assert simulation(new_id()) is None


def test_another_company_is_another_past(world: World, order: Order) -> None:
    world.request(order(), 1)
    assert not replayed(another_world())


def test_statements_grow_by_the_thousand_not_by_the_request(
    world: World, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in (1, 3, 2):
        several(world, order, count)
    counts = []
    for chunk in (6, 3):
        monkeypatch.setattr(replaying, "CHUNK", chunk)
        with CaptureQueriesContext(connection) as seen:
            replayed(world, SEVEN, amounts=True)
        counts.append(len(seen))
    # One thousand more, and the last empty page.
    assert counts[1] - counts[0] <= 12
    assert counts[0] <= 18
