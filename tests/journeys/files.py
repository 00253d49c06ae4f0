"""Files and commands for journeys through `guicang import` and `guicang process`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from guicang.cli.main import main


class Desk:
    """An operator at the command line, in a folder of his own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.report: dict[str, Any] = {}

    def file(
        self, name: str, rows: Iterable[Mapping[str, Any]], *, delimiter: str = ",", encoding: str = "utf-8"
    ) -> Path:
        """A CSV whose header is the union of the rows' keys, in the order they come."""
        rows = list(rows)
        headers = list(dict.fromkeys(key for row in rows for key in row))
        path = self.folder / name
        with path.open("w", encoding=encoding, newline="") as stream:
            writer = csv.DictWriter(stream, headers, delimiter=delimiter, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return path

    def text(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def run(self, *words: object, status: int = 0) -> dict[str, Any]:
        """The report of a command that must end with `status`."""
        self._capsys.readouterr()
        found = main([*map(str, words), "--json"])
        shown = self._capsys.readouterr()
        assert found == status, f"exit status {found}: {shown.err}{shown.out}"
        self.said = shown.err
        report: dict[str, Any] = json.loads(shown.out) if shown.out else {}
        if "imported" in report:
            self.report = report
            assert report["rows"] == sum(
                report[name]
                for name in ("imported", "updated", "unchanged", "unchanged_older", "set_aside", "other_command")
            ), "the counts add up to the file"
        return report

    def aside(self) -> list[dict[str, str]]:
        """The rows that the last file had set aside."""
        return rows_of(Path(self.report["set_aside_file"]))

    def results(self) -> list[dict[str, str]]:
        """What became of each line of the last file of past returns."""
        return rows_of(Path(self.report["result_file"]))

    def imports(self, kind: str, path: Path, *words: object, status: int = 0) -> dict[str, Any]:
        return self.run("import", kind, path, *words, status=status)


def order(number: Any = "A-1", **cells: Any) -> dict[str, Any]:
    """A row of our own template; 订单号 and what it takes are there."""
    row = {
        "订单号": number,
        "下单时间": "2026-03-02 10:00:00",
        "商品编码": "MUG",
        "商品名称": "马克杯",
        "数量": 3,
        "单价": "10.00",
    }
    return {**row, **cells}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
