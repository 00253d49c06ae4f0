"""What the head of a return says: how far it has come and whose turn it is."""

from __future__ import annotations

from collections.abc import Callable

from guicang.insights.dossier import dossier
from guicang.insights.home import leaks, oldest, waiting
from guicang.kernel.actor import EVERYTHING, Actor
from tests.unit.desk.conftest import in_every_state
from tests.world import NOW, Sold, World

#: State -> (steps done, the step it stands at, where that is, what it waits for, whose turn).
EXPECTED = {
    "requested": (1, "decided", "now", ("review", "agent")),
    "rejected": (1, "decided", "stopped", None),
    "cancelled": (1, "decided", "stopped", None),
    "received": (4, "inspected", "now", ("inspect", "warehouse")),
    "settled": (6, "closed", "now", ("close", "finance")),
    "closed": (7, "", "", None),
}


def test_a_return_says_where_it_stands(world: World, order: Callable[..., Sold]) -> None:
    seen = set()
    for state, key in in_every_state(world, order).items():
        found = dossier(key, Actor.system(), NOW)
        assert found is not None
        if state not in EXPECTED:
            continue
        seen.add(state)
        done, at, where, waits = EXPECTED[state]
        here = next((stage for stage in found.stages if stage.where != "done"), None)
        assert [stage.where for stage in found.stages].count("done") == done, state
        assert ((here.code, here.where) if here else ("", "")) == (at, where), state
        assert (found.waits and found.waits[:2]) == waits, state
        assert all(stage.at for stage in found.stages if stage.where == "done" and stage.code != "sent"), state
    assert {"requested", "received", "settled", "closed"} <= seen


def test_refund_only_has_no_goods_in_its_strip(world: World, order: Callable[..., Sold]) -> None:
    found = dossier(world.request(order(), 1, resolution="refund_only"), Actor.system(), NOW)
    assert found is not None
    assert [stage.code for stage in found.stages] == ["requested", "decided", "refunded", "closed"]


def test_the_first_page_counts_and_names_the_oldest(world: World, order: Callable[..., Sold]) -> None:
    assert [queue.count for queue in waiting(EVERYTHING, ("review", "bay"))] == [0, 0]
    assert oldest(EVERYTHING, ("review",), 3) == []
    returns = in_every_state(world, order)
    review, bay = waiting(EVERYTHING, ("review", "bay"))
    assert review.count == len([state for state in returns if state == "requested"])
    assert bay.oldest is not None
    assert [row.id for row in oldest(EVERYTHING, ("review",), 3)] == [returns["requested"]]
    for leak in leaks(EVERYTHING):
        assert len(leak.first) == min(3, leak.queue.count)
