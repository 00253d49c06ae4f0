"""Erasing a person: the vault forgets, the ledgers keep what they hold, which is references only."""

from __future__ import annotations

from uuid import UUID

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.org.queries import shops
from guicang.parties.errors import PersonUnknown
from guicang.parties.operations import erase
from guicang.parties.queries import customers
from guicang.sales.models import Order


def erase_person(context: Context, person_id: UUID) -> int:
    """Erase a customer, or an order's person; how many values and files went. Raises Refused as those below."""
    by_name = customers([person_id])
    return erase_customer(context, person_id) if by_name else erase_order_person(context, person_id)


def erase_customer(context: Context, customer_id: UUID) -> int:
    """Erase a customer with all his orders; how many vault values went. See `parties.operations.erase`.

    Later imports of these orders drop their personal columns. The shop's customer "unknown" is nobody
    and cannot be erased: erase the order's person.
    """
    customer = customers([customer_id]).get(customer_id)
    if customer is None or not customer.external_id:
        raise Refused([PersonUnknown(person_id=customer_id)])
    company_id = shops([customer.shop_id])[customer.shop_id].company_id
    _seen(context, customer_id, company_id, customer.shop_id)
    orders = Order.objects.filter(customer_id=customer_id).values_list("shop_id", "number")
    return erase(context, company_id, customer_id, list(orders))


def erase_order_person(context: Context, order_id: UUID) -> int:
    """Erase what is known of an order's person where nobody knows the buyer; how many vault values went."""
    row = Order.objects.filter(id=order_id).values_list("company_id", "shop_id", "number").first()
    if row is None:
        raise Refused([PersonUnknown(person_id=order_id)])
    _seen(context, order_id, row[0], row[1])
    return erase(context, row[0], order_id, [(row[1], row[2])])


def _seen(context: Context, person_id: UUID, company_id: UUID, shop_id: UUID) -> None:
    """Nobody erases whom he does not see."""
    if not context.actor.scope.holds(company_id, shop_id, NIL):
        raise Refused([PersonUnknown(person_id=person_id)])
