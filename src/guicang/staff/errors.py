"""Why a user, a token or a delegation was not made or changed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NameTaken(Refusal):
    code = "username_taken"
    sentence = _("There is a user called %(username)s already. Choose another name.")


class BadName(Refusal):
    code, status = "username_bad", 422
    sentence = _("A user name has 2 to 40 letters, digits, dots, dashes or underscores.")


class NoSuchRole(Refusal):
    code, status = "role_unknown", 422
    sentence = _("There is no such role. Choose one of the list.")


class NoSuchUser(Refusal):
    code, status = "user_not_found", 404
    sentence = _("There is no such user.")


class RoleAboveOwn(Refusal):
    code, status = "role_above_own", 403
    sentence = _("Nobody gives or takes a role that may do more than himself. Ask an administrator.")


class ScopeAboveOwn(Refusal):
    code, status = "scope_above_own", 403
    sentence = _("Whoever sees one shop or warehouse makes users of that one alone. Choose it.")


class NoSuchPlace(Refusal):
    code, status = "place_unknown", 422
    sentence = _("There is no such company, shop or warehouse here. Choose one of the list.")


class PasswordWeak(Refusal):
    code, status = "password_weak", 422
    sentence = _("This first password will not do. %(why)s")


class NotYourself(Refusal):
    code = "not_yourself"
    sentence = _("You cannot lock yourself out or change your own role. Ask another administrator.")


class NoSuchToken(Refusal):
    code, status = "token_not_found", 404
    sentence = _("There is no such access token.")


class TokenNameMissing(Refusal):
    code, status = "token_name_missing", 422
    sentence = _("Give the access token a name of at most 60 letters that says which program uses it.")


class TokenTerm(Refusal):
    code, status = "token_term", 422
    sentence = _("An access token is valid for 1 to %(most)s days.")


class TokenOutlives(Refusal):
    code, status = "token_outlives", 422
    sentence = _("A token makes none that is valid longer than itself. Choose fewer days.")


class TokenWithoutRights(Refusal):
    code, status = "token_without_rights", 422
    sentence = _("Choose at least one thing that the token may do, of those that the role of its user may do.")


class TooManyTokens(Refusal):
    code = "too_many_tokens"
    sentence = _("There are %(most)s valid access tokens already. Revoke one that is not used any more.")


class TokenMadeAlready(Refusal):
    code = "token_made_already"
    sentence = _("This access token was made already; it was shown once. Revoke it and make another one if it is lost.")


class DelegateUnknown(Refusal):
    code, status = "delegate_unknown", 422
    sentence = _("Choose a colleague of your company who may decide about returns.")


class DelegationDays(Refusal):
    code, status = "delegation_days", 422
    sentence = _("A delegation runs from today or later to the same or a later day, for at most %(most)s days.")


class DelegationTwice(Refusal):
    code = "delegation_twice"
    sentence = _("You have a delegation to this colleague on some of these days already. End it, or choose other days.")


class NoSuchDelegation(Refusal):
    code, status = "delegation_not_found", 404
    sentence = _("There is no such delegation of yours that could still be ended.")


class NoSuchColleague(Refusal):
    code, status = "no_such_colleague", 422
    sentence = _("Nobody of that name works on this return. Choose a colleague who sees it.")
