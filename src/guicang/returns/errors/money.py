"""Why money without goods, a refused parcel or an account was refused. Each sentence says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NotOneParcel(Refusal):
    code, status = "not_one_parcel", 422
    sentence = _("A refused parcel brings back its own goods alone. Enter everything else as a return of its own.")


class DeliveredAlready(Refusal):
    code = "delivered_already"
    sentence = _("This parcel was delivered, so it was not refused. Enter a return for refund instead.")


class PriceNotLower(Refusal):
    code = "price_not_lower"
    sentence = _("Today's price is not below what was paid, less what was given back. Check the price.")


class NoPriceMatch(Refusal):
    code = "no_price_match"
    sentence = _("The policy of this order gives no price protection. Give goodwill, or make an exception.")


class PriceMatchOver(Refusal):
    code = "price_match_over"
    sentence = _("Price protection ended %(days)s days after the order. Give goodwill, or make an exception.")


class KeepingNotOffered(Refusal):
    code = "keeping_not_offered"
    sentence = _(
        "For keeping these goods the policy offers nothing, or they cannot come back any more. Ask for a return."
    )


class KeepingAsked(Refusal):
    code = "keeping_asked"
    sentence = _("Money for keeping these goods was asked for before. Open the return that asks for it.")


class FreightReceiptMissing(Refusal):
    code = "freight_receipt_missing"
    sentence = _("Freight is paid back against its receipt. Add a picture or the document to the return first.")
