"""Notes of staff: words about a customer, kept in the vault, in no trail, and gone with the person."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.kernel.actor import Actor, Scope
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome, Refused
from guicang.parties.models import VaultEntry
from guicang.returns import queries
from guicang.returns.models import Note
from guicang.returns.operations.notes import MOST, Noting, add_notes
from guicang.returns.steps.close import Closing, close
from guicang.trade.operations import erase_customer
from tests.journeys.acts import back, codes, do, dump, pay, verified
from tests.world import SYSTEM, Sold, World, another_world

ROSA = Actor("staff", new_id(), frozenset({"returns.note"}))
Order = Callable[..., Sold]


def write(world: World, key: UUID, *texts: str, actor: Actor = ROSA) -> list[Outcome]:
    return add_notes(notes=[Noting(key, text) for text in texts], actor=actor, now=world.now)


def texts(key: UUID) -> list[str]:
    return [note.text for note in queries.notes_of([key]).get(key, [])]


def test_a_note_is_kept_sealed_and_read(world: World, order: Order) -> None:
    key = world.request(order(), 1)
    (outcome,) = write(world, key, "  李女士来电，周五后再寄。\n电话打不通 ***  ")
    assert outcome.id is not None
    (note,) = queries.notes_of([key])[key]
    assert note[:5] == (outcome.id, key, "staff", ROSA.id, world.now)
    assert note.text == "李女士来电，周五后再寄。\n电话打不通 ***"
    assert "李女士" not in str(dump())
    verified()


def test_the_same_words_twice_are_one_note(world: World, order: Order) -> None:
    key, other = world.request(order(), 1), world.request(order(), 1)
    first, twin = write(world, key, "called", "called")
    assert first.id == twin.id == write(world, key, "called")[0].id
    assert write(world, key, "called", actor=SYSTEM)[0].id != first.id
    assert write(world, other, "called")[0].id != first.id
    assert Note.objects.count() == 3


def test_a_note_that_says_nothing_or_too_much(world: World, order: Order) -> None:
    key = world.request(order(), 1)
    before = dump()
    found = write(world, key, " \n ", "x" * (MOST + 1))
    assert [codes(outcome) for outcome in found] == [["note_empty"], ["text_too_long"]]
    assert dump() == before
    assert write(world, key, "字" * MOST)[0].ok


def test_who_may_write(world: World, order: Order) -> None:
    sold = order()
    key = world.request(sold, 1)
    before = dump()
    for actor in (Actor("staff", new_id()), Actor("customer", sold.customer_id, ROSA.permissions)):
        with pytest.raises(Refused):
            write(world, key, "mine", actor=actor)
    assert dump() == before
    elsewhere = Actor("staff", new_id(), ROSA.permissions, Scope(company_id=another_world().company_id))
    assert codes(write(world, key, "mine", actor=elsewhere)[0]) == ["return_not_found"]
    assert codes(write(world, new_id(), "mine")[0]) == ["return_not_found"]
    assert not Note.objects.exists()


def test_a_closed_return_takes_notes(world: World, order: Order) -> None:
    key = back(world, order(), 1)
    pay(world, key)
    do(close, world, Closing(key))
    assert write(world, key, "called again")[0].ok
    verified()


def test_an_erased_person_takes_the_words_along(world: World) -> None:
    mine, theirs = world.sell(world.facts(), world.facts(buyer="other"))
    key, other = world.request(mine, 1), world.request(theirs, 1)
    write(world, key, "about mine")
    write(world, other, "about theirs")
    assert erase_customer(begin("test", actor=SYSTEM, now=world.now, items=1), mine.customer_id) == 1
    assert (texts(key), texts(other)) == ([""], ["about theirs"])
    assert VaultEntry.objects.count() == 1
    assert codes(write(world, key, "more")[0]) == ["person_erased"]
    verified()


def test_statements_do_not_grow(world: World, order: Order) -> None:
    keys = [world.request(order(), 1) for _ in range(6)]
    write(world, keys[0], "first")
    counts = []
    for some in (keys[:1], keys[1:]):
        with CaptureQueriesContext(connection) as seen:
            found = add_notes(notes=[Noting(key, "same") for key in some], actor=ROSA, now=world.now)
        assert all(outcome.ok for outcome in found)
        counts.append(len(seen))
    assert counts[1] <= counts[0] <= 18
