"""Store credit: lots, expiry, replay, what is spent first, what is taken back, and the books beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guicang.accounting import operations as accounting
from guicang.accounting.models import EntryLine
from guicang.audit.operations import record
from guicang.kernel import guards
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import new_id
from guicang.kernel.models import OutboxMessage
from guicang.kernel.refusal import Refused
from guicang.payments.models import CreditAccount, CreditLot, CreditMovement, MovementKind
from guicang.payments.operations import adjusting, credit, credit_rules, expiring
from guicang.payments.operations.credit import AccountKey, Balance, Cause
from guicang.payments.proofs import proofs
from guicang.payments.queries.credit import rules_of
from guicang.payments.rules.credit import BONUS, MONEY, Lot, Part, Rules, add, restore, spend, take_back
from guicang.trade.steps import spend_credit
from guicang.trade.steps.spend_credit import Spending
from tests.journeys.acts import verified
from tests.world import SYSTEM, World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def moved(world: World, key: AccountKey, act: Callable[[Balance, Context], object], **more: Any) -> Balance:
    """What `act` does to the balance, written with its trail."""
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        balance = credit.open_balances([key], **more)[key]
        act(balance, context)
        record(context, credit.write(context, [balance]))
    return balance


def issued(
    world: World, key: AccountKey, amount: int, bonus: int = 0, ends: datetime | None = None, cause: str = ""
) -> UUID:
    """A refund to store credit with its bonus, as a settlement writes it; the settlement's id."""
    settlement_id, name = new_id(), cause or new_id().hex

    def act(balance: Balance, context: Context) -> None:
        before = len(balance.moves)
        money = Lot(MONEY, amount, settlement_id=settlement_id)
        balance.issue(MovementKind.ISSUED, money, Cause(name, world.now, True, settlement_id))
        if len(balance.moves) == before:
            return
        legs = [accounting.Leg("bank", amount), credit.leg(balance.id, -amount)]
        posting = accounting.Posting(key.company_id, "refund", "settlement", settlement_id, world.now, "CNY", legs)
        accounting.post(context, [posting])
        if bonus:
            lot = Lot(BONUS, bonus, expires_at=ends or world.now + 30 * DAY, settlement_id=settlement_id)
            balance.issue(MovementKind.BONUS, lot, Cause(f"{name}:bonus", world.now, True, settlement_id))

    moved(world, key, act, causes=[name])
    return settlement_id


def account(world: World, customer_id: UUID) -> AccountKey:
    return AccountKey(world.company_id, customer_id, "CNY")


def credit_of(world: World, customer_id: UUID) -> UUID:
    """The id of an account that holds 1.00."""
    key = account(world, customer_id)
    issued(world, key, 100)
    return key.id


def liability(key: AccountKey) -> int:
    return -sum(EntryLine.objects.filter(party_kind="credit", party_id=key.id).values_list("amount_minor", flat=True))


def codes(refused: Refused) -> list[str]:
    return [refusal.code for refusal in refused.refusals]


def unpaid(world: World, minor: int = 1_000) -> Any:
    return world.sell(world.facts(1, price_minor=minor, paid=False))[0]


def spending(sold: Any, minor: int, key: str = "k") -> Spending:
    return Spending(sold.shop_id, sold.row.number, minor, key)


def test_first_to_run_out_is_spent_first_and_comes_back_last(world: World) -> None:
    never, late = Lot(MONEY, 100), Lot(BONUS, 50, expires_at=world.now + 9 * DAY)
    soon, over = Lot(BONUS, 30, expires_at=world.now + DAY), Lot(BONUS, 70, expires_at=world.now)
    lots = {lot.id: lot for lot in (never, late, soon, over)}
    for lot in lots.values():
        add(lot)
    parts = spend(lots.values(), 100, world.now)
    assert parts == [Part(soon.id, -30), Part(late.id, -50), Part(never.id, -20)]
    assert restore(lots, parts, 40) == [Part(never.id, 20), Part(late.id, 20)]
    assert (never.left_minor, late.left_minor, soon.left_minor, over.left_minor) == (100, 20, 0, 70)
    with pytest.raises(ValueError, match="more than there is"):
        spend(lots.values(), 121, world.now)


def test_a_reversal_takes_its_own_lots_first() -> None:
    other, own = Lot(MONEY, 100), Lot(MONEY, 60)
    for lot in (other, own):
        add(lot)
    assert take_back([other, own], 80, [own.id]) == [Part(own.id, -60), Part(other.id, -20)]


def test_a_bonus_is_bounded_and_rounds_half_up() -> None:
    rules = Rules(bonus_bp=500, bonus_most_minor=1_000)
    assert [rules.bonus(minor) for minor in (10_000, 10, 9, 30_000, 0, -100)] == [500, 1, 0, 1_000, 0, 0]
    assert Rules.of(rules.as_data()) == rules


def test_issue_spend_and_expire_keep_the_books(world: World, order: Any) -> None:
    sold = unpaid(world, 3_000)
    key = account(world, sold.customer_id)
    issued(world, key, 2_000, 100, world.now + DAY)
    assert spend_credit(spendings=[spending(sold, 60)], actor=SYSTEM, now=world.now)[0].data == {"left_minor": 2_040}
    assert expiring.expire(world.now + DAY) == 1
    assert expiring.expire(world.now + DAY) == 0
    balance = CreditAccount.objects.get(id=key.id).balance_minor
    assert (balance, liability(key)) == (2_000, 2_000)
    kinds = list(CreditMovement.objects.order_by("id").values_list("kind", "amount_minor"))
    assert kinds == [("issued", 2_000), ("bonus", 100), ("spent", -60), ("expired", -40)]
    assert sold.row.captured_minor == 60
    verified()


def test_the_same_act_again_moves_nothing(world: World) -> None:
    sold = unpaid(world)
    key = account(world, sold.customer_id)
    for _ in range(2):
        issued(world, key, 500, 25, cause="refund-1")
    for _ in range(2):
        (outcome,) = spend_credit(spendings=[spending(sold, 300)], actor=SYSTEM, now=world.now)
        assert outcome.ok
        assert outcome.data["left_minor"] == 225
    (outcome,) = spend_credit(spendings=[spending(sold, 200)], actor=SYSTEM, now=world.now)
    assert [refusal.code for refusal in outcome.refusals] == ["idempotency_key_reused"]
    assert sold.row.captured_minor == 300
    assert CreditMovement.objects.count() == 3
    verified()


def test_no_more_is_spent_than_there_is_or_than_is_open(world: World) -> None:
    sold, other = unpaid(world), unpaid(world)
    issued(world, account(world, sold.customer_id), 1_500)
    wanted = [spending(sold, 1_001), spending(sold, 900, "a"), spending(other, 700, "b"), spending(sold, 101, "c")]
    outcomes = spend_credit(spendings=wanted, actor=SYSTEM, now=world.now)
    found = [[refusal.code for refusal in outcome.refusals] for outcome in outcomes]
    assert found == [["credit_too_much"], [], ["credit_short"], ["credit_too_much"]]
    nobody = Actor(kind="staff", id=new_id())
    with pytest.raises(Refused):
        spend_credit(spendings=wanted, actor=nobody, now=world.now)
    verified()


def test_a_balance_is_never_below_zero_whoever_writes(world: World) -> None:
    key = account(world, unpaid(world).customer_id)
    issued(world, key, 100)
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditAccount.objects.filter(id=key.id).update(balance_minor=-1)
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditLot.objects.update(left_minor=101)
    for change in (CreditMovement.objects.all().delete, lambda: CreditMovement.objects.update(amount_minor=1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_what_cannot_be_taken_back_is_refused_and_a_spent_bonus_stays_given(world: World) -> None:
    sold = unpaid(world, 10_000)
    key = account(world, sold.customer_id)
    settlement_id = issued(world, key, 1_000, 50)

    def reverse(balance: Balance, _context: Context) -> None:
        own = [lot.id for lot in balance.lots.values() if lot.settlement_id == settlement_id]
        balance.take_back(1_000, own, Cause("back", world.now, False, settlement_id))
        balance.take_bonus_back(50, own, Cause("back:bonus", world.now, True, settlement_id))

    spend_credit(spendings=[spending(sold, 70)], actor=SYSTEM, now=world.now)
    with pytest.raises(Refused) as refused:
        moved(world, key, reverse)
    assert codes(refused.value) == ["credit_spent"]
    issued(world, key, 30)
    balance = moved(world, key, reverse)
    # 50 of the bonus and 20 of the money were spent: the money comes whole, of the bonus the 10 that are left.
    assert balance.balance_minor == 0
    assert CreditMovement.objects.get(kind="bonus_back").amount_minor == -10


def test_by_hand_only_with_a_second_look(world: World) -> None:
    key = account(world, unpaid(world).customer_id)
    people = [
        Actor(kind="staff", id=new_id(), permissions=frozenset({adjusting.ASK, adjusting.DECIDE})) for _ in range(2)
    ]

    def by(actor: Actor, act: Callable[[Context], Any]) -> Any:
        with transaction.atomic():
            return act(begin("test", actor=actor, now=world.now, items=1))

    asked = by(people[0], lambda context: adjusting.ask_adjustment(context, key, 300, "goodwill"))
    assert CreditAccount.objects.get(id=key.id).balance_minor == 0
    with pytest.raises(Refused) as refused:
        by(people[0], lambda context: adjusting.decide_adjustment(context, asked, grant=True))
    assert codes(refused.value) == ["second_person_needed"]
    by(people[1], lambda context: adjusting.decide_adjustment(context, asked, grant=True))
    with pytest.raises(Refused) as refused:
        by(people[1], lambda context: adjusting.decide_adjustment(context, asked, grant=True))
    assert codes(refused.value) == ["adjustment_not_found"]
    assert (CreditAccount.objects.get(id=key.id).balance_minor, liability(key)) == (300, 300)
    less = by(people[0], lambda context: adjusting.ask_adjustment(context, key, -301, "paid_out"))
    with pytest.raises(Refused) as refused:
        by(people[1], lambda context: adjusting.decide_adjustment(context, less, grant=True))
    assert codes(refused.value) == ["credit_short"]
    by(people[1], lambda context: adjusting.decide_adjustment(context, less, grant=False))
    verified()


def test_rules_are_versions_within_bounds(world: World) -> None:
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        for rules, wanted in (
            (Rules(money_days=30), ["expiry_not_looked_at"]),
            (Rules(bonus_bp=10_001), ["out_of_bounds"]),
            (Rules(coupon_on=True), ["coupon_of_nothing"]),
        ):
            with pytest.raises(Refused) as refused:
                credit_rules.state_rules(context, world.company_id, "CNY", rules)
            assert codes(refused.value) == wanted
        for _ in range(2):
            credit_rules.state_rules(context, world.company_id, "CNY", Rules(bonus_bp=500))
        found = rules_of([world.company_id])
    assert found == {(world.company_id, "CNY"): (1, Rules(bonus_bp=500))}
    verified()


def test_customers_are_told_once_before_it_runs_out(world: World) -> None:
    key = account(world, unpaid(world).customer_id)
    issued(world, key, 100, 7, world.now + 20 * DAY)
    assert expiring.warn(world.now) == 0
    assert expiring.warn(world.now + 6 * DAY) == 1
    assert expiring.warn(world.now + 7 * DAY) == 0
    (notice,) = OutboxMessage.objects.filter(topic="notice.send")
    assert notice.body["data"]["amount"] == "0.07"


@pytest.mark.parametrize(
    ("sql", "proof"),
    [
        ("UPDATE payments_creditaccount SET balance_minor = balance_minor + 1", "credit_balances"),
        ("UPDATE payments_creditlot SET left_minor = left_minor - 1", "credit_balances"),
        ("UPDATE payments_creditpart SET amount_minor = amount_minor + 1", "credit_balances"),
        ("UPDATE payments_creditmovement SET booked = NOT booked", "credit_liability"),
    ],
)
def test_a_planted_fault_is_found(world: World, sql: str, proof: str) -> None:
    issued(world, account(world, unpaid(world).customer_id), 100, 5)
    assert all(each.ok for each in proofs())
    with guards.removed(connection), connection.cursor() as cursor:
        cursor.execute(sql)
    assert proof in [each.name for each in proofs() if not each.ok]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["issue", "issue", "spend", "restore", "reverse", "expire", "adjust", "later"]),
        st.integers(1, 900),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_any_sequence_keeps_the_balance_its_lots_and_the_books(world: World, acts: Sequence[Any]) -> None:
    """Money's own entry is written here as a settlement writes it; each act is given twice."""
    with transaction.atomic():
        sold, begun = unpaid(world, 1_000_000), world.now
        key = account(world, sold.customer_id)
        settled: list[tuple[UUID, int, int]] = []
        for number, (what, amount, pick) in enumerate(acts):
            before = None
            for _ in range(2):
                with suppress(Refused):
                    ACT[what](Play(world, sold, key, settled, amount, pick, f"{number}"))
                left = CreditAccount.objects.filter(id=key.id).values_list("balance_minor", flat=True).first()
                assert before in (None, (left,))
                before = None if what == "later" else (left,)
            row = CreditAccount.objects.filter(id=key.id).first()
            lots = sum(CreditLot.objects.filter(account_id=key.id).values_list("left_minor", flat=True))
            assert (row.balance_minor if row else 0) == lots == liability(key) >= 0
        verified()
        world.now = begun
        transaction.set_rollback(True)


class Play(NamedTuple):
    world: World
    sold: Any
    key: AccountKey
    settled: list[tuple[UUID, int, int]]
    amount: int
    pick: int
    name: str


def _later(play: Play) -> None:
    play.world.now += 11 * DAY


def _issue(play: Play) -> None:
    ends, bonus = play.world.now + (10 + play.pick) * DAY, play.amount // 20
    made = issued(play.world, play.key, play.amount, bonus, ends, cause=f"issue:{play.name}")
    if CreditMovement.objects.filter(settlement_id=made).exists():
        play.settled.append((made, play.amount, bonus))


def _spend(play: Play) -> None:
    spend_credit(spendings=[spending(play.sold, play.amount, play.name)], actor=SYSTEM, now=play.world.now)


def _adjust(play: Play) -> None:
    cause = Cause(f"adjust:{play.name}", play.world.now, True)
    signed = play.amount if play.pick % 2 else -play.amount
    moved(play.world, play.key, lambda balance, _: balance.adjust(signed, cause), causes=[cause.key])


def _restore(play: Play) -> None:
    cause = Cause(f"restore:{play.name}", play.world.now, True, order_id=play.sold.id)
    _with_entry(play.world, play.key, lambda balance: balance.restore(play.amount, cause), cause, [play.sold.id])


def _reverse(play: Play) -> None:
    if not play.settled:
        return
    made, money, bonus = play.settled[play.pick % len(play.settled)]
    cause = Cause(f"back:{made.hex}", play.world.now, True, made)
    more = Cause(f"back:{made.hex}:bonus", play.world.now, True, made)

    def back(balance: Balance) -> None:
        own = [lot.id for lot in balance.lots.values() if lot.settlement_id == made]
        balance.take_back(money, own, cause)
        balance.take_bonus_back(bonus, own, more)

    _with_entry(play.world, play.key, back, cause, [], more.key)


ACT: dict[str, Callable[[Play], object]] = {
    "later": _later,
    "issue": _issue,
    "spend": _spend,
    "adjust": _adjust,
    "restore": _restore,
    "reverse": _reverse,
    "expire": lambda play: expiring.expire(play.world.now),
}


def _with_entry(
    world: World, key: AccountKey, act: Callable[[Balance], None], cause: Cause, orders: list[UUID], *causes: str
) -> None:
    """Money that a settlement moves, with its leg in the settlement's entry."""

    def both(balance: Balance, context: Context) -> None:
        act(balance)
        money = [move for move in balance.moves if move.cause is cause]
        if money:
            amount = money[0].amount_minor
            legs = [accounting.Leg("bank", amount), credit.leg(balance.id, -amount)]
            posting = accounting.Posting(key.company_id, "refund", "settlement", new_id(), world.now, "CNY", legs)
            accounting.post(context, [posting])

    moved(world, key, both, causes=[cause.key, *causes], order_ids=orders)
