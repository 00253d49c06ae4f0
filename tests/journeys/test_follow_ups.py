"""What comes after a return is over opens a linked one with money of its own (HARD-CASES 4 and 6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from guicang.insights.dossier import linked
from guicang.returns.models import Return
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.expire import Expiry, expire
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.short_close import ShortClosing, short_close
from tests.journeys.acts import arrive, do, look_at, pay, undo, verified
from tests.journeys.test_resettling import came_back, cash, line, sold_for, state

pytestmark = pytest.mark.django_db


def test_case_4_a_gift_that_was_charged_comes_back_after_closing(world: Any) -> None:
    """100.00 back with the gift of 20.00 kept: 80.00. The gift comes later, on a linked return: +20.00."""
    state(world, gifts="charge")
    gift = line("g", 1, 0, is_gift=True, gift_value_minor=2000, promotion_id="G")
    promotion: dict[str, Any] = {"id": "G", "mode": "", "threshold_minor": 0, "members": ["a"]}
    promotion["gifts"] = [{"line_key": "g", "value_minor": 2000}]
    sold = sold_for(world, 10000, line("a", 1, 10000, promotion_id="G"), gift, promotions=[promotion])
    first = came_back(world, sold, 0)
    pay(world, first)
    do(close, world, Closing(first))
    later = came_back(world, sold, 1)
    row = world.row(later)
    assert (row.linked_id, row.link_kind) == (first, "gift_later")
    assert linked(row) == [(first, world.row(first).number, "gift_later")]
    assert linked(world.row(first)) == [(later, row.number, "gift_later")]
    settled = pay(world, later)
    assert (cash(), world.row(later).refund_minor, world.row(first).refund_minor) == ([8000, 2000], 2000, 8000)
    verified()
    undo(world, settled)
    verified()
    pay(world, later)
    assert (sold.row.refunded_minor, sold.row.withheld) == (10000, {})
    verified()


def test_a_gift_that_was_not_charged_links_nothing(world: Any) -> None:
    gift = line("g", 1, 0, is_gift=True, gift_value_minor=2000, promotion_id="G")
    sold = sold_for(world, 10000, line("a", 1, 10000), gift)
    pay(world, came_back(world, sold, 0))
    assert world.row(came_back(world, sold, 1)).link_kind == ""


def ended(world: Any, order: Any, how: str) -> tuple[Any, UUID]:
    """An order of five, and a return of three that ended before any of them came."""
    sold = order(units=5)
    key = world.authorised(sold, 3)
    if how == "cancelled":
        do(cancel, world, Cancellation(key, "other"))
    elif how == "expired":
        world.now = world.row(key).expires_at
        do(expire, world, Expiry(key))
    else:
        do(short_close, world, ShortClosing(key, {world.line(key).id: 3}, "other"))
        do(close, world, Closing(key))
    assert (world.row(key).ending, sold.claimed) == (how, 0)
    return sold, key


@pytest.mark.parametrize("how", ["cancelled", "expired", "closed"])
def test_case_6_a_parcel_after_the_end_is_paid_on_its_own(world: Any, order: Any, how: str) -> None:
    sold, key = ended(world, order, how)
    follow_up = UUID(arrive(world, key, 3).data["follow_up"])
    row = world.row(follow_up)
    assert (row.linked_id, row.link_kind, sold.claimed, world.row(key).state) == (key, "late_parcel", 3, how)
    assert linked(world.row(key)) == [(follow_up, row.number, "late_parcel")]
    verified()
    look_at(world, follow_up, (3, "restock"))
    pay(world, follow_up)
    assert (world.row(follow_up).refund_minor, world.row(key).refund_minor) == (3000, 0)
    do(close, world, Closing(follow_up))
    verified()


def test_case_6_an_open_return_of_the_same_goods_comes_first(world: Any, order: Any) -> None:
    """Shipped 5, RMA-1 of 3 expired, RMA-2 claims 5, RMA-1's parcel with 3 comes: RMA-2 received 3 of 5."""
    sold, key = ended(world, order, "expired")
    second = world.authorised(sold, 5)
    late = arrive(world, key, 3)
    assert (late.data["taken_by"], "follow_up" in late.data) == ({str(second): 3}, False)
    assert (world.line(second).received, Return.objects.count(), sold.claimed) == (3, 2, 5)
    more = arrive(world, key, 4)
    follow_up = UUID(more.data["follow_up"])
    assert (world.line(second).received, world.line(follow_up).kind) == (5, "surplus")
    do(inspect, world, Inspecting(follow_up, [Part(world.line(follow_up).id, 2, accepted=False)]))
    verified()
