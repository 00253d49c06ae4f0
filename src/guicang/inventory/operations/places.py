"""The standard places of a warehouse and the grades of its company."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from guicang.inventory import queries
from guicang.inventory.models import GRADE_A, REAL, Grade, Location, LocationKind
from guicang.kernel import setwrites
from guicang.kernel.ids import derived_id


def ensure_locations(company_id: UUID, warehouse_id: UUID) -> dict[LocationKind, UUID]:
    """Every kind of place of a warehouse, and grades A, R, B, S of the company, made where missing.

    Idempotent: ids follow from the keys. An edited grade stays as it is. 2 statements.
    """
    places = {kind: queries.location_id(warehouse_id, kind) for kind in LocationKind}
    setwrites.insert(
        Location,
        [
            {
                "id": place,
                "company_id": company_id,
                "warehouse_id": warehouse_id,
                "kind": kind.value,
                "code": kind.value,
                "virtual": kind.value not in REAL,
            }
            for kind, place in places.items()
        ],
        ignore_conflicts=True,
    )
    setwrites.insert(Grade, _grades(company_id), ignore_conflicts=True)
    return places


def _grades(company_id: UUID) -> list[dict[str, object]]:
    # R keeps its cost: what refurbishing will cost is known only after it was done.
    grades = [
        (GRADE_A, _("As new"), 1_000_000),
        ("R", _("To refurbish"), 1_000_000),
        ("B", _("Second grade"), 600_000),
        ("S", _("Scrap"), 0),
    ]
    return [
        {
            "id": derived_id("grade", company_id, code),
            "company_id": company_id,
            "code": code,
            "name": name,
            "worth_ppm": worth,
        }
        for code, name, worth in grades
    ]
