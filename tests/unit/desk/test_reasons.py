"""A company's own reasons: kept by its administrators, offered by every form, and never lost to what has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from guicang.audit import queries as audit
from guicang.intake import sheets
from guicang.policy import queries as policies
from guicang.policy.facts import DEFAULTS
from guicang.policy.models import ReturnReason
from tests.journeys.acts import verified
from tests.unit.desk.conftest import Hire, dump, in_every_state
from tests.world import SYSTEM, Sold, World, another_world

HOME = "/settings/reasons/"
NEW = {"code": "broken_zip", "zh": "拉链坏了", "en": "Broken zip", "fault": "seller", "asks_evidence": "1"}


def codes(world: World) -> list[str]:
    return list(policies.reasons_of(world.company_id))


def key_of(world: World, code: str) -> Any:
    return ReturnReason.objects.get(company_id=world.company_id, code=code).id


def post(client: Client, where: str, **form: Any) -> Any:
    client.get("/me/")  # reads what was said before
    return client.post(where, form)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_every_company_begins_with_the_ten(world: World) -> None:
    assert codes(world) == [one.code for one in DEFAULTS]
    assert codes(world) == codes(another_world())
    payers = {one.code for one in policies.reasons_of(world.company_id).values() if one.seller_pays}
    assert {"late", "damaged_in_transit", "quality"} <= payers
    assert not payers & {"changed_mind", "too_small", "other"}
    verified()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_reason_is_made_changed_and_its_history_told(language: str, world: World, hire: Hire) -> None:
    ada = hire("admin", language=language, first_name="Ada")
    assert post(ada, HOME, company=world.company_id, **NEW).status_code == 302
    key = key_of(world, "broken_zip")
    assert codes(world)[-1] == "broken_zip"
    where = f"{HOME}{key}/"
    changed = {**NEW, "en": "The zip is broken", "fault": "carrier"}
    assert post(ada, where, **changed).status_code == 302
    shown = ada.get(where).content.decode()
    assert "Broken zip → The zip is broken" in shown
    assert ("商家 → 承运商" if language == "zh-hans" else "the seller&#x27;s → the carrier&#x27;s") in shown
    assert "Ada" in shown
    assert [one.action for one in audit.history(key)] == ["create", "change"]
    listed = ada.get(HOME).content.decode()
    assert ("拉链坏了" if language == "zh-hans" else "The zip is broken") in listed
    verified()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"code": "Two Words"}, "A code has"),
        ({"code": "quality"}, "is taken already"),
        ({"zh": ""}, "in Chinese and in English"),
        ({"en": "x" * 81}, "in Chinese and in English"),
        ({"fault": "weather"}, "Choose whose fault"),
        ({"company": "nobody"}, "Open the list again"),
    ],
)
def test_what_is_wrong_makes_no_reason(wrong: dict[str, str], why: str, world: World, hire: Hire) -> None:
    ada, before = hire("admin"), dump()
    answer = post(ada, HOME, **{"company": world.company_id, **NEW, **wrong})
    assert answer.status_code == 409
    assert why in answer.content.decode()
    assert dump() == before


def test_the_order_is_what_forms_offer(world: World, hire: Hire) -> None:
    ada = hire("admin")
    move = {"company": world.company_id, "reason": key_of(world, "too_large")}
    assert post(ada, HOME, act="up", **move).status_code == 302
    assert codes(world)[:3] == ["changed_mind", "too_large", "too_small"]
    post(ada, HOME, act="up", **move)
    before = dump()
    post(ada, HOME, act="up", **move)  # it is the first one already
    assert {**dump(), "kernel.Command": 0} == {**before, "kernel.Command": 0}
    post(ada, HOME, act="down", **move)
    assert codes(world)[:2] == ["changed_mind", "too_large"]
    verified()


def test_an_archived_reason_is_offered_nowhere_and_kept_by_what_has_it(
    world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    ada, sold = hire("admin"), order()
    key = world.request(sold, 1, reason="too_small")
    forms = (f"/orders/{sold.id}/", f"/orders/{sold.id}/counter/", "/returns/sheet/")
    for where in forms:
        assert "Too small" in ada.get(where).content.decode(), where
    where = f"{HOME}{key_of(world, 'too_small')}/"
    assert post(ada, where, act="archive").status_code == 302
    for form in forms:
        assert "Too small" not in ada.get(form).content.decode(), form
    assert "Too small" in ada.get(f"/returns/{key}/").content.decode()
    rows = sheets.from_text(f"{sold.row.number}\tGOODS\t1\t尺码偏小\n")
    (line,) = sheets.plan(rows, actor=SYSTEM, now=world.now).lines
    assert "尺码偏小 is no reason" in line.faults[0] or "不是" in line.faults[0]
    assert post(ada, where, act="restore").status_code == 302
    assert "Too small" in ada.get(forms[0]).content.decode()
    verified()


def test_the_last_reason_stays(world: World, hire: Hire) -> None:
    ada = hire("admin")
    *others, last = [key_of(world, code) for code in codes(world)]
    for key in others:
        assert post(ada, f"{HOME}{key}/", act="archive").status_code == 302
    assert "no reason to choose" in post(ada, f"{HOME}{last}/", act="archive").content.decode()
    assert ReturnReason.objects.get(id=last).archived_at is None


def test_each_company_has_its_own_and_nobody_touches_another_s(
    world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    other = another_world()
    ada = hire("admin", company_id=world.company_id)
    foreign = key_of(other, "quality")
    assert ada.get(f"{HOME}{foreign}/").status_code == 404
    assert str(foreign) not in ada.get(HOME).content.decode()
    assert post(ada, HOME, company=other.company_id, **NEW).status_code == 409
    move = {"company": other.company_id, "reason": foreign, "act": "up"}
    assert "Open the list again" in post(ada, HOME, **move).content.decode()
    assert post(hire("admin", name="group"), HOME, company=other.company_id, **NEW).status_code == 302
    assert "broken_zip" in codes(other)
    assert "Broken zip" not in ada.get(f"/orders/{order().id}/").content.decode()


def test_statements_of_the_list_do_not_grow(world: World, hire: Hire, django_assert_max_num_queries: Any) -> None:
    ada = hire("admin")
    ada.get(HOME)
    another_world()
    with django_assert_max_num_queries(9):
        ada.get(HOME)


def test_a_code_that_nobody_lists_is_shown_as_it_is(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    in_every_state(world, order)
    key = world.request(order(), 1, reason="of_old_times")
    assert "of_old_times" in hire("admin").get(f"/returns/{key}/").content.decode()
