"""What makes a line the same line in tomorrow's file: its id in the export, or what never changes about it.

Without an id a line is its immutable columns (SKU, unit price, ordered quantity, discounts) and its
occurrence number among such rows of that order in that file; never its status columns.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from guicang.intake.staging import StagedRow

#: Discount columns with who pays for each.
FUNDERS = {
    "discount_shop": "shop",
    "discount_platform": "platform",
    "discount_government": "government",
    "discount_other": "other",
}
#: Longer keys are replaced by their hash: the column has 200 characters, and bundles add theirs.
_MAX_KEY = 180


def line_key(values: Mapping[str, Any], occurrences: Counter[str]) -> str:
    """The key of a row's line. `occurrences` counts equal rows of the order and is moved on.

    Readable, since people meet it in messages: `id:778812`, or `85123A@2.55x6#1` for the first of such rows.
    """
    stated = values.get("line_id")
    if stated:
        return _short(f"id:{stated}")
    text = f"{values.get('sku') or ''}@{digits(price_of(values))}x{values.get('quantity')}"
    if not FUNDERS.keys().isdisjoint(values):
        text += "".join(f"-{name[9]}{values[name]}" for name in FUNDERS if values.get(name))
    occurrences[text] += 1
    return _short(f"{text}#{occurrences[text]}")


def price_of(values: Mapping[str, Any]) -> Decimal:
    """The stated unit price, else the gross amount by units (minor units: it only tells lines apart)."""
    price: Decimal | None = values.get("unit_price")
    return Decimal(values.get("gross") or 0) if price is None else price


def digits(number: Decimal) -> str:
    """2.5500 and 2.55 are one price."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def keyed(rows: Sequence[StagedRow]) -> list[tuple[str, StagedRow]]:
    """The rows of an order with their line keys, in file order."""
    occurrences: Counter[str] = Counter()
    return [(line_key(row.values, occurrences), row) for row in rows]


def _short(text: str) -> str:
    if len(text) <= _MAX_KEY:
        return text
    return f"{text[:100]}~{hashlib.sha256(text.encode()).hexdigest()[:40]}"
