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
