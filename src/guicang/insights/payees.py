"""Where a transfer goes, as staff read it: what was given by whom, masked; and payment files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.insights import refunds
from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.payments.models import Payee, PayoutBatch, Refund
from guicang.payments.queries import batches
from guicang.payments.queries import payees as known
from guicang.payments.rules.payees import AccountKind, masked
from guicang.staff import queries as staff


class Given(NamedTuple):
    """Details as they were given once. `by` '': the customer."""

    id: UUID
    kind: str
    account: str
    by: str
    typed_by: UUID
    typed_at: datetime
    second: bool
    confirmed_by: str
    confirmed_at: datetime | None
    dropped: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """`given`: the newest first; `kinds`: of accounts that the company pays to."""

    refund: refunds.Row
    given: list[Given]
    kinds: tuple[str, ...]

    @property
    def now(self) -> Given | None:
        """What the refund goes by."""
        return next((one for one in self.given if one.id == self.refund.payee_id), None)

    @property
    def may_change(self) -> bool:
        return bool(self.refund.payee) and self.refund.state in ("due", "failed")


@dataclass(frozen=True, slots=True)
class File:
    id: UUID
    number: str
    count: int
    amount_minor: int
    currency: str
    made_by: str
    made_at: datetime
    #: Refunds that the bank has not answered for.
    open: int


def sheet(scope: Scope, refund_id: UUID) -> Sheet | None:
    """At most 15 statements."""
    row = refunds.one(scope, refund_id)
    if row is None:
        return None
    company_id = Refund.objects.values_list("company_id", flat=True).get(id=refund_id)
    return Sheet(row, given(row.return_id), first(known.account_kinds([company_id])[company_id], row.currency))


def given(return_id: UUID) -> list[Given]:
    """3 statements."""
    rows = list(Payee.objects.filter(return_id=return_id).order_by("-number"))
    opened = known.details({row.id: row for row in rows})
    who = staff.names([key for row in rows for key in (row.typed_by, row.confirmed_by) if key != NIL])
    return [
        Given(
            row.id,
            row.kind,
            masked(opened[row.id].account) if row.id in opened else "",
            "" if row.typed_kind == "customer" else who.get(row.typed_by, ""),
            row.typed_by,
            row.typed_at,
            row.second,
            who.get(row.confirmed_by, ""),
            row.confirmed_at,
            row.dropped,
        )
        for row in rows
    ]


#: What somebody who is paid in a currency most likely has.
_USUAL = {"CNY": AccountKind.CARD, "EUR": AccountKind.IBAN, "GBP": AccountKind.IBAN, "CHF": AccountKind.IBAN}


def first(kinds: Iterable[str], currency: str) -> tuple[str, ...]:
    """Kinds of accounts with the one first that is usual for the currency."""
    return tuple(sorted(kinds, key=lambda kind: kind != _USUAL.get(currency, AccountKind.OTHER)))


def files(scope: Scope) -> list[File]:
    """3 statements."""
    return _files(batches.newest(scope))


def file(scope: Scope, batch_id: UUID) -> File | None:
    """3 statements."""
    found = batches.one(scope, batch_id)
    return _files([found])[0] if found else None


def _files(rows: list[PayoutBatch]) -> list[File]:
    who = staff.names([row.made_by for row in rows])
    # Without the ones that are in no file, which the index leaves out.
    sent = Refund.objects.exclude(batch_id=NIL).filter(batch_id__among=[row.id for row in rows])
    waiting = sent.filter(state="submitted")
    still: dict[UUID, int] = {}
    for key in waiting.values_list("batch_id", flat=True):
        still[key] = still.get(key, 0) + 1
    return [
        File(
            row.id,
            row.number,
            row.count,
            row.amount_minor,
            row.currency,
            who.get(row.made_by, ""),
            row.occurred_at,
            still.get(row.id, 0),
        )
        for row in rows
    ]
