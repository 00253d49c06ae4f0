"""A table of freight rates as its form and its CSV file say it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from guicang.desk.files import BOM, safe
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refusal, Refused
from guicang.logistics import errors
from guicang.logistics.rules import MOST_RATES, Rate
from guicang.ui.amounts import typed_grams, typed_minor

#: Columns of the file and fields of the form, in their order.
COLUMNS: dict[str, Any] = {
    "market": gettext_lazy("From market"),
    "warehouse": gettext_lazy("To warehouse"),
    "carrier": gettext_lazy("Carrier"),
    "first_weight": gettext_lazy("First weight"),
    "first_price": gettext_lazy("First price"),
    "next_weight": gettext_lazy("Each further"),
    "next_price": gettext_lazy("Price of each further"),
    "valid_from": gettext_lazy("Valid from"),
}
#: The largest file: what 2,000 rates take, ten times over.
MOST_BYTES = 2_000_000
CARRIER_MOST = 40


def of_form(given: QueryDict, currency: str) -> list[Rate]:
    """`<column>.<row>` fields; rows without a price say nothing. Raises Refused with what is not understood."""
    places = sorted({int(name.split(".")[1]) for name in given if name.startswith("first_price.") and _is_row(name)})
    rows = [{name: given.get(f"{name}.{place}", "") for name in COLUMNS} for place in places[: MOST_RATES + 1]]
    return read([row for row in rows if row["first_price"].strip()], currency)


def _is_row(name: str) -> bool:
    row = name.split(".")[1]
    return row.isascii() and row.isdigit() and len(row) <= 4  # noqa: PLR2004 - a table has 2,000 at most


def of_file(content: bytes, currency: str) -> list[Rate]:
    """CSV in UTF-8 or GB 18030, its columns by their names in either language. Raises Refused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    reader = csv.reader(io.StringIO(text))
    names = {column.lower(): column for column in COLUMNS}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names |= {label.lower(): column for column, label in titles().items()}
    header = [names.get(cell.strip().lower(), "") for cell in next(reader, [])]
    if "first_price" not in header:
        raise Refused([errors.TableFileWrong(columns=", ".join(COLUMNS))])
    rows = [dict(zip(header, cells, strict=False)) for cells in reader if any(cell.strip() for cell in cells)]
    return read(rows[: MOST_RATES + 1], currency)


def read(rows: Sequence[Mapping[str, str]], currency: str) -> list[Rate]:
    """Raises Refused with every cell that is not understood."""
    refusals: list[Refusal] = []
    rates = [_rate(place, row, currency, refusals) for place, row in enumerate(rows, 1)]
    if refusals:
        raise Refused(refusals)
    return rates


def _rate(place: int, row: Mapping[str, str], currency: str, refusals: list[Refusal]) -> Rate:
    def cell(name: str) -> str:
        return row.get(name, "").strip().lstrip("'")

    def told(name: str, value: Any, unread: bool) -> Any:
        if unread:
            column = str(COLUMNS[name])
            refusals.append(errors.RateUnread(row=place, column=column, value=cell(name)[:40]))
        return value

    def money(name: str) -> int:
        typed = cell(name)
        nothing = not typed.strip("0.")
        amount = 0 if nothing else typed_minor(typed, currency)
        return int(told(name, amount or 0, amount is None or (name == "first_price" and not typed)))

    def grams(name: str) -> int:
        found = 0 if not cell(name).strip("0") else typed_grams(cell(name))
        return int(told(name, found or 0, found is None))

    return Rate(
        money("first_price"),
        _day(cell("valid_from"), told),
        cell("market"),
        cell("warehouse"),
        told("carrier", cell("carrier"), len(cell("carrier")) > CARRIER_MOST),
        grams("first_weight"),
        grams("next_weight"),
        money("next_price"),
    )


def _day(text: str, told: Any) -> date:
    """Nothing said: from today on."""
    today = timezone.localdate()
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        found: date = told("valid_from", today, True)
        return found


def titles() -> dict[str, str]:
    return {name: str(label) for name, label in COLUMNS.items()}


def shown(rates: Iterable[Rate], currency: str) -> list[dict[str, str]]:
    """Rates as fields of the form and cells of the file hold them."""
    return [
        {
            "market": rate.zone,
            "warehouse": rate.warehouse,
            "carrier": rate.carrier,
            "first_weight": _weight(rate.first_g),
            "first_price": str(from_minor(rate.first_minor, currency)),
            "next_weight": _weight(rate.next_g),
            "next_price": str(from_minor(rate.next_minor, currency)) if rate.next_g else "",
            "valid_from": rate.valid_from.isoformat(),
        }
        for rate in rates
    ]


def _weight(grams: int) -> str:
    if not grams:
        return ""
    return f"{grams // 1000} kg" if grams % 1000 == 0 else f"{grams} g"


def as_csv(rates: Iterable[Rate], currency: str) -> Iterator[bytes]:
    """A file that `of_file` reads again, with what its columns are called here."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(list(titles().values()))
    writer.writerows([[safe(row[name]) for name in COLUMNS] for row in shown(rates, currency)])
    yield (BOM + buffer.getvalue()).encode()
