"""Memory does not grow with a CSV, and the real ledger comes through whole."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from guicang.intake.profiles import load
from guicang.intake.tables import Converted, Row, RowConverter, read_rows

LEDGER = Path(__file__).resolve().parents[4] / "shared" / "data" / "online_retail_2010-12_2011-06.csv.xz"
MEASURE = """
import resource, sys
from guicang.intake.profiles import load
from guicang.intake.tables import read_rows
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with read_rows(sys.argv[1], load("online_retail")) as table:
    count = sum(1 for _ in table)
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_flat_memory(tmp_path: Path) -> None:
    """60 MB of rows raise the peak by less than 12 MB (measured: about 5)."""
    path = tmp_path / "big.csv"
    block = "".join(
        f"{n},SKU-{n % 977},WHITE METAL LANTERN {n},6,2010-12-01 08:26:00,3.3900,17850,United Kingdom\n"
        for n in range(10_000)
    )
    with path.open("w") as out:
        out.write("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n")
        for _ in range(75):
            out.write(block)
    assert path.stat().st_size > 60_000_000
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True)
    count, kilobytes = map(int, done.stdout.split())
    assert count == 750_000
    assert kilobytes < 12_000


@pytest.mark.skipif(not LEDGER.exists(), reason="the real ledger is not here")
def test_the_real_ledger() -> None:
    """Every figure as RULES gives it."""
    profile = load("online_retail", "returns")
    seen: Counter[str] = Counter()
    value, units, documents = Decimal(0), 0, set()
    with read_rows(LEDGER, profile) as table:
        converter = RowConverter(table)
        for row in table:
            converted = converter.convert(row) if isinstance(row, Row) else row
            assert isinstance(converted, Converted), converted
            quantity = converted.values["quantity"]
            price, sku = converted.values["unit_price"], converted.values["sku"]
            assert isinstance(quantity, int)
            assert isinstance(price, Decimal)
            command = profile.commands.of(converted.row.cells, quantity)
            seen[command] += 1
            if command == "return":
                seen[profile.codes.classify(str(sku))] += 1
                documents.add(converted.values["return_number"])
                value, units = value + quantity * price, units + quantity
        assert table.counts == {"row": 245_903}
    assert (seen["return"], len(documents), units, value) == (4494, 2006, -131_028, Decimal("-428515.73"))
    assert 4494 - seen["goods"] == 299
    assert seen["write_off"] > 0
