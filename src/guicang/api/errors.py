"""Why a request of a program was not even looked at. What a step refuses stands in its own context."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class TokenMissing(Refusal):
    code, status = "token_missing", 401
    sentence = _("Send an access token: Authorization: Bearer gc_...")


class TokenUnknown(Refusal):
    code, status = "token_unknown", 401
    sentence = _("This access token is not valid, or not any more. Make a new one on the page Access tokens.")


class NotAllowed(Refusal):
    code, status = "not_permitted", 403
    sentence = _("This token may not do that (%(permission)s). Use one of a user who may.")


class NotThere(Refusal):
    code, status = "not_found", 404
    sentence = _("There is nothing at this address that you may see.")


class MethodNotAllowed(Refusal):
    code, status = "method_not_allowed", 405
    sentence = _("This address does not take %(method)s. It takes: %(allowed)s.")


class BodyTooLarge(Refusal):
    code, status = "body_too_large", 413
    sentence = _("The request is too large. Send at most %(most)s bytes, or several requests.")


class NotJson(Refusal):
    code, status = "media_type", 415
    sentence = _("Send JSON, as application/json.")


class BadJson(Refusal):
    code, status = "bad_json", 400
    sentence = _("The request is not JSON as RFC 8259 has it: %(why)s.")


class BadForm(Refusal):
    code, status = "bad_form", 400
    sentence = _("The form cannot be read. Send it as multipart/form-data, each file in a part of its own.")


class Unreadable(Refusal):
    """`fault` is the code of what is wrong with the file or its profile."""

    code, status = "import_unreadable", 422
    sentence = _("It cannot be read so: %(reason)s")


class BadField(Refusal):
    code, status = "bad_field", 422
    sentence = _("%(field)s is not as it should be: %(why)s.")


class BadCursor(Refusal):
    code, status = "bad_cursor", 422
    sentence = _("This is no cursor of this list. Take it from `next` of the page before, or begin without one.")


class CompanyNeeded(Refusal):
    code, status = "company_needed", 422
    sentence = _("This token sees several companies. Say which one: company=...")


class BadKey(Refusal):
    code, status = "bad_idempotency_key", 422
    sentence = _("An Idempotency-Key has 1 to 200 visible ASCII characters. A random UUID does.")


class IfMatchNeeded(Refusal):
    code, status = "if_match_needed", 428
    sentence = _("Say in If-Match which version of the return you looked at: the ETag of GET /returns/{id}.")


class Changed(Refusal):
    code, status = "changed_meanwhile", 412
    sentence = _("The return was changed meanwhile (it is at version %(version)s). Read it again, then decide.")


class DraftMatchNeeded(Refusal):
    code, status = "draft_match_needed", 428
    sentence = _("Say in If-Match which revision of the draft you looked at: the ETag of GET /policy/draft.")


class OrderLineNotFound(Refusal):
    code, status = "order_line_not_found", 404
    sentence = _("There is no such order line that you may see, or it is not one of that company.")


class OrderNotFound(Refusal):
    code, status = "order_not_found", 404
    sentence = _("There is no such order that you may see.")


class Past(Refusal):
    code = "refused_before"
    sentence = _("It was refused when it was sent first (%(was)s).")


class TooMany(Refusal):
    code, status = "too_many_requests", 429
    sentence = _("This token was used more than %(rate)s times in a minute. Go on in %(seconds)s seconds.")


class Broken(Refusal):
    code, status = "internal_error", 500
    sentence = _("Something is broken on our side, and nothing was changed. It has been noted.")
