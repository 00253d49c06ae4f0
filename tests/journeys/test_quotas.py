"""A yearly return quota: counted under lock when a return is asked for, given back when it comes to nothing (B32)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from guicang.kernel import commands
from guicang.kernel.refusal import Outcome, Refused
from guicang.parties.models import Customer
from guicang.proofs import queries as proofs
from guicang.returns.models import Quota, QuotaUse, Return
from guicang.returns.operations import quotas
from guicang.returns.quotas import Rules
from guicang.returns.steps.appeal import Appeal, appeal
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import Declaration, Request, Wanted, preview, request
from guicang.returns.steps.settle import Settlement, settle
from tests.journeys.acts import SYSTEM, codes, do, give, verified
from tests.world import Sold, World, another_world

pytestmark = pytest.mark.django_db


def state(world: World, tier: str = "", **said: Any) -> None:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        quotas.state_rules(context, world.company_id, tier, Rules(**said))


def used(sold: Sold) -> int:
    return Quota.objects.get(customer_id=sold.customer_id).used_minor


def ask(world: World, sold: Sold, units: int, **more: Any) -> Outcome:
    (outcome,) = give(request, world, world.asked(sold, units, **{"reason": "changed_mind", **more}))
    return outcome


def asked(world: World, sold: Sold, units: int) -> UUID:
    outcome = ask(world, sold, units)
    assert outcome.ok, outcome.refusals
    assert outcome.id is not None
    return outcome.id


def test_above_the_quota_is_refused_and_what_is_left_is_told(world: World, order: Callable[..., Sold]) -> None:
    """30 % of 100.00 bought this year and 10.00: 40.00."""
    sold = order(units=10)
    state(world, share_bp=3000, fixed_minor=1000, above="refuse")
    shown = preview(world.asked(sold, 3, reason="changed_mind"), actor=SYSTEM, now=world.now).verdict["reasons"][-1]
    assert (shown["code"], shown["quota_minor"], shown["left_minor"]) == ("within_quota", 4000, 4000)
    assert not Quota.objects.exists()
    asked(world, sold, 3)
    assert used(sold) == 3000
    refused = ask(world, sold, 2)
    assert codes(refused) == ["quota_used_up"]
    assert used(sold) == 3000
    asked(world, sold, 1)
    assert used(sold) == 4000
    verified()


def test_a_set_counts_on_from_request_to_request(world: World, order: Callable[..., Sold]) -> None:
    sold = order(units=10)
    state(world, fixed_minor=2000, above="refuse")
    wanted = [world.asked(sold, 1, reason="changed_mind") for _ in range(3)]
    outcomes = give(request, world, *wanted)
    assert [outcome.ok for outcome in outcomes] == [True, True, False]
    assert used(sold) == 2000
    verified()


def test_last_years_purchases_and_groups_of_their_own(world: World, order: Callable[..., Sold]) -> None:
    sold = order(units=10)
    state(world, share_bp=5000, of="last_year", above="refuse")
    assert codes(ask(world, sold, 1)) == ["quota_used_up"]
    state(world, "wholesale", share_bp=5000)
    Customer.objects.filter(id=sold.customer_id).update(tier="wholesale")
    asked(world, sold, 1)
    verified()


def test_a_person_decides_or_a_fee_is_kept_back(world: World, order: Callable[..., Sold]) -> None:
    sold = order(units=10)
    state(world, fixed_minor=1000, above="review")
    key = asked(world, sold, 2)
    verdict = Return.objects.get(id=key).verdict
    assert (verdict["answer"], verdict["reasons"][0]["code"]) == ("review", "above_quota")
    state(world, fixed_minor=3000, above="fee", fee_bp=1000)
    key = asked(world, sold, 2)  # 10.00 of 20.00 lie above: 10 % of it
    assert Return.objects.get(id=key).verdict["reasons"][-1]["code"] == "above_quota_fee"
    row = paid(world, key)
    assert row.refund_minor == 2000 - 100
    verified()


def paid(world: World, key: UUID) -> Return:
    line = world.line(key)
    do(authorise, world, Authorisation(key))
    do(receive, world, Receiving(key, [Arrived(line.id, line.requested)], key=key.hex))
    do(inspect, world, Inspecting(key, [Part(line.id, line.requested)]))
    do(settle, world, Settlement(key))
    return Return.objects.get(id=key)


def test_what_comes_to_nothing_or_to_less_is_given_back(world: World, order: Callable[..., Sold]) -> None:
    sold = order(units=10)
    state(world, fixed_minor=10_000)
    first, second, third = (asked(world, sold, 2) for _ in range(3))
    assert used(sold) == 6000
    do(reject, world, Rejection(first, "worn"))
    assert used(sold) == 4000
    do(cancel, world, Cancellation(second, "kept_after_all"))
    assert used(sold) == 2000
    line = world.line(third)
    do(authorise, world, Authorisation(third, {line.id: 1}, "one_unit_used"))
    do(receive, world, Receiving(third, [Arrived(line.id, 1)], key="x"))
    do(inspect, world, Inspecting(third, [Part(line.id, 1)]))
    do(settle, world, Settlement(third))
    assert used(sold) == 1000
    do(close, world, Closing(third))
    do(appeal, world, Appeal(first, "not_worn"))
    assert used(sold) == 3000
    assert sum(QuotaUse.objects.values_list("amount_minor", flat=True)) == 3000
    verified()


def test_faults_of_the_seller_and_withdrawals_are_never_held_against_the_buyer(
    world: World, order: Callable[..., Sold]
) -> None:
    sold = order(units=10)
    state(world, fixed_minor=500, above="refuse")
    assert ask(world, sold, 1, reason="not_as_described").ok
    assert not Quota.objects.filter(used_minor__gt=0).exists()
    wanted = [Wanted(sold.lines[0].id, 1)]
    withdrawn = Request(sold.shop_id, sold.customer_id, wanted, withdrawal=Declaration())
    found = preview(withdrawn, actor=SYSTEM, now=world.now)
    assert "quota_used_up" not in [one.code for one in found.refusals]
    assert "withdraws_above" in [one["code"] for one in found.verdict["reasons"]]


def test_an_exception_goes_above_it(world: World, order: Callable[..., Sold]) -> None:
    sold = order(units=10)
    state(world, fixed_minor=500, above="refuse")
    item = world.asked(sold, 1, reason="changed_mind")
    with_reason = Request(item.shop_id, item.customer_id, item.lines, override="goodwill")
    assert do(request, world, with_reason).id
    assert used(sold) == 1000
    verified()


@pytest.mark.parametrize("said", [{"share_bp": 10_001}, {"above": "pay"}, {"of": "next_year"}, {"above": "fee"}])
def test_rules_have_bounds(world: World, said: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        state(world, **said)


def test_a_planted_difference_is_found(world: World, order: Callable[..., Sold]) -> None:
    sold = order(units=10)
    state(world, fixed_minor=10_000)
    asked(world, sold, 1)
    Quota.objects.update(used_minor=999)
    assert [proof.name for proof in proofs.run() if not proof.ok] == ["return_quotas"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: there is no race")
def test_a_race_never_takes_more_than_there_is() -> None:
    world, racers = another_world(), 6
    state(world, fixed_minor=2000, above="refuse")
    sales = world.sell(*[world.facts(1) for _ in range(racers)])
    barrier, outcomes = Barrier(racers), []

    def race(sold: Sold) -> None:
        barrier.wait()
        try:
            outcomes.append(ask(world, sold, 1))
        finally:
            connections.close_all()

    threads = [Thread(target=race, args=(sold,)) for sold in sales]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.ok for outcome in outcomes) == [False] * (racers - 2) + [True] * 2
    assert used(sales[0]) == 2000
    verified()
