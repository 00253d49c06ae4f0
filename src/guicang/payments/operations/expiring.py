"""What the worker does about store credit that has an end: tell the customer in time, then take it out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from guicang.audit.operations import record
from guicang.kernel import clock, outbox, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.money import from_minor
from guicang.kernel.outbox import Envelope
from guicang.notifications import operations as notifications
from guicang.org import queries as org
from guicang.payments.models import CreditLot
from guicang.payments.operations import credit
from guicang.payments.operations.credit import AccountKey
from guicang.payments.queries import credit as queries
from guicang.payments.rules.credit import BOUNDS, Rules

#: Lots a look.
LOOK = 500


def tick(_envelope: Envelope) -> None:
    """The outbox's handler; a repeat finds nothing left."""
    now = clock.utcnow()
    while expire(now):
        pass
    while warn(now):
        pass


@transaction.atomic
def expire(now: datetime) -> int:
    """Take out what ran out, of as many accounts as one look finds; how many. Locks the accounts."""
    rows = queries.ended(now, LOOK)
    if not rows:
        return 0
    context = begin("payments.expire_credit", actor=Actor.system(), now=now, items=len(rows))
    companies = org.companies({row.company_id for row in rows})
    balances = credit.open_balances([AccountKey(row.company_id, row.customer_id, row.currency) for row in rows])
    for balance in balances.values():
        balance.expire(now, companies[balance.key.company_id].books_at(now))
    record(context, credit.write(context, balances.values()))
    return len(rows)


@transaction.atomic
def warn(now: datetime) -> int:
    """Tell customers what runs out soon, once a lot, as long before as their company's rules say; how many."""
    lots = queries.ending(now, now + timedelta(days=BOUNDS["warn_days"][1]), LOOK)
    rules = queries.rules_of({lot.account.company_id for lot in lots})
    marked = _mark([lot for lot in lots if lot.expires_at and lot.expires_at <= now + _ahead(rules, lot)])
    if not marked:
        return 0
    context = begin("payments.warn_credit", actor=Actor.system(), now=now, items=len(marked))
    zones = {key: company.zone for key, company in org.companies({lot.account.company_id for lot in marked}).items()}
    told = [_notice(lot, lot.expires_at, zones[lot.account.company_id]) for lot in marked if lot.expires_at]
    outbox.queue(context, told)
    return len(marked)


def _ahead(rules: Mapping[queries.RulesKey, tuple[int, Rules]], lot: CreditLot) -> timedelta:
    return timedelta(days=rules.get((lot.account.company_id, lot.account.currency), (0, Rules()))[1].warn_days)


def _mark(lots: list[CreditLot]) -> list[CreditLot]:
    """Those of which nobody was told yet, read again under their locks."""
    found = {row.id for row in setwrites.fetch(CreditLot, [lot.id for lot in lots], lock=True) if not row.warned}
    setwrites.update(CreditLot, [{"id": key, "warned": True} for key in sorted(found)], assign=["warned"])
    return [lot for lot in lots if lot.id in found]


def _notice(lot: CreditLot, ends_at: datetime, zone: str) -> outbox.Message:
    account = lot.account
    # The instant is the first at which it is gone.
    last = clock.local_date(ends_at - timedelta(microseconds=1), zone)
    return notifications.message(
        "credit_ending",
        owner_kind="customer",
        owner_id=account.customer_id,
        aggregate_id=lot.id,
        data={
            "amount": str(from_minor(lot.left_minor, account.currency)),
            "currency": account.currency,
            "until": last.isoformat(),
            "link": settings.CREDIT_PAGE,
        },
    )
