"""Why a user was not made or changed."""

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


class NotYourself(Refusal):
    code = "not_yourself"
    sentence = _("You cannot lock yourself out. Ask another administrator.")
