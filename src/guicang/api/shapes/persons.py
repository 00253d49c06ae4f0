"""Persons whom one can erase, as programs read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.api.parsing import Shown, show
from guicang.api.shapes.parts import Change
from guicang.insights.persons import Sheet


class Contact(Shown):
    kind: str
    value: str
    masked: bool


class Person(Shown):
    """A customer, or (`order_number`) the person of one order of which nobody knows the buyer."""

    id: UUID
    shop: str
    order_number: str
    contact: list[Contact]
    erased_at: datetime | None


class Persons(Shown):
    """`more`: there are others of that name; say more of him."""

    items: list[Person]
    more: bool


class HeldValues(Shown):
    owner: str
    kind: str
    values: int


class PersonSheet(Person):
    """What erasing takes: `held` values of the vault and `files`. What stays: `orders` and `returns`, without him.

    `open_returns`: numbers of those that are not over. `erasures`: when he was erased, the latest first.
    """

    held: list[HeldValues]
    files: int
    orders: int
    returns: int
    open_returns: list[str]
    erasures: list[Change]


class Erased(Shown):
    """How many values and files went."""

    id: UUID
    gone: int


def person(found: Any) -> Person:
    return show(Person, found, contact=[show(Contact, one) for one in found.contact])


def person_sheet(found: Sheet) -> PersonSheet:
    return show(
        PersonSheet,
        found.person,
        found,
        contact=[show(Contact, one) for one in found.person.contact],
        held=[HeldValues(owner=owner, kind=kind, values=n) for (owner, kind), n in sorted(found.held.values.items())],
        files=found.held.files,
        open_returns=found.open,
        erasures=[show(Change, change.item, actor=change.who) for change in found.erasures],
    )
