"""How much money without goods each role may grant, as people read it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from guicang.kernel.money import from_minor
from guicang.org.queries import CompanyInfo
from guicang.returns.limits import Limit, Rules
from guicang.returns.operations.money_limits import rules_of
from guicang.staff.rules import STAFF, permissions


class Row(NamedTuple):
    """Of a role that may grant at all, as fields of forms hold it; '' for no limit."""

    role: str
    act_minor: str
    customer_minor: str
    agent_minor: str


@dataclass(frozen=True, slots=True)
class Stated:
    company: CompanyInfo
    number: int
    rules: Rules
    rows: list[Row]


def stated(companies: Collection[CompanyInfo]) -> list[Stated]:
    """The limits of each company; 1 statement."""
    said = rules_of(company.id for company in companies)
    found = []
    for company in companies:
        number, rules = said.get(company.id, (0, Rules()))
        roles = [role for role in STAFF if "returns.authorise" in permissions(role)]
        rows = [_row(role, rules.roles.get(role, Limit()), company.currency) for role in roles]
        found.append(Stated(company, number, rules, rows))
    return found


def _row(role: str, limit: Limit, currency: str) -> Row:
    return Row(role, *(f"{from_minor(minor, currency):f}" if minor else "" for minor in limit))
