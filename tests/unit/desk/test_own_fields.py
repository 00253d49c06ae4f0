"""Own fields at the desk: made without code, asked and shown, asked about by policies and flows, safe in files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.kernel.ids import new_id
from guicang.org.models import Company
from guicang.policy import queries as policies
from guicang.returns.models import Return
from guicang.returns.operations.answering import answers_of
from tests.journeys.acts import verified
from tests.journeys.test_own_fields import own_field
from tests.unit.desk.conftest import Hire
from tests.unit.desk.test_exports import read_csv, read_xlsx
from tests.world import Sold, World

HOME = "/settings/fields/"
NEW = {
    **{"code": "place", "zh": "购买渠道", "en": "Bought at", "kind": "choice", "asked_of": "both", "required": "1"},
    **{"option.0.code": "tmall", "option.0.zh": "天猫", "option.0.en": "Tmall"},
    **{"option.2.code": "jd", "option.2.zh": "京东", "option.2.en": "JD"},
}
EVIL = '=HYPERLINK("http://x")'
Order = Callable[..., Sold]


def company_code(world: World) -> str:
    return str(Company.objects.get(id=world.company_id).code)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def enter(client: Client, sold: Sold, **more: str) -> Any:
    form = {f"units.{sold.lines[0].id}": "1", "reason": "too_small", "key": new_id().hex}
    return client.post(f"/orders/{sold.id}/return/", {**form, **more})


def answered() -> dict[str, str]:
    key = Return.objects.get().id
    codes = {one.id: one.code for one in policies.fields_of(Return.objects.get().company_id).values()}
    return {codes[one.field_id]: one.value for one in answers_of([key])[key]}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_field_is_made_without_code_and_asked_and_shown(
    language: str, world: World, order: Order, hire: Hire
) -> None:
    ada, sold = hire("admin", language=language), order()
    assert ada.post(HOME, {**NEW, "company": world.company_id}).status_code == 302
    words = ("购买渠道", "天猫") if language == "zh-hans" else ("Bought at", "Tmall")
    assert words[0] in ada.get(HOME).content.decode()
    for page in (f"/orders/{sold.id}/", f"/orders/{sold.id}/counter/"):
        shown = ada.get(page).content.decode()
        assert all(word in shown for word in words)
        assert 'name="field.place"' in shown
    refused = enter(ada, sold)
    assert refused.status_code == 409
    assert words[0] in said(refused)
    assert enter(ada, sold, **{"field.place": "tmall"}).status_code == 302
    assert answered() == {"place": "tmall"}
    shown = ada.get(f"/returns/{Return.objects.get().id}/").content.decode()
    assert f"<dt>{words[0]}</dt><dd>{words[1]}</dd>" in shown
    verified()


def test_a_field_is_changed_moved_and_archived_by_its_pages(world: World, hire: Hire) -> None:
    ada = hire("admin")
    first, second = own_field(world), own_field(world, "size", zh="尺码", en="Size")
    assert ada.post(HOME, {"act": "up", "company": world.company_id, "field": second}).status_code == 302
    assert list(policies.fields_of(world.company_id)) == ["size", "worn"]
    form = {"zh": "穿过几次", "en": "Worn how often", "asked_of": "staff"}
    assert ada.post(f"{HOME}{first}/", form).status_code == 302
    assert policies.fields_of(world.company_id)["worn"].asked_of == "staff"
    assert "Worn how often" in ada.get(f"{HOME}{first}/").content.decode()
    assert ada.post(f"{HOME}{first}/", {**form, "zh": ""}).status_code == 409
    assert ada.post(f"{HOME}{first}/", {"act": "archive"}).status_code == 302
    assert policies.fields_of(world.company_id)["worn"].archived_at
    assert ada.get(f"{HOME}{new_id()}/").status_code == 404
    assert ada.post(HOME, {**NEW, "code": "Bad", "company": world.company_id}).status_code == 409


def test_answers_of_lines_are_corrected_on_the_page_of_the_return(world: World, order: Order, hire: Hire) -> None:
    own_field(world, "stain", kind="yes_no", per_line=True, zh="有污渍", en="Stained")
    rosa, sold = hire("agent"), order()
    assert enter(rosa, sold, **{f"field.stain.{sold.lines[0].id}": "yes"}).status_code == 302
    found = Return.objects.get()
    name = f"field.stain.{found.lines.get().id}"
    assert name in rosa.get(f"/returns/{found.id}/").content.decode()
    assert rosa.post(f"/returns/{found.id}/answers/", {name: "no"}).status_code == 302
    assert answered() == {"stain": "no"}
    wrong = rosa.post(f"/returns/{found.id}/answers/", {name: "perhaps"})
    assert "“Stained” cannot be understood" in said(wrong)
    assert answered() == {"stain": "no"}
    assert rosa.post(f"/returns/{new_id()}/answers/", {"field.x": "no"}).status_code == 404


def test_the_counter_asks_and_keeps(world: World, order: Order, hire: Hire) -> None:
    own_field(world, required=True)
    ada, sold = hire("admin"), order()
    line = sold.lines[0].id
    form = {f"units.{line}": "1", f"reason.{line}": "too_small", "warehouse": str(world.warehouse_id), "key": "k"}
    assert "“Times worn” is not filled in" in said(ada.post(f"/orders/{sold.id}/counter/", form))
    assert ada.post(f"/orders/{sold.id}/counter/", {**form, "field.worn": "3"}).status_code == 302
    assert answered() == {"worn": "3"}


def test_files_have_a_column_for_each_field_and_nothing_that_a_sheet_would_run(
    world: World, order: Order, hire: Hire
) -> None:
    own_field(world, "why", kind="text", zh="说明", en="Details")
    own_field(world, "stain", per_line=True, zh="污渍", en="Stains")
    ada, sold = hire("admin"), order()
    enter(ada, sold, **{"field.why": EVIL, f"field.stain.{sold.lines[0].id}": "2"})
    enter(ada, order())
    titles, *rows = read_csv(ada, "/returns/export.csv")
    cells = [dict(zip(titles, row, strict=True)) for row in rows]
    assert sorted((one["Details"], one["Stains"]) for one in cells) == [("", ""), (f"'{EVIL}", "2")]
    titles, *sheet = read_xlsx(ada, "/returns/export.xlsx")
    assert {dict(zip(titles, row, strict=True))["Details"] for row in sheet} == {EVIL, ""}
    with CaptureQueriesContext(connection) as queries:
        read_csv(ada, "/returns/export.csv")
    many = len(queries)
    for _ in range(3):
        enter(ada, order(), **{"field.why": "x"})
    with CaptureQueriesContext(connection) as queries:
        read_csv(ada, "/returns/export.csv")
    assert len(queries) == many


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_editor_of_policies_asks_about_fields(language: str, world: World, hire: Hire) -> None:
    own_field(world)
    own_field(world, "stain", kind="yes_no", zh="有污渍", en="Stained")
    ada, company = hire("admin", language=language), company_code(world)
    ada.post("/policy/start/", {"company": company, "source": "1"})
    draft = policies.draft(world.company_id)
    assert draft
    page = "/policy/draft/new/"
    shown = ada.get(f"{page}?company={company}").content.decode()
    assert 'name="when.worn.at_least"' in shown
    form = {"company": company, "revision": draft.revision, "code": "worn", "zh": "穿过", "terms.days": "7"}
    rules = {"when.worn.at_least": "3", "when.worn.then": "refuse", "when.stain.is_yes": "yes", "when.stain.then": ""}
    assert ada.post(page, {**form, **rules}).status_code == 302
    draft = policies.draft(world.company_id)
    made = next(one for one in draft.statement.policies if one.code == "worn") if draft else None
    assert made
    assert made.terms.fields
    assert [(one.field, one.then) for one in made.terms.fields] == [("worn", "refuse"), ("stain", "review")]
    shown = ada.get(f"/policy/draft/?company={company}").content.decode()
    chinese, english = "“穿过次数”不少于 3时，非质量问题不能退货。", "Where “Times worn” is at least 3, it cannot"
    assert (chinese if language == "zh-hans" else english) in shown
    shown = ada.get(f"/policy/draft/worn/?company={company}").content.decode()
    assert 'name="when.worn.at_least" inputmode="decimal" maxlength="18" size="8" value="3"' in shown


def test_the_form_of_a_flow_asks_about_fields(world: World, hire: Hire) -> None:
    own_field(world)
    ada = hire("admin")
    form = {"company": world.company_id, "code": "worn", "zh": "穿过", "en": "Worn", "stage.0.roles": "approver"}
    assert ada.post("/settings/approvals/new/", {**form, "when.worn.at_most": "x"}).status_code == 409
    assert ada.post("/settings/approvals/new/", {**form, "when.worn.at_least": "3"}).status_code == 302
    assert "“Times worn” is at least 3" in ada.get("/settings/approvals/").content.decode()
