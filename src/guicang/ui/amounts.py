"""Amounts as people type them."""

from __future__ import annotations

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
