"""A buyer sees what his money is worth as store credit before he chooses, agrees to it, and finds what he has."""

from __future__ import annotations

import pytest
from django.test import Client

from guicang.portal.views import request as views
from guicang.returns.models import Return
from tests.journeys.test_policies import state
from tests.journeys.test_store_credit import stated
from tests.unit.payments.test_credit import credit_of
from tests.unit.portal.conftest import Visit, buyer
from tests.unit.portal.test_request import form, key_of, shown
from tests.world import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)


def test_store_credit_is_chosen_with_consent(world: World, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "utcnow", lambda: NOW)
    state(world, {"terms": {"refund_to": "choice", "days": 30}})
    stated(world)
    sold = world.sell(world.facts(2, price_minor=1_000, customer=buyer()))[0]
    client: Client = visit(sold)
    page = shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold)))
    assert 'value="store_credit"' in page
    assert "21.00" in page
    said = {**form(sold), "key": key_of(page), "refund_to": "store_credit"}
    again = shown(client.post(f"/my/orders/{sold.id}/submit/", said), 422)
    assert (
        client.post(f"/my/orders/{sold.id}/submit/", {**said, "key": key_of(again), "consent": "1"}).status_code == 302
    )
    assert Return.objects.get().refund_to == "store_credit"
    credit_of(world, sold.customer_id)
    assert "1.00" in shown(client.get("/my/credit/"))
