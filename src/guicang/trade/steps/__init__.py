"""What trade does, a verb a file: this listing is its table of contents."""

from guicang.trade.steps.cancel_lines import cancel_lines
from guicang.trade.steps.record_opening_stock import record_opening_stock
from guicang.trade.steps.record_orders import record_orders
from guicang.trade.steps.record_payments import record_payments
from guicang.trade.steps.record_purchases import record_purchases
from guicang.trade.steps.record_shipments import record_shipments
from guicang.trade.steps.spend_credit import spend_credit

__all__ = [
    "cancel_lines",
    "record_opening_stock",
    "record_orders",
    "record_payments",
    "record_purchases",
    "record_shipments",
    "spend_credit",
]
