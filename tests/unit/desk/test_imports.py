"""Files that came in: who sees them, what of them, and what a spreadsheet makes of the rows set aside."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from guicang.intake.models import ImportRun
from guicang.intake.queries import run, runs
from guicang.kernel.actor import Actor, Scope
from guicang.org import queries as org
from guicang.staff.models import User
from tests.unit.desk.conftest import Hire, dump
from tests.unit.desk.files import ORDERS, imported, order_rows
from tests.unit.desk.test_pages import counted
from tests.world import World, another_world

CUSTOMERS = "customer_id,name,phone\nc-1,=HYPERLINK(1),13800000001\nc-2,Bo,13800000002\n,nobody,1\n"


def code_of(world: World) -> str:
    return org.companies([world.company_id])[world.company_id].code


def text_of(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_a_run_is_of_the_company_its_rows_name(world: World) -> None:
    theirs = another_world()
    mine = imported(CUSTOMERS, "customers", company=code_of(world)).run_id
    both = imported(
        f"customer_id,company,shop\nc-3,{code_of(world)},{code_of(world)}\nc-4,{code_of(theirs)},{code_of(theirs)}\n",
        "customers",
    ).run_id
    none = imported("customer_id\n=1\n\n", "customers", company="").run_id
    assert [ImportRun.objects.get(id=key).company_id for key in (mine, both)] == [world.company_id, Scope().company_id]
    seen = {found.id for found in runs(scope=Scope(world.company_id))}
    assert seen == {mine}
    assert {found.id for found in runs()} == {mine, both, none}
    assert run(both, Scope(world.company_id)) is None
    assert run(mine, Scope(theirs.company_id)) is None
    assert runs(scope=Scope(world.company_id, world.shop_id)) == [], "a file holds more than one shop"


#: A row of each kind that is good but for the places before it, and which of the wrong places below it names.
WRONG = {
    "customers": ("customer_id", "9{at}", 3),
    "catalogue": ("sku,name", "S{at},thing", 0),  # it has no such columns
    "orders": (ORDERS, "77{at},2026-11-01 10:00:00,GOODS,1,1.00", 4),
    "stock": ("sku,quantity", "GOODS,{at}", 3),
    "payments": ("order_number,payment_reference,amount,paid_at,tender", "77{at},p,1.00,2026-11-01 10:00:00,cash", 3),
    "returns": ("return_number,returned_at,sku,quantity,amount", "R{at},2026-11-01 10:00:00,GOODS,1,1.00", 4),
}
RUNS: dict[str, list[Any]] = {f"intake.{name}": [] for name in ("ImportRun", "SetAsideRow", "ReturnSourceLine")}


@pytest.mark.parametrize("kind", WRONG)
def test_a_bound_run_takes_nothing_of_another_company(kind: str, world: World) -> None:
    theirs = another_world()
    own, other = code_of(world), code_of(theirs)
    columns, row, foreign = WRONG[kind]
    places = [(other, other, other), ("NEW", own, own), (own, other, own), (own, own, other)]
    text = f"company,shop,warehouse,{columns}\n" + "".join(
        f"{','.join(place)},{row.format(at=at)}\n" for at, place in enumerate(places, 1)
    )
    before = dump()
    report = imported(text, kind, company=own, company_id=world.company_id)
    assert report.codes["company_other"] == foreign, report.codes
    assert len(org.companies()) == 2
    assert ImportRun.objects.get(id=report.run_id).company_id == world.company_id
    if foreign == len(places):
        assert dump() | RUNS == before | RUNS


def test_history_says_who_and_what(world: World, hire: Hire) -> None:
    ada = hire("admin", first_name="Ada")
    user = User.objects.get(username="admin")
    imported(CUSTOMERS, "customers", actor=Actor("staff", user.id), name="kunden <b>.csv")
    shown = ada.get("/imports/").content.decode()
    assert "kunden &lt;b&gt;.csv" in shown
    assert "Ada" in shown
    assert "Done, rows set aside" in shown
    assert "kunden" not in ada.get("/imports/?kind=orders").content.decode()
    assert "No import fits." in ada.get("/imports/?kind=orders").content.decode()


def test_rows_set_aside_are_told_in_the_readers_words_and_page(world: World, hire: Hire) -> None:
    key = imported(order_rows(*["x", ""] * 60), company=code_of(world)).run_id
    ada, chinese = hire("admin"), hire("admin", name="zh", language="zh-hans")
    first = ada.get(f"/imports/{key}/").content.decode()
    assert "x is no number here" in first
    assert first.count("is no number here") == 25
    assert "?after=51" in first
    assert "x 在这里不是数字" in chinese.get(f"/imports/{key}/").content.decode()
    only = ada.get(f"/imports/{key}/?why=missing_value&after=51").content.decode()
    assert "is no number here" not in only
    assert ada.get(f"/imports/{key}/?after=nonsense").status_code == 200


def test_a_refusal_of_another_context_is_told_in_the_readers_language(world: World, hire: Hire) -> None:
    text = "order_number,payment_reference,amount,paid_at,tender\n404,p,1.00,2026-11-01 10:00:00,cash\n"
    key = imported(text, "payments", company=code_of(world)).run_id
    english = hire("admin").get(f"/imports/{key}/").content.decode()
    chinese = hire("admin", name="zh", language="zh-hans").get(f"/imports/{key}/").content.decode()
    assert "is not known" in english or "There is no order" in english, english
    assert "订单" in chinese
    assert "There is no order" not in chinese


def test_rows_set_aside_come_as_they_came_and_nothing_computes(world: World, hire: Hire) -> None:
    evil = "=cmd|' /C calc'!A0"
    text = f"{ORDERS},name\n1,2026-11-01,GOODS,x,1,{evil}\n2,2026-11-01,GOODS,-5x,1,@SUM(1)\n"
    key = imported(text, company=code_of(world)).run_id
    answer = hire("admin").get(f"/imports/{key}/rows.csv")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="file.set-aside.')
    found = list(csv.reader(io.StringIO(text_of(answer), newline="")))
    assert found[0] == [*ORDERS.split(","), "name", *found[0][6:]]
    assert [row[2:4] for row in found[1:]] == [["GOODS", "x"], ["GOODS", "'-5x"]]
    assert all(cell.startswith("'") for cell in (found[1][5], found[2][5]))
    assert found[1][-1].startswith("The cell holds a formula")


def test_files_of_others_are_not_there(world: World, hire: Hire) -> None:
    theirs = another_world()
    other = imported(order_rows("x"), company=code_of(theirs), company_id=theirs.company_id, name="theirs.csv").run_id
    for bound in ({"company_id": world.company_id}, {"shop_id": theirs.shop_id, "company_id": theirs.company_id}):
        client = hire("admin", name=f"u{len(bound)}", **bound)
        assert "theirs.csv" not in client.get("/imports/").content.decode()
        assert client.get(f"/imports/{other}/").status_code == 404
        assert client.get(f"/imports/{other}/rows.csv").status_code == 404
    client = hire("admin", name="own", company_id=theirs.company_id)
    assert "theirs.csv" in client.get("/imports/").content.decode()
    assert client.get(f"/imports/{other}/rows.csv").status_code == 200


def test_statements_do_not_grow(world: World, hire: Hire) -> None:
    ada = hire("admin")
    key = imported(order_rows("x"), company=code_of(world)).run_id
    few = counted(ada, "/imports/"), counted(ada, f"/imports/{key}/")
    for at in range(3):
        imported(order_rows("x", "y", first=at), company=code_of(world))
    assert (counted(ada, "/imports/"), counted(ada, f"/imports/{key}/")) == few
    assert max(few) <= 11
