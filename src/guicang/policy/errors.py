"""Why a reason of returns was not made or changed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class ReasonCodeBad(Refusal):
    code, status = "reason_code_bad", 422
    sentence = _("A code has 1 to 40 small letters, digits, dots, dashes or underscores, and begins with a letter.")


class ReasonCodeTaken(Refusal):
    code = "reason_code_taken"
    sentence = _("The code %(code)s is taken already, maybe by an archived reason. Choose another one.")


class ReasonWordsBad(Refusal):
    code, status = "reason_words_bad", 422
    sentence = _("Say the reason in Chinese and in English, each with at most 80 characters.")


class FaultUnknown(Refusal):
    code, status = "fault_unknown", 422
    sentence = _("Choose whose fault it is: the seller's, the carrier's, the buyer's or nobody's.")


class NoSuchReason(Refusal):
    code, status = "reason_not_found", 404
    sentence = _("There is no such reason any more. Open the list again.")


class LastReason(Refusal):
    code = "reason_last"
    sentence = _("Without this one customers would have no reason to choose. Make or bring back another one first.")
