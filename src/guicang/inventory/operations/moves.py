"""Goods from place to place: moves that only grow, and the levels they add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from guicang.inventory import errors, queries
from guicang.inventory.models import StockLevel, StockMove
from guicang.inventory.operations import balances
from guicang.kernel import commands, setwrites
from guicang.kernel.ids import NIL, derived_id, new_id

#: A LevelKey as a plain tuple: two are made a move.
_Key = tuple[UUID, str, str, UUID, UUID]


class LevelKey(NamedTuple):
    """Equal to a plain tuple in the same order."""

    sku_id: UUID
    lot: str
    grade: str
    owner_id: UUID
    location_id: UUID


# Not frozen: ten thousands are made in a set, and a frozen one takes half as long again to make.
@dataclass(slots=True, eq=False)
class Move:
    """`quantity` base units (and `weight_g` grams of them all) from one place and grade to another.

    `reverses_id`: the move this one undoes, wholly or in part. `event`, `source_kind`: at most 20 letters.
    """

    company_id: UUID
    owner_id: UUID
    sku_id: UUID
    quantity: int
    from_location_id: UUID
    from_grade: str
    to_location_id: UUID
    to_grade: str
    event: str
    source_kind: str
    source_id: UUID
    occurred_at: datetime
    book_date: date
    lot: str = ""
    serial: str = ""
    weight_g: int = 0
    reverses_id: UUID = NIL
    id: UUID = field(default_factory=new_id)

    @property
    def taken_from(self) -> LevelKey:
        return LevelKey(self.sku_id, self.lot, self.from_grade, self.owner_id, self.from_location_id)

    @property
    def brought_to(self) -> LevelKey:
        return LevelKey(self.sku_id, self.lot, self.to_grade, self.owner_id, self.to_location_id)


def available(keys: Iterable[LevelKey]) -> dict[LevelKey, int]:
    """Units on hand per key that are kept for nobody, with the levels locked in primary key order until the
    transaction ends.

    For n levels 1 statement on SQLite and 2 on PostgreSQL per 1,000, 2 and 1 more where levels are
    new. Raises ValueError for a location that does not exist.
    """
    ids = {key: level_id(key) for key in keys}
    found = _lock({level: key for key, level in ids.items()})
    return {key: found[level][0] - found[level][1] for key, level in ids.items()}


def shortages(moves: Sequence[Move]) -> dict[int, errors.NotEnoughStock]:
    """Index of every move that would bring a real place below zero, taken in order, with its refusal.

    A refused move neither takes nor brings. Locks both ends of all moves: the check of a step that
    then calls `move` with the others. Statements as `available` for 2n levels.
    """
    on_hand = available({key for move in moves for key in (move.taken_from, move.brought_to)})
    known = queries.places_by_id({move.from_location_id for move in moves})
    refused: dict[int, errors.NotEnoughStock] = {}
    for index, move in enumerate(moves):
        there = on_hand[move.taken_from]
        if there < move.quantity and not known[move.from_location_id].virtual:
            refused[index] = errors.NotEnoughStock(
                sku_id=move.sku_id,
                location_id=move.from_location_id,
                grade=move.from_grade,
                wanted=move.quantity,
                available=there,
            )
            continue
        on_hand[move.taken_from] -= move.quantity
        on_hand[move.brought_to] += move.quantity
    return refused


def move(context: commands.Context, moves: Sequence[Move]) -> None:
    """Write `moves` and add them to their levels, each level once.

    Statements for n moves: ceil(n/1000) to insert, as `available` for the up to 2n levels, and
    ceil(2n/1000) to update. A real level below zero is an IntegrityError (CHECK level_not_negative),
    as is a quantity below 1: steps ask `shortages` or `available` first.
    """
    if not moves:
        return
    changed = [(level_id(key), key, delta) for key, delta in _deltas(moves).items() if delta != [0, 0]]
    _lock({level: key for level, key, _ in changed})
    stamps = context.stamps
    setwrites.insert(StockMove, [_row(item, stamps) for item in moves])
    setwrites.update(
        StockLevel,
        [{"id": level, "on_hand": units, "weight_g": grams} for level, _, (units, grams) in changed],
        add=["on_hand", "weight_g"],
    )


def _deltas(moves: Sequence[Move]) -> dict[_Key, list[int]]:
    """Units and grams per level."""
    deltas: dict[_Key, list[int]] = {}
    for item in moves:
        sku, lot, owner, quantity, weight = item.sku_id, item.lot, item.owner_id, item.quantity, item.weight_g
        delta = deltas.setdefault((sku, lot, item.from_grade, owner, item.from_location_id), [0, 0])
        delta[0] -= quantity
        delta[1] -= weight
        delta = deltas.setdefault((sku, lot, item.to_grade, owner, item.to_location_id), [0, 0])
        delta[0] += quantity
        delta[1] += weight
    return deltas


def _row(item: Move, stamps: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": item.id,
        "company_id": item.company_id,
        "owner_id": item.owner_id,
        "sku_id": item.sku_id,
        "lot": item.lot,
        "serial": item.serial,
        "from_location_id": item.from_location_id,
        "from_grade": item.from_grade,
        "to_location_id": item.to_location_id,
        "to_grade": item.to_grade,
        "quantity": item.quantity,
        "weight_g": item.weight_g,
        "event": item.event,
        "source_kind": item.source_kind,
        "source_id": item.source_id,
        "reverses_id": item.reverses_id,
        "occurred_at": item.occurred_at,
        "book_date": item.book_date,
        **stamps,
    }


# A year's imports pass over the same few thousand levels again and again.
@lru_cache(maxsize=16_384)
def level_id(key: _Key) -> UUID:
    return derived_id("level", *key)


def _lock(levels: Mapping[UUID, _Key]) -> dict[UUID, tuple[Any, ...]]:
    return balances.lock(StockLevel, levels.keys(), ["on_hand", "reserved"], _new_levels(levels))


def _new_levels(
    levels: Mapping[UUID, _Key],
) -> Callable[[Sequence[UUID]], list[dict[str, Any]]]:
    def make(missing: Sequence[UUID]) -> list[dict[str, Any]]:
        known = queries.places_by_id({levels[level][4] for level in missing})
        rows = []
        for level in missing:
            sku, lot, grade, owner, location = levels[level]
            place = known[location]
            rows.append(
                {
                    "id": level,
                    "company_id": place.company_id,
                    "owner_id": owner,
                    "sku_id": sku,
                    "lot": lot,
                    "grade": grade,
                    "location_id": location,
                    "virtual": place.virtual,
                }
            )
        return rows

    return make
