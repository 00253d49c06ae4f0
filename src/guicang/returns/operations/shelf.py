"""How long lots are still good for: what is too short is not sold again as new."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from guicang.catalog import queries as catalog
from guicang.kernel.refusal import Refusal
from guicang.org import queries as org
from guicang.returns import errors, queries
from guicang.returns.lifecycle import Disposition
from guicang.returns.models import ReturnLine
from guicang.returns.operations.docket import Case


@dataclass(frozen=True, slots=True)
class Shelf:
    """By SKU and lot the last day; by return what its policy said; by company the zone of its day."""

    days: Mapping[tuple[UUID, str], date] = field(default_factory=dict)
    verdicts: Mapping[UUID, Mapping[str, Any]] = field(default_factory=dict)
    zones: Mapping[UUID, str] = field(default_factory=dict)

    def refusals(self, case: Case, line: ReturnLine, disposition: str, at: datetime) -> list[Refusal]:
        """Where the goods would be sold again as new, and their lot is over or nearly so."""
        last = self.days.get((line.sku_id, line.lot)) if disposition == Disposition.RESTOCK else None
        if last is None:
            return []
        today = at.astimezone(ZoneInfo(self.zones[case.header.company_id])).date()
        verdict = self.verdicts.get(case.header.id, {})
        terms = verdict.get("lines", {}).get(str(line.id), verdict).get("terms", {})
        short = (last - today).days < terms.get("shelf_days", 0)
        return [errors.ShortDated(lot=line.lot, until=last.isoformat())] if short else []


def shelf(cases: Collection[Case]) -> Shelf:
    """No statement where no lot is named, 1 where none has a last day, else 2 or 3."""
    days = catalog.best_before({line.sku_id for case in cases for line in case.lines if line.lot})
    if not days:
        return Shelf()
    companies = org.companies({case.header.company_id for case in cases})
    zones = {key: company.zone for key, company in companies.items()}
    return Shelf(days, queries.verdicts_of([case.header.id for case in cases]), zones)
