"""Own fields where customers ask for a return: asked in the form, carried on, checked, and shown again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from guicang.org.models import Shop
from guicang.policy.models import CustomField
from guicang.portal.views import request as views
from guicang.returns.models import Return
from guicang.returns.operations.answering import answers_of
from tests.journeys.acts import verified
from tests.journeys.test_own_fields import own_field, under
from tests.unit.portal.conftest import Visit, buyer
from tests.unit.portal.test_request import form, key_of, shown
from tests.world import NOW, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)

Order = Callable[..., Sold]


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "utcnow", lambda: NOW)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_customer_answers_and_reads_it_again(language: str, world: World, order: Order, visit: Visit) -> None:
    own_field(world, required=True)
    own_field(world, "stain", kind="yes_no", per_line=True, required=True, zh="有污渍", en="Stained")
    own_field(world, "inner", asked_of="staff", required=True, zh="内部", en="Inner")
    sold = order(customer=buyer())
    client, at = visit(sold, language=language), f"/my/orders/{sold.id}/"
    line = f"field.stain.{sold.lines[0].id}"
    page = shown(client.post(f"{at}why/", form(sold)))
    assert 'name="field.worn"' in page
    assert f'name="{line}"' in page
    assert "field.inner" not in page
    missing = shown(client.post(f"{at}confirm/", form(sold, 2, **{"field.worn": "two"})), 422)
    title = "穿过次数" if language == "zh-hans" else "Times worn"
    assert title in missing
    assert 'value="two"' in missing
    page = shown(client.post(f"{at}confirm/", form(sold, 2, **{"field.worn": "2", line: "no"})))
    assert f"<dt>{title}</dt><dd>2</dd>" in page
    assert f'name="{line}" value="no"' in page
    sent = client.post(f"{at}submit/", form(sold, 2, **{"field.worn": "2", line: "no", "key": key_of(page)}))
    key = Return.objects.get().id
    assert sent.headers["Location"] == f"/my/returns/{key}/"
    assert {one.value for one in answers_of([key])[key]} == {"2", "no"}
    page = shown(client.get(f"/my/returns/{key}/"))
    assert f"<dt>{title}</dt><dd>2</dd>" in page
    verified()


def test_what_the_policy_makes_of_an_answer_is_told_in_plain_words(world: World, order: Order, visit: Visit) -> None:
    own_field(world)
    under(world, {"field": "worn", "at_least": "3", "then": "refuse"})
    sold = order(customer=buyer())
    client, at = visit(sold), f"/my/orders/{sold.id}/"
    refused = shown(client.post(f"{at}confirm/", form(sold, 2, **{"field.worn": "4"})), 422)
    assert "“Times worn” is “4”: with that it cannot come back." in refused
    code = Shop.objects.get(id=sold.shop_id).code
    told = shown(client.get(f"/my/policy/{code}/"))
    assert "Where “Times worn” is at least 3, it cannot come back" in told
    CustomField.objects.filter(code="worn").update(asked_of="staff")
    assert "Times worn" not in shown(client.get(f"/my/policy/{code}/"))
