"""Which department has to do something about a return, so in whose queue it stands. Pure; a label that steps store.

A return that is not over stands in exactly one: by its state, and by what it waits for.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from guicang.returns.lifecycle import ENDED, LineFacts, State, in_bay, pending, to_send, unsettled


class Department(StrEnum):
    SERVICE = "service"
    WAREHOUSE = "warehouse"
    FINANCE = "finance"
    MANAGEMENT = "management"


#: Whose people give their time to it where a company says nothing else.
ROLES = {
    Department.SERVICE: "agent",
    Department.WAREHOUSE: "warehouse",
    Department.FINANCE: "finance",
    Department.MANAGEMENT: "approver",
}
#: Where a clock that ran out calls somebody.
_CALLED = {
    "agent": Department.SERVICE,
    "warehouse": Department.WAREHOUSE,
    "counter": Department.WAREHOUSE,
    "finance": Department.FINANCE,
}


def department(state: str, stage: int, escalated_to: str, lines: Sequence[LineFacts]) -> str:
    """'' for one that is over or rejected.

    An open stage of an approval and a clock that ran out come first; then the goods: as long as any are awaited, not
    inspected, in the bay or to be sent it is the warehouse's turn, then finance pays and closes. What is held, and
    nothing else is left to inspect, is for management to decide.
    """
    if state in ENDED or state == State.REJECTED:
        return ""
    if escalated_to:
        return _CALLED.get(escalated_to, Department.MANAGEMENT)
    if state in (State.REQUESTED, State.INFO_NEEDED):
        return Department.MANAGEMENT if stage else Department.SERVICE
    if state == State.RECEIVED and not any(pending(line) for line in lines if not line.held):
        return Department.MANAGEMENT
    if state == State.AUTHORISED and any(map(unsettled, lines)) and not any(line.expected for line in lines):
        return Department.FINANCE
    if goods_go(state, lines):
        return Department.WAREHOUSE
    if state == State.INSPECTED or (state == State.SETTLED and not any(map(in_bay, lines))):
        return Department.FINANCE
    return Department.WAREHOUSE


def goods_go(state: str, lines: Sequence[LineFacts]) -> bool:
    """Whether what is left to do is to send goods to the buyer."""
    at_the_end = state in (State.AUTHORISED, State.INSPECTED, State.SETTLED)
    return at_the_end and any(map(to_send, lines)) and not any(map(unsettled, lines)) and not any(map(in_bay, lines))


class Way(StrEnum):
    """Who gets what comes to a department."""

    NOBODY = "nobody"
    IN_TURN = "in_turn"  # of those of a role who see it, whoever was given something the longest ago
    LAST_PERSON = "last_person"  # whoever had a return of this customer there last


class How(StrEnum):
    """How a return came to its owner."""

    TAKEN = "taken"
    GIVEN = "given"
    PUT_BACK = "put_back"
    IN_TURN = "in_turn"
    LAST_PERSON = "last_person"
