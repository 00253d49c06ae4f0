"""Why a step on a return was refused. Each sentence says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal
from guicang.returns.errors.decisions import *  # noqa: F403
from guicang.returns.errors.gifts import *  # noqa: F403
from guicang.returns.errors.money import *  # noqa: F403
from guicang.returns.errors.repairs import *  # noqa: F403
from guicang.returns.errors.sending import *  # noqa: F403
from guicang.returns.errors.shown import *  # noqa: F403
from guicang.returns.errors.talks import *  # noqa: F403


class NotPermitted(Refusal):
    code, status = "not_permitted", 403
    sentence = _("You may not do this (%(permission)s). Ask a colleague who may, or an administrator.")


class NotFound(Refusal):
    code, status = "return_not_found", 404
    sentence = _("There is no such return. Check the number.")


class LineNotFound(Refusal):
    code, status = "line_not_found", 404
    sentence = _("There is no such line. Open the return or the order again.")


class WrongState(Refusal):
    code = "wrong_state"
    sentence = _("This return is %(state)s: %(command)s is not possible now. Open it again to see what is.")


class OwnedAlready(Refusal):
    code = "owned_already"
    sentence = _("%(who)s has this return. Take another one, ask for it, or ask an approver to give it away.")


class ClockStopped(Refusal):
    code = "clock_stopped"
    sentence = _("Somebody was faster than the clock. Open the return again to see what became of it.")


class OverReturn(Refusal):
    code = "over_return"
    sentence = _("%(wanted)s units were asked for and only %(free)s can still come back. Lower the quantity.")


class AlreadyShipped(Refusal):
    code = "already_shipped"
    sentence = _("Only %(free)s units are not shipped yet. Ask for a return of the others.")


class BadQuantity(Refusal):
    code, status = "bad_quantity", 422
    sentence = _("The quantity %(quantity)s does not fit here (at most %(most)s). Correct it.")


class Nothing(Refusal):
    code, status = "nothing_to_do", 422
    sentence = _("Nothing was given to act on. Choose at least one line.")


class OutOfBounds(Refusal):
    code, status = "out_of_bounds", 422
    sentence = _("%(value)s is not between %(least)s and %(most)s. Correct it.")


class NobodyKnown(Refusal):
    code = "nobody_known"
    sentence = _("Nobody knows whose return this is, so nobody can be put on a list. Find the customer first.")


class NotAhead(Refusal):
    code, status = "not_ahead", 422
    sentence = _("The last day lies behind us. Choose one that is to come.")


class NoSuchListing(Refusal):
    code, status = "listing_not_found", 404
    sentence = _("This customer is on no list any more. Open the page again.")


class TextTooLong(Refusal):
    code, status = "text_too_long", 422
    sentence = _("%(column)s is longer than %(longest)s characters. Shorten it.")


class BadChoice(Refusal):
    code, status = "bad_choice", 422
    sentence = _("%(value)s is not possible as %(column)s. Choose one of the list.")


class BadAmount(Refusal):
    code, status = "bad_amount", 422
    sentence = _("The amount %(amount_minor)s does not fit here (minor units). Correct it, or leave it out.")


class ShopUnknown(Refusal):
    code, status = "shop_not_found", 404
    sentence = _("There is no such shop. Choose one of the list.")


class OtherCurrency(Refusal):
    code = "other_currency"
    sentence = _("Orders in different currencies cannot share a return. Make a return for each.")


class ReasonNotACode(Refusal):
    code, status = "reason_not_a_code", 422
    sentence = _("A reason is a code of the list, such as damaged or photo_missing. Write the details to the customer.")


class ReasonMissing(Refusal):
    code, status = "reason_missing", 422
    sentence = _("Give a reason.")


class NotEligible(Refusal):
    code = "not_eligible"
    sentence = _(
        "The return policy does not allow this: %(reasons)s. A colleague with the right can make an exception."
    )


class SerialUnknown(Refusal):
    code = "serial_unknown"
    sentence = _("The serial number %(serial)s was not sold with this order line. Read it again from the item.")


class SerialSoldAgain(Refusal):
    code = "serial_sold_again"
    sentence = _("The item %(serial)s was returned and sold again: only its latest buyer can return it.")


class SerialClaimed(Refusal):
    code = "serial_claimed"
    sentence = _("The item %(serial)s is in an open return already. Open that one.")


class HoldRejected(Refusal):
    code = "hold_rejected"
    sentence = _("Somebody decided that what came on line %(position)s is not taken. Send it back to the buyer.")


class SerialMismatch(Refusal):
    code = "serial_mismatch"
    sentence = _("The box holds %(found)s and not %(expected)s. The refund is held until somebody decides.")


class AheadCeiling(Refusal):
    code = "ahead_ceiling"
    sentence = _(
        "This customer was refunded for goods that were not inspected yet: with this it would be more than is paid "
        "ahead by itself. Look at it and refund it by hand."
    )


class ShortDated(Refusal):
    code = "short_dated"
    sentence = _(
        "Lot %(lot)s may be sold until %(until)s: too short to be sold again as new. Choose another disposition."
    )


class NotWeighed(Refusal):
    code, status = "not_weighed", 422
    sentence = _("Line %(position)s was sold by weight. Weigh what came and type the grams.")


class WarehouseMissing(Refusal):
    code, status = "warehouse_missing", 422
    sentence = _("Say which warehouse the goods came to.")


class OtherWarehouse(Refusal):
    code = "other_warehouse"
    sentence = _("Goods of this return lie in another warehouse. Receive these there, or open a return of their own.")


class NotInOneAct(Refusal):
    code = "not_in_one_act"
    sentence = _("Something of this return stays open, so nothing was done. Enter it as a return and go step by step.")


class Held(Refusal):
    code = "held"
    sentence = _("Line %(position)s is held: what came is not what was sold. Decide about it first.")


class BadWeight(Refusal):
    code = "bad_weight"
    sentence = _("%(typed)s is no weight. Type grams (1250) or kilograms (1.25 kg), at most 1000 kg.")


class RiskWaits(Refusal):
    code = "risk_waits"
    sentence = _("Its risk is high: a person looks first and clears the review. A refund by hand is not held up.")


class NotInspected(Refusal):
    code = "not_inspected"
    sentence = _("Inspect every line before you settle: %(pending)s units are waiting in the bay.")


class PartsAwaited(Refusal):
    code = "parts_awaited"
    sentence = _(
        "The policy refunds once everything is here, and %(units)s units are still to come. Wait for them, close what "
        "does not come as short, or have somebody settle who may grant exceptions, with a reason."
    )


class NothingDue(Refusal):
    code = "nothing_due"
    sentence = _("Nothing is due on this return. It was settled, or nothing was accepted.")


class CreditCeiling(Refusal):
    code = "credit_ceiling"
    sentence = _("That is more than was sold: at most %(room_minor)s minor units can still be credited.")


class TenderCeiling(Refusal):
    code = "tender_ceiling"
    sentence = _("The ways of payment can give back %(room_minor)s, and %(cash_minor)s is due (minor units).")


class DisputeOpen(Refusal):
    code = "dispute_open"
    sentence = _(
        "The buyer disputes %(disputed_minor)s minor units with the payment provider: at most %(room_minor)s can be "
        "refunded until that is decided."
    )


class WithdrawalStands(Refusal):
    code = "withdrawal_stands"
    sentence = _(
        "The buyer withdrew from the contract in time: that is not for the seller to turn down. Have it granted, or "
        "looked at by somebody who may make exceptions."
    )


class NotClosable(Refusal):
    code = "not_closable"
    sentence = _("%(in_bay)s units are still in the bay. Decide where each of them goes before closing.")


class ParcelUnderWay(Refusal):
    code = "parcel_under_way"
    sentence = _("A parcel is on its way: this return cannot expire now.")


class NotDue(Refusal):
    code = "not_due"
    sentence = _("This return does not expire before %(due)s. Wait, or cancel it.")


class AlreadyCancelled(Refusal):
    code = "already_cancelled"
    sentence = _("%(units)s units of the order were cancelled by this return already. Settle it.")


class MoneyPaid(Refusal):
    code = "money_paid"
    sentence = _("Money of this return was paid already. Short-close what does not come back instead.")


class AppealTooLate(Refusal):
    code = "appeal_too_late"
    sentence = _("The time to appeal ran out at %(until)s. Ask for a new return.")


class AppealUsed(Refusal):
    code = "appeal_used"
    sentence = _("This return was appealed once. Ask for a new one.")


class NotAccepted(Refusal):
    code = "surplus_not_claimed"
    sentence = _(
        "Nothing was sold that these %(quantity)s units could be. Reject them, or restock them as found goods."
    )


class NotRedisposable(Refusal):
    code = "not_redisposable"
    sentence = _("Those goods are not here any more: what was scrapped or sent away cannot be disposed again.")


class GoodwillStays(Refusal):
    code = "goodwill_stays"
    sentence = _("Goodwill changed the price of what is kept: it cannot be undone. Give or take a new amount instead.")


class AlreadyReversed(Refusal):
    code = "already_reversed"
    sentence = _("This settlement was reversed before.")


class DocumentKnown(Refusal):
    code = "document_known"
    sentence = _("The document %(document)s was taken over before.")


class ReturnIsOver(Refusal):
    code = "return_is_over"
    sentence = _("This return is over and takes no more pictures. Add them to the return that follows it.")


class PersonErased(Refusal):
    code = "person_erased"
    sentence = _("This customer was erased: no more of him is kept.")


class CreditNotOffered(Refusal):
    code = "credit_not_offered"
    sentence = _("The policy of this order offers no store credit. The money goes back the way it was paid.")


#: Codes of `settlement.Plan.blocked`.
BLOCKED = {refusal.code: refusal for refusal in (CreditCeiling, TenderCeiling, DisputeOpen)}
