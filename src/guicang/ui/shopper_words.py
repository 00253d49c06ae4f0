"""Words that customers read, by the code that stands for them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

#: What happens next to a return, as its customer reads it: by what it waits for, or by the state where it waits for
#: nothing.
SHOPPER_NEXT: dict[str, Any] = {
    "review": _("We are looking at your request"),
    "offer": _("We make you an offer"),
    "wish": _("We are looking at what you ask for"),
    "answer": _("Please answer our question"),
    "parcel": _("Send the goods back"),
    "arrival": _("Your parcel is on its way to us"),
    "rest": _("We are waiting for the rest of the goods"),
    "inspect": _("We are inspecting the goods"),
    "release": _("We are checking what came"),
    "refund": _("We are preparing your refund"),
    "quote": _("We look what the repair takes"),
    "consent": _("Please say whether we shall repair it"),
    "repair": _("We are repairing your goods"),
    "charge": _("Your goods are repaired; the repair is still to be paid"),
    "send": _("We are sending goods to you"),
    "bay": _("All done"),
    "close": _("All done"),
    "rejected": _("We could not agree to this return"),
    "closed": _("All done"),
    "cancelled": _("This return was cancelled"),
    "expired": _("The time to send the goods back has run out"),
}
#: Who pays for sending goods back, by whether the seller does: he does for goods at fault (消法 24), else the buyer, as
#: long as nothing else was agreed (消法 25).
FREIGHT: dict[bool, Any] = {
    True: _("We pay it, if the goods are as you say. Keep the carrier's receipt."),
    False: _("You pay it, unless we agreed on something else."),
}
#: The story of a return, as its customer reads it: by command.
SHOPPER_TOLD: dict[str, Any] = {
    "request": _("You asked for this return"),
    "ask": _("We asked a question"),
    "answer": _("You answered"),
    "authorise": _("We agreed to the return"),
    "reject": _("We did not agree to the return"),
    "offer": _("We offered a part refund for keeping the goods"),
    "accept_offer": _("A part refund was agreed on; you keep the goods"),
    "decline_offer": _("An offer was turned down"),
    "appeal": _("You asked us to decide again"),
    "ship": _("The parcel was sent"),
    "receive": _("Goods arrived"),
    "inspect": _("Goods were inspected"),
    "settle": _("Your refund was paid"),
    "send_ahead": _("Your new goods were ordered before the old ones are back"),
    "exchange": _("Your exchange was carried out"),
    "collect": _("You paid what your exchange left open"),
    "reverse_settlement": _("A refund was taken back"),
    "short_close": _("We no longer wait for what is missing"),
    "quote_repair": _("We looked what the repair takes"),
    "accept_quote": _("You agreed to the repair"),
    "decline_quote": _("You declined the repair"),
    "finish_repair": _("Your goods were repaired"),
    "pay_repair": _("You paid the repair"),
    "turn_repair": _("It could not be repaired"),
    "send_out": _("We sent goods to you"),
    "close": _("The return is finished"),
    "cancel": _("The return was cancelled"),
    "expire": _("The return expired"),
}
#: Where the customer himself did what else the house does.
SHOPPER_DID: dict[str, Any] = {
    "offer": _("You asked for more to keep the goods"),
    "decline_offer": _("You turned the offer down or took yours back"),
}
