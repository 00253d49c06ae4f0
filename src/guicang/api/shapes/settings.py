"""Masters, number ranges, users and tokens as programs read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.api.parsing import Reference, Shown, show
from guicang.api.shapes.returns import Change
from guicang.insights.ranges import Range
from guicang.insights.settings import Sheet
from guicang.kernel.numbers import Form


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


def number_range(found: Range) -> NumberRange:
    form = found.form or Form("", 0)
    return show(NumberRange, found, prefix=form.prefix, width=form.width)


def master(found: Any) -> Master:
    return show(Master, found, company=found.above)


def master_sheet(found: Sheet, editable: tuple[str, ...]) -> MasterSheet:
    history = [show(Change, change.item, actor=change.who) for change in found.history]
    return show(MasterSheet, found.master, company=found.master.above, editable=list(editable), history=history)
