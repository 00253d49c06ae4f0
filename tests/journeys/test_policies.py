"""A policy from its publication to the return that it grants by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from guicang.audit import queries as audit
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.policy import operations as policy
from guicang.returns import errors
from guicang.returns.models import Return
from guicang.returns.steps import authorise as granting
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.counter import Handed, Handover, take_back
from guicang.returns.steps.request import preview, request
from guicang.trade.facts import CustomerFacts
from tests.journeys.acts import codes, give, pay, verified
from tests.world import SYSTEM, Sold, World

pytestmark = pytest.mark.django_db


def state(world: World, *policies: dict[str, Any], since: timedelta = timedelta(days=400)) -> None:
    """A version in force long before the world's orders."""
    named = [{"code": f"p{place}", "zh": f"政策 {place}", **one} for place, one in enumerate(policies, 1)]
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        at = world.now - since
        policy.state_version(context, world.company_id, name="test", effective_from=at, statement={"policies": named})


def row_of(outcome: Outcome) -> Return:
    assert outcome.id is not None, outcome.refusals
    return Return.objects.get(id=outcome.id)


def test_what_is_allowed_and_small_is_granted_at_once(world: World, order: Callable[..., Sold]) -> None:
    state(world, {"terms": {"days": 30, "approve_below_minor": 1000, "ship_days": 9}})
    small, large = order(units=2), order(units=2)
    outcomes = give(request, world, world.asked(small, 1), world.asked(large, 2))
    assert [outcome.data["granted"] for outcome in outcomes] == [True, False]
    first, second = (row_of(outcome) for outcome in outcomes)
    assert (first.state, second.state) == ("authorised", "requested")
    assert first.rma_code
    assert first.expires_at == world.now + timedelta(days=9)
    history = audit.history(first.id)
    assert [(one.action, one.actor_kind, one.reason) for one in history] == [
        ("request", "system", ""),
        ("authorise", "system", "by_policy"),
    ]
    verified()


def test_a_customer_has_it_granted_and_staff_cannot_grant_it_again(world: World, order: Callable[..., Sold]) -> None:
    state(world, {"terms": {"days": 30, "approve_below_minor": 100000}})
    sold = order()
    customer = Actor(kind="customer", id=sold.customer_id)
    outcome = request(requests=[world.asked(sold, 1)], actor=customer, now=world.now)[0]
    assert outcome.data["granted"]
    assert outcome.id is not None
    assert codes(give(authorise, world, Authorisation(outcome.id))[0]) == ["wrong_state"]
    assert [one.actor_kind for one in audit.history(outcome.id)] == ["customer", "system"]
    verified()


def test_the_counter_takes_back_what_the_policy_grants_by_itself(world: World, order: Callable[..., Sold]) -> None:
    state(world, {"terms": {"days": 30, "approve_below_minor": 100000}})
    sold = order()
    handed = Handed(sold.lines[0].id, 1, "too_small")
    item = Handover(sold.shop_id, sold.customer_id, world.warehouse_id, [handed])
    outcome = take_back(item, key="k", actor=SYSTEM, now=world.now)
    assert outcome.ok, outcome.refusals
    assert row_of(outcome).state == "settled"
    verified()


def test_history_is_judged_but_never_granted_or_refused(world: World, order: Callable[..., Sold]) -> None:
    state(world, {"terms": {"days": 0, "approve_below_minor": 100000}})
    sold = order()
    outcome = give(request, world, world.asked(sold, 1), origin=Origin.HISTORY)[0]
    assert outcome.ok
    row = row_of(outcome)
    assert (row.state, row.verdict["answer"], row.verdict["automatic"]) == ("requested", "refuse", False)


def test_a_later_version_never_reaches_back(world: World, order: Callable[..., Sold]) -> None:
    state(world, {"terms": {"days": 30}})
    before = order()
    state(world, {"terms": {"excluded": "by_law"}}, since=timedelta(days=300))
    after = order()
    assert give(request, world, world.asked(before, 1))[0].ok
    refused = give(request, world, world.asked(after, 1))[0]
    assert codes(refused) == ["not_eligible"]
    assert refused.refusals[0].data["reasons"] == "excluded_by_law"


def test_an_exception_needs_a_reason_and_is_not_granted_by_itself(world: World, order: Callable[..., Sold]) -> None:
    state(world, {"terms": {"excluded": "by_law", "approve_below_minor": 100000}})
    asked = replace(world.asked(order(), 1), override="goodwill")
    outcome = give(request, world, asked)[0]
    assert outcome.ok
    row = row_of(outcome)
    assert (row.state, row.verdict["override"], row.verdict["answer"]) == ("requested", "goodwill", "refuse")
    customer = Actor(kind="customer", id=asked.customer_id)
    assert not request(requests=[asked], actor=customer, now=world.now)[0].ok


def test_each_line_has_a_verdict_of_its_own_and_the_parcel_the_strictest(
    world: World, order: Callable[..., Sold]
) -> None:
    state(
        world,
        {"scope": {"skus": ["B"]}, "terms": {"ship_days": 3, "refund_days": 9, "freight_choice": "seller"}},
        {"terms": {"days": 30, "ship_days": 14, "refund_days": 2, "freight_choice": "buyer"}},
    )
    world.sku("B")
    first, second = order(customer=CustomerFacts("b1")), order(sku="B", customer=CustomerFacts("b1"))
    lines = [*world.asked(first, 1).lines, *world.asked(second, 1).lines]
    outcome = give(request, world, replace(world.asked(first, 1), lines=lines))[0]
    verdict = row_of(outcome).verdict
    assert {name: verdict["terms"][name] for name in ("ship_days", "refund_days", "freight")} == {
        "ship_days": 3,
        "refund_days": 2,
        "freight": "seller",
    }
    own = {tuple(one["terms"][name] for name in ("ship_days", "freight")) for one in verdict["lines"].values()}
    assert own == {(3, "seller"), (14, "buyer")}


def test_the_preview_says_what_the_step_does(world: World, order: Callable[..., Sold]) -> None:
    state(world, {"terms": {"days": 30, "approve_below_minor": 1000, "evidence": "always"}})
    asked = replace(world.asked(order(), 1), pictures=0)
    said = preview(asked, actor=SYSTEM, now=world.now).verdict
    assert (said["answer"], said["automatic"]) == ("review", False)
    assert said["reasons"][0]["code"] == "evidence_missing"
    outcome = give(request, world, asked)[0]
    kept = row_of(outcome).verdict
    assert {name: kept[name] for name in ("answer", "reasons", "terms")} == {
        name: said[name] for name in ("answer", "reasons", "terms")
    }
    with_picture = replace(asked, lines=world.asked(order(), 1).lines, pictures=1)
    assert preview(with_picture, actor=SYSTEM, now=world.now).verdict["automatic"]


def test_what_is_worth_little_stays_with_the_buyer(world: World, order: Callable[..., Sold]) -> None:
    state(world, {"terms": {"days": 30, "keep_below_minor": 2000, "approve_below_minor": 2000}})
    sold, dear, staff_entered = order(units=2), order(units=2), order()
    customer = Actor(kind="customer", id=sold.customer_id)
    said = preview(world.asked(sold, 1), actor=customer, now=world.now)
    assert (said.verdict["keeps"], said.lines[0].kind, said.lines[0].resolution) == (True, "keep", "refund_only")
    (kept,) = request(requests=[world.asked(sold, 1)], actor=customer, now=world.now)
    row = row_of(kept)
    assert (row.type, row.state, row.rma_code) == ("refund_only", "authorised", "")
    assert sold.claimed == 1
    pay(world, row.id)
    assert row_of(kept).refund_minor == 1000
    # 20.00 is not less than 20.00; and staff enter what they mean.
    customer = Actor(kind="customer", id=dear.customer_id)
    (whole,) = request(requests=[world.asked(dear, 2)], actor=customer, now=world.now)
    assert row_of(whole).type == "refund"
    assert row_of(give(request, world, world.asked(staff_entered, 1))[0]).type == "refund"
    verified()


def test_what_cannot_be_granted_waits_for_a_person(
    world: World, order: Callable[..., Sold], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that it is granted where the grant was refused."""
    state(world, {"terms": {"days": 30, "approve_below_minor": 100000}})
    monkeypatch.setattr(granting, "_refusals", lambda *_: [errors.Nothing()])
    outcome = give(request, world, world.asked(order(), 1))[0]
    assert (outcome.ok, outcome.data["granted"], row_of(outcome).state) == (True, False, "requested")
    verified()
