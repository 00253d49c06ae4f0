"""Rows of one order to the facts about it. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from guicang.intake.identity import FUNDERS, keyed
from guicang.intake.places import Place
from guicang.intake.profiles import Profile
from guicang.intake.staging import Reason, StagedRow
from guicang.kernel.money import from_minor, to_minor
from guicang.sales.models import LineKind
from guicang.trade.facts import (
    CustomerFacts,
    DiscountFacts,
    LineFacts,
    OrderFacts,
    PaymentFacts,
    ShipmentFacts,
    ShippedFacts,
)
from guicang.trade.rules import spread, tax_of

#: Value that goes back to where it came from and never turns to cash.
PROMOTIONAL = frozenset({"points", "coupon"})
_SHIPPED = frozenset({"shipped", "delivered", "completed"})
#: Stated once per order: on its first row, or alike on each.
_ONCE = (
    "currency", "customer_id", "customer_tier", "shipping_standard", "shipping_surcharge", "points_earned",
    "points_spent", "deposit", "deposit_kind", "balance", "company", "channel", "shop", "market", "store", "sold_by",
    "withdrawal_informed",
)  # fmt: skip
#: The same with payments, which may stand on one row alone too.
STATED_ONCE = (*_ONCE, "paid")
#: What two rows with one line id must agree on.
_SAME_LINE = ("sku", "quantity", "unit_price", "gross", "tax_rate", "tax", "sold_weight_g", *FUNDERS)
_EXTRAS = (
    frozenset(FUNDERS)
    | {"nonreturnable_confirmed_at"}
    | frozenset("tax_rate tax list_price cancelled_quantity status gift gift_value promotion_id sold_weight_g".split())
)
_SHIPMENT_COLUMNS = frozenset(
    "cancelled_quantity status shipped_quantity shipped_at delivered_at warehouse carrier tracking serial lot".split()
)
_NAME_CHARACTERS = 200
_NOTHING = Decimal(0)
_PERSONAL = {"name": "customer_name", "phone": "customer_phone", "email": "customer_email"}


class Contradiction(Exception):
    def __init__(self, code: str, column: str, **data: object) -> None:
        super().__init__(code)
        self.reason = Reason(code, column, data)


@dataclass(slots=True)
class OrderRows:
    """What it takes to understand the rows of an order."""

    profile: Profile
    rows: Sequence[StagedRow]
    place: Place
    warehouse_of: Callable[[Mapping[str, Any]], UUID]
    as_of: datetime | None
    once: dict[str, Any] = field(default_factory=dict)
    currency: str = ""
    ordered_at: datetime = field(init=False)
    extras: bool = field(init=False)
    facts_as_of: datetime | None = field(init=False)

    def __post_init__(self) -> None:
        self.extras = bool(_EXTRAS & self.rows[0].values.keys())
        self.ordered_at = min(row.values["ordered_at"] for row in self.rows)
        dated = self.rows if "updated_at" in self.rows[0].values else ()
        self.facts_as_of = max(
            (row.values["updated_at"] for row in dated if row.values["updated_at"]), default=self.as_of
        )


def facts_of(order: OrderRows) -> OrderFacts:
    """The facts of an order. Raises Contradiction where its rows do not agree."""
    order.once = _stated_once(order)
    order.currency = str(order.once.get("currency") or order.profile.currency)
    lines = _lines(order)
    once = order.once
    shipping = (once.get("shipping_standard") or 0, once.get("shipping_surcharge") or 0)
    facts = OrderFacts(
        shop_id=order.place.shop_id,
        number=order.rows[0].values["order_number"],
        ordered_at=order.ordered_at,
        currency=order.currency,
        lines=[line for line, _ in lines],
        customer=_customer(order),
        status=_status(order),
        facts_as_of=order.facts_as_of,
        tax_inclusive=order.profile.price_includes_tax,
        shipments=_shipments(order, lines),
        payments=_payments(order),
        shipping_standard_minor=shipping[0],
        shipping_surcharge_minor=shipping[1],
        shipping_tax_minor=tax_of(sum(shipping), order.profile.tax_rate or Decimal(0), inclusive=True),
        points_earned=once.get("points_earned") or 0,
        points_spent=once.get("points_spent") or 0,
        deposit_minor=once.get("deposit") or 0,
        deposit_kind=once.get("deposit_kind") or "",
        balance_minor=once.get("balance") or 0,
        customer_tier=once.get("customer_tier") or "",
        sold_by=once.get("sold_by") or "",
        shipped_by=next((row.values["shipped_by"] for row in order.rows if row.values.get("shipped_by")), ""),
        withdrawal_informed=once.get("withdrawal_informed") is not False,
        market_id=order.place.market_id,
        promotions=_promotions(lines),
        rows=[row.number for row in order.rows],
    )
    return facts


def _header(order: OrderRows, field: str) -> str:
    """The column's name as the profile has it."""
    return order.profile.columns.get(field, (field,))[0]


def _stated_once(order: OrderRows) -> dict[str, Any]:
    """Values of the order: stated on one row or alike on several."""
    found: dict[str, Any] = {}
    first = order.rows[0].values
    for name in [name for name in _ONCE if name in first]:
        for row in order.rows:
            value = row.values.get(name)
            if value is None:
                continue
            if found.setdefault(name, value) != value:
                data = {"first": str(found[name]), "second": str(value)}
                raise Contradiction("order_contradiction", _header(order, name), **data)
    return found


def _lines(order: OrderRows) -> list[tuple[LineFacts, list[StagedRow]]]:
    """Each line with its rows: several where the export has a row per parcel or serial of a line id."""
    found: dict[str, tuple[LineFacts, list[StagedRow]]] = {}
    off = 0
    for key, row in keyed(order.rows):
        if takes_off(order.profile, row.values):
            off -= _gross(order, row.values)
            continue
        if key not in found:
            found[key] = (_line(order, key, row), [row])
            continue
        known = found[key][1]
        for name in _SAME_LINE:
            if row.values.get(name) != known[0].values.get(name):
                data = {"line_id": row.values.get("line_id"), "field": _header(order, name)}
                raise Contradiction("line_contradiction", _header(order, name), **data)
        if all(row.values != other.values for other in known):
            known.append(row)
    if off:
        _take_off(off, [line for line, _ in found.values()])
    return list(found.values())


def takes_off(profile: Profile, values: Mapping[str, Any]) -> bool:
    """A discount for the whole order on a row of its own, as the profile's codes name it and its sign says."""
    if profile.codes.classify(values.get("sku") or "") != "discount":
        return False
    amount = values.get("unit_price") if values.get("gross") is None else values["gross"]
    return amount is not None and (amount < 0) != (values["quantity"] < 0)


def _take_off(minor: int, lines: Sequence[LineFacts]) -> None:
    """Spread it over the goods by what is left of their prices (HARD-CASES 1): the shop pays for it."""
    goods = [line for line in lines if line.kind == LineKind.GOODS] or lines
    left = [line.gross_minor - sum(discount.amount_minor for discount in line.discounts) for line in goods]
    for line, share in zip(goods, spread(minor, left), strict=True):
        if share:
            line.discounts.append(DiscountFacts("shop", share))


def _gross(order: OrderRows, values: Mapping[str, Any]) -> int:
    """What a row amounts to before discounts: as stated, else units by price."""
    stated: int | None = values.get("gross")
    return to_minor(values["unit_price"] * values["quantity"], order.currency) if stated is None else stated


def _line(order: OrderRows, key: str, row: StagedRow) -> LineFacts:
    get = row.values.get
    quantity, price, sku = row.values["quantity"], get("unit_price"), row.values["sku"]
    gross = _gross(order, row.values)
    if price is None:
        price = from_minor(gross, order.currency) / quantity
    kind = order.profile.codes.classify(sku)
    name = (get("name") or "")[:_NAME_CHARACTERS]
    line = LineFacts(key, sku, quantity, price, gross, kind, name, [], order.profile.tax_rate or _NOTHING)
    if order.extras:
        _add_extras(order, line, row.values)
    return line


def _add_extras(order: OrderRows, line: LineFacts, values: Mapping[str, Any]) -> None:
    """What most exports do not say of a line, frozen from the first import where one does."""
    get, list_price = values.get, values.get("list_price")
    line.promotion_id = get("promotion_id") or ""
    line.discounts = [
        DiscountFacts(funder, values[name], line.promotion_id) for name, funder in FUNDERS.items() if get(name)
    ]
    if get("tax_rate") is not None:
        line.tax_rate = values["tax_rate"]
    line.tax_minor = get("tax")
    line.list_price_minor = None if list_price is None else to_minor(list_price, order.currency)
    line.cancelled, line.cancels_rest = _cancelled(values), _cancels_rest(values)
    line.is_gift = bool(get("gift"))
    line.gift_value_minor = get("gift_value") or 0
    line.weight_g = get("sold_weight_g") or 0
    line.non_returnable_confirmed_at = get("nonreturnable_confirmed_at")


def _cancelled(values: Mapping[str, Any]) -> int | None:
    """Units cancelled; a cancelled order cancels whatever of a line was not shipped."""
    stated: int | None = values.get("cancelled_quantity")
    shipped = values.get("shipped_quantity")
    if stated is None and shipped is not None and values.get("status") == "cancelled":
        return int(values["quantity"] - shipped)
    return stated


def _cancels_rest(values: Mapping[str, Any]) -> bool:
    """Cancelled, and the file tells neither how much nor what had left: only who knows the order can say."""
    told = values.get("cancelled_quantity"), values.get("shipped_quantity")
    return values.get("status") == "cancelled" and told == (None, None)


def _shipped(order: OrderRows, values: Mapping[str, Any]) -> int | None:
    """Units that left by the row; None where it does not say."""
    stated: int | None = values.get("shipped_quantity")
    if stated is not None:
        return stated
    past = order.profile.history and values.get("status") != "cancelled"
    if past or values.get("shipped_at") or values.get("status") in _SHIPPED:
        return int(values["quantity"] - (values.get("cancelled_quantity") or 0))
    return None


def _shipments(order: OrderRows, lines: list[tuple[LineFacts, list[StagedRow]]]) -> list[ShipmentFacts]:
    """One shipment per parcel, or per instant and warehouse where the file names no parcels."""
    if order.profile.history and not _SHIPMENT_COLUMNS & order.rows[0].values.keys():
        units = [ShippedFacts(line.line_key, line.ordered) for line, _ in lines]
        return [ShipmentFacts("", order.warehouse_of(order.rows[0].values), order.ordered_at, units)]
    found: dict[tuple[Any, ...], ShipmentFacts] = {}
    for line, rows in lines:
        for row in rows:
            get = row.values.get
            quantity = _shipped(order, row.values)
            if quantity is None:
                continue
            at = get("shipped_at") or (None if order.profile.history else order.facts_as_of) or order.ordered_at
            tracking, code = get("tracking") or "", get("warehouse")
            shipment = found.get((tracking, at, code))
            if shipment is None:
                warehouse, carrier = order.warehouse_of(row.values), get("carrier") or ""
                shipment = ShipmentFacts(tracking, warehouse, at, [], carrier, tracking, get("delivered_at"))
                found[tracking, at, code] = shipment
            left = (get("lot") or "", get("serial") or "", get("weight_g") or 0)
            shipment.lines.append(ShippedFacts(line.line_key, quantity, *left))
    return list(found.values())


def _payments(order: OrderRows) -> list[PaymentFacts]:
    """Payments of the order, each stated once or alike on several rows; its reference tells it from others."""
    found: dict[str, PaymentFacts] = {}
    for row in order.rows if "paid" in order.rows[0].values else ():
        get = row.values.get
        amount = get("paid")
        if amount is None:
            continue
        tender, reference = get("tender") or "other", get("payment_reference") or ""
        key = f"{tender}:{reference}"
        known = found.get(key)
        if known is None:
            at = get("paid_at") or order.ordered_at
            found[key] = PaymentFacts(key, tender, amount, at, reference, tender in PROMOTIONAL)
        elif known.amount_minor != amount:
            data = {"first": str(known.amount_minor), "second": str(amount)}
            raise Contradiction("order_contradiction", _header(order, "paid"), **data)
    return list(found.values())


def _customer(order: OrderRows) -> CustomerFacts:
    personal: dict[str, str] = {}
    first = order.rows[0].values
    for kind, column in _PERSONAL.items():
        value = (
            next((row.values[column] for row in order.rows if row.values[column]), None) if column in first else None
        )
        if value:
            personal[kind] = value
    return CustomerFacts(
        order.profile.known_customer(order.once.get("customer_id")), order.once.get("customer_tier") or "", personal
    )


def _status(order: OrderRows) -> str:
    """The order's status; lines that differ in theirs make it partly shipped."""
    if "status" not in order.rows[0].values:
        return ""
    stated = list(dict.fromkeys(row.values["status"] for row in order.rows if row.values["status"]))
    if len(stated) > 1 and _SHIPPED & set(stated):
        return "partly_shipped"
    return stated[0] if stated else ""


def _promotions(lines: list[tuple[LineFacts, list[StagedRow]]]) -> list[dict[str, Any]]:
    """[{id, mode, threshold_minor, members, gifts}], as `sales.Order.promotions` has them; with shipping_minor where
    freight was waived.
    """
    found: dict[str, dict[str, Any]] = {}
    for line, rows in lines:
        if not line.promotion_id:
            continue
        values = rows[0].values
        blank = {"id": line.promotion_id, "mode": "", "threshold_minor": 0, "members": [], "gifts": []}
        promotion = found.setdefault(line.promotion_id, blank)
        promotion["mode"] = promotion["mode"] or values.get("promotion_mode") or ""
        promotion["threshold_minor"] = promotion["threshold_minor"] or values.get("promotion_threshold") or 0
        if waived := values.get("promotion_shipping"):
            # Freight that it waived, the same on each of its lines.
            promotion["shipping_minor"] = max(promotion.get("shipping_minor", 0), waived)
        if line.is_gift:
            promotion["gifts"].append({"line_key": line.line_key, "value_minor": line.gift_value_minor})
        else:
            promotion["members"].append(line.line_key)
    return list(found.values())
