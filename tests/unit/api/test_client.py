"""The client of the documents, against a server that listens."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from guicang.returns.models import Return
from tests.journeys.acts import back, verified
from tests.unit.api.conftest import Hire
from tests.unit.desk.files import order_rows
from tests.world import World, another_world

FILE = Path(__file__).resolve().parents[3] / "docs" / "client" / "guicang_client.py"
pytestmark = pytest.mark.django_db(transaction=True)


def client() -> Any:
    spec = importlib.util.spec_from_file_location("guicang_client", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_client_of_the_documents(live_server: Any, program: Hire) -> None:
    module, world = client(), another_world()
    keys = {str(due(world)) for _ in range(3)}
    api = module.Guicang(live_server.url, program("admin").token)
    assert {row["id"] for row in api.all("/returns", limit=2)} == keys
    sheet, version = api.read(f"/returns/{min(keys)}")
    with pytest.raises(module.Problem) as refused:
        api.do(f"/returns/{sheet['id']}/settle", {}, version='"1"')
    assert (refused.value.status, refused.value.code) == (412, "changed_meanwhile")
    paid = api.do(f"/returns/{sheet['id']}/settle", {}, version=version, key="once")
    assert api.do(f"/returns/{sheet['id']}/settle", {}, version=version, key="once") == paid
    done = api.do("/returns/close", {"items": [{"id": key} for key in sorted(keys)]})
    assert (done["done"], done["refused"]) == (1, 2)
    assert Return.objects.get(state="closed").id.hex == min(keys).replace("-", "")
    with pytest.raises(module.Problem) as unknown:
        module.Guicang(live_server.url, "nonsense").get("/me")
    assert unknown.value.code == "token_unknown"
    rows = order_rows("1", "x").encode()
    file = api.upload("/imports/files", {"file": ('旗舰店 "A".csv', rows)}, kind="orders", key="file")
    assert api.upload("/imports/files", {"file": ('旗舰店 "A".csv', rows)}, kind="orders", key="file") == file
    assert (file["file_name"], file["size"]) == ('旗舰店 "A".csv', len(rows))
    assert api.get(f"/imports/files/{file['id']}")["preview"]["bad"] == 1
    verified()


def due(world: World) -> Any:
    return back(world, world.sell(world.facts())[0], 1)
