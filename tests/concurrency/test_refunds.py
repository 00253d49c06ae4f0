"""Two people, or a person and a reversal, at one refund at the same time: it is paid once, or never."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from guicang.accounting.models import Entry
from guicang.kernel.refusal import Outcome
from guicang.payments.models import Refund
from guicang.returns.steps.pay_refund import Payment, pay_refunds
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from tests.concurrency.test_claims import _row_locks, at_once  # noqa: F401 - the fixture skips SQLite
from tests.journeys.acts import back, codes, give, pay, verified
from tests.journeys.test_refunds import by, person, ways

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def answered(*acts: Any) -> list[list[str]]:
    """Codes of each act. A deadlock or a broken CHECK is an exception and fails here."""
    found: list[Any] = at_once(list(acts))
    for each in found:
        if isinstance(each, BaseException):
            raise each
    outcomes: list[Outcome] = [each[0] for each in found]
    return [codes(each) for each in outcomes]


def test_four_mark_it_paid_and_one_does(transactional_db: None, world: Any, order: Any) -> None:
    ways(world, others="by_hand")
    pay(world, back(world, order(), 1))
    row = Refund.objects.get()
    acts = [partial(by, person(), pay_refunds, world, Payment(row.id, f"W{n}")) for n in range(4)]
    assert sorted(answered(*acts)) == [[], *[["refund_state"]] * 3]
    assert Entry.objects.filter(event="refund_paid").count() == 1
    verified()


@pytest.mark.parametrize("turn", range(3))
def test_paid_and_reversed_at_once(turn: int, transactional_db: None, world: Any, order: Any) -> None:
    """Whoever is first: either it was paid and is taken back, or it was set off and never paid."""
    ways(world, others="by_hand")
    made = pay(world, back(world, order(), 1))
    row = Refund.objects.get()
    acts = [
        partial(by, person(), pay_refunds, world, Payment(row.id, "W")),
        partial(give, reverse_settlement, world, Reversal(made, "typed_twice")),
    ]
    paid, reversed_ = answered(*acts[:: 1 if turn % 2 else -1])[:: 1 if turn % 2 else -1]
    assert reversed_ == []
    assert paid in ([], ["refund_state"])
    row.refresh_from_db()
    assert (row.method == "credited") == bool(paid)
    verified()
