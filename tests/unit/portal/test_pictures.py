"""A customer's pictures: with the request and later, his own alone, gone when he removes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guicang.portal.views import pictures as views
from guicang.portal.views import request as asking
from guicang.portal.views import returns as showing
from guicang.returns import queries
from guicang.returns.models import Return
from guicang.returns.operations.evidence import MOST, Showing, add_evidence
from guicang.returns.steps.authorise import Authorisation, authorise
from tests.journeys.acts import do, dump
from tests.unit.portal.conftest import Visit, buyer
from tests.unit.returns.test_evidence import home, photo  # noqa: F401 - `home` is a fixture
from tests.world import NOW, SYSTEM, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)

Order = Callable[..., Sold]


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (asking, showing, views):
        monkeypatch.setattr(module, "utcnow", lambda: NOW)


def sent(*pictures: bytes) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"{place}.jpg", data, "image/jpeg") for place, data in enumerate(pictures)]


def ids(key: UUID) -> list[UUID]:
    return [one.id for one in queries.evidence_of([key]).get(key, [])]


def test_pictures_come_with_the_request_and_later(world: World, order: Order, visit: Visit, home: Path) -> None:  # noqa: F811
    sold = order(customer=buyer())
    client = visit(sold)
    form = {f"units.{sold.lines[0].id}": "1", "type": "refund", "reason": "quality", "key": "k"}
    for _ in range(2):  # the same form again shows the same pictures
        files = sent(photo(1), b"<script>alert(1)</script>")
        answer = client.post(f"/my/orders/{sold.id}/submit/", {**form, "picture": files}, follow=True)
    key = Return.objects.get().id
    (first,) = ids(key)
    text = answer.content.decode()
    assert f"/my/returns/{key}/pictures/{first}/small/" in text
    assert "alert(1)" not in text
    client.post(f"/my/returns/{key}/pictures/", {"picture": sent(photo(2), photo(3))})
    assert len(ids(key)) == 3
    for size in ("", "small/"):
        shown = client.get(f"/my/returns/{key}/pictures/{first}/{size}")
        assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
    client.post(f"/my/returns/{key}/pictures/{first}/remove/")
    assert first not in ids(key)
    assert client.get(f"/my/returns/{key}/pictures/{first}/").status_code == 404
    do(authorise, world, Authorisation(key))
    client.post(f"/my/returns/{key}/pictures/{ids(key)[0]}/remove/")
    assert len(ids(key)) == 2  # decided: they stay


def test_nine_and_no_more(world: World, order: Order, visit: Visit, home: Path) -> None:  # noqa: F811
    sold = order(customer=buyer())
    key, client = world.request(sold, 1), visit(sold)
    client.post(f"/my/returns/{key}/pictures/", {"picture": sent(*(photo(n) for n in range(MOST + 1)))})
    assert len(ids(key)) == MOST
    assert 'name="picture"' not in client.get(f"/my/returns/{key}/").content.decode()


def test_pictures_of_others_and_of_staff_are_not_there(world: World, order: Order, visit: Visit, home: Path) -> None:  # noqa: F811
    """By their own address, and under a return of one's own."""
    facts = [world.facts(customer=buyer("", email=f"{name}@example.org")) for name in ("one", "two")]
    mine, twin = world.sell(*facts)
    own, foreign = world.request(mine, 1), world.request(twin, 1)
    items = [Showing(own, photo(1)), Showing(foreign, photo(2))]
    of_staff, theirs = (one.id for one in add_evidence(pictures=items, actor=SYSTEM, now=NOW))
    client = visit(mine, contact="one@example.org")
    before = dump()
    for key, picture in ((own, of_staff), (own, theirs), (foreign, theirs)):
        assert client.get(f"/my/returns/{key}/pictures/{picture}/").status_code == 404
        assert client.get(f"/my/returns/{key}/pictures/{picture}/small/").status_code == 404
        assert client.post(f"/my/returns/{key}/pictures/{picture}/remove/").status_code in (302, 404)
    assert client.post(f"/my/returns/{foreign}/pictures/", {"picture": sent(photo(3))}).status_code == 404
    kept = {"sessions.Session": 0}
    assert {**dump(), **kept} == {**before, **kept}
    assert str(of_staff) not in client.get(f"/my/returns/{own}/").content.decode()


def test_a_form_without_files_takes_none(order: Order, visit: Visit) -> None:
    client = visit(order(customer=buyer()))
    huge = SimpleUploadedFile("a.jpg", b"\0" * 2_000_000, "image/jpeg")
    assert client.post("/my/", {"number": "1", "contact": "a@example.org", "x": huge}).status_code == 400
