"""Erasing a person through the pages: found, shown, ticked, gone; and nobody else's is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.audit import queries as audit
from guicang.kernel.commands import begin
from guicang.parties.models import Customer, VaultEntry, VaultFile
from guicang.returns.operations.evidence import Showing, add_evidence
from guicang.returns.operations.notes import Noting, add_notes
from guicang.trade.facts import CustomerFacts
from guicang.trade.operations import erase_person
from tests.journeys.acts import back, codes, pay, verified
from tests.unit.desk.conftest import Hire, dump
from tests.unit.returns.test_evidence import photo
from tests.world import SYSTEM, Sold, World, another_world

Commit = Callable[..., Any]
HOME = "/persons/"
MEI = {"name": "韩梅梅", "phone": "13812345678", "email": "mei@example.com"}


def address(person: Any) -> str:
    return f"{HOME}{person}/"


def sold_to(world: World, buyer: str = "mei", **personal: str) -> Sold:
    return world.sell(world.facts(customer=CustomerFacts(buyer, personal={**MEI, **personal})))[0]


@pytest.fixture
def told(world: World) -> Sold:
    """A buyer with contact, a picture, a note, and a return that is paid but not over."""
    sold = sold_to(world)
    key = back(world, sold, 1)
    pay(world, key)
    add_evidence(pictures=[Showing(key, photo())], actor=SYSTEM, now=world.now)
    add_notes(notes=[Noting(key, "called")], actor=SYSTEM, now=world.now)
    return sold


@pytest.mark.parametrize("typed", ["138-1234-5678", "MEI@example.com", "韩梅梅", "number"])
def test_a_person_is_found_as_orders_are(typed: str, told: Sold, world: World, hire: Hire) -> None:
    sold_to(world, "lei", name="李雷", phone="13900000000", email="lei@example.com")
    shown = hire("admin").get(HOME, {"q": told.row.number if typed == "number" else typed}).content.decode()
    assert address(told.customer_id) in shown
    assert "13812345678" in shown
    assert "李雷" not in shown


@pytest.mark.parametrize("typed", ["", "138****5678", "13811112222", "nobody"])
def test_nobody_is_found_by_what_proves_nothing(typed: str, told: Sold, hire: Hire) -> None:
    assert "/persons/0" not in hire("admin").get(HOME, {"q": typed}).content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_person_is_erased_and_the_books_stay(
    language: str, told: Sold, world: World, hire: Hire, django_capture_on_commit_callbacks: Commit
) -> None:
    other = sold_to(world, "lei", name="李雷", phone="13900000000", email="lei@example.com")
    ada, where = hire("admin", language=language, first_name="Ada"), address(told.customer_id)
    before = ada.get(where).content.decode()
    assert "韩梅梅" in before
    assert ("员工备注" if language == "zh-hans" else "Notes of staff") in before
    assert ("未结束" if language == "zh-hans" else "is not over yet") in before
    with django_capture_on_commit_callbacks(execute=True):
        assert ada.post(where, {"sure": "1"}).headers["Location"] == where
    assert not VaultEntry.objects.filter(person_id=told.customer_id).exists()
    for lists in ("/returns/", "/orders/"):
        assert (
            "erased:" not in ada.get(lists).content.decode()
        )  # the mark that took the buyer's id's place is nobody's name
    assert not VaultFile.objects.exists()
    assert VaultEntry.objects.filter(person_id=other.customer_id).count() == 3
    assert Customer.objects.get(id=told.customer_id).erased_at is not None
    after = ada.get(where).content.decode()
    assert "韩梅梅" not in after
    assert "Ada" in after
    assert 'name="sure"' not in after
    assert address(told.customer_id) not in ada.get(HOME, {"q": MEI["phone"]}).content.decode()
    last = audit.history(told.customer_id)[-1]
    assert (last.action, last.after) == ("erase", {"values": 4, "files": 2, "orders": 1})
    verified()


def test_without_the_tick_nothing_is_erased(told: Sold, hire: Hire) -> None:
    ada = hire("admin")
    before = dump()
    answer = ada.post(address(told.customer_id))
    assert answer.status_code == 409
    assert "Tick that you know" in answer.content.decode()
    assert dump() == before


def test_where_nobody_knows_the_buyer_the_order_is_the_person(world: World, hire: Hire) -> None:
    first, second = sold_to(world, ""), sold_to(world, "", name="李雷")
    assert first.customer_id == second.customer_id
    ada, where = hire("admin"), address(first.id)
    found = ada.get(HOME, {"q": MEI["phone"]}).content.decode()
    assert where in found
    assert address(first.customer_id) not in found, "everybody without a name is nobody"
    assert ada.get(address(first.customer_id)).status_code == 404
    assert f"The buyer of order {first.row.number}" in ada.get(where).content.decode()
    assert ada.post(where, {"sure": "1"}).status_code == 302
    assert set(VaultEntry.objects.values_list("owner_id", flat=True)) == {second.id}
    assert "Nothing is kept of this person." in ada.get(where).content.decode()
    verified()


def test_what_was_erased_by_an_order_takes_nothing_new(world: World) -> None:
    """Neither notes nor pictures nor words, though the shop's customer "unknown" cannot be erased himself."""
    mine, theirs = sold_to(world, ""), sold_to(world, "", name="李雷")
    keys = [world.request(mine, 1), world.request(theirs, 1)]
    erase_person(begin("test", actor=SYSTEM, now=world.now, items=1), mine.id)
    notes = add_notes(notes=[Noting(key, "called") for key in keys], actor=SYSTEM, now=world.now)
    assert [codes(outcome) for outcome in notes] == [["person_erased"], []]
    pictures = add_evidence(pictures=[Showing(key, photo()) for key in keys], actor=SYSTEM, now=world.now)
    assert [codes(outcome) for outcome in pictures] == [["person_erased"], []]
    assert not VaultEntry.objects.filter(person_id=mine.id).exists()
    assert not VaultFile.objects.filter(person_id=mine.id).exists()


def test_nobody_erases_another_company_s(told: Sold, world: World, hire: Hire) -> None:
    other = another_world()
    for scope in ({"company_id": other.company_id}, {"shop_id": other.shop_id}):
        client: Client = hire("admin", name=str(scope), **scope)
        assert address(told.customer_id) not in client.get(HOME, {"q": MEI["phone"]}).content.decode()
        assert client.get(address(told.customer_id)).status_code == 404
        assert client.post(address(told.customer_id), {"sure": "1"}).status_code == 404
    assert VaultEntry.objects.filter(person_id=told.customer_id).count() == 4


def test_statements_do_not_grow(told: Sold, world: World, hire: Hire) -> None:
    ada, counts = hire("admin"), []
    for _ in range(2):
        ada.get(HOME, {"q": MEI["name"]})
        with CaptureQueriesContext(connection) as seen:
            ada.get(HOME, {"q": MEI["name"]})
        counts.append(len(seen))
        for place in range(3):
            sold_to(world, f"mei-{len(counts)}-{place}")
    assert counts[0] == counts[1] <= 13
