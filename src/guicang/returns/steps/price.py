"""Price goods that came without an order: no rule knew a price, or somebody knows better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from guicang.catalog import queries as catalogue
from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.money import tax_within
from guicang.kernel.refusal import Outcome, Refusal
from guicang.returns import errors, pricing
from guicang.returns.lifecycle import LineKind
from guicang.returns.models import ReturnLine
from guicang.returns.operations import docket, inputs
from guicang.returns.operations.docket import Case

#: More digits are a slip of the finger.
MOST_MINOR = 10**12


@dataclass(frozen=True, slots=True)
class Pricing:
    """`amounts`: what each line pays for all of its units, tax within."""

    return_id: UUID
    amounts: Mapping[UUID, int]
    reason: str


def price(
    *, pricings: Sequence[Pricing], actor: Actor, now: datetime, origin: str = Origin.LIVE, all_or_nothing: bool = False
) -> list[Outcome]:
    """Say what lines without an order pay, as long as nothing of them was paid. About 12 statements a thousand; locks
    returns. The tax within is that of the goods today. Refused: PricedByOrder, BadAmount, AlreadySettled, a reason
    that is missing or no code.
    """
    return docket.in_chunks(
        pricings, _price, "price", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _price(chunk: Sequence[Pricing], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    rates = {
        key: sku.tax_rate
        for key, sku in catalogue.skus({line.sku_id for case in cases.values() for line in case.lines}).items()
    }
    outcomes: list[Outcome] = []
    changed: list[ReturnLine] = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "price", context.actor) + inputs.reason(item.reason)
        if case is not None and not refusals and not (refusals := _refusals(case, item)):
            changed += _change(case, item, rates)
        outcomes.append(docket.outcome(index, case, refusals))
    rows = [
        {"id": line.id, "recorded_minor": line.recorded_minor, "price_rule": line.price_rule, "priced": line.priced}
        for line in changed
    ]
    setwrites.update(ReturnLine, rows, assign=["recorded_minor", "price_rule", "priced"])
    docket.store(context, list(cases.values()), "price")
    return outcomes


def _refusals(case: Case, item: Pricing) -> list[Refusal]:
    refusals: list[Refusal] = [] if item.amounts else [errors.Nothing()]
    for line_id, amount in item.amounts.items():
        line = case.line(line_id)
        if line is None:
            refusals.append(errors.LineNotFound())
        elif line.kind != LineKind.BLIND:
            refusals.append(errors.PricedByOrder(position=line.position))
        elif line.settled:
            refusals.append(errors.PricePaid(position=line.position))
        elif not 0 <= amount <= MOST_MINOR:
            refusals.append(errors.BadAmount(amount_minor=amount))
    return refusals


def _change(case: Case, item: Pricing, rates: Mapping[UUID, Decimal]) -> list[ReturnLine]:
    lines = [line for line in case.lines if line.id in item.amounts]
    for line in lines:
        amount, rate = item.amounts[line.id], rates.get(line.sku_id, Decimal(0))
        said = pricing.Price(pricing.PERSON, amount, tax_within(amount, rate), rate)
        kept = {name: line.priced[name] for name in ("pays",) if name in line.priced}
        case.notes |= {f"price{line.position}": {"before": line.recorded_minor, "after": amount}}
        line.recorded_minor, line.price_rule = amount, pricing.PERSON
        line.priced = pricing.as_data(said, line.requested, pricing.Rules(), 0) | kept
    case.touched, case.reason = True, item.reason
    return lines
