"""Record what the buyer paid for a repair: once, before his goods go back to him."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.payments.operations.cash import Cash
from guicang.returns import errors
from guicang.returns.models import RepairPayment
from guicang.returns.operations import docket, inputs, repairs, till
from guicang.returns.operations.docket import Case
from guicang.returns.operations.repairs import Paid, Shop
from guicang.returns.repairing import may
from guicang.returns.steps.collect import WAYS


@dataclass(frozen=True, slots=True)
class RepairPaid:
    """All of the price was paid, by `way`; `reference` of the payment."""

    return_id: UUID
    way: str
    reference: str = ""


def pay_repair(
    *,
    payments: Sequence[RepairPaid],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Record payments for repairs. About 24 statements a thousand; locks returns, books (share), audit heads.

    No return has two (UNIQUE).
    """
    return docket.in_chunks(
        payments, _pay, "pay_repair", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _pay(chunk: Sequence[RepairPaid], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    shop = repairs.load(cases.values())
    outcomes: list[Outcome] = []
    paid, cash = list[Paid](), Cash(context)
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "pay_repair", context.actor)
        if case is not None and not refusals and not (refusals := _refusals(case, item, shop, cash)):
            repair = shop.of(case)
            through = cash.till_id if till.takes(cash, item.way, case.header.company_id) else NIL
            paid.append(Paid(case, repair, item.way, item.reference, context.now, through))
            shop.paid.add(case.header.id)
            case.touched, case.notes = True, {"collected_minor": repair.price_minor, "way": item.way}
        outcomes.append(docket.outcome(index, case, refusals))
    repairs.take_payments(context, paid, cash)
    docket.store(context, [case for case in cases.values() if case.touched], "pay_repair")
    return outcomes


def _refusals(case: Case, item: RepairPaid, shop: Shop, cash: Cash) -> list[Refusal]:
    if not may("pay_repair", shop.of(case), case.lines):
        return [errors.NotNow()]
    refusals: list[Refusal] = inputs.too_long(RepairPayment, {"reference": item.reference})
    if item.way not in WAYS:
        refusals.append(errors.BadChoice(column="way", value=item.way))
    if not refusals and till.takes(cash, item.way, case.header.company_id):
        refusals += cash.move(case.header.company_id, case.header.currency, shop.of(case).price_minor)
    return refusals
