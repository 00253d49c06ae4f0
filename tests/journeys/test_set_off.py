"""A credit pays what is owed for other orders first (S79, HARD-CASES 20), and receivables stay equal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from guicang.accounting.models import Account, EntryLine
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refused
from guicang.parties.models import Customer
from guicang.proofs import queries as proofs
from guicang.returns.models import Settlement as SettlementRow
from guicang.sales.models import Order, SetOff
from guicang.trade.facts import PaymentFacts
from guicang.trade.steps.set_off import SettingOff, set_off
from tests.journeys.acts import SYSTEM, back, pay, undo, verified
from tests.journeys.test_resettling import line
from tests.world import World

pytestmark = pytest.mark.django_db


def sold(world: World, number: str, price: int, paid: int, days: int = 5, units: int = 1) -> Any:
    """An order with its tax within, of which `paid` was paid."""
    facts = world.facts(1, number=number)
    facts.lines = [line("a", units, price // units)]
    facts.shipments[0].lines = [type(facts.shipments[0].lines[0])("a", units)]
    facts.ordered_at = world.now - timedelta(days=days)
    facts.payments = [PaymentFacts("p", "wechat", paid, world.now - timedelta(days=4))] if paid else []
    return world.sell(facts)[0]


def move(world: World, giver: Any, taker: Any = None, amount: int | None = None, key: str = "") -> int:
    item = SettingOff(giver.id, taker.id if taker else NIL, amount)
    return set_off(item, key=key, actor=SYSTEM, now=world.now)


def owed(one: Any) -> int:
    return Order.objects.get(id=one.id).receivable_minor


def refused(world: World, *args: Any) -> list[str]:
    with pytest.raises(Refused) as found:
        move(world, *args)
    return [one.code for one in found.value.refusals]


def receivables() -> int:
    roles = Account.objects.filter(role="receivable").values("id")
    return sum(EntryLine.objects.filter(account_id__in=roles).values_list("amount_minor", flat=True))


def test_on_account_then_against_what_is_owed_oldest_first(world: World) -> None:
    paid = sold(world, "P", 22600, 22600, units=2)
    young, old = sold(world, "B-YOUNG", 6000, 0, days=4), sold(world, "A-OLD", 4000, 0, days=9)
    pay(world, back(world, paid, 1), on_account=True)
    row = SettlementRow.objects.get()
    last = row.explanation[-1]
    assert (row.cash_minor, last["label"], last["amount_minor"]) == (
        0,
        "on_account",
        11300,
    )
    assert owed(paid) == -11300
    verified()
    before = receivables()
    assert move(world, paid) == 10000
    assert [owed(one) for one in (paid, old, young)] == [-1300, 0, 0]
    assert list(SetOff.objects.order_by("id").values_list("to_order_id", "amount_minor")) == [
        (old.id, 4000),
        (young.id, 6000),
    ]
    assert receivables() == before == -1300
    verified()
    # What remains is kept for the next order.
    later = sold(world, "LATER", 1000, 0, days=1)
    assert move(world, paid, later) == 1000
    assert (owed(paid), owed(later)) == (-300, 0)
    verified()


def test_chosen_and_never_more_than_either_side(world: World) -> None:
    paid, one, two = sold(world, "P", 10000, 10000), sold(world, "A", 4000, 0, 9), sold(world, "B", 4000, 0, 4)
    assert refused(world, paid, one) == ["no_credit"]
    pay(world, back(world, paid, 1), on_account=True)
    assert refused(world, paid, one, 4001) == ["set_off_too_much"]
    assert refused(world, paid, paid) == ["other_account"]
    assert refused(world, paid, one, 0) == ["set_off_too_much"]
    assert move(world, paid, two, 1500) == 1500
    assert [owed(each) for each in (paid, one, two)] == [-8500, 4000, 2500]
    assert move(world, paid) == 6500
    assert refused(world, paid) == ["nothing_owed"]
    verified()


def test_the_same_key_counts_once(world: World) -> None:
    paid, one = sold(world, "P", 10000, 10000), sold(world, "A", 4000, 0)
    pay(world, back(world, paid, 1), on_account=True)
    key = new_id().hex
    assert move(world, paid, one, 1000, key) == move(world, paid, one, 1000, key) == 1000
    assert owed(one) == 3000
    verified()


def test_what_a_credit_paid_comes_back_as_a_credit(world: World) -> None:
    """No tender took it in, so none can give it back."""
    paid, one = sold(world, "P", 10000, 10000), sold(world, "A", 4000, 1000)
    pay(world, back(world, paid, 1), on_account=True)
    move(world, paid, one)
    assert owed(one) == 0
    settled = pay(world, back(world, one, 1))
    assert SettlementRow.objects.get(id=settled).cash_minor == 1000
    assert owed(one) == -3000
    verified()
    undo(world, settled)
    assert owed(one) == 0
    verified()


def test_kept_is_paid_out_by_a_correction(world: World) -> None:
    """Of 100.00 kept, 40.00 were set off: taken back and settled anew, 60.00 go out."""
    paid, one = sold(world, "P", 10000, 10000), sold(world, "A", 4000, 0)
    key = back(world, paid, 1)
    kept = pay(world, key, on_account=True)
    move(world, paid, one)
    undo(world, kept)
    assert owed(paid) == 4000
    verified()
    assert SettlementRow.objects.get(id=pay(world, key)).cash_minor == 6000
    assert owed(paid) == 0
    verified()


def test_a_part_paid_invoice_is_credited_first(world: World) -> None:
    """HARD-CASES 20: 226 with 100 paid, half comes back: receivable 126 -> 13, cash 0."""
    order = sold(world, "I", 22600, 10000, units=2)
    pay(world, back(world, order, 1))
    assert (owed(order), SettlementRow.objects.get().cash_minor) == (1300, 0)
    verified()


def test_orders_in_another_currency_keep_their_own_rate(world: World) -> None:
    giver = sold(world, "P", 10000, 10000)
    pay(world, back(world, giver, 1), on_account=True)
    other = sold(world, "A", 4000, 0)
    Order.objects.filter(id=other.id).update(currency="USD")
    assert refused(world, giver, other) == ["other_account"]


def test_buyers_nobody_knows_have_no_account(world: World) -> None:
    giver, other = sold(world, "P", 10000, 10000), sold(world, "A", 4000, 0)
    pay(world, back(world, giver, 1), on_account=True)
    Customer.objects.filter(id=giver.customer_id).update(external_id="")
    assert refused(world, giver, other) == ["other_account"]


def test_a_planted_fault_is_found(world: World) -> None:
    paid, one = sold(world, "P", 10000, 10000), sold(world, "A", 4000, 0)
    pay(world, back(world, paid, 1), on_account=True)
    move(world, paid, one)
    Order.objects.filter(id=one.id).update(set_off_minor=3999)
    assert "set_offs" in {proof.name for proof in proofs.run() if not proof.ok}
