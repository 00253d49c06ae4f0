"""Reading policies."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guicang.kernel.compiled import compiled
from guicang.kernel.ids import NIL
from guicang.policy.facts import ReasonInfo
from guicang.policy.models import PolicyVersion, ReturnReason
from guicang.policy.rules import Reason, Terms

_TEXTS: Mapping[str, Promise] = {
    "no_order": _("No order is known for it."),
    "too_late": _("The time for returns has run out."),
    "non_returnable_confirmed": _("The buyer confirmed that this item cannot be returned."),
    "non_returnable_unconfirmed": _("This item is not returnable, but the buyer's confirmation is missing."),
}


@dataclass(frozen=True, slots=True)
class InForce:
    """A version as orders freeze it."""

    id: UUID
    provisional: bool


NOTHING = InForce(NIL, True)


def version_in_force(company_id: UUID, instants: Iterable[datetime]) -> list[InForce]:
    """The version in force at each instant, in their order: the last one effective by then. 1 statement.

    `NOTHING` (the nil id, provisional) where a company has no policy that early.
    """
    return versions_in_force([(company_id, instant) for instant in instants])


def versions_in_force(wanted: Sequence[tuple[UUID, datetime]]) -> list[InForce]:
    """As `version_in_force` for several companies. 1 statement."""
    starts: dict[UUID, list[datetime]] = {}
    versions: dict[UUID, list[InForce]] = {}
    rows = PolicyVersion.objects.filter(company_id__among=sorted({company for company, _ in wanted}))
    rows = rows.order_by("effective_from", "-provisional", "number", "id")
    for company, start, row_id, provisional in rows.values_list("company_id", "effective_from", "id", "provisional"):
        starts.setdefault(company, []).append(start)
        versions.setdefault(company, []).append(InForce(row_id, provisional))
    found = []
    for company, instant in wanted:
        place = bisect_right(starts.get(company, ()), instant)
        found.append(versions[company][place - 1] if place else NOTHING)
    return found


_terms = compiled(lambda ids: PolicyVersion.objects.filter(id__among=ids).values_list("id", "terms"))


def terms(version_ids: Iterable[UUID]) -> dict[UUID, Terms]:
    """Terms by version; the plain default for the nil id. 1 statement."""
    wanted = set(version_ids)
    found = {row_id: Terms.from_data(data) for row_id, data in _terms(wanted)}
    return found | ({NIL: Terms()} if NIL in wanted else {})


def reason_text(reason: Reason | str) -> Any:
    """The translated sentence of a reason, or its code where there is none."""
    code = reason if isinstance(reason, str) else reason.code
    return _TEXTS.get(code, code)


_reasons = compiled(
    lambda ids: (
        ReturnReason.objects.filter(company_id__among=ids)
        .order_by("position", "id")
        .values_list("company_id", *ReasonInfo._fields)
    )
)


def reasons(company_ids: Iterable[UUID]) -> dict[UUID, dict[str, ReasonInfo]]:
    """{company: {code: reason}} in their order, the archived ones too: a return keeps its words. 1 statement."""
    found: dict[UUID, dict[str, ReasonInfo]] = {company_id: {} for company_id in company_ids}
    for company_id, *row in _reasons(found):
        reason = ReasonInfo(*row)
        found[company_id][reason.code] = reason
    return found


def reason(reason_id: UUID) -> tuple[UUID, ReasonInfo] | None:
    """A reason with its company; 1 statement."""
    row = ReturnReason.objects.filter(id=reason_id).values_list("company_id", *ReasonInfo._fields).first()
    return (row[0], ReasonInfo(*row[1:])) if row else None


def reasons_of(company_id: UUID) -> dict[str, ReasonInfo]:
    """As `reasons` for one company. 1 statement."""
    return reasons([company_id])[company_id]
