"""The books as programs read them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from guicang.api.parsing import Reference, Shown


class EntryLine(Shown):
    """`book_minor`: debit above zero, credit below it, in book currency; an entry's lines sum to zero."""

    code: str
    name_zh: str
    name_en: str
    role: str
    amount_minor: int
    currency: str
    book_minor: int
    party_kind: str
    party_id: Reference


class Entry(Shown):
    """`voucher`: year and number, null until it is numbered."""

    id: UUID
    company_id: UUID
    event: str
    source_kind: str
    source_id: Reference
    reverses_id: Reference
    occurred_at: datetime
    book_date: date
    voucher: tuple[int, int] | None
    lines: list[EntryLine]


class CreditNote(Shown):
    """A credit note or red invoice; `number`: year and number, null until it is numbered."""

    id: UUID
    order_id: Reference
    invoice_id: Reference
    settlement_id: Reference
    currency: str
    net_minor: int
    tax_minor: int
    entry_id: Reference
    reverses_id: Reference
    occurred_at: datetime
    book_date: date
    number: tuple[int, int] | None


class Balance(Shown):
    """An account in book currency: its balance before `since`, its turnover, and its balance after `until`."""

    account_id: UUID
    code: str
    name_zh: str
    name_en: str
    kind: str
    role: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    balance_minor: int
