"""Files over the API: sent, looked at, described, run by the worker, their rows set aside sent back corrected."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guicang.api.routes import imports as routes
from guicang.audit.models import AuditRow
from guicang.intake.models import ImportFile, ImportRun
from guicang.intake.profiles import KINDS
from guicang.kernel import worker
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command
from guicang.sales.models import Order
from tests.journeys.acts import verified
from tests.unit.api.conftest import Hire, Program, codes
from tests.unit.desk.files import order_rows
from tests.unit.desk.test_imports import code_of
from tests.world import World, another_world


def sent(program: Program, text: str | bytes, kind: str = "orders", name: str = "orders.csv", **more: Any) -> Any:
    body = text.encode() if isinstance(text, str) else text
    headers = {"idempotency_key": more.pop("key")} if "key" in more else {}
    file = SimpleUploadedFile(name, body)
    return program.upload("/imports/files", {"kind": kind, "file": file, **more}, **headers)


def kept(program: Program, text: str | bytes, **more: Any) -> str:
    answer = sent(program, text, **more)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["id"])


def work() -> None:
    worker.Worker(lane="files").drain()


def test_a_file_from_end_to_end(transactional_db: None, world: World, program: Hire) -> None:
    ada = program("admin", company_id=world.company_id)
    names = ["order_number", "ordered_at", "sku", "quantity", "unit_price"]
    text = "a;b;c;d;e\n1;2026-11-01 10:00:00;GOODS;zwei;5,00\n2;2026-11-01 10:00:00;GOODS;2;5,00\n"
    key = kept(ada, text.encode("utf-16"), name="../../etc/旗舰店.csv")
    seen = ada.get(f"/imports/files/{key}")
    assert (seen["state"], seen["file_name"], seen["preview"]["ready"]) == ("draft", "旗舰店.csv", False)
    assert seen["preview"]["missing"] == names[:4]
    assert [column["header"] for column in seen["preview"]["columns"]] == list("abcde")
    assert codes(ada.send("POST", f"/imports/files/{key}/start", {})) == ["import_not_ready"]
    described = {
        "columns": [{"index": at, "field": name} for at, name in enumerate(names)],
        "encoding": "utf-16", "delimiter": ";", "decimal": ",", "zone": "Europe/Berlin", "currency": "CNY",
        "shop": code_of(world), "warehouse": code_of(world), "price_includes_tax": True,
    }  # fmt: skip
    ada.do(f"/imports/files/{key}/describe", described)
    look = ada.get(f"/imports/files/{key}")["preview"]
    assert (look["ready"], look["checked"], look["bad"]) == (True, 2, 1)
    assert look["settings"]["zone"] == "Europe/Berlin"
    (fault,) = look["rows"][0]["faults"]
    assert (fault["index"], "zwei" in fault["sentence"]) == (3, True)
    ada.do(f"/imports/files/{key}/save", {"name": "till"})
    assert [one["name"] for one in ada.get("/imports/profiles?kind=orders") if one["own"]] == ["till"]
    assert ada.do(f"/imports/files/{key}/start")["state"] == "queued"
    assert ada.do(f"/imports/files/{key}/start")["state"] == "queued", "a second start changes nothing"
    work()
    run_id = ada.get(f"/imports/files/{key}")["run_id"]
    run = ada.get(f"/imports/{run_id}")
    assert (run["state"], run["rows"], run["done"], run["set_aside"]) == ("done", 2, 2, 1)
    assert run["counters"]["rows"]["imported"] == 1
    (row,) = ada.get(f"/imports/{run_id}/rows")["items"]
    assert (row["row_number"], row["column"], row["text"], row["code"]) == (2, "d", "zwei", "bad_number")
    # Corrected, it is read the way it was.
    cells = ["2" if cell["header"] == "d" else cell["text"] for cell in row["cells"]]
    back = ",".join(run["headers"]) + "\n" + ",".join(f'"{cell}"' for cell in cells)
    again = kept(ada, back, like=key)
    assert ada.get(f"/imports/files/{again}")["preview"]["ready"] is True
    ada.do(f"/imports/files/{again}/start")
    work()
    assert Order.objects.count() == 2
    assert [one["file_id"] for one in ada.get("/imports")["items"]] == [again, key]
    actions = set(AuditRow.objects.filter(aggregate_kind="import").values_list("action", flat=True))
    assert actions == {"keep", "start", "profile"}
    assert ada.do(f"/imports/files/{key}/erase")["file_name"] == ""
    assert ada.get(f"/imports/{run_id}/rows")["items"] == []
    verified()


def test_rows_set_aside_come_in_pages(transactional_db: None, world: World, program: Hire) -> None:
    ada = program("admin", company_id=world.company_id)
    key = kept(ada, order_rows(*["x"] * 5, "0", "1"))
    ada.do(f"/imports/files/{key}/start")
    work()
    run = ada.get("/imports")["items"][0]
    path, rows, cursor = f"/imports/{run['id']}/rows", [], ""
    while True:
        page = ada.get(f"{path}?limit=2{cursor}")
        rows += [one["row_number"] for one in page["items"]]
        if not page["next"]:
            break
        cursor = f"&cursor={page['next']}"
    assert rows == sorted(rows) == [2, 3, 4, 5, 6, 7]
    assert [one["code"] for one in ada.get(f"{path}?code=zero_quantity")["items"]] == ["zero_quantity"]
    assert codes(ada.send("GET", f"{path}?cursor={ada.get('/imports/files')['next'] or 'x'}")) == ["bad_cursor"]


def test_a_key_keeps_one_file(world: World, program: Hire, settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    ada = program("admin", company_id=world.company_id)
    first = sent(ada, order_rows("1"), key="k")
    again = sent(ada, order_rows("1"), key="k")
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert codes(sent(ada, order_rows("2"), key="k")) == ["idempotency_key_reused"]
    assert (ImportFile.objects.count(), len(list(tmp_path.glob("uploads/*")))) == (1, 1)
    kept_replies = repr(list(Command.objects.values_list("reply", flat=True)))
    assert "orders.csv" not in kept_replies
    assert kept(ada, order_rows("1")) != first.json()["id"], "without a key it is another file"


@pytest.mark.parametrize(
    ("content", "code", "word"), [(b"%PDF-1.7 ...", "import_unreadable", "PDF"), (b"", "import_unreadable", "empty")]
)
def test_what_is_no_table(
    content: bytes, code: str, word: str, world: World, program: Hire, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    answer = sent(program("admin", company_id=world.company_id), content)
    assert (codes(answer), answer.status_code) == ([code], 422)
    assert word in answer.json()["detail"]
    assert "/uploads/" not in answer.content.decode()
    assert list(tmp_path.glob("uploads/*")) == []


def test_forms_that_are_none(world: World, program: Hire, settings: Any) -> None:
    ada = program("admin", company_id=world.company_id)
    assert codes(sent(ada, order_rows("1"), kind="nonsense")) == ["bad_field"]
    assert codes(sent(ada, order_rows("1"), company="x")) == ["bad_field"]
    assert codes(sent(ada, order_rows("1"), unknown="x")) == ["bad_field"]
    assert codes(ada.upload("/imports/files", {"kind": "orders"})) == ["bad_field"]
    broken = ada.client.generic("POST", "/api/v1/imports/files", b"x", content_type="multipart/form-data")
    assert (codes(broken), broken.status_code) == (["bad_form"], 400)
    settings.MAX_UPLOAD_BYTES = 100
    assert codes(sent(ada, order_rows(*["1"] * 50))) == ["import_file_too_large"]
    answer = ada.client.generic(
        "POST",
        "/api/v1/imports/files",
        b"x",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(300 * 1024**2),
    )
    assert (codes(answer), answer.status_code) == (["body_too_large"], 413)
    assert not ImportFile.objects.exists()


def test_profiles_are_used_by_name_or_as_a_text(world: World, program: Hire) -> None:
    ada = program("admin", company_id=world.company_id)
    key = kept(ada, order_rows("1"))
    toml = ada.get(f"/imports/files/{key}")["toml"]
    assert codes(ada.send("POST", f"/imports/files/{key}/use", {"profile": "nonsense"})) == ["import_profile_not_found"]
    assert codes(ada.send("POST", f"/imports/files/{key}/use", {"toml": "kind = 1 = 2"})) == ["import_unreadable"]
    ada.do(f"/imports/files/{key}/use", {"toml": toml})
    twice = [{"index": at, "field": "sku"} for at in (0, 1)]
    answer = ada.send("POST", f"/imports/files/{key}/describe", {"columns": twice})
    assert codes(answer) == ["import_twice_mapped"]
    assert codes(ada.send("POST", f"/imports/files/{key}/save", {"name": " "})) == ["import_profile_name"]
    ada.do(f"/imports/files/{key}/save", {"name": "till"})
    (own,) = [one for one in ada.get("/imports/profiles") if one["own"]]
    ada.do(f"/imports/profiles/{own['id']}/rename", {"name": "desk"})
    assert [one["name"] for one in ada.get("/imports/profiles?kind=orders") if one["own"]] == ["desk"]
    other = program("admin", company_id=another_world().company_id)
    assert codes(other.send("POST", f"/imports/profiles/{own['id']}/delete", {})) == ["import_profile_not_found"]
    ada.do(f"/imports/profiles/{own['id']}/delete")
    assert not any(one["own"] for one in ada.get("/imports/profiles"))
    names = {one["kind"]: one for one in ada.get("/imports/kinds")}
    assert set(names) == set(KINDS) == set(get_args(routes.Kind))
    assert {"order_number", "sku"} <= {field["name"] for field in names["orders"]["fields"]}


def test_files_of_others_are_not_there(transactional_db: None, world: World, program: Hire) -> None:
    theirs = another_world()
    mallory, ada = program("admin", company_id=theirs.company_id), program("admin", company_id=world.company_id)
    key = kept(mallory, order_rows("x"))
    mallory.do(f"/imports/files/{key}/save", {"name": "theirs"})
    mallory.do(f"/imports/files/{key}/start")
    work()
    run = ImportRun.objects.get().id
    before = ImportFile.objects.values().get()
    for path in (f"/imports/files/{key}", f"/imports/{run}", f"/imports/{run}/rows", f"/imports/{new_id()}"):
        assert codes(ada.send("GET", path)) == ["not_found"], path
    bodies: dict[str, Any] = {"describe": {"columns": [{"index": 0, "field": "sku"}]}, "save": {"name": "x"}}
    for act in ("describe", "use", "save", "start", "stop", "erase"):
        answer = ada.send("POST", f"/imports/files/{key}/{act}", bodies.get(act, {}))
        assert (codes(answer), answer.status_code) == (["import_file_not_found"], 404), act
    assert ImportFile.objects.values().get() == before
    assert ada.get("/imports")["items"] == ada.get("/imports/files")["items"] == []
    assert not any(one["own"] for one in ada.get("/imports/profiles"))
    bound = program("admin", company_id=world.company_id, shop_id=world.shop_id)
    assert codes(sent(bound, order_rows("1"))) == ["import_whole_company"]
    assert ImportFile.objects.get(id=kept(ada, order_rows("1"), company=str(theirs.company_id))).company_id == (
        world.company_id
    )
