"""Postings become entries: lines first, the entry last, which seals them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from guicang.accounting import errors
from guicang.accounting.models import Document, Entry, EntryLine
from guicang.accounting.operations.charts import accounts_by_role
from guicang.accounting.operations.periods import Book, lock_books
from guicang.accounting.operations.vouchers import wait_for_numbers
from guicang.kernel import outbox, setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.kernel.money import convert_minor
from guicang.kernel.refusal import Refusal, Refused

VOUCHER_TOPIC = "accounting.voucher.v1"
REVERSAL = "reversal"


class Leg(NamedTuple):
    """Debit > 0, credit < 0. `currency` '' is the posting's; `book_minor` None is converted at its rate.

    A leg of the book amount alone (an exchange difference) has amount 0 and a book amount.
    """

    role: str
    amount_minor: int
    book_minor: int | None = None
    party_kind: str = ""
    party_id: UUID = NIL
    order_id: UUID = NIL
    shop_id: UUID = NIL
    currency: str = ""


@dataclass(slots=True)
class Posting:
    """One event of the books. `rate` is book units for one unit of `currency`."""

    company_id: UUID
    event: str
    source_kind: str
    source_id: UUID
    occurred_at: datetime
    currency: str
    legs: Sequence[Leg]
    rate: Decimal = Decimal(1)
    reverses_id: UUID = NIL
    id: UUID = field(default_factory=new_id)


Roles = Mapping[UUID, Mapping[str, UUID]]
#: A leg with its book amount.
Booked = tuple[Leg, int]


def post(context: Context, postings: Sequence[Posting]) -> list[UUID]:
    """Write the entries; their ids, in the order given, NIL where nothing was written.

    Nothing is written for a posting without amounts, nor for mirrored books: those are handed to the
    ERP through the outbox (live postings only). Late postings count for the first open month.
    Statements: 3 + ceil(lines / 1000) + 2 * ceil(entries / 1000), one more per 1,000 handed over.
    Locks the companies' books (share).
    Raises Refused(AccountMissing); ValueError where legs do not balance, which is a fault of the caller.
    """
    if not postings:
        return []
    companies = {posting.company_id for posting in postings}
    books, roles = lock_books(companies), accounts_by_role(companies)
    ids: list[UUID] = []
    lines: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    handed: list[outbox.Message] = []
    for posting in postings:
        book = books[posting.company_id]
        booked = balanced(posting, book.currency)
        if not booked or book.mirrored:
            ids.append(NIL)
            if booked and context.origin == Origin.LIVE:
                handed.append(_handed_over(posting, booked, book))
            continue
        entry = _entry(context, posting, book.day(posting.occurred_at))
        entries.append(entry)
        lines.extend(_lines(entry, booked, posting.currency, roles[posting.company_id]))
        ids.append(posting.id)
    setwrites.insert(EntryLine, lines)
    setwrites.insert(Entry, entries)
    wait_for_numbers(Document.VOUCHER, entries)
    outbox.queue(context, handed)
    return ids


def reverse(context: Context, entry_ids: Sequence[UUID], occurred_at: datetime) -> list[UUID]:
    """Write the opposite of each entry, linked to it, at the same rates; the new ids in the order given.

    Statements: 6 + 2 * ceil(lines / 1000). Locks the entries, so that two callers cannot both reverse one.
    Raises Refused: EntryUnknown, AlreadyReversed, all findings at once.
    """
    if not entry_ids:
        return []
    found = {entry.id: entry for entry in setwrites.fetch(Entry, entry_ids, lock=True)}
    again = Entry.objects.filter(reverses_id__among=list(entry_ids), event=REVERSAL).exclude(reverses_id=NIL)
    reversed_before = set(again.values_list("reverses_id", flat=True))
    refusals: list[Refusal] = [errors.EntryUnknown(entry_id=i) for i in entry_ids if i not in found]
    refusals += [errors.AlreadyReversed(entry_id=i) for i in entry_ids if i in reversed_before]
    if refusals:
        raise Refused(refusals)
    books = lock_books({entry.company_id for entry in found.values()})
    entries: dict[UUID, dict[str, Any]] = {}
    for entry_id in entry_ids:
        entry = found[entry_id]
        row = {"company_id": entry.company_id, "event": REVERSAL, "reverses_id": entry_id, **context.stamps}
        row |= {"source_kind": entry.source_kind, "source_id": entry.source_id}
        row |= {"occurred_at": occurred_at, "book_date": books[entry.company_id].day(occurred_at), "id": new_id()}
        entries[entry_id] = row
    _write_opposites(entries)
    return [entries[entry_id]["id"] for entry_id in entry_ids]


def balanced(posting: Posting, book_currency: str) -> list[Booked]:
    """The legs that say something, with book amounts that sum to zero. Raises ValueError.

    What the conversion of single legs rounds away, at most half a minor unit each, is a leg of role `rounding`.
    """
    currency, booked, own, converted = posting.currency, [], 0, 0
    mixed = False
    for leg in posting.legs:
        amount, book = leg.amount_minor, leg.book_minor
        if not amount and not book:
            continue
        unit = leg.currency or currency
        mixed = mixed or unit != currency
        own += amount
        if book is None:
            if unit not in (currency, book_currency):
                raise ValueError(f"{posting.event}: a leg in {unit} needs a book amount")
            book = convert_minor(amount, unit, posting.rate, book_currency)
            converted += unit != book_currency
        elif unit == book_currency and book != amount:
            raise ValueError(f"{posting.event}: {amount} {unit} cannot be {book} in books of the same currency")
        booked.append((leg, book))
    remainder = -sum(book for _, book in booked)
    if (own and not mixed) or 2 * abs(remainder) > converted:
        raise ValueError(f"{posting.event} of {posting.source_kind} does not balance: {posting.legs}")
    if remainder:
        booked.append((Leg("rounding", 0), remainder))
    return booked


def _entry(context: Context, posting: Posting, book_date: date) -> dict[str, Any]:
    return {
        "id": posting.id,
        "company_id": posting.company_id,
        "event": posting.event,
        "source_kind": posting.source_kind,
        "source_id": posting.source_id,
        "reverses_id": posting.reverses_id,
        "occurred_at": posting.occurred_at,
        "book_date": book_date,
        "recorded_at": context.now,
        "command_id": context.id,
        "origin": context.origin,
    }


def _lines(
    entry: Mapping[str, Any], booked: Sequence[Booked], currency: str, accounts: Mapping[str, UUID]
) -> list[dict[str, Any]]:
    rows = []
    for position, (leg, book_minor) in enumerate(booked, 1):
        account_id = accounts.get(leg.role)
        if account_id is None:
            raise Refused([errors.AccountMissing(role=leg.role, company_id=entry["company_id"])])
        rows.append(
            {
                "id": new_id(),
                "entry_id": entry["id"],
                "position": position,
                "company_id": entry["company_id"],
                "account_id": account_id,
                "amount_minor": leg.amount_minor,
                "currency": leg.currency or currency,
                "book_minor": book_minor,
                "party_kind": leg.party_kind,
                "party_id": leg.party_id,
                "order_id": leg.order_id,
                "shop_id": leg.shop_id,
                "occurred_at": entry["occurred_at"],
                "book_date": entry["book_date"],
                "recorded_at": entry["recorded_at"],
                "command_id": entry["command_id"],
                "origin": entry["origin"],
            }
        )
    return rows


def _write_opposites(entries: Mapping[UUID, dict[str, Any]]) -> None:
    shared = ("company_id", "occurred_at", "book_date", "recorded_at", "command_id", "origin")
    kept = ("position", "account_id", "currency", "party_kind", "party_id", "order_id", "shop_id")
    lines = []
    originals: Iterable[Mapping[str, Any]] = EntryLine.objects.filter(entry__id__among=list(entries)).values()
    for line in originals:
        entry = entries[line["entry_id"]]
        row = {"id": new_id(), "entry_id": entry["id"], **{name: entry[name] for name in shared}}
        row |= {name: line[name] for name in kept}
        lines.append({**row, "amount_minor": -line["amount_minor"], "book_minor": -line["book_minor"]})
    setwrites.insert(EntryLine, lines)
    setwrites.insert(Entry, list(entries.values()))
    wait_for_numbers(Document.VOUCHER, list(entries.values()))


def _handed_over(posting: Posting, booked: Sequence[Booked], book: Book) -> outbox.Message:
    """The voucher as an ERP reads it: roles and references, from which its adapter finds accounts and parties."""
    lines = [
        {
            "role": leg.role,
            "amount_minor": leg.amount_minor,
            "currency": leg.currency or posting.currency,
            "book_minor": book_minor,
            **{name: str(value) for name, value in _references(leg).items()},
        }
        for leg, book_minor in booked
    ]
    body = {
        "id": str(posting.id),
        "company_id": str(posting.company_id),
        "event": posting.event,
        "source_kind": posting.source_kind,
        "source_id": str(posting.source_id),
        "occurred_at": posting.occurred_at.isoformat(),
        "book_date": book.day(posting.occurred_at).isoformat(),
        "book_currency": book.currency,
        "rate": format(posting.rate, "f"),
        "lines": lines,
    }
    return outbox.Message(VOUCHER_TOPIC, body, str(posting.id), posting.source_id)


def _references(leg: Leg) -> dict[str, Any]:
    named = {"party_kind": leg.party_kind, "party_id": leg.party_id, "order_id": leg.order_id, "shop_id": leg.shop_id}
    return {name: value for name, value in named.items() if value and value != NIL}
