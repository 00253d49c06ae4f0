"""Quotas and rebates under any order of what customers do: the counters are what the rows say, to the cent (B32)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guicang.proofs import queries as proofs
from guicang.returns.models import Quota, QuotaUse, RebateEntry, Return
from guicang.returns.rebates import Tier, reckon
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import request
from tests.journeys import test_quotas as quotas
from tests.journeys import test_rebates as rebates
from tests.journeys.acts import back, codes, do, give, pay, undo
from tests.journeys.test_blind_prices import accept, blind, sale
from tests.properties.sales import DEEP
from tests.world import Sold, World

ANY: Any = {
    "max_examples": 200 if DEEP else 12,
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}


def proved() -> None:
    assert [(proof.name, proof.differences[:2]) for proof in proofs.run() if not proof.ok] == []


class Buyer:
    """One whose requests above the quota are refused; what of him waits, and what he was paid."""

    def __init__(self, world: World, sold: Sold, limit: int) -> None:
        self.world, self.sold, self.limit = world, sold, limit
        self.waiting: list[UUID] = []
        self.paid: list[UUID] = []

    @property
    def used(self) -> int:
        """As the counter has it, which is the sum of its rows and of what returns hold."""
        counter = Quota.objects.filter(customer_id=self.sold.customer_id).aggregate(sum=Sum("used_minor"))["sum"] or 0
        assert counter == (QuotaUse.objects.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
        assert counter == sum(Return.objects.values_list("quota_minor", flat=True))
        return counter

    def ask(self, units: int) -> None:
        before, item = self.used, self.world.asked(self.sold, units, reason="changed_mind")
        (outcome,) = give(request, self.world, item)
        if outcome.id is not None and outcome.ok:
            self.waiting.append(outcome.id)
            assert before + units * 1000 == self.used <= self.limit
        elif "quota_used_up" in codes(outcome):
            assert before + units * 1000 > self.limit
            assert self.used == before

    def give_up(self, place: int) -> None:
        if self.waiting:
            key, before = self.waiting.pop(place % len(self.waiting)), self.used
            step, item = ((cancel, Cancellation), (reject, Rejection))[place % 2]
            do(step, self.world, item(key, "changed_mind" if step is cancel else "worn"))
            assert self.used < before

    def send(self, place: int) -> None:
        """All of it or one unit is granted, comes back and is paid."""
        if self.waiting:
            key, before = self.waiting.pop(place % len(self.waiting)), self.used
            line = self.world.line(key)
            units = 1 if place % 2 else line.requested
            do(authorise, self.world, Authorisation(key, {line.id: units}, "fewer" if units < line.requested else ""))
            do(receive, self.world, Receiving(key, [Arrived(line.id, units)], key=key.hex))
            do(inspect, self.world, Inspecting(key, [Part(line.id, units)]))
            self.paid.append(pay(self.world, key))
            assert self.used == before - (line.requested - units) * 1000

    def take_back(self, place: int) -> None:
        """What is due again counts as it was asked for, also where that is above the quota by now."""
        if self.paid:
            before = self.used
            undo(self.world, self.paid.pop(place % len(self.paid)))
            assert self.used >= before


@pytest.mark.django_db
@settings(**ANY)
@given(
    share=st.integers(0, 3_000),
    fixed=st.integers(1, 6_000),
    acts=st.lists(st.tuples(st.sampled_from(("ask", "ask", "give_up", "send", "take_back")), st.integers(0, 5))),
)
def test_a_quota_is_what_its_rows_say_and_never_asked_beyond(
    world: World, share: int, fixed: int, acts: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        (sold,) = world.sell(world.facts(12))
        quotas.state(world, share_bp=share, fixed_minor=fixed, above="refuse")
        buyer = Buyer(world, sold, (12_000 * share + 5_000) // 10_000 + fixed)
        for name, number in acts:
            getattr(buyer, name)(number + (name == "ask"))
        proved()
        transaction.set_rollback(True)


class Trade:
    """A customer whose turnover is counted beside the program, from prices without a remainder."""

    def __init__(self, world: World, first: Sold) -> None:
        self.world, self.sold = world, [(first, 10, 1_000)]
        self.turnover = 10_000
        self.settled: list[tuple[UUID, int]] = []
        self.key = rebates.agree(world, first, until=world.now.date(), tiers=TIERS)

    def sell(self, number: int) -> None:
        units, price = 1 + number % 7, 300 + number * 37
        self.sold.append((sale(self.world, price, 1 + number % 20, units=units), units, price))
        self.turnover += units * price

    def come_back(self, number: int) -> None:
        place = number % len(self.sold)
        sold, left, price = self.sold[place]
        if left:
            units = 1 + number % left
            self.sold[place] = (sold, left - units, price)
            self._settle(back(self.world, sold, units), units * price)

    def come_back_without_order(self, number: int) -> None:
        amount = 100 + number * 91
        key = blind(self.world, self.sold[0][0], 1 + number % 3, amount)
        accept(self.world, key)
        self._settle(key, amount)

    def _settle(self, key: UUID, amount: int) -> None:
        self.settled.append((pay(self.world, key), amount))
        self.turnover -= amount

    def take_back(self, number: int) -> None:
        if self.settled:
            made, amount = self.settled.pop(number % len(self.settled))
            undo(self.world, made)
            self.turnover += amount

    def night(self, _number: int) -> None:
        outcome = rebates.reckoned(self.world, self.key, days=1)
        assert outcome.ok, outcome.refusals
        due = reckon(TIERS, self.turnover, 0, Decimal("0.13")).due_minor
        assert (rebates.given(self.key), outcome.data["due_minor"]) == (due, due)


TIERS = (Tier(30_00, 100), Tier(80_00, 333), Tier(150_00, 725))
DEALS = ("sell", "come_back", "come_back_without_order", "take_back", "night")


@pytest.mark.django_db
@settings(**ANY)
@given(acts=st.lists(st.tuples(st.sampled_from(DEALS), st.integers(0, 60))))
def test_what_was_granted_is_what_todays_turnover_earns(world: World, acts: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        trade = Trade(world, sale(world, 1_000, 10))
        for name, number in [*acts, ("night", 0)]:
            getattr(trade, name)(number)
        rows = RebateEntry.objects.filter(agreement_id=trade.key)
        assert sum(rows.values_list("amount_minor", flat=True)) == rebates.given(trade.key)
        proved()
        transaction.set_rollback(True)
