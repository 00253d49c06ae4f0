"""Why goods do not go to the buyer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NothingToSend(Refusal):
    code = "nothing_to_send"
    sentence = _("Nothing of this return has to go to the buyer. Open it again to see how it stands.")


class CarrierMissing(Refusal):
    code, status = "carrier_missing", 422
    sentence = _("Say which carrier takes it, or that the buyer took it himself.")


class SentTwice(Refusal):
    code = "sent_twice"
    sentence = _("Only %(left)s units of what was sold can still be sent once more. Lower the quantity.")


class GoodsSent(Refusal):
    code = "goods_sent"
    sentence = _("Goods of this return went to the buyer: it cannot be cancelled. Finish it and close it.")


class BuyersGoodsHere(Refusal):
    code = "buyers_goods_here"
    sentence = _("%(units)s units of the buyer's own goods are still here. Send them back, then close.")
