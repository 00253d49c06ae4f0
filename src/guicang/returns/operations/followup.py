"""Linked returns: for a parcel that came too late, for goods nobody could match."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.returns.deciders import Decider
from guicang.returns.models import Return
from guicang.returns.operations.docket import Case, remember
from guicang.returns.operations.numbering import return_numbers

#: A parcel that came after its return was over.
LATE_PARCEL = "late_parcel"


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
