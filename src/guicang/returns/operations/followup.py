"""Linked returns: for a parcel that came too late, for goods nobody could match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from guicang.kernel import numbers
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.returns.models import Return
from guicang.returns.operations.docket import Case, remember


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
    """Give return numbers; 3 statements. Locks the number ranges."""
    keys = [(case.header.company_id, "return", case.header.requested_at.year, "R") for case in cases]
    blocks = {key: iter(block) for key, block in numbers.take(Counter(keys)).items()} if keys else {}
    for key, case in zip(keys, cases, strict=True):
        case.header.number = f"R{key[2]}{next(blocks[key]):07d}"
