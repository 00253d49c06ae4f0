"""A gift from its slip to the store credit of whoever brought it back; `verify` after each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from guicang.accounting.models import Account, EntryLine
from guicang.kernel.actor import Actor
from guicang.kernel.models import OutboxMessage
from guicang.parties.models import Customer
from guicang.parties.queries import personal
from guicang.payments.models import CreditAccount, Refund
from guicang.proofs import queries as proofs
from guicang.returns.models import GiftCode, Return
from guicang.returns.operations.gifts import digest_of
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.offer import Offering, offer
from guicang.returns.steps.request import request
from guicang.returns.steps.return_gift import Gift, make_slip, return_gift
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales.models import Order as Sale
from guicang.trade.steps.spend_credit import Spending, spend_credit
from tests.journeys.acts import SYSTEM, arrive, codes, do, give, look_at, verified
from tests.world import Sold

pytestmark = pytest.mark.django_db
Order = Callable[..., Sold]
VISITOR = Actor(kind="customer")


def slip(world: Any, sold: Sold) -> str:
    code = make_slip(sold.id, actor=SYSTEM, now=world.now)
    assert code is not None
    return code


def gift(sold: Sold, code: str = "", units: int = 1, **more: Any) -> Gift:
    said: dict[str, Any] = {"name": "Mei", "contact": "mei@example.org", **more}
    return Gift(sold.id, {sold.lines[0].id: units}, "too_small", digest=digest_of(code), **said)


def given_back(world: Any, sold: Sold, units: int = 1, **more: Any) -> UUID:
    """A gift of which the goods are here and looked at."""
    outcome = return_gift(gift(sold, slip(world, sold), units, **more), key=sold.id.hex, actor=VISITOR, now=world.now)
    assert outcome.ok, [str(one) for one in outcome.refusals]
    key = outcome.id
    assert key is not None
    if Return.objects.get(id=key).decision == "pending":
        do(authorise, world, Authorisation(key))
    arrive(world, key, units)
    look_at(world, key, (units, "restock"))
    verified()
    return key


def test_the_credit_is_the_recipients(world: Any, order: Order) -> None:
    sold = order(2)
    key = given_back(world, sold)
    row = Return.objects.get(id=key)
    person = Customer.objects.get(id=row.customer_id)
    assert (row.gift, row.customer_id != sold.customer_id, person.external_id.startswith("gift-")) == (True, True, True)
    assert {one.kind: one.value for one in personal([("customer", person.id)])["customer", person.id]} == {
        "name": "Mei",
        "email": "mei@example.org",
    }
    assert codes(give(settle, world, Settlement(key, refund_to="original"))[0]) == ["gift_money"]
    do(settle, world, Settlement(key))
    verified()
    account = CreditAccount.objects.get()
    refund = Refund.objects.get()
    assert (account.customer_id, refund.method, refund.amount_minor) == (person.id, "store_credit", 1000)
    roles = dict(Account.objects.values_list("id", "role"))
    lines = EntryLine.objects.filter(entry__event="refund").values_list("account_id", "party_id", "book_minor")
    booked = {roles[one]: (party, minor) for one, party, minor in lines}
    # A liability to the recipient in place of money; what was owed was the giver's.
    assert booked == {"receivable": (sold.customer_id, 1000), "store_credit": (account.id, -1000)}
    do(close, world, Closing(key))
    verified()
    # What came back by the gift is gone for the giver: one of two is left.
    assert codes(request(requests=[world.asked(sold, 2)], actor=SYSTEM, now=world.now)[0]) == ["over_return"]
    assert request(requests=[world.asked(sold, 1)], actor=SYSTEM, now=world.now)[0].ok


def test_only_the_recipient_is_told(world: Any, order: Order) -> None:
    sold = order(1)
    key = given_back(world, sold)
    do(settle, world, Settlement(key))
    person = str(Return.objects.get(id=key).customer_id)
    told = [one.body for one in OutboxMessage.objects.filter(topic="notice.send")]
    assert {body["owner_id"] for body in told} == {person}
    assert "gift_credited" in {body["notice"] for body in told}
    for body in told:
        assert not {"amount", "link"} & set(body["data"]), body
        assert sold.row.number not in body["data"].values()


def test_the_same_contact_is_the_same_person(world: Any, order: Order) -> None:
    first, second = order(1), order(1, buyer="buyer-2")
    one, other = given_back(world, first), given_back(world, second, contact=" MEI@example.org ")
    assert Return.objects.get(id=one).customer_id == Return.objects.get(id=other).customer_id
    third = given_back(world, order(1, buyer="buyer-3"), contact="13800001111", name="Lin")
    assert Return.objects.get(id=third).customer_id != Return.objects.get(id=one).customer_id


def test_a_wrong_or_old_code_opens_nothing(world: Any, order: Order) -> None:
    sold = order(1)
    old = slip(world, sold)
    new = slip(world, sold)
    assert GiftCode.objects.filter(ended=False).count() == 1
    assert new not in str(list(GiftCode.objects.values_list("digest", flat=True)))
    for code in ("", old, new[:-1], new[::-1]):
        outcome = return_gift(gift(sold, code), key=f"k{code}", actor=VISITOR, now=world.now)
        assert codes(outcome) == ["gift_unknown"]
    other = order(1, buyer="buyer-2")
    assert codes(return_gift(gift(other, new), key="k", actor=VISITOR, now=world.now)) == ["gift_unknown"]
    spaced = " - ".join(new.lower())
    assert return_gift(gift(sold, spaced), key="k2", actor=VISITOR, now=world.now).ok


def test_a_gift_says_whose_the_credit_is(world: Any, order: Order) -> None:
    sold = order(1)
    code = slip(world, sold)
    for name, contact in (("", "mei@example.org"), ("Mei", "12"), ("Mei", "")):
        said = gift(sold, code, name=name, contact=contact)
        outcome = return_gift(said, key=name + contact, actor=VISITOR, now=world.now)
        assert codes(outcome) == ["gift_contact"]
    outcome = return_gift(gift(sold, code, becomes="refund_only"), key="k", actor=VISITOR, now=world.now)
    assert codes(outcome) == ["gift_choice"]
    assert not Customer.objects.filter(external_id__startswith="gift-").exists()


def test_sent_twice_it_is_one_return(world: Any, order: Order) -> None:
    sold = order(2)
    code = slip(world, sold)
    ids = {return_gift(gift(sold, code), key="same", actor=VISITOR, now=world.now).id for _ in range(2)}
    assert (len(ids), Return.objects.count(), sold.claimed) == (1, 1, 1)


def test_more_than_was_given_makes_nobody(world: Any, order: Order) -> None:
    sold = order(1)
    outcome = return_gift(gift(sold, slip(world, sold), 2), key="k", actor=VISITOR, now=world.now)
    assert codes(outcome) == ["over_return"]
    assert not Customer.objects.filter(external_id__startswith="gift-").exists()
    verified()


def test_a_reversal_takes_it_from_the_recipient(world: Any, order: Order) -> None:
    sold = order(1)
    key = given_back(world, sold)
    (settlement,) = do(settle, world, Settlement(key)).data["settlements"]
    do(reverse_settlement, world, Reversal(settlement, "wrong_amount"))
    verified()
    assert CreditAccount.objects.get().customer_id == Return.objects.get(id=key).customer_id
    do(settle, world, Settlement(key))
    verified()


def test_the_giver_s_own_credit_becomes_the_recipients(world: Any, order: Order) -> None:
    """What the giver paid with store credit does not go back to him."""
    first = order(1)
    back = world.authorised(first, 1)
    arrive(world, back, 1)
    look_at(world, back, (1, "restock"))
    do(settle, world, Settlement(back, refund_to="store_credit", consented=True))
    theirs = CreditAccount.objects.get().id

    unpaid = order(1, paid=False)
    spending = Spending(unpaid.shop_id, unpaid.row.number, 1000, "s")
    assert spend_credit(spendings=[spending], actor=SYSTEM, now=world.now)[0].ok
    verified()
    key = given_back(world, unpaid)
    do(settle, world, Settlement(key))
    verified()
    accounts = dict(CreditAccount.objects.values_list("customer_id", "balance_minor"))
    assert accounts[Return.objects.get(id=key).customer_id] == 1000
    assert CreditAccount.objects.get(id=theirs).balance_minor == 0


def test_a_gift_is_exchanged_for_the_same(world: Any, order: Order) -> None:
    sold = order(1)
    key = given_back(world, sold, becomes="exchange")
    do(exchange, world, Exchanging(key))
    verified()
    new = Sale.objects.get(return_id=key)
    assert new.customer_id == Return.objects.get(id=key).customer_id
    assert {one.method for one in Refund.objects.all()} == {"exchange"}


def test_the_proof_finds_money_for_a_gift(world: Any, order: Order) -> None:
    key = given_back(world, order(1))
    do(settle, world, Settlement(key))
    Refund.objects.filter(return_id=key).update(method="bank")
    found = {proof.name: proof.differences for proof in proofs.run() if not proof.ok}
    assert [each["fault"] for each in found["gifts"]] == ["money"]


def test_nobody_talks_about_a_part_of_its_price(world: Any, order: Order) -> None:
    sold = order(1)
    key = return_gift(gift(sold, slip(world, sold)), key="k", actor=VISITOR, now=world.now).id
    assert key is not None
    Return.objects.filter(id=key).update(decision="pending", state="requested")
    assert codes(give(offer, world, Offering(key, 100, "goodwill"))[0]) == ["nothing_to_keep"]
