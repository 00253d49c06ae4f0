"""From the text of a cell to an exact value: Decimals and integers, never a float.

Every function takes cleaned, non-empty text and raises ConvertError with a code of ROW_MESSAGES.
`decimal` is the table's decimal mark; the other mark, spaces and apostrophes may group thousands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from guicang.intake.tables.errors import ConvertError
from guicang.kernel.money import exponent

#: Fits the database's 64-bit integers with room for sums of many rows.
MAX_MINOR = 10**15
#: Longer than any honest number; bounds the work on a hostile one.
_MAX_DIGITS = 36
_EXACT_DIGITS = 15
_PLAIN = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?").fullmatch
_EXCEL = re.compile(r"[+-]?\d+(?:[.,]\d+)?[Ee][+-]?\d+").fullmatch
_MINUS = str.maketrans("−–﹣", "---")
_SIGNS: Mapping[str, frozenset[str]] = {
    "¥": frozenset({"CNY", "JPY"}),
    "元": frozenset({"CNY"}),
    "RMB": frozenset({"CNY"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "$": frozenset(["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN"]),
    "HK$": frozenset({"HKD"}),
    "US$": frozenset({"USD"}),
}
_SIGN = re.compile(r"HK\$|US\$|RMB|[A-Z]{3}(?![A-Z])|[¥€£$元]")
_GROUPED = {
    mark: re.compile(
        rf"[0-9]{{1,3}}(?:({other}|[ \u00a0\u202f'’])[0-9]{{3}})(?:\1[0-9]{{3}})*(?:{re.escape(mark)}[0-9]+)?"
    )
    for mark, other in ((".", ","), (",", r"\."))
}
_UNGROUPED = {mark: re.compile(rf"[0-9]+(?:{re.escape(mark)}[0-9]*)?|{re.escape(mark)}[0-9]+") for mark in (".", ",")}
_TRUE = frozenset(["是", "有", "真", "对", "√", "✓", "y", "yes", "true", "t", "1"])
_FALSE = frozenset(["否", "无", "假", "错", "×", "✗", "n", "no", "false", "f", "0"])
_CURRENCY = re.compile(r"[A-Z]{3}")
_CURRENCY_NAMES = {
    "人民币": "CNY",
    "元": "CNY",
    "RMB": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "英镑": "GBP",
    "日元": "JPY",
    "港币": "HKD",
}


def number(text: str, decimal: str = ".", currency: str = "") -> Decimal:
    """The exact number. A currency sign or code is accepted where it names `currency`.

    Full-width digits, grouped thousands, a minus before or after and (1.00) for -1.00 are read.
    """
    if decimal == "." and _PLAIN(text):
        return Decimal(text)
    if _EXCEL(text):
        raise ConvertError("excel_number", text=text)
    body = unicodedata.normalize("NFKC", text).translate(_MINUS).strip()
    negative = False
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1].strip()
    body = _without_sign(body, text, currency)
    if body[:1] in ("-", "+") and not negative:
        negative, body = body[0] == "-", body[1:].strip()
    elif body.endswith("-") and not negative:
        negative, body = True, body[:-1].strip()
    body = _without_sign(body, text, currency)
    value = _unsigned(body, text, decimal)
    return -value if negative else value


def _without_sign(body: str, text: str, currency: str) -> str:
    """`body` without one currency sign at its start or end; another currency's is refused."""
    found = _SIGN.match(body) or next((match for match in _SIGN.finditer(body) if match.end() == len(body)), None)
    if found is None:
        return body
    sign = found.group()
    if not currency:
        raise ConvertError("bad_number", text=text)
    if currency not in _SIGNS.get(sign, frozenset({sign})):
        raise ConvertError("currency_mismatch", text=text, currency=currency)
    return (body[: found.start()] + body[found.end() :]).strip()


def _unsigned(body: str, text: str, decimal: str) -> Decimal:
    if _GROUPED[decimal].fullmatch(body):
        digits = re.sub(rf"[^0-9{re.escape(decimal)}]", "", body)
    elif _UNGROUPED[decimal].fullmatch(body):
        digits = body
    else:
        raise ConvertError("bad_number", text=text)
    if len(digits) > _MAX_DIGITS:
        raise ConvertError("number_too_large", text=text)
    return Decimal(digits.replace(",", "."))


def quantity(text: str, decimal: str = ".", *, nonzero: bool = False) -> int:
    """Whole units; 6.0 is 6. Codes: bad_number, fractional_quantity, zero_quantity, number_too_large."""
    if text.isascii() and text.isdigit() and len(text) <= _EXACT_DIGITS:
        value = int(text)
    else:
        exact = number(text, decimal)
        if exact != exact.to_integral_value():
            raise ConvertError("fractional_quantity", text=text)
        value = int(exact)
    if abs(value) > MAX_MINOR:
        raise ConvertError("number_too_large", text=text)
    if nonzero and not value:
        raise ConvertError("zero_quantity", text=text)
    return value


def amount_minor(text: str, currency: str, decimal: str = ".") -> int:
    """Minor units of `currency`; decimals beyond its exponent are refused unless they are zeros."""
    digits = exponent(currency)
    minor = number(text, decimal, currency).scaleb(digits)
    whole = minor.to_integral_value()
    if minor != whole:
        raise ConvertError("too_many_decimals", text=text, currency=currency, allowed=digits)
    if abs(whole) > MAX_MINOR:
        raise ConvertError("number_too_large", text=text)
    return int(whole)


def price(text: str, currency: str = "", decimal: str = ".") -> Decimal:
    """An exact unit price with any decimals (0.0128 a gram)."""
    value = number(text, decimal, currency)
    if abs(value) > MAX_MINOR:
        raise ConvertError("number_too_large", text=text)
    return value


def rate(text: str, decimal: str = ".") -> Decimal:
    """A share of 1 from 0.13 or 13%; a bare 13 may mean either and is refused."""
    body = unicodedata.normalize("NFKC", text).strip()
    percent = body.endswith("%")
    value = number(body[:-1].strip() if percent else body, decimal)
    value = value.scaleb(-2) if percent else value
    if not 0 <= value <= 1:
        raise ConvertError("bad_rate", text=text)
    return value


def boolean(text: str) -> bool:
    word = unicodedata.normalize("NFKC", text).casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ConvertError("bad_boolean", text=text)


def currency_code(text: str) -> str:
    code = _CURRENCY_NAMES.get(text.upper(), text.upper())
    if not _CURRENCY.fullmatch(code):
        raise ConvertError("bad_currency", text=text)
    return code


def code(text: str, known: Mapping[str, str]) -> str:
    """Our code for the file's text (keys casefolded); without a map the text stands for itself."""
    if not known:
        return text
    found = known.get(text.casefold())
    if found is None:
        raise ConvertError("unknown_value", text=text, known=", ".join(sorted(set(known))))
    return found
