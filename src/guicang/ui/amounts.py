"""Amounts and weights as people type them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from guicang.kernel.money import fits, to_minor

#: More digits than any amount has: a slip of the finger.
MOST_CHARACTERS = 20


def typed_minor(text: str, currency: str) -> int | None:
    """Minor units of what was typed, full-width figures and ¥ included; None where that is no amount above zero."""
    plain = unicodedata.normalize("NFKC", text).strip().lstrip("¥").strip()
    if not currency or len(plain) > MOST_CHARACTERS:
        return None
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        return None
    return to_minor(amount, currency) if amount.is_finite() and amount > 0 and fits(amount, currency) else None


#: A number with or without a fraction, and its unit; grams where none is said.
_WEIGHT = re.compile(r"(\d{1,9})(?:[.,](\d{1,3}))?\s*(kg|g|公斤|千克|克)?", re.IGNORECASE)
_KILO = ("kg", "公斤", "千克")
#: Heavier than any parcel, and what the database takes of a line.
HEAVIEST_G = 1_000_000


def typed_grams(text: str) -> int | None:
    """Whole grams of "1250", "1250 g", "1.25 kg" or "1,25kg", digit by digit; None where that is no weight.

    A fraction of a gram is none. "" is 0: nobody weighed it.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if not plain:
        return 0
    found = _WEIGHT.fullmatch(plain)
    if found is None:
        return None
    whole, fraction, unit = found.groups()
    if unit in _KILO:
        grams = int(whole) * 1000 + int((fraction or "").ljust(3, "0"))
    elif fraction:
        return None
    else:
        grams = int(whole)
    return grams if 0 < grams <= HEAVIEST_G else None
