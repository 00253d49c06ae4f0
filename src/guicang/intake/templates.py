"""Empty files with our own headers, Chinese and English in one, for people to fill in."""

from __future__ import annotations

import csv
import io

from guicang.intake.profiles import template


def as_csv(kind: str) -> str:
    """One line of headers. Raises ProfileFault for a kind that is none."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow(template(kind))
    return text.getvalue()


def as_workbook(kind: str) -> bytes:
    """A workbook of one sheet with the headers, every column a text so that no number is rounded."""
    import xlsxwriter

    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        sheet = book.add_worksheet(kind)
        headers = template(kind)
        sheet.set_column(0, len(headers) - 1, 20, book.add_format({"num_format": "@"}))
        sheet.write_row(0, 0, headers, book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
    return packed.getvalue()
