"""Erasing a person over the API."""

from __future__ import annotations

from guicang.kernel.models import Command
from guicang.parties.models import VaultEntry
from tests.journeys.acts import verified
from tests.unit.api.conftest import Hire, codes
from tests.unit.desk.test_persons import MEI, sold_to
from tests.world import World, another_world


def test_a_person_is_found_shown_and_erased_once(world: World, program: Hire) -> None:
    ada, sold = program("admin"), sold_to(world)
    (found,) = ada.get(f"/persons?q={MEI['phone']}")["items"]
    path = f"/persons/{sold.customer_id}"
    assert found["id"] == str(sold.customer_id)
    sheet = ada.get(path)
    assert (sheet["orders"], sheet["erased_at"]) == (1, None)
    assert {one["kind"] for one in sheet["held"]} >= {"name", "phone", "email"}
    assert codes(ada.send("POST", f"{path}/erase", {})) == ["bad_field"]
    assert codes(ada.send("POST", f"{path}/erase", {"sure": False})) == ["bad_field"]
    gone = ada.do(f"{path}/erase", {"sure": True}, idempotency_key="k")
    assert gone["gone"] >= 3
    assert ada.do(f"{path}/erase", {"sure": True}, idempotency_key="k") == gone
    assert not VaultEntry.objects.filter(person_id=sold.customer_id).exists()
    assert ada.get(path)["erased_at"]
    assert len(ada.get(path)["erasures"]) == 1
    assert ada.get(f"/persons?q={MEI['phone']}")["items"] == []
    assert MEI["phone"] not in repr(list(Command.objects.values_list("reply", flat=True)))
    verified()


def test_persons_of_others(world: World, program: Hire) -> None:
    theirs = another_world()
    foreign = sold_to(theirs).customer_id
    ada = program("admin", shop_id=world.shop_id)
    assert ada.get(f"/persons?q={MEI['phone']}")["items"] == []
    assert codes(ada.send("GET", f"/persons/{foreign}")) == ["not_found"]
    assert ada.send("POST", f"/persons/{foreign}/erase", {"sure": True}).status_code == 404
    assert VaultEntry.objects.filter(person_id=foreign).exists()
