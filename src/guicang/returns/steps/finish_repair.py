"""Say that goods are repaired: the parts that it took leave stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from guicang.catalog import queries as catalogue
from guicang.catalog.queries import SkuInfo
from guicang.inventory import operations as inventory
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.org import queries as org
from guicang.returns import errors
from guicang.returns.operations import docket, repairs
from guicang.returns.operations.docket import Case
from guicang.returns.operations.repairs import Shop, Used
from guicang.returns.repairing import RepairState, may

MOST_MINUTES = 100_000


@dataclass(frozen=True, slots=True)
class Repaired:
    """`parts`: units of SKUs that were used, from the warehouse of the return."""

    return_id: UUID
    parts: Mapping[UUID, int] = field(default_factory=dict)
    labour_minutes: int = 0
    occurred_at: datetime | None = None


def finish_repair(
    *,
    repaired: Sequence[Repaired],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Finish repairs that the buyer agreed to, or that cost him nothing. About 44 statements a thousand.

    Locks returns, levels, pools, books (share), audit heads. A part that is not in stock refuses the whole item.
    """
    return docket.in_chunks(
        repaired, _finish, "finish_repair", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _finish(chunk: Sequence[Repaired], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    shop = repairs.load(cases.values())
    skus = catalogue.skus({sku for item in chunk for sku in item.parts})
    warehouses = org.warehouses({case.header.warehouse_id for case in cases.values()} - {NIL})
    outcomes: list[Outcome] = []
    used: dict[int, list[Used]] = {}
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "finish_repair", context.actor)
        if case is not None and not refusals and not (refusals := _refusals(case, item, shop, skus)):
            shop.end(case, RepairState.DONE, item.occurred_at or context.now, context, item.labour_minutes)
            used[index] = _used(case, item, shop, warehouses, context)
        outcomes.append(docket.outcome(index, case, refusals))
    _lay_aside(used, outcomes)
    done = {chunk[index].return_id for index, outcome in enumerate(outcomes) if outcome.ok}
    shop.changed = {key: row for key, row in shop.changed.items() if key in done}
    shop.write()
    repairs.use_parts(context, [one for several in used.values() for one in several])
    for index, item in enumerate(chunk):
        if outcomes[index].ok:
            case = cases[item.return_id]
            parts = {str(key): units for key, units in item.parts.items()}
            case.touched, case.occurred_at = True, item.occurred_at
            case.notes = {"labour_minutes": item.labour_minutes, "parts": parts}
    docket.store(context, [case for case in cases.values() if case.touched], "finish_repair")
    return outcomes


def _refusals(case: Case, item: Repaired, shop: Shop, skus: Mapping[UUID, SkuInfo]) -> list[Refusal]:
    if not may("finish_repair", shop.of(case), case.lines):
        return [errors.NotNow()]
    refusals: list[Refusal] = []
    if not 0 <= item.labour_minutes <= MOST_MINUTES:
        refusals.append(errors.BadQuantity(quantity=item.labour_minutes, most=MOST_MINUTES))
    for sku_id, units in item.parts.items():
        sku = skus.get(sku_id)
        if sku is None or sku.is_bundle or sku.company_id != case.header.company_id:
            refusals.append(errors.PartUnknown(sku_code=sku.code if sku else "?"))
        elif units < 1:
            refusals.append(errors.BadQuantity(quantity=units, most="-"))
    return refusals


def _used(
    case: Case, item: Repaired, shop: Shop, warehouses: Mapping[UUID, org.WarehouseInfo], context: Context
) -> list[Used]:
    """What our ledger knows of: parts of a warehouse that an ERP keeps leave there."""
    repair, at = shop.of(case), item.occurred_at or context.now
    if not warehouses[case.header.warehouse_id].goods_at(at):
        return []
    free = not repair.price_minor
    return [Used(case, sku, units, at, free, repair.in_warranty) for sku, units in item.parts.items()]


def _lay_aside(used: dict[int, list[Used]], outcomes: Sequence[Outcome]) -> None:
    """All parts of a repair, or none and its refusal."""
    wants = [
        inventory.Want(
            one.holder_id, one.case.header.warehouse_id, one.case.header.company_id, one.sku_id, one.quantity
        )
        for several in used.values()
        for one in several
    ]
    short = inventory.reserve(wants)
    for index, several in list(used.items()):
        if missing := [refusal for one in several for refusal in short.get(one.holder_id, ())]:
            outcomes[index].refusals.extend(missing)
            inventory.release({one.holder_id for one in several})
            del used[index]
