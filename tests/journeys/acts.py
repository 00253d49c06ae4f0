"""Short ways to give commands on returns in journeys, and to see that nothing moved."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.apps import apps

from guicang.inventory.models import StockLevel
from guicang.kernel.actor import Actor
from guicang.kernel.refusal import Outcome
from guicang.proofs import queries as proofs
from guicang.returns.models import ReturnLine
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle

SYSTEM = Actor.system()


def verified() -> None:
    found = [(proof.name, proof.differences[:3]) for proof in proofs.run() if not proof.ok]
    assert not found, found


def give(step: Any, world: Any, *items: Any, **more: Any) -> list[Outcome]:
    """The outcomes of one command over `items`; the items are the step's first parameter."""
    name = next(iter(step.__annotations__))
    return list(step(**{name: items, "actor": SYSTEM, "now": world.now, **more}))


def do(step: Any, world: Any, *items: Any, **more: Any) -> Outcome:
    """The first outcome; every item must have been taken."""
    outcomes = give(step, world, *items, **more)
    assert all(each.ok for each in outcomes), [str(why) for each in outcomes for why in each.refusals]
    return outcomes[0]


def id_of(step: Any, world: Any, item: Any) -> UUID:
    """The id that a command made."""
    key = do(step, world, item).id
    assert key is not None
    return key


def codes(outcome: Outcome) -> list[str]:
    return [refusal.code for refusal in outcome.refusals]


def arrive(world: Any, key: UUID, units: int, position: int = 1, **more: Any) -> Outcome:
    return do(receive, world, Receiving(key, [Arrived(world.line(key, position).id, units)], **more))


def look_at(world: Any, key: UUID, *parts: tuple[int, str]) -> None:
    """Inspect the first line: (units, disposition) each."""
    line = world.line(key).id
    do(inspect, world, Inspecting(key, [Part(line, units, name) for units, name in parts]))


def back(world: Any, sold: Any, units: int, **more: Any) -> UUID:
    """A return whose goods are back in stock as good as new; its money is due."""
    key: UUID = world.authorised(sold, units, **more)
    for line in ReturnLine.objects.filter(parent_id=key):
        do(receive, world, Receiving(key, [Arrived(line.id, line.expected)]))
        do(inspect, world, Inspecting(key, [Part(line.id, line.expected)]))
    return key


def pay(world: Any, key: UUID, **more: Any) -> UUID:
    """Settle what is due; the settlement's id."""
    made: UUID = do(settle, world, Settlement(key, **more)).data["settlements"][0]
    return made


def undo(world: Any, settlement: UUID) -> UUID:
    made: UUID = do(reverse_settlement, world, Reversal(settlement, "typed_twice")).data["settlements"][0]
    return made


#: Rows that say that somebody tried, not that anything moved.
TRIED = frozenset({"kernel_command"})


def dump() -> dict[str, list[Any]]:
    """Every row of every table: equal before and after a command that was refused."""
    found = {}
    for model in apps.get_models():
        if model._meta.db_table not in TRIED and model._meta.managed:
            names = [column.attname for column in model._meta.concrete_fields]
            rows = model._default_manager.values_list(*names)
            if model is StockLevel:
                rows = rows.exclude(on_hand=0)  # made to be locked: nothing of nothing lies there
            found[model._meta.label] = sorted(map(repr, rows))
    return {name: rows for name, rows in found.items() if rows}
