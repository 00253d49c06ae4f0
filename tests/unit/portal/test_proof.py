"""A receipt or invoice that the policy wants: told before the request is sent, attached with it, found again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from guicang.kernel.ids import new_id
from guicang.policy import operations as policy
from guicang.portal.views import request as views
from guicang.returns import queries
from guicang.returns.models import Return
from tests.journeys.acts import verified
from tests.journeys.test_approvals import context
from tests.unit.portal.conftest import Visit, buyer
from tests.unit.portal.test_request import form, shown
from tests.unit.returns.test_documents import PDF
from tests.world import NOW, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)

Order = Callable[..., Sold]


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "utcnow", lambda: NOW)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_invoice_is_asked_for_and_attached(language: str, world: World, order: Order, visit: Visit) -> None:
    said = {"policies": [{"code": "p", "zh": "p", "terms": {"days": 30, "proof": "invoice"}}]}
    with transaction.atomic():
        since = NOW.replace(month=9)
        policy.state_version(context(), world.company_id, name="p", statement=said, effective_from=since)
    sold = order(units=4, customer=buyer())
    client, at = visit(sold, language=language), f"/my/orders/{sold.id}/"
    page = shown(client.post(f"{at}confirm/", form(sold)))
    assert ("需要收据或发票" if language == "zh-hans" else "A receipt or invoice is wanted and missing") in page
    client.post(f"{at}submit/", form(sold, 1, key=new_id().hex))
    bare = Return.objects.get()
    assert (bare.verdict["answer"], bare.documents, bare.pictures) == ("review", 0, 0)
    paper = {"picture": SimpleUploadedFile("发票.pdf", PDF)}
    client.post(f"{at}submit/", {**form(sold, 1, key=new_id().hex), **paper})
    proved = Return.objects.exclude(id=bare.id).get()
    assert (proved.verdict["answer"], proved.documents, proved.pictures) == ("allow", 1, 0)
    (info,) = queries.evidence_of([proved.id])[proved.id]
    page = shown(client.get(f"/my/returns/{proved.id}/"))
    assert f"/my/returns/{proved.id}/pictures/{info.id}/" in page
    assert "发票.pdf" not in page
    given = client.get(f"/my/returns/{proved.id}/pictures/{info.id}/")
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert given.content == PDF
    verified()
