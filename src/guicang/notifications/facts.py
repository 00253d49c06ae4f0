"""The notices there are: subject and text, formatted with the queued data (codes, amounts, references)."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Wording(NamedTuple):
    """`more`: lines that follow where the data hold all that they name."""

    subject: Any
    text: Any
    more: tuple[Any, ...] = ()


#: Notices that repeat who declared what: name and contact are read when they go out, and wait in no queue.
REPEATING = frozenset({"withdrawal_declared"})
#: The page of the return, where this installation knows its own address.
_PAGE = _("Your return: %(link)s")
NOTICES: dict[str, Wording] = {
    "return_requested": Wording(
        _("We have your return request %(number)s"),
        _("We have received your return request %(number)s and will answer soon."),
        (_PAGE,),
    ),
    "withdrawal_declared": Wording(
        _("We have your withdrawal from the contract: order %(order)s"),
        _(
            "We confirm that your declaration came on %(at)s: you withdraw from the contract for order %(order)s.\n"
            "Goods: %(goods)s"
        ),
        (_("Name: %(name)s"), _("Contact: %(contact)s"), _("Number of your return: %(number)s"), _PAGE),
    ),
    "return_info_needed": Wording(
        _("A question about your return %(number)s"),
        _("We need more information for your return %(number)s. Please open it and answer."),
        (_PAGE,),
    ),
    "return_authorised": Wording(
        _("Your return %(number)s is authorised"),
        _("Your return %(number)s is authorised."),
        (
            _("Please send the goods back and state the code %(code)s."),
            _("Send them to: %(send_to)s"),
            _("Send them by %(until)s."),
            _PAGE,
        ),
    ),
    "return_rejected": Wording(
        _("Your return %(number)s cannot be accepted"),
        _("Your return %(number)s cannot be accepted. Open it to read why and what you can do."),
        (_PAGE,),
    ),
    "return_received": Wording(
        _("Your return %(number)s has arrived"),
        _("The goods of your return %(number)s have arrived. We are inspecting them."),
        (_PAGE,),
    ),
    "freight_buyer": Wording(
        _("Who pays the way back of your return %(number)s"),
        _("Our inspection found that the fault is not ours: the way back of your return %(number)s is yours to pay."),
        (_("It costs %(freight)s %(currency)s."), _PAGE),
    ),
    "freight_seller": Wording(
        _("Who pays the way back of your return %(number)s"),
        _("Our inspection found that the fault is ours: we pay the way back of your return %(number)s."),
        (_PAGE,),
    ),
    "return_refunded": Wording(
        _("Refund for your return %(number)s"),
        _("We have refunded %(amount)s %(currency)s for your return %(number)s."),
        (
            _("%(credit)s %(currency)s of it are store credit."),
            _("On top comes a bonus of %(bonus)s %(currency)s."),
            _PAGE,
        ),
    ),
    "payee_wanted": Wording(
        _("Where should the refund for your return %(number)s go?"),
        _(
            "The refund for your return %(number)s is paid by bank transfer. Please open your return and say to which "
            "account. We never ask for a password or a code of your bank."
        ),
        (_PAGE,),
    ),
    "return_exchanged": Wording(
        _("Your exchange %(number)s is carried out"),
        _("The goods of your return %(number)s are exchanged. Your new order is %(order)s."),
        (
            _("Still to be paid: %(collect)s %(currency)s"),
            _("Paid back to you: %(returned)s %(currency)s"),
            _PAGE,
        ),
    ),
    "return_sent_out": Wording(
        _("Goods of your return %(number)s are on their way to you"),
        _("Goods of your return %(number)s are on their way to you, with %(carrier)s."),
        (_("Parcel number: %(tracking)s"), _PAGE),
    ),
    "repair_quoted": Wording(
        _("What the repair of your goods costs: return %(number)s"),
        _("Repairing the goods of your return %(number)s costs %(amount)s %(currency)s. We begin once you agree."),
        (_("Agree or decline here: %(link)s"),),
    ),
    "repair_given_up": Wording(
        _("The goods of your return %(number)s cannot be repaired"),
        _("The goods of your return %(number)s cannot be repaired. You get your money or other goods instead."),
        (_PAGE,),
    ),
    "difference_due": Wording(
        _("Still to be paid for your exchange %(number)s"),
        _("For your new order %(order)s there are still %(collect)s %(currency)s to be paid."),
        (_PAGE,),
    ),
    "gift_credited": Wording(
        _("Store credit for what you brought back: %(number)s"),
        _("What you were given is back: return %(number)s. You have store credit for it."),
        (_("Your store credit: %(credit)s %(currency)s"), _("On top comes a bonus of %(bonus)s %(currency)s.")),
    ),
    "gift_exchanged": Wording(
        _("What you brought back is exchanged: %(number)s"),
        _("What you were given is back: return %(number)s. Your new goods are ordered."),
    ),
    "return_sent_ahead": Wording(
        _("Your new goods for return %(number)s are on their way"),
        _("Your new order is %(order)s. Please send the old goods back so that they arrive by %(until)s."),
        (_PAGE,),
    ),
    "return_expired": Wording(
        _("Your return %(number)s has expired"),
        _("The goods of your return %(number)s did not arrive in time, so it has expired."),
        (_PAGE,),
    ),
    "return_unanswered": Wording(
        _("Your return %(number)s is closed"),
        _("We had no answer to our question about your return %(number)s in time, so it is closed."),
        (_PAGE,),
    ),
    "return_answer_due": Wording(
        _("Please answer our question about your return %(number)s"),
        _("We still need your answer for your return %(number)s, by %(until)s."),
        (_PAGE,),
    ),
    "return_ship_due": Wording(
        _("Please send the goods of your return %(number)s"),
        _("The time to send the goods of your return %(number)s ends on %(until)s."),
        (_PAGE,),
    ),
    "credit_ending": Wording(
        _("Your store credit runs out soon"),
        _("%(amount)s %(currency)s of your store credit run out after %(until)s."),
        (_("Your credit: %(link)s"),),
    ),
    "coupon_issued": Wording(
        _("A coupon for your next purchase"),
        _("Your coupon %(code)s takes off %(worth)s, once, until %(until)s, from a purchase of %(least)s."),
    ),
    "staff_due": Wording(
        _("Return %(number)s is due soon"),
        _("Return %(number)s has to be dealt with by %(until)s."),
    ),
    "staff_escalated": Wording(
        _("Return %(number)s needs your decision"),
        _("The time for return %(number)s ran out on %(until)s. Please look at it."),
    ),
    "staff_given": Wording(
        _("Return %(number)s is yours now"),
        _("Return %(number)s was given to you. Please go on with it, or give it to a colleague."),
    ),
    "offer_made": Wording(
        _("An offer for your return %(number)s"),
        _("Keep the goods and get %(amount)s %(currency)s back. The offer holds until %(until)s."),
        (_("Open the return to accept it, to decline it or to ask for more."), _PAGE),
    ),
    "offer_accepted": Wording(
        _("Agreed: a part refund for your return %(number)s"),
        _("You keep the goods and get %(amount)s %(currency)s back. Nothing has to be sent."),
        (_PAGE,),
    ),
    "offer_declined": Wording(
        _("Your wish for return %(number)s"),
        _("We cannot give %(amount)s %(currency)s for keeping the goods. Your request is still open."),
        (_PAGE,),
    ),
    "offer_withdrawn": Wording(
        _("Our offer for return %(number)s no longer stands"),
        _("We have withdrawn the offer of %(amount)s %(currency)s. Your request is still open."),
        (_PAGE,),
    ),
    "offer_due": Wording(
        _("Our offer for your return %(number)s is open until %(until)s"),
        _("You can still accept our offer for your return %(number)s, until %(until)s."),
        (_PAGE,),
    ),
    "staff_counter_offer": Wording(
        _("Counter-offer for return %(number)s"),
        _("The customer asks for %(amount)s %(currency)s to keep the goods. The wish holds until %(until)s."),
    ),
    "staff_offer_accepted": Wording(
        _("The customer accepted your offer for return %(number)s"),
        _("The goods stay with the customer for %(amount)s %(currency)s, which can be refunded now."),
    ),
    "one_time_code": Wording(
        _("Your code is %(code)s"),
        _("Your code for returns is %(code)s. It is valid for 10 minutes. We never ask you for it on the phone."),
    ),
}
#: What people of the desk are told, and may do without.
TO_STAFF = tuple(code for code in NOTICES if code.startswith("staff_"))
