"""What a company says about who gets a return that comes to a department."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refused
from guicang.org import operations as org
from guicang.returns import errors
from guicang.returns.departments import ROLES, Department, Way
from guicang.returns.models import AssignmentRule
from guicang.returns.operations.owning import ASSIGN, Rule, rules_of
from guicang.staff import rules as staff

KIND = "assignment_rule"
#: Roles that can be given returns, in the order of `staff.rules`.
RECEIVING = tuple(role.code for role in staff.ROLES.values() if ASSIGN in role.permissions)


def assignment_rules(company_id: UUID) -> dict[str, Rule]:
    """{department: (way, role)} of all departments: nobody gets what no rule is stated for. 1 statement."""
    stated = rules_of([company_id])
    return {str(one): stated.get((company_id, one), (str(Way.NOBODY), ROLES[one])) for one in Department}


def state_assignment_rules(context: Context, company_id: UUID, rules: Mapping[str, Rule]) -> None:
    """The company's rules from now on, each with its line in the trail where it differs. About 9 statements.

    Returns that have come already keep their owner. Locks the company. Raises Refused: NotFound, BadChoice.
    """
    if context.actor.scope.company_id not in (NIL, company_id):
        raise Refused([errors.NotFound()])
    _refuse_wrong(rules)
    org.lock_company(company_id)
    known = {row.department: row for row in AssignmentRule.objects.filter(company_id=company_id)}
    made, changed, trail = [], [], []
    for place, (way, role) in rules.items():
        row, said = known.get(place), {"way": way, "role": role}
        if row is None:
            rule_id = new_id()
            made.append({"id": rule_id, "company_id": company_id, "department": place, **said})
            trail.append(AuditEntry(company_id, KIND, rule_id, "state", {}, {"department": place, **said}))
        elif before := {name: getattr(row, name) for name in said if getattr(row, name) != said[name]}:
            changed.append({"id": row.id, **said})
            after: dict[str, Any] = {name: said[name] for name in before}
            trail.append(AuditEntry(company_id, KIND, row.id, "state", before, after))
    setwrites.insert(AssignmentRule, made)
    setwrites.update(AssignmentRule, changed, assign=["way", "role"])
    record(context, trail)


def _refuse_wrong(rules: Mapping[str, Rule]) -> None:
    refusals = [errors.BadChoice(column="department", value=one) for one in sorted(set(rules) ^ set(Department))]
    refusals += [errors.BadChoice(column="way", value=way) for way, _ in rules.values() if way not in set(Way)]
    refusals += [errors.BadChoice(column="role", value=role) for _, role in rules.values() if role not in RECEIVING]
    if refusals:
        raise Refused(refusals)
