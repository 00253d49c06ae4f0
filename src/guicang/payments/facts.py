"""Shapes and lists that payments share with the faces."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Details:
    """Where a transfer goes, and whose account it is; `kind`: `rules.payees.AccountKind`.

    `bank` its name, `code` the bank's own: BIC, 12 digits in China, 9 in the USA. Personal data: no log shows it.
    """

    kind: str
    name: str = field(repr=False)
    account: str = field(repr=False)
    bank: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


#: Why a balance is changed by hand: codes, which the trail may keep.
REASONS = {
    "goodwill": ("善意让步", "Goodwill"),
    "entered_wrongly": ("录入有误", "Entered wrongly"),
    "carried_over": ("从旧系统转入", "Carried over from the system before"),
    "paid_out": ("已改为现金支付", "Paid out in money instead"),
    "other": ("其他", "Other"),
}
