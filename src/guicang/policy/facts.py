"""What a company's forms ask: why something comes back, with the ten reasons that every company begins with, and its
own fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.kernel.ids import NIL

#: Who is at fault where the buyer is right; what is true is found at inspection.
FAULTS = ("seller", "carrier", "buyer", "none")
#: What may change of a reason: its code is in the trail of returns and stays.
EDITABLE = ("zh", "en", "fault", "asks_evidence", "before_shipment")


class ReasonInfo(NamedTuple):
    """`asks_evidence`: pictures are wanted. `before_shipment`: it makes sense while nothing was shipped."""

    code: str
    zh: str
    en: str
    fault: str
    asks_evidence: bool = False
    before_shipment: bool = False
    archived_at: datetime | None = None
    id: UUID = NIL

    @property
    def seller_pays(self) -> bool:
        """The carrier is the seller's: towards the buyer what it breaks or brings late is the seller's fault too."""
        return self.fault in ("seller", "carrier")


DEFAULTS = (
    ReasonInfo("changed_mind", "不喜欢 / 不想要了", "Changed my mind", "buyer", before_shipment=True),
    ReasonInfo("too_small", "尺码偏小", "Too small", "none"),
    ReasonInfo("too_large", "尺码偏大", "Too large", "none"),
    ReasonInfo("not_as_described", "与描述不符", "Not as described", "seller", asks_evidence=True),
    ReasonInfo("quality", "质量问题", "Faulty or of poor quality", "seller", asks_evidence=True),
    ReasonInfo("damaged_in_transit", "收到时已破损", "Damaged on arrival", "carrier", asks_evidence=True),
    ReasonInfo("wrong_item", "发错货", "Wrong item sent", "seller", asks_evidence=True),
    ReasonInfo("missing_part", "少件 / 漏发", "Parts missing", "seller", asks_evidence=True),
    ReasonInfo("late", "到货太晚", "Arrived too late", "carrier", before_shipment=True),
    ReasonInfo("other", "其他", "Other", "none", before_shipment=True),
)


def offered(known: Iterable[ReasonInfo], *, unshipped: bool = False, faulty: bool = False) -> list[ReasonInfo]:
    """What a form offers of a company's reasons: none that is archived.

    `unshipped`: for goods that have not left; `faulty`: only those where the seller pays.
    """
    return [
        one
        for one in known
        if one.archived_at is None and (one.before_shipment or not unshipped) and (one.seller_pays or not faulty)
    ]


#: What a field of a company's own can hold, and who is asked.
FIELD_KINDS = ("text", "number", "date", "choice", "yes_no")
ASKED_OF = ("customer", "staff", "both")
#: What may change of a field: answers are of its kind and place, and point at it by its code.
FIELD_EDITABLE = ("zh", "en", "help_zh", "help_en", "options", "asked_of", "required")


class FieldInfo(NamedTuple):
    """A field of a company's own. `options` of a choice: {code, zh, en}; `per_line`: asked for every line."""

    id: UUID
    code: str
    zh: str
    en: str
    help_zh: str
    help_en: str
    kind: str
    options: Sequence[Mapping[str, str]]
    asked_of: str
    per_line: bool
    required: bool
    archived_at: datetime | None = None

    def asks(self, side: str) -> bool:
        """Whether a form of this side, customer or staff, asks for it now."""
        return self.archived_at is None and self.asked_of in (side, "both")

    def words(self, value: str) -> tuple[str, str]:
        """An answer in Chinese and in English."""
        if self.kind == "yes_no":
            return ("是", "yes") if value == "yes" else ("否", "no")
        option = next((one for one in self.options if one["code"] == value), None)
        return (option["zh"], option["en"]) if option else (value, value)
