"""Reading approval flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.kernel.compiled import compiled
from guicang.policy.models import ApprovalFlow
from guicang.policy.rules import Flow

_COLUMNS = ("company_id", "id", "code", "zh", "en", "archived_at", "conditions", "stages")
_flows = compiled(
    lambda ids: ApprovalFlow.objects.filter(company_id__among=ids).order_by("position", "id").values_list(*_COLUMNS)
)


@dataclass(frozen=True, slots=True)
class FlowInfo:
    """A flow with its words; `flow` is what it asks and whom."""

    id: UUID
    code: str
    zh: str
    en: str
    archived_at: datetime | None
    flow: Flow


def flows(company_ids: Iterable[UUID]) -> dict[UUID, list[FlowInfo]]:
    """{company: flows in their order}, the archived ones too: returns keep their names. 1 statement."""
    found: dict[UUID, list[FlowInfo]] = {company_id: [] for company_id in company_ids}
    for company_id, *row in _flows(found):
        found[company_id].append(_info(row))
    return found


def flows_in_use(company_ids: Iterable[UUID]) -> dict[UUID, list[FlowInfo]]:
    """Those that a new request is compared with, of companies that have any, in their order; 1 statement."""
    known = flows(company_ids)
    used = {company_id: [one for one in rows if one.archived_at is None] for company_id, rows in known.items()}
    return {company_id: rows for company_id, rows in used.items() if rows}


def flow(flow_id: UUID) -> tuple[UUID, FlowInfo] | None:
    """A flow with its company; 1 statement."""
    row = ApprovalFlow.objects.filter(id=flow_id).values_list(*_COLUMNS).first()
    return (row[0], _info(row[1:])) if row else None


def flow_names(ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """What flows are called, in Chinese and in English, the archived ones too; 1 statement."""
    rows = ApprovalFlow.objects.filter(id__among=sorted(set(ids))).values_list("id", "zh", "en")
    return {key: (zh, en) for key, zh, en in rows}


def _info(row: Sequence[Any]) -> FlowInfo:
    key, code, zh, en, archived_at, conditions, stages = row
    return FlowInfo(key, code, zh, en, archived_at, Flow.from_data({"conditions": conditions, "stages": stages}))
