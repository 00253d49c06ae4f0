"""Reading drawers: which company uses any, whose shift runs, up to which difference nobody else has to look."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from guicang.org.models import Drawer
from guicang.payments.models import DrawerRules, Shift
from guicang.payments.rules.drawers import RUNNING


def using(company_ids: Iterable[UUID]) -> set[UUID]:
    """Companies whose cash lies in drawers; 1 statement."""
    rows = Drawer.objects.filter(shop__company_id__among=sorted(set(company_ids)), archived_at=None)
    return set(rows.values_list("shop__company_id", flat=True))


def running(person_id: UUID) -> Shift | None:
    """The shift that somebody has begun and not closed; 1 statement."""
    return Shift.objects.filter(person_id=person_id, state__in=RUNNING).select_related("till").first()


def limits(company_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Up to which difference nobody else has to look, by company; 0 where nobody said. 1 statement."""
    wanted = sorted(set(company_ids))
    said = dict(DrawerRules.objects.filter(company_id__among=wanted).values_list("company_id", "limit_minor"))
    return {key: said.get(key, 0) for key in wanted}
