"""Statements that answer differences alone, so that a proof over any number of rows takes bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models

from guicang.accounting.models import Account, CreditNote, CreditNoteLine, Entry, EntryLine
from guicang.inventory.models import Location, StockLevel, StockMove, StockValue, ValuePool
from guicang.kernel.ids import NIL
from guicang.kernel.proof import Proof
from guicang.org.models import Company, Warehouse
from guicang.payments.models import Refund
from guicang.returns.models import (
    ApprovalSeat,
    ApprovalStage,
    Clock,
    Collection,
    Inspection,
    MoneyGrant,
    MoneyMonth,
    Offer,
    Outgoing,
    Quota,
    QuotaUse,
    RebateAgreement,
    RebateEntry,
    Receipt,
    Repair,
    RepairPart,
    RepairPayment,
    Return,
    ReturnLine,
    Settlement,
    SettlementLine,
    Swap,
)
from guicang.sales.models import Order, OrderLine, Payment, Shipment, ShipmentLine

#: Rows a fetch from the open cursor.
FETCH = 1000

_TABLES: dict[str, type[models.Model]] = {
    "account": Account,
    "collection": Collection,
    "clock": Clock,
    "company": Company,
    "entry": Entry,
    "entry_line": EntryLine,
    "inspection": Inspection,
    "level": StockLevel,
    "location": Location,
    "money_grant": MoneyGrant,
    "money_month": MoneyMonth,
    "move": StockMove,
    "offer": Offer,
    "outgoing": Outgoing,
    "note": CreditNote,
    "note_line": CreditNoteLine,
    "order": Order,
    "order_line": OrderLine,
    "payment": Payment,
    "pool": ValuePool,
    "quota": Quota,
    "quota_use": QuotaUse,
    "rebate": RebateAgreement,
    "rebate_entry": RebateEntry,
    "receipt": Receipt,
    "repair": Repair,
    "repair_part": RepairPart,
    "repair_payment": RepairPayment,
    "refund": Refund,
    "return": Return,
    "return_line": ReturnLine,
    "seat": ApprovalSeat,
    "settlement": Settlement,
    "settlement_line": SettlementLine,
    "shipment": Shipment,
    "shipment_line": ShipmentLine,
    "stage": ApprovalStage,
    "stock_value": StockValue,
    "swap": Swap,
    "warehouse": Warehouse,
}

#: The fee of a settlement (as `s`) as far as it had been billed, and its tax.
_BILLED = "(CASE WHEN s.shipping_unbilled THEN 0 ELSE s.shipping_minor END)"
_BILLED_TAX = "(CASE WHEN s.shipping_unbilled THEN 0 ELSE s.shipping_tax_minor END)"


def statement(sql: str) -> str:
    """`{name}` becomes a table, `{nil}` the nil id as a literal."""
    tables = {name: connection.ops.quote_name(model._meta.db_table) for name, model in _TABLES.items()}
    nil = f"'{NIL}'" if connection.vendor == "postgresql" else f"'{NIL.hex}'"
    return sql.format(nil=nil, billed=_BILLED, billed_tax=_BILLED_TAX, **tables)


def differences(proof: Proof, fault: str, sql: str, names: Sequence[str]) -> Proof:
    """Add every row that `sql` answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement(sql))
        while rows := cursor.fetchmany(FETCH):
            for row in rows:
                proof.add(fault=fault, **{name: _plain(name, value) for name, value in zip(names, row, strict=True)})
    return proof


def _plain(name: str, value: Any) -> str | int | None:
    """Ids alike on both engines; sums as integers (PostgreSQL adds bigints up to a numeric)."""
    if value is None:
        return None
    if name.endswith("_id"):
        return str(UUID(str(value)))
    return value if isinstance(value, str) else int(value)
