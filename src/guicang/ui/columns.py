"""Columns of lists that a reader may leave out, in the order of the list; its first column and its acts always stay.

`ui/lists.css` has a rule for each.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

COLUMNS: dict[str, dict[str, Any]] = {
    "returns": {
        "state": _("State"),
        "type": _("Type"),
        "customer": _("Customer"),
        "order": pgettext_lazy("sale", "Order"),
        "shop": _("Shop"),
        "owner": _("Owner"),
        "units": _("Units"),
        "money": _("Refunded"),
        "asked": _("Requested"),
        "due": _("Due"),
    },
    "orders": {
        "customer": _("Customer"),
        "shop": _("Shop"),
        "asked": _("Ordered"),
        "sum": _("Total"),
        "money": _("Refunded"),
        "state": _("Returns"),
    },
    "stock": {
        "name": _("Name"),
        "warehouse": _("Warehouse"),
        "place": _("Place"),
        "lot": _("Lot"),
        "grade": _("Grade"),
        "units": _("On hand"),
    },
    "journal": {
        "day": _("Day"),
        "event": _("Event"),
        "account": _("Account"),
        "debit": _("Debit"),
        "credit": _("Credit"),
    },
}
