"""The money ledger: entries that sum to zero and only grow, vouchers, credit notes, periods."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from guicang.kernel.fields import ExactDecimalField
from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly, Row


class Account(Row):
    """An account of a company's chart; `role` is what posting knows it by ('' for accounts it never uses)."""

    company_id = models.UUIDField()
    code = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    role = models.CharField(max_length=40, default="")
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "code"], name="account_code"),
            models.UniqueConstraint(fields=["company_id", "role"], condition=~Q(role=""), name="account_role"),
        ]


class Period(models.Model):
    """A month of a company's books; its id is derived. A late posting goes to the first open one."""

    id = models.UUIDField(primary_key=True)
    company_id = models.UUIDField()
    year = models.SmallIntegerField()
    month = models.SmallIntegerField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "year", "month"], name="period_key"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="period_month"),
        ]


class ExchangeRate(AppendOnly):
    """Book units for one unit of `currency` from `valid_on` on."""

    company_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    valid_on = models.DateField()
    rate = ExactDecimalField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "currency", "valid_on"], name="rate_day")]


class Entry(AppendOnly):
    """An entry, written after its lines: its insert trigger seals them and proves that they sum to zero."""

    company_id = models.UUIDField()
    event = models.CharField(max_length=30)
    source_kind = models.CharField(max_length=20)
    source_id = models.UUIDField()
    reverses_id = models.UUIDField(default=NIL)

    class Meta:
        indexes = [
            models.Index(fields=["source_id"], name="entry_source"),
            models.Index(fields=["company_id", "book_date", "id"], name="entry_book_date"),
            models.Index(fields=["reverses_id"], condition=~Q(reverses_id=NIL), name="entry_reverses"),
        ]


class EntryLine(AppendOnly):
    """Debit > 0, credit < 0, in transaction currency and in the company's book currency."""

    #: Without an index of its own: the unique key below begins with it.
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lines", db_index=False)
    position = models.SmallIntegerField()
    company_id = models.UUIDField()
    account_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    book_minor = models.BigIntegerField()
    party_kind = models.CharField(max_length=10, default="")
    party_id = models.UUIDField(default=NIL)
    order_id = models.UUIDField(default=NIL)
    shop_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "position"], name="entry_line_position")]
        indexes = [
            models.Index(fields=["account_id", "party_id"], name="entry_line_party"),
            models.Index(fields=["order_id"], condition=~Q(order_id=NIL), name="entry_line_order"),
        ]


class Voucher(AppendOnly):
    """凭证: the gapless number of an entry, given by a short step of its own."""

    company_id = models.UUIDField()
    year = models.SmallIntegerField()
    number = models.BigIntegerField()
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="voucher")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "year", "number"], name="voucher_number")]


class DayTotal(models.Model):
    """What the numbered entries of a day put on an account, in book currency; its id is derived.

    Numbering posts to it 过账, and nothing else does. Days long past grow where an entry is booked on them later.
    """

    id = models.UUIDField(primary_key=True)
    company_id = models.UUIDField()
    account_id = models.UUIDField()
    book_date = models.DateField()
    debit_minor = models.BigIntegerField(default=0)
    credit_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "book_date", "account_id"], name="day_total_key"),
            models.CheckConstraint(condition=Q(debit_minor__gte=0, credit_minor__gte=0), name="day_total_not_negative"),
        ]


class CreditNote(AppendOnly):
    """What a settlement credits of one order: of its invoice, or of its sale where there is none (NIL)."""

    company_id = models.UUIDField()
    order_id = models.UUIDField()
    invoice_id = models.UUIDField(default=NIL)
    settlement_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    entry_id = models.UUIDField(default=NIL)
    reverses_id = models.UUIDField(default=NIL)

    class Meta:
        indexes = [
            models.Index(fields=["order_id"], name="credit_note_order"),
            models.Index(fields=["settlement_id"], name="credit_note_settlement"),
        ]


class CreditNoteLine(AppendOnly):
    credit_note = models.ForeignKey(CreditNote, models.PROTECT, related_name="lines")
    order_line_id = models.UUIDField()
    invoice_line_id = models.UUIDField(default=NIL)
    quantity = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    tax_rate = ExactDecimalField(default=0)

    class Meta:
        indexes = [models.Index(fields=["order_line_id"], name="credit_note_line_order_line")]


class CreditNoteNumber(AppendOnly):
    """The gapless number of a credit note (红字), given after the posting like a voucher's."""

    company_id = models.UUIDField()
    year = models.SmallIntegerField()
    number = models.BigIntegerField()
    credit_note = models.OneToOneField(CreditNote, models.PROTECT, related_name="numbering")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "year", "number"], name="credit_note_number")]


class Document(models.TextChoices):
    """What is numbered without gaps; the names of the number ranges."""

    VOUCHER = "voucher"
    CREDIT_NOTE = "credit_note"


class Unnumbered(models.Model):
    """An entry or a credit note without a number: written with it under its id, removed as it is numbered.

    So few that it can always be read whole; the documents themselves are as many as the years bring.
    """

    id = models.UUIDField(primary_key=True)
    document = models.CharField(max_length=20)
    company_id = models.UUIDField()
    book_date = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["document", "company_id", "book_date", "id"], name="unnumbered_turn")]
