"""Faults of the file, and every container and encoding that is read."""

from __future__ import annotations

import gzip
import lzma
import random
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from guicang.intake.profiles import Profile, load
from guicang.intake.tables import FileFault, Limits, Row, prove_readable, read_rows

HEADER = "订单号,下单时间,商品编码,商品名称,数量,单价\n"
LINE = "A-1,2026-03-01 08:00:00,SKU-1,保温杯,2,19.90\n"


@pytest.fixture(scope="module")
def orders() -> Profile:
    return load("template", "orders")


def put(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(path: Path, profile: Profile, **options: object) -> list[Row]:
    with read_rows(path, profile, **options) as table:  # type: ignore[arg-type]
        found = list(table)
    assert all(isinstance(row, Row) for row in found), found
    return [row for row in found if isinstance(row, Row)]


def fault(path: Path, profile: Profile, **options: object) -> FileFault:
    with pytest.raises(FileFault) as caught:
        for _ in read_rows(path, profile, **options):  # type: ignore[arg-type]
            pass
    assert str(caught.value)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_encodings_are_found(tmp_path: Path, orders: Profile, encoding: str) -> None:
    path = put(tmp_path / "orders.csv", (HEADER + LINE).encode(encoding))
    [row] = rows(path, orders)
    assert (row.number, row.cells["name"], row.cells["quantity"]) == (2, "保温杯", "2")


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_both_orders_of_utf_16(tmp_path: Path, orders: Profile, order: str) -> None:
    path = put(tmp_path / "orders.csv", ("\ufeff" + HEADER + LINE * 3).encode(order))
    assert len(rows(path, orders)) == 3


@pytest.mark.parametrize("name", ["orders.csv.gz", "orders.csv.xz", "orders.csv", "orders"])
def test_packed_files_by_content(tmp_path: Path, orders: Profile, name: str) -> None:
    content = (HEADER + LINE * 500).encode()
    packed = lzma.compress(content) if name.endswith("xz") else gzip.compress(content)
    path = put(tmp_path / name, packed)
    with read_rows(path, orders) as table:
        assert sum(isinstance(row, Row) for row in table) == 500
        assert table.progress.read == table.progress.total == len(packed)


def test_members_one_after_another(tmp_path: Path, orders: Profile) -> None:
    head, tail = HEADER.encode(), (LINE * 9).encode()
    assert len(rows(put(tmp_path / "a.gz", gzip.compress(head) + gzip.compress(tail) + b"\0" * 9), orders)) == 9
    assert len(rows(put(tmp_path / "a.xz", lzma.compress(head) + lzma.compress(tail)), orders)) == 9


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_cut_archive(tmp_path: Path, orders: Profile, pack: object) -> None:
    noise = "".join(f"A-{random.Random(n).random()},2026-03-01,S,杯,1,1\n" for n in range(2000))
    path = put(tmp_path / "orders.bin", pack((HEADER + noise).encode())[:-200])  # type: ignore[operator]
    assert fault(path, orders).code == "unreadable_archive"
    with pytest.raises(FileFault, match="ends too early"):
        prove_readable(path, orders)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_expansion_is_bounded(tmp_path: Path, orders: Profile, pack: object) -> None:
    content = (HEADER + LINE * 200_000).encode()
    path = put(tmp_path / "bomb", pack(content))  # type: ignore[operator]
    assert fault(path, orders, max_bytes=1_000_000).code == "expands_too_much"
    tight = Limits(max_ratio=20, free_bytes=500_000)
    assert fault(path, orders, limits=tight).code == "expands_too_much"


def test_faults_of_the_file(tmp_path: Path, orders: Profile) -> None:
    noise = random.Random(7).randbytes(5000)
    for name, content, code in (
        ("empty.csv", b"", "empty_file"),
        ("noise.csv", noise, "not_a_table"),
        ("page.xls", b"<html><table><tr><td>a", "not_a_table"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise, "not_a_table"),
        ("picture.csv", b"\x89PNG\r\n" + noise, "not_a_table"),
        ("text.xlsx", (HEADER + LINE).encode(), "unreadable_archive"),
        ("text.csv.gz", (HEADER + LINE).encode(), "unreadable_archive"),
        ("cut.xlsx", b"PK\x03\x04" + noise, "unreadable_archive"),
        ("prose.txt", "一封信。\n没有表格。\n".encode(), "not_a_table"),
        (
            "latin.csv",
            (HEADER.replace("订单号", "order_number") + "é,à,ç,è;ù\n" * 9).encode("cp1252", "ignore"),
            "undecodable",
        ),
        ("packed.csv.gz", gzip.compress(gzip.compress((HEADER + LINE).encode())), "not_a_table"),
        ("missing.csv", HEADER.replace("数量", "件").encode(), "missing_column"),
        ("twice.csv", (HEADER.strip() + ",order_number\n").encode(), "duplicate_column"),
    ):
        assert fault(put(tmp_path / name, content), orders).code == code, name
    assert fault(tmp_path / "none.csv", orders).code == "file_not_found"
    assert fault(tmp_path, orders).code == "not_a_file"
    big = put(tmp_path / "big.csv", HEADER + LINE * 100)
    assert fault(big, orders, max_bytes=1000).code == "too_large"


def test_the_missing_column_is_named(tmp_path: Path, orders: Profile) -> None:
    found = fault(put(tmp_path / "a.csv", HEADER.replace("数量", "件")), orders)
    assert found.data["missing"] == "数量 / quantity"
    assert "件" in str(found.data["found"])


def test_wrong_bytes_late_in_the_file_name_their_line(tmp_path: Path, orders: Profile) -> None:
    good = (HEADER + LINE * 9000).encode()
    path = put(tmp_path / "late.csv", good + b"A-1,2026-03-01,S,\xff\xfe\xff,1,1\n" + LINE.encode())
    found = fault(path, orders)
    assert (found.code, found.data["line"]) == ("undecodable", 9002)
    with pytest.raises(FileFault):
        prove_readable(path, orders)


def test_ascii_until_late_then_gb18030(tmp_path: Path, orders: Profile) -> None:
    english = "order_number,ordered_at,sku,name,quantity,unit_price\n"
    plain = "A-1,2026-03-01,SKU-1,cup,2,19.90\n" * 20_000
    path = put(tmp_path / "late.csv", (english + plain + LINE).encode("gb18030"))
    assert rows(path, orders)[-1].cells["name"] == "保温杯"
    assert prove_readable(path, orders).encoding == "gb18030"


def test_facts_of_a_readable_file(tmp_path: Path, orders: Profile) -> None:
    content = (HEADER + LINE * 3).encode()
    facts = prove_readable(put(tmp_path / "a.csv.gz", gzip.compress(content)), orders)
    assert (facts.lines, facts.expanded_bytes, len(facts.sha256)) == (4, len(content), 64)


def workbook(path: Path, *, rows_: int = 1) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER.strip().split(","))
    for number in range(rows_):
        sheet.write_row(number + 1, 0, ["A-1", "2026-03-01 08:00:00", "SKU-1", "保温杯", 2, 19.9])
    book.close()
    return path


def test_a_zip_that_is_no_workbook(tmp_path: Path, orders: Profile) -> None:
    with zipfile.ZipFile(tmp_path / "orders.xlsx", "w") as archive:
        archive.writestr("orders.csv", HEADER + LINE)
    assert fault(tmp_path / "orders.xlsx", orders).code == "not_a_table"


def test_zip_bombs_are_refused_before_parsing(tmp_path: Path, orders: Profile) -> None:
    path = workbook(tmp_path / "bomb.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", b"\0" * 80_000_000)
    assert fault(path, orders).code == "expands_too_much"
    many = workbook(tmp_path / "many.xlsx")
    with zipfile.ZipFile(many, "a") as archive:
        for number in range(2500):
            archive.writestr(f"xl/media/{number}", b"")
    assert fault(many, orders).code == "expands_too_much"
    assert fault(workbook(tmp_path / "size.xlsx", rows_=2000), orders, max_bytes=30_000).code in (
        "too_large",
        "expands_too_much",
    )


def test_a_directory_that_lies_about_a_part(tmp_path: Path, orders: Profile) -> None:
    path = workbook(tmp_path / "lie.xlsx", rows_=3000)
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert fault(path, orders).code in ("expands_too_much", "unreadable_archive")


def test_a_sheet_that_spans_too_far(tmp_path: Path, orders: Profile) -> None:
    path = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER.strip().split(","))
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    assert fault(path, orders).code == "sheet_too_large"


def test_sheets_by_name(tmp_path: Path, orders: Profile) -> None:
    path = tmp_path / "two.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("说明").write(0, 0, "读我")
    sheet = book.add_worksheet("订单")
    sheet.write_row(0, 0, HEADER.strip().split(","))
    sheet.write_row(1, 0, ["A-1", "2026-03-01", "S", "杯", 1, 1])
    book.close()
    with read_rows(path, orders, sheet="订单") as table:
        assert table.other_sheets == ("说明",)
        assert len(list(table)) == 1
    found = fault(path, orders, sheet="没有")
    assert (found.code, found.data["found"]) == ("missing_sheet", "说明, 订单")
