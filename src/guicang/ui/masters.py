"""Words of settings, by the code that stands for them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

#: Kinds of masters, one and several.
MASTERS: dict[str, tuple[Any, Any]] = {
    "company": (_("Company"), _("Companies")),
    "shop": (_("Shop"), _("Shops")),
    "warehouse": (_("Warehouse"), _("Warehouses")),
    "drawer": (_("Cash drawer"), _("Cash drawers")),
    "market": (_("Market"), _("Markets")),
    "channel": (_("Channel"), _("Channels")),
}
#: Columns of masters.
COLUMNS: dict[str, Any] = {
    "name": _("Name"),
    "zone": _("Time zone"),
    "currency": _("Currency"),
    "company": _("Company"),
    "shop": _("Shop"),
    "channel": _("Channel"),
    "market": _("Market"),
    "chart": _("Chart of accounts"),
    "cost_method": _("Cost of goods"),
    "write_down": _("Write-down"),
    "books": _("Books are kept"),
    "books_from": _("Books since"),
    "goods": _("Stock is kept"),
    "goods_from": _("Stock since"),
    "return_to": _("Goods are sent to"),
    "return_phone": _("Phone of the returns desk"),
    "return_address": _("Return address"),
    "zh": _("In Chinese"),
    "en": _("In English"),
    "fault": _("Whose fault"),
    "asks_evidence": _("Pictures"),
    "before_shipment": _("Before shipment"),
    "position": _("Place in the list"),
    "conditions": _("When it applies"),
    "stages": _("Who decides, in this order"),
    "help_zh": _("Hint in Chinese"),
    "help_en": _("Hint in English"),
    "options": _("Options of a list"),
    "asked_of": _("Who is asked"),
    "required": _("Has to be filled in"),
    "prefix": _("Prefix"),
    "width": _("Digits after the year"),
}
#: Who is at fault where the buyer is right.
FAULTS: dict[str, Any] = {
    "seller": _("the seller's"),
    "carrier": _("the carrier's"),
    "buyer": _("the buyer's"),
    "none": _("nobody's"),
}
#: What a field of a company's own holds, and who is asked for it.
FIELD_KINDS: dict[str, Any] = {
    "text": _("a text"),
    "number": _("a number"),
    "date": _("a day"),
    "choice": _("one of a list"),
    "yes_no": _("yes or no"),
}
ASKED_OF: dict[str, Any] = {
    "both": _("customers and staff"),
    "customer": _("customers alone"),
    "staff": _("staff alone"),
}
#: What stays as it began, by its code.
STAYS: dict[str, Any] = {
    "owned": _("here"),
    "mirrored": _("in another system"),
    "average": _("moving average"),
    "fifo": _("first in, first out"),
    "direct": _("directly"),
    "provision": _("by a provision"),
    "cas": _("Accounting standards for enterprises"),
    "small": _("Accounting standards for small enterprises"),
    "plain": _("plain international"),
}
#: Documents that have numbers.
DOCUMENTS: dict[str, Any] = {
    "return": _("Returns"),
    "rma": _("RMA codes"),
    "voucher": _("Vouchers"),
    "credit_note": _("Credit notes"),
}
#: What was done to a master.
DEEDS: dict[str, Any] = {
    "create": _("Made"),
    "change": _("Changed"),
    "archive": _("Archived"),
    "restore": _("Brought back"),
}
