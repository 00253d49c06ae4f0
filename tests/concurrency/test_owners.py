"""Several people take one return at the same time, on PostgreSQL: one has it, the others are told who."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from guicang.returns.models import Assignment
from guicang.returns.steps.assign import Assigning, assign
from tests.concurrency.test_claims import _row_locks, at_once  # noqa: F401 - the fixture skips SQLite
from tests.journeys.acts import codes, verified
from tests.journeys.test_approvals import somebody

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_one_of_four_takes_it(transactional_db: None, world: Any, order: Any) -> None:
    key = world.request(order(), 1)
    people = {name: somebody("agent", name) for name in ("rosa", "wes", "cora", "fay")}
    answers = at_once(
        [partial(assign, assignments=[Assigning(key, who.id)], actor=who, now=world.now) for who in people.values()]
    )
    outcomes = [each[0] for each in answers]
    assert sorted(",".join(codes(one)) for one in outcomes) == ["", *["owned_already"] * 3]
    (owner,) = [name for name, who in people.items() if who.id == world.row(key).owner_id]
    assert {one.refusals[0].data["who"] for one in outcomes if one.refusals} == {owner}
    assert Assignment.objects.count() == 1
    verified()
