"""Rows of a past return document to what it says, as exact as the source wrote it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from guicang.intake.profiles import Profile
from guicang.intake.staging import Group, Reason, StagedRow
from guicang.intake.sums import exact_value
from guicang.kernel.money import to_minor

GOODS = "goods"
#: What may come back as a past document; the rest needs a person.
TYPES = {"": "refund", "refund_with_goods": "refund", "refund_only": "refund_only", "refused_parcel": "refused_parcel"}
MONEY_ONLY = "money_only"
_DISPOSITIONS = {"": "restock", "second_grade": "second", "to_supplier": "supplier"}
_ONCE = ("customer_id", "currency", "return_type", "company", "channel", "shop", "market", "store")


@dataclass(slots=True)
class DocumentLine:
    """`units` and `value` are signed as the source signs them; `recorded_minor` is what was paid back, positive.

    `value` is quantity x unit price, as the first pass counts it: 0 where a file states amounts and no unit prices.
    """

    number: int
    kind: str
    sku: str
    name: str
    units: int
    unit_price: Decimal | None
    value: Decimal
    currency: str
    recorded_minor: int
    order_number: str = ""
    order_line_id: str = ""
    reason: str = ""
    #: '' follows from the disposition.
    grade: str = ""
    disposition: str = "restock"
    serial: str = ""
    lot: str = ""
    #: Why its row is set aside by itself: its units and value are what could be read.
    fault: str = ""

    @property
    def quantity(self) -> int:
        return abs(self.units)


@dataclass(slots=True)
class Document:
    """A past return. `customer` '' is nobody known; `number` '' are rows that name no document."""

    group: Group
    number: str
    at: datetime | None
    currency: str
    lines: list[DocumentLine]
    customer: str = ""
    type: str = "refund"
    once: dict[str, Any] = field(default_factory=dict)
    problem: Reason | None = None


def document_of(group: Group, profile: Profile, number_field: str, faulty: Mapping[int, str]) -> Document:
    """What a group of rows says; `problem` is why it cannot be taken as one past return."""
    once, problem = _stated_once(group, profile)
    currency = str(once.get("currency") or profile.currency)
    lines = [_line(row, profile, faulty.get(row.number, "")) for row in group.rows]
    dates = [row.values["returned_at"] for row in group.rows if row.values.get("returned_at")]
    document = Document(
        group=group,
        number=group.rows[0].values[number_field] or "",
        at=min(dates) if dates else None,
        currency=currency,
        lines=lines,
        customer=profile.known_customer(once.get("customer_id")),
        type=once.get("return_type") or "",
        once=once,
    )
    document.problem = _incomplete(document) or problem or _odd(document, profile)
    return document


def _incomplete(document: Document) -> Reason | None:
    """A row of it is set aside by itself: the others wait for it, since a document is taken whole."""
    number = next((line.number for line in document.lines if line.fault), 0)
    return Reason("document_incomplete", "", {"row": number}) if number else None


def _odd(document: Document, profile: Profile) -> Reason | None:
    units = sorted(line.units for line in document.lines)
    if units[0] < 0 < units[-1]:
        data = {"first": str(units[0]), "second": str(units[-1])}
        return Reason("document_contradiction", _header(profile, "quantity"), data)
    if document.type not in TYPES and document.type != MONEY_ONLY:
        return Reason("return_type_unknown", _header(profile, "return_type"), {"text": document.type})
    return None


def _header(profile: Profile, field: str) -> str:
    return profile.columns.get(field, (field,))[0]


def _stated_once(group: Group, profile: Profile) -> tuple[dict[str, Any], Reason | None]:
    """Values of the document, and the first on which its rows do not agree."""
    found: dict[str, Any] = {}
    problem: Reason | None = None
    for name in [name for name in _ONCE if name in group.rows[0].values]:
        for row in group.rows:
            value = row.values.get(name)
            if value is not None and found.setdefault(name, value) != value and problem is None:
                data = {"first": str(found[name]), "second": str(value)}
                problem = Reason("document_contradiction", _header(profile, name), data)
    return found, problem


def _line(row: StagedRow, profile: Profile, fault: str) -> DocumentLine:
    get = row.values.get
    sku, units, unit_price, amount = get("sku") or "", get("quantity") or 0, get("unit_price"), get("amount")
    kind = MONEY_ONLY if get("return_type") == MONEY_ONLY else profile.codes.classify(sku)
    value, currency = exact_value(units, unit_price), str(get("currency") or profile.currency)
    disposition = get("disposition") or ""
    return DocumentLine(
        number=row.number,
        kind="manual" if kind == MONEY_ONLY else kind,
        sku=sku,
        name=get("name") or "",
        units=units,
        unit_price=unit_price,
        value=value,
        currency=currency,
        recorded_minor=abs(amount) if amount is not None else abs(to_minor(value, currency)) if not fault else 0,
        order_number=get("order_number") or "",
        order_line_id=get("order_line_id") or "",
        reason=get("reason") or "",
        grade=get("grade") or "",
        disposition=_DISPOSITIONS.get(disposition, disposition),
        serial=get("serial") or "",
        lot=get("lot") or "",
        fault=fault,
    )
