"""A new line's rows: amounts frozen, bundles exploded into the components and prices of this moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from guicang.catalog.queries import Component, SkuInfo
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refusal
from guicang.sales.models import Funder, LineKind
from guicang.trade import errors, rules
from guicang.trade.facts import LineFacts
from guicang.trade.queries import LineCopy, Masters, OrderCopy

_FUNDERS = frozenset(Funder.values)
#: One object for all lines, so that it is turned into text once a set.
_NO_GOODWILL: list[Any] = []
_NEEDS_SKU = frozenset({LineKind.GOODS, LineKind.BUNDLE})


@dataclass(slots=True)
class NewLines:
    """Rows for `sales`; discounts are as frozen on the line or component they fell on.

    `book_date` is that of the order, for its discounts.
    """

    order: OrderCopy
    known: Masters
    stamps: Mapping[str, Any]
    book_date: date
    lines: list[LineCopy] = field(default_factory=list)
    discounts: list[dict[str, Any]] = field(default_factory=list)


def frozen(line: LineFacts, *, inclusive: bool) -> rules.Frozen | None:
    """None where the line's amounts do not fit, or nobody we know pays for a discount."""
    discounts: Sequence[tuple[int, bool]] = ()
    if line.discounts:
        if any(discount.funder not in _FUNDERS for discount in line.discounts):
            return None
        discounts = [(discount.amount_minor, discount.funder != Funder.SHOP) for discount in line.discounts]
    return rules.freeze(line.gross_minor, discounts, line.tax_rate, line.tax_minor, inclusive=inclusive)


def add_line(new: NewLines, facts: LineFacts) -> list[Refusal]:
    """Put a line that the order has not had yet into `new` and into the order's copy; or the reasons why not."""
    amounts = frozen(facts, inclusive=new.order.tax_inclusive)
    sku = new.known.skus.get((new.order.company.id, facts.sku_code))
    parts = new.known.compositions.get(sku.id, []) if sku is not None and sku.is_bundle else []
    if amounts is None or facts.ordered < 1 or sku is None or sku.is_bundle:
        refusals = _refusals(facts, sku, amounts, parts)
        if refusals or amounts is None:
            return refusals
    if sku is not None and sku.is_bundle:
        _explode(new, facts, sku, parts, amounts)
        return []
    line = _line(new, facts, sku.id if sku else NIL, amounts)
    if sku is not None and line.row is not None:
        line.row |= {"category": sku.category, "brand": sku.brand}
    if line.row is not None:
        line.row["weight_g"] = facts.weight_g or (sku.weight_g * facts.ordered if sku is not None else 0)
        line.row["by_weight"] = bool(facts.weight_g)
    if amounts.discounts:
        _discount(new, line.id, facts, amounts)
    return []


def _refusals(
    facts: LineFacts, sku: SkuInfo | None, amounts: rules.Frozen | None, parts: Sequence[Component]
) -> list[Refusal]:
    refusals: list[Refusal] = []
    if facts.ordered < 1:
        refusals.append(errors.QuantityInvalid(line_key=facts.line_key, quantity=facts.ordered))
    if amounts is None:
        refusals.append(errors.AmountsInvalid(line_key=facts.line_key))
    if sku is None and facts.kind in _NEEDS_SKU:
        refusals.append(errors.SkuUnknown(sku_code=facts.sku_code))
    if sku is not None and sku.is_bundle and not parts:
        refusals.append(errors.BundleEmpty(sku_code=facts.sku_code))
    return refusals


def _line(new: NewLines, facts: LineFacts, sku_id: UUID, amounts: rules.Frozen, **differs: Any) -> LineCopy:
    """`differs` are the columns in which a bundle's header or a component is not as its facts say."""
    order = new.order
    order.positions += 1
    gross, paid, funded, tax, _ = amounts
    row: dict[str, Any] = {
        "id": new_id(),
        "order_id": order.id,
        "position": order.positions,
        "line_key": facts.line_key,
        # A plain string: a member of an enumeration takes the drivers and dicts ten times as long.
        "kind": str(facts.kind),
        "sku_id": sku_id,
        "ordered": facts.ordered,
        "cancelled": 0,
        "shipped": 0,
        "unit_price": facts.unit_price,
        "list_price_minor": facts.list_price_minor,
        "gross_minor": gross,
        "paid_minor": paid,
        "funded_minor": funded,
        "sold_minor": paid + funded,
        "tax_minor": tax,
        "tax_rate": facts.tax_rate,
        "is_gift": facts.is_gift,
        "gift_value_minor": facts.gift_value_minor,
        "promotion_id": facts.promotion_id,
        "non_returnable_confirmed_at": facts.non_returnable_confirmed_at,
        "goodwill": _NO_GOODWILL,
    }
    if differs:
        row |= differs
    key = row["line_key"]
    line = LineCopy(row["id"], key, row["kind"], sku_id, row["ordered"], row["unit_price"], paid, funded, tax, row=row)
    order.lines[key] = line
    new.lines.append(line)
    return line


def _explode(
    new: NewLines, facts: LineFacts, bundle: SkuInfo, parts: Sequence[Component], amounts: rules.Frozen
) -> None:
    """HARD-CASES 17. The header keeps the number of bundles and no money; the components carry the amounts."""
    kinds = {"category": bundle.category, "brand": bundle.brand}
    header = _line(new, facts, bundle.id, rules.Frozen(0, 0, 0, 0, ()), kind=LineKind.BUNDLE.value, **kinds)
    weights = [part.price_minor * part.quantity for part in parts]
    by_others = [discount.funder != Funder.SHOP for discount in facts.discounts]
    for part, own in zip(parts, rules.explode(amounts, weights, by_others), strict=True):
        component = _line(
            new,
            facts,
            part.sku_id,
            own,
            line_key=f"{facts.line_key}/{part.position}",
            kind=LineKind.GOODS.value,
            bundle_line_id=header.id,
            per_bundle=part.quantity,
            ordered=facts.ordered * part.quantity,
            unit_price=from_minor(part.price_minor, new.order.currency),
            list_price_minor=None,
            category=part.category,
            brand=part.brand,
        )
        component.per_bundle = part.quantity
        header.components.append(component)
        _discount(new, component.id, facts, own)


def _discount(new: NewLines, line_id: UUID, facts: LineFacts, amounts: rules.Frozen) -> None:
    new.discounts += [
        {
            "id": new_id(),
            "order_line_id": line_id,
            "position": position,
            "funder": discount.funder,
            "amount_minor": amount,
            "promotion_id": discount.promotion_id,
            "occurred_at": new.order.ordered_at,
            "book_date": new.book_date,
            **new.stamps,
        }
        for position, (discount, amount) in enumerate(zip(facts.discounts, amounts.discounts, strict=True), 1)
    ]
