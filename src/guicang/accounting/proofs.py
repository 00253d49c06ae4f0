"""Do the books hold? From the rows alone, each question one statement or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from guicang.accounting.models import (
    CreditNote,
    CreditNoteLine,
    CreditNoteNumber,
    DayTotal,
    Document,
    Entry,
    EntryLine,
    Unnumbered,
    Voucher,
)
from guicang.kernel.ids import NIL
from guicang.kernel.models import NumberRange
from guicang.kernel.proof import Proof
from guicang.sales.models import InvoiceLine

_TABLES = {
    "entry": Entry,
    "line": EntryLine,
    "voucher": Voucher,
    "total": DayTotal,
    "unnumbered": Unnumbered,
    "note": CreditNote,
    "note_line": CreditNoteLine,
    "note_number": CreditNoteNumber,
    "range": NumberRange,
    "invoice_line": InvoiceLine,
}

_UNSEALED = """
SELECT entry.id, coalesce(found.lines, 0), found.book FROM {entry} entry LEFT JOIN (
    SELECT entry_id, count(*) AS lines, sum(book_minor) AS book,
        min(book_date) AS first_day, max(book_date) AS last_day,
        min(CAST(company_id AS text)) AS first_company, max(CAST(company_id AS text)) AS last_company
    FROM {line} GROUP BY entry_id
) found ON found.entry_id = entry.id
WHERE coalesce(found.lines, 0) < 2 OR coalesce(found.book, 1) <> 0
    OR found.first_day <> entry.book_date OR found.last_day <> entry.book_date
    OR found.first_company <> CAST(entry.company_id AS text) OR found.last_company <> CAST(entry.company_id AS text)
"""
_ORPHANS = """
SELECT line.id, line.entry_id FROM {line} line LEFT JOIN {entry} entry ON entry.id = line.entry_id
WHERE entry.id IS NULL
"""
_GAPS = """
SELECT found.company_id, found.year, found.lowest, found.highest, found.documents, taken.last FROM (
    SELECT company_id, year, min(number) AS lowest, max(number) AS highest, count(*) AS documents
    FROM {numbers} GROUP BY company_id, year
) found LEFT JOIN {range} taken
    ON taken.company_id = found.company_id AND taken.year = found.year AND taken.document = %s
WHERE found.lowest <> 1 OR found.highest <> found.documents OR coalesce(taken.last, -1) <> found.documents
"""
_YEAR = {
    "postgresql": "EXTRACT(YEAR FROM document.book_date)",
    "sqlite": "CAST(substr(document.book_date, 1, 4) AS integer)",
}
#: A number stands on a document of its own company, and in the year of that document's day.
_MISPLACED = """
SELECT given.id, given.{link}, given.company_id, given.year FROM {numbers} given
LEFT JOIN {documents} document ON document.id = given.{link}
WHERE document.id IS NULL OR document.company_id <> given.company_id OR document.book_date <> given.book_date
    OR {year} <> given.year
"""
#: A document has a number, or waits for one on its own day.
_FORGOTTEN = """
SELECT document.id, CASE WHEN given.id IS NULL THEN 'forgotten' ELSE 'waits_with_a_number' END FROM {documents} document
LEFT JOIN {numbers} given ON given.{link} = document.id
LEFT JOIN {unnumbered} waiting ON waiting.id = document.id AND waiting.document = %s
    AND waiting.company_id = document.company_id AND waiting.book_date = document.book_date
WHERE (given.id IS NULL) = (waiting.id IS NULL)
UNION ALL SELECT waiting.id, 'waits_for_nothing' FROM {unnumbered} waiting
LEFT JOIN {documents} document ON document.id = waiting.id WHERE waiting.document = %s AND document.id IS NULL
"""
_TOTALS = """
SELECT company_id, account_id, book_date, sum(debit), sum(credit) FROM (
    SELECT company_id, account_id, book_date, debit_minor AS debit, credit_minor AS credit FROM {total}
    UNION ALL
    SELECT line.company_id, line.account_id, line.book_date,
        CASE WHEN line.book_minor > 0 THEN -line.book_minor ELSE 0 END,
        CASE WHEN line.book_minor < 0 THEN line.book_minor ELSE 0 END
    FROM {line} line JOIN {voucher} voucher ON voucher.entry_id = line.entry_id
) found GROUP BY company_id, account_id, book_date HAVING sum(debit) <> 0 OR sum(credit) <> 0
"""
#: An entry of another company, or none.
_NOTE_ENTRIES = """
SELECT note.id, note.entry_id FROM {note} note LEFT JOIN {entry} entry ON entry.id = note.entry_id
WHERE note.entry_id <> %s AND (entry.id IS NULL OR entry.company_id <> note.company_id)
"""
_CREDITED = """
SELECT line.id, line.invoiced_minor, line.tax_minor, line.credited_minor, line.credited_tax_minor,
    coalesce(found.gross, 0), coalesce(found.tax, 0)
FROM {invoice_line} line LEFT JOIN (
    SELECT invoice_line_id, sum(net_minor + tax_minor) AS gross, sum(tax_minor) AS tax
    FROM {note_line} GROUP BY invoice_line_id
) found ON found.invoice_line_id = line.id
WHERE line.credited_minor <> coalesce(found.gross, 0) OR line.credited_tax_minor <> coalesce(found.tax, 0)
    OR coalesce(found.gross, 0) > line.invoiced_minor OR coalesce(found.tax, 0) > line.tax_minor
"""
_NOTE_SUMS = """
SELECT note.id, note.net_minor, note.tax_minor, found.net, found.tax FROM {note} note LEFT JOIN (
    SELECT credit_note_id, sum(net_minor) AS net, sum(tax_minor) AS tax FROM {note_line} GROUP BY credit_note_id
) found ON found.credit_note_id = note.id
WHERE coalesce(found.net, note.net_minor + 1) <> note.net_minor
    OR coalesce(found.tax, note.tax_minor + 1) <> note.tax_minor
"""


def proofs() -> list[Proof]:
    """Five proofs, 18 statements, each over whole tables."""
    return [
        _entries(),
        _gapless("vouchers", Entry, Voucher, Document.VOUCHER),
        _gapless("credit note numbers", CreditNote, CreditNoteNumber, Document.CREDIT_NOTE),
        _credit_notes(),
        _day_totals(),
    ]


def _entries() -> Proof:
    proof = Proof("entries sum to zero", Entry.objects.count(), [])
    for entry_id, lines, book_minor in _rows(_UNSEALED):
        proof.add(fault="unsealed", entry_id=str(entry_id), lines=lines, book_minor=book_minor)
    for line_id, entry_id in _rows(_ORPHANS):
        proof.add(fault="line_without_entry", line_id=str(line_id), entry_id=str(entry_id))
    return proof


def _gapless(name: str, document: type[Any], number: type[Any], kind: Document) -> Proof:
    numbered = number.objects.count()
    waiting = document.objects.count() - numbered
    proof = Proof(f"{name} have no gaps", numbered, [], note=f"{waiting} not numbered yet" if waiting else "")
    link = next(column.column for column in number._meta.concrete_fields if column.related_model is document)
    quote = connection.ops.quote_name
    numbers, documents = quote(number._meta.db_table), quote(document._meta.db_table)

    def found(sql: str, *parameters: str) -> list[tuple[Any, ...]]:
        sql = sql.replace("{numbers}", numbers).replace("{documents}", documents).replace("{link}", link)
        return _rows(sql.replace("{year}", _YEAR[connection.vendor]), parameters)

    columns = ("company_id", "year", "lowest", "highest", "documents", "last_taken")
    for row in found(_GAPS, kind.value):
        proof.add(fault="gap", **dict(zip(columns, (str(row[0]), *row[1:]), strict=True)))
    for row_id, document_id, company_id, given in found(_MISPLACED):
        facts = {"id": str(row_id), link: str(document_id), "company_id": str(company_id), "year": given}
        proof.add(fault="misplaced", **facts)
    for document_id, fault in found(_FORGOTTEN, kind.value, kind.value):
        proof.add(fault=fault, **{link: str(document_id)})
    return proof


def _day_totals() -> Proof:
    """The totals of the days are the lines of what was numbered: nothing more, nothing twice, nothing lost."""
    proof = Proof("day_totals", DayTotal.objects.count(), [])
    for company_id, account_id, book_date, debit, credit in _rows(_TOTALS):
        where = {"company_id": str(company_id), "account_id": str(account_id), "book_date": str(book_date)}
        proof.add(fault="total", **where, debit_too_much=int(debit), credit_too_much=int(credit))
    return proof


def _credit_notes() -> Proof:
    proof = Proof("credit notes within invoices", CreditNote.objects.count(), [])
    columns = ("invoiced_minor", "tax_minor", "credited_minor", "credited_tax_minor", "notes_minor", "notes_tax_minor")
    for row in _rows(_CREDITED):
        proof.add(fault="credited", invoice_line_id=str(row[0]), **dict(zip(columns, row[1:], strict=True)))
    for note_id, net, tax, lines_net, lines_tax in _rows(_NOTE_SUMS):
        sums = {"net_minor": net, "tax_minor": tax, "lines_net_minor": lines_net, "lines_tax_minor": lines_tax}
        proof.add(fault="note_sum", credit_note_id=str(note_id), **sums)
    for note_id, entry_id in _rows(_NOTE_ENTRIES, [NIL if connection.vendor == "postgresql" else NIL.hex]):
        proof.add(fault="note_entry", credit_note_id=str(note_id), entry_id=str(entry_id))
    return proof


def _rows(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    tables = {name: connection.ops.quote_name(model._meta.db_table) for name, model in _TABLES.items()}
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**tables), parameters)
        return list(cursor.fetchall())
