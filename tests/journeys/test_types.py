"""The type of a request: set by the system whoever enters it, changed by hand with a reason while nobody decided."""

from __future__ import annotations

from collections.abc import Callable

from guicang.audit import queries as audit
from guicang.kernel.refusal import Outcome
from guicang.returns.models import ReturnLine
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.retype import Retyping, retype
from tests.journeys.acts import back, codes, do, give, pay, verified
from tests.world import Sold, World

Order = Callable[..., Sold]


def change(world: World, key: object, to: str, reason: str = "entered_wrongly") -> Outcome:
    return give(retype, world, Retyping(key, to, reason))[0]  # type: ignore[arg-type] # an id


def typed(world: World, key: object) -> tuple[str, str]:
    row = world.row(key)  # type: ignore[arg-type] # an id
    return row.type, row.type_because


def test_a_refund_of_what_was_not_shipped_is_one_before_shipment(world: World, order: Order) -> None:
    key = world.request(order(3, 0), 2)
    assert typed(world, key) == ("unshipped", "not_shipped")
    assert world.line(key).kind == "unshipped"
    do(authorise, world, Authorisation(key))
    pay(world, key)
    assert world.row(key).refund_minor == 2_000
    verified()


def test_changed_by_hand_with_a_reason(world: World, order: Order) -> None:
    key = world.request(order(), 2)
    assert typed(world, key) == ("refund", "goods")
    assert codes(change(world, key, "refund_only", "")) == ["reason_missing"]
    for wrong in ("refund", "unshipped", "money_only", "?"):
        assert codes(change(world, key, wrong)) == ["bad_choice"], wrong
    assert change(world, key, "refund_only").ok
    assert typed(world, key) == ("refund_only", "staff")
    line = world.line(key)
    assert (line.kind, line.resolution, line.claimed) == ("keep", "refund_only", 2)
    last = audit.history(key)[-1]
    assert (last.action, last.reason, last.after["type_before"], last.after["type"]) == (
        *("retype", "entered_wrongly", "refund"),
        "refund_only",
    )
    do(authorise, world, Authorisation(key))
    assert codes(change(world, key, "refund")) == ["wrong_state"]
    pay(world, key)
    assert (world.row(key).refund_minor, world.row(key).state) == (2_000, "settled")
    verified()


def test_an_exchange_that_is_to_be_a_refund(world: World, order: Order) -> None:
    key = world.request(order(), 1, resolution="exchange")
    assert typed(world, key) == ("exchange", "asked")
    assert change(world, key, "refund").ok
    assert ReturnLine.objects.get(parent_id=key).resolution == "refund"
    unsent = world.request(order(3, 0), 1)
    assert codes(change(world, unsent, "exchange")) == ["bad_choice"]
    paid = back(world, order(), 1)
    assert codes(change(world, paid, "exchange")) == ["wrong_state"]
