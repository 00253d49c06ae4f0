"""Two spenders of one balance, and two tills with one coupon, at the same time on PostgreSQL."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import transaction

from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused
from guicang.payments.models import Coupon, CreditAccount
from guicang.payments.operations import coupons, expiring
from guicang.payments.operations.coupons import Settled
from guicang.payments.rules.credit import Rules
from guicang.trade.steps import spend_credit
from tests.concurrency.test_claims import _row_locks, at_once  # noqa: F401 - the fixture skips SQLite
from tests.journeys.acts import verified
from tests.unit.payments.test_credit import DAY, account, issued, spending, unpaid
from tests.world import SYSTEM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_two_spenders_never_spend_more_than_there_is(transactional_db: None, world: Any) -> None:
    orders = [unpaid(world) for _ in range(6)]
    key = account(world, orders[0].customer_id)
    issued(world, key, 2_400, 100, world.now + DAY)
    acts = [partial(spend_credit, spendings=[spending(sold, 1_000)], actor=SYSTEM, now=world.now) for sold in orders]
    answers = at_once([*acts, lambda: expiring.expire(world.now)])
    outcomes = [answer[0] for answer in answers[:6]]
    assert sorted(",".join(r.code for r in each.refusals) for each in outcomes) == ["", "", *["credit_short"] * 4]
    assert CreditAccount.objects.get(id=key.id).balance_minor == 500
    verified()


def test_the_same_spending_at_once_counts_once(transactional_db: None, world: Any) -> None:
    sold = unpaid(world)
    key = account(world, sold.customer_id)
    issued(world, key, 900)
    act = partial(spend_credit, spendings=[spending(sold, 400)], actor=SYSTEM, now=world.now)
    assert all(answer[0].ok for answer in at_once([act] * 5))
    assert CreditAccount.objects.get(id=key.id).balance_minor == 500
    assert sold.row.captured_minor == 400
    verified()


def test_one_of_two_tills_redeems_a_coupon(transactional_db: None, world: Any) -> None:
    sold = unpaid(world)
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        rules = Rules(coupon_on=True, coupon_bp=1_000)
        fact = Settled(sold.id, world.company_id, sold.customer_id, "CNY", 100, frozenset({"seller"}), True, world.now)
        assert coupons.issue_coupons(context, [fact], {(world.company_id, "CNY"): rules})
    code = Coupon.objects.get().code

    def redeem(key: str) -> str:
        try:
            with transaction.atomic():
                context = begin("test", actor=SYSTEM, now=world.now, items=1)
                return str(coupons.redeem_coupon(context, code, "CNY", 5_000, key)["taken_off_minor"])
        except Refused as refused:
            return refused.refusals[0].code

    answers = at_once([partial(redeem, "till-1"), partial(redeem, "till-2"), partial(redeem, "till-3")])
    assert sorted(answers) == ["500", "coupon_used", "coupon_used"]
