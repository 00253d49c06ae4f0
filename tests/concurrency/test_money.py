"""Money that two may move at once, on PostgreSQL: set-offs, refunds ahead, corrections, what an exchange collects."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from guicang.kernel.refusal import Refused
from guicang.payments.models import Refund
from guicang.returns.models import Clock, Collection, Return
from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.correct import Correction, correct
from guicang.returns.steps.pay_refund import Payment, pay_refunds
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales.models import SetOff
from guicang.trade.steps.set_off import SettingOff, set_off
from tests.concurrency.test_claims import _row_locks, at_once  # noqa: F401 - the fixture skips SQLite
from tests.journeys.acts import SYSTEM, back, codes, give, pay, verified
from tests.journeys.test_exchange import exchanged, priced, sell_at_80
from tests.journeys.test_refund_ahead import said
from tests.journeys.test_refunds import by, person, ways
from tests.journeys.test_set_off import owed, sold
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def unbroken(*acts: Callable[[], Any]) -> list[Any]:
    """What each act answered. A deadlock or a broken CHECK is an exception and fails here."""
    found = at_once(list(acts))
    for each in found:
        if isinstance(each, BaseException) and not isinstance(each, Refused):
            raise each
    return found


def said_no(answer: Any) -> list[str]:
    return [one.code for one in answer.refusals] if isinstance(answer, Refused) else []


def test_one_credit_is_set_off_once(transactional_db: None, world: World) -> None:
    """100.00 of credit, four that want all of it for what is owed on two orders of 80.00: 100.00 in all."""
    giver = sold(world, "P", 20000, 20000, units=2)
    takers = [sold(world, name, 8000, 0) for name in ("A", "B")]
    pay(world, back(world, giver, 1), on_account=True)
    acts = [
        partial(set_off, SettingOff(giver.id, taker.id), key=f"k{n}", actor=SYSTEM, now=world.now)
        for n, taker in enumerate([*takers, *takers])
    ]
    answers = unbroken(*acts)
    moved = sum(answer for answer in answers if isinstance(answer, int))
    assert (moved, owed(giver), sum(map(owed, takers))) == (10000, 0, 6000)
    refused = {code for answer in answers for code in said_no(answer)}
    assert refused <= {"no_credit", "nothing_owed"}
    assert sum(SetOff.objects.values_list("amount_minor", flat=True)) == 10000
    verified()


def test_two_credits_for_one_debt(transactional_db: None, world: World) -> None:
    givers = [sold(world, name, 10000, 10000) for name in ("P", "Q")]
    taker = sold(world, "A", 12000, 0)
    for giver in givers:
        pay(world, back(world, giver, 1), on_account=True)
    acts = [
        partial(set_off, SettingOff(giver.id, taker.id), key=giver.id.hex, actor=SYSTEM, now=world.now)
        for giver in givers
    ]
    assert sum(unbroken(*acts)) == 12000
    assert (owed(taker), sum(map(owed, givers))) == (0, -8000)
    verified()


def test_a_set_off_against_a_refund_of_the_same_credit(transactional_db: None, world: World) -> None:
    """The credit pays what is owed or is paid out by the correction, never both."""
    giver, taker = sold(world, "P", 10000, 10000), sold(world, "A", 10000, 0)
    made = pay(world, key := back(world, giver, 1), on_account=True)
    acts: list[Callable[[], Any]] = [
        partial(set_off, SettingOff(giver.id, taker.id), key="k", actor=SYSTEM, now=world.now),
        partial(correct, Correction(made, "paid_out", Settlement(key)), key="c", actor=SYSTEM, now=world.now),
    ]
    moved, corrected = unbroken(*acts)
    paid = world.row(key).refund_minor
    assert (moved if isinstance(moved, int) else 0) + paid == 10000, (moved, corrected)
    verified()


def test_the_ceiling_of_what_is_paid_ahead_holds(transactional_db: None, world: World, order: Any) -> None:
    """25.00 for a customer with four orders that have no lock in common: two of 10.00 are paid."""
    said(world, "granted", ahead_most_minor=2500)
    keys = [world.authorised(order(1), 1) for _ in range(4)]
    clocks = Clock.objects.filter(parent_id__in=keys, kind="granted").values_list("parent_id", "id")
    items = [Settlement(key, ahead=True, clock_id=clock) for key, clock in clocks]
    answers = unbroken(*[partial(give, settle, world, item) for item in items])
    assert sorted(codes(answer[0]) for answer in answers) == [[], [], ["ahead_ceiling"], ["ahead_ceiling"]]
    paid = Return.objects.filter(id__in=keys).values_list("refund_minor", flat=True)
    assert sorted(paid) == [0, 0, 1000, 1000]
    verified()


def test_two_correct_one_settlement(transactional_db: None, world: World, order: Any) -> None:
    key = back(world, order(), 1)
    made = pay(world, key)
    instead = Settlement(key, deductions={world.line(key).id: 100}, reason="scratched")
    acts = [
        partial(correct, Correction(made, "overlooked", instead), key=f"c{n}", actor=SYSTEM, now=world.now)
        for n in range(3)
    ]
    answers = unbroken(*acts)
    assert sorted(codes(answer) for answer in answers) == [[], ["already_reversed"], ["already_reversed"]]
    assert (world.row(key).refund_minor, SettlementRow.objects.count()) == (900, 3)
    verified()


def test_the_same_correction_twice_at_once_is_one(transactional_db: None, world: World, order: Any) -> None:
    key = back(world, order(), 1)
    item = Correction(pay(world, key), "overlooked", Settlement(key, shipping="none"))
    answers = unbroken(*[partial(correct, item, key="c", actor=SYSTEM, now=world.now) for _ in range(3)])
    assert all(answer.ok for answer in answers)
    assert len({str(answer.data) for answer in answers}) == 1
    assert SettlementRow.objects.count() == 3
    verified()


@pytest.mark.parametrize("turn", range(2))
def test_a_correction_against_the_payment(turn: int, transactional_db: None, world: World, order: Any) -> None:
    """Whoever is first: what was paid is taken back and paid anew, or it was never paid and is due anew."""
    ways(world, others="by_hand")
    key = back(world, order(), 1)
    made = pay(world, key)
    row = Refund.objects.get()
    instead = Settlement(key, deductions={world.line(key).id: 100}, reason="scratched")
    acts: list[Callable[[], Any]] = [
        partial(correct, Correction(made, "overlooked", instead), key="c", actor=SYSTEM, now=world.now),
        partial(by, person(), pay_refunds, world, Payment(row.id, "W")),
    ]
    answers = unbroken(*acts[:: -1 if turn else 1])[:: -1 if turn else 1]
    assert codes(answers[0]) == []
    assert codes(answers[1][0]) in ([], ["refund_state"])
    assert world.row(key).refund_minor == 900
    verified()


def test_what_an_exchange_leaves_open_is_collected_once(transactional_db: None, world: World) -> None:
    key, _ = exchanged(world, sell_at_80(world), Instead(priced(world, "DEAR", 9000), 1))
    acts = [partial(give, collect, world, Collecting(key, way)) for way in ("card", "cash", "card")]
    answers = unbroken(*acts)
    assert sorted(codes(answer[0]) for answer in answers) == [[], ["nothing_to_collect"], ["nothing_to_collect"]]
    assert [row.amount_minor for row in Collection.objects.all()] == [1060]
    verified()
