"""What other contexts may do with refunds and disputes."""

from __future__ import annotations

from guicang.payments.operations.disputes import close_dispute, open_dispute
from guicang.payments.operations.paying import Paid, again, execute_again, fail, lock_refunds, park, pay, submit
from guicang.payments.operations.recording import (
    RefundShare,
    lock_refunds_of,
    lock_refunds_of_returns,
    queue_execution,
    record_refunds,
    set_off,
)
from guicang.payments.operations.ways import set_ways

__all__ = [
    "Paid",
    "RefundShare",
    "again",
    "close_dispute",
    "execute_again",
    "fail",
    "lock_refunds",
    "lock_refunds_of",
    "lock_refunds_of_returns",
    "open_dispute",
    "park",
    "pay",
    "queue_execution",
    "record_refunds",
    "set_off",
    "set_ways",
    "submit",
]
