"""Lists as files: all rows of the page's filters, nothing that a spreadsheet would run, in bounded statements."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.audit import queries as audit
from guicang.desk import files
from guicang.desk.views import exports
from guicang.kernel.ids import derived_id
from guicang.returns.models import Return
from guicang.staff.models import User
from guicang.trade.facts import CustomerFacts
from tests.journeys.acts import back, pay, verified
from tests.unit.desk.conftest import Hire, in_every_state
from tests.world import Sold, World, another_world

LISTS = (
    "/returns/export.",
    "/orders/export.",
    "/stock/export.",
    "/journal/export.",
    "/journal/balance.",
    "/reports/decisions/shops.",
)


def read_csv(client: Client, address: str) -> list[list[str]]:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content).decode()
    assert body.startswith(files.BOM)
    return list(csv.reader(io.StringIO(body.removeprefix(files.BOM))))


def read_xlsx(client: Client, address: str) -> list[list[Any]]:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("address", LISTS)
def test_both_formats_say_the_same(
    address: str, language: str, world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    in_every_state(world, order)
    ada = hire("admin", language=language)
    texts, cells = read_csv(ada, f"{address}csv"), read_xlsx(ada, f"{address}xlsx")
    assert texts[0] == cells[0]
    assert len(texts) == len(cells) > 1
    assert len({len(row) for row in texts}) == 1
    assert ("退货" in "".join(texts[0]) or language == "en") if "returns" in address else True


def test_cells_are_what_the_page_shows(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold = order(units=2, customer=CustomerFacts("b", personal={"name": "Lin"}))
    key = back(world, sold, 1)
    pay(world, key)
    found = world.row(key)
    titles, row = read_csv(hire("admin"), "/returns/export.csv")
    said = dict(zip(titles, row, strict=True))
    assert said["Return"] == found.number
    assert (said["State"], said["Customer"], said["Order"]) == ("Settled", "Lin", sold.row.number)
    assert (said["Units"], said["Refunded"], said["Currency"]) == ("1", "10.00", "CNY")
    assert said["Requested"] == "2026-11-03 16:00"  # the reader's zone, though the request is over
    (_, cells) = read_xlsx(hire("admin", name="two"), "/returns/export.xlsx")
    assert cells[titles.index("Refunded")] == 10
    assert cells[titles.index("Requested")].isoformat(" ") == "2026-11-03 16:00:00"
    verified()


def test_filters_of_the_page_are_those_of_the_file(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    returns = in_every_state(world, order)
    ada = hire("admin")
    rows = read_csv(ada, "/returns/export.csv?queue=review&after=nonsense")[1:]
    assert [row[0] for row in rows] == [Return.objects.get(id=returns["requested"]).number]
    assert len(read_csv(ada, "/orders/export.csv?label=full")) == 1
    assert len(read_csv(ada, "/stock/export.csv?q=NOTHING")) == 1
    assert len(read_csv(ada, "/journal/export.csv?since=2030-01-01")) == 1


EVIL = ('=HYPERLINK("http://x","y")', "+1", "-1+2", "@SUM(A1)", "\tx", "\rx", "＝1")


@pytest.mark.parametrize("evil", EVIL)
def test_what_looks_like_a_formula_is_text(evil: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    order(customer=CustomerFacts("evil", personal={"name": evil}))
    ada = hire("admin")
    titles, row = read_csv(ada, "/orders/export.csv")
    assert row[titles.index("Customer")].startswith("'")
    answer: Any = ada.get("/orders/export.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    cell = book.worksheets[0].cell(2, titles.index("Customer") + 1)
    assert cell.data_type == "s"


def test_numbers_stay_numbers() -> None:
    columns = [files.Column("n", lambda row: row, "number"), files.Column("t", lambda row: row)]
    body = b"".join(files.csv_text(columns, [[-5]])).decode()
    assert body.splitlines()[1] == "-5,'-5"


def test_nobody_exports_what_he_may_not_see(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    order()
    other = another_world()
    theirs = other.sell(other.facts(customer=CustomerFacts("theirs")))[0]
    other.request(theirs, 1)
    ada = hire("admin", company_id=world.company_id)
    assert len(read_csv(ada, "/returns/export.csv")) == 1
    assert len(read_csv(ada, "/orders/export.csv")) == 2
    assert all(str(other.company_id) not in "".join(row) for row in read_csv(ada, "/stock/export.csv"))
    assert len(read_csv(ada, f"/journal/export.csv?company={other.company_id}")) == len(
        read_csv(ada, "/journal/export.csv")
    )


def test_the_trail_says_who_took_what(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    order()
    ada = hire("admin", company_id=world.company_id)
    read_csv(ada, "/orders/export.csv?q=13800000000&label=none")
    read_xlsx(ada, "/stock/export.xlsx")
    first, second = audit.history(derived_id("exports", User.objects.get().id))
    assert (first.action, first.after["form"], first.after["rows"]) == ("orders", "csv", 0)
    assert first.after["filters"] == {"label": "none", "text": "given"}  # what was typed may be a phone
    assert second.action == "stock"
    verified()


def test_too_many_rows_are_refused_with_what_to_do(
    world: World, order: Callable[..., Sold], hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        order()
    monkeypatch.setattr(exports, "MOST", 2)
    ada = hire("admin")
    answer = ada.get("/orders/export.csv?label=none", follow=True)
    assert answer.redirect_chain[0][0] == "/orders/?label=none"
    assert "More than 2 rows fit" in answer.content.decode()
    assert not audit.history(derived_id("exports", User.objects.get().id))


@pytest.mark.parametrize("address", LISTS)
def test_statements_are_bounded_a_chunk(
    address: str, world: World, order: Callable[..., Sold], hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chunk of two stands for one of a thousand: each costs the same few statements."""
    for _ in range(2):
        in_every_state(world, order)
    ada = hire("admin")
    read_csv(ada, f"{address}csv")
    with CaptureQueriesContext(connection) as whole:
        rows = len(read_csv(ada, f"{address}csv"))
    monkeypatch.setattr(exports, "CHUNK", 2)
    with CaptureQueriesContext(connection) as parts:
        assert len(read_csv(ada, f"{address}csv")) == rows
    assert len(whole) <= 28
    assert len(parts) - len(whole) <= 9 * rows / 2


def test_an_unknown_format_is_not_found(world: World, hire: Hire) -> None:
    assert hire("admin").get("/orders/export.pdf").status_code == 404
