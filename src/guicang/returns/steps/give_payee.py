"""Say to which account the transfers of a return go: by the customer himself, or by staff with a second person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.payments import errors
from guicang.payments import operations as payments
from guicang.payments.facts import Details
from guicang.payments.models import Payee, Refund
from guicang.payments.operations import payees
from guicang.payments.queries import payees as known
from guicang.payments.rules import State
from guicang.payments.rules.payees import tidy
from guicang.returns.errors import NotFound, NotPermitted, PersonErased
from guicang.returns.operations import docket
from guicang.returns.operations.docket import Case
from guicang.returns.operations.persons import persons_of

ENTER = "payments.enter_payee"


@dataclass(frozen=True, slots=True)
class Giving:
    return_id: UUID
    details: Details = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the returns of a set, read under their locks."""

    persons: Mapping[UUID, UUID | None]
    refunds: Mapping[UUID, Sequence[Refund]]
    newest: Mapping[UUID, Payee]
    opened: Mapping[UUID, Details]
    kinds: Mapping[UUID, tuple[str, ...]]


def give_payees(*, payees: Sequence[Giving], actor: Actor, now: datetime) -> list[Outcome]:
    """Keep the details and have every waiting transfer of the return use them. About 16 statements a thousand.

    What the customer says first counts at once. What staff type, and every later change, waits for a second person
    (`confirm_payee`): a stolen session or a changed letter must not turn money away. The same details again change
    nothing. Refused each: NotFound, PersonErased, PayeeNotWanted, PayeeSent, and what is wrong with the details.
    """
    if actor.kind != "customer" and not actor.may(ENTER):
        raise Refused([NotPermitted(permission=ENTER)])
    return docket.run(payees, _give, "give_payee", actor=actor, now=now)


def _give(chunk: Sequence[Giving], context: Context) -> list[Outcome]:
    cases = docket.load({item.return_id for item in chunk})
    there = _read(cases)
    outcomes: list[Outcome] = []
    given: dict[UUID, payees.Given] = {}
    for index, item in enumerate(chunk):
        case, details = cases.get(item.return_id), tidy(item.details)
        refusals = _refusals(case, details, there, context.actor) if item.return_id not in given else []
        outcomes.append(docket.outcome(index, case, refusals))
        if case is None or refusals or item.return_id in given or _same(item.return_id, details, there):
            continue
        given[item.return_id] = _given(case, details, there, context.actor)
    free = payees.write(context, list(given.values()))
    payments.queue_execution(context, free)
    record(context, [_entry(each) for each in given.values()])
    return outcomes


def _read(cases: Mapping[UUID, Case]) -> _Known:
    refunds: dict[UUID, list[Refund]] = {key: [] for key in cases}
    for row in payments.lock_refunds_of_returns(cases):
        refunds[row.return_id].append(row)
    newest = known.newest(cases)
    return _Known(
        persons_of(cases.values()),
        refunds,
        newest,
        known.details({row.id: row for row in newest.values()}),
        known.account_kinds({case.header.company_id for case in cases.values()}),
    )


def _refusals(case: Case | None, details: Details, there: _Known, actor: Actor) -> list[Refusal]:
    if case is None or docket.hidden(case, actor):
        return [NotFound()]
    found: list[Refusal] = []
    if there.persons[case.header.id] is None:
        found.append(PersonErased())
    rows = [row for row in there.refunds[case.header.id] if row.payee and row.state != State.PAID]
    if not rows:
        found.append(errors.PayeeNotWanted())
    elif all(row.state == State.SUBMITTED for row in rows):
        found.append(errors.PayeeSent())
    return found + payees.refusals(details, there.kinds[case.header.company_id])


def _same(return_id: UUID, details: Details, there: _Known) -> bool:
    row = there.newest.get(return_id)
    return row is not None and not row.dropped and there.opened.get(row.id) == details


def _given(case: Case, details: Details, there: _Known, actor: Actor) -> payees.Given:
    key, before = case.header.id, there.newest.get(case.header.id)
    person = there.persons[key]
    return payees.Given(
        company_id=case.header.company_id,
        return_id=key,
        person_id=person or key,
        details=details,
        number=before.number + 1 if before else 1,
        second=actor.kind != "customer" or before is not None,
        refunds=[row for row in there.refunds[key] if row.payee and row.state in (State.DUE, State.FAILED)],
    )


def _entry(each: payees.Given) -> AuditEntry:
    after = {"number": each.number, "kind": each.details.kind, "second": each.second, "refunds": len(each.refunds)}
    return AuditEntry(each.company_id, "return", each.return_id, "give_payee", {}, after)
