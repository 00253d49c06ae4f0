"""What the buyer says is wrong decides what lateness means: his own mind is refused, a fault is for a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from guicang.kernel import commands
from guicang.kernel.refusal import Outcome
from guicang.policy import operations as policy
from guicang.policy import queries as policies
from guicang.returns.models import Return
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.request import request
from tests.journeys.acts import verified
from tests.world import SYSTEM, Sold, World, another_world

pytestmark = pytest.mark.django_db

LATE = timedelta(days=60)


def asked(world: World, sold: Sold, *reasons: str) -> Outcome:
    one = world.asked(sold, 1)
    lines = [replace(one.lines[0], reason=reason) for reason in reasons]
    return request(requests=[replace(one, lines=lines)], actor=SYSTEM, now=world.now + LATE)[0]


@pytest.mark.parametrize(
    ("reason", "answer"),
    [
        ("changed_mind", ""),
        ("too_small", ""),
        ("a_code_of_nobody", ""),
        ("quality", "review"),
        ("damaged_in_transit", "review"),
        ("late", "review"),
    ],
)
def test_late_goods_are_refused_or_looked_at(
    reason: str, answer: str, world: World, order: Callable[..., Sold]
) -> None:
    outcome = asked(world, order(), reason)
    if not answer:
        assert [refusal.code for refusal in outcome.refusals] == ["not_eligible"]
        return
    assert outcome.id is not None
    row = Return.objects.get(id=outcome.id)
    assert (row.verdict["answer"], row.verdict["reasons"][0]["code"]) == (answer, "too_late")
    (granted,) = authorise(authorisations=[Authorisation(row.id)], actor=SYSTEM, now=world.now + LATE)
    assert granted.ok, granted.refusals
    verified()


def test_one_line_that_is_not_faulty_is_refused_with_all(world: World, order: Callable[..., Sold]) -> None:
    assert not asked(world, order(), "quality", "too_small").ok


def test_it_is_the_list_of_the_company_that_says_so(world: World, order: Callable[..., Sold]) -> None:
    other = another_world()
    of_other = policies.reasons_of(other.company_id)["quality"]
    facts = {**of_other._asdict(), "fault": "buyer"}
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        policy.change_reason(context, other.company_id, of_other.id, facts)
    assert asked(world, order(), "quality").ok
    assert not asked(other, other.sell(other.facts())[0], "quality").ok
