"""The table of freight: typed, sent as a file, read by programs, and told to whoever asks for a return."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guicang.api import bearer
from guicang.audit.models import AuditRow
from guicang.catalog.models import Sku
from guicang.desk import freight_form
from guicang.logistics.models import FreightTable
from guicang.logistics.queries import freight_tables
from guicang.logistics.rules import Rate
from guicang.org.models import Market, Warehouse
from guicang.portal.views import request as views
from guicang.returns.models import Inspection
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from tests.journeys.acts import arrive, do, verified
from tests.journeys.test_freight import BY_TABLE, rate, table
from tests.journeys.test_policies import state
from tests.unit.api.conftest import Program
from tests.unit.api.conftest import codes as problems
from tests.unit.api.conftest import program as program  # noqa: PLC0414 - a fixture
from tests.unit.desk.conftest import Hire, dump
from tests.unit.portal.conftest import Visit, buyer
from tests.unit.portal.conftest import visit as visit  # noqa: PLC0414 - a fixture
from tests.unit.portal.test_request import form
from tests.world import NOW, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/settings/freight/"


def typed(world: World, *rows: dict[str, str]) -> dict[str, str]:
    said = {"company": str(world.company_id), "currency": "CNY"}
    for place, row in enumerate(rows):
        said |= {f"{name}.{place}": row.get(name, "") for name in freight_form.COLUMNS}
    return said


def rates_of(world: World) -> list[Rate]:
    return list(freight_tables([world.company_id]).get((world.company_id, "CNY"), (0, ()))[1])


def downloaded(client: Any, world: World) -> bytes:
    return b"".join(client.get(f"{PAGE}{world.company_id}/CNY.csv").streaming_content)


ONE = {
    "first_price": "12",
    "first_weight": "1 kg",
    "next_weight": "500",
    "next_price": "2.50",
    "valid_from": "2026-01-01",
}


def test_typed_it_counts_and_the_trail_knows_it(world: World, hire: Hire) -> None:
    client = hire("admin")
    assert client.post(PAGE, typed(world, {**ONE, "carrier": "SF"}, {})).status_code == 302
    assert rates_of(world) == [Rate(1200, date(2026, 1, 1), "", "", "SF", 1000, 500, 250)]
    page = client.get(PAGE).content.decode()
    for text in ("1 kg", "500 g", "12.00", "2.50", 'value="SF"'):
        assert text in page, text
    assert client.post(PAGE, typed(world, {**ONE, "carrier": "SF"})).status_code == 302
    assert FreightTable.objects.count() == 1, "the same table is no new version"
    assert client.post(PAGE, typed(world)).status_code == 302
    assert rates_of(world) == []
    assert list(AuditRow.objects.filter(aggregate_kind="freight_table").values_list("seq", flat=True)) == [1, 1]
    verified()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"first_price": "twelve"}, "is not understood"),
        ({"valid_from": "soon"}, "is not understood"),
        ({"next_weight": "half"}, "is not understood"),
        ({"carrier": "x" * 41}, "is not understood"),
        ({"next_weight": ""}, "is no rate"),
        ({"market": "MARS"}, "there is no"),
        ({"warehouse": "NOWHERE"}, "there is no"),
    ],
)
def test_what_is_not_understood_is_named_and_stays_typed(
    world: World, hire: Hire, wrong: dict[str, str], says: str
) -> None:
    client, before = hire("admin"), dump()
    answer = client.post(PAGE, typed(world, {**ONE, **wrong}))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert says in page
    assert 'value="2.50"' in page
    assert dump() == before


def test_a_file_takes_the_place_of_the_table_and_comes_out_as_it_went_in(world: World, hire: Hire) -> None:
    market, house = Market.objects.get().code, Warehouse.objects.get(id=world.warehouse_id).code
    wanted = [
        rate(900, zone=market, warehouse=house, carrier="邮政"),
        rate(1234, first_g=1500, next_g=100, next_minor=7),
    ]
    table(world, *wanted)
    client = hire("admin")
    content = downloaded(client, world)
    table(world)
    said = {"company": str(world.company_id), "currency": "CNY"}
    for sent in (content, content.decode("utf-8-sig").encode("gb18030")):
        table(world)
        assert client.post(PAGE, {**said, "file": SimpleUploadedFile("r.csv", sent)}).status_code == 302
        assert rates_of(world) == wanted
    plain = b"carrier,first_price,valid_from\nSF,10,2026-05-01\n"
    assert client.post(PAGE, {**said, "file": SimpleUploadedFile("r.csv", plain)}).status_code == 302
    assert rates_of(world) == [Rate(1000, date(2026, 5, 1), carrier="SF")]
    zh = hire("admin", name="zh", language="zh-hans")
    chinese = downloaded(zh, world)
    assert "首重运费" in chinese.decode()
    assert client.post(PAGE, {**said, "file": SimpleUploadedFile("r.csv", chinese)}).status_code == 302
    wrong = client.post(PAGE, {**said, "file": SimpleUploadedFile("r.csv", b"a,b\n1,2\n")})
    assert wrong.status_code == 409
    assert "no table of freight" in wrong.content.decode()
    assert rates_of(world) == [Rate(1000, date(2026, 5, 1), carrier="SF")]


def test_a_table_of_somebody_else_is_not_there(world: World, hire: Hire) -> None:
    client = hire("admin", company_id=world.shop_id)
    assert client.post(PAGE, typed(world, ONE)).status_code == 404
    assert client.get(f"{PAGE}{world.company_id}/CNY.csv").status_code == 404


def test_programs_read_and_state_it(
    world: World, program: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearer, "utcnow", lambda: NOW)
    ada = program("admin")
    said = {"currency": "CNY", "rates": [{"first_minor": 800, "carrier": "SF", "valid_from": "2026-01-01"}]}
    ada.do(f"/settings/freight/{world.company_id}/change", said)
    (found,) = [one for one in ada.get("/settings/freight") if one["company_id"] == str(world.company_id)]
    assert (found["number"], found["rates"][0]["first_minor"], found["rates"][0]["carrier"]) == (1, 800, "SF")
    wrong = {**said, "rates": [*said["rates"], *said["rates"]]}
    assert problems(ada.send("POST", f"/settings/freight/{world.company_id}/change", wrong)) == ["freight_rate_twice"]
    lost = ada.send("POST", f"/settings/freight/{world.shop_id}/change", said)
    assert lost.status_code == 404


@pytest.fixture
def sold(world: World, monkeypatch: pytest.MonkeyPatch) -> Sold:
    monkeypatch.setattr(views, "utcnow", lambda: NOW)
    state(world, {"terms": {"days": 300, "fees": [BY_TABLE]}})
    table(world, rate(carrier="SF"))
    Sku.objects.filter(code="GOODS").update(weight_g=700)
    return world.sell(world.facts(3, price_minor=3_000, customer=buyer()))[0]


def test_the_amount_is_told_before_choosing_on_the_page_and_on_the_slip(
    world: World, sold: Sold, visit: Visit, hire: Hire
) -> None:
    client, desk = visit(sold), hire("agent")

    def plain(page: str) -> str:
        return page.replace('<span class="symbol">¥</span>', "").replace("</span>", "").replace("\n", "")

    said = form(sold, 1, reason="changed_mind")
    page = plain(client.post(f"/my/orders/{sold.id}/confirm/", said).content.decode())
    choices = page[page.index("What each choice is worth") :]
    assert "taken off the refund." in choices
    assert "12.00" in choices
    assert "(SF, 0.7 kg)" in page
    wronged = client.post(f"/my/orders/{sold.id}/confirm/", form(sold, 1, reason="quality")).content.decode()
    assert "taken off the refund." not in wronged
    order = {f"units.{sold.lines[0].id}": "1", "reason": "changed_mind", "resolution": "refund", "check": "1"}
    assert "taken off the refund." in desk.post(f"/orders/{sold.id}/return/", order).content.decode()
    key = world.authorised(sold, 1, reason="changed_mind")
    for answer in (
        client.get(f"/my/returns/{key}/"),
        client.get(f"/my/returns/{key}/slip/"),
        desk.get(f"/returns/{key}/"),
    ):
        text = plain(answer.content.decode())
        assert "taken off the refund." in text
        assert "12.00" in text


def test_where_the_buyer_pays_the_carrier_himself_it_is_about_so_much(world: World, sold: Sold, visit: Visit) -> None:
    state(world, {"terms": {"days": 300}})
    other = world.sell(world.facts(3, price_minor=3_000, customer=buyer()))[0]
    page = visit(other).post(f"/my/orders/{other.id}/confirm/", form(other, 1, reason="changed_mind")).content.decode()
    assert "It costs about" in page
    assert "taken off" not in page


def test_who_inspects_says_whose_fault_it_is(world: World, sold: Sold, visit: Visit, hire: Hire) -> None:
    client, desk = visit(sold), hire("warehouse")
    key = world.authorised(sold, 1, reason="quality")
    arrive(world, key, 1)
    assert "Fault found" in desk.get(f"/returns/{key}/").content.decode()
    line = world.line(key).id
    said = {f"accept.restock.{line}": "1", f"fault.{line}": "buyer"}
    assert desk.post(f"/returns/{key}/inspect/", said).status_code == 302
    assert Inspection.objects.get().found_fault == "buyer"
    assert "The buyer pays the way back." in desk.get(f"/returns/{key}/").content.decode()
    page = client.get(f"/my/returns/{key}/").content.decode()
    assert "You pay it: our inspection found that the fault is not ours." in page
    assert "taken off the refund." in page


def test_statements_of_a_finding_are_bounded(world: World, sold: Sold, django_assert_max_num_queries: Any) -> None:
    keys = [world.authorised(sold, 1, reason="quality") for _ in range(3)]
    for key in keys:
        arrive(world, key, 1)
    items = [Inspecting(key, [Part(world.line(key).id, 1, found_fault="buyer")]) for key in keys]
    with django_assert_max_num_queries(44):
        do(inspect, world, *items)
