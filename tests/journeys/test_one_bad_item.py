"""One bad item in a set never spoils the others; refused, it moves nothing; `all_or_nothing` moves none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused
from guicang.returns.models import Inspection
from guicang.returns.steps.appeal import Appeal, appeal
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.redispose import Redisposition, redispose
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.settle import Settlement, settle
from guicang.trade.facts import LineFacts, ShippedFacts
from tests.journeys.acts import SYSTEM, arrive, back, codes, do, dump, give, id_of, look_at, verified

REQUESTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "blind_without_quantity": ({"quantity": 0}, ["bad_quantity"]),
    "blind_without_sku": ({"sku_id": None}, ["line_not_found"]),
    "unknown_shop": ({"shop": True}, ["shop_not_found"]),
    "unknown_type": ({"resolution": "xyz"}, ["bad_choice"]),
    "long_reason": ({"reason": "x" * 41}, ["text_too_long"]),
    "long_serial": ({"serial": "x" * 81}, ["text_too_long"]),
    "negative_amount": ({"recorded_minor": -1}, ["bad_amount"]),
    "several": (
        {"quantity": -2, "reason": "", "condition": "x" * 41},
        ["bad_quantity", "reason_missing", "text_too_long"],
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_bad_request(world: Any, order: Any, name: str) -> None:
    sold = order(units=2)
    wrong, expected = REQUESTS[name]
    columns: dict[str, Any] = {"sku_id": sold.sku_id, "quantity": 1, "reason": "no_order"} | wrong
    shop = new_id() if columns.pop("shop", False) else sold.shop_id
    columns = {key: value for key, value in columns.items() if value is not None}
    bad = Request(shop, sold.customer_id, [Wanted(**columns)])
    before = dump()
    assert sorted(codes(give(request, world, bad)[0])) == expected
    assert dump() == before
    found = give(request, world, bad, world.asked(sold, 1))
    assert [outcome.ok for outcome in found] == [False, True]
    with pytest.raises(Refused) as refused:
        give(request, world, bad, world.asked(sold, 1), all_or_nothing=True)
    assert sorted(refusal.code for refusal in refused.value.refusals) == expected
    assert sold.claimed == 1
    verified()


def test_only_a_past_document_says_what_was_paid(world: Any, order: Any) -> None:
    sold = order(units=1)
    for actor in (Actor("customer", sold.customer_id), SYSTEM):
        asked = world.asked(sold, 1, recorded_minor=99999)
        assert codes(request(requests=[asked], actor=actor, now=world.now)[0]) == ["bad_amount"]
    asked = Request(
        sold.shop_id, sold.customer_id, [Wanted(sku_id=sold.sku_id, quantity=1, reason="x", recorded_minor=9)]
    )
    buyer = Actor("customer", sold.customer_id)
    assert codes(request(requests=[asked], actor=buyer, now=world.now)[0]) == ["bad_amount"]


PARTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown_grade": ({"grade": "Z"}, ["bad_choice"]),
    "uninspected": ({"grade": "uninspected"}, ["bad_choice"]),
    "unknown_disposition": ({"disposition": "xyz"}, ["bad_choice"]),
    "accepted_and_sent_back": ({"disposition": "send_back"}, ["bad_choice"]),
    "negative_worth": ({"worth_minor": -5}, ["bad_amount"]),
    "long_words": ({"found_condition": "x" * 41, "found_serial": "x" * 81}, ["text_too_long", "text_too_long"]),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_bad_inspection(world: Any, order: Any, name: str) -> None:
    wrong, expected = PARTS[name]
    keys = [world.authorised(order(units=1), 1) for _ in range(2)]
    for key in keys:
        arrive(world, key, 1)
    bad = Inspecting(keys[0], [Part(**{"line_id": world.line(keys[0]).id, "quantity": 1, **wrong})])
    before = dump()
    assert (codes(give(inspect, world, bad)[0]), dump()) == (expected, before)
    found = give(inspect, world, bad, Inspecting(keys[1], [Part(world.line(keys[1]).id, 1)]))
    assert [codes(outcome) for outcome in found] == [expected, []]
    verified()


def test_surplus_in_two_parts_is_claimed_once(world: Any, order: Any) -> None:
    sold = order(units=3)
    key, other = world.authorised(sold, 2), world.authorised(order(units=1), 1)
    arrive(world, key, 4)
    arrive(world, other, 1)
    surplus = world.line(key, 2).id
    bad = Inspecting(key, [Part(surplus, 1), Part(surplus, 1)])
    found = give(inspect, world, bad, Inspecting(other, [Part(world.line(other).id, 1)]))
    assert [codes(outcome) for outcome in found] == [["surplus_not_claimed"], []]
    do(inspect, world, Inspecting(key, [Part(surplus, 1), Part(surplus, 1, accepted=False)]))
    assert sold.claimed == 3
    verified()


def test_what_was_sold_since_cannot_be_disposed_anew(world: Any, order: Any) -> None:
    first = back(world, order(units=3), 1)
    second = world.authorised(order(units=1), 1)
    arrive(world, second, 1)
    look_at(world, second, (1, "second"))
    order(units=997)
    kept, graded = (Inspection.objects.get(line__parent_id=key) for key in (first, second))
    bad = Redisposition(kept.id, 1, "scrap", "broken")
    before = dump()
    assert (codes(give(redispose, world, bad)[0]), dump()) == (["not_redisposable"], before)
    found = give(redispose, world, bad, Redisposition(graded.id, 1, "scrap", "broken"))
    assert [codes(outcome) for outcome in found] == [["not_redisposable"], []]
    verified()


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [({"grade": "Z"}, "bad_choice"), ({"disposition": "xyz"}, "bad_choice"), ({"worth_minor": -5}, "bad_amount")],
)
def test_a_bad_redisposition(world: Any, order: Any, wrong: dict[str, Any], expected: str) -> None:
    key = back(world, order(units=1), 1)
    inspection = Inspection.objects.get(line__parent_id=key).id
    columns: dict[str, Any] = {"inspection_id": inspection, "quantity": 1, "disposition": "second", "reason": "x"}
    assert codes(give(redispose, world, Redisposition(**(columns | wrong)))[0]) == [expected]
    verified()


def test_a_bad_settlement(world: Any, order: Any) -> None:
    keys = [back(world, order(units=1), 1) for _ in range(2)]
    bad = Settlement(keys[0], {new_id(): 1}, shipping="all", reference="x" * 121)
    before = dump()
    assert sorted(codes(give(settle, world, bad)[0])) == ["bad_choice", "line_not_found", "text_too_long"]
    assert dump() == before
    found = give(settle, world, bad, Settlement(keys[1]))
    assert [outcome.ok for outcome in found] == [False, True]
    verified()


def test_a_bad_receipt(world: Any, order: Any) -> None:
    keys = [world.authorised(order(units=1), 1) for _ in range(2)]
    bad = Receiving(keys[0], [Arrived(new_id(), 1), Arrived(quantity=1), Arrived(world.line(keys[0]).id, 0)])
    before = dump()
    expected = ["bad_quantity", "line_not_found", "line_not_found"]
    assert (sorted(codes(give(receive, world, bad)[0])), dump()) == (expected, before)
    found = give(receive, world, bad, Receiving(keys[1], [Arrived(world.line(keys[1]).id, 1)]))
    assert [outcome.ok for outcome in found] == [False, True]
    verified()


def test_an_authorisation_of_more_than_is_left_to_cancel(world: Any, order: Any) -> None:
    sold, other = order(units=3, shipped=0), order(units=1)
    line = sold.lines[0].id
    wanted = [Wanted(line, 1, "slow", "unshipped"), Wanted(line, 2, "slow", "unshipped")]
    both = id_of(request, world, Request(sold.shop_id, sold.customer_id, wanted))
    do(authorise, world, Authorisation(world.request(sold, 1, resolution="unshipped")))
    found = give(authorise, world, Authorisation(both), Authorisation(world.request(other, 1)))
    assert [codes(outcome) for outcome in found] == [["already_shipped"], []]
    verified()


def test_postage_is_not_sent_back(world: Any) -> None:
    facts = world.facts(1)
    facts.lines.append(LineFacts("2", "", 1, facts.lines[0].unit_price, 500, kind="postage"))
    facts.shipments[0].lines.append(ShippedFacts("2", 1))
    facts.payments[0].amount_minor = 1500
    sold = world.sell(facts)[0]
    key = world.authorised(sold, 1, order_line_id=sold.lines[1].id)
    assert (world.line(key).kind, world.line(key).expected) == ("keep", 0)
    do(settle, world, Settlement(key))
    assert sold.row.refunded_minor == 500
    verified()


def test_an_appeal_has_the_policys_time(world: Any, order: Any) -> None:
    key = world.request(order(units=1), 1)
    do(reject, world, Rejection(key, "worn"))
    world.now += timedelta(days=31)
    before = dump()
    assert (codes(give(appeal, world, Appeal(key, "not_worn"))[0]), dump()) == (["appeal_too_late"], before)
    world.now -= timedelta(days=1)
    do(appeal, world, Appeal(key, "not_worn"))
    verified()


def test_a_part_that_was_not_granted_is_asked_for_again_and_not_appealed(world: Any, order: Any) -> None:
    sold = order(units=3)
    key = world.request(sold, 3)
    do(authorise, world, Authorisation(key, {world.line(key).id: 1}, reason="worn"))
    assert (sold.claimed, world.row(key).state) == (1, "authorised")
    assert codes(give(appeal, world, Appeal(key, "not_worn"))[0]) == ["wrong_state"]
    world.request(sold, 2)
    assert sold.claimed == 3
    verified()
