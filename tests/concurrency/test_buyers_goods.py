"""Two at a repair, at goods that are sent once more, at a gift: one is first, nobody waits in a circle."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from guicang.kernel.actor import Actor
from guicang.parties.models import Customer
from guicang.returns.models import Outgoing, RepairPart, RepairPayment, Return
from guicang.returns.steps.accept_quote import QuoteAcceptance, accept_quote
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.decline_quote import QuoteDeclination, decline_quote
from guicang.returns.steps.finish_repair import Repaired, finish_repair
from guicang.returns.steps.pay_repair import RepairPaid, pay_repair
from guicang.returns.steps.quote_repair import Quote, quote_repair
from guicang.returns.steps.return_gift import return_gift
from guicang.returns.steps.send_out import SendingOut, send_out
from guicang.returns.steps.turn_repair import Turning, turn_repair
from tests.concurrency.test_claims import _row_locks, at_once  # noqa: F401 - the fixture skips SQLite
from tests.concurrency.test_same_return import act, answers
from tests.journeys.acts import do, verified
from tests.journeys.test_gift import gift, slip
from tests.journeys.test_repair import brought
from tests.journeys.test_send_out import missing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_both_finish_and_take_the_part_once(transactional_db: None, world: Any, order: Any) -> None:
    spare, key = world.sku("SPARE", 5), brought(world, order(1))
    do(quote_repair, world, Quote(key, in_warranty=True))
    found = answers(*[act(finish_repair, world, Repaired(key, {spare: 1}))] * 3)
    assert sorted(each[0] for each in found) == [[], ["repair_not_now"], ["repair_not_now"]]
    assert RepairPart.objects.count() == 1
    verified()


def test_both_record_the_payment_and_one_does(transactional_db: None, world: Any, order: Any) -> None:
    key = brought(world, order(1))
    do(quote_repair, world, Quote(key, False, 5000))
    do(accept_quote, world, QuoteAcceptance(key, 5000))
    found = answers(*[act(pay_repair, world, RepairPaid(key, "cash"))] * 3)
    assert sorted(each[0] for each in found) == [[], ["repair_not_now"], ["repair_not_now"]]
    assert RepairPayment.objects.count() == 1
    verified()


def test_sent_back_or_given_up_but_not_both(transactional_db: None, world: Any, order: Any) -> None:
    key = brought(world, order(1))
    do(quote_repair, world, Quote(key, False, 5000))
    do(decline_quote, world, QuoteDeclination(key, 5000))
    found = answers(act(send_out, world, SendingOut(key, "SF")), act(turn_repair, world, Turning(key, "beyond_repair")))
    assert [each[0] for each in found] in (
        [[], ["repair_not_now"]],
        [[], ["wrong_state"]],
        [["nothing_to_send"], []],
    )
    verified()


def test_the_last_unit_is_sent_once_more_once(transactional_db: None, world: Any, order: Any) -> None:
    sold = order(2)
    first = missing(world, sold)
    do(send_out, world, SendingOut(first, "SF"))
    do(close, world, Closing(first))
    keys = [missing(world, sold), missing(world, sold)]
    found = answers(*[act(send_out, world, SendingOut(key, "SF")) for key in keys])
    assert sorted(each[0] for each in found) == [[], ["sent_twice"]]
    assert Outgoing.objects.count() == 2
    verified()


def test_two_gifts_for_one_contact_make_one_person(transactional_db: None, world: Any, order: Any) -> None:
    sales = [order(1, buyer="buyer-1"), order(1, buyer="buyer-2")]
    items = [gift(sold, slip(world, sold)) for sold in sales]
    visitor = Actor(kind="customer")
    acts: list[Any] = [
        partial(return_gift, item, key=item.order_id.hex, actor=visitor, now=world.now) for item in items
    ]
    found = at_once(acts)
    assert all(not isinstance(one, BaseException) and one.ok for one in found), found
    assert len(set(Return.objects.values_list("customer_id", flat=True))) == 1
    assert Customer.objects.filter(external_id__startswith="gift-").count() == 1
    verified()
