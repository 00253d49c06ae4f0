"""Approval flows of a company: made, changed, put in order, archived. All of them changes but the code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refusal, Refused
from guicang.org import operations as org
from guicang.org import queries as masters
from guicang.policy import errors
from guicang.policy.models import ApprovalFlow
from guicang.policy.operations import ordered
from guicang.policy.rules import Flow, NotAPolicy
from guicang.staff import queries as staff
from guicang.staff import rules as roles

KIND = "approval_flow"
#: What whoever is named in a stage needs to be able to do.
DECIDES = "returns.approve"
#: Conditions that are typed as numbers.
_TYPED: dict[str, type[Refusal]] = {"amount_minor": errors.FlowAmountBad, "risk_points": errors.FlowPointsBad}
MOST_FLOWS = 100
_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
_LONGEST = 80
_SAID = ("zh", "en", "conditions", "stages")


def add_flow(context: Context, company_id: UUID, code: str, zh: str, en: str, data: Mapping[str, Any]) -> UUID:
    """A flow that applies after all others; `data` as `Flow` has it. About 10 statements.

    Locks the company's flows. Raises Refused with all findings.
    """
    known, facts = _locked(context, company_id), {"zh": zh, "en": en}
    refusals, said = _checked(company_id, facts, data)
    if not _CODE.fullmatch(code):
        refusals.append(errors.ReasonCodeBad())
    elif any(row.code == code for row in known):
        refusals.append(errors.FlowCodeTaken(code=code))
    if sum(row.archived_at is None for row in known) >= MOST_FLOWS:
        refusals.append(errors.TooManyFlows(most=MOST_FLOWS))
    if refusals:
        raise Refused(refusals)
    row = {"id": new_id(), "company_id": company_id, "code": code, **facts, **said, "archived_at": None}
    row["position"] = known[-1].position + 1 if known else 1
    setwrites.insert(ApprovalFlow, [row])
    after = {name: row[name] for name in ("code", *_SAID)}
    record(context, [_entry(company_id, row["id"], "create", {}, after)])
    return UUID(str(row["id"]))


def change_flow(context: Context, company_id: UUID, flow_id: UUID, zh: str, en: str, data: Mapping[str, Any]) -> None:
    """What a flow asks from now on; returns that were requested keep their stages. About 9 statements.

    1 where nothing differs. Locks the company's flows. Raises Refused: NoSuchFlow, FlowWordsBad, FlowBad,
    ApproverCannot.
    """
    row = _one(_locked(context, company_id), flow_id)
    refusals, said = _checked(company_id, {"zh": zh, "en": en}, data)
    if refusals:
        raise Refused(refusals)
    after = {name: value for name, value in {"zh": zh, "en": en, **said}.items() if value != getattr(row, name)}
    if not after:
        return
    before = {name: getattr(row, name) for name in after}
    ApprovalFlow.objects.filter(id=row.id).update(**after)
    record(context, [_entry(company_id, row.id, "change", before, after)])


def archive_flow(context: Context, company_id: UUID, flow_id: UUID, archived: bool) -> None:
    """No new request goes through it any more, or again; those under way go on. About 8 statements.

    Locks the company's flows. Raises Refused(NoSuchFlow).
    """
    ordered.archive(context, KIND, _one(_locked(context, company_id), flow_id), archived)


def move_flow(context: Context, company_id: UUID, flow_id: UUID, *, up: bool) -> None:
    """Ask a flow one place earlier or later; nothing at the end of the list. About 8 statements.

    Locks the company's flows. Raises Refused(NoSuchFlow).
    """
    known = _locked(context, company_id)
    ordered.move(context, KIND, known, _one(known, flow_id), up=up)


def _locked(context: Context, company_id: UUID) -> list[ApprovalFlow]:
    """The company's flows in their order, held, and the company with them: the first flow has none to hold.

    3 statements. Refused for another company's, as for none.
    """
    if context.actor.scope.company_id not in (NIL, company_id) or company_id not in masters.companies([company_id]):
        raise Refused([errors.CompanyUnknown()])
    org.lock_company(company_id)
    return list(ApprovalFlow.objects.select_for_update().filter(company_id=company_id).order_by("position", "id"))


def _one(known: list[ApprovalFlow], flow_id: UUID) -> ApprovalFlow:
    row = next((row for row in known if row.id == flow_id), None)
    if row is None:
        raise Refused([errors.NoSuchFlow()])
    return row


def _checked(
    company_id: UUID, words: Mapping[str, str], data: Mapping[str, Any]
) -> tuple[list[Refusal], dict[str, Any]]:
    """What is wrong with a flow, and its two columns of data. 1 statement where users are named."""
    refusals: list[Refusal] = []
    if not all(1 <= len(text) <= _LONGEST for text in words.values()):
        refusals.append(errors.FlowWordsBad())
    stages = data.get("stages") or ()
    if not stages:
        return [*refusals, errors.FlowWithoutStages()], {}
    late = [place for place, one in enumerate(stages, 1) if one.get("escalate_to") and not one.get("hours")]
    if late:
        return [*refusals, *(errors.EscalationWithoutHours(stage=place) for place in late)], {}
    try:
        flow = Flow.from_data(data)
    except NotAPolicy as found:
        return [*refusals, *_wrong(found.faults)], {}
    kept = flow.as_data()
    return refusals + _cannot(company_id, flow), {
        "conditions": kept.get("conditions", {}),
        "stages": kept["stages"],
    }


def _wrong(faults: Sequence[tuple[str, str]]) -> list[Refusal]:
    """What does not fit into a flow: what people type wrongly in words of its own, the rest by its place."""
    found: list[Refusal] = []
    rest = []
    for place, what in faults:
        head, _, tail = place.partition(".")
        number, _, name = tail.partition(".")
        if head == "conditions" and tail in _TYPED:
            found.append(_TYPED[tail]())
        elif head == "stages" and name == "hours":
            found.append(errors.StageHoursBad(stage=int(number) + 1))
        else:
            rest.append(f"{place}: {what}")
    return found + ([errors.FlowBad(faults="; ".join(rest))] if rest else [])


def _cannot(company_id: UUID, flow: Flow) -> list[Refusal]:
    """Roles and people of stages that could never decide."""
    deciding = {code for code in roles.STAFF if DECIDES in roles.permissions(code)}
    named = {key for stage in flow.stages for key in stage.users}
    able = {
        person.id
        for person in staff.people(named)
        if person.is_active and person.role in deciding and person.company_id in (NIL, company_id)
    }
    refusals: list[Refusal] = []
    for number, stage in enumerate(flow.stages, 1):
        wrong = [code for code in (*stage.roles, stage.escalate_to) if code and code not in deciding]
        wrong += [str(key) for key in stage.users if key not in able]
        if wrong:
            refusals.append(errors.ApproverCannot(stage=number, who=", ".join(wrong)))
    return refusals


def _entry(company_id: UUID, key: UUID, deed: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(company_id, KIND, key, deed, before, after)
