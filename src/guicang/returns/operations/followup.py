"""Linked returns: for a parcel that came too late, for a gift that was charged, for goods nobody could match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.returns.deciders import Decider
from guicang.returns.models import Return, Settlement
from guicang.returns.operations.docket import Case, remember
from guicang.returns.operations.numbering import return_numbers

#: By order and cause, minor units.
Withheld = Mapping[UUID, Mapping[str, int]]
#: A parcel that came after its return was over.
LATE_PARCEL = "late_parcel"
#: The gift of an order that was charged because it was kept, and comes back after all (HARD-CASES 4).
GIFT_LATER = "gift_later"


def link_gifts(made: Iterable[tuple[dict[str, Any], Sequence[Mapping[str, Any]]]], withheld: Withheld) -> None:
    """Let new returns of gifts follow the return that was charged for them; 1 statement where there is one.

    `withheld`: by order, what is withheld of its refunds, by cause.
    """
    charged: dict[UUID, dict[str, Any]] = {}
    for header, lines in made:
        for line in lines:
            gift = f"gift_kept:{line['order_line_id']}"
            if header["linked_id"] == NIL and gift in withheld.get(line["order_id"], {}):
                charged.setdefault(line["order_id"], header)
    if not charged:
        return
    rows = Settlement.objects.filter(order_id__among=sorted(charged)).exclude(order_id=NIL)
    for order_id, first in rows.order_by("occurred_at", "id").values_list("order_id", "parent_id"):
        charged[order_id].update(linked_id=first, link_kind=GIFT_LATER)


def open_follow_up(first: Return, kind: str, context: Context, at: datetime) -> Case:
    """A new authorised return that follows `first`. The caller numbers and writes it, late: ranges lock late."""
    header = Return(
        id=new_id(),
        company_id=first.company_id,
        shop_id=first.shop_id,
        channel_id=first.channel_id,
        market_id=first.market_id,
        warehouse_id=first.warehouse_id,
        number="",
        customer_id=first.customer_id,
        currency=first.currency,
        type=first.type,
        entered_by="parcel",
        decision="authorised",
        decided_by=Decider.NOBODY,
        state="authorised",
        policy_version_id=first.policy_version_id,
        linked_id=first.id,
        link_kind=kind,
        requested_at=at,
        decided_at=at,
        changed_at=context.now,
        **context.stamps,
    )
    case = Case(header, [])
    remember(case)
    case.touched = True
    return case


def number(cases: Sequence[Case]) -> None:
    """Give return numbers; 1 statement a range. Locks the number ranges."""
    given = return_numbers((case.header.company_id, case.header.requested_at.year) for case in cases)
    for case, text in zip(cases, given, strict=True):
        case.header.number = text
