"""Store credit and coupons over the API: read, spent, changed by two people, redeemed once; each within its scope."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.payments.models import Coupon, CreditAccount
from guicang.payments.operations import coupons
from guicang.payments.operations.coupons import Settled
from guicang.payments.rules.credit import Rules
from guicang.sales.models import Payment
from tests.journeys.acts import verified
from tests.unit.api.conftest import Hire, codes
from tests.unit.api.test_commands import dump
from tests.unit.payments.test_credit import DAY, account, issued, unpaid
from tests.world import SYSTEM, World, another_world

pytestmark = pytest.mark.django_db


def funded(world: World, minor: int, bonus: int = 0) -> tuple[Any, UUID]:
    """An unpaid order and the store credit of its buyer."""
    sold = unpaid(world)
    key = account(world, sold.customer_id)
    issued(world, key, minor, bonus, world.now + DAY)
    return sold, key.id


def balance(key: UUID) -> int:
    return CreditAccount.objects.get(id=key).balance_minor


def test_accounts_with_lots_and_movements_within_ones_scope(world: World, program: Hire) -> None:
    sold, key = funded(world, 900, 50)
    theirs = another_world()
    _, other = funded(theirs, 5_000)
    fay, bound = program("finance"), program("finance", company_id=world.company_id)
    assert [row["id"] for row in fay.get("/credit")] == [str(other), str(key)]
    assert [row["id"] for row in bound.get("/credit")] == [str(key)]
    assert [row["id"] for row in fay.get(f"/credit?number={sold.row.number}") if row["id"] == str(key)] == [str(key)]
    sheet = bound.get(f"/credit/{key}")
    assert (sheet["account"]["balance_minor"], sheet["usable_minor"]) == (950, 950)
    assert sorted((lot["kind"], lot["left_minor"], lot["expires_at"] is None) for lot in sheet["lots"]) == [
        ("bonus", 50, False),
        ("money", 900, True),
    ]
    assert sorted((row["kind"], row["amount_minor"]) for row in sheet["movements"]) == [("bonus", 50), ("issued", 900)]
    for path in (f"/credit/{other}", f"/credit/{new_id()}"):
        assert codes(bound.send("GET", path)) == ["not_found"]


def test_an_order_is_paid_once_for_a_key_and_never_beyond_the_balance(world: World, program: Hire) -> None:
    sold, key = funded(world, 900)
    ada, path = program("admin"), f"/orders/{sold.id}/spend-credit"
    first = ada.send("POST", path, {"amount_minor": 400}, idempotency_key="k")
    assert first.json() == {"order_id": str(sold.id), "left_minor": 500}
    again = ada.send("POST", path, {"amount_minor": 400}, idempotency_key="k")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert (balance(key), sold.row.captured_minor, Payment.objects.count()) == (500, 400, 1)
    bound = program("admin", company_id=another_world().company_id)
    before = dump()
    assert codes(ada.send("POST", path, {"amount_minor": 500}, idempotency_key="k")) == ["idempotency_key_reused"]
    assert codes(ada.send("POST", path, {"amount_minor": 501}, idempotency_key="other")) == ["credit_short"]
    assert codes(ada.send("POST", f"/orders/{new_id()}/spend-credit", {"amount_minor": 1})) == ["not_found"]
    assert ada.send("POST", path, {"amount_minor": 0}).status_code == 422
    assert codes(bound.send("POST", path, {"amount_minor": 1})) == ["not_found"]
    assert dump() == before
    verified()


def test_a_change_by_hand_takes_two_people(world: World, program: Hire) -> None:
    _, key = funded(world, 900)
    max_, fay = program("approver"), program("finance")
    asked = max_.do(f"/credit/{key}/adjust", {"amount_minor": -300, "reason": "paid_out"}, idempotency_key="k")
    assert max_.do(f"/credit/{key}/adjust", {"amount_minor": -300, "reason": "paid_out"}, idempotency_key="k") == asked
    (waiting,) = fay.get(f"/credit/{key}")["waiting"]
    assert (waiting["id"], waiting["amount_minor"], waiting["asked_by"]) == (asked["id"], -300, str(max_.user.id))
    decide = f"/credit/adjustments/{asked['id']}/decide"
    assert codes(max_.send("POST", decide, {"answer": "grant"})) == ["second_person_needed"]
    assert balance(key) == 900
    fay.do(decide, {"answer": "grant"}, idempotency_key="d")
    fay.do(decide, {"answer": "grant"}, idempotency_key="d")
    assert (balance(key), fay.get(f"/credit/{key}")["waiting"]) == (600, [])
    assert codes(fay.send("POST", decide, {"answer": "decline"}, idempotency_key="e")) == ["adjustment_not_found"]
    declined = max_.do(f"/credit/{key}/adjust", {"amount_minor": 50, "reason": "goodwill"})
    fay.do(f"/credit/adjustments/{declined['id']}/decide", {"answer": "decline"})
    assert balance(key) == 600
    verified()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"amount_minor": 0, "reason": "goodwill"}, "out_of_bounds"),
        ({"amount_minor": 5, "reason": "because"}, "credit_reason_unknown"),
    ],
)
def test_a_change_by_hand_says_what_is_wrong(body: dict[str, Any], code: str, world: World, program: Hire) -> None:
    _, key = funded(world, 900)
    assert codes(program("approver").send("POST", f"/credit/{key}/adjust", body)) == [code]
    outside = program("approver", company_id=another_world().company_id)
    assert codes(outside.send("POST", f"/credit/{key}/adjust", {**body, "reason": "goodwill"})) == ["not_found"]


def test_a_coupon_is_redeemed_once(world: World, program: Hire) -> None:
    sold = unpaid(world)
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        fact = Settled(sold.id, world.company_id, sold.customer_id, "CNY", 100, frozenset({"seller"}), True, world.now)
        rules = Rules(coupon_on=True, coupon_bp=1_000)
        coupons.issue_coupons(context, [fact], {(world.company_id, "CNY"): rules})
    code, cora = Coupon.objects.get().code, program("counter")
    body = {"code": code.lower(), "currency": "CNY", "purchase_minor": 5_000}
    assert codes(cora.send("POST", "/coupons/redeem", {**body, "currency": "USD"})) == ["coupon_too_little"]
    assert codes(cora.send("POST", "/coupons/redeem", {**body, "code": "NONE"})) == ["coupon_not_found"]
    outside = program("counter", company_id=another_world().company_id)
    assert codes(outside.send("POST", "/coupons/redeem", body)) == ["coupon_not_found"]
    done = cora.send("POST", "/coupons/redeem", body, idempotency_key="till-1")
    assert (done.json()["taken_off_minor"], done.json()["currency"]) == (500, "CNY")
    again = cora.send("POST", "/coupons/redeem", body, idempotency_key="till-1")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (done.json(), "true")
    assert codes(cora.send("POST", "/coupons/redeem", body, idempotency_key="till-2")) == ["coupon_used"]
    found = program("finance").get("/coupons")
    (sums,) = found["figures"]
    assert (sums["issued"], sums["redeemed"], sums["bought_minor"], sums["taken_off_minor"]) == (1, 1, 5_000, 500)
    assert [(row["state"], row["taken_off_minor"]) for row in found["items"]] == [("redeemed", 500)]
