"""Why a gift does not come back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class GiftUnknown(Refusal):
    code, status = "gift_unknown", 404
    sentence = _("Order number and gift code do not belong together. Check both on the gift slip.")


class GiftContact(Refusal):
    code, status = "gift_contact", 422
    sentence = _("Give the name and the e-mail or phone of whoever gets the store credit.")


class GiftChoice(Refusal):
    code, status = "gift_choice", 422
    sentence = _("A gift is exchanged, or becomes store credit. Choose one of the two.")


class GiftMoney(Refusal):
    code = "gift_money"
    sentence = _("A gift becomes store credit of whoever brings it back. Only the giver can ask for money.")
