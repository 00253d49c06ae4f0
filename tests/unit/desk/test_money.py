"""Money without goods, and refused parcels, as the desk enters them."""

from __future__ import annotations

from collections.abc import Callable

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
