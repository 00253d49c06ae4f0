"""A refund that goes to store credit with its bonus, is spent on a later order, comes back, and is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from guicang.accounting.models import Account, EntryLine
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.models import OutboxMessage
from guicang.kernel.refusal import Refused
from guicang.payments.models import Coupon, CreditAccount, CreditLot, CreditMovement, Refund
from guicang.payments.operations import coupons, credit_rules, expiring
from guicang.payments.rules.credit import Rules
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.redirect_refund import Redirection, redirect_refunds
from guicang.returns.steps.request import request
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from guicang.trade.steps import spend_credit
from guicang.trade.steps.spend_credit import Spending
from tests.journeys.acts import SYSTEM, arrive, back, codes, do, give, look_at, verified
from tests.journeys.test_policies import state
from tests.journeys.test_refunds import mixed, ways

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def stated(world: Any, **said: Any) -> None:
    rules = Rules(**{"bonus_bp": 500, "bonus_most_minor": 300, "bonus_days": 30, **said})
    with transaction.atomic():
        context = begin("credit.rules", actor=SYSTEM, now=world.now, items=1)
        credit_rules.state_rules(context, world.company_id, "CNY", rules)


def to_credit(world: Any, sold: Any, units: int) -> Any:
    """The settlement of a return of `units` whose money goes to store credit."""
    key = back(world, sold, units)
    return do(settle, world, Settlement(key, refund_to="store_credit", consented=True)).data["settlements"][0]


def balance(sold: Any) -> int:
    return int(CreditAccount.objects.get(customer_id=sold.customer_id).balance_minor)


def lots(sold: Any) -> list[tuple[str, int]]:
    rows = CreditLot.objects.filter(account__customer_id=sold.customer_id).order_by("id")
    return list(rows.values_list("kind", "left_minor"))


def later(world: Any, minor: int = 5_000) -> Any:
    return world.sell(world.facts(1, price_minor=minor, paid=False))[0]


def spent(world: Any, sold: Any, minor: int) -> None:
    (outcome,) = spend_credit(
        spendings=[Spending(sold.shop_id, sold.row.number, minor, "k")], actor=SYSTEM, now=world.now
    )
    assert outcome.ok, outcome.refusals


def on(role: str, company_id: Any) -> int:
    account = Account.objects.get(company_id=company_id, role=role)
    return sum(EntryLine.objects.filter(account_id=account.id).values_list("amount_minor", flat=True))


def test_a_refund_to_store_credit_gets_the_bonus_of_the_rules(world: Any, order: Any) -> None:
    stated(world)
    sold = order(4, price_minor=2_000)
    to_credit(world, sold, 1)
    assert lots(sold) == [("money", 2_000), ("bonus", 100)]
    # 3 x 20.00 more would be worth 3.00 more: at most 3.00 a return.
    to_credit(world, sold, 3)
    assert lots(sold)[2:] == [("money", 6_000), ("bonus", 300)]
    assert (balance(sold), on("store_credit", world.company_id)) == (8_400, -8_400)
    assert on("promo_expense", world.company_id) == 400
    assert on("wallet_wechat", world.company_id) == 8_000
    (notice, *_) = OutboxMessage.objects.filter(body__notice="return_refunded").order_by("id")
    assert (notice.body["data"]["credit"], notice.body["data"]["bonus"]) == ("20.00", "1.00")
    verified()


def test_parts_of_one_return_share_its_bonus(world: Any, order: Any) -> None:
    stated(world, bonus_bp=333, bonus_most_minor=150)
    sold = order(3, price_minor=1_667)
    key = back(world, sold, 3)
    line = world.line(key).id
    for _ in range(3):
        do(settle, world, Settlement(key, {line: 1}, refund_to="store_credit", consented=True))
    # 3.33 % of 16.67, 33.34, 50.01, each time less what was given before; at most 1.50.
    bonuses = CreditMovement.objects.filter(kind="bonus").order_by("id").values_list("amount_minor", flat=True)
    assert list(bonuses) == [56, 55, 39]
    verified()


def test_points_never_become_store_credit(world: Any) -> None:
    stated(world)
    sold = mixed(world)
    to_credit(world, sold, 2)
    assert lots(sold) == [("money", 8_000), ("bonus", 300)]
    assert sorted(Refund.objects.values_list("kind", "method", "amount_minor")) == [
        ("points", "", 2_000),
        ("wechat", "store_credit", 8_000),
    ]
    verified()


def test_what_was_paid_with_store_credit_goes_back_there_as_it_was(world: Any, order: Any) -> None:
    stated(world)
    first = order(1, price_minor=2_000)
    to_credit(world, first, 1)
    sold = later(world)
    spent(world, sold, 1_100)  # the bonus of 1.00, which runs out, and 10.00
    assert lots(first) == [("money", 1_000), ("bonus", 0)]
    key = back(world, sold, 1)
    # Paid 11.00 of 50.00, and nothing else: 11.00 come back, asked for as money or not.
    done = do(settle, world, Settlement(key, refund_to="bank"))
    assert lots(first) == [("money", 2_000), ("bonus", 100)]
    assert list(Refund.objects.filter(order_id=sold.id).values_list("method", "amount_minor")) == [("", 1_100)]
    verified()
    do(reverse_settlement, world, Reversal(done.data["settlements"][0], "entered_wrongly"))
    assert balance(first) == 1_000
    do(settle, world, Settlement(key))
    assert lots(first) == [("money", 2_000), ("bonus", 100)]
    verified()
    expiring.expire(world.now + 30 * DAY)
    assert balance(first) == 2_000
    assert on("promo_expense", world.company_id) == 0
    verified()


def test_a_reversal_takes_money_whole_and_of_the_bonus_what_is_left(world: Any, order: Any) -> None:
    stated(world)
    sold = order(1, price_minor=2_000)
    settlement = to_credit(world, sold, 1)
    spent(world, later(world), 50)  # half of the bonus
    do(reverse_settlement, world, Reversal(settlement, "entered_wrongly"))
    assert lots(sold) == [("money", 0), ("bonus", 0)]
    assert on("promo_expense", world.company_id) == 50
    verified()


def test_a_reversal_is_refused_where_the_money_was_spent(world: Any, order: Any) -> None:
    stated(world)
    sold = order(2, price_minor=2_000)
    settlement = to_credit(world, sold, 1)
    spent(world, later(world), 150)
    (outcome,) = give(reverse_settlement, world, Reversal(settlement, "entered_wrongly"))
    assert codes(outcome) == ["credit_spent"]
    verified()
    to_credit(world, sold, 1)  # then there is enough again
    do(reverse_settlement, world, Reversal(settlement, "entered_wrongly"))
    # 41.00 + 1.00 of bonus less 1.50 spent less 20.00 and the bonus of 1.00.
    assert balance(sold) == 1_950
    verified()


def test_a_refund_that_is_due_can_turn_to_store_credit(world: Any, order: Any) -> None:
    stated(world)
    ways(world, wechat="by_hand")
    sold = order(1, price_minor=2_000)
    do(settle, world, Settlement(back(world, sold, 1)))
    refund = Refund.objects.get()
    assert refund.state == "due"
    (outcome,) = give(redirect_refunds, world, Redirection(refund.id, "store_credit"))
    assert codes(outcome) == ["consent_missing"]
    do(redirect_refunds, world, Redirection(refund.id, "store_credit", consented=True))
    assert lots(sold) == [("money", 2_000), ("bonus", 100)]
    assert on("refunds_payable", world.company_id) == 0
    verified()
    do(reverse_settlement, world, Reversal(refund.settlement_id, "entered_wrongly"))
    assert balance(sold) == 0
    verified()


def test_refunded_money_runs_out_only_where_the_rules_say_so(world: Any, order: Any) -> None:
    sold = order(2, price_minor=2_000)
    to_credit(world, sold, 1)
    stated(world, bonus_bp=0, money_days=365, money_lawful=True)
    to_credit(world, sold, 1)
    ends = CreditLot.objects.order_by("id").values_list("expires_at", flat=True)
    assert list(ends) == [None, world.now + 365 * DAY]
    verified()


def test_without_consent_money_goes_back_as_it_came(world: Any, order: Any) -> None:
    key = back(world, order(1), 1)
    (outcome,) = give(settle, world, Settlement(key, refund_to="store_credit"))
    assert codes(outcome) == ["consent_missing"]
    do(settle, world, Settlement(key))
    assert not CreditAccount.objects.exists()
    verified()


def test_a_coupon_wins_back_whom_the_rules_name(world: Any, order: Any) -> None:
    stated(world, coupon_on=True, coupon_bp=1_000, coupon_least_minor=3_000, coupon_days=10, coupon_from_minor=1_000)
    ours = {"reason": "quality"}
    small, mine = order(1, price_minor=900), order(2, price_minor=2_000)
    for sold, more in ((small, ours), (mine, {}), (mine, ours)):
        do(settle, world, Settlement(back(world, sold, 1, **more)))
    (coupon,) = Coupon.objects.all()
    assert (coupon.percent_bp, coupon.expires_at) == (1_000, world.now + 10 * DAY)
    (notice,) = OutboxMessage.objects.filter(body__notice="coupon_issued")
    assert notice.body["data"]["code"] == coupon.code

    def redeemed(purchase: int, key: str, after: timedelta = timedelta()) -> Any:
        try:
            with transaction.atomic():
                context = begin("coupons.redeem", actor=SYSTEM, now=world.now + after, items=1)
                return coupons.redeem_coupon(context, coupon.code.lower(), "CNY", purchase, key)["taken_off_minor"]
        except Refused as refused:
            return refused.refusals[0].code

    assert redeemed(2_999, "a") == "coupon_too_little"
    assert redeemed(3_000, "a", 10 * DAY) == "coupon_over"
    assert [redeemed(3_000, "a"), redeemed(3_000, "a"), redeemed(3_100, "a")] == [300, 300, "idempotency_key_reused"]
    assert redeemed(5_000, "b") == "coupon_used"
    verified()


def test_one_coupon_a_return_and_only_the_first_where_so_said(world: Any, order: Any) -> None:
    stated(world, coupon_on=True, coupon_minor=500, coupon_first=True)
    first, second = order(2, price_minor=2_000), order(1, price_minor=2_000)
    key = back(world, first, 2, reason="quality")
    settlement = do(settle, world, Settlement(key)).data["settlements"][0]
    do(reverse_settlement, world, Reversal(settlement, "entered_wrongly"))
    do(settle, world, Settlement(key))
    do(settle, world, Settlement(back(world, second, 1, reason="quality")))
    assert list(Coupon.objects.values_list("return_id", "value_minor")) == [(key, 500)]
    verified()


def test_the_buyer_chooses_with_his_request_where_the_policy_offers_it(world: Any) -> None:
    stated(world)
    state(world, {"terms": {"refund_to": "choice"}})
    sold = world.sell(world.facts(1, price_minor=2_000))[0]
    buyer = Actor("customer", sold.customer_id)

    def asked(**more: Any) -> Any:
        return request(requests=[replace(world.asked(sold, 1), **more)], actor=buyer, now=world.now)[0]

    assert codes(asked(refund_to="store_credit")) == ["consent_missing"]
    assert codes(asked(refund_to="cash")) == ["bad_choice"]
    key = asked(refund_to="store_credit", consented=True).id
    header = world.row(key)
    assert (header.refund_to, header.credit_consented) == ("store_credit", True)
    do(authorise, world, Authorisation(key))
    arrive(world, key, 1)
    look_at(world, key, (1, "restock"))
    do(settle, world, Settlement(key))
    assert lots(sold) == [("money", 2_000), ("bonus", 100)]
    verified()


def test_where_the_policy_offers_none_a_buyer_cannot_choose_it(world: Any) -> None:
    sold = world.sell(world.facts(1, price_minor=2_000))[0]
    item = replace(world.asked(sold, 1), refund_to="store_credit", consented=True)
    (made,) = request(requests=[item], actor=Actor("customer", sold.customer_id), now=world.now)
    assert codes(made) == ["credit_not_offered"]
