"""Money without goods, and refused parcels, as the desk enters them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guicang.returns.models import Evidence, Return, ReturnLine
from guicang.sales.models import Shipment
from tests.unit.desk.conftest import Hire, dump
from tests.unit.returns.test_evidence import photo
from tests.world import Sold, World


@pytest.mark.parametrize(("language", "title"), [("zh-hans", "补偿/价保"), ("en", "Money only")])
def test_freight_with_its_receipt(
    language: str, title: str, world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    sold, rosa = order(), hire("agent", language=language)
    assert title in rosa.get(f"/orders/{sold.id}/money/").content.decode()
    form = {"key": "m-1", "kind": "freight", "reason": "quality", f"amount.{sold.lines[0].id}": "12.00"}
    receipt = SimpleUploadedFile("receipt.jpg", photo(), "image/jpeg")
    answer = rosa.post(f"/orders/{sold.id}/money/", {**form, "picture": receipt})
    found = Return.objects.get()
    assert answer.headers["Location"] == f"/returns/{found.id}/"
    assert (found.type, found.state, Evidence.objects.count()) == ("money_only", "requested", 1)
    line = ReturnLine.objects.get()
    assert (line.money_kind, line.recorded_minor) == ("freight", 1200)
    shown = rosa.get(f"/returns/{found.id}/").content.decode()
    assert {"en": "Freight paid by the customer", "zh-hans": "客户垫付运费"}[language] in shown
    rosa.post(f"/orders/{sold.id}/money/", form)
    assert Return.objects.count() == 1


def test_what_is_no_amount_is_said_and_kept(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold, rosa = order(), hire("agent", language="en")
    before = dump()
    form = {"kind": "goodwill", "reason": "quality", f"amount.{sold.lines[0].id}": "twelve"}
    answer = rosa.post(f"/orders/{sold.id}/money/", form)
    assert answer.status_code == 409
    assert 'value="twelve"' in answer.content.decode()
    assert dump() == before


def test_a_refused_parcel_from_the_order(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold, rosa = order(), hire("agent", language="en")
    form = {f"units.{sold.lines[0].id}": "2", "resolution": "parcel_stopped", "reason": "too_small"}
    Shipment.objects.update(delivered_at=None)
    rosa.post(f"/orders/{sold.id}/return/", form)
    found, line = Return.objects.get(), ReturnLine.objects.get()
    assert (found.type, found.state, found.rma_code) == ("refused_parcel", "authorised", "")
    assert line.reason == "parcel_stopped"
    assert "The parcel was stopped on its way" in rosa.get(f"/returns/{found.id}/").content.decode()


@pytest.mark.parametrize(
    ("language", "title", "second"),
    [
        ("zh-hans", "定金", "我方无法交付：加赔一倍定金"),
        ("en", "Earnest deposit", "We cannot deliver: pay it a second time"),
    ],
)
def test_a_seller_who_cannot_deliver_is_told_the_second_deposit(
    language: str, title: str, second: str, world: World, hire: Hire
) -> None:
    facts = world.facts(3, 0, 5000, deposit_minor=4000, deposit_kind="earnest")
    facts.payments[0].amount_minor = 4000
    (sold,) = world.sell(facts)
    rosa, name = hire("agent", language=language), f"amount.{sold.lines[0].id}"
    shown = rosa.get(f"/orders/{sold.id}/").content.decode()
    assert title in shown
    assert second in shown
    # A fifth of 150.00, though 40.00 were paid.
    link = f"/orders/{sold.id}/money/?kind=compensation&{name}=30.00"
    assert link.replace("&", "&amp;") in shown
    form = rosa.get(link).content.decode()
    assert f'name="{name}"' in form
    assert 'value="30.00"' in form
    assert 'value="compensation" selected' in form
    assert not Return.objects.exists()


@pytest.mark.parametrize("more", [{"deposit_kind": "advance"}, {"deposit_kind": "earnest", "shipped": 3}])
def test_else_there_is_no_second_deposit(more: dict[str, Any], world: World, hire: Hire) -> None:
    (sold,) = world.sell(world.facts(3, **{"shipped": 0, "price_minor": 5000, "deposit_minor": 4000, **more}))
    assert "pay it a second time" not in hire("agent", language="en").get(f"/orders/{sold.id}/").content.decode()
