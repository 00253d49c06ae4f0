"""The tables of freight that somebody may see, one for each currency that a company sells in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from guicang.insights.journal import companies
from guicang.kernel.actor import Scope
from guicang.logistics.queries import freight_tables
from guicang.logistics.rules import Rate
from guicang.org import queries as org


class Table(NamedTuple):
    """`number` 0: none was stated yet."""

    company: org.CompanyInfo
    currency: str
    number: int
    rates: Sequence[Rate]


def tables(scope: Scope) -> list[Table]:
    """Of companies that are in use; 3 statements."""
    mine = {one.id: one for one in org.in_use(companies(scope))}
    wanted = {(one.id, one.currency): one for one in mine.values()}
    for shop in org.shops().values():
        if shop.company_id in mine:
            wanted[shop.company_id, shop.currency] = mine[shop.company_id]
    known = freight_tables(mine)
    return [Table(company, key[1], *known.get(key, (0, ()))) for key, company in wanted.items()]
