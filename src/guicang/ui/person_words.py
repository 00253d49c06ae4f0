"""Words for what the vault holds of a person."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: What the vault holds of a person, by its kind, or by whose it is and its kind.
VAULT: dict[str, Any] = {
    "name": pgettext_lazy("of a person", "Name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "wechat": _("WeChat"),
    "address": _("Address"),
    "tax_number": _("Tax number"),
    "return.words": _("What the customer said"),
    "answer.words": _("Answers of the customer"),
    "note.text": _("Notes of staff"),
    "payee.payee_name": _("Name of the account's owner"),
    "payee.account": _("Account number"),
    "payee.bank": _("Bank"),
    "payee.bank_code": _("Bank code"),
}
