"""Words for refunds: who carries them out, how the money goes, why it did not arrive."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: Who carries refunds out, by `payments.rules.Way`.
WAYS: dict[str, Any] = {
    "at_once": _("Paid when settled, by whoever settles"),
    "by_hand": _("By hand, marked paid by a second person"),
    "port": _("By the payment provider"),
    "platform": _("By the platform"),
}
#: How the money goes, by `payments.rules.Method`; '' is the tender itself.
METHODS: dict[str, Any] = {
    "": _("Back as it was paid"),
    "original": _("Back as it was paid"),
    "store_credit": _("Store credit"),
    "bank": _("Bank transfer"),
    "cash": _("Cash"),
    "exchange": _("With the exchange"),
    "platform": _("By the platform"),
    "credited": _("Set off"),
}
#: Why a refund could not be paid.
FAILURES: dict[str, Any] = {
    "account_closed": _("The account was closed"),
    "account_wrong": _("The account does not exist or is somebody else's"),
    "refused": _("The bank or provider refused it"),
    "too_old": _("The payment is too old to be refunded"),
    "other": _("Another reason"),
    "amount_differs": _("The provider paid another amount"),
}
#: What can be asked for, as it is compared before one is chosen.
CHOICES: dict[str, Any] = {
    "refund": _("Send it back for the money"),
    "store_credit": _("Send it back for store credit"),
    "exchange": _("Exchange it"),
    "money_only": _("Keep it, for a part of the money"),
    "refund_only": _("Money back, and nothing is sent back"),
    "repair": _("Have it repaired"),
    "reship": _("Get it sent once more"),
}
#: Kinds of accounts that money is sent to, by `payments.rules.payees.AccountKind`.
ACCOUNTS: dict[str, Any] = {
    "card": _("Chinese bank card"),
    "iban": "IBAN",
    "other": _("Other bank account"),
    "alipay": pgettext_lazy("account", "Alipay"),
    "wechat": pgettext_lazy("account", "WeChat"),
}
#: Whether it is known where a transfer goes, by `payments.rules.payees.PayeeState`: tone and word.
PAYEES: dict[str, tuple[str, Any]] = {
    "missing": ("warning", _("Details missing")),
    "unconfirmed": ("warning", _("To be confirmed")),
    "ready": ("success", _("Details there")),
}

#: Which exchanges a list shows (`insights.exchanges.SHOWN`).
EXCHANGES: dict[str, Any] = {
    "open": _("To collect"),
    "overdue": _("Overdue"),
    "ahead": _("Old goods awaited"),
    "paid": _("Nothing open"),
    "all": _("All"),
}
