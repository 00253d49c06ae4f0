"""The importer and the processor die in the middle; the same command finishes the work, and nothing is there twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.installation import Installation

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ORDERS = 5_000


def ledger(folder: Path) -> Path:
    """A ledger of sales and returns in the manner of the real one."""
    path = folder / "ledger.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(HEADER)
        stream.writelines(rows())
    return path


def rows() -> Iterator[str]:
    for number in range(ORDERS):
        buyer = 10_000 + number % 700
        for sku in range(3):
            yield f"{500_000 + number},S{sku},THING,{6 + sku},2011-01-05 10:{number % 60:02d}:00,2.50,{buyer},UK\n"
    for number in range(2_500):
        buyer = 10_000 + number % 700
        yield f"C{600_000 + number},S{number % 3},THING,-2,2011-02-05 10:{number % 60:02d}:00,2.50,{buyer},UK\n"


@pytest.mark.slow
def test_kill_9_of_importer_and_processor_loses_and_doubles_nothing(tmp_path: Path) -> None:
    place = Installation(tmp_path / "home")
    file = ledger(tmp_path)
    words = ("orders", file, "--profile", "online_retail", "--json")
    place.kill_when("SELECT 1 FROM intake_importrun WHERE kind = 'orders' AND done_groups > 0", "import", *words)
    assert 0 < place.value("SELECT COUNT(*) FROM sales_order") < ORDERS
    report = json.loads(place.run("import", *words))
    assert report["resumed"]
    assert (report["imported"], report["other_command"], report["set_aside"]) == (3 * ORDERS, 2_500, 0)
    assert place.value("SELECT COUNT(*) FROM sales_order") == ORDERS
    assert place.value("SELECT COUNT(*) FROM sales_orderline") == 3 * ORDERS

    words = ("returns", file, "--profile", "online_retail", "--json")
    place.kill_when("SELECT 1 FROM intake_importrun WHERE kind = 'returns' AND done_groups > 0", "process", *words)
    assert 0 < place.value("SELECT COUNT(*) FROM returns_return") < 2_500
    report = json.loads(place.run("process", *words))
    assert report["resumed"]
    assert (report["imported"], report["other_command"], report["set_aside"]) == (2_500, 3 * ORDERS, 0)
    assert place.value("SELECT COUNT(*) FROM returns_return") == 2_500
    assert place.value("SELECT COUNT(*) FROM intake_returnsourceline") == 2_500
    assert place.value("SELECT SUM(claimed) FROM sales_shipmentline") == 5_000
    assert place.value("SELECT COUNT(*) FROM kernel_outboxmessage") == 0
    summary = json.loads(place.run("report", "summary", "--json"))
    assert summary["adds_up"]
    assert summary["booked"]["documents"] == 2_500
    assert list((tmp_path / "home" / "staging").iterdir()) == [], "no staged file stays behind"
    again = json.loads(place.run("process", *words))
    assert (again["unchanged"], again["resumed"]) == (2_500, False)
    place.run("verify")
