"""What the books refuse, and what to do about it."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class AccountMissing(Refusal):
    code: ClassVar[str] = "account_missing"
    sentence = _("No account of the chart has the role %(role)s. Open the books, or give an account this role.")


class NotPermitted(Refusal):
    code: ClassVar[str] = "not_permitted"
    status: ClassVar[int] = 403
    sentence = _("This needs the permission %(permission)s.")


class PeriodNotBegun(Refusal):
    code: ClassVar[str] = "period_not_begun"
    sentence = _("%(year)s-%(month)02d has not begun yet. Close it when it is over.")


class PeriodAlreadyClosed(Refusal):
    code: ClassVar[str] = "period_already_closed"
    sentence = _("%(year)s-%(month)02d is already closed.")


class PeriodNotLastClosed(Refusal):
    code: ClassVar[str] = "period_not_last_closed"
    sentence = _("%(year)s-%(month)02d is not the last closed period. Open the later ones first.")


class RateMissing(Refusal):
    code: ClassVar[str] = "rate_missing"
    sentence = _("There is no exchange rate for %(currency)s on %(on_date)s. Enter one.")


class RateAlreadySet(Refusal):
    code: ClassVar[str] = "rate_already_set"
    sentence = _("%(currency)s already has another rate from %(valid_on)s. Enter the new one for a later day.")


class EntryUnknown(Refusal):
    code: ClassVar[str] = "entry_unknown"
    status: ClassVar[int] = 404
    sentence = _("There is no entry %(entry_id)s.")


class AlreadyReversed(Refusal):
    code: ClassVar[str] = "entry_already_reversed"
    sentence = _("The entry %(entry_id)s has already been reversed.")


class CreditExceedsInvoice(Refusal):
    """Red never passes blue (HARD-CASES 20; R5)."""

    code: ClassVar[str] = "credit_exceeds_invoice"
    sentence = _(
        "At most %(left_minor)s can still be credited on this line, %(wanted_minor)s were asked. Lower the amount."
    )
