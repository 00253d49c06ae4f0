"""Insurance of the way back (运费险): who insured it, and what became of the claim; what it pays the shop does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Refusal, Refused
from guicang.returns import errors
from guicang.returns.lifecycle import LineKind
from guicang.returns.models import Insurance, ReturnLine
from guicang.returns.operations import docket, inputs
from guicang.returns.operations.docket import Case
from guicang.returns.operations.money_only import without_receipt

INSURE = "returns.insure"
BY, STATES = ("buyer", "shop", "platform"), ("insured", "filed", "paid", "refused")
#: More is a slip of the finger.
MOST_MINOR = 10**9


@dataclass(frozen=True, slots=True)
class Insured:
    """`day`: of what `state` says. `amount_minor`: what the insurer paid the customer."""

    insured_by: str
    state: str
    day: date
    insurer: str = ""
    policy_number: str = ""
    amount_minor: int = 0


def insure(context: Context, return_id: UUID, said: Insured) -> None:
    """Write down the insurance of a return's way back, or what became of it. About 8 statements; locks the return.

    Raises Refused: NotPermitted, NotFound, BadChoice, BadAmount, TextTooLong, FreightPaid where the shop has paid the
    freight that the insurer pays.
    """
    if context.actor.kind == "customer" or not context.actor.may(INSURE):
        raise Refused([errors.NotPermitted(permission=INSURE)])
    case = docket.load([return_id]).get(return_id)
    if case is None or docket.hidden(case, context.actor):
        raise Refused([errors.NotFound()])
    if refusals := _wrong(said, case):
        raise Refused(refusals)
    before = Insurance.objects.filter(parent_id=return_id).first()
    names = ("insured_by", "insurer", "policy_number", "state", "amount_minor", "day")
    now = {name: getattr(said, name) for name in names}
    was = {name: getattr(before, name) for name in names} if before else {}
    if was == now:
        return
    row = {"id": before.id if before else new_id(), "changed_at": context.now, "command_id": context.id, **now}
    if before:
        setwrites.update(Insurance, [row], assign=tuple(name for name in row if name != "id"))
    else:
        setwrites.insert(Insurance, [{**row, "parent_id": return_id}])
    changed = [name for name in names if was.get(name) != now[name]]
    record(
        context,
        [
            AuditEntry(
                case.header.company_id,
                "return",
                return_id,
                "insure",
                {f"insurance_{name}": was.get(name) for name in changed},
                {f"insurance_{name}": now[name] for name in changed},
            )
        ],
    )


def _wrong(said: Insured, case: Case) -> list[Refusal]:
    refusals: list[Refusal] = []
    if said.insured_by not in BY:
        refusals.append(errors.BadChoice(column="insured_by", value=said.insured_by))
    if said.state not in STATES:
        refusals.append(errors.BadChoice(column="state", value=said.state))
    least = 1 if said.state == "paid" else 0
    if not least <= said.amount_minor <= MOST_MINOR:
        refusals.append(errors.BadAmount(amount_minor=said.amount_minor))
    refusals += inputs.too_long(Insurance, {"insurer": said.insurer, "policy_number": said.policy_number})
    if said.state == "paid" and any(_is_freight(line) and line.settled for line in case.lines):
        refusals.append(errors.FreightPaid())
    return refusals


def _is_freight(line: ReturnLine) -> bool:
    return line.kind == LineKind.MONEY and line.money_kind == "freight"


def paid_by_insurer(cases: Iterable[Case]) -> set[UUID]:
    """Returns that give back freight of an order whose way back an insurer has paid; 2 statements where any does."""
    freight = {
        case.header.id: {line.order_id for line in case.lines}
        for case in cases
        if any(_is_freight(line) for line in case.lines)
    }
    if not freight:
        return set()
    orders = sorted({order for several in freight.values() for order in several})
    known = dict(
        ReturnLine.objects.filter(order_id__among=orders).order_by().values_list("parent_id", "order_id").distinct()
    )
    paid = Insurance.objects.filter(parent_id__among=sorted(known), state="paid").values_list("parent_id", flat=True)
    insured = {known[key] for key in paid}
    return {key for key, several in freight.items() if several & insured}


def freight_refusals(cases: Iterable[Case], context: Context) -> dict[UUID, list[Refusal]]:
    """Why freight of returns is not paid back: it has no receipt, or the insurer paid it. At most 3 statements."""
    several = list(cases)
    found: dict[UUID, list[Refusal]] = {}
    for key in without_receipt(several, context):
        found.setdefault(key, []).append(errors.FreightReceiptMissing())
    if context.origin == Origin.LIVE:
        for key in paid_by_insurer(several):
            found.setdefault(key, []).append(errors.FreightInsured())
    return found
