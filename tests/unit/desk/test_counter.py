"""A return at the counter: one form, one act, all or nothing, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from guicang.inventory.models import LocationKind, StockLevel
from guicang.inventory.queries import places
from guicang.kernel.ids import new_id
from guicang.payments.models import Refund
from guicang.returns.models import Inspection, Return
from guicang.sales.models import Order, Tender
from guicang.trade.facts import CustomerFacts
from tests.journeys.acts import verified
from tests.unit.desk.conftest import Hire, dump
from tests.world import Sold, World, another_world


def form(world: World, sold: Sold, units: int = 2, **more: Any) -> dict[str, str]:
    line = sold.lines[0].id
    said = {f"units.{line}": str(units), f"reason.{line}": "too_small", "warehouse": str(world.warehouse_id)}
    return {"key": "counter-1", **said, **more}


def on_hand(world: World, kind: str) -> int:
    place = places([world.warehouse_id])[world.warehouse_id][LocationKind(kind)]
    return sum(StockLevel.objects.filter(sku_id=world.sku_id, location_id=place).values_list("on_hand", flat=True))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_one_act_takes_back_and_refunds(language: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold, cora = order(units=5), hire("counter", language=language)
    line = sold.lines[0].id
    before = on_hand(world, "sellable")
    assert str(line) in cora.get(f"/orders/{sold.id}/counter/").content.decode()
    answer = cora.post(f"/orders/{sold.id}/counter/", form(world, sold, 2, reference="TILL-7"))
    found = Return.objects.get()
    assert answer.headers["Location"] == f"/returns/{found.id}/receipt/"
    assert (found.state, found.refund_minor, found.entered_by) == ("settled", 2000, "counter")
    assert on_hand(world, "sellable") == before + 2
    assert sold.claimed == 2
    assert Refund.objects.get().reference == "TILL-7"
    shown = cora.get(answer.headers["Location"]).content.decode()
    for text in (
        found.number,
        sold.row.number,
        "20.00",
        "TILL-7",
        {"en": "Too small", "zh-hans": "尺码偏小"}[language],
    ):
        assert text in shown
    verified()


def test_the_amount_is_seen_before_anything_is_paid(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold, cora = order(units=5), hire("counter", language="en")
    before = dump()
    page = cora.post(f"/orders/{sold.id}/counter/", form(world, sold, 2, check="1"))
    shown = page.content.decode()
    assert page.status_code == 200
    assert "It would pay back" in shown
    assert "20.00" in shown
    assert 'value="counter-1"' in shown  # the same form: it keeps its key and what was typed
    assert (
        "can still come back"
        in cora.post(f"/orders/{sold.id}/counter/", form(world, sold, 9, check="1")).content.decode()
    )
    assert dump() == before
    assert cora.post(f"/orders/{sold.id}/counter/", form(world, sold, 2)).status_code == 302


def test_grade_and_disposition_are_taken_line_by_line(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold = order(units=3)
    line = sold.lines[0].id
    more = {f"disposition.{line}": "second", f"grade.{line}": "B"}
    hire("counter").post(f"/orders/{sold.id}/counter/", form(world, sold, 1, **more))
    made = Inspection.objects.get()
    assert (made.disposition, made.grade, made.quantity) == ("second", "B", 1)
    assert on_hand(world, "second") == 1
    verified()


def test_a_double_click_is_one_return(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold, cora = order(), hire("counter")
    first, second = (cora.post(f"/orders/{sold.id}/counter/", form(world, sold, 1)) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Return.objects.count() == 1
    other = cora.post(f"/orders/{sold.id}/counter/", form(world, sold, 2))
    assert other.status_code == 409  # the same key says something else
    assert Return.objects.count() == 1
    verified()


def test_what_the_last_step_refuses_undoes_all(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold, cora = order(), hire("counter")
    Tender.objects.filter(order_id=sold.id).update(disputed_minor=5000)
    before = dump()
    answer = cora.post(f"/orders/{sold.id}/counter/", form(world, sold, 1))
    assert answer.status_code == 409
    assert "notice error" in answer.content.decode()
    assert f'value="{1}"' in answer.content.decode()  # what was typed is still there
    assert dump() == before
    Tender.objects.filter(order_id=sold.id).update(disputed_minor=0)
    # Nothing was done under this key: the corrected form may be sent again.
    assert cora.post(f"/orders/{sold.id}/counter/", form(world, sold, 1)).status_code == 302
    verified()


@pytest.mark.parametrize(
    "wrong",
    [
        {"warehouse": ""},
        {"warehouse": str(new_id())},
        {"shipping": "free"},
        {"reason": ""},
        {"units": "9"},
        {"units": ""},
    ],
)
def test_a_wrong_form_moves_nothing(
    wrong: dict[str, str], world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    sold, cora = order(), hire("counter")
    line = sold.lines[0].id
    names = {"reason": f"reason.{line}", "units": f"units.{line}"}
    typed = {**form(world, sold, 1), **{names.get(name, name): value for name, value in wrong.items()}}
    before = dump()
    assert cora.post(f"/orders/{sold.id}/counter/", typed).status_code == 409
    assert dump() == before


def test_a_serial_that_differs_is_not_refunded(world: World, hire: Hire) -> None:
    sku = "PHONE"
    world.sku(sku, 5)
    (sold,) = world.sell(world.facts(1, sku=sku, serials=["SN-1"]))
    line = sold.lines[0].id
    cora = hire("counter")
    before = dump()
    answer = cora.post(f"/orders/{sold.id}/counter/", form(world, sold, 1, **{f"serial.{line}": "SN-2"}))
    assert answer.status_code == 409
    assert dump() == before
    answer = cora.post(f"/orders/{sold.id}/counter/", form(world, sold, 1, **{f"serial.{line}": "SN-1"}))
    assert answer.status_code == 302
    verified()


def test_another_company_s_order_and_warehouse(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold, other = order(), another_world()
    theirs = other.sell(other.facts(customer=CustomerFacts("theirs")))[0]
    cora = hire("counter", company_id=world.company_id)
    assert cora.get(f"/orders/{theirs.id}/counter/").status_code == 404
    assert cora.post(f"/orders/{theirs.id}/counter/", form(other, theirs, 1)).status_code == 404
    assert cora.post(f"/orders/{sold.id}/counter/", form(other, sold, 1)).status_code == 409
    assert not Return.objects.exists()


def test_who_may_not_do_all_of_it_does_none(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold = order()
    for role in ("agent", "warehouse", "finance", "analyst"):
        assert hire(role).post(f"/orders/{sold.id}/counter/", form(world, sold, 1)).status_code == 403
        assert "counter/" not in hire(role, name=f"{role}2").get(f"/orders/{sold.id}/").content.decode()
    assert not Return.objects.exists()
    assert Order.objects.get().refunded_minor == 0
