"""Rows of an order export a second, through `guicang import orders` with our own template.

`python -m benchmarks.importing --rows N` prints one JSON object.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import setup

LINES_AN_ORDER = 3
HEADERS = ("订单号", "下单时间", "客户编号", "商品编码", "商品名称", "数量", "单价", "支付方式", "实付金额")


def write(file: Path, rows: int) -> None:
    """An export of `rows` lines, three an order, paid in full."""
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        out = csv.writer(handle)
        out.writerow(HEADERS)
        for number in range(rows):
            order, first = divmod(number, LINES_AN_ORDER)
            paid = ("wechat", "60.00") if first == 0 else ("", "")
            day = f"2026-10-{order % 28 + 1:02d} 10:00:00"
            sku = f"SKU{number % 500:04d}"
            out.writerow([f"B{order:08d}", day, f"C{order % 20000}", sku, sku, 2, "10.00", *paid])


def measure(rows: int) -> dict[str, Any]:
    """Import a file of `rows` lines whose SKUs and customers are all new at first."""
    engine = setup.start()
    from guicang.cli.main import main as guicang

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        write(file, rows)
        said = io.StringIO()
        started = time.perf_counter()
        with contextlib.redirect_stdout(said):
            status = guicang(["import", "orders", str(file), "--json"])
        seconds = time.perf_counter() - started
    report = json.loads(said.getvalue())
    if status or report["imported"] != rows:
        raise RuntimeError(f"exit status {status}, {report}")
    return {"engine": engine, "rate": rows / seconds, "peak_mb": setup.peak_mb()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=60_000)
    print(json.dumps(measure(parser.parse_args().rows)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
