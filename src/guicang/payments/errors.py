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
