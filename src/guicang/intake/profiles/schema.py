"""What a profile says about a file: columns, formats, zone, ownership, codes and commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from guicang.intake.profiles.fields import FIELDS, Field

Mode = Literal["owned", "mirrored"]
#: What the code of a line means; everything no list names is goods.
LineClass = Literal["goods", "postage", "discount", "fee", "manual"]
#: What a row is: a sale, a return, or a negative sale row that is no return.
RowCommand = Literal["sale", "return", "write_off"]


def N_(message: str) -> str:
    """Marks a msgid that a face translates later; nothing below the faces depends on Django."""
    return message


class ProfileFault(Exception):
    """A profile that cannot be used: exit status 2, nothing read.

    `code` is profile_not_found, profile_unreadable, profile_kind or profile_invalid; `message` is
    an English %-format over `data`; `data["errors"]` lists every error of the profile at once.
    """

    def __init__(self, code: str, message: str, data: Mapping[str, object]) -> None:
        super().__init__(message % data)
        self.code = code
        self.message = message
        self.data = dict(data)


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns goods and books of these rows, and the instant from which they count.

    `cut_over` is None where everything counts (no cut-over) or where it stands before the file's
    first row (`before_first_row`), so that the whole file comes after it.
    """

    goods: Mode = "owned"
    books: Mode = "owned"
    cut_over: datetime | None = None
    before_first_row: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Codes fixed for the whole file; a mapped column of the same name comes first."""

    company: str = ""
    channel: str = ""
    shop: str = ""
    market: str = ""
    store: str = ""
    warehouse: str = ""


@dataclass(frozen=True, slots=True)
class Codes:
    """Which codes are no goods. Exact entries come before prefixes (`DCGS*`), longer prefixes first."""

    exact: Mapping[str, LineClass] = field(default_factory=dict)
    prefixes: tuple[tuple[str, LineClass], ...] = ()
    ignore_case: bool = False

    def classify(self, code: str) -> LineClass:
        key = code.casefold() if self.ignore_case else code
        found = self.exact.get(key)
        if found is not None:
            return found
        for prefix, line_class in self.prefixes:
            if key.startswith(prefix):
                return line_class
        return "goods"

    def names(self, line_class: LineClass) -> bool:
        """Whether any code is of this class."""
        return line_class in self.exact.values() or any(line_class == found for _, found in self.prefixes)


@dataclass(frozen=True, slots=True)
class Commands:
    """Which rows are returns: by the start of the document number, by a field's text, or all of them."""

    default: Literal["sale", "return"] = "sale"
    document: str = "order_number"
    return_prefixes: tuple[str, ...] = ()
    column: str = ""
    returns: frozenset[str] = frozenset()
    #: What a row with a negative quantity is that nothing else calls a return.
    negative: Literal["write_off", "return"] = "write_off"

    def of(self, cells: Mapping[str, str], quantity: int) -> RowCommand:
        """The command of a row, from its cleaned cells and its quantity."""
        if self.return_prefixes and cells.get(self.document, "").startswith(self.return_prefixes):
            return "return"
        if self.column and cells.get(self.column, "") in self.returns:
            return "return"
        if self.default == "sale" and quantity < 0:
            return self.negative
        return self.default


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of file, ready to read. Built by `load`, which checks it strictly."""

    name: str
    kind: str
    zone: str
    #: field -> header names that are accepted for it, in order of preference
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    #: Fields whose blank cell takes the value above (merged cells of a spreadsheet).
    merged: tuple[str, ...] = ()
    title: str = ""
    encoding: str = "auto"
    delimiter: str = "auto"
    sheet: str = ""
    decimal: Literal["auto", ".", ","] = "auto"
    #: strptime formats, tried in order; empty: detected
    dates: tuple[str, ...] = ()
    #: ISO code of every amount; empty: the currency column says
    currency: str = ""
    price_includes_tax: bool = True
    #: Documents of the past: sold and shipped at their date, nothing about them waits.
    history: bool = False
    tax_rate: Decimal | None = None
    ownership: Ownership = field(default_factory=Ownership)
    place: Place = field(default_factory=Place)
    codes: Codes = field(default_factory=Codes)
    commands: Commands = field(default_factory=Commands)
    #: field -> the file's text (casefolded) -> our code
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unknown_sku: Literal["create", "refuse"] = "refuse"
    #: What the source writes where it knows no customer; a blank cell says the same.
    unknown_customer: str = "UNKNOWN"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def fields(self) -> dict[str, Field]:
        """The mapped fields, in the profile's order."""
        known = FIELDS[self.kind]
        return {name: known[name] for name in self.columns}

    def known_customer(self, code: str | None) -> str:
        """The buyer's code, '' for nobody known: such lines post to one customer "unknown" per shop."""
        return "" if code is None or code == self.unknown_customer else code

    @property
    def update_column(self) -> str:
        """The field that says as of when a row's facts hold; '' where the file does not say."""
        return "updated_at" if "updated_at" in self.columns else ""

    @property
    def line_id_column(self) -> str:
        """The field that names a line within its document; '' where the file has none."""
        return "line_id" if "line_id" in self.columns else ""
