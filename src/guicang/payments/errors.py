"""Why an act on payments was refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NoSuchTender(Refusal):
    code, status = "tender_not_found", 404
    sentence = _("There is no such payment. Open the order again.")


class NoSuchDispute(Refusal):
    code, status = "dispute_not_found", 404
    sentence = _("There is no such open dispute.")


class DisputeKnown(Refusal):
    code = "dispute_known"
    sentence = _("The dispute %(reference)s was recorded before.")


class DisputeTooLarge(Refusal):
    code, status = "dispute_too_large", 422
    sentence = _("A dispute is over at least 1 and at most %(most)s minor units here.")


class WayUnknown(Refusal):
    code, status = "refund_way_unknown", 422
    sentence = _("Refunds to %(kind)s cannot be carried out as “%(way)s”. Choose one of the ways offered.")


class NoGateway(Refusal):
    code = "no_refund_gateway"
    sentence = _("No payment provider is connected that could pay refunds. Choose another way.")


class NoSuchRefund(Refusal):
    code, status = "refund_not_found", 404
    sentence = _("There is no such refund. Open the list again.")


class RefundState(Refusal):
    code = "refund_state"
    sentence = _("This refund is %(state)s. Open it again to see what is possible now.")


class SecondPerson(Refusal):
    code, status = "second_person", 403
    sentence = _("Whoever settled may not mark the refund paid as well. Ask a colleague.")


class ReferenceMissing(Refusal):
    code, status = "reference_missing", 422
    sentence = _("Say under which reference it was paid.")


class ConsentMissing(Refusal):
    code, status = "consent_missing", 422
    sentence = _("Store credit instead of money needs the customer's consent. Record it, or pay the money back.")


class RefundUnderWay(Refusal):
    code = "refund_under_way"
    sentence = _("A refund is on its way to the customer. Wait until it is known whether it arrived.")


class RefundUnpaid(Refusal):
    code = "refund_unpaid"
    sentence = _("A refund of this return is not paid yet. Mark it paid, or pay it another way, then close.")


class PromotionalStays(Refusal):
    code = "refund_promotional"
    sentence = _("What was paid with points or coupons goes back to where it came from, not by another method.")


class CreditShort(Refusal):
    code = "credit_short"
    sentence = _("The store credit holds %(left)s, less than %(wanted)s. Pay the rest another way.")


class CreditSpent(Refusal):
    code = "credit_spent"
    sentence = _(
        "%(wanted)s of store credit would have to be taken back and only %(left)s are left: the rest was spent. "
        "Correct it with the customer first."
    )


class CreditNotSpent(Refusal):
    code = "credit_not_spent"
    sentence = _("Only %(most)s of this order were paid with this store credit, not %(wanted)s.")


class NotPermitted(Refusal):
    code, status = "not_permitted", 403
    sentence = _("This needs the permission %(permission)s.")


class OutOfBounds(Refusal):
    code, status = "out_of_bounds", 422
    sentence = _("%(value)s is not between %(least)s and %(most)s. Correct it.")


class NotLookedAt(Refusal):
    code, status = "expiry_not_looked_at", 422
    sentence = _(
        "Refunded money may run out only where the law allows it. Confirm that you looked, or leave the days at 0."
    )


class CouponOfNothing(Refusal):
    code, status = "coupon_of_nothing", 422
    sentence = _("Say what the coupon takes off: a percentage or an amount.")


class BadReason(Refusal):
    code, status = "credit_reason_unknown", 422
    sentence = _("Choose a reason from the list.")


class NoSuchAccount(Refusal):
    code, status = "credit_account_not_found", 404
    sentence = _("There is no such store credit account.")


class NoSuchAdjustment(Refusal):
    code, status = "adjustment_not_found", 404
    sentence = _("There is no such adjustment that waits for a decision.")


class SamePerson(Refusal):
    code = "second_person_needed"
    sentence = _("Whoever asked for it cannot decide it. A second person has to look.")


class NoSuchCoupon(Refusal):
    code, status = "coupon_not_found", 404
    sentence = _("There is no such coupon. Check the code.")


class CouponUsed(Refusal):
    code = "coupon_used"
    sentence = _("This coupon was redeemed before.")


class CouponOver(Refusal):
    code = "coupon_over"
    sentence = _("The time of this coupon is over.")


class CouponTooLittle(Refusal):
    code = "coupon_too_little"
    sentence = _("This coupon needs a purchase of at least %(least)s.")


class CreditNeedsCustomer(Refusal):
    code = "credit_needs_customer"
    sentence = _("Nobody knows who bought this, so it has no store credit. Pay the money back the way it came.")


class PayeeMissing(Refusal):
    code = "payee_missing"
    sentence = _("Nobody has said to which account this refund goes. Ask the customer, or enter the account.")


class PayeeUnconfirmed(Refusal):
    code = "payee_unconfirmed"
    sentence = _("The account was typed or changed by hand. A second person has to confirm it first.")


class PayeeTyped(Refusal):
    code, status = "payee_typed", 403
    sentence = _("Whoever typed the account may not send the money there. Ask a colleague.")


class PayeeConfirmed(Refusal):
    code = "payee_confirmed"
    sentence = _("There is nothing to confirm: the account was confirmed or changed meanwhile. Open it again.")


class PayeeNotWanted(Refusal):
    code = "payee_not_wanted"
    sentence = _("No refund of this return waits for an account.")


class PayeeSent(Refusal):
    code = "payee_sent"
    sentence = _("The refund has left for this account already. Wait until it is known whether it arrived.")


class PayeeGone(Refusal):
    code = "payee_erased"
    sentence = _("The account was erased with its person. It has to be given once more.")


class PayeeKindUnknown(Refusal):
    code, status = "payee_kind_unknown", 422
    sentence = _("Choose one of the kinds of accounts offered.")


class PayeeNameWrong(Refusal):
    code, status = "payee_name_wrong", 422
    sentence = _("Enter the whole name of the account's owner, without hidden letters.")


class PayeeAccountWrong(Refusal):
    code, status = "payee_account_wrong", 422
    sentence = _("This account number cannot be right: a digit is missing or wrong. Compare it once more.")


class PayeeBankWrong(Refusal):
    code, status = "payee_bank_wrong", 422
    sentence = _("Enter the name of the bank.")


class PayeeCodeWrong(Refusal):
    code, status = "payee_code_wrong", 422
    sentence = _("This bank code cannot be right. It is a BIC, the 12 digits of a Chinese bank or the 9 of a US one.")


class NoSuchBatch(Refusal):
    code, status = "payout_not_found", 404
    sentence = _("There is no such payment file. Open the list again.")


class NotForAFile(Refusal):
    code = "refund_not_for_a_file"
    sentence = _("Only transfers that are due and paid by hand go into a payment file.")


class BatchOver(Refusal):
    code = "payout_over"
    sentence = _("All refunds of this payment file are answered; accounts are shown to nobody any more.")


class NoShift(Refusal):
    code = "no_open_shift"
    sentence = _("Cash goes through your drawer: open a shift there first, or choose another way for the money.")


class OtherDrawer(Refusal):
    code = "other_drawer"
    sentence = _("Your drawer holds the cash of another company or currency than %(currency)s. Choose another way.")


class DrawerShort(Refusal):
    code = "drawer_short"
    sentence = _("Your drawer holds %(left)s, less than %(wanted)s. Put cash in first, or choose another way.")


class NoSuchDrawer(Refusal):
    code, status = "drawer_not_found", 404
    sentence = _("There is no such cash drawer. Choose one from the list.")


class DrawerTaken(Refusal):
    code = "drawer_taken"
    sentence = _("Somebody has a shift at this drawer. It has to be closed before another begins.")


class ShiftRunning(Refusal):
    code = "shift_running"
    sentence = _("You have a shift already. Close it before you begin another.")


class NoSuchShift(Refusal):
    code, status = "shift_not_found", 404
    sentence = _("There is no such shift. Open the list again.")


class NotYourShift(Refusal):
    code, status = "not_your_shift", 403
    sentence = _("Only whoever has the shift moves and counts its cash.")


class ShiftNotOpen(Refusal):
    code = "shift_not_open"
    sentence = _("No cash moves in this shift: it is closed, or a difference waits for a second person.")


class ShiftNotWaiting(Refusal):
    code = "shift_not_waiting"
    sentence = _("No difference of this shift waits for a second person. Open it again.")


class AmountBad(Refusal):
    code, status = "cash_amount_bad", 422
    sentence = _("Type the amount as a number, such as 200.00.")
