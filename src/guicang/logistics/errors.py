"""Why a parcel is not registered. Each sentence says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class BadTracking(Refusal):
    code, status = "bad_tracking", 422
    sentence = _(
        "The carrier may have %(carrier_most)s characters and the tracking number %(tracking_most)s. Correct them."
    )
