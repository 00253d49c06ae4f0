"""Whose personal data words and pictures of a return are: so that erasing the person takes them along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.parties import queries as parties
from guicang.returns.operations.docket import Case
from guicang.sales import queries as sold


class Whose(NamedTuple):
    """A return, its customer and its first order (NIL: none)."""

    return_id: UUID
    customer_id: UUID
    order_id: UUID


def persons_of(cases: Iterable[Case]) -> dict[UUID, UUID | None]:
    """As `persons_behind`, of returns that are there."""
    return persons_behind(
        Whose(
            case.header.id,
            case.header.customer_id,
            next((line.order_id for line in case.lines if line.order_id != NIL), NIL),
        )
        for case in cases
    )


def persons_behind(returns: Iterable[Whose]) -> dict[UUID, UUID | None]:
    """{return: person}; None where he was erased, and nothing more of him is kept.

    The person is the customer; where the platform names no buyer it is the order, as for the order's own data, and
    without an order the return. 1 statement per 1,000, 3 more where a buyer is not named.
    """
    wanted = list(returns)
    known = parties.customers(each.customer_id for each in wanted)
    gone = _erased({each.order_id for each in wanted if not _named(known, each)} - {NIL})
    found: dict[UUID, UUID | None] = {}
    for each in wanted:
        customer = known.get(each.customer_id)
        erased = (customer is not None and customer.erased_at is not None) or each.order_id in gone
        otherwise = each.order_id if each.order_id != NIL else each.return_id
        found[each.return_id] = None if erased else each.customer_id if _named(known, each) else otherwise
    return found


def _named(known: Mapping[UUID, parties.CustomerInfo], each: Whose) -> bool:
    return each.customer_id in known and bool(known[each.customer_id].external_id)


def _erased(order_ids: Iterable[UUID]) -> set[UUID]:
    """Orders whose person was erased: the tombstone alone knows, since nobody knows the buyer."""
    heads = sold.order_heads(order_ids)
    gone = parties.tombstoned((head.shop_id, head.number) for head in heads.values()) if heads else set()
    return {key for key, head in heads.items() if (head.shop_id, head.number) in gone}
