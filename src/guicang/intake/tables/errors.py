"""What can be wrong with a file, a row or a cell, by code.

Sentences are English msgids (gettext keyword `N_`), %-formats over the fault's data; faces
translate them. Nothing here depends on Django, so that reading stays usable and testable alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from guicang.intake.profiles.schema import N_

_NO_DATA: Mapping[str, object] = MappingProxyType({})


#: Faults of the file: nothing is written, exit status 2.
FILE_MESSAGES = {
    "file_not_found": N_("There is no file %(path)s"),
    "not_a_file": N_("%(path)s is no regular file"),
    "empty_file": N_("The file %(path)s is empty"),
    "too_large": N_("The file has %(size)s bytes; at most %(limit)s are read (GUICANG_MAX_FILE_BYTES)"),
    "expands_too_much": N_("The archive expands to more than %(limit)s; that is refused as a trap (%(reason)s)"),
    "unreadable_archive": N_("The archive is damaged or not what its name says: %(reason)s"),
    "undecodable": N_(
        "Line %(line)s cannot be read as %(encoding)s; save the file as UTF-8 or set `encoding` in the profile"
    ),
    "sheet_too_large": N_(
        "The sheet spans %(rows)s rows and %(columns)s columns; at most %(limit)s cells are read. Save it as .csv"
    ),
    "line_too_long": N_("This is no table: line %(line)s has more than %(limit)s characters"),
    "as_of_in_future": N_("--as-of %(as_of)s lies in the future; every later file would count as older"),
    "not_a_table": N_("This is no table: %(reason)s"),
    "missing_column": N_("No row holds the columns %(missing)s; the nearest header row found is: %(found)s"),
    "duplicate_column": N_("The column %(column)s is there twice (%(headers)s); keep one"),
    "missing_sheet": N_("There is no sheet %(sheet)s; there are: %(found)s"),
    "ambiguous_dates": N_(
        "The dates of %(column)s (such as %(example)s) may be day/month or month/day; set `dates` in the profile"
    ),
    "ambiguous_decimal": N_(
        "The numbers of %(column)s (such as %(example)s) may have a point or a comma; set `decimal` in the profile"
    ),
}

#: Faults of a row or a cell: it is set aside, the rest goes on.
ROW_MESSAGES = {
    "blank_row": N_("The row is blank"),
    "total_row": N_("This is a total row, not data"),
    "repeated_header": N_("This is the header again, not data"),
    "cell_count": N_("The row has %(cells)s cells, the header %(expected)s"),
    "bad_quoting": N_("A quotation mark is not closed or stands inside a cell; correct the quotes of this row"),
    "missing_value": N_("The cell is empty; fill it in"),
    "excel_number": N_("Excel has rounded this number (%(text)s); export the column again as text"),
    "formula": N_("The cell holds a formula (%(text)s); give its value"),
    "cell_error": N_("The cell holds an error value (%(text)s)"),
    "control_character": N_("The cell holds characters that cannot be printed"),
    "bad_number": N_("%(text)s is no number here"),
    "number_too_large": N_("%(text)s is too large"),
    "fractional_quantity": N_("The quantity %(text)s is no whole number"),
    "zero_quantity": N_("The quantity is 0"),
    "too_many_decimals": N_("%(text)s has more decimals than %(currency)s allows (%(allowed)s)"),
    "currency_mismatch": N_("%(text)s is not in %(currency)s"),
    "bad_currency": N_("%(text)s is no currency code; use ISO 4217 such as CNY"),
    "bad_rate": N_("%(text)s is no rate; write 0.13 or 13%%"),
    "bad_date": N_("%(text)s is no date in the profile's formats"),
    "date_in_future": N_("%(text)s lies in the future"),
    "bad_boolean": N_("%(text)s is neither yes nor no"),
    "unknown_value": N_("%(text)s is not one of: %(known)s"),
}

#: Rows that say nothing of any document.
NOT_DATA = frozenset({"blank_row", "repeated_header", "total_row"})


class FileFault(Exception):
    """A file that cannot be read. `message` is the msgid, `data` its values."""

    def __init__(self, code: str, message: str, data: Mapping[str, object]) -> None:
        super().__init__(message % data)
        self.code = code
        self.message = message
        self.data = dict(data)


def file_fault(code: str, **data: object) -> FileFault:
    return FileFault(code, FILE_MESSAGES[code], data)


class ConvertError(Exception):
    """A cell whose text cannot become the value its column wants; `data["text"]` is that text."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code, data)
        self.code = code
        self.data = data


@dataclass(frozen=True, slots=True)
class CellFault:
    """One finding in a row. `column` is the header as the file writes it, '' for the whole row."""

    column: str
    code: str
    data: Mapping[str, object] = field(default_factory=lambda: _NO_DATA)

    @property
    def message(self) -> str:
        """The msgid; format it with `data` after translation."""
        return ROW_MESSAGES[self.code]

    def __str__(self) -> str:
        return self.message % self.data
