"""What moves the cash of a drawer, and how far a shift has come: pure words and what follows from them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class CashKind(StrEnum):
    FLOAT = "float"  # put in from the safe when the shift began
    REFUND = "refund"
    REFUND_BACK = "refund_back"  # a refund in cash was taken back
    COLLECTION = "collection"  # what an exchange left open
    IN = "in"
    OUT = "out"
    DIFFERENCE = "difference"  # counted more or less than there should be


class ShiftState(StrEnum):
    OPENING = "opening"  # counted less than the last shift left: a second person looks before cash moves
    OPEN = "open"
    COUNTED = "counted"  # the same at its end
    CLOSED = "closed"


#: Shifts that hold their drawer and their person.
RUNNING: Final = (ShiftState.OPENING, ShiftState.OPEN, ShiftState.COUNTED)
#: Those whose difference waits for a second person.
WAITING: Final = (ShiftState.OPENING, ShiftState.COUNTED)
#: Kinds that only give, and those that only take.
GIVING: Final = (CashKind.REFUND, CashKind.OUT)
TAKING: Final = (CashKind.FLOAT, CashKind.REFUND_BACK, CashKind.COLLECTION, CashKind.IN)
#: Whom a leg of the cash account names that lies in a drawer; what names nobody lies in the safe.
PARTY: Final = "drawer"
#: The role of the account for what was counted too much or too little, until somebody knows why.
UNEXPLAINED: Final = "cash_difference"


class Reason(NamedTuple):
    """Why cash is put in (sign 1) or taken out (-1), and the role of the account on the other side."""

    sign: int
    role: str


REASONS: Final[dict[str, Reason]] = {
    "from_safe": Reason(1, "cash"),
    "from_bank": Reason(1, "bank"),
    "to_safe": Reason(-1, "cash"),
    "to_bank": Reason(-1, "bank"),
    "expense": Reason(-1, "other_expense"),
}


def is_cash(method: str, kind: str) -> bool:
    """Whether a refund goes out in cash: by its method, or else as it was paid."""
    return (method or kind) == "cash"


def decides(difference_minor: int, limit_minor: int) -> bool:
    """Whether a second person has to look at a difference."""
    return abs(difference_minor) > limit_minor
