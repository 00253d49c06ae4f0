"""Rebate agreements as people read them: what a turnover earns today, what was granted, what is to be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from guicang.insights.worklist import customer_names
from guicang.kernel.actor import Scope
from guicang.org import queries as org
from guicang.parties import queries as parties
from guicang.returns.models import RebateAgreement, RebateEntry
from guicang.returns.steps.rebate import reckoned

#: Rows of a page, and entries shown of each.
MOST = 50


class TierRow(NamedTuple):
    """`reached`: it is the one that counts now."""

    from_minor: int
    percent: str
    reached: bool


class EntryRow(NamedTuple):
    at: datetime
    turnover_minor: int
    percent: str
    due_minor: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """`change_minor`: what reckoning it now would grant (above zero) or take back; `runs`: its period is not over."""

    id: UUID
    customer_id: UUID
    customer: str
    customer_number: str
    currency: str
    since: date
    until: date
    tiers: list[TierRow]
    granted: bool
    runs: bool
    turnover_minor: int
    percent: str
    due_minor: int
    given_minor: int
    change_minor: int
    entries: list[EntryRow]


def agreements(
    scope: Scope, now: datetime, after: UUID | None = None, size: int = MOST
) -> tuple[list[Agreement], bool]:
    """The newest first, and whether there are more. At most 7 statements, and one a period."""
    rows = RebateAgreement.objects.filter(**scope.exact_filters(company_id="company_id", shop_id="shop_id"))
    place = RebateAgreement.objects.filter(id=after).values_list("recorded_at", "id").first() if after else None
    if place:
        rows = rows.filter(recorded_at__lte=place[0]).exclude(recorded_at=place[0], id__gte=place[1])
    found = list(rows.order_by("-recorded_at", "-id")[: size + 1])
    shown = found[:size]
    companies = org.companies({row.company_id for row in shown})
    now_due = reckoned(shown, companies)
    names, customers = (
        customer_names([row.customer_id for row in shown]),
        parties.customers(row.customer_id for row in shown),
    )
    entries: dict[UUID, list[EntryRow]] = {}
    known = RebateEntry.objects.filter(agreement_id__among=[row.id for row in shown]).order_by("id")
    for key, at, turnover, bp, due, amount in known.values_list(
        "agreement_id", "occurred_at", "turnover_minor", "bp", "due_minor", "amount_minor"
    ):
        entries.setdefault(key, []).append(EntryRow(at, turnover, percent(bp), due, amount))
    return [
        Agreement(
            id=row.id,
            customer_id=row.customer_id,
            customer=names.get(row.customer_id, ""),
            customer_number=customers[row.customer_id].external_id,
            currency=row.currency,
            since=row.since,
            until=row.until,
            tiers=[TierRow(start, percent(bp), now_due[row.id].bp == bp) for start, bp in row.tiers],
            granted=row.granted,
            runs=now.astimezone(ZoneInfo(companies[row.company_id].zone)).date() <= row.until,
            turnover_minor=now_due[row.id].turnover_minor,
            percent=percent(now_due[row.id].bp),
            due_minor=now_due[row.id].due_minor,
            given_minor=row.given_minor,
            change_minor=now_due[row.id].change_minor,
            entries=entries.get(row.id, []),
        )
        for row in shown
    ], len(found) > size


def percent(points: int) -> str:
    """Hundredths of a percent, as one writes it."""
    whole, rest = divmod(points, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
