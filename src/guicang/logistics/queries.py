"""Reading parcels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from guicang.kernel.ids import NIL
from guicang.kernel.setwrites import chunks
from guicang.logistics.models import FreightTable, Parcel, ParcelState
from guicang.logistics.rules import Rate


def returns_under_way() -> QuerySet[Parcel, UUID]:
    """Returns with a parcel on its way to us: a set to be used inside another statement; none of its own."""
    rows = Parcel.objects.filter(state=ParcelState.IN_TRANSIT, inbound=True).exclude(return_id=NIL)
    return rows.values_list("return_id", flat=True)


def under_way(return_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the returns with a parcel on its way to us; 1 statement per 1,000."""
    found: set[UUID] = set()
    for batch in chunks(sorted(set(return_ids))):
        found.update(returns_under_way().filter(return_id__among=batch))
    return found


def freight_tables(company_ids: Iterable[UUID]) -> dict[tuple[UUID, str], tuple[int, Sequence[Rate]]]:
    """Number and rates of the newest table by company and currency; 1 statement."""
    rows = FreightTable.objects.filter(company_id__among=sorted(set(company_ids))).order_by("number")
    newest = {(company, currency): (number, rates) for company, currency, number, rates in rows.values_list(*_TABLE)}
    return {key: (number, [Rate.of(rate) for rate in rates]) for key, (number, rates) in newest.items()}


_TABLE = ("company_id", "currency", "number", "rates")
