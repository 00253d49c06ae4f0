"""A return's whole life through the pages, in both languages; and people who click twice or come second."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from guicang.kernel.models import OutboxMessage
from guicang.kernel.outbox import listen
from guicang.returns.models import Return, ReturnLine
from tests.journeys.acts import arrive, back, pay, verified
from tests.unit.desk.conftest import Hire
from tests.world import Sold, World

WORDS = {
    "zh-hans": {
        "requested": "待审核",
        "authorised": "已授权",
        "received": "已收货",
        "inspected": "已检验",
        "settled": "已结算",
        "closed": "已完结",
    },
    "en": {
        "requested": "Awaiting review",
        "authorised": "Authorised",
        "received": "Received",
        "inspected": "Inspected",
        "settled": "Settled",
        "closed": "Closed",
    },
}


def asked(sold: Sold, units: int = 2, **more: str) -> dict[str, str]:
    line = sold.lines[0].id
    return {"key": "form-1", f"units.{line}": str(units), "reason": "too_small", "resolution": "refund", **more}


def said(client: Client, address: str, form: dict[str, str]) -> list[str]:
    client.get("/me/")  # reads what was said before
    return [str(message) for message in get_messages(client.post(address, form).wsgi_request)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_whole_life(language: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold = order()
    rosa, wes, fay = (hire(role, language=language) for role in ("agent", "warehouse", "finance"))
    answer = rosa.post(f"/orders/{sold.id}/return/", asked(sold, entered_by="phone"))
    found = Return.objects.get()
    page, line = f"/returns/{found.id}/", ReturnLine.objects.get().id
    assert answer.headers["Location"] == page

    def shows(state: str) -> None:
        assert Return.objects.get().state == state
        assert WORDS[language][state] in rosa.get(page).content.decode()

    shows("requested")
    rosa.post(f"{page}authorise/", {f"units.{line}": "2"})
    shows("authorised")
    wes.post(f"{page}receive/", {f"units.{line}": "2", "key": "parcel-1"})
    shows("received")
    wes.post(f"{page}inspect/", {f"accept.restock.{line}": "1", f"accept.second.{line}": "1"})
    shows("inspected")
    fay.post(f"{page}settle/", {"shipping": "none", "reference": "W-1"})
    shows("settled")
    assert "20.00" in fay.get(page).content.decode()
    fay.post(f"{page}close/")
    shows("closed")
    verified()


def test_the_same_form_twice_is_one_return(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold, rosa = order(), hire("agent")
    first, second = (rosa.post(f"/orders/{sold.id}/return/", asked(sold)) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] == f"/returns/{Return.objects.get().id}/"


def test_who_comes_second_is_told_what_the_first_did(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    key = world.request(order(), 1)
    rosa, max_ = hire("agent", first_name="Rosa"), hire("approver")
    rosa.post(f"/returns/{key}/authorise/")
    (told,) = said(max_, f"/returns/{key}/reject/", {"reason": "too_late"})
    assert told.startswith("Rosa was faster: Authorise")
    assert Return.objects.get().state == "authorised"
    # Whoever was first himself is told what the return is now.
    (told,) = said(rosa, f"/returns/{key}/reject/", {"reason": "too_late"})
    assert told == "This return is Authorised: Reject is not possible now. Open it again to see what is."


def test_who_decides_sees_what_it_pays(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    key, rosa = world.request(order(), 2), hire("agent", language="en")
    page, title = f"/returns/{key}/", "What it pays if all of it is accepted"
    shown = rosa.get(page).content.decode()
    assert title in shown
    assert "20.00" in shown
    rosa.post(f"{page}authorise/", {f"units.{ReturnLine.objects.get().id}": "1", "reason": "too_late"})
    shown = rosa.get(page).content.decode()
    assert ReturnLine.objects.get().authorised == 1
    assert title in shown
    assert "20.00" not in shown  # what was granted, not what was asked for
    arrive(world, key, 1)
    assert title not in rosa.get(page).content.decode()


def test_the_books_of_a_return_are_for_those_who_see_the_journal(
    world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    key = back(world, order(), 1)
    pay(world, key)
    for role, sees in (("agent", False), ("warehouse", False), ("counter", False), ("finance", True), ("admin", True)):
        assert ("Vouchers" in hire(role, language="en").get(f"/returns/{key}/").content.decode()) is sees, role


def test_the_messages_are_those_to_people(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    listen("return.changed", world.company_id, wanted=True)
    key = world.request(order(), 1)
    assert OutboxMessage.objects.filter(topic="return.changed", aggregate_id=key).exists()
    shown = hire("agent", language="en").get(f"/returns/{key}/").content.decode()
    assert "Request received" in shown
    assert "return.changed" not in shown


def test_a_reason_is_shown_in_words(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    key, rosa = world.request(order(), 1), hire("agent", language="zh-hans")
    rosa.post(f"/returns/{key}/reject/", {"reason": "too_late"})
    assert "超过退货期限" in rosa.get(f"/returns/{key}/").content.decode()


@pytest.mark.parametrize("typed", ["-1", "1.5", "一", "1e3", "99999999999999999999", "6"])
def test_units_that_are_none_move_nothing(typed: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold, rosa = order(units=5), hire("agent")
    form = {**asked(sold), f"units.{sold.lines[0].id}": typed}
    assert said(rosa, f"/orders/{sold.id}/return/", form)
    assert not Return.objects.exists()


def test_a_batch_answers_return_by_return(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    new, done = world.request(order(), 1), world.authorised(order(), 1)
    rosa = hire("agent")
    form = {"command": "authorise", "pick": [str(new), str(done)], "filters": "queue=review"}
    answer = rosa.post("/returns/batch/", form)
    assert answer.headers["Location"] == "/returns/?queue=review"
    assert len(list(get_messages(answer.wsgi_request))) == 2
    assert set(Return.objects.values_list("state", flat=True)) == {"authorised"}
