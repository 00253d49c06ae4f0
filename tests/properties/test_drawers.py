"""Any day at the counter: begun, refunded, collected, taken back, counted, a drawer holds what its rows say."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused
from guicang.payments.models import CashMove, Refund, Shift, Till
from guicang.payments.operations import shifts
from guicang.payments.rules.drawers import REASONS
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from tests.journeys.acts import give, verified
from tests.journeys.test_drawers import drawer, in_cash, keep, person
from tests.journeys.test_exchange import exchanged, priced, sell_at_80
from tests.world import another_world

#: (what, an amount, who of two, which of what there is).
ACTS = st.lists(
    st.tuples(
        st.sampled_from(("open", "open", "refund", "refund", "collect", "reverse", "move", "count", "agree")),
        st.integers(0, 30000),
        st.integers(0, 1),
        st.sampled_from(sorted(REASONS)),
    ),
    min_size=3,
    max_size=12,
)


def tried(world: Any, who: Actor, act: Any, *said: Any) -> None:
    """What is refused moves nothing, which the proofs see at the end."""
    with suppress(Refused):
        keep(world, who, act, *said)


def at_the_drawer(world: Any, who: Actor, till: UUID, what: str, minor: int, reason: str) -> None:
    running = Shift.objects.filter(till_id=till).exclude(state="closed").first()
    shift = running.id if running else till
    acts: dict[str, tuple[Any, ...]] = {
        "open": (shifts.open_shift, till, minor),
        "move": (shifts.move_cash, shift, reason, minor),
        "count": (shifts.count_shift, shift, minor),
        "agree": (shifts.agree, shift),
    }
    tried(world, who, *acts[what])


def at_the_counter(world: Any, who: Actor, what: str, minor: int) -> None:
    if what == "refund":
        give(settle, world, Settlement(in_cash(world, price_minor=minor + 1)), actor=who)
    elif what == "collect":
        key, _ = exchanged(world, sell_at_80(world), Instead(priced(world, new_id().hex[-12:], 9000 + minor), 1))
        give(collect, world, Collecting(key, "cash"), actor=who)
    else:
        paid = Refund.objects.filter(company_id=world.company_id, kind="cash", amount_minor__gt=0).order_by("id")
        if row := paid.last():
            give(reverse_settlement, world, Reversal(row.settlement_id, "entered_wrongly"), actor=who)


@pytest.mark.django_db
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(limit=st.integers(0, 5000), acts=ACTS)
def test_a_drawer_holds_what_its_rows_say(limit: int, acts: list[tuple[str, int, int, str]]) -> None:
    world = another_world()
    people, till = (person(), person()), drawer(world)
    keep(world, people[0], shifts.state_limit, world.company_id, limit)
    for what, minor, number, reason in acts:
        if what in ("refund", "collect", "reverse"):
            at_the_counter(world, people[number], what, minor)
        else:
            at_the_drawer(world, people[number], till, what, minor, reason)
    verified()
    moved = CashMove.objects.filter(till_id=till).values_list("amount_minor", flat=True)
    held = Till.objects.filter(id=till).values_list("balance_minor", flat=True)
    assert sum(moved) == sum(held) >= 0
    # Whatever left or came back in cash by hand of these two went through the drawer.
    cash = Refund.objects.filter(company_id=world.company_id, kind="cash", state="paid")
    through = CashMove.objects.filter(till_id=till, kind__in=("refund", "refund_back"))
    assert sum(cash.values_list("amount_minor", flat=True)) == -sum(through.values_list("amount_minor", flat=True))
