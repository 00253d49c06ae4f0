"""Registering parcels and what becomes of them, in sets, inside the caller's transaction; stating what freight costs.

Parcels are locked after returns and before serials. The caller records the trail: a parcel's rows are
part of what happened to its return.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, derived_id, new_id
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.logistics import errors
from guicang.logistics.models import FreightTable, Parcel, ParcelState
from guicang.logistics.queries import freight_tables
from guicang.logistics.rules import MOST_RATES, Rate, wrong_rates
from guicang.org import queries as org
from guicang.org.operations import lock_company

CARRIER_MOST, TRACKING_MOST = 40, 80
STATE = "policy.manage"
_WRONG = {"bounds": errors.RateWrong, "twice": errors.RateTwice}


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """A parcel on its way to us, or to the buyer where not `inbound`.

    `sent_at` None: nobody said when. `weight_g` 0: not weighed.
    """

    company_id: UUID
    warehouse_id: UUID = NIL
    carrier: str = ""
    tracking: str = ""
    return_id: UUID = NIL
    order_id: UUID = NIL
    sent_at: datetime | None = None
    refused: bool = False
    weight_g: int = 0
    inbound: bool = True

    @property
    def label(self) -> tuple[str, str]:
        """Carrier and number as they are compared: people type spaces and either case."""
        return " ".join(self.carrier.split()), "".join(self.tracking.split()).upper()


def refusals(facts: ParcelFacts) -> list[Refusal]:
    """What is wrong with the facts, before anything is written."""
    carrier, tracking = facts.label
    if len(carrier) > CARRIER_MOST or len(tracking) > TRACKING_MOST:
        return [errors.BadTracking(carrier_most=CARRIER_MOST, tracking_most=TRACKING_MOST)]
    return []


def register_parcels(context: Context, items: Sequence[ParcelFacts]) -> list[Outcome]:
    """Register parcels; the outcome's id is the parcel's, data["state"] its state, data["known"] True for a known one.

    The same carrier and number in a company is the same parcel. A known one that belongs to no return yet is given
    the return; one that belongs to another return stays with it: two returns may lie in one box. Without a number
    each is a parcel of its own. 3 statements per 1,000.
    """
    found = [refusals(item) for item in items]
    rows: dict[UUID, dict[str, Any]] = {}
    keys: list[UUID] = []
    for item in items:
        carrier, tracking = item.label
        key = derived_id("parcel", item.company_id, carrier, tracking) if tracking else new_id()
        keys.append(key)
        rows.setdefault(key, _row(key, item, context))
    wanted = sorted(key for key, wrong in zip(keys, found, strict=True) if not wrong)
    # In the order of the keys, so that two transactions with the same parcels wait and do not lock each other out.
    setwrites.insert(Parcel, [rows[key] for key in dict.fromkeys(wanted)], ignore_conflicts=True)
    parcels = {parcel.id: parcel for parcel in setwrites.fetch(Parcel, wanted, lock=True)}
    adopted: dict[UUID, dict[str, Any]] = {}
    outcomes: list[Outcome] = []
    seen: set[UUID] = set()
    for index, (item, key, wrong) in enumerate(zip(items, keys, found, strict=True)):
        if wrong:
            outcomes.append(Outcome(index, refusals=wrong))
            continue
        parcel = parcels[key]
        if parcel.return_id == NIL and item.return_id != NIL:
            parcel.return_id, parcel.order_id = item.return_id, item.order_id
            adopted[key] = {"id": key, "return_id": item.return_id, "order_id": item.order_id}
        known = key in seen or parcel.command_id != context.id
        seen.add(key)
        data = {"known": known, "state": parcel.state, "return_id": parcel.return_id}
        outcomes.append(Outcome(index, key, data=data))
    setwrites.update(Parcel, list(adopted.values()), assign=["return_id", "order_id"])
    return outcomes


def forget_parcels(registered: Iterable[Outcome]) -> None:
    """Take out parcels that the same command registered, unless they were known before; 1 statement, none for none."""
    fresh = sorted(each.id for each in registered if each.id is not None and not each.data["known"])
    if fresh:
        Parcel.objects.filter(id__among=fresh).delete()


def lose_parcels(return_ids: Iterable[UUID]) -> None:
    """Say that the parcels these returns wait for are lost; 2 statements per 1,000."""
    parcels = setwrites.fetch(Parcel, return_ids, lock=True, key="return_id")
    lost = [parcel.id for parcel in parcels if parcel.inbound and parcel.state == ParcelState.IN_TRANSIT]
    setwrites.update(Parcel, [{"id": key, "state": ParcelState.LOST.value} for key in lost], assign=["state"])


def arrive_parcels(context: Context, arrived: Mapping[UUID, datetime]) -> None:
    """Say when parcels arrived; 2 statements per 1,000. One that arrived before stays as it was."""
    parcels = setwrites.fetch(Parcel, arrived, lock=True)
    rows = [
        {"id": parcel.id, "state": str(ParcelState.ARRIVED), "arrived_at": arrived[parcel.id]}
        for parcel in parcels
        if parcel.arrived_at is None
    ]
    setwrites.update(Parcel, rows, assign=["state", "arrived_at"])


def _row(key: UUID, item: ParcelFacts, context: Context) -> dict[str, Any]:
    carrier, tracking = item.label
    return {
        "id": key,
        "company_id": item.company_id,
        "warehouse_id": item.warehouse_id,
        "inbound": item.inbound,
        "carrier": carrier,
        "tracking": tracking,
        "state": ParcelState.IN_TRANSIT.value,
        "refused": item.refused,
        "return_id": item.return_id,
        "order_id": item.order_id,
        "sent_at": item.sent_at,
        "arrived_at": None,
        "weight_g": item.weight_g,
        "command_id": context.id,
        "recorded_at": context.now,
    }


def state_freight(context: Context, company_id: UUID, currency: str, rates: Sequence[Rate]) -> None:
    """The whole table from now on; nothing where it is the same. Returns asked for before keep what they were told.

    About 10 statements; locks the company. Raises Refused: NotPermitted, TooManyRates, or what is wrong by row.
    """
    if not context.actor.may(STATE) or not context.actor.scope.holds(company_id, NIL, NIL):
        raise Refused([errors.NotPermitted(permission=STATE)])
    if refusals := _refusals(company_id, rates):
        raise Refused(refusals)
    lock_company(company_id)
    number, before = freight_tables([company_id]).get((company_id, currency), (0, ()))
    if list(rates) == list(before):
        return
    key, data = new_id(), [rate.as_data() for rate in rates]
    row = {"id": key, "company_id": company_id, "currency": currency, "number": number + 1, "rates": data}
    setwrites.insert(FreightTable, [{**row, "command_id": context.id, "recorded_at": context.now}])
    after = {"currency": currency, "number": number + 1, "rates": len(rates)}
    record(context, [AuditEntry(company_id, "freight_table", key, "state", {"rates": len(before)}, after)])


def _refusals(company_id: UUID, rates: Sequence[Rate]) -> list[Refusal]:
    if len(rates) > MOST_RATES:
        return [errors.TooManyRates(most=MOST_RATES)]
    found: list[Refusal] = [_WRONG[code](row=place) for place, code in wrong_rates(rates).items()]
    zones = {market.code for market in org.markets().values()}
    houses = {one.code for one in org.warehouses().values() if one.company_id == company_id}
    for place, rate in enumerate(rates, 1):
        for column, value, known in (("market", rate.zone, zones), ("warehouse", rate.warehouse, houses)):
            if value and value not in known:
                found.append(errors.RateCodeUnknown(row=place, column=column, value=value))
    return found
