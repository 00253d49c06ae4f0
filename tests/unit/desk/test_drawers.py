"""Cash drawers on the desk: a shift begun, moved, counted and agreed to; the list, the report, files, the limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from guicang.org.models import Drawer, Shop
from guicang.payments.models import CashMove, DrawerRules, Shift
from guicang.trade.facts import PaymentFacts
from tests.journeys.acts import verified
from tests.journeys.test_drawers import begun, drawer, in_cash, lies
from tests.unit.desk.conftest import Hire
from tests.world import World


def post(client: Client, page: str, **form: Any) -> tuple[Any, str]:
    answer = client.post(page, form)
    return answer, " ".join(str(message) for message in get_messages(answer.wsgi_request))


def begin(client: Client, where: UUID, counted: str = "500") -> UUID:
    answer, _ = post(client, "/drawers/", drawer=str(where), counted=counted)
    assert answer.status_code == 302
    return UUID(answer["Location"].split("/")[2])


def test_a_day_at_the_counter(world: World, hire: Hire) -> None:
    where, cora, max_ = drawer(world), hire("counter", name="cora"), hire("approver", name="max")
    page = cora.get("/drawers/").content.decode()
    assert "Begin the shift" in page
    for wrong in ("", "-5", "many"):
        answer, said = post(cora, "/drawers/", drawer=str(where), counted=wrong)
        assert (answer.status_code, said) == (409, "Type the amount as a number, such as 200.00.")
    shift = begin(cora, where)
    home = f"/drawers/{shift}/"
    assert "Your shift" in cora.get("/drawers/").content.decode()
    assert post(cora, home, act="move", reason="to_safe", amount="120.50")[0].status_code == 302
    answer, said = post(cora, home, act="move", reason="to_safe", amount="999")
    assert (answer.status_code, "Your drawer holds 379.50, less than 999.00" in said) == (409, True)
    key = in_cash(world)
    assert post(cora, f"/returns/{key}/settle/")[0].status_code == 302
    shown = cora.get(home).content.decode()
    assert world.row(key).number in shown
    assert "279.50" in shown
    assert "X report" in shown
    answer, _ = post(cora, home, act="count", amount="270")
    assert Shift.objects.get(id=shift).state == "counted"
    assert "A second person has to look" in cora.get(home).content.decode()
    assert "Agree to the difference" not in cora.get(home).content.decode()
    assert "Agree to the difference" in max_.get(home).content.decode()
    _, said = post(cora, home, act="agree")
    assert "payments.check_drawer" in said
    assert post(max_, home, act="agree")[0].status_code == 302
    assert (Shift.objects.get(id=shift).state, lies(shift)) == ("closed", 27000)
    report = cora.get(f"{home}report/").content.decode()
    for text in ("Z report", "279.50", "270.00", "9.50", "max"):
        assert text in report
    listed = max_.get("/drawers/?differs=1&state=closed").content.decode()
    assert f"/drawers/{shift}/" in listed
    assert f"/drawers/{shift}/" not in max_.get("/drawers/?since=2030-01-01").content.decode()
    assert max_.get("/drawers/?state=x&drawer=y&since=z&until=2026-02-31&after=q").status_code == 200
    verified()


def test_files_of_shifts_and_of_one(world: World, hire: Hire) -> None:
    shift = begin(hire("counter", name="cora"), drawer(world))
    fay = hire("finance", name="fay")
    text = b"".join(fay.get("/drawers/export.csv")).decode("utf-8-sig")
    assert text.count("\n") == 2
    assert "cora" in text
    text = b"".join(fay.get(f"/drawers/{shift}/movements.csv")).decode("utf-8-sig")
    assert "Float from the safe" in text
    assert "500.00" in text
    far = hire("finance", name="far", shop_id=world.warehouse_id)
    assert b"cora" not in b"".join(far.get("/drawers/export.csv"))
    for rest in ("", "report/", "movements.csv"):
        assert far.get(f"/drawers/{shift}/{rest}").status_code == 404


def test_the_counter_says_whether_cash_can_go_back(world: World, order: Any, hire: Hire) -> None:
    cora = hire("counter", name="cora")
    page = f"/orders/{order().id}/counter/"
    assert "drawer" not in cora.get(page).content.decode().split("</nav>")[-1]
    where = drawer(world)
    assert "You have no open shift" in cora.get(page).content.decode()
    begin(cora, where)
    assert "Cash goes through your drawer" in cora.get(page).content.decode()


def test_a_counter_return_in_cash_leaves_the_drawer(world: World, hire: Hire) -> None:
    facts = world.facts(1, price_minor=10000)
    facts.payments = [PaymentFacts("p", "cash", 10000, world.now - timedelta(days=4))]
    (sold,) = world.sell(facts)
    line, cora = sold.lines[0].id, hire("counter", name="cora")
    form = {"key": "k1", f"units.{line}": "1", f"reason.{line}": "too_small", f"disposition.{line}": "restock"}
    form |= {"warehouse": str(world.warehouse_id)}
    where = drawer(world)
    answer, said = post(cora, f"/orders/{sold.id}/counter/", **form)
    assert (answer.status_code, "open a shift there first" in said) == (409, True)
    shift = begin(cora, where)
    assert post(cora, f"/orders/{sold.id}/counter/", **form)[0].status_code == 302
    assert post(cora, f"/orders/{sold.id}/counter/", **form)[0].status_code == 302  # a second click
    assert (lies(shift), CashMove.objects.filter(kind="refund").count()) == (40000, 1)
    verified()


def test_drawers_and_the_limit_are_kept_in_the_settings(world: World, hire: Hire) -> None:
    ada = hire("admin")
    shop = ada.get("/settings/drawer/").content.decode()
    assert "A second person looks at differences above" in shop
    made = {"code": "T1", "name": "Till", "shop": Shop.objects.get(id=world.shop_id).code}
    assert ada.post("/settings/drawer/", made).status_code == 302
    row = Drawer.objects.get()
    assert (row.code, row.shop_id) == ("T1", world.shop_id)
    assert ada.post("/settings/drawer/", {**made, "code": "T2", "shop": "nowhere"}).status_code == 409
    assert ada.get(f"/settings/drawer/{row.id}/").status_code == 200
    assert ada.post(f"/settings/drawer/{row.id}/", {"name": "Front till"}).status_code == 302
    assert "Front till" in ada.get("/settings/drawer/").content.decode()
    assert ada.post("/settings/drawers/limit/", {"company": str(world.company_id), "limit": "5.00"}).status_code == 302
    assert DrawerRules.objects.get().limit_minor == 500
    _, said = post(ada, "/settings/drawers/limit/", company=str(world.company_id), limit="much")
    assert "Type the amount" in said
    # A shop with a drawer in use is not archived from under it.
    ada.post(f"/settings/shop/{world.shop_id}/", {"act": "archive"})
    assert Shop.objects.get(id=world.shop_id).archived_at is None


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_in_both_languages(language: str, world: World, hire: Hire) -> None:
    _, shift = begun(world)
    ada = hire("admin", language=language)
    for page in ("/drawers/", f"/drawers/{shift}/", f"/drawers/{shift}/report/", "/settings/drawer/"):
        assert ada.get(page).status_code == 200
