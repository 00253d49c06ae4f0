"""Why a talk about keeping the goods does not go on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NothingToKeep(Refusal):
    code = "nothing_to_keep"
    sentence = _("A part refund is for goods that were shipped and could stay with the buyer. Decide without an offer.")


class OfferMissing(Refusal):
    code = "offer_missing"
    sentence = _("No offer is open on this return. Open it again to see how it stands.")


class OfferChanged(Refusal):
    code = "offer_changed"
    sentence = _("There is another offer by now. Read it before you answer.")


class OfferExpired(Refusal):
    code = "offer_expired"
    sentence = _("The offer ran out and binds nobody any more. It takes a new one.")


class OfferIsOwn(Refusal):
    code = "offer_is_own"
    sentence = _("This offer was made by your side: the other side answers it. You can withdraw it.")


class OfferOpen(Refusal):
    code = "offer_open"
    sentence = _("An offer of your side is open already. Withdraw it before you make another one.")


class OfferAmount(Refusal):
    code, status = "offer_amount", 422
    sentence = _("Enter the amount in figures, such as 20.00.")


class OfferTooHigh(Refusal):
    code = "offer_too_high"
    sentence = _("At most %(most)s, the refund of the whole return. Lower the amount.")


class OfferTooLow(Refusal):
    code = "offer_too_low"
    sentence = _("%(offered)s is offered already. Accept it, or ask for more than that.")


class OthersDecide(Refusal):
    code = "others_decide"
    sentence = _(
        "Others have to agree to this return too. Give your word at your stage; the last one can agree on less."
    )


class BeyondRoom(Refusal):
    code, status = "beyond_room", 403
    sentence = _("The policy lets you offer %(room)s at most. For more ask a colleague who may make exceptions.")
