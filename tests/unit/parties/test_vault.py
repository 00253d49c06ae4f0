"""Keeping, finding and erasing personal data, and that orders and ledgers stay green without them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from guicang.audit import proofs as audit_proofs
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused
from guicang.parties import operations, queries
from guicang.parties.models import Customer, Tombstone, VaultEntry
from guicang.trade.facts import CustomerFacts
from guicang.trade.operations import erase_customer, erase_order_person
from tests.unit.trade.world import NOW, build, context, faults

pytestmark = pytest.mark.django_db


def _keep(owner_id: Any, **values: str) -> int:
    with transaction.atomic():
        return operations.keep(context(), [operations.PersonalFacts("customer", owner_id, owner_id, values)])


def _values(owner_id: Any) -> dict[str, str]:
    found = queries.personal([("customer", owner_id)])
    return {item.kind: item.value for item in found.get(("customer", owner_id), [])}


def test_values_are_kept_sealed_and_found_by_their_normal_form() -> None:
    person = new_id()
    assert _keep(person, phone="138-1234-5678", name="韩梅梅", address="中山路 1 号", email=" ") == 3
    assert _values(person) == {"phone": "138-1234-5678", "name": "韩梅梅", "address": "中山路 1 号"}
    assert queries.persons_by_value("phone", "+86 13812345678") == {person}
    assert queries.persons_by_value("address", "中山路 1 号") == set()
    assert not any("梅" in row.sealed for row in VaultEntry.objects.all())
    assert _keep(person, phone="138-1234-5678") == 0


def test_a_masked_value_replaces_nothing_and_finds_nobody() -> None:
    person, other = new_id(), new_id()
    _keep(person, phone="13812345678")
    assert _keep(person, phone="138****5678") == 0
    assert _keep(other, phone="138****5678") == 1
    assert queries.persons_by_value("phone", "138****5678") == set()
    assert VaultEntry.objects.get(owner_id=other).masked
    assert _keep(other, phone="13899995678") == 1
    assert queries.persons_by_value("phone", "13899995678") == {other}


def test_a_new_key_is_for_new_rows_and_old_ones_stay_readable(settings: Any) -> None:
    person, later = new_id(), new_id()
    _keep(person, phone="13812345678")
    settings.INDEX_KEYS = {**settings.INDEX_KEYS, "k2": "another secret"}
    _keep(later, phone="13812345678")
    assert set(VaultEntry.objects.values_list("key_id", flat=True)) == {"k1", "k2"}
    assert queries.persons_by_value("phone", "13812345678") == {person, later}
    assert _values(person) == {"phone": "13812345678"}


def test_an_erased_person_is_gone_and_the_books_stay_whole() -> None:
    world = build(goods="owned")
    world.stock("A", 9, 900)
    personal = {"name": "李雷", "phone": "13812345678"}
    facts = world.order(world.line("A", 1, "10.00"), ship=True, pay={"p": 1000})
    facts.customer = CustomerFacts("buyer-9", personal=personal)
    world.record(facts)
    customer_id = world.row(facts).customer_id
    assert _values(customer_id) == personal
    with transaction.atomic():
        assert erase_customer(context(), customer_id) == 2
    assert _values(customer_id) == {}
    customer = Customer.objects.get(id=customer_id)
    assert customer.erased_at == NOW
    assert "buyer-9" not in customer.external_id
    assert "000001" not in Tombstone.objects.get().order_digest
    # The same file again, and one that moves the order on, bring nothing personal back.
    assert world.record(facts)[0].data["result"] == "unchanged"
    facts.status = "later"
    assert world.record(facts)[0].data["result"] == "updated"
    assert not VaultEntry.objects.exists()
    assert world.row(facts).customer_id == customer_id
    # Who buys again is somebody new.
    again = world.order(world.line("A", 1, "10.00"), customer=CustomerFacts("buyer-9", personal=personal))
    world.record(again)
    assert world.row(again).customer_id != customer_id
    assert faults() == {}
    assert [proof.name for proof in audit_proofs.proofs() if not proof.ok] == []


def test_an_unknown_order_of_an_erased_person_comes_in_without_him() -> None:
    world = build()
    facts = world.order(world.line("A", 1, "10.00"), customer=CustomerFacts("b", personal={"name": "李雷"}))
    with transaction.atomic():
        operations.erase(context(), world.company_id, new_id(), [(world.shop_id, facts.number)])
    world.record(facts)
    assert Customer.objects.get(id=world.row(facts).customer_id).external_id == ""
    assert not VaultEntry.objects.exists()


def test_without_a_buyer_the_order_is_the_person() -> None:
    world = build()
    orders = [
        world.order(world.line("A", 1, "1.00"), customer=CustomerFacts(personal={"name": name}))
        for name in ("甲", "乙")
    ]
    world.record(*orders)
    first = world.row(orders[0])
    assert {row.owner_kind for row in VaultEntry.objects.all()} == {"order"}
    with pytest.raises(Refused), transaction.atomic():
        erase_customer(context(), first.customer_id)
    with transaction.atomic():
        assert erase_order_person(context(), first.id) == 1
    assert VaultEntry.objects.get().owner_id == world.row(orders[1]).id
    world.record(*orders)
    assert VaultEntry.objects.count() == 1


def test_erasing_takes_the_permission_and_a_person() -> None:
    world = build()
    nobody = begin("test", actor=Actor(kind="staff", id=new_id()), now=NOW, items=1)
    for who, code in ((nobody, "not_permitted"), (context(), "person_unknown")):
        with pytest.raises(Refused) as refused, transaction.atomic():
            operations.erase(who, world.company_id, new_id(), [])
        assert [refusal.code for refusal in refused.value.refusals] == [code]
