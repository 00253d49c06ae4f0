"""Two processes at one return or one order at the same time, on PostgreSQL: each waits, nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from guicang.kernel.actor import Actor
from guicang.payments.models import Refund
from guicang.returns.models import Offer, ReturnLine
from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.steps.accept_offer import Acceptance, accept_offer
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.expire import Expiry, expire
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.offer import Offering, offer
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import request
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from guicang.trade.facts import LineCancellation
from guicang.trade.steps import cancel_lines
from tests.concurrency.test_claims import _row_locks, at_once  # noqa: F401 - the fixture skips SQLite
from tests.journeys.acts import SYSTEM, arrive, back, codes, give, look_at, pay, verified

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def act(step: Any, world: Any, *items: Any) -> Callable[[], Any]:
    return lambda: give(step, world, *items)


def answers(*acts: Callable[[], Any]) -> list[list[list[str]]]:
    """Codes by act and item. A deadlock or a broken CHECK is an exception and fails here."""
    found = at_once(list(acts))
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return [[codes(outcome) for outcome in each] for each in found]


def test_both_receive_what_is_awaited_once(transactional_db: None, world: Any, order: Any) -> None:
    key = world.authorised(order(units=3), 3)
    line = world.line(key).id
    acts = [act(receive, world, Receiving(key, [Arrived(line, 2)], key=f"m{n}")) for n in range(2)]
    assert answers(*acts) == [[[]], [[]]]
    assert (world.line(key).received, world.line(key, 2).kind, world.line(key, 2).received) == (3, "surplus", 1)
    verified()


def test_both_settle_and_one_pays(transactional_db: None, world: Any, order: Any) -> None:
    sold = order(units=2)
    key = back(world, sold, 2)
    found = answers(*[act(settle, world, Settlement(key))] * 4)
    assert sorted(each[0] for each in found) == [[], *[["wrong_state"]] * 3]
    assert (sold.row.refunded_minor, Refund.objects.count(), SettlementRow.objects.count()) == (2000, 1, 1)
    verified()


def test_both_reverse_and_one_does(transactional_db: None, world: Any, order: Any) -> None:
    sold = order(units=2)
    key = back(world, sold, 2)
    made = pay(world, key)
    found = answers(*[act(reverse_settlement, world, Reversal(made, "typed_twice"))] * 3)
    assert sorted(each[0] for each in found) == [[], ["already_reversed"], ["already_reversed"]]
    assert sold.row.refunded_minor == 0
    verified()


def test_settle_against_reverse(transactional_db: None, world: Any, order: Any) -> None:
    sold = order(units=4)
    first, second = back(world, sold, 2), back(world, sold, 2)
    made = pay(world, first)
    acts = [act(settle, world, Settlement(second)), act(reverse_settlement, world, Reversal(made, "typed_twice"))]
    assert answers(*acts) == [[[]], [[]]]
    assert sold.row.refunded_minor == 2000
    verified()


def test_request_before_shipment_against_the_source_that_cancels(
    transactional_db: None, world: Any, order: Any
) -> None:
    sold = order(units=5, shipped=3)
    number = sold.row.number
    key = world.request(sold, 2, resolution="unshipped")

    def source() -> Any:
        item = LineCancellation(sold.shop_id, number, "1", 2)
        return cancel_lines(items=[item], actor=SYSTEM, now=world.now)

    found = answers(act(authorise, world, Authorisation(key)), source)
    assert found[0] == [[]]
    assert found[1] in ([[]], [["shipped_over_ordered"]])
    pay(world, key)
    assert (sold.lines[0].cancelled, sold.row.refunded_minor) == (2, 2000)
    verified()


def ending(world: Any, name: str, key: UUID) -> Callable[[], Any]:
    if name == "cancel":
        return act(cancel, world, Cancellation(key))
    if name == "close":
        return act(close, world, Closing(key))
    return act(expire, world, Expiry(key, occurred_at=world.row(key).expires_at))


@pytest.mark.parametrize("name", ["cancel", "expire"])
def test_an_end_against_a_refund_ahead(transactional_db: None, world: Any, order: Any, name: str) -> None:
    """One holds the order and wants the return: the other must not hold the return and want the order."""
    for _ in range(8):
        sold = order(units=1)
        key = world.authorised(sold, 1)
        found = answers(act(settle, world, Settlement(key, ahead=True)), ending(world, name, key))
        paid = not found[0][0]
        assert found == ([[[]], [["money_paid"]]] if paid else [[["wrong_state"]], [[]]])
        assert (sold.row.refunded_minor, sold.claimed) == ((1000, 1) if paid else (0, 0))
    verified()


def test_many_requests_and_settlements_of_one_order(transactional_db: None, world: Any, order: Any) -> None:
    for _ in range(5):
        sold = order(units=6)
        keys = [back(world, sold, 1) for _ in range(3)]
        asked = world.asked(sold, 1)
        acts = [act(settle, world, Settlement(key)) for key in keys] + [act(request, world, asked)] * 3
        assert answers(*acts) == [[[]]] * 6
        assert (sold.row.refunded_minor, sold.claimed, sold.row.return_label) == (3000, 6, "in_progress")
    verified()


def test_the_last_two_returns_of_an_order_end_together(transactional_db: None, world: Any, order: Any) -> None:
    """Each sees what the other did: the label of the order does not stay where both left it to the other."""
    for _ in range(8):
        sold = order(units=3)
        kept, given_up = back(world, sold, 1), world.authorised(sold, 1)
        pay(world, kept)
        assert answers(ending(world, "close", kept), ending(world, "cancel", given_up)) == [[[]], [[]]]
        assert sold.row.return_label == "part"
    verified()


def test_inspect_against_inspect_of_the_same_units(transactional_db: None, world: Any, order: Any) -> None:
    sold = order(units=2)
    key = world.authorised(sold, 2)
    arrive(world, key, 2)
    line = world.line(key).id
    found = answers(*[act(inspect, world, Inspecting(key, [Part(line, 2)]))] * 2)
    assert sorted(each[0] for each in found) == [[], ["wrong_state"]]
    assert world.line(key).accepted == 2
    verified()


def test_a_parcel_against_the_end_of_its_return(transactional_db: None, world: Any, order: Any) -> None:
    """Whichever is first: the goods are counted on the return, or on a follow-up that claims what is free again."""
    for _ in range(8):
        sold = order(units=2)
        key = world.authorised(sold, 2)
        parcel = Receiving(key, [Arrived(world.line(key).id, 2)], key="m")
        found = answers(act(receive, world, parcel), ending(world, "cancel", key))
        assert found[0] == [[]]
        assert sold.claimed == 2
    verified()


def test_looking_at_two_returns_of_one_sku(transactional_db: None, world: Any, order: Any) -> None:
    keys = [world.authorised(order(units=4), 4) for _ in range(3)]
    for key in keys:
        arrive(world, key, 4)
    parts = [(2, "restock"), (1, "second"), (1, "scrap")]
    found = at_once([partial(look_at, world, key, *parts) for key in keys])
    assert found == [None] * 3
    verified()


@pytest.mark.parametrize("name", ["reject", "authorise", "cancel", "accept_offer"])
def test_a_buyer_accepts_while_somebody_decides(transactional_db: None, world: Any, order: Any, name: str) -> None:
    """One of the two holds, and what is due afterwards is what was agreed on, once, or nothing."""
    sold = order(units=3)
    key = world.request(sold, 3)
    give(offer, world, Offering(key, 700, "goodwill"))
    agree: Callable[[], Any] = partial(
        accept_offer,
        acceptances=[Acceptance(key, 1)],
        actor=Actor(kind="customer", id=sold.customer_id),
        now=world.now,
    )
    others: dict[str, Callable[[], Any]] = {
        "reject": act(reject, world, Rejection(key, "too_late")),
        "authorise": act(authorise, world, Authorisation(key)),
        "cancel": act(cancel, world, Cancellation(key)),
        "accept_offer": agree,
    }
    found = answers(agree, others[name])
    agreed = found[0] == [[]] or (found == [[["wrong_state"]], [[]]] and name == "accept_offer")
    state = Offer.objects.get(parent_id=key).state
    money = list(ReturnLine.objects.filter(parent_id=key, kind="money").values_list("recorded_minor", flat=True))
    if agreed:
        assert (state, money, sold.claimed) == ("accepted", [700], 0)
        # An agreed return may still be cancelled, by whoever comes second.
        assert found[1] == [[]] if name == "cancel" else sorted(each[0] for each in found) == [[], ["wrong_state"]]
    else:
        assert (state, money, sold.claimed) == ("withdrawn", [], 3 if name == "authorise" else 0)
        assert found == [[["wrong_state"]], [[]]]
    verified()


def test_both_sides_speak_at_once(transactional_db: None, world: Any, order: Any) -> None:
    sold = order(units=3)
    key = world.request(sold, 3)
    found = answers(*[act(offer, world, Offering(key, 700, "goodwill"))] * 3)
    assert sorted(each[0] for each in found) == [[], ["offer_open"], ["offer_open"]]
    assert Offer.objects.count() == 1
    verified()
