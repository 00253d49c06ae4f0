"""Shapes and lists that payments share with the faces."""

from __future__ import annotations

#: Why a balance is changed by hand: codes, which the trail may keep.
REASONS = {
    "goodwill": ("善意让步", "Goodwill"),
    "entered_wrongly": ("录入有误", "Entered wrongly"),
    "carried_over": ("从旧系统转入", "Carried over from the system before"),
    "paid_out": ("已改为现金支付", "Paid out in money instead"),
    "other": ("其他", "Other"),
}
