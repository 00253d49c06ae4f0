"""Two people at one approval stage at the same time, on PostgreSQL: one decides it, the other is told."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from guicang.returns.models import ApprovalSeat
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.reject import Rejection, reject
from tests.concurrency.test_claims import _row_locks, at_once  # noqa: F401 - the fixture skips SQLite
from tests.journeys.acts import codes, verified
from tests.journeys.test_approvals import a_flow, somebody, states

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_one_of_two_decides_a_stage(transactional_db: None, world: Any, order: Any) -> None:
    a_flow(world, [{"roles": ["approver", "agent"]}, {"roles": ["approver", "agent", "admin"]}])
    key = world.request(order(), 1)
    people = [somebody("approver"), somebody("agent"), somebody("approver"), somebody("agent")]
    answers = at_once(
        [partial(authorise, authorisations=[Authorisation(key, stage=1)], actor=who, now=world.now) for who in people]
    )
    assert sorted(",".join(codes(each[0])) for each in answers) == ["", "stage_moved", "stage_moved", "stage_moved"]
    assert states(key) == ["approved", "open"]
    assert ApprovalSeat.objects.exclude(decided_at=None).count() == 1
    verified()


def test_yes_and_no_at_once_are_one_of_them(transactional_db: None, world: Any, order: Any) -> None:
    a_flow(world, [{"roles": ["approver"]}])
    key = world.request(order(), 1)
    one, other = somebody("approver"), somebody("approver")
    answers = at_once(
        [
            lambda: authorise(authorisations=[Authorisation(key)], actor=one, now=world.now)[0],
            lambda: reject(rejections=[Rejection(key, "too_late")], actor=other, now=world.now)[0],
        ]
    )
    assert sorted(",".join(codes(each)) for each in answers) == ["", "wrong_state"]
    assert states(key) in (["approved"], ["rejected"])
    verified()


def test_where_all_have_to_agree_two_at_once_both_count(transactional_db: None, world: Any, order: Any) -> None:
    a_flow(world, [{"roles": ["approver", "agent"], "need": "all"}])
    key = world.request(order(), 1)
    people = [somebody("approver"), somebody("agent")]
    answers = at_once(
        [partial(authorise, authorisations=[Authorisation(key, stage=1)], actor=who, now=world.now) for who in people]
    )
    assert [codes(each[0]) for each in answers] == [[], []]
    assert world.row(key).state == "authorised"
    verified()
