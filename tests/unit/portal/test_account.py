"""The customer says where a transfer goes: asked on the page of the return, on a page that a link leads to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from guicang.payments.models import Payee, Refund
from guicang.returns.steps.settle import Settlement, settle
from tests.journeys.acts import back, do, verified
from tests.journeys.test_refunds import ways
from tests.unit.portal.conftest import Visit, ask, browser, buyer
from tests.world import Sold, World

pytestmark = pytest.mark.django_db(transaction=True)

CARD = {"kind": "card", "name": "林小满", "account": "6222 0212 3456 7890 128", "bank": "中国工商银行"}


def test_asked_given_changed_and_sent(world: World, order: Callable[..., Sold], visit: Visit) -> None:
    ways(world, bank="by_hand")
    sold = order(customer=buyer())
    key = back(world, sold, 1)
    do(settle, world, Settlement(key, refund_to="bank"))
    home, page = f"/my/returns/{key}/", f"/my/returns/{key}/account/"
    # By a link from a message: the order is proved first, then the page that was asked for is there.
    lin = browser()
    assert lin.get(page)["Location"] == "/my/"
    code = ask(lin, sold.row.number)
    assert lin.post("/my/code/", {"code": code})["Location"] == page
    asked = lin.get(home).content.decode()
    assert "<h1>Tell us where the money should go</h1>" in asked
    assert "Enter the account" in asked
    answer = lin.post(page, {**CARD, "account": "1234"})
    assert answer.status_code == 409
    assert "This account number cannot be right" in answer.content.decode()
    assert lin.post(page, CARD)["Location"] == home
    shown = lin.get(home).content.decode()
    assert "•••• 0128" in shown
    assert "7890" not in shown
    assert Refund.objects.get(return_id=key).payee == "ready"
    assert "checked by a person" in lin.get(page).content.decode()
    assert lin.post(page, {**CARD, "name": "林大满"})["Location"] == home
    assert "is being checked" in lin.get(home).content.decode()
    assert Payee.objects.count() == 2
    Refund.objects.filter(return_id=key).update(payee="ready", way="platform", state="submitted")
    assert lin.get(page)["Location"] == home
    assert lin.post(page, CARD)["Location"] == home
    assert Payee.objects.count() == 2


def test_nobody_elses_return_and_none_that_waits_for_nothing(
    world: World, order: Callable[..., Sold], visit: Visit
) -> None:
    ways(world, bank="by_hand")
    theirs, mine = order(customer=buyer("wu", email="wu@example.org")), order(customer=buyer())
    other = back(world, theirs, 1)
    do(settle, world, Settlement(other, refund_to="bank"))
    lin = visit(mine)
    assert lin.get(f"/my/returns/{other}/account/").status_code == 404
    assert lin.post(f"/my/returns/{other}/account/", CARD).status_code == 404
    assert not Payee.objects.exists()
    key = back(world, mine, 1)
    assert lin.get(f"/my/returns/{key}/account/")["Location"] == f"/my/returns/{key}/"
    verified()
