"""Masters, number ranges, approval flows, users, tokens and delegations as programs read them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from guicang.api.parsing import Reference, Shown, show
from guicang.api.shapes.parts import Change
from guicang.insights.ranges import Range
from guicang.insights.settings import FieldSheet, Sheet
from guicang.insights.settings import FlowSheet as Kept
from guicang.kernel.numbers import Form
from guicang.policy.facts import FieldInfo
from guicang.policy.queries import FlowInfo
from guicang.policy.rules import Conditions, Stage


class Master(Shown):
    """`facts`: its columns besides; `company`: name of the one it is of; `archived_at`: out of every choice since."""

    id: UUID
    code: str
    name: str
    company: str
    archived_at: datetime | None
    facts: dict[str, Any]


class MasterSheet(Master):
    """With what was done to it, the latest first; `editable` are the names that may change."""

    editable: list[str]
    history: list[Change]


class NumberRange(Shown):
    """How far a range has come; `company` '' where the whole group shares it.

    `prefix`, `width`: how its numbers are written, '' and 0 where they are no texts; `following`: the next one.
    """

    id: UUID
    company: str
    document: str
    year: int
    prefix: str
    width: int
    last: int
    following: str


class User(Shown):
    """What he sees is bound by the ids (null: no bound of that kind)."""

    id: UUID
    username: str
    first_name: str
    role: str
    company_id: Reference
    shop_id: Reference
    warehouse_id: Reference
    is_active: bool
    must_change_password: bool
    last_login: datetime | None


class Role(Shown):
    code: str
    zh: str
    en: str
    permissions: list[str]


class Token(Shown):
    """`start`: its first letters; the token itself is kept nowhere. `state`: live, expired or revoked."""

    id: UUID
    user_id: UUID
    username: str
    name: str
    start: str
    permissions: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    state: str


class Flow(Shown):
    """What it asks and whom; `archived_at`: no new request goes through it since."""

    id: UUID
    company_id: UUID
    code: str
    zh: str
    en: str
    archived_at: datetime | None
    conditions: Conditions
    stages: list[Stage]


class FlowSheet(Flow):
    """With what was done to it, the latest first."""

    history: list[Change]


class OptionOfField(Shown):
    code: str
    zh: str
    en: str


class OwnField(Shown):
    """A field of a company's own. `kind`: text, number, date, choice, yes_no; `asked_of`: customer, staff, both.

    `per_line`: asked for every line; `archived_at`: no form asks for it since.
    """

    id: UUID
    company_id: UUID
    code: str
    zh: str
    en: str
    help_zh: str
    help_en: str
    kind: str
    options: list[OptionOfField]
    asked_of: str
    per_line: bool
    required: bool
    archived_at: datetime | None


class OwnFieldSheet(OwnField):
    """With what was done to it, the latest first."""

    history: list[Change]


class Delegation(Shown):
    """`state`: to_come, live, over or ended (taken back)."""

    id: UUID
    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str
    first_day: date
    last_day: date
    state: str


def number_range(found: Range) -> NumberRange:
    form = found.form or Form("", 0)
    return show(NumberRange, found, prefix=form.prefix, width=form.width)


def master(found: Any) -> Master:
    return show(Master, found, company=found.above)


def master_sheet(found: Sheet, editable: tuple[str, ...]) -> MasterSheet:
    history = [show(Change, change.item, actor=change.who) for change in found.history]
    return show(MasterSheet, found.master, company=found.master.above, editable=list(editable), history=history)


def flow(company_id: UUID, found: FlowInfo) -> Flow:
    return show(Flow, found, found.flow, company_id=company_id)


def flow_sheet(found: Kept) -> FlowSheet:
    history = [show(Change, change.item, actor=change.who) for change in found.history]
    return show(FlowSheet, found.info, found.info.flow, company_id=found.company.id, history=history)


def own_field(company_id: UUID, found: FieldInfo) -> OwnField:
    return show(OwnField, found, company_id=company_id)


def own_field_sheet(found: FieldSheet) -> OwnFieldSheet:
    history = [show(Change, change.item, actor=change.who) for change in found.history]
    return show(OwnFieldSheet, found.info, company_id=found.company.id, history=history)
