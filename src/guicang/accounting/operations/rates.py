"""Exchange rates: book units for one unit of a currency, from a day on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from guicang.accounting import errors
from guicang.accounting.models import ExchangeRate
from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused
from guicang.org.models import Company

PERMISSION = "accounting.set_rate"


class RateKey(NamedTuple):
    company_id: UUID
    currency: str
    on_date: date


def rate(company_id: UUID, currency: str, on_date: date) -> Decimal:
    """The rate in force on a day; 1 for the book currency. 2 statements. Raises Refused(RateMissing)."""
    key = RateKey(company_id, currency, on_date)
    return rates([key])[key]


def rates(keys: Iterable[RateKey]) -> dict[RateKey, Decimal]:
    """The rate of each key. 2 statements; raises Refused with one RateMissing for each key without a rate."""
    wanted = set(keys)
    companies = {key.company_id for key in wanted}
    books = dict(Company.objects.filter(id__among=sorted(companies)).values_list("id", "currency"))
    known: dict[tuple[UUID, str], list[tuple[date, Decimal]]] = {}
    rows = ExchangeRate.objects.filter(company_id__among=sorted(companies)).order_by("valid_on")
    rows = rows.filter(currency__among=sorted({key.currency for key in wanted}))
    for company_id, currency, valid_on, value in rows.values_list("company_id", "currency", "valid_on", "rate"):
        known.setdefault((company_id, currency), []).append((valid_on, value))
    found: dict[RateKey, Decimal] = {}
    for key in wanted:
        past = [value for valid_on, value in known.get(key[:2], ()) if valid_on <= key.on_date]
        if key.currency == books[key.company_id]:
            found[key] = Decimal(1)
        elif past:
            found[key] = past[-1]
    missing = sorted(wanted - found.keys())
    if missing:
        raise Refused([errors.RateMissing(currency=key.currency, on_date=key.on_date.isoformat()) for key in missing])
    return found


def set_rates(context: Context, given: Sequence[tuple[RateKey, Decimal]]) -> int:
    """Record rates from their day on; how many were new. The same rate again is no change.

    Raises Refused: NotPermitted, RateAlreadySet (rows are never changed); ValueError for a rate that is not above 0.
    """
    if not context.actor.may(PERMISSION):
        raise Refused([errors.NotPermitted(permission=PERMISSION)])
    if any(value <= 0 for _, value in given):
        raise ValueError("an exchange rate is above 0")
    rows = ExchangeRate.objects.filter(company_id__among=sorted({key.company_id for key, _ in given}))
    known = {RateKey(*row[:3]): row[3] for row in rows.values_list("company_id", "currency", "valid_on", "rate")}
    refused = [key for key, value in given if known.get(key, value) != value]
    if refused:
        refusals = [errors.RateAlreadySet(currency=key.currency, valid_on=key.on_date.isoformat()) for key in refused]
        raise Refused(refusals)
    new = {key: value for key, value in given if key not in known}
    written = [
        {
            "id": new_id(),
            "company_id": key.company_id,
            "currency": key.currency,
            "valid_on": key.on_date,
            "rate": value,
            "occurred_at": context.now,
            "book_date": key.on_date,
            **context.stamps,
        }
        for key, value in new.items()
    ]
    setwrites.insert(ExchangeRate, written)
    record(
        context,
        [
            AuditEntry(row["company_id"], "exchange_rate", row["id"], "set", {}, _audited(row["currency"], row["rate"]))
            for row in written
        ],
    )
    return len(written)


def _audited(currency: str, value: Decimal) -> dict[str, str]:
    return {"currency": currency, "rate": format(value, "f")}
