"""A file on its way in: looked at before anything is written, described, run by the worker, stopped, erased."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from guicang.intake import files
from guicang.intake.models import ImportFile, ImportRun, SavedProfile
from guicang.kernel import worker
from guicang.kernel.clock import utcnow
from guicang.kernel.models import OutboxMessage
from guicang.sales.models import Order
from guicang.staff.models import User
from tests.journeys.acts import verified
from tests.unit.desk.conftest import Hire, dump
from tests.unit.desk.files import ORDERS, order_rows
from tests.unit.desk.test_imports import code_of
from tests.unit.desk.test_pages import counted
from tests.world import World, another_world

CHINESE = "主订单编号,订单创建时间,商家编码,购买数量,商品单价\n{rows}"


def sent(client: Client, content: str | bytes, kind: str = "orders", name: str = "orders.csv", **more: Any) -> Any:
    body = content.encode() if isinstance(content, str) else content
    return client.post("/imports/new/", {"kind": kind, "file": SimpleUploadedFile(name, body), **more})


def key_of(answer: Any) -> UUID:
    assert answer.status_code == 302, answer.content.decode()
    return UUID(answer.headers["Location"].split("/")[3])


def written() -> dict[str, list[Any]]:
    return {
        name: rows for name, rows in dump().items() if not name.startswith(("intake.", "audit.", "kernel.", "staff"))
    }


def work() -> None:
    """The worker's lane of files, until nothing is due."""
    worker.Worker(lane="files").drain()


def page(client: Client, key: UUID) -> str:
    return str(client.get(f"/imports/files/{key}/", follow=True).content.decode())


def test_a_file_is_looked_at_described_and_taken(transactional_db: None, world: World, hire: Hire) -> None:
    ada = hire("admin", company_id=world.company_id)
    rows = "".join(f"A{at},2026-11-01 10:00:00,GOODS,{'两' if at == 3 else 2},5.00\n" for at in range(12))
    before = written()
    key = key_of(sent(ada, CHINESE.format(rows=rows).encode("gb18030"), name="../../etc/旗舰店.csv"))
    shown = page(ada, key)
    assert "旗舰店.csv" in shown
    assert "gb18030" in shown
    assert "Of the first 12 rows 1 would be set aside" in shown
    assert "两 is no number here" in shown
    assert written() == before, "looking writes nothing"
    ada.post(f"/imports/files/{key}/", {"act": "start"})
    ada.post(f"/imports/files/{key}/", {"act": "start"})
    assert OutboxMessage.objects.filter(topic="intake.run").count() == 1
    assert "Waits for its turn" in page(ada, key)
    work()
    run = ImportRun.objects.get()
    assert (run.file_id, run.company_id, run.actor_id) == (key, world.company_id, User.objects.get().id)
    assert run.counters["rows"] == {"imported": 11, "set_aside": 1, "other_command": 0}
    assert {order.shop_id for order in Order.objects.all()} == {world.shop_id}
    assert f"/imports/{run.id}/" in ada.get(f"/imports/files/{key}/").headers["Location"]
    assert "旗舰店.csv" in page(ada, key)
    verified()
    # The same file once more, found to be known, changes nothing.
    again = key_of(sent(ada, CHINESE.format(rows=rows).encode("gb18030")))
    assert "imported before" in page(ada, again)
    orders = Order.objects.count()
    ada.post(f"/imports/files/{again}/", {"act": "start"})
    work()
    assert Order.objects.count() == orders
    assert ImportRun.objects.get(file_id=again).counters["rows"]["unchanged"] == 11


def test_columns_are_named_by_hand_and_kept_for_the_next_file(world: World, hire: Hire) -> None:
    ada = hire("admin", company_id=world.company_id)
    text = "a,b,c,d,e\n1,2026-11-01 10:00:00,GOODS,2,5.00\n"
    key = key_of(sent(ada, text))
    assert "Say below which column holds:" in page(ada, key)
    ada.post(f"/imports/files/{key}/", {"act": "start"})
    assert ImportFile.objects.get().state == "draft", "not before the needed columns are named"
    names = ["order_number", "ordered_at", "sku", "quantity", "unit_price"]
    form = {f"column.{at}": name for at, name in enumerate(names)} | {
        "zone": "Asia/Shanghai", "currency": "CNY", "shop": code_of(world), "warehouse": code_of(world), "tax": "1",
    }  # fmt: skip
    ada.post(f"/imports/files/{key}/", {**form, "act": "save", "name": "till"})
    assert "The first 1 row can be read." in page(ada, key)
    assert SavedProfile.objects.get().company_id == world.company_id
    # It is chosen for the next file of that kind, and can be taken elsewhere as TOML.
    second = key_of(sent(ada, text.replace("1,2026", "2,2026")))
    assert ImportFile.objects.get(id=second).profile_name == "till"
    toml = ada.get(f"/imports/files/{second}/profile.toml")
    assert 'order_number = ["a"]' in toml.content.decode()
    third = key_of(sent(ada, "x,y\n1,2\n"))
    ada.post(f"/imports/files/{third}/", {"act": "use", "profile": SimpleUploadedFile("p.toml", toml.content)})
    assert 'order_number = ["a"]' in ImportFile.objects.get(id=third).profile
    ada.post(f"/imports/files/{third}/", {"act": "use", "profile": SimpleUploadedFile("p.toml", b"kind = 1 = 2")})
    assert "cannot be read" in page(ada, third)
    # Two columns cannot both be the order.
    ada.post(f"/imports/files/{key}/", {**form, "column.1": "order_number", "act": "check"})
    assert "cannot both mean the same" in page(ada, key)


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (80 * 1024**2))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7 ...", "orders.csv", "a PDF"),
        (b"\x89PNG\r\n\x1a\n...", "orders.xlsx", "a picture"),
        (b"MZ\x90\x00 program", "orders.csv", "a program"),
        (b"PK\x03\x04 broken", "orders.csv", "damaged"),
        (b"", "orders.csv", "empty"),
        (b"no table at all\n", "orders.csv", "no comma"),
        (bomb(), "orders.xlsx", "refused as a trap"),
    ],
)
def test_what_is_no_table_is_refused_by_its_content(
    content: bytes, name: str, words: str, world: World, hire: Hire, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    ada = hire("admin", company_id=world.company_id)
    answer = sent(ada, content, name=name)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert words in shown
    assert "/uploads/" not in shown, "where it lies is nobody's business"
    assert not ImportFile.objects.exists()
    assert list(tmp_path.glob("uploads/*")) == []


def test_a_file_too_large_is_refused_and_not_kept(world: World, hire: Hire, settings: Any, tmp_path: Path) -> None:
    settings.MAX_UPLOAD_BYTES, settings.HOME = 1024, tmp_path
    answer = sent(hire("admin", company_id=world.company_id), order_rows(*["1"] * 100))
    assert "The file is larger than" in answer.content.decode()
    assert list(tmp_path.glob("uploads/*")) == []


def test_names_lie_and_formulas_are_shown_as_text(world: World, hire: Hire) -> None:
    ada = hire("admin", company_id=world.company_id)
    book = Workbook()
    assert book.active is not None
    book.active.append(ORDERS.split(","))
    book.active.append(["1", "2026-11-01 10:00:00", "GOODS", "=1+1", "<script>alert(1)</script>"])
    packed = io.BytesIO()
    book.save(packed)
    shown = page(ada, key_of(sent(ada, packed.getvalue(), name="a workbook.csv")))
    assert "The cell holds a formula" in shown
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown
    zipped = page(ada, key_of(sent(ada, gzip.compress(order_rows("1", "2").encode()), name="<b>.xlsx")))
    assert "The first 2 rows can all be read." in zipped
    assert "<b>.xlsx" not in zipped


def test_files_of_others_are_not_there(world: World, hire: Hire) -> None:
    theirs = another_world()
    other = key_of(sent(hire("admin", name="theirs", company_id=theirs.company_id), order_rows("1"), name="theirs.csv"))
    ada = hire("admin", company_id=world.company_id)
    assert "theirs.csv" not in ada.get("/imports/").content.decode()
    before = ImportFile.objects.values().get()
    assert ada.get(f"/imports/files/{other}/").status_code == 404
    assert ada.get(f"/imports/files/{other}/profile.toml").status_code == 404
    for act in ("check", "save", "start", "use", "stop", "erase", "nonsense"):
        assert ada.post(f"/imports/files/{other}/", {"act": act, "name": "x"}).status_code == 404, act
    assert ImportFile.objects.values().get() == before
    # The company of a file is the sender's, whatever the form says.
    own = key_of(sent(ada, order_rows("1"), company=str(theirs.company_id)))
    assert ImportFile.objects.get(id=own).company_id == world.company_id
    bound = hire("admin", name="shop", company_id=world.company_id, shop_id=world.shop_id)
    answer = sent(bound, order_rows("1"))
    assert "somebody who sees the whole company" in answer.content.decode()
    assert ImportFile.objects.count() == 2


def test_a_stopped_file_goes_on_and_an_erased_one_leaves_nothing(
    transactional_db: None, world: World, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = hire("admin", company_id=world.company_id)
    key = key_of(sent(ada, order_rows("1", "2", "x", "3")))
    ada.post(f"/imports/files/{key}/", {"act": "start"})
    ada.post(f"/imports/files/{key}/", {"act": "stop"})
    work()
    assert (ImportFile.objects.get().state, Order.objects.count()) == ("stopped", 0)
    # Stopped in the middle: after the first set.
    monkeypatch.setattr("guicang.intake.orders.OrderTaker.groups", 1)
    monkeypatch.setattr("guicang.intake.files.progressed", lambda *_: Order.objects.count() > 0)
    ada.post(f"/imports/files/{key}/", {"act": "start"})
    work()
    assert (ImportFile.objects.get().state, Order.objects.count()) == ("stopped", 1)
    assert ImportRun.objects.get().state == "stopped"
    assert "Go on" in page(ada, key)
    monkeypatch.undo()
    ada.post(f"/imports/files/{key}/", {"act": "start"})
    work()
    assert (ImportFile.objects.get().state, Order.objects.count()) == ("done", 3)
    assert ImportRun.objects.get().state == "done"
    content = files.path_of(ImportFile.objects.get().content)
    assert content.exists()
    ada.post(f"/imports/files/{key}/", {"act": "erase"})
    assert not content.exists()
    row, run = ImportFile.objects.get(), ImportRun.objects.get()
    assert (row.content, row.file_name, run.file_name, run.set_aside_rows.count()) == ("", "", "", 0)
    assert run.counters["rows"]["set_aside"] == 1, "what was counted stays"
    assert "(erased)" in ada.get("/imports/").content.decode()
    assert ada.get(f"/imports/{run.id}/").status_code == 200
    verified()


def test_a_worker_that_breaks_off_is_followed_by_one_that_goes_on(
    transactional_db: None, world: World, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = hire("admin", company_id=world.company_id)
    key = key_of(sent(ada, order_rows("1", "2", "3")))
    ada.post(f"/imports/files/{key}/", {"act": "start"})
    monkeypatch.setattr("guicang.intake.orders.OrderTaker.groups", 1)

    def die(*_: object) -> bool:
        if Order.objects.count() == 2:
            raise RuntimeError("the machine went away")
        return False

    monkeypatch.setattr("guicang.intake.files.progressed", die)
    work()
    assert (ImportFile.objects.get().state, Order.objects.count()) == ("running", 2)
    assert OutboxMessage.objects.get(topic="intake.run").last_error
    monkeypatch.undo()
    worker.Worker(lane="files").drain(utcnow() + timedelta(hours=1))
    assert (ImportFile.objects.get().state, Order.objects.count()) == ("done", 3)
    run = ImportRun.objects.get()
    assert (run.state, run.counters["rows"]) == ("done", {"imported": 3, "set_aside": 0, "other_command": 0})
    verified()


def test_a_run_is_that_of_whoever_started_it(transactional_db: None, world: World, hire: Hire) -> None:
    ada = hire("admin", company_id=world.company_id)
    key = key_of(sent(ada, order_rows("1")))
    ada.post(f"/imports/files/{key}/", {"act": "start"})
    User.objects.update(role="agent")
    work()
    assert not Order.objects.exists()
    User.objects.update(role="admin")
    assert "may import no longer" in page(ada, key)
    ada.post(f"/imports/files/{key}/", {"act": "start"})
    work()
    assert Order.objects.count() == 1


def test_a_file_that_waits_says_that_no_worker_runs(world: World, hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = hire("admin", company_id=world.company_id)
    key = key_of(sent(ada, order_rows("1")))
    ada.post(f"/imports/files/{key}/", {"act": "start"})
    assert "no worker seems to be running" not in page(ada, key)
    row = ImportFile.objects.get()
    ImportFile.objects.update(queued_at=row.created_at.replace(year=2020))
    shown = page(ada, key)
    assert "no worker seems to be running" in shown
    assert 'http-equiv="refresh"' in shown


def test_statements_do_not_grow_with_the_file(world: World, hire: Hire) -> None:
    ada = hire("admin", company_id=world.company_id)
    small = key_of(sent(ada, order_rows("1")))
    large = key_of(sent(ada, order_rows(*["1"] * 400)))
    assert counted(ada, f"/imports/files/{small}/") == counted(ada, f"/imports/files/{large}/") <= 16
    assert counted(ada, "/imports/") <= 11
    assert counted(ada, "/imports/new/") <= 7


def test_rows_set_aside_come_back_and_are_read_the_same_way(transactional_db: None, world: World, hire: Hire) -> None:
    ada = hire("admin", company_id=world.company_id)
    text = "a;b;c;d;e\n1;2026-11-01 10:00:00;GOODS;zwei;5,00\n2;2026-11-01 10:00:00;GOODS;2;5,00\n"
    key = key_of(sent(ada, text.encode("utf-16")))
    names = ["order_number", "ordered_at", "sku", "quantity", "unit_price"]
    form = {f"column.{at}": name for at, name in enumerate(names)} | {
        "encoding": "utf-16", "delimiter": "semicolon", "decimal": ",", "zone": "Europe/Berlin", "currency": "CNY",
        "shop": code_of(world), "warehouse": code_of(world),
    }  # fmt: skip
    ada.post(f"/imports/files/{key}/", {**form, "act": "start", "described": "1"})
    work()
    run = ImportRun.objects.get()
    assert run.counters["rows"] == {"imported": 1, "set_aside": 1, "other_command": 0}
    back = b"".join(ada.get(f"/imports/{run.id}/rows.csv").streaming_content)  # type: ignore[attr-defined]
    second = key_of(sent(ada, back.replace(b"zwei", b"2", 1), like=str(key)))
    assert "The first 1 row can be read." in page(ada, second)
    ada.post(f"/imports/files/{second}/", {"act": "start"})
    work()
    assert Order.objects.count() == 2
    # A file of somebody else's is no model.
    theirs = another_world()
    mallory = hire("admin", name="mallory", company_id=theirs.company_id)
    third = key_of(sent(mallory, back, like=str(key)))
    assert 'order_number = ["a"]' not in ImportFile.objects.get(id=third).profile


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["orders", "returns", "catalogue", "customers", "stock", "payments", "prices"])
def test_an_empty_file_to_fill_in_is_known_again(kind: str, form: str, world: World, hire: Hire) -> None:
    ada = hire("admin", company_id=world.company_id)
    answer = ada.get(f"/imports/template/{kind}.{form}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="guicang-{kind}.{form}"'
    key = key_of(sent(ada, answer.content, kind, name="x"))
    assert "Say below which column holds:" not in page(ada, key)
    assert ada.get(f"/imports/template/nonsense.{form}").status_code == 404


def test_what_was_sent_long_ago_is_erased(transactional_db: None, world: World, hire: Hire, settings: Any) -> None:
    ada = hire("admin")
    draft, done, fresh, again = (key_of(sent(ada, order_rows("1", first=at))) for at in (1, 2, 3, 4))
    ada.post(f"/imports/files/{done}/", {"act": "start"})
    work()
    long_ago = utcnow() - timedelta(days=91)
    ImportFile.objects.exclude(id=fresh).update(created_at=long_ago)
    ImportFile.objects.filter(id=done).update(queued_at=long_ago)
    ImportFile.objects.filter(id=again).update(queued_at=utcnow(), state="stopped")
    stray = files.path_of("stray")
    stray.write_text("left by a crash")
    os.utime(stray, (long_ago.timestamp(), long_ago.timestamp()))
    envelope: Any = None

    settings.KEEP_UPLOADS_DAYS = 0
    files.forget(envelope)
    assert not ImportFile.objects.filter(content="").exists()

    settings.KEEP_UPLOADS_DAYS = 90
    files.forget(envelope)
    assert set(ImportFile.objects.filter(content="").values_list("id", flat=True)) == {draft, done}
    assert {path.name for path in files.path_of("").iterdir()} >= set(
        ImportFile.objects.exclude(content="").values_list("content", flat=True)
    )
    assert not stray.exists()
    assert ImportRun.objects.get(file_id=done).counters
    assert Order.objects.exists()
    verified()
