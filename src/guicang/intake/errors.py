"""What intake itself says about a row that can be read and still cannot be taken.

Cell by cell findings stand in `tables.errors`; what the books and the returns refuse comes from their own
contexts with its sentence. Sentences are English msgids, %-formats over the fault's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guicang.intake.profiles import ProfileFault
from guicang.intake.profiles.schema import N_
from guicang.intake.tables import ROW_MESSAGES, CellFault, FileFault
from guicang.kernel.refusal import Refusal, worded

MESSAGES = {
    "write_off": N_("A sale with a negative quantity is no return; enter it as a stock adjustment"),
    "negative_amount": N_("The amount %(text)s is below zero; state it as a positive one"),
    "negative_quantity": N_("The quantity %(text)s is below zero; state it as a positive one"),
    "too_long": N_("The text has %(length)s characters; at most %(limit)s can be kept"),
    "number_too_large": ROW_MESSAGES["number_too_large"],
    "missing_value": ROW_MESSAGES["missing_value"],
    "order_contradiction": N_("The rows of this order say %(first)s and %(second)s; an order has one value here"),
    "line_contradiction": N_("The line id %(line_id)s stands on rows that differ in %(field)s; correct one of them"),
    "document_contradiction": N_("The rows of this document say %(first)s and %(second)s; it has one value here"),
    "document_incomplete": N_("The row %(row)s of the same document is set aside; correct it and import them together"),
    "document_changed": N_("This document was taken before with %(known)s lines and has %(stated)s now"),
    "refund_not_here": N_("A refund is recorded on its return, not as a payment"),
    "bad_composition": N_("%(text)s is no composition; write code*quantity@price, separated by ;"),
    "company_other": N_("The row belongs to another company; whoever sees that company imports it"),
    "return_type_unknown": N_("A past document cannot be taken as %(text)s; enter it by hand"),
}

#: What ends a run besides faults of its file.
ENDS = {
    "not_permitted": N_("Whoever started it may import no longer; somebody who may can start it again"),
    "unexpected": N_("It failed for a reason nobody foresaw; an administrator finds it among the dead letters"),
}


class NoSuchFile(Refusal):
    code: ClassVar[str] = "import_file_not_found"
    status: ClassVar[int] = 404
    sentence = _("There is no such file.")


class NoSuchKind(Refusal):
    code: ClassVar[str] = "import_kind"
    sentence = _("Say what the file holds.")


class NoSuchCompany(Refusal):
    code: ClassVar[str] = "import_company"
    sentence = _("Choose a company that is there.")


class WholeCompanyOnly(Refusal):
    code: ClassVar[str] = "import_whole_company"
    status: ClassVar[int] = 403
    sentence = _("You see one shop or warehouse; a file is imported by somebody who sees the whole company.")


class FileTooLarge(Refusal):
    code: ClassVar[str] = "import_file_too_large"
    status: ClassVar[int] = 413
    sentence = _("The file is larger than %(megabytes)s MB. Split it, or pack it with gzip.")


class SheetTooLong(Refusal):
    code: ClassVar[str] = "sheet_too_long"
    status: ClassVar[int] = 413
    sentence = _("A sheet has at most %(most)s rows. Send the others as a second one.")


class FileBusy(Refusal):
    code: ClassVar[str] = "import_file_busy"
    sentence = _("The file is being imported. Wait until it is done, or stop it first.")


class NotReady(Refusal):
    code: ClassVar[str] = "import_not_ready"
    sentence = _("The file cannot be imported like this: %(reason)s")


class TwiceMapped(Refusal):
    code: ClassVar[str] = "import_twice_mapped"
    sentence = _("The columns %(first)s and %(second)s cannot both mean the same. Choose one of them.")


class NoSuchProfile(Refusal):
    code: ClassVar[str] = "import_profile_not_found"
    sentence = _("There is no such profile. Choose one of the list.")


class ProfileNameTaken(Refusal):
    code: ClassVar[str] = "import_profile_taken"
    sentence = _("Another profile for such files is called %(name)s. Choose another name, or delete that one first.")


class BadProfileName(Refusal):
    code: ClassVar[str] = "import_profile_name"
    sentence = _("Give the profile a name of at most %(most)s characters.")


#: What no correction makes a row of this kind of file: nothing waits for it.
NEVER_TAKEN = frozenset({"write_off", "refund_not_here"})


def fault(code: str, column: str, **data: object) -> CellFault:
    """A finding of intake's own."""
    return CellFault(column, code, data)


def sentence(code: str, data: Mapping[str, Any]) -> str:
    """The reason of a set-aside row in the present language. The sentence of a refusal is stored with it, for when
    its class is gone."""
    if "sentence" in data:
        return worded(code, data) or str(data["sentence"])
    message = MESSAGES.get(code) or ROW_MESSAGES.get(code)
    return gettext(message) % data if message else code


def told(fault: FileFault | ProfileFault, file_name: str) -> str:
    """What is wrong with a file or its profile, in the present language and without where it lies."""
    return stored({"code": fault.code, "message": fault.message, "data": fault.data}, file_name)


def stored(fault: Mapping[str, Any], file_name: str) -> str:
    """The same from what was kept of it."""
    code, message, data = fault["code"], fault.get("message", ""), {**fault.get("data", {})}
    if code in ENDS:
        message = ENDS[code]
    if "path" in data:
        data["path"] = file_name
    if "reason" in data:
        why = str(data["reason"])
        data["reason"] = gettext(why)
    return gettext(message) % data


def of_refusal(refusal: Refusal) -> tuple[str, dict[str, Any]]:
    """(code, data) of what another context refused, with its sentence, since only that context can word it."""
    described = refusal.as_dict()
    data = {key: value if isinstance(value, int) else str(value) for key, value in described["data"].items()}
    return described["code"], {**data, "sentence": described["sentence"]}
