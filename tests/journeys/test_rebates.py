"""A rebate on the turnover of a period, and what later returns take back of it, to the cent (返利追回, B32)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from django.db import transaction

from guicang.accounting.models import Account, EntryLine
from guicang.kernel import commands
from guicang.kernel.outbox import Envelope
from guicang.kernel.refusal import Outcome, Refused
from guicang.proofs import queries as proofs
from guicang.returns.models import RebateAgreement, RebateEntry
from guicang.returns.rebates import Tier, fits, reckon
from guicang.returns.steps import rebate
from guicang.returns.steps.rebate import Agreeing, Reckoning, reckon_rebates
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from tests.journeys.acts import SYSTEM, back, codes, pay, undo, verified
from tests.journeys.test_blind_prices import accept, blind, sale
from tests.journeys.test_blind_prices import state as rules
from tests.world import Sold, World

pytestmark = pytest.mark.django_db
TIERS = (Tier(50_00, 200), Tier(100_00, 500))
#: The month before the world's now.
SINCE, UNTIL = date(2026, 10, 1), date(2026, 10, 31)


def agree(world: World, sold: Sold, **said: Any) -> UUID:
    facts: dict[str, Any] = {"since": SINCE, "until": UNTIL, "tiers": TIERS, "tax_rate": Decimal("0.13")}
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        return rebate.agree(context, Agreeing(sold.customer_id, **(facts | said)))


def reckoned(world: World, key: UUID, days: int = 0) -> Outcome:
    (outcome,) = reckon_rebates(reckonings=[Reckoning(key)], actor=SYSTEM, now=world.now + timedelta(days=days))
    return outcome


def given(key: UUID) -> int:
    return RebateAgreement.objects.get(id=key).given_minor


def balance(role: str) -> int:
    rows = EntryLine.objects.filter(account_id__in=Account.objects.filter(role=role).values("id"))
    return sum(rows.values_list("amount_minor", flat=True))


def test_granted_then_taken_back_as_returns_lower_the_turnover(world: World) -> None:
    """130.00 earn 5 % (6.50); 30.00 back: 100.00 still earn 5.00; 10.00 more: 90.00 earn 2 %, 1.80."""
    sold = sale(world, 1000, 10, units=13)
    sale(world, 9_999, 10, units=1, buyer="somebody")
    key = agree(world, sold)
    assert reckoned(world, key).data == {"change_minor": 650, "due_minor": 650}
    assert (balance("rebates"), balance("receivable")) == (650 - 75, -650)
    verified()
    pay(world, back(world, sold, 3))
    assert reckoned(world, key).data["change_minor"] == -150
    verified()
    last = pay(world, back(world, sold, 1))
    assert reckoned(world, key).data["change_minor"] == 180 - 500
    assert reckoned(world, key).data["change_minor"] == 0
    verified()
    undo(world, last)
    assert reckoned(world, key).data["change_minor"] == 500 - 180
    assert list(RebateEntry.objects.order_by("id").values_list("amount_minor", flat=True)) == [650, -150, -320, 320]
    pay(world, back(world, sold, 9))
    rebate.take_back_everywhere(cast("Envelope", None))
    assert given(key) == 0
    assert (balance("rebates"), balance("output_vat"), given(key)) == (0, balance("output_vat"), 0)
    verified()


def test_not_before_the_period_is_over_and_frozen_once_granted(world: World) -> None:
    sold = sale(world, 1000, 3, units=13)
    later = agree(world, sold, since=date(2026, 10, 20), until=date(2026, 11, 3))
    assert codes(reckoned(world, later)) == ["period_runs"]
    assert agree(world, sold, since=date(2026, 10, 20), until=date(2026, 11, 2)) == later
    assert reckoned(world, later).data["change_minor"] == 650
    for said, code in (
        ({"since": date(2026, 10, 20), "until": date(2026, 11, 2)}, "rebate_granted"),
        ({"since": date(2026, 11, 2), "until": date(2026, 12, 2)}, "price_overlaps"),
        ({"since": date(2026, 12, 2), "until": date(2026, 12, 1)}, "ends_before"),
        ({"since": date(2026, 12, 2), "until": date(2026, 12, 3), "tiers": ()}, "bad_tiers"),
    ):
        with pytest.raises(Refused) as found:
            agree(world, sold, **said)
        assert code in [one.code for one in found.value.refusals]
    verified()


def test_any_order_of_returns_and_reckonings_ends_at_the_same(world: World) -> None:
    for order in ((1, 2, 3), (3, 2, 1), (2, 2, 2)):
        sold = sale(world, 1337, 10, units=9, buyer=str(order))
        key = agree(world, sold)
        assert reckoned(world, key).ok
        for place, units in enumerate(order):
            pay(world, back(world, sold, units))
            if place != 1:
                assert reckoned(world, key).ok
        assert given(key) == reckon(TIERS, 3 * 1337, 0, Decimal(0)).due_minor
        rows = RebateEntry.objects.filter(agreement_id=key)
        assert sum(rows.values_list("amount_minor", flat=True)) == given(key)
        assert sum(rows.values_list("tax_minor", flat=True)) == 0
    verified()


@pytest.mark.parametrize("turnover", [0, 1, 4_999, 5_000, 9_999, 10_000, 10_001, 123_456_789])
def test_never_negative_and_cumulative(turnover: int) -> None:
    whole = reckon(TIERS, turnover, 0, Decimal("0.13"))
    assert whole.due_minor >= 0
    for before in (0, 1, 650, whole.due_minor):
        one = reckon(TIERS, turnover, before, Decimal("0.13"))
        assert before + one.change_minor == whole.due_minor


def test_tiers_rise() -> None:
    assert fits(TIERS)
    assert not fits(())
    assert not fits((Tier(100, 200), Tier(100, 300)))
    assert not fits((Tier(100, 300), Tier(200, 200)))
    assert not fits((Tier(0, 10_001),))


def test_a_planted_difference_is_found(world: World) -> None:
    sold = sale(world, 1000, 10, units=13)
    key = agree(world, sold)
    assert reckoned(world, key).ok
    RebateAgreement.objects.update(given_minor=1)
    assert "rebates" in [proof.name for proof in proofs.run() if not proof.ok]


def test_priced_goods_without_an_order_lower_the_turnover_of_their_period(world: World) -> None:
    """130.00 earn 5 %; 40.00 come back without an order: 90.00 earn 2 %, until that is taken back."""
    sold = sale(world, 1000, 10, units=13)
    rules(world, sources=("last",))
    key = agree(world, sold, until=world.now.date())
    # The period before has nothing to do with it.
    assert agree(world, sold, since=date(2026, 9, 1), until=date(2026, 9, 30)) != key
    assert reckoned(world, key, 1).data["change_minor"] == 650
    goods = blind(world, sold, 4)
    accept(world, goods)
    assert reckoned(world, key, 1).data["change_minor"] == 0
    made = pay(world, goods)
    assert reckoned(world, key, 1).data == {"change_minor": 180 - 650, "due_minor": 180}
    verified()
    (undone,) = reverse_settlement(
        reversals=[Reversal(made, "typed_twice")], actor=SYSTEM, now=world.now + timedelta(days=40)
    )
    assert undone.ok, undone.refusals
    assert reckoned(world, key, 41).data["change_minor"] == 650 - 180
    # Settled again it counts in the period of that day.
    settled = settle(settlements=[Settlement(goods)], actor=SYSTEM, now=world.now + timedelta(days=40))
    assert settled[0].ok, settled[0].refusals
    assert reckoned(world, key, 41).data["change_minor"] == 0
    verified()


def test_those_of_another_customer_lower_nothing(world: World) -> None:
    """Another customer's goods without an order lower his own turnover."""
    sold, other = sale(world, 1000, 10, units=13), sale(world, 1000, 10, units=13, buyer="somebody")
    rules(world, sources=("last",))
    key = agree(world, sold, until=world.now.date())
    goods = blind(world, other, 4)
    accept(world, goods)
    pay(world, goods)
    assert reckoned(world, key, 1).data["due_minor"] == 650
    verified()
