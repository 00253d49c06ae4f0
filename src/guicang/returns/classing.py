"""What type a request is: it follows from facts and from what is asked of its lines, whoever enters it. Pure.

Staff may say otherwise with a reason (`steps/retype.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from guicang.returns.lifecycle import WITHOUT_REFUND, LineKind, Type


class Because(StrEnum):
    """Why a request is of its type."""

    MONEY = "money"  # no goods at all
    ASKED = "asked"  # an exchange, a repair or a new parcel is asked for
    REFUSED = "refused"  # the parcel was refused or stopped on its way
    NOT_SHIPPED = "not_shipped"  # nothing of it has left
    KEPT = "kept"  # what was shipped stays with the buyer
    GOODS = "goods"  # goods come back for their money
    STAFF = "staff"  # somebody said so


class Typed(NamedTuple):
    type: Type
    because: Because


#: Between these staff may change: goods that were shipped, whatever becomes of them and of their money.
CHANGEABLE = frozenset({Type.REFUND, Type.REFUND_ONLY, Type.REFUSED_PARCEL, *WITHOUT_REFUND})


def type_of(lines: Sequence[tuple[str, str]]) -> Typed:
    """The type of a request of these (kind, resolution) lines, the first rule that fits:

    only money; something else than money asked for any line; any of a refused parcel; nothing shipped; nothing that
    comes back; else goods come back for their money.
    """
    goods = [(kind, Type(resolution)) for kind, resolution in lines if kind != LineKind.MONEY]
    if lines and not goods:
        return Typed(Type.MONEY_ONLY, Because.MONEY)
    asked = next((resolution for _, resolution in goods if resolution in WITHOUT_REFUND), None)
    if asked is not None:
        return Typed(asked, Because.ASKED)
    if any(resolution == Type.REFUSED_PARCEL for _, resolution in goods):
        return Typed(Type.REFUSED_PARCEL, Because.REFUSED)
    kinds = {kind for kind, _ in goods}
    if kinds == {LineKind.UNSHIPPED}:
        return Typed(Type.UNSHIPPED, Because.NOT_SHIPPED)
    if kinds and kinds <= {LineKind.UNSHIPPED, LineKind.KEEP}:
        return Typed(Type.REFUND_ONLY, Because.KEPT)
    return Typed(Type.REFUND, Because.GOODS)


def resolution_of(asked: str, units: int, *, shipped: bool, unshipped: int) -> str:
    """What a line comes to: money for goods that never left is a refund before shipment, however it was asked for."""
    plain = asked in (Type.REFUND, Type.REFUND_ONLY)
    return str(Type.UNSHIPPED) if plain and not shipped and 0 < units <= unshipped else asked


def retyped(kind: str, resolution: str, to: Type) -> tuple[str, str]:
    """Kind and resolution of a line where the request becomes `to`; lines that have no part in it stay as they are."""
    if kind not in (LineKind.GOODS, LineKind.KEEP) or resolution not in CHANGEABLE:
        return kind, resolution
    return str(LineKind.KEEP if to in (Type.REFUND_ONLY, Type.RESHIP) else LineKind.GOODS), str(to)
