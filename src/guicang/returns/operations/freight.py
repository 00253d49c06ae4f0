"""What the way back costs, told and frozen with the verdict; and who pays once inspection found whose fault it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.logistics.rules import cost_of
from guicang.policy.rules.terms import SELLERS_SIDE
from guicang.returns.lifecycle import LineKind, Type
from guicang.returns.operations.asking import Request
from guicang.returns.operations.sight import Sight

Terms = Mapping[str, Any]


def with_freight(
    data: dict[str, Any], item: Request, lines: Sequence[Mapping[str, Any]], sight: Sight, context: Context
) -> dict[str, Any]:
    """A verdict with `freight`, what the way back costs by the company's table, and that amount in fees that go by it.

    Nothing is said where nothing comes back or the table has no rate: then a fee by the table is none. No I/O.
    """
    goods = [line for line in lines if line["kind"] == LineKind.GOODS and line["order_id"] != NIL]
    if data.get("keeps"):  # what is worth so little stays, but for an exchange it comes back
        goods = [line for line in goods if line["resolution"] != Type.REFUND]
    told = _told(item, goods, sight, context) if goods else None
    if told is not None:
        data = {**data, "freight": told}
    amount = told["amount_minor"] if told else 0
    return {**data, "lines": _priced(data.get("lines", {}), amount)} if data.get("lines") else data


def _told(item: Request, goods: Sequence[Mapping[str, Any]], sight: Sight, context: Context) -> dict[str, Any] | None:
    order = sight.orders[goods[0]["order_id"]]
    number, rates = sight.freight.get((sight.shops[item.shop_id].company_id, order.currency), (0, ()))
    if not rates:
        return None
    market = sight.zones[order.market_id]
    shipped = [row.warehouse_id for line in goods for row in sight.shipped.get(line["order_line_id"], ())[:1]]
    warehouse = item.warehouse_id if item.warehouse_id != NIL else next(iter(shipped), NIL)
    weight_g = sum(line["requested"] * line["unit_weight_g"] for line in goods)
    day = (item.occurred_at or context.now).astimezone(ZoneInfo(market.zone)).date()
    cost = cost_of(rates, zone=market.code, warehouse=sight.warehouses.get(warehouse, ""), day=day, weight_g=weight_g)
    if cost is None:
        return None
    return {**cost._asdict(), "currency": order.currency, "weight_g": weight_g, "table": number}


def _priced(lines: Mapping[str, Any], amount: int) -> dict[str, Any]:
    return {key: {**line, "terms": _terms(line["terms"], amount)} for key, line in lines.items()}


def _terms(terms: Terms, amount: int) -> dict[str, Any]:
    found = {**terms, "fees": _fees(terms.get("fees", ()), amount)}
    if not found["fees"]:
        found.pop("fees")
    if "otherwise" in terms:
        found["otherwise"] = _terms(terms["otherwise"], amount)
    return found


def _fees(fees: Sequence[Terms], amount: int) -> list[Terms]:
    """A fee by the table becomes one of its amount."""
    fixed = [{**fee, "kind": "fixed", "value": amount} if fee["kind"] == "table" else fee for fee in fees]
    return [fee for fee in fixed if fee["value"]]


def as_found(verdict: Mapping[str, Any], faults: Mapping[UUID, str]) -> dict[str, Any]:
    """The verdict where inspection found, by line, whose fault it is: who pays and the fees follow the finding.

    What held before stays with it as what would hold otherwise, so that a later finding can turn it back; `turned` says
    that it did not hold from the first on.
    """
    lines = dict(verdict.get("lines", {}))
    for key, fault in faults.items():
        if str(key) in lines:
            lines[str(key)] = {**lines[str(key)], "terms": _turned(lines[str(key)]["terms"], fault)}
    found = {**verdict, "lines": lines}
    if "freight" in verdict.get("terms", {}):
        sellers = any(line["terms"].get("freight") == "seller" for line in lines.values())
        found["terms"] = {**verdict["terms"], "freight": "seller" if sellers else "buyer"}
    return found


def _turned(terms: Terms, fault: str) -> dict[str, Any]:
    found = {name: value for name, value in terms.items() if name != "fault"}
    if fault in SELLERS_SIDE:
        found["fault"] = fault
    if (fault in SELLERS_SIDE) == (terms.get("fault") in SELLERS_SIDE) or "otherwise" not in terms:
        return found
    before = {name: terms[name] for name in ("freight", "fees") if name in terms}
    found.pop("fees", None)
    return {**found, **terms["otherwise"], "otherwise": before, "turned": not terms.get("turned")}


def payer_of(verdict: Mapping[str, Any]) -> str:
    """seller or buyer; '' where nothing is said."""
    return str(verdict.get("terms", {}).get("freight", ""))
