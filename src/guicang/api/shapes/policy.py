"""Policies as programs read and write them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from guicang.api.parsing import Reference, Shown, show
from guicang.api.problems import Finding
from guicang.policy import queries as policies
from guicang.policy.queries import files, summary, words
from guicang.policy.rules import Finding as Found
from guicang.policy.rules import Verdict
from guicang.returns.rules import CONDITIONS, label


class PolicyVersion(Shown):
    """`state`: in_force, scheduled or past. `provisional`: the plain default until a policy is stated."""

    id: UUID
    number: int
    name: str
    effective_from: datetime
    provisional: bool
    state: str
    published_at: datetime


class PolicyStatement(PolicyVersion):
    """`statement`: its policies, the first one that is for a sale and says something about a question decides."""

    company_id: UUID
    statement: dict[str, Any]


class Preset(Shown):
    """A statement that ships, to begin a draft with."""

    code: str
    zh: str
    en: str
    statement: dict[str, Any]


class PolicyDraft(Shown):
    """The next version, while it is written. `revision` is its ETag; `base_id`: the version it began as a copy of."""

    company_id: UUID
    name: str
    statement: dict[str, Any]
    revision: int
    base_id: Reference
    changed_by: Reference
    changed_at: datetime


class Revised(Shown):
    """What became of a draft: its revision now, or the last one of a draft that was discarded."""

    company_id: UUID
    revision: int


class DraftFinding(Shown):
    """An `error` keeps the draft from being published, a `warning` wants to be read. `policy` '': the whole of it."""

    code: str
    level: str
    policy: str
    data: dict[str, Any]
    sentence: str


class VerdictReason(Shown):
    """`answer`: what it alone leads to; `policy`: the code of the policy that said so."""

    code: str
    answer: str
    policy: str
    data: dict[str, Any]
    sentence: str


class CheckedLine(Shown):
    """The worst answer of all reasons: allow, review or refuse. Of a line that was not found, `errors` alone.

    `deadline` is exclusive; `automatic`: it would be granted at once; `version`: number of the one that was asked, null
    for a draft; `terms`: what follows for the way back and the money, `said_by`: the policy behind each.
    """

    order_line_id: UUID
    answer: str | None = None
    reasons: list[VerdictReason] = []
    deadline: datetime | None = None
    automatic: bool = False
    version: int | None = None
    terms: dict[str, Any] = {}
    said_by: dict[str, str] = {}
    errors: list[Finding] = []


class Checked(Shown):
    items: list[CheckedLine]


def statement(company_id: UUID, found: policies.Version) -> PolicyStatement:
    return show(PolicyStatement, found, company_id=company_id, statement=found.statement.as_data())


def preset(found: files.Preset) -> Preset:
    return show(Preset, found, statement=found.statement.as_data())


def draft(company_id: UUID, found: policies.Draft) -> PolicyDraft:
    return show(PolicyDraft, found, company_id=company_id, statement=found.statement.as_data())


def finding(found: Found) -> DraftFinding:
    return show(DraftFinding, found, data=dict(found.data), sentence=words.finding_text(found, summary.SCOPES))


def checked(order_line_id: UUID, found: Verdict, *, numbered: bool) -> CheckedLine:
    language = get_language() or "zh"
    conditions = {one.code: label(one.code, language) for one in CONDITIONS}
    return CheckedLine(
        order_line_id=order_line_id,
        answer=found.answer,
        reasons=[
            show(VerdictReason, one, data=dict(one.data), sentence=words.sentence(one.as_data(), words=conditions))
            for one in found.reasons
        ],
        deadline=found.deadline,
        automatic=found.automatic,
        version=found.version if numbered else None,
        terms=dict(found.terms),
        said_by=dict(found.said_by),
    )
