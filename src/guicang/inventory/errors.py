"""What the goods ledger refuses. Faults of a caller (an unknown place, a grade without a pool) are ValueErrors."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NotEnoughStock(Refusal):
    """Data: sku_id, location_id, grade, wanted, available (base units)."""

    code: ClassVar[str] = "not_enough_stock"
    sentence = _(
        "Only %(available)s of the %(wanted)s units are in that place in grade %(grade)s. "
        "Count the place or take the goods from another one."
    )
