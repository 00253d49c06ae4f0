"""Whom one can erase, and what would go with him: values of the vault and pictures, never amounts or goods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.insights.settings import Change, changes
from guicang.insights.worklist import persons_called
from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.parties import queries as parties
from guicang.parties.queries import Held, Personal
from guicang.returns.models import Return, ReturnLine
from guicang.sales.models import Order

#: People of one search: a name may be many people's.
MOST = 50


class Person(NamedTuple):
    """A customer, or (where nobody knows the buyer) the person of one order, whose number then says which."""

    id: UUID
    shop: str
    order_number: str
    contact: list[Personal]
    erased_at: datetime | None

    @property
    def named(self) -> bool:
        return any(one.kind == "name" for one in self.contact)


def find(scope: Scope, typed: str) -> tuple[list[Person], bool]:
    """People of this phone, e-mail, name or order number, and if there are more; at most 6 statements."""
    text = typed.strip()
    if not text:
        return [], False
    numbered = Order.objects.filter(number=text).values_list("id", flat=True)[: MOST + 1]
    people = _people(scope, {*persons_called(text), *numbered})
    return people[:MOST], len(people) > MOST


def _people(scope: Scope, ids: Iterable[UUID]) -> list[Person]:
    """Customers and orders among the ids, as people that `scope` holds; 4 statements.

    An order stands for its customer, and for itself where nobody knows the buyer.
    """
    wanted = set(ids)
    orders = {row.id: row for row in Order.objects.filter(id__among=sorted(wanted)).only("number", "customer_id")}
    customers = parties.customers(wanted | {row.customer_id for row in orders.values()})
    places = {key: ("customer", customers[key].shop_id, "") for key in wanted & set(customers)}
    for key, row in orders.items():
        buyer = customers[row.customer_id]
        named = bool(buyer.external_id)
        places[buyer.id if named else key] = ("customer" if named else "order", buyer.shop_id, row.number)
    places = {key: place for key, place in places.items() if place[0] == "order" or customers[key].external_id}
    shops = org.shops({shop_id for _, shop_id, _ in places.values()})
    opened = parties.personal((kind, key) for key, (kind, _, _) in places.items())
    return [
        Person(
            key,
            shops[shop_id].name,
            number if kind == "order" else "",
            opened.get((kind, key), []),
            customers[key].erased_at if key in customers else None,
        )
        for key, (kind, shop_id, number) in sorted(places.items())
        if scope.holds(shops[shop_id].company_id, shop_id, NIL)
    ]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`open`: numbers of returns that are not over. `erasures`: when he was erased and by whom, the latest first."""

    person: Person
    held: Held
    orders: int
    returns: int
    open: list[str]
    erasures: list[Change]


def sheet(person_id: UUID, scope: Scope) -> Sheet | None:
    """What erasing a person would take, and what stays; None for nobody that `scope` holds. At most 12 statements."""
    person = next((one for one in _people(scope, [person_id]) if one.id == person_id), None)
    if person is None:
        return None
    orders, returns = Order.objects.filter(customer_id=person_id), Return.objects.filter(customer_id=person_id)
    if person.order_number:
        lines = ReturnLine.objects.filter(order_id=person_id).values("parent_id")
        orders, returns = Order.objects.filter(id=person_id), Return.objects.filter(id__in=lines)
    return Sheet(
        person,
        parties.held(person_id),
        orders.count(),
        returns.count(),
        list(returns.filter(ending="").order_by("number").values_list("number", flat=True)),
        [change for change in changes(person_id) if change.item.action == "erase"],
    )
