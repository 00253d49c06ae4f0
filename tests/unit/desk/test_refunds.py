"""The list of refunds: what has to be paid, done in sets, each answered for itself; and who carries refunds out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from guicang.payments.models import Refund, RefundWay
from tests.journeys.acts import back, pay, verified
from tests.journeys.test_refunds import ways
from tests.unit.desk.conftest import Hire
from tests.world import World


@pytest.fixture
def due(world: World, order: Any) -> list[Refund]:
    ways(world, others="by_hand")
    for _ in range(2):
        pay(world, back(world, order(), 1))
    return list(Refund.objects.order_by("occurred_at", "id"))


def send(client: Client, **form: Any) -> tuple[Any, str]:
    answer = client.post("/refunds/?state=due", form)
    return answer, " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_bulk_paid_is_answered_row_by_row(due: list[Refund], hire: Hire) -> None:
    fay = hire("finance")
    shown = fay.get("/refunds/").content.decode()
    assert all(str(row.id) in shown for row in due)
    answer, said = send(fay, act="pay", pick=[str(row.id) for row in due], **{f"reference.{due[0].id}": "B-1"})
    assert answer.status_code == 302
    assert answer["Location"] == "/refunds/?state=due"
    assert "1 refunds done." in said
    assert "Say under which reference it was paid." in said
    assert sorted(Refund.objects.values_list("state", "reference")) == [("due", ""), ("paid", "B-1")]
    _, said = send(fay, act="pay", pick=[str(row.id) for row in due], reference="B-2")
    assert "This refund is Refunded." in said
    assert set(Refund.objects.values_list("state", flat=True)) == {"paid"}
    assert str(due[0].id) not in fay.get("/refunds/").content.decode()
    assert "B-1" in fay.get("/refunds/?state=paid").content.decode()
    verified()


def test_failed_and_again_by_bank(due: list[Refund], hire: Hire) -> None:
    fay = hire("finance")
    send(fay, act="fail", pick=str(due[0].id), reason="account_closed")
    assert "The account was closed" in fay.get("/refunds/?state=failed").content.decode()
    send(fay, act="again", pick=str(due[0].id), to="bank")
    row = Refund.objects.get(id=due[0].id)
    assert (row.state, row.method) == ("due", "bank")
    _, said = send(fay, act="again", pick=str(due[0].id), to="store_credit")
    assert "needs the customer's consent" in said
    _, said = send(fay, act="nonsense", pick=str(due[0].id))
    assert "Tick refunds" in said
    verified()


def test_the_list_as_a_file_and_by_scope(due: list[Refund], world: World, hire: Hire) -> None:
    text = b"".join(hire("finance").get("/refunds/export.csv")).decode("utf-8-sig")
    assert text.count("\n") == 3
    assert "10.00" in text
    elsewhere = hire("finance", name="far", shop_id=world.warehouse_id)
    assert str(due[0].id) not in elsewhere.get("/refunds/").content.decode()
    _, said = send(elsewhere, act="pay", pick=str(due[0].id), reference="X")
    assert "There is no such refund." in said
    assert Refund.objects.filter(state="due").count() == 2


def test_ways_are_kept_by_the_settings_page(world: World, hire: Hire) -> None:
    ada = hire("admin")
    form = {"company": str(world.company_id), "way.wechat": "by_hand", "way.": "platform"}
    assert ada.post("/settings/refunds/", form).status_code == 302
    assert dict(RefundWay.objects.values_list("kind", "way")) == {"wechat": "by_hand", "": "platform"}
    assert ada.post("/settings/refunds/", {**form, "way.wechat": "by_pigeon"}).status_code == 409
    assert ada.post("/settings/refunds/", {**form, "company": str(world.shop_id)}).status_code == 409
    assert 'value="by_hand" selected' in ada.get("/settings/refunds/").content.decode()
