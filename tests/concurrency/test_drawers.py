"""Two at one drawer at the same time, on PostgreSQL: the last cash leaves once, and a drawer has one shift."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from guicang.kernel.refusal import Refused
from guicang.payments.models import CashMove, Shift, Till
from guicang.payments.operations import shifts
from guicang.returns.steps.settle import Settlement, settle
from tests.concurrency.test_claims import _row_locks, at_once  # noqa: F401 - the fixture skips SQLite
from tests.concurrency.test_same_return import answers
from tests.journeys.acts import give, verified
from tests.journeys.test_drawers import begun, drawer, in_cash, keep, lies, person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def told(act: Callable[[], Any]) -> Callable[[], str]:
    """The code of what was refused, '' for nothing."""

    def run() -> str:
        try:
            act()
        except Refused as why:
            return ",".join(refusal.code for refusal in why.refusals)
        return ""

    return run


def test_two_refunds_race_for_the_last_cash(transactional_db: None, world: Any) -> None:
    who, shift = begun(world, 10000)
    keys = [in_cash(world) for _ in range(3)]
    found = answers(*(lambda key=key: give(settle, world, Settlement(key), actor=who) for key in keys))
    assert sorted(each[0] for each in found) == [[], ["drawer_short"], ["drawer_short"]]
    assert (lies(shift), CashMove.objects.filter(kind="refund").count()) == (0, 1)
    verified()


def test_a_refund_and_a_count_at_once(transactional_db: None, world: Any) -> None:
    """Either the refund is in what was counted against, or it finds the shift closed."""
    who, shift = begun(world, 10000)
    key = in_cash(world)
    at_once(
        [
            lambda: give(settle, world, Settlement(key), actor=who),
            told(lambda: keep(world, who, shifts.count_shift, shift, 10000)),
        ]
    )
    row = Shift.objects.get(id=shift)
    assert (row.state, row.expected_minor - 10000) in {
        ("closed", 0),
        ("counted", -CashMove.objects.filter(kind="refund").count() * 10000),
    }
    verified()


def test_two_persons_open_one_drawer_and_one_gets_it(transactional_db: None, world: Any) -> None:
    where = drawer(world)
    acts = [told(partial(keep, world, person(), shifts.open_shift, where, 5000)) for _ in range(3)]
    assert sorted(at_once(list(acts))) == ["", "drawer_taken", "drawer_taken"]
    assert (Shift.objects.count(), Till.objects.get().balance_minor) == (1, 5000)
    verified()


def test_one_person_at_two_drawers_has_one_shift(transactional_db: None, world: Any) -> None:
    who, places = person(), [drawer(world), drawer(world)]
    acts = [told(partial(keep, world, who, shifts.open_shift, where, 0)) for where in places]
    found = at_once(list(acts))
    assert Shift.objects.count() == 1
    assert "" in found
    verified()
