"""Approval flows of a company: made, changed, put in order, archived. All of them changes but the code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refusal, Refused
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


def add_flow(context: Context, company_id: UUID, code: str, zh: str, en: str, data: Mapping[str, Any]) -> UUID:
    """A flow that applies after all others; `data` as `Flow` has it. About 10 statements.

    Locks the company's flows. Raises Refused with all findings.
    """
    known, facts = ordered.held(context, ApprovalFlow, company_id), {"zh": zh, "en": en}
    refusals, said = _checked(company_id, facts, data)
    if not _CODE.fullmatch(code):
        refusals.append(errors.ReasonCodeBad())
    elif any(row.code == code for row in known):
        refusals.append(errors.FlowCodeTaken(code=code))
    if sum(row.archived_at is None for row in known) >= MOST_FLOWS:
        refusals.append(errors.TooManyFlows(most=MOST_FLOWS))
    if refusals:
        raise Refused(refusals)
    return ordered.add(context, KIND, ApprovalFlow, company_id, known, {"code": code, **facts, **said})


def change_flow(context: Context, company_id: UUID, flow_id: UUID, zh: str, en: str, data: Mapping[str, Any]) -> None:
    """What a flow asks from now on; returns that were requested keep their stages. About 9 statements.

    1 where nothing differs. Locks the company's flows. Raises Refused: NoSuchFlow, FlowWordsBad, FlowBad,
    ApproverCannot.
    """
    row = ordered.one(ordered.held(context, ApprovalFlow, company_id), flow_id, errors.NoSuchFlow)
    refusals, said = _checked(company_id, {"zh": zh, "en": en}, data)
    if refusals:
        raise Refused(refusals)
    ordered.change(context, KIND, row, {"zh": zh, "en": en, **said})


def archive_flow(context: Context, company_id: UUID, flow_id: UUID, archived: bool) -> None:
    """No new request goes through it any more, or again; those under way go on. About 8 statements.

    Locks the company's flows. Raises Refused(NoSuchFlow).
    """
    ordered.archive(
        context,
        KIND,
        ordered.one(ordered.held(context, ApprovalFlow, company_id), flow_id, errors.NoSuchFlow),
        archived,
    )


def move_flow(context: Context, company_id: UUID, flow_id: UUID, *, up: bool) -> None:
    """Ask a flow one place earlier or later; nothing at the end of the list. About 8 statements.

    Locks the company's flows. Raises Refused(NoSuchFlow).
    """
    known = ordered.held(context, ApprovalFlow, company_id)
    ordered.move(context, KIND, known, ordered.one(known, flow_id, errors.NoSuchFlow), up=up)


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
