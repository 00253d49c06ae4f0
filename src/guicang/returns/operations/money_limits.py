"""Limits of money without goods: stated by company, asked when staff grant it, counted by month under lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, derived_id, new_id
from guicang.kernel.models import Origin
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refusal, Refused
from guicang.org import queries as org
from guicang.org.operations import lock_company
from guicang.returns import errors
from guicang.returns.lifecycle import LineKind
from guicang.returns.limits import MOST_MINOR, Given, Rules, above, month_of
from guicang.returns.models import MoneyGrant, MoneyMonth, MoneyRules
from guicang.returns.operations.docket import Case

STATE = "policy.manage"


def rules_of(company_ids: Iterable[UUID]) -> dict[UUID, tuple[int, Rules]]:
    """The version in force of each company that stated any; 1 statement over what a few people stated."""
    rows = MoneyRules.objects.filter(company_id__in=sorted(set(company_ids))).order_by("number")
    return {key: (number, Rules.of(said)) for key, number, said in rows.values_list("company_id", "number", "rules")}


def state_rules(context: Context, company_id: UUID, rules: Rules) -> None:
    """The company's limits from now on, as a new version; nothing where they are the same. About 9 statements.

    Locks the company. Raises Refused: NotPermitted, OutOfBounds.
    """
    if not context.actor.may(STATE) or not context.actor.scope.holds(company_id, NIL, NIL):
        raise Refused([errors.NotPermitted(permission=STATE)])
    said = [amount for limit in rules.roles.values() for amount in limit]
    if wrong := [amount for amount in said if not 0 <= amount <= MOST_MINOR]:
        raise Refused([errors.OutOfBounds(value=wrong[0], least=0, most=MOST_MINOR)])
    lock_company(company_id)
    number, before = rules_of([company_id]).get(company_id, (0, Rules()))
    if rules.as_data() == before.as_data():
        return
    rules_id = new_id()
    row = {"id": rules_id, "company_id": company_id, "number": number + 1, "rules": rules.as_data()}
    setwrites.insert(MoneyRules, [{**row, "command_id": context.id, "recorded_at": context.now}])
    after = {"number": number + 1, "rules": rules.as_data()}
    trail = AuditEntry(company_id, "money_rules", rules_id, "state", {"rules": before.as_data()}, after)
    record(context, [trail])


class _Months(NamedTuple):
    """Whose counters a grant moves."""

    customer: UUID
    agent: UUID


@dataclass(slots=True)
class Granting:
    """Limits of the companies of a set, with the counters of its customers and of the one who grants, locked."""

    rules: Mapping[UUID, Rules]
    context: Context
    months: dict[UUID, _Months] = field(default_factory=dict)
    given: dict[UUID, int] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def refusals(self, case: Case, units: Mapping[UUID, int]) -> list[Refusal]:
        """Why this role may not grant that much; what stages of an approval agreed to is not asked about."""
        key, amount = case.header.id, _amount(case, units)
        limit = self.rules[case.header.company_id].roles.get(self.context.actor.role) if key in self.months else None
        if limit is None or not amount:
            return []
        months = self.months[key]
        found = above(limit, amount, Given(self.given[months.customer], self.given[months.agent]))
        if found is None:
            return []
        left = f"{from_minor(found[1], case.header.currency):f} {case.header.currency}"
        return [LIMITS[found[0]](left=left)]

    def take(self, case: Case) -> None:
        """Count what was granted."""
        amount = _amount(case, {line.id: line.authorised for line in case.lines})
        if case.header.id not in self.months or not amount:
            return
        months = self.months[case.header.id]
        for key in months:
            self.given[key] += amount
        ids = {"customer_month_id": months.customer, "agent_month_id": months.agent}
        stamps = {"command_id": self.context.id, "recorded_at": self.context.now}
        row = {"id": new_id(), "parent_id": case.header.id, "amount_minor": amount}
        self.rows.append(row | ids | stamps)

    def write(self) -> None:
        moved: dict[UUID, int] = {}
        for row in self.rows:
            for key in (row["customer_month_id"], row["agent_month_id"]):
                moved[key] = moved.get(key, 0) + row["amount_minor"]
        add = [{"id": key, "given_minor": amount} for key, amount in sorted(moved.items())]
        setwrites.update(MoneyMonth, add, add=["given_minor"])
        setwrites.insert(MoneyGrant, self.rows)


#: By the limit that is in the way.
LIMITS: Mapping[str, type[Refusal]] = {
    "act": errors.MoneyLimitAct,
    "customer": errors.MoneyLimitCustomer,
    "agent": errors.MoneyLimitAgent,
}


def _amount(case: Case, units: Mapping[UUID, int]) -> int:
    return sum(line.recorded_minor or 0 for line in case.lines if line.kind == LineKind.MONEY and units.get(line.id))


def look(cases: Mapping[UUID, Case], context: Context) -> Granting:
    """None for a set without money; else 1 statement, and 4 with locks where a company has limits and staff grant."""
    wanted = {
        key: case
        for key, case in cases.items()
        if case.header.origin == Origin.LIVE and any(line.kind == LineKind.MONEY for line in case.lines)
    }
    if not wanted or context.actor.kind != "staff":
        return Granting({}, context)
    rules = {key: one for key, (_, one) in rules_of({case.header.company_id for case in wanted.values()}).items()}
    granting, rows = Granting(rules, context), {}
    zones = {key: one.zone for key, one in org.companies(rules).items()}
    for key, case in wanted.items():
        header = case.header
        if header.company_id not in rules:
            continue
        found = {}
        for kind, owner in (("customer", header.customer_id), ("agent", context.actor.id)):
            month = month_of(context.now, zones[header.company_id])
            place = {"company_id": header.company_id, "kind": kind, "owner_id": owner, "currency": header.currency}
            found[kind] = derived_id("money_month", *place.values(), month)
            rows[found[kind]] = {"id": found[kind], "month": month, "given_minor": 0, **place}
        granting.months[key] = _Months(**found)
    setwrites.insert(MoneyMonth, [rows[key] for key in sorted(rows)], ignore_conflicts=True)
    granting.given = {row.id: row.given_minor for row in setwrites.fetch(MoneyMonth, rows, lock=True)} if rows else {}
    return granting
