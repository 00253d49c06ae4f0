"""Accounts of transfers, payment files and shifts of drawers, for programs: as on the desk, masked, twice looked at."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.audit.models import AuditRow
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command
from guicang.payments.models import Payee, PayoutBatch, Refund, Shift
from guicang.payments.operations import shifts
from tests.journeys.acts import verified
from tests.journeys.test_drawers import begun, keep
from tests.journeys.test_payees import due, sent
from tests.unit.api.conftest import Hire, Program, codes
from tests.world import World, another_world

pytestmark = pytest.mark.django_db(transaction=True)
CARD = {"kind": "card", "name": "李明", "account": "6222 0212 3456 7890 128", "bank": "中国工商银行"}
WHOLE = "6222021234567890128"


def refused(program: Program, path: str, body: Any) -> tuple[int, list[str]]:
    answer = program.send("POST", path, body)
    return answer.status_code, codes(answer)


def test_an_account_is_given_by_one_and_confirmed_by_another(world: World, program: Hire) -> None:
    row, agent, payer = due(world), program("agent"), program("finance")
    at = f"/refunds/{row.id}/payees"
    sheet = agent.get(at)
    assert (sheet["payee"], sheet["payee_id"], sheet["given"], sheet["kinds"][0]) == ("missing", None, [], "card")
    assert refused(agent, at, {**CARD, "account": WHOLE[:-1] + "9", "bank": ""}) == (
        422,
        ["payee_account_wrong", "payee_bank_wrong"],
    )
    assert Payee.objects.count() == 0
    for _ in range(2):  # a repeat of the key is harmless
        answer = agent.send("POST", at, CARD, **{"idempotency-key": "give-1"})
        assert answer.status_code == 200, answer.content
    assert answer["Idempotency-Replayed"] == "true"
    other = agent.send("POST", at, {**CARD, "name": "李鸣"}, **{"idempotency-key": "give-1"})
    assert codes(other) == ["idempotency_key_reused"]
    sheet = answer.json()
    assert (sheet["payee"], len(sheet["given"]), sheet["given"][0]["account"]) == ("unconfirmed", 1, "•••• 0128")
    assert WHOLE not in answer.content.decode() + str(list(Command.objects.values()))
    confirm = f"/payees/{sheet['payee_id']}/confirm"
    assert refused(agent, confirm, {}) == (403, ["not_permitted"])
    payer.do(confirm, {})
    assert refused(payer, confirm, {})[1] == ["payee_confirmed"]
    (given,) = payer.get(at)["given"]
    assert (given["confirmed_by"] != "", payer.get(at)["payee"]) == (True, "ready")
    verified()


def test_nobody_confirms_what_he_typed(world: World, program: Hire) -> None:
    row, payer = due(world), program("finance")
    sheet = payer.do(f"/refunds/{row.id}/payees", CARD)
    assert refused(payer, f"/payees/{sheet['payee_id']}/confirm", {})[1] == ["payee_typed"]
    assert Payee.objects.get().confirmed_at is None


def test_a_payment_file_is_made_listed_and_read(world: World, program: Hire) -> None:
    row, agent, payer = due(world), program("agent"), program("finance")
    key = agent.do(f"/refunds/{row.id}/payees", CARD)["payee_id"]
    missing = payer.do("/payment-files", {"refund_ids": [str(row.id)]})
    assert (missing["refused"], missing["files"]) == (1, [])
    assert missing["items"][0]["errors"][0]["code"] == "payee_unconfirmed"
    payer.do(f"/payees/{key}/confirm", {})
    headers = {"idempotency-key": "file-1"}
    answers = [payer.do("/payment-files", {"refund_ids": [str(row.id)]}, **headers) for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["done"], PayoutBatch.objects.count()) == (1, 1)
    (file,) = answers[0]["files"]
    (listed,) = payer.get("/payment-files")
    assert (listed["id"], listed["count"], listed["open"], listed["amount_minor"]) == (file, 1, 1, row.amount_minor)
    sheet = payer.send("GET", f"/payment-files/{file}")
    assert WHOLE not in sheet.content.decode()
    assert [one["state"] for one in sheet.json()["refunds"]] == ["submitted"]
    (line,) = payer.do(f"/payment-files/{file}/lines", {})
    assert (line["account"], line["name"], line["reference"]) == (WHOLE, "李明", f"{listed['number']}-1")
    assert line["number"] == world.row(row.return_id).number
    assert AuditRow.objects.filter(action="see_payee").count() == 1
    payer.do("/refunds/pay", {"items": [{"refund_id": str(row.id), "reference": "B-1"}]})
    assert refused(payer, f"/payment-files/{file}/lines", {})[1] == ["payout_over"]
    assert Refund.objects.get(id=row.id).state == "paid"
    verified()


def test_a_shift_with_its_movements(world: World, program: Hire) -> None:
    who, first = begun(world, 50_000)
    keep(world, who, shifts.move_cash, first, "to_safe", 20_000)
    _, second = begun(world, 0)
    look = program("analyst")
    page = look.get("/shifts?limit=1")
    rest = look.get(f"/shifts?cursor={page['next']}")
    assert {page["items"][0]["id"], rest["items"][0]["id"]} == {str(first), str(second)}
    assert rest["next"] is None
    assert look.get("/shifts?state=closed")["items"] == []
    sheet = look.get(f"/shifts/{first}")
    assert (sheet["balance_minor"], sheet["should_be_minor"]) == (30_000, 30_000)
    assert sum(one["amount_minor"] for one in sheet["sums"]) + sheet["before_minor"] == 30_000
    assert [one["reason"] for one in sheet["moves"]][-1] == "to_safe"
    assert Shift.objects.count() == 2


def test_those_of_another_company_are_not_there(world: World, program: Hire) -> None:
    other = another_world()
    refund, batch = sent(other)
    _, shift = begun(other)
    mine = program("finance", company_id=world.company_id)
    for path in (f"/refunds/{refund}/payees", f"/payment-files/{batch}", f"/shifts/{shift}"):
        assert mine.send("GET", path).status_code == 404, path
    assert mine.get("/payment-files") == []
    assert mine.get("/shifts")["items"] == []
    payee = Refund.objects.get(id=refund).payee_id
    for path, body in (
        (f"/refunds/{refund}/payees", CARD),
        (f"/payees/{payee}/confirm", {}),
        (f"/payment-files/{batch}/lines", {}),
        (f"/payees/{new_id()}/confirm", {}),
    ):
        assert refused(mine, path, body)[0] == 404, path


def test_statements_are_bounded(world: World, program: Hire) -> None:
    refund, batch = sent(world)
    _, shift = begun(world)
    ada = program("admin")

    def counted(path: str) -> int:
        ada.get(path)  # notes the use of the token
        with CaptureQueriesContext(connection) as queries:
            ada.get(path)
        return len(queries)

    assert counted(f"/refunds/{refund}/payees") <= 16
    assert counted("/payment-files") <= 4
    assert counted(f"/payment-files/{batch}") <= 15
    assert counted("/shifts") <= 5
    assert counted(f"/shifts/{shift}") <= 7
