"""How order lines were sold: what stands behind the amount that was paid for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from guicang.catalog.models import Sku
from guicang.kernel.ids import NIL
from guicang.kernel.setwrites import chunks
from guicang.sales.models import LineDiscount, OrderLine


class SoldAs(NamedTuple):
    """Amounts of all units of an order line; `discounts` by who pays for them."""

    list_price_minor: int | None
    gross_minor: int
    discounts: tuple[tuple[str, int], ...] = ()


def sold_as(order_line_ids: Iterable[UUID]) -> dict[UUID, SoldAs]:
    """List price, price and discounts of order lines, as frozen at the sale; 2 statements per 1,000, none for none."""
    found: dict[UUID, SoldAs] = {}
    for batch in chunks(sorted(set(order_line_ids) - {NIL})):
        discounts: dict[UUID, dict[str, int]] = {}
        given = LineDiscount.objects.filter(order_line_id__among=batch).order_by("order_line_id", "position")
        for key, funder, amount in given.values_list("order_line_id", "funder", "amount_minor"):
            by = discounts.setdefault(key, {})
            by[funder] = by.get(funder, 0) + amount
        rows = OrderLine.objects.filter(id__among=batch)
        for key, list_price, gross in rows.values_list("id", "list_price_minor", "gross_minor"):
            found[key] = SoldAs(list_price, gross, tuple(discounts.get(key, {}).items()))
    return found


def sku_names(sku_ids: set[UUID]) -> dict[UUID, str]:
    """Name and variant as a shopper knows them; 1 statement."""
    rows = Sku.objects.filter(id__among=sorted(sku_ids - {NIL})).values_list("id", "code", "name", "variant")
    return {key: " ".join(filter(None, (name or code, variant))) for key, code, name, variant in rows}
