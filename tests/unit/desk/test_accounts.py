"""The account of a customer on the desk and over the API: seen, taken out, set off; nothing of others."""

from __future__ import annotations

import pytest

from guicang.kernel.ids import new_id
from guicang.sales.models import Order, SetOff
from tests.journeys.acts import back, pay, verified
from tests.journeys.test_set_off import owed, sold
from tests.unit.api.conftest import Hire as Caller
from tests.unit.api.conftest import codes, program
from tests.unit.desk.conftest import Hire, dump
from tests.world import World, another_world

__all__ = ["program"]


@pytest.mark.parametrize(("language", "title"), [("zh-hans", "客户往来"), ("en", "Customer's account")])
def test_a_credit_is_set_off(language: str, title: str, world: World, hire: Hire) -> None:
    paid, old = sold(world, "P", 10000, 10000), sold(world, "A-OLD", 4000, 0, 9)
    fay, key = hire("finance", language=language), back(world, paid, 1)
    fay.post(f"/returns/{key}/settle/", {"on_account": "1"})
    assert owed(paid) == -10000
    page = f"/accounts/{paid.customer_id}/"
    shown = fay.get(page).content.decode()
    for text in (title, "A-OLD", "100.00", "40.00", "60.00"):
        assert text in shown
    form = {"key": "s-1", "from": str(paid.id), "to": str(old.id), "amount": "15"}
    for _ in range(2):
        assert fay.post(page, form).headers["Location"] == page
    assert (SetOff.objects.count(), owed(old), owed(paid)) == (1, 2500, -8500)
    assert fay.post(page, {"from": str(paid.id), "amount": "99"}).status_code == 409
    fay.post(page, {"from": str(paid.id)})
    assert owed(old) == 0
    answer = fay.get(f"{page}statement.csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined] # it streams
    assert "-60.00" in text
    verified()


def test_others_neither_see_nor_set_off(world: World, hire: Hire) -> None:
    paid, _old = sold(world, "P", 10000, 10000), sold(world, "A", 4000, 0)
    pay(world, back(world, paid, 1), on_account=True)
    before = dump()
    page = f"/accounts/{paid.customer_id}/"
    elsewhere = hire("finance", company_id=another_world().company_id)
    assert elsewhere.get(page).status_code == 404
    assert elsewhere.post(page, {"from": str(paid.id)}).status_code == 404
    assert hire("agent").get(page).status_code == 403
    assert hire("analyst").post(page, {"from": str(paid.id)}).status_code == 409
    assert SetOff.objects.count() == 0
    assert before


def test_over_the_api(world: World, program: Caller) -> None:
    paid, old = sold(world, "P", 10000, 10000), sold(world, "A", 4000, 0)
    pay(world, back(world, paid, 1), on_account=True)
    fay, page = program("finance"), f"/accounts/{paid.customer_id}"
    assert fay.get(page)["balances"] == {"CNY": -6000}
    said = {"from_order_id": str(paid.id), "to_order_id": str(old.id), "amount_minor": 5000}
    assert codes(fay.send("POST", f"{page}/set-off", said)) == ["set_off_too_much"]
    said["amount_minor"] = 4000
    key = new_id().hex
    for _ in range(2):
        answer = fay.send("POST", f"{page}/set-off", said, idempotency_key=key)
        assert [one["amount_minor"] for one in answer.json()["set_offs"]] == [4000]
    assert Order.objects.get(id=old.id).receivable_minor == 0
    verified()
