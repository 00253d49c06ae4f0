"""Reckon rebates: grant what the turnover of a period earned, take back what returns make of it less (返利追回)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from guicang.accounting import operations as accounting
from guicang.accounting.operations import Leg
from guicang.audit.operations import AuditEntry, record
from guicang.kernel import clock, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.outbox import Envelope
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.org import queries as org
from guicang.org.queries import CompanyInfo
from guicang.parties import queries as parties
from guicang.returns import errors
from guicang.returns.models import RebateAgreement, RebateEntry
from guicang.returns.operations import docket
from guicang.returns.queries import returned_without_order
from guicang.returns.rebates import Reckoned, Tier, fits, reckon
from guicang.sales import prices as sold

GRANT = "returns.rebate"


@dataclass(frozen=True, slots=True)
class Agreeing:
    """`tiers`: the lowest first. The same first day again changes it, as long as nothing was granted."""

    customer_id: UUID
    since: date
    until: date
    tiers: tuple[Tier, ...]
    tax_rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reckoning:
    agreement_id: UUID


def agree(context: Context, item: Agreeing) -> UUID:
    """Agree a rebate with a customer, in the currency of his company. About 9 statements; locks his agreements.

    Raises Refused: NotPermitted, NotFound, NoCustomerNamed, EndsBefore, BadTiers, PriceOverlaps, RebateGranted.
    """
    customer = parties.customers([item.customer_id]).get(item.customer_id)
    shop = org.shops([customer.shop_id])[customer.shop_id] if customer else None
    if not context.actor.may(GRANT):
        raise Refused([errors.NotPermitted(permission=GRANT)])
    if customer is None or shop is None or not context.actor.scope.holds(shop.company_id, shop.id, NIL):
        raise Refused([errors.NotFound()])
    others = {row.since: row for row in setwrites.fetch(RebateAgreement, [customer.id], lock=True, key="customer_id")}
    before = others.get(item.since)
    if refusals := _unfit(item, customer.external_id, before, others.values()):
        raise Refused(refusals)
    key = before.id if before else new_id()
    tiers = [list(tier) for tier in item.tiers]
    said: dict[str, Any] = {"until": item.until, "tiers": tiers, "tax_rate": item.tax_rate}
    stamps = {"command_id": context.id, "recorded_at": context.now}
    if before:
        setwrites.update(RebateAgreement, [{"id": key, **said, **stamps}], assign=(*said, *stamps))
    else:
        company = org.companies([shop.company_id])[shop.company_id]
        place = {"company_id": company.id, "shop_id": shop.id, "customer_id": customer.id}
        row = {"id": key, "since": item.since, "currency": company.currency, "granted": False, "given_minor": 0}
        setwrites.insert(RebateAgreement, [{**row, **place, **said, **stamps}])
    told = {"customer_id": customer.id, "since": item.since, "until": item.until, "tiers": said["tiers"]}
    record(context, [AuditEntry(shop.company_id, "rebate", key, "agree", {}, told)])
    return key


def _unfit(item: Agreeing, known: str, before: RebateAgreement | None, others: Any) -> list[Refusal]:
    refusals: list[Refusal] = [] if known else [errors.NoCustomerNamed()]
    if item.until < item.since:
        refusals.append(errors.EndsBefore())
    if not fits(item.tiers) or not 0 <= item.tax_rate < 1:
        refusals.append(errors.BadTiers())
    if any(one is not before and one.since <= item.until and item.since <= one.until for one in others):
        refusals.append(errors.PriceOverlaps())
    if before is not None and before.granted:
        refusals.append(errors.RebateGranted())
    return refusals


def reckon_rebates(*, reckonings: Sequence[Reckoning], actor: Actor, now: datetime) -> list[Outcome]:
    """Grant, or take back, what is due for the turnover as it is now; `change_minor` in each outcome.

    About 14 statements a thousand, one more a period. Locks agreements, books (share), audit heads. Raises
    Refused(NotPermitted); refused each: NotFound, PeriodRuns before the period of a first grant is over.
    """
    if actor.kind == "customer" or not actor.may(GRANT):
        raise Refused([errors.NotPermitted(permission=GRANT)])
    return docket.run(reckonings, _reckon, "rebate", actor=actor, now=now)


def _reckon(chunk: Sequence[Reckoning], context: Context) -> list[Outcome]:
    rows = {row.id: row for row in setwrites.fetch(RebateAgreement, {one.agreement_id for one in chunk}, lock=True)}
    companies = org.companies({row.company_id for row in rows.values()})
    found = reckoned(list(rows.values()), companies)
    outcomes: list[Outcome] = []
    moved: dict[UUID, Reckoned] = {}
    for index, item in enumerate(chunk):
        row = rows.get(item.agreement_id)
        if row is None or not context.actor.scope.holds(row.company_id, row.shop_id, NIL):
            outcomes.append(Outcome(index, refusals=[errors.NotFound()]))
        elif not row.granted and _today(context, companies[row.company_id]) <= row.until:
            outcomes.append(Outcome(index, row.id, [errors.PeriodRuns(until=row.until.isoformat())]))
        else:
            one = found[row.id]
            change = 0 if row.id in moved else one.change_minor
            moved |= {row.id: one} if change else {}
            outcomes.append(Outcome(index, row.id, data={"change_minor": change, "due_minor": one.due_minor}))
    _write(context, [(rows[key], one) for key, one in moved.items()], companies)
    return outcomes


def _today(context: Context, company: CompanyInfo) -> date:
    return context.now.astimezone(ZoneInfo(company.zone)).date()


def reckoned(rows: Sequence[RebateAgreement], companies: dict[UUID, CompanyInfo]) -> dict[UUID, Reckoned]:
    """What each agreement comes to now; 2 statements a period that differs."""
    periods: dict[tuple[date, date, str], list[RebateAgreement]] = {}
    for row in rows:
        periods.setdefault((row.since, row.until, companies[row.company_id].zone), []).append(row)
    found = {}
    for (since, until, zone), several in periods.items():
        customers, days = {row.customer_id for row in several}, sold.days(since, until, zone)
        turnovers, returned = sold.turnovers(customers, *days), returned_without_order(customers, *days)
        for row in several:
            key = (row.customer_id, row.currency)
            turnover = turnovers.get(key, 0) - returned.get(key, 0)
            found[row.id] = reckon([Tier(*tier) for tier in row.tiers], turnover, row.given_minor, row.tax_rate)
    return found


def _write(
    context: Context, moved: Sequence[tuple[RebateAgreement, Reckoned]], companies: dict[UUID, CompanyInfo]
) -> None:
    ids = [new_id() for _ in moved]
    entries = accounting.post(
        context, [_posting(context, row, one, key) for (row, one), key in zip(moved, ids, strict=True)]
    )
    days = accounting.book_dates([row.company_id for row, _ in moved], [context.now] * len(moved))
    setwrites.insert(
        RebateEntry,
        [
            {
                "id": key,
                "agreement_id": row.id,
                "turnover_minor": one.turnover_minor,
                "bp": one.bp,
                "due_minor": one.due_minor,
                "amount_minor": one.change_minor,
                "tax_minor": one.tax_change_minor,
                "booked": companies[row.company_id].books_at(context.now),
                "entry_id": entry_id,
                "occurred_at": context.now,
                "book_date": day,
                **context.stamps,
            }
            for (row, one), key, entry_id, day in zip(moved, ids, entries, days, strict=True)
        ],
    )
    changed = [{"id": row.id, "granted": True, "given_minor": one.due_minor} for row, one in moved]
    setwrites.update(RebateAgreement, changed, assign=("granted", "given_minor"))
    record(
        context,
        [
            AuditEntry(
                row.company_id,
                "rebate",
                row.id,
                "grant" if one.change_minor > 0 else "take_back",
                {"given_minor": row.given_minor},
                {"given_minor": one.due_minor, "turnover_minor": one.turnover_minor, "bp": one.bp},
            )
            for row, one in moved
        ],
    )


def _posting(context: Context, row: RebateAgreement, one: Reckoned, key: UUID) -> accounting.Posting:
    """Debit rebates and output tax, credit what the customer owes; the other way round where it is taken back."""
    net = one.change_minor - one.tax_change_minor
    legs = [
        Leg("rebates", net, shop_id=row.shop_id),
        Leg("output_vat", one.tax_change_minor, shop_id=row.shop_id),
        Leg("receivable", -one.change_minor, None, "customer", row.customer_id, NIL, row.shop_id),
    ]
    return accounting.Posting(
        company_id=row.company_id,
        event="rebate",
        source_kind="rebate",
        source_id=key,
        occurred_at=context.now,
        currency=row.currency,
        legs=[leg for leg in legs if leg.amount_minor],
    )


def take_back_everywhere(_envelope: Envelope) -> None:
    """Every night: what was granted is reckoned anew, and what returns took of it is taken back."""
    keys = list(RebateAgreement.objects.filter(granted=True).order_by("id").values_list("id", flat=True))
    if keys:
        reckon_rebates(reckonings=[Reckoning(key) for key in keys], actor=Actor.system(), now=clock.utcnow())
