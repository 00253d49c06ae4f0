"""Cash drawers: a shift begun and ended by a count, cash that goes through it, a second person for what differs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from guicang.accounting.models import Account, EntryLine
from guicang.audit.models import AuditRow
from guicang.kernel.actor import Actor, Scope
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome
from guicang.org.models import Shop
from guicang.org.operations import ensure_drawer, set_archived
from guicang.payments.models import CashMove, Refund, Shift, Till
from guicang.payments.operations import shifts
from guicang.proofs import queries as proofs
from guicang.returns.models import Repair
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.pay_refund import Payment, pay_refunds
from guicang.returns.steps.pay_repair import RepairPaid, pay_repair
from guicang.returns.steps.quote_repair import Quote, quote_repair
from guicang.returns.steps.redirect_refund import Redirection, redirect_refunds
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from guicang.trade.facts import PaymentFacts
from tests.journeys.acts import SYSTEM, back, codes, do, give, pay, verified
from tests.journeys.test_exchange import exchanged, priced, sell_at_80
from tests.journeys.test_payees import refused
from tests.journeys.test_refunds import ways
from tests.journeys.test_repair import brought

pytestmark = pytest.mark.django_db

ALL = ("settle", "reverse_settlement", "collect", "exchange", "pay_repair")
MAY = frozenset(f"returns.{act}" for act in ALL) | {"payments.pay", shifts.USE, shifts.CHECK, shifts.KEEP}


def person() -> Actor:
    return Actor("staff", new_id(), MAY)


def drawer(world: Any, code: str = "") -> UUID:
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        shop = Shop.objects.get(id=world.shop_id)
        return ensure_drawer(context, code=code or new_id().hex, name="Till 1", shop=shop).id


def keep(world: Any, who: Actor, act: Callable[..., Any], *said: Any) -> Any:
    with transaction.atomic():
        return act(begin("payments.drawer", actor=who, now=world.now, items=1), *said)


def begun(world: Any, counted: int = 50000) -> tuple[Actor, UUID]:
    """Somebody with an open shift at a new drawer."""
    who = person()
    return who, keep(world, who, shifts.open_shift, drawer(world), counted)


def in_cash(world: Any, units: int = 1, price_minor: int = 10000) -> UUID:
    """A return of goods that were paid in cash, ready to be settled."""
    facts = world.facts(units, price_minor=price_minor)
    facts.payments = [PaymentFacts("p", "cash", units * price_minor, world.now - timedelta(days=4))]
    return back(world, world.sell(facts)[0], units)


def by(who: Actor, step: Any, world: Any, *items: Any) -> Outcome:
    return give(step, world, *items, actor=who)[0]


def lies(shift_id: UUID) -> int:
    return Shift.objects.select_related("till").get(id=shift_id).till.balance_minor


def of(shift_id: UUID) -> list[tuple[str, int]]:
    return list(CashMove.objects.filter(shift_id=shift_id).order_by("number").values_list("kind", "amount_minor"))


def booked(role: str, party: str | None = None) -> int:
    rows = EntryLine.objects.filter(account_id__in=Account.objects.filter(role=role).values("id"))
    rows = rows if party is None else rows.filter(party_kind=party)
    return sum(rows.values_list("book_minor", flat=True))


def test_a_refund_in_cash_goes_through_the_drawer_of_who_settles(world: Any) -> None:
    key = in_cash(world)
    nobody = person()
    where = drawer(world)
    assert codes(by(nobody, settle, world, Settlement(key))) == ["no_open_shift"]
    poor = person()
    shift = keep(world, poor, shifts.open_shift, where, 9999)
    assert codes(by(poor, settle, world, Settlement(key))) == ["drawer_short"]
    keep(world, poor, shifts.move_cash, shift, "from_safe", 5001)
    done = by(poor, settle, world, Settlement(key))
    assert done.ok
    assert of(shift) == [("float", 9999), ("in", 5001), ("refund", -10000)]
    assert (lies(shift), booked("cash", "drawer")) == (5000, 5000)
    refund = Refund.objects.get(return_id=key)
    move = CashMove.objects.get(kind="refund")
    assert (move.source_id, move.return_id, move.actor_id) == (refund.id, key, poor.id)
    verified()
    # Taken back: the money comes into the drawer again, once there is one.
    undone = Reversal(refund.settlement_id, "entered_wrongly")
    assert codes(by(nobody, reverse_settlement, world, undone)) == ["no_open_shift"]
    assert by(poor, reverse_settlement, world, undone).ok
    assert (of(shift)[-1], lies(shift)) == (("refund_back", 10000), 15000)
    verified()


def test_without_a_drawer_nothing_changes(world: Any) -> None:
    key, who = in_cash(world), person()
    assert by(who, settle, world, Settlement(key)).ok
    assert CashMove.objects.count() == 0
    other = drawer(world)
    keep(world, SYSTEM, set_archived, "drawer", other, True)
    assert by(who, settle, world, Settlement(in_cash(world))).ok
    verified()


def test_what_the_program_settles_in_cash_waits_for_a_counter(world: Any) -> None:
    drawer(world)
    key = in_cash(world)
    pay(world, key)
    row = Refund.objects.get(return_id=key)
    assert (row.state, row.way, world.row(key).refund_state) == ("due", "by_hand", "due")
    verified()
    who, shift = begun(world)
    assert codes(by(person(), pay_refunds, world, Payment(row.id, "slip"))) == ["no_open_shift"]
    assert by(who, pay_refunds, world, Payment(row.id, "slip")).ok
    assert (of(shift)[-1], lies(shift)) == (("refund", -10000), 40000)
    verified()


def test_a_refund_turned_to_cash_leaves_the_drawer(world: Any) -> None:
    drawer(world)
    ways(world, wechat="by_hand")
    key = back(world, world.sell(world.facts(1, price_minor=10000))[0], 1)
    pay(world, key)
    row = Refund.objects.get(return_id=key)
    who, shift = begun(world)
    assert codes(by(person(), redirect_refunds, world, Redirection(row.id, "cash"))) == ["no_open_shift"]
    assert by(who, redirect_refunds, world, Redirection(row.id, "cash")).ok
    assert (of(shift)[-1], lies(shift)) == (("refund", -10000), 40000)
    verified()


def test_several_refunds_of_one_command_share_what_lies_there(world: Any) -> None:
    who, shift = begun(world, 25000)
    keys = [in_cash(world) for _ in range(3)]
    done = give(settle, world, *map(Settlement, keys), actor=who)
    assert [codes(one) for one in done] == [[], [], ["drawer_short"]]
    assert (lies(shift), len(of(shift))) == (5000, 3)
    verified()


def test_what_an_exchange_leaves_open_is_put_in(world: Any) -> None:
    sold = sell_at_80(world)
    key, _ = exchanged(world, sold, Instead(priced(world, "DEAR", 9000), 1))
    who, shift = begun(world)
    assert codes(by(person(), collect, world, Collecting(key, "cash"))) == ["no_open_shift"]
    assert by(who, collect, world, Collecting(key, "cash")).data["collected_minor"] == 1060
    assert (of(shift)[-1], lies(shift)) == (("collection", 1060), 51060)
    verified()
    assert codes(by(who, collect, world, Collecting(key, "cash"))) == ["nothing_to_collect"]
    assert lies(shift) == 51060


def test_what_a_repair_costs_is_put_in(world: Any, order: Any) -> None:
    key = brought(world, order(1))
    do(quote_repair, world, Quote(key, in_warranty=True))
    Repair.objects.filter(parent_id=key).update(state="agreed", in_warranty=False, price_minor=2500)
    who, shift = begun(world)
    assert codes(by(person(), pay_repair, world, RepairPaid(key, "cash"))) == ["no_open_shift"]
    assert by(who, pay_repair, world, RepairPaid(key, "cash")).ok
    assert (of(shift)[-1], lies(shift)) == (("collection", 2500), 52500)
    verified()


def test_a_shift_ends_by_a_count_and_a_second_person_looks_at_what_differs(world: Any) -> None:
    keep(world, person(), shifts.state_limit, world.company_id, 500)
    who, shift = begun(world)
    keep(world, who, shifts.count_shift, shift, 49500)  # within the limit: booked at once
    row = Shift.objects.get(id=shift)
    assert (row.state, row.expected_minor, row.counted_minor, lies(shift)) == ("closed", 50000, 49500, 49500)
    assert booked("cash_difference") == 500  # 短款
    verified()

    again = keep(world, who, shifts.open_shift, row.till_id, 49500)
    keep(world, who, shifts.count_shift, again, 60000)
    assert (Shift.objects.get(id=again).state, lies(again)) == ("counted", 49500)
    with refused("shift_not_open"):
        keep(world, who, shifts.move_cash, again, "to_safe", 100)
    assert codes(by(who, settle, world, Settlement(in_cash(world)))) == ["no_open_shift"]
    with refused("second_person_needed"):
        keep(world, who, shifts.agree, again)
    verified()
    keep(world, who, shifts.count_shift, again, 51000)  # counted once more, still too much
    other = person()
    keep(world, other, shifts.agree, again)
    row = Shift.objects.get(id=again)
    assert (row.state, row.decided_by, lies(again)) == ("closed", other.id, 51000)
    assert booked("cash_difference") == -1000  # 长款
    with refused("shift_not_waiting"):
        keep(world, other, shifts.agree, again)
    assert AuditRow.objects.filter(aggregate_kind="shift").count() == 6
    verified()


def test_less_than_the_last_shift_left_waits_more_comes_from_the_safe(world: Any) -> None:
    who, first = begun(world)
    till = Shift.objects.get(id=first).till_id
    keep(world, who, shifts.count_shift, first, 50000)
    second = keep(world, who, shifts.open_shift, till, 40000)
    assert (Shift.objects.get(id=second).state, lies(second)) == ("opening", 50000)
    assert codes(by(who, settle, world, Settlement(in_cash(world)))) == ["no_open_shift"]
    keep(world, person(), shifts.agree, second)
    assert (Shift.objects.get(id=second).state, lies(second), of(second)) == ("open", 40000, [("difference", -10000)])
    keep(world, who, shifts.count_shift, second, 40000)
    third = keep(world, who, shifts.open_shift, till, 45000)
    assert (Shift.objects.get(id=third).state, of(third)) == ("open", [("float", 5000)])
    verified()


def test_cash_goes_to_the_bank_and_for_small_things(world: Any) -> None:
    who, shift = begun(world)
    bank = booked("bank")
    keep(world, who, shifts.move_cash, shift, "to_bank", 20000)
    keep(world, who, shifts.move_cash, shift, "expense", 1500)
    assert (booked("bank") - bank, booked("other_expense"), lies(shift)) == (20000, 1500, 28500)
    for reason, amount, code in (
        ("to_bank", 28501, "drawer_short"),
        ("nothing", 1, "credit_reason_unknown"),
        ("to_safe", 0, "cash_amount_bad"),
    ):
        with refused(code):
            keep(world, who, shifts.move_cash, shift, reason, amount)
    with refused("not_your_shift"):
        keep(world, person(), shifts.move_cash, shift, "to_safe", 1)
    verified()


def test_one_shift_a_drawer_and_a_person(world: Any) -> None:
    who, shift = begun(world)
    till = Shift.objects.get(id=shift).till_id
    with refused("drawer_taken"):
        keep(world, person(), shifts.open_shift, till, 0)
    with refused("shift_running"):
        keep(world, who, shifts.open_shift, drawer(world), 0)
    with refused("drawer_not_found"):
        keep(world, person(), shifts.open_shift, new_id(), 0)
    far = Actor("staff", new_id(), MAY, Scope(shop_id=world.warehouse_id))
    with refused("drawer_not_found"):
        keep(world, far, shifts.open_shift, till, 0)
    with refused("shift_not_found"):
        keep(world, far, shifts.agree, shift)
    with refused("not_permitted"):
        keep(world, Actor("staff", new_id()), shifts.open_shift, till, 0)


def test_the_database_holds_it_too(world: Any) -> None:
    who, shift = begun(world)
    till = Till.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Till.objects.update(balance_minor=-1)
    wrongs: list[dict[str, Any]] = [{"state": "lost"}, {"counted_minor": -1}, {"decided_by": who.id}]
    for wrong in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            Shift.objects.update(**wrong)
    row = Shift.objects.get(id=shift)
    other = Till.objects.create(id=new_id(), company_id=till.company_id, currency="CNY")
    for twice in ({"till": till, "person_id": new_id()}, {"till": other}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Shift.objects.create(**{**_columns(row), "id": new_id(), "number": 9, **twice})
    for change in (lambda: CashMove.objects.update(amount_minor=1), lambda: CashMove.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def _columns(row: Shift) -> dict[str, Any]:
    return {column.attname: getattr(row, column.attname) for column in Shift._meta.concrete_fields}


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE payments_till SET balance_minor = balance_minor + 1",
        "UPDATE payments_till SET moves = moves + 1",
        "UPDATE payments_shift SET counted_minor = counted_minor + 1 WHERE state = 'closed'",
        "UPDATE payments_refund SET amount_minor = amount_minor + 1",
    ],
)
def test_planted_faults_are_found(world: Any, fault: str) -> None:
    who, shift = begun(world)
    by(who, settle, world, Settlement(in_cash(world)))
    keep(world, who, shifts.count_shift, shift, 40000)
    verified()
    with connection.cursor() as cursor:
        cursor.execute(fault)
    assert "cash_drawers" in {one.name for one in proofs.run() if not one.ok}


def test_cash_that_the_books_do_not_have_is_found(world: Any) -> None:
    """A movement, rightly linked to the one before, without its entry."""
    _, shift = begun(world)
    row = CashMove.objects.get(shift_id=shift)
    columns = {column.attname: getattr(row, column.attname) for column in CashMove._meta.concrete_fields}
    more = {"id": new_id(), "number": 2, "kind": "in", "amount_minor": 100, "balance_minor": 50100}
    CashMove.objects.create(**{**columns, **more})
    Till.objects.update(balance_minor=50100, moves=2)
    found = [one for one in proofs.run() if not one.ok]
    assert [one.name for one in found] == ["cash_drawers"]
    assert {each["fault"] for each in found[0].differences} == {"books"}
