"""Why a master was not made or changed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class CodeTaken(Refusal):
    code = "code_taken"
    sentence = _("The code %(code)s is taken already, maybe by something archived. Choose another one.")


class CodeBad(Refusal):
    code, status = "code_bad", 422
    sentence = _("A code has 1 to 40 letters, digits, dots, dashes or underscores.")


class NameBad(Refusal):
    code, status = "name_bad", 422
    sentence = _("Give it a name of at most 120 characters.")


class ZoneUnknown(Refusal):
    code, status = "zone_unknown", 422
    sentence = _("There is no time zone %(zone)s. Write it like Asia/Shanghai.")


class CurrencyUnknown(Refusal):
    code, status = "currency_unknown", 422
    sentence = _("A currency is written with three letters, like CNY.")


class TooLong(Refusal):
    code, status = "master_text_too_long", 422
    sentence = _("%(column)s is longer than %(longest)s characters. Shorten it.")


class NoSuchMaster(Refusal):
    code, status = "master_not_found", 404
    sentence = _("There is nothing like this any more. Open the list again.")


class StillUsed(Refusal):
    code = "master_in_use"
    sentence = _("It is used by %(names)s. Archive those first.")


class BelongsToArchived(Refusal):
    code = "master_above_archived"
    sentence = _("%(name)s is archived. Bring that back first.")


class RangeBegun(Refusal):
    code = "range_begun"
    sentence = _("Numbers of %(year)s were given already; they stay as they are. Set it for the next year.")


class RangeYearBad(Refusal):
    code, status = "range_year_bad", 422
    sentence = _("Only this year, while no number was given, or the next one can be set.")


class PrefixBad(Refusal):
    code, status = "prefix_bad", 422
    sentence = _("A prefix has 1 to 10 capital letters or dashes and begins with a letter, like R or RT-.")


class WidthBad(Refusal):
    code, status = "width_bad", 422
    sentence = _("A number has 4 to 12 digits after the year.")


class OfTheGroup(Refusal):
    code, status = "of_the_group", 403
    sentence = _("This belongs to all companies. Ask an administrator of the whole group.")
