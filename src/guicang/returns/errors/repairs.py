"""Why a repair does not go on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NotNow(Refusal):
    code = "repair_not_now"
    sentence = _("The repair does not stand so that this could be done. Open the return again to see how it stands.")


class QuoteChanged(Refusal):
    code = "quote_changed"
    sentence = _("The price of the repair is %(price)s now. Read it again, then decide.")


class WarrantyCosts(Refusal):
    code, status = "warranty_costs", 422
    sentence = _("A repair in warranty costs the buyer nothing. Leave the price empty, or say it is out of warranty.")


class RepairOpen(Refusal):
    code = "repair_open"
    sentence = _("The repair is not finished. Finish it, let the buyer decline it or give it up, then send the goods.")


class RepairOwed(Refusal):
    code = "repair_owed"
    sentence = _("The buyer has not paid %(price)s for the repair. Record the payment, then send the goods.")


class PartUnknown(Refusal):
    code, status = "part_unknown", 422
    sentence = _("There is no SKU %(sku_code)s to repair with. Correct its code.")


class ForRepair(Refusal):
    code, status = "for_repair", 422
    sentence = _("These goods came to be repaired: accept them for repair, or reject them.")
