"""What intake itself says about a row that can be read and still cannot be taken.

Cell by cell findings stand in `tables.errors`; what the books and the returns refuse comes from their own
contexts with its sentence. Sentences are English msgids, %-formats over the fault's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from guicang.intake.profiles.schema import N_
from guicang.intake.tables import ROW_MESSAGES, CellFault
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


def of_refusal(refusal: Refusal) -> tuple[str, dict[str, Any]]:
    """(code, data) of what another context refused, with its sentence, since only that context can word it."""
    described = refusal.as_dict()
    data = {key: value if isinstance(value, int) else str(value) for key, value in described["data"].items()}
    return described["code"], {**data, "sentence": described["sentence"]}
