"""What the books say: balances, entries, credit notes. Reads only; each docstring gives its statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Greatest

from guicang.accounting.models import (
    Account,
    CreditNote,
    CreditNoteLine,
    DayTotal,
    Document,
    Entry,
    EntryLine,
    Period,
    Unnumbered,
)

#: The two sides of a line, each at least 0.
DEBIT, CREDIT = Greatest(F("book_minor"), 0), Greatest(-F("book_minor"), 0)


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """An account with its turnover in book currency; opening and balance are debit less credit before and after it."""

    account_id: UUID
    code: str
    name_zh: str
    name_en: str
    kind: str
    role: str
    opening_minor: int
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        return self.opening_minor + self.debit_minor - self.credit_minor

    @property
    def moved(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.opening_minor or self.debit_minor or self.credit_minor)


@dataclass(frozen=True, slots=True)
class LineView:
    code: str
    name_zh: str
    name_en: str
    role: str
    amount_minor: int
    currency: str
    book_minor: int
    party_kind: str
    party_id: UUID


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as a page shows it; `voucher` is (year, number), or None until it is numbered."""

    id: UUID
    company_id: UUID
    event: str
    source_kind: str
    source_id: UUID
    reverses_id: UUID
    occurred_at: datetime
    book_date: date
    voucher: tuple[int, int] | None
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class CreditNoteView:
    """A credit note; `number` is (year, number), or None until it is numbered."""

    id: UUID
    company_id: UUID
    order_id: UUID
    invoice_id: UUID
    settlement_id: UUID
    currency: str
    net_minor: int
    tax_minor: int
    entry_id: UUID
    reverses_id: UUID
    occurred_at: datetime
    book_date: date
    number: tuple[int, int] | None
    lines: tuple[CreditNoteLine, ...]


def trial_balance(company_id: UUID, until: date | None = None, since: date | None = None) -> list[AccountBalance]:
    """试算平衡表: every account, by code, with its balance before `since` and its turnover from then through `until`.

    The totals of the days, and the lines of what is not numbered yet: one statement reads both, since numbering
    moves entries from one to the other. 2 statements.
    """
    days = Q(company_id=company_id) & (Q(book_date__lte=until) if until else Q())
    waiting = Unnumbered.objects.filter(days, document=Document.VOUCHER).values("id")
    lines = _turnover(EntryLine.objects.filter(days, entry_id__in=waiting), since, DEBIT, CREDIT)
    totals = _turnover(DayTotal.objects.filter(days), since, F("debit_minor"), F("credit_minor"))
    found: defaultdict[UUID, tuple[int, ...]] = defaultdict(lambda: (0, 0, 0))
    for account_id, *sums in totals.union(lines, all=True):
        found[account_id] = tuple(int(more or 0) + one for more, one in zip(sums, found[account_id], strict=True))
    return [
        AccountBalance(a.id, a.code, a.name_zh, a.name_en, a.kind, a.role, *found[a.id])
        for a in Account.objects.filter(company_id=company_id).order_by("code")
    ]


def _turnover(rows: QuerySet[Any], since: date | None, debit: Any, credit: Any) -> QuerySet[Any, tuple[Any, ...]]:
    """(account, debit less credit before `since`, debit and credit from then on) of each account in `rows`."""
    before, within = Q(book_date__lt=since or date.min), Q(book_date__gte=since or date.min)
    sums = {"before": Sum(debit - credit, filter=before)}
    sums |= {"debit": Sum(debit, filter=within), "credit": Sum(credit, filter=within)}
    found: QuerySet[Any, tuple[Any, ...]] = rows.order_by().values_list("account_id").annotate(**sums)
    return found


def balances(role: str, until: date | None = None) -> dict[UUID, int]:
    """{company: book balance} of the account with this role, 0 where nothing was posted. 2 statements."""
    accounts = dict(Account.objects.filter(role=role).values_list("id", "company_id"))
    found = dict.fromkeys(accounts.values(), 0)
    for account_id, total in _sums(_lines(accounts, until), "account_id", "book_minor"):
        found[accounts[account_id]] += total
    return found


def party_balances(company_id: UUID, role: str, until: date | None = None) -> dict[tuple[str, UUID], int]:
    """{(party kind, party): book balance} on the account with this role, without zeros. 2 statements."""
    accounts = _account_ids(company_id, role)
    found = _sums(_lines(accounts, until), "party_kind", "party_id", "book_minor")
    return {(kind, party_id): total for kind, party_id, total in found if total}


def order_balances(company_id: UUID, role: str, order_ids: Iterable[UUID] | None = None) -> dict[tuple[UUID, str], int]:
    """{(order, currency): balance in the order's currency} on the account with this role. 2 statements."""
    rows = _lines(_account_ids(company_id, role), None)
    rows = rows if order_ids is None else rows.filter(order_id__among=sorted(set(order_ids)))
    found = _sums(rows, "order_id", "currency", "amount_minor")
    return {(order_id, currency): total for order_id, currency, total in found}


def entries_of(source_ids: Iterable[UUID]) -> list[EntryView]:
    """Entries that these settlements, shipments, payments ... caused, oldest first, with lines. 3 statements."""
    return _views(Entry.objects.filter(source_id__among=sorted(set(source_ids))))


def cash_paid_out(source_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """(amount, book amount) of the money that the refunds of these settlements moved. 1 statement."""
    rows = EntryLine.objects.filter(entry__source_id__among=sorted(set(source_ids)), entry__event="refund")
    paid = rows.filter(amount_minor__lt=0).order_by().values("entry__source_id")
    sums = paid.annotate(amount=Sum("amount_minor"), book=Sum("book_minor"))
    return {key: (int(-a), int(-b)) for key, a, b in sums.values_list("entry__source_id", "amount", "book")}


def entries(entry_ids: Iterable[UUID]) -> list[EntryView]:
    """The entries with these ids, oldest first, with lines. 3 statements."""
    return _views(Entry.objects.filter(id__among=sorted(set(entry_ids))))


def credit_notes_of_orders(order_ids: Iterable[UUID]) -> list[CreditNoteView]:
    """Oldest first. 2 statements."""
    return _notes(CreditNote.objects.filter(order_id__among=sorted(set(order_ids))))


def credit_notes_of_settlements(settlement_ids: Iterable[UUID]) -> list[CreditNoteView]:
    """Oldest first. 2 statements."""
    return _notes(CreditNote.objects.filter(settlement_id__among=sorted(set(settlement_ids))))


def closed_periods(company_id: UUID) -> list[tuple[int, int, datetime]]:
    """(year, month, closed at), the last closed first; all months up to the last one are closed. 1 statement."""
    rows = Period.objects.filter(company_id=company_id, closed_at__isnull=False).order_by("-year", "-month")
    return [(row.year, row.month, row.closed_at) for row in rows if row.closed_at]


def _account_ids(company_id: UUID, role: str) -> list[UUID]:
    return list(Account.objects.filter(company_id=company_id, role=role).values_list("id", flat=True))


def _lines(account_ids: Iterable[UUID], until: date | None) -> QuerySet[EntryLine]:
    rows = EntryLine.objects.filter(account_id__among=sorted(account_ids)).order_by()
    return rows.filter(book_date__lte=until) if until else rows


def _sums(rows: QuerySet[EntryLine], *columns: str) -> list[tuple[Any, ...]]:
    """(group columns ..., sum of the last column)."""
    *groups, amount = columns
    return list(rows.values(*groups).annotate(total=Sum(amount)).values_list(*groups, "total"))


def _views(rows: QuerySet[Entry]) -> list[EntryView]:
    found = list(rows.select_related("voucher").order_by("occurred_at", "id"))
    lines: dict[UUID, list[EntryLine]] = {}
    of_entries = EntryLine.objects.filter(entry__id__among=[entry.id for entry in found])
    for line in of_entries.order_by("entry_id", "position"):
        lines.setdefault(line.entry_id, []).append(line)
    used = {line.account_id for group in lines.values() for line in group}
    accounts = {account.id: account for account in Account.objects.filter(id__among=sorted(used))}
    return [_view(entry, lines.get(entry.id, []), accounts) for entry in found]


def _view(entry: Entry, lines: Iterable[EntryLine], accounts: dict[UUID, Account]) -> EntryView:
    voucher = getattr(entry, "voucher", None)
    views = []
    for line in lines:
        account = accounts[line.account_id]
        amounts = (line.amount_minor, line.currency, line.book_minor)
        names = (account.code, account.name_zh, account.name_en, account.role)
        views.append(LineView(*names, *amounts, line.party_kind, line.party_id))
    return EntryView(
        id=entry.id,
        company_id=entry.company_id,
        event=entry.event,
        source_kind=entry.source_kind,
        source_id=entry.source_id,
        reverses_id=entry.reverses_id,
        occurred_at=entry.occurred_at,
        book_date=entry.book_date,
        voucher=(voucher.year, voucher.number) if voucher else None,
        lines=tuple(views),
    )


def _notes(rows: QuerySet[CreditNote]) -> list[CreditNoteView]:
    found = list(rows.select_related("numbering").order_by("occurred_at", "id"))
    lines: dict[UUID, list[CreditNoteLine]] = {}
    for line in CreditNoteLine.objects.filter(credit_note__id__among=[note.id for note in found]).order_by("id"):
        lines.setdefault(line.credit_note_id, []).append(line)
    names = [name for name in CreditNoteView.__dataclass_fields__ if name not in ("number", "lines")]
    views = []
    for note in found:
        numbering = getattr(note, "numbering", None)
        number = (numbering.year, numbering.number) if numbering else None
        columns = {name: getattr(note, name) for name in names}
        views.append(CreditNoteView(**columns, number=number, lines=tuple(lines.get(note.id, ()))))
    return views
