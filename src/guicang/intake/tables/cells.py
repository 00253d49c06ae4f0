"""The dirt of real exports: what is cleaned in a cell, what is refused, and what a row is.

Cleaned: `="123"`, leading tabs and apostrophes, spaces of every width around a value, invisible
characters. Refused and never guessed: 1.23E+18, formulas, #REF! and its like.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from guicang.intake.profiles.fields import FieldKind
from guicang.intake.tables.errors import ConvertError

_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff"
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
#: First characters that need a careful look: a space, and what formulas, errors and text marks start with.
_LEADS = frozenset(" =+@'#-")
_ODD_LEAD = re.compile(r"\|(?:[ =+@'#]|-(?![\d.,]+\|))").search
_TRIM = re.compile(rf"^[\s{_INVISIBLE}]+|[\s{_INVISIBLE}]+$")
_HIDDEN = re.compile(f"[{_INVISIBLE}]")
_CONTROLS = re.compile(f"[{_CONTROL}]")
_EXCEL_TEXT = re.compile(r'="((?:[^"]|"")*)"', re.DOTALL)
#: The form Excel writes: one digit, a fraction, E+ and two or three digits. A code such as 12E5 is not it.
_EXCEL_NUMBER = re.compile(r"[+-]?\d(?:[.,]\d+)?[Ee]\+\d{2,3}")
_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|#{3,})", re.IGNORECASE)
_SIGNED = re.compile(r"[+-]?[\d.,\s\u00a0()%¥￥$€£元]+")
_PHONE = re.compile(r"\+[\d\s().-]+")
#: A sign or @ that goes on as a call, a link to a program, a cell or a sum.
_FORMULA = re.compile(r"[+\-@](?:[^\s]*[(|!]|\$?[A-Za-z]{1,3}\$?\d+(?![A-Za-z0-9-])|[\d.]+\s*[+*/^-]\s*\S)")
_TOTAL = re.compile(
    r"(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|本页合计|grand total|sub-?total|totals?|sum)\s*[:：]?"
    r"\s*[\d.,¥￥$€£]*\s*[笔条单件行]?",
    re.IGNORECASE,
)
is_total = _TOTAL.fullmatch


def odd_row(cells: Sequence[str]) -> bool:
    """True where some cell may need `clean`; a bar within a cell may raise it needlessly, never hide it.

    Control characters, invisible ones and spaces other than the plain one are all not printable.
    """
    joined = f"|{'|'.join(cells)}|"
    return (
        not joined.isprintable() or " |" in joined or "E+" in joined or "e+" in joined or _ODD_LEAD(joined) is not None
    )


def odd(cell: str) -> bool:
    """The same of one cell that is not empty."""
    return cell[0] in _LEADS or cell[-1] == " " or not cell.isprintable() or "E+" in cell or "e+" in cell


def blank(cells: Sequence[str]) -> bool:
    joined = "".join(cells).strip()
    return not joined or (not joined.isprintable() and not _TRIM.sub("", joined))


def normal(header: str) -> str:
    """A header for comparison: without dirt, width, case and runs of spaces."""
    text = _HIDDEN.sub("", unicodedata.normalize("NFKC", header))
    text = _TRIM.sub("", text)
    wrapped = _EXCEL_TEXT.fullmatch(text)
    text = wrapped[1] if wrapped else text.lstrip("'")
    return " ".join(text.split()).casefold()


def clean(text: str, kind: FieldKind) -> tuple[str, str]:
    """The value of a cell and what was cleaned ('' for nothing). Raises ConvertError.

    What is cleaned: spaces, tab, excel_text, apostrophe, invisible.
    """
    value = _TRIM.sub("", text)
    what = "" if value == text else "tab" if text[0] == "\t" else "spaces"
    wrapped = _EXCEL_TEXT.fullmatch(value)
    if wrapped:
        value, what = _TRIM.sub("", wrapped[1].replace('""', '"')), "excel_text"
    if value.startswith("'") and (kind != "text" or value[1:2] in tuple("=+-@")):
        value, what = _TRIM.sub("", value[1:]), "apostrophe"
    if kind == "identifier" and _HIDDEN.search(value):
        value, what = _HIDDEN.sub("", value), "invisible"
    _refuse(value, kind)
    return value, what


def _refuse(value: str, kind: FieldKind) -> None:
    if _CONTROLS.search(value):
        raise ConvertError("control_character", text="")
    first = value[:1]
    if first == "#" and _ERROR.fullmatch(value):
        raise ConvertError("cell_error", text=value)
    if first == "=" or (first in ("+", "-", "@") and _is_formula(value)):
        raise ConvertError("formula", text=value[:60])
    if kind != "text" and _EXCEL_NUMBER.fullmatch(value):
        raise ConvertError("excel_number", text=value)


def _is_formula(value: str) -> bool:
    if _SIGNED.fullmatch(value) or _PHONE.fullmatch(value):
        return False
    return _FORMULA.match(value) is not None
