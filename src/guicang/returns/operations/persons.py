"""Whose personal data words and pictures of a return are: so that erasing the person takes them along."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.parties import queries as parties
from guicang.returns.operations.docket import Case


def persons_of(cases: Collection[Case]) -> dict[UUID, UUID | None]:
    """{return: person}; None where he was erased, and nothing more of him is kept. 1 statement per 1,000.

    The person is the customer; where the platform names no buyer it is the order, as for the order's own data.
    """
    known = parties.customers(case.header.customer_id for case in cases)
    found: dict[UUID, UUID | None] = {}
    for case in cases:
        orders = (line.order_id for line in case.lines if line.order_id != NIL)
        found[case.header.id] = person_of(known.get(case.header.customer_id), next(orders, case.header.id))
    return found


def person_of(customer: parties.CustomerInfo | None, otherwise: UUID) -> UUID | None:
    """The customer where the platform names one, else `otherwise`; None where he was erased."""
    if customer is not None and customer.erased_at is not None:
        return None
    return customer.id if customer is not None and customer.external_id else otherwise
