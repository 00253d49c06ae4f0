"""Why a parcel is not registered. Each sentence says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class BadTracking(Refusal):
    code, status = "bad_tracking", 422
    sentence = _(
        "The carrier may have %(carrier_most)s characters and the tracking number %(tracking_most)s. Correct them."
    )


class NotPermitted(Refusal):
    code, status = "not_permitted", 403
    sentence = _("You may not do this (%(permission)s). Ask a colleague who may, or an administrator.")


class RateWrong(Refusal):
    code, status = "freight_rate_wrong", 422
    sentence = _(
        "Row %(row)s is no rate: amounts and weights are not below nothing, and what comes after the first weight has a"
        " step. Correct it."
    )


class RateTwice(Refusal):
    code, status = "freight_rate_twice", 422
    sentence = _("Row %(row)s says for the second time what one carrier costs from the same day on. Remove one.")


class RateUnread(Refusal):
    code, status = "freight_rate_unread", 422
    sentence = _("Row %(row)s: “%(value)s” in %(column)s is not understood. Correct it.")


class RateCodeUnknown(Refusal):
    code, status = "freight_code_unknown", 422
    sentence = _("Row %(row)s: there is no “%(value)s” among the codes of %(column)s. Correct it, or leave it empty.")


class TooManyRates(Refusal):
    code, status = "freight_too_many", 422
    sentence = _("A table holds %(most)s rates. Leave out what counts no more.")


class TableFileWrong(Refusal):
    code, status = "freight_file_wrong", 422
    sentence = _("This file is no table of freight: its first row has to name the columns %(columns)s.")
