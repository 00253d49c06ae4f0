"""Risk from the first request to the inspection: it sends to review, and never refuses."""

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
from guicang.catalog.operations import SkuFacts, record_skus
from guicang.insights.verdicts import explain
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Refused
from guicang.org.models import Company
from guicang.parties.operations import PersonalFacts, keep
from guicang.proofs import queries as proofs
from guicang.returns.models import Clock, Return, RiskListing, RiskPeers, RiskScore
from guicang.returns.operations import scoring, watching
from guicang.returns.risk import DEFAULTS, Rules, Weight
from guicang.returns.steps import tick
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.clear_risk import Clearing, clear_risk
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.release import Release, release
from guicang.returns.steps.request import preview, request
from guicang.returns.steps.settle import Settlement, settle
from tests.journeys.acts import arrive, do, dump, give, verified
from tests.journeys.test_policies import state
from tests.world import SYSTEM, Sold, World

pytestmark = pytest.mark.django_db


def act(world: World, done: Callable[[commands.Context], Any]) -> Any:
    with transaction.atomic():
        return done(commands.begin("test", actor=SYSTEM, now=world.now, items=1))


def watch(world: World, **said: Any) -> None:
    act(world, lambda context: watching.state_rules(context, world.company_id, Rules(on=True, **said)))


def only(code: str, *triple: int, **others: tuple[int, int, int]) -> dict[str, Weight]:
    """Weights of which nothing counts but these."""
    none = {name: Weight(0, 0, 1) for name in DEFAULTS}
    return none | {code: Weight(*triple)} | {name: Weight(*given) for name, given in others.items()}


def scores(key: UUID) -> list[tuple[str, int, list[str], bool]]:
    rows = RiskScore.objects.filter(parent_id=key).order_by("recorded_at", "id")
    return [(row.moment, row.points, [part["code"] for part in row.parts], row.high) for row in rows]


def granting(world: World) -> None:
    """A policy that grants every small return by itself."""
    state(world, {"terms": {"days": 30, "approve_below_minor": 100_000}})


def test_off_changes_nothing(world: World, order: Callable[..., Sold]) -> None:
    granting(world)
    for _ in range(6):
        key = world.request(order(), 1)
    row = world.row(key)
    assert (row.state, row.risk_points, row.risk_high) == ("authorised", None, False)
    arrive(world, key, 1)
    assert not RiskScore.objects.exists()
    assert not RiskPeers.objects.exists()
    verified()


def test_many_requests_send_the_next_one_to_review(world: World, order: Callable[..., Sold]) -> None:
    granting(world)
    watch(world, threshold=20, weights=only("velocity", 10, 40, 3))
    keys = [world.request(order(), 1) for _ in range(4)]
    assert [world.row(key).risk_points for key in keys] == [0, 0, 10, 20]
    assert [world.row(key).state for key in keys] == ["authorised", "authorised", "authorised", "requested"]
    last = world.row(keys[-1])
    assert (last.risk_high, last.verdict["answer"], last.verdict["automatic"]) == (True, "review", False)
    assert last.verdict["reasons"][0] == {
        "code": "risk_high",
        "points": 20,
        "threshold": 20,
        "answer": "review",
        "policy": "",
    }
    assert scores(keys[-1]) == [("request", 20, ["velocity"], True)]
    # A person grants it as any other.
    do(authorise, world, Authorisation(keys[-1]))
    verified()


def test_requests_of_one_set_count_each_other(world: World, order: Callable[..., Sold]) -> None:
    watch(world, threshold=20, weights=only("velocity", 10, 40, 3))
    outcomes = give(request, world, *(world.asked(order(), 1) for _ in range(4)))
    points = [world.row(outcome.id).risk_points for outcome in outcomes if outcome.id]
    assert points == [0, 0, 10, 20]


def test_what_a_policy_refuses_is_refused_and_what_it_lets_pass_is_never_refused(
    world: World, order: Callable[..., Sold]
) -> None:
    state(world, {"terms": {"days": 1}})
    watch(world, threshold=1, weights=only("velocity", 100, 100, 1))
    (refused,) = give(request, world, world.asked(order(), 1))
    assert [why.code for why in refused.refusals] == ["not_eligible"]
    assert not RiskScore.objects.exists()
    item = replace(world.asked(order(), 1), override="goodwill")
    (taken,) = give(request, world, item)
    assert taken.ok
    assert world.row(taken.id).verdict["answer"] == "refuse"  # type: ignore[arg-type] # it was made
    verified()


def test_customers_read_nothing_of_it(world: World, order: Callable[..., Sold]) -> None:
    granting(world)
    watch(world, threshold=1, weights=only("velocity", 100, 100, 1))
    sold = order()
    seen = preview(world.asked(sold, 1), actor=Actor(kind="customer", id=sold.customer_id), now=world.now)
    # The estimate says what will be: that a person decides. Nothing says why.
    assert seen.verdict["answer"] == "review"
    told = explain(seen.verdict, seen.policy_version_id, internal=False)
    staff = explain(seen.verdict, seen.policy_version_id)
    assert len(staff.reasons) == len(told.reasons) + 1
    assert not any("100" in one.text for one in told.reasons)
    assert not RiskScore.objects.exists()


def test_the_rate_is_against_peers_and_without_this_order(world: World, order: Callable[..., Sold]) -> None:
    for buyer in range(24):
        bought = [order(buyer=f"peer-{buyer}") for _ in range(4)]
        if buyer < 8:
            world.request(bought[0], 1)
    often = [order(buyer="often") for _ in range(7)]
    for sold in often[:5]:
        world.request(sold, 1)
    watch(world, threshold=30, weights=only("rate", 10, 50, 5))
    peers = RiskPeers.objects.get()
    assert (peers.customers, peers.orders, peers.returned) == (25, 103, 13)
    assert peers.prior_orders_milli > 0
    key = world.request(often[5], 1)
    (part,) = RiskScore.objects.get(parent_id=key).parts
    assert (part["code"], part["returned"], part["orders"]) == ("rate", 5, 6)
    assert part["rate"] > part["peers"]
    # At the receipt it is the same score: this return's own order is not held against it.
    do(authorise, world, Authorisation(key))
    arrive(world, key, 1)
    assert [points for _, points, _, _ in scores(key)] == [part["points"]] * 2
    assert world.row(world.request(order(buyer="new"), 1)).risk_points == 0
    verified()


def test_goods_that_differ_count_at_the_inspection_and_for_later_returns(
    world: World, order: Callable[..., Sold]
) -> None:
    watch(world, weights=only("goods", 60, 60, 1, mismatches=(15, 30, 1)))
    key = world.authorised(order(1, serials=["A"]), 1)
    arrive(world, key, 1)
    do(inspect, world, Inspecting(key, [Part(world.line(key).id, 1, found_serial="B")]))
    assert scores(key) == [
        ("request", 0, [], False),
        ("receipt", 0, [], False),
        ("inspection", 60, ["goods"], True),
    ]
    assert (world.row(key).risk_points, world.row(key).risk_high) == (60, True)
    do(release, world, Release(key, accept=False, reason="other"))
    later = world.request(order(), 1)
    assert scores(later) == [("request", 15, ["mismatches"], False)]
    verified()


def test_a_parcel_that_is_too_light_counts_at_the_receipt(world: World, order: Callable[..., Sold]) -> None:
    watch(world, weights=only("weight", 20, 20, 20))
    facts = [SkuFacts(world.company_id, "GOODS", weight_g=500)]
    act(world, lambda context: record_skus(context, facts))
    key = world.authorised(order(5), 2)
    assert world.line(key).unit_weight_g == 500
    do(receive, world, Receiving(key, [Arrived(world.line(key).id, 2, weight_g=700)]))
    assert scores(key)[-1] == ("receipt", 20, ["weight"], False)
    assert RiskScore.objects.get(parent_id=key, moment="receipt").parts[0]["percent"] == 30
    verified()


def test_worn_goods_and_claims_that_nothing_came_count_when_they_repeat(
    world: World, order: Callable[..., Sold]
) -> None:
    watch(world, weights=only("worn", 10, 30, 2, not_received=(10, 30, 2)))
    for expected in ([], ["worn"]):
        key = world.authorised(order(), 1, condition="unopened")
        arrive(world, key, 1)
        part = Part(world.line(key).id, 1, "scrap", found_condition="used")
        do(inspect, world, Inspecting(key, [part]))
        assert scores(key)[-1][2] == expected
    first, second = (world.request(order(), 1, reason="missing_part") for _ in range(2))
    assert [scores(key)[0][2] for key in (first, second)] == [["worn"], ["not_received", "worn"]]
    verified()


def test_requests_at_the_last_moment_count_when_they_repeat(world: World, order: Callable[..., Sold]) -> None:
    state(world, {"terms": {"days": 4, "counted_from": "shipment"}})
    watch(world, weights=only("last_day", 5, 15, 3))
    sold = [order() for _ in range(3)]
    world.now += timedelta(hours=20)
    keys = [world.request(one, 1) for one in sold]
    deadline = world.row(keys[0]).verdict["deadline"]
    assert [world.row(key).risk_points for key in keys] == [0, 0, 5], (deadline, world.now)


def test_one_phone_of_several_customers(world: World, order: Callable[..., Sold]) -> None:
    watch(world, weights=only("shared", 10, 10, 1))
    first, second, third = order(buyer="a"), order(buyer="b"), order(buyer="c")
    phones = {first.customer_id: "13800000001", second.customer_id: "138 0000 0001", third.customer_id: "13800000002"}
    act(
        world,
        lambda context: keep(
            context, [PersonalFacts("customer", key, key, {"phone": to}) for key, to in phones.items()]
        ),
    )
    assert [world.row(world.request(sold, 1)).risk_points for sold in (first, third)] == [10, 0]


def test_lists_set_points_aside_or_always_send_to_review(world: World, order: Callable[..., Sold]) -> None:
    granting(world)
    watch(world, threshold=10, weights=only("velocity", 10, 40, 2))
    number = world.row(world.request(order(), 1)).number
    until = world.now + timedelta(days=30)
    act(world, lambda context: watching.list_customer(context, number, "allow", "valued_customer", until))
    allowed = world.row(world.request(order(), 1))
    assert (allowed.state, allowed.risk_points, allowed.risk_high) == ("authorised", 10, False)
    act(world, lambda context: watching.list_customer(context, number, "block", "suspected_abuse", until))
    blocked = world.row(world.request(order(), 1))
    assert (blocked.state, blocked.risk_high) == ("requested", True)
    assert blocked.verdict["reasons"][0]["code"] == "risk_listed"
    earlier, now = RiskListing.objects.order_by("created_at", "id")
    assert earlier.ended_at is not None
    world.now = until
    over = world.row(world.request(order(), 1))
    assert [one["code"] for one in over.verdict["reasons"] if one["answer"] == "review"] == ["risk_high"]
    assert [one.action for one in audit.history(now.id)] == ["create"]
    act(world, lambda context: watching.end_listing(context, now.id))
    assert [one.action for one in audit.history(now.id)] == ["create", "end"]
    verified()


def test_nobody_unknown_is_scored_or_listed(world: World, order: Callable[..., Sold]) -> None:
    watch(world, threshold=1, weights=only("velocity", 100, 100, 1))
    row = world.row(world.request(order(buyer=""), 1))
    assert (row.risk_points, row.risk_high) == (None, False)
    until = world.now + timedelta(days=1)
    with pytest.raises(Refused) as refused:
        act(world, lambda context: watching.list_customer(context, row.number, "block", "suspected_abuse", until))
    assert [why.code for why in refused.value.refusals] == ["nobody_known"]


def test_history_is_scored_neither_when_it_is_asked_for_nor_when_it_comes(
    world: World, order: Callable[..., Sold]
) -> None:
    watch(world, threshold=1, weights=only("velocity", 100, 100, 1))
    outcome = give(request, world, world.asked(order(), 1), origin=Origin.HISTORY)[0]
    assert outcome.id is not None
    assert world.row(outcome.id).risk_points is None
    do(authorise, world, Authorisation(outcome.id), origin=Origin.HISTORY)
    arrive(world, outcome.id, 1)
    assert not RiskScore.objects.exists()
    verified()


def test_rules_are_versions_and_audited_and_only_with_the_permission(world: World) -> None:
    watch(world)
    before = dump()
    watch(world)
    assert dump() == before
    act(world, lambda context: watching.state_rules(context, world.company_id, Rules(on=False)))
    nobody = Actor(kind="staff", permissions=frozenset({"returns.override"}))
    for actor, rules, code in (
        (nobody, Rules(on=True), "not_permitted"),
        (SYSTEM, Rules(threshold=0), "out_of_bounds"),
        (SYSTEM, Rules(weights=only("rate", 101, 1, 1)), "out_of_bounds"),
    ):
        with transaction.atomic():
            context = commands.begin("test", actor=actor, now=world.now, items=1)
            with pytest.raises(Refused) as refused:
                watching.state_rules(context, world.company_id, rules)
        assert [why.code for why in refused.value.refusals] == [code]
    verified()


def test_a_score_that_somebody_changes_is_found(world: World, order: Callable[..., Sold]) -> None:
    watch(world, weights=only("velocity", 10, 40, 1))
    key = world.request(order(), 1)
    verified()
    with connection.cursor() as cursor:
        table = Return._meta.db_table
        cursor.execute(f"UPDATE {table} SET risk_points = 3 WHERE number = %s", [world.row(key).number])
    (proof,) = (one for one in proofs.run() if not one.ok)
    assert (proof.name, proof.differences[0]["fault"]) == ("risk_scores", "points")


def test_statements_do_not_grow_with_the_set_or_the_past(world: World, order: Callable[..., Sold]) -> None:
    watch(world)

    def statements(items: list[Any]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert all(outcome.ok for outcome in give(request, world, *items))
        return len(seen)

    statements([world.asked(order(buyer="first"), 1)])
    few = statements([world.asked(order(buyer=f"x{n}"), 1) for n in range(2)])
    for _ in range(30):
        world.request(order(buyer="x0"), 1)
    many = statements([world.asked(order(buyer=f"x{n}"), 1) for n in range(40)])
    assert many == few
    act(world, lambda context: watching.state_rules(context, world.company_id, Rules()))
    assert many - statements([world.asked(order(buyer="y"), 1)]) <= 23


def test_a_high_score_at_the_receipt_holds_what_the_policy_does_by_itself(
    world: World, order: Callable[..., Sold]
) -> None:
    state(world, {"terms": {"days": 30, "approve_below_minor": 100_000, "refund_days": 3, "refund_then": "refund"}})
    watch(world, threshold=20, weights=only("weight", 20, 20, 20))
    act(world, lambda context: record_skus(context, [SkuFacts(world.company_id, "GOODS", weight_g=500)]))
    light, right = (world.request(order(5), 2) for _ in range(2))
    for key, grams in ((light, 700), (right, 1000)):
        assert world.row(key).state == "authorised"
        do(receive, world, Receiving(key, [Arrived(world.line(key).id, 2, weight_g=grams)]))
        do(inspect, world, Inspecting(key, [Part(world.line(key).id, 2)]))
    assert [(world.row(key).risk_high, world.row(key).risk_review) for key in (light, right)] == [
        (True, True),
        (False, False),
    ]
    due = world.now + timedelta(days=10)
    assert tick.act_due(due) == 1
    assert [world.row(key).refund_minor > 0 for key in (light, right)] == [False, True]
    assert tick.act_due(due) == 0
    # The clock waits: it neither acted nor stopped, and given all the same the step leaves the money where it is.
    (clock,) = Clock.objects.filter(parent_id=light, kind="refund")
    assert (clock.outcome, clock.acted_at) == ("", None)
    item = Settlement(light, clock_id=clock.id)
    (refused,) = settle(settlements=[item], actor=SYSTEM, now=due)
    assert [one.code for one in refused.refusals] == ["risk_waits"]
    agent = Actor(kind="staff", permissions=frozenset({"returns.settle"}))
    with pytest.raises(Refused):
        clear_risk(clearings=[Clearing(light, "returns_explained")], actor=agent, now=due)
    assert [one.code for one in give(clear_risk, world, Clearing(light, ""))[0].refusals] == ["reason_missing"]
    do(clear_risk, world, Clearing(light, "returns_explained"))
    assert [one.code for one in give(clear_risk, world, Clearing(light, "other"))[0].refusals] == ["nothing_to_do"]
    row = next(one for one in audit.history(light) if one.action == "clear_risk")
    assert (row.reason, row.after["risk_points"]) == ("returns_explained", 20)
    assert tick.act_due(due) == 1
    assert world.row(light).refund_minor > 0
    verified()


def test_points_that_somebody_looked_at_do_not_hold_again_and_staff_may_refund(
    world: World, order: Callable[..., Sold]
) -> None:
    watch(world, threshold=10, weights=only("velocity", 10, 40, 2, goods=(40, 40, 1)))
    world.request(order(), 1)
    key = world.request(order(1, serials=["A"]), 1)
    max_ = Actor(kind="staff", id=new_id(), permissions=frozenset({"returns.authorise"}))
    assert authorise(authorisations=[Authorisation(key)], actor=max_, now=world.now)[0].ok
    arrive(world, key, 1)
    # As many points as the approver saw.
    assert (world.row(key).risk_high, world.row(key).risk_review) == (True, False)
    do(inspect, world, Inspecting(key, [Part(world.line(key).id, 1, found_serial="B")]))
    assert (world.row(key).risk_points, world.row(key).risk_review) == (50, True)
    do(release, world, Release(key, accept=True, reason="other"))
    do(inspect, world, Inspecting(key, [Part(world.line(key).id, 1)]))
    pay = Actor(kind="staff", id=new_id(), permissions=frozenset({"returns.settle"}))
    assert settle(settlements=[Settlement(key)], actor=pay, now=world.now)[0].ok
    verified()


def test_no_clock_grants_what_a_person_is_to_look_at(world: World, order: Callable[..., Sold]) -> None:
    state(world, {"terms": {"days": 30, "review_hours": 24, "review_then": "approve"}})
    watch(world, threshold=10, weights=only("velocity", 10, 40, 2))
    low, high = (world.request(order(), 1) for _ in range(2))
    assert tick.act_due(world.now + timedelta(days=2)) == 2
    assert [world.row(key).state for key in (low, high)] == ["authorised", "requested"]
    assert world.row(high).escalated_to == "approver"
    verified()


def test_of_a_long_past_only_the_newest_is_read(
    world: World, order: Callable[..., Sold], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(world, weights=only("velocity", 1, 100, 1, shared=(1, 100, 1)))
    buyers = [order(buyer=f"x{number}") for number in range(6)]
    phones = [PersonalFacts("customer", one.customer_id, one.customer_id, {"phone": "13800000001"}) for one in buyers]
    act(world, lambda context: keep(context, phones))
    for _ in range(5):
        world.request(order(buyer="x0"), 1)

    def points() -> dict[str, int]:
        (row,) = RiskScore.objects.filter(parent_id=world.request(order(buyer="x0"), 1))
        return {part["code"]: part["points"] for part in row.parts}

    assert points() == {"velocity": 6, "shared": 5}
    monkeypatch.setattr(scoring, "MOST_READ", 3)
    # Three of the past and the one that is asked for now; three of those who share the phone.
    assert points() == {"velocity": 4, "shared": 3}
    verified()


def test_peers_are_counted_every_night_where_risk_is_on(world: World, order: Callable[..., Sold]) -> None:
    order()
    watching.count_peers_everywhere(None)  # type: ignore[arg-type] # the envelope says nothing
    assert not RiskPeers.objects.exists()
    watch(world)
    watching.count_peers_everywhere(None)  # type: ignore[arg-type]
    assert [row.orders for row in RiskPeers.objects.order_by("recorded_at")] == [1, 1]
    assert Company.objects.count() == 1
