"""Whose a return is: who gets it when it comes to a department, and the rows that say who had it.

Written where steps store a return, under its lock. Nothing here locks more: two at once may be given to one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from guicang.kernel import outbox, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.notifications import operations as notifications
from guicang.parties.models import Customer
from guicang.returns.departments import How, Way, department
from guicang.returns.lifecycle import State
from guicang.returns.models import Assignment, AssignmentRule
from guicang.staff import queries as staff
from guicang.staff.models import User

if TYPE_CHECKING:
    from guicang.returns.operations.docket import Case

ASSIGN = "returns.assign"
NOTICE = "staff_given"


class Standing(NamedTuple):
    """A return where it stands."""

    id: UUID
    number: str
    company_id: UUID
    shop_id: UUID
    warehouse_id: UUID
    customer_id: UUID
    department: str


class Owned(NamedTuple):
    standing: Standing
    owner_id: UUID
    how: How


Rule: TypeAlias = tuple[str, str]


def standing(header: Any) -> Standing:
    return Standing(*(getattr(header, name) for name in Standing._fields))


def enter(cases: Sequence[Case], context: Context) -> None:
    """Say in whose queue returns stand now; what comes to another one gets the owner of its rule, or none.

    1 statement where any comes to another department, at most 12 more where rules name people.
    """
    entered = []
    for case in cases:
        header = case.header
        header.department = department(header.state, header.stage, header.escalated_to, case.lines)
        if header.department and header.department != case.was["department"]:
            header.owner_id = NIL
            entered.append(header)
    live = [header for header in entered if header.origin == Origin.LIVE == context.origin]
    chosen = {one.standing.id: one for one in choose([standing(header) for header in live])}
    for header in live:
        if header.id in chosen:
            header.owner_id = chosen[header.id].owner_id
    write(list(chosen.values()), context)


def begin(headers: Sequence[dict[str, Any]], context: Context) -> list[Owned]:
    """The same for new requests, before they are written; the caller writes what is answered after them.

    What the policy grants at once goes on to the next department in the same breath, so nobody gets it here.
    """
    waiting = []
    for header in headers:
        header["department"] = department(State.REQUESTED, header.get("stage", 0), "", ())
        if context.origin == Origin.LIVE and not header["verdict"].get("automatic"):
            waiting.append(Standing(**{name: header[name] for name in Standing._fields}))
    chosen = choose(waiting)
    owners = {one.standing.id: one.owner_id for one in chosen}
    for header in headers:
        header["owner_id"] = owners.get(header["id"], NIL)
    return chosen


def choose(entering: Sequence[Standing]) -> list[Owned]:
    """Who gets what, by the rules of companies: 1 statement, and 1 for each department and way that finds people."""
    if not entering:
        return []
    rules = rules_of({one.company_id for one in entering})
    found: list[Owned] = []
    for place in sorted({one.department for one in entering}):
        here = [(one, rules[key]) for one in entering if one.department == place and (key := _key(one)) in rules]
        found += _in_turn(place, [(one, role) for one, (way, role) in here if way == Way.IN_TURN])
        found += _last_person(place, [one for one, (way, _) in here if way == Way.LAST_PERSON])
    return found


def _key(one: Standing) -> tuple[UUID, str]:
    return one.company_id, one.department


def rules_of(company_ids: Iterable[UUID]) -> dict[tuple[UUID, str], Rule]:
    """{(company, department): (way, role)} of those that a company stated; 1 statement."""
    rows = AssignmentRule.objects.filter(company_id__in=sorted(company_ids))
    return {(row.company_id, row.department): (row.way, row.role) for row in rows}


def _in_turn(place: str, entering: Sequence[tuple[Standing, str]]) -> list[Owned]:
    """Each to the one who sees it and was given something the longest ago; 1 statement."""
    if not entering:
        return []
    mine = Assignment.objects.filter(owner_id=OuterRef("pk"), department=place, how=How.IN_TURN).order_by("-id")
    people = User.objects.filter(role__in={role for _, role in entering}, is_active=True)
    rows = list(people.annotate(last=Subquery(mine.values("id")[:1])))
    queue = sorted(rows, key=lambda user: (user.last or NIL, user.id))
    found = []
    for one, role in entering:
        user = next((user for user in queue if user.role == role and _fits(staff.actor_of(user), one)), None)
        if user is not None:
            queue.remove(user)
            queue.append(user)
            found.append(Owned(one, user.id, How.IN_TURN))
    return found


def _last_person(place: str, entering: Sequence[Standing]) -> list[Owned]:
    """Each to the one who had this customer last, where he is still here; 2 statements."""
    if not entering:
        return []
    had = Assignment.objects.filter(customer_id=OuterRef("pk"), department=place).exclude(owner_id=NIL).order_by("-id")
    customers: QuerySet[Customer] = Customer.objects.filter(id__among=sorted({one.customer_id for one in entering}))
    rows = dict(customers.annotate(last=Subquery(had.values("owner_id")[:1])).values_list("id", "last"))
    people = staff.actors(key for key in rows.values() if key)
    found = []
    for one in entering:
        person = people.get(rows.get(one.customer_id) or NIL)
        if person is not None and _fits(person, one):
            found.append(Owned(one, person.id, How.LAST_PERSON))
    return found


def _fits(person: Actor, one: Standing) -> bool:
    """He works on returns, and sees this one."""
    return person.may(ASSIGN) and person.scope.holds(one.company_id, one.shop_id, one.warehouse_id)


def may_get(person: Actor | None, header: Any) -> bool:
    return person is not None and _fits(person, standing(header))


def write(changes: Sequence[Owned], context: Context) -> None:
    """Say who has what from now on, and tell those who did not take it themselves; 2 statements, none for nothing."""
    rows = [
        {
            "id": new_id(),
            "parent_id": each.standing.id,
            "department": each.standing.department,
            "owner_id": each.owner_id,
            "customer_id": each.standing.customer_id,
            "how": str(each.how),
            "command_id": context.id,
            "recorded_at": context.now,
        }
        for each in changes
    ]
    setwrites.insert(Assignment, rows)
    told = [each for each in changes if each.owner_id not in (NIL, context.actor.id)]
    wanting = staff.who_wants(NOTICE, {each.owner_id for each in told}) if told else frozenset()
    outbox.queue(context, [_notice(each, context) for each in told if each.owner_id in wanting])


def _notice(each: Owned, context: Context) -> outbox.Message:
    message = notifications.message(
        NOTICE,
        owner_kind="user",
        owner_id=each.owner_id,
        aggregate_id=each.standing.id,
        data={"number": each.standing.number},
    )
    # Once a command: a return may come back to the same person.
    return replace(message, dedupe_key=f"{message.dedupe_key}:{context.id.hex}")
