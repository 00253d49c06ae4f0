"""Accounts and payment files on the desk: masked, whole for who pays, confirmed by another, downloaded."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from guicang.audit.models import AuditRow
from guicang.payments.models import Payee, PayeeAccounts, PayoutBatch, Refund
from tests.journeys.acts import verified
from tests.journeys.test_payees import due, sent
from tests.unit.desk.conftest import Hire
from tests.world import World

CARD = {"act": "give", "kind": "card", "name": "李明", "account": "6222 0212 3456 7890 128", "bank": "中国工商银行"}
WHOLE = "6222021234567890128"


def post(client: Client, key: UUID, **form: Any) -> tuple[Any, str]:
    answer = client.post(f"/refunds/{key}/account/", form)
    return answer, " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_typed_by_one_confirmed_and_seen_by_another(world: World, hire: Hire) -> None:
    row = due(world)
    rosa, fay = hire("agent", name="rosa"), hire("finance", name="fay")
    assert "Details missing" in fay.get("/refunds/?payee=missing").content.decode()
    assert "Details missing" in rosa.get(f"/returns/{row.return_id}/").content.decode()
    answer, said = post(rosa, row.id, **{**CARD, "account": "6222 0212 3456 7890 129"})
    assert (answer.status_code, Payee.objects.count()) == (409, 0)
    assert "This account number cannot be right" in said
    assert "李明" in answer.content.decode()  # what was typed stays
    assert post(rosa, row.id, **CARD)[0].status_code == 302
    page = rosa.get(f"/refunds/{row.id}/account/")
    assert page["Cache-Control"].startswith("max-age=0")
    assert "•••• 0128" in page.content.decode()
    assert "Show the whole account" not in page.content.decode()
    answer, said = post(rosa, row.id, act="see")
    assert WHOLE not in answer.content.decode()
    assert "payments.pay" in said
    payee = Payee.objects.get()
    _, said = post(rosa, row.id, act="confirm", payee=str(payee.id))
    assert "payments.pay" in said
    answer, _ = post(fay, row.id, act="see")
    assert WHOLE in answer.content.decode()
    assert AuditRow.objects.filter(action="see_payee").count() == 1
    assert WHOLE not in fay.get(f"/refunds/{row.id}/account/").content.decode()
    assert post(fay, row.id, act="confirm", payee=str(payee.id))[0].status_code == 302
    assert "•••• 0128" in fay.get("/refunds/?payee=ready").content.decode()
    verified()


def test_a_payment_file_is_made_downloaded_and_answered(world: World, hire: Hire) -> None:
    refund, batch = sent(world)
    again, other = due(world), hire("finance", name="fay")
    other.post(f"/refunds/{again.id}/account/", {**CARD, "name": "=cmd()"})
    hire("finance", name="max").post(
        f"/refunds/{again.id}/account/", {"act": "confirm", "payee": str(Payee.objects.latest("typed_at").id)}
    )
    answer = hire("finance", name="ada").post("/refunds/", {"act": "file", "pick": [str(again.id)]})
    made = PayoutBatch.objects.exclude(id=batch).get()
    assert answer["Location"] == f"/refunds/files/{made.id}/"
    listed = other.get("/refunds/files/").content.decode()
    assert made.number in listed
    shown = other.get(f"/refunds/files/{made.id}/").content.decode()
    assert "•••• 0128" in shown
    assert WHOLE not in shown
    text = other.post(f"/refunds/files/{made.id}/file.csv").content.decode("utf-8-sig")
    assert WHOLE in text
    assert "'=cmd()" in text  # nothing that a sheet would run
    assert "100.00" in text
    assert f"{made.number}-1," in text
    assert world.row(again.return_id).number in text
    book = b"".join(other.post(f"/refunds/files/{made.id}/file.xlsx"))
    assert io.BytesIO(book).read(2) == b"PK"
    assert AuditRow.objects.filter(action="see_payee", aggregate_id=again.return_id).count() == 2
    assert other.get(f"/refunds/files/{made.id}/file.csv").status_code == 405
    other.post("/refunds/", {"act": "pay", "pick": [str(refund)], "reference": "B-1"})
    assert Refund.objects.get(id=refund).state == "paid"
    assert other.post(f"/refunds/files/{batch}/file.csv").status_code == 302
    assert "answered for all" in other.get(f"/refunds/files/{batch}/").content.decode()
    verified()


def test_somebody_elses_shop_is_not_there(world: World, hire: Hire) -> None:
    refund, batch = sent(world)
    far = hire("finance", name="far", shop_id=world.warehouse_id, company_id=world.shop_id)
    assert far.get(f"/refunds/{refund}/account/").status_code == 404
    assert far.get(f"/refunds/files/{batch}/").status_code == 404
    assert far.post(f"/refunds/files/{batch}/file.csv").status_code == 404
    assert "P2026" not in far.get("/refunds/files/").content.decode()


def test_wallets_are_allowed_in_the_settings(world: World, hire: Hire) -> None:
    row, ada = due(world), hire("admin")
    assert 'value="alipay"' not in ada.get(f"/refunds/{row.id}/account/").content.decode()
    form = {"company": str(world.company_id), "wallet.alipay": "1", "way.bank": "by_hand"}
    assert ada.post("/settings/refunds/", form).status_code == 302
    assert list(PayeeAccounts.objects.values_list("alipay", "wechat")) == [(True, False)]
    assert 'value="alipay"' in ada.get(f"/refunds/{row.id}/account/").content.decode()
    assert ada.post("/settings/refunds/", {"company": str(world.company_id)}).status_code == 302
    assert list(PayeeAccounts.objects.values_list("alipay", "wechat")) == [(False, False)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_in_both_languages(language: str, world: World, hire: Hire) -> None:
    refund, batch = sent(world)
    ada = hire("admin", language=language)
    for page in (
        f"/refunds/{refund}/account/",
        "/refunds/files/",
        f"/refunds/files/{batch}/",
        "/refunds/?state=submitted",
    ):
        assert ada.get(page).status_code == 200
