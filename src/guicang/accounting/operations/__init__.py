"""What other contexts may do with the books."""

from __future__ import annotations

from guicang.accounting.operations.charts import ROLES, accounts_by_role, chart, charts, open_books, role_of_tender
from guicang.accounting.operations.credit_notes import Note, NoteLine, credit_refusals, invoice_room, issue_credit_notes
from guicang.accounting.operations.periods import Book, book_dates, close_period, lock_books, open_period
from guicang.accounting.operations.posting import Leg, Posting, balanced, post, reverse
from guicang.accounting.operations.rates import RateKey, rate, rates, set_rates
from guicang.accounting.operations.vouchers import number_credit_notes, number_vouchers

__all__ = [
    "ROLES",
    "Book",
    "Leg",
    "Note",
    "NoteLine",
    "Posting",
    "RateKey",
    "accounts_by_role",
    "balanced",
    "book_dates",
    "chart",
    "charts",
    "close_period",
    "credit_refusals",
    "invoice_room",
    "issue_credit_notes",
    "lock_books",
    "number_credit_notes",
    "number_vouchers",
    "open_books",
    "open_period",
    "post",
    "rate",
    "rates",
    "reverse",
    "role_of_tender",
    "set_rates",
]
