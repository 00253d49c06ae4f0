"""Why an endpoint was not made or changed."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NotPermitted(Refusal):
    code: ClassVar[str] = "not_permitted"
    status: ClassVar[int] = 403
    sentence = _("This needs the permission %(permission)s for a whole company.")


class EndpointUnknown(Refusal):
    code, status = "webhook_not_found", 404
    sentence = _("There is no such webhook.")


class BadUrl(Refusal):
    code, status = "webhook_url_bad", 422
    sentence = _("Enter an address that begins with https:// and holds no user name, blanks or #.")


class PrivateUrl(Refusal):
    code, status = "webhook_url_private", 422
    sentence = _(
        "This address is private or without TLS, and is not called. An operator can allow a network of your own."
    )


class BadEvent(Refusal):
    code, status = "webhook_event_unknown", 422
    sentence = _("There is no event %(event)s.")


class TooMany(Refusal):
    code = "webhook_too_many"
    sentence = _("A company has at most %(most)s webhooks. Remove one first.")


class EndpointOff(Refusal):
    code = "webhook_off"
    sentence = _("This webhook is off. Switch it on first.")


class NothingToSend(Refusal):
    code = "webhook_nothing_to_send"
    sentence = _("There is nothing to send again.")
