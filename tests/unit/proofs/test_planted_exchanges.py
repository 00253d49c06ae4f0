"""A fault planted in an exchange, or in what is kept in stock for one, is found by the proof that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F

from guicang.accounting.models import Account, EntryLine
from guicang.inventory.models import Reservation, StockLevel
from guicang.kernel import guards
from guicang.kernel.ids import new_id
from guicang.payments.models import Refund
from guicang.returns.models import Collection, Swap
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.collect import Collecting, collect
from guicang.sales.models import Order, Payment
from tests.journeys.acts import do
from tests.journeys.test_exchange import ask, exchanged, priced, sell_at_80
from tests.unit.proofs.test_planted_faults import failing

pytestmark = pytest.mark.django_db


@pytest.fixture
def exchange(world: Any) -> UUID:
    """One exchange carried out and collected, its goods kept for their order; one granted, its goods kept for it."""
    want = priced(world, "DEAR", 9000)
    key, _ = exchanged(world, sell_at_80(world), Instead(want, 1))
    do(collect, world, Collecting(key, "card", "slip-1"))
    do(authorise, world, Authorisation(ask(world, sell_at_80(world), Instead(want, 1))))
    assert failing() == set()
    return key


def off(model: Any, column: str, by: int = 1, **where: Any) -> Callable[[UUID], None]:
    def plant(_key: UUID) -> None:
        row = model.objects.filter(**where).order_by("pk").first()
        assert model.objects.filter(pk=row.pk).update(**{column: F(column) + by})

    return plant


def gone(model: Any, **where: Any) -> Callable[[UUID], None]:
    def plant(_key: UUID) -> None:
        rows = model.objects.filter(pk=model.objects.filter(**where).order_by("pk").first().pk)
        assert rows._raw_delete(rows.db)

    return plant


def of_nobody(_key: UUID) -> None:
    Order.objects.filter(return_id=_key).update(return_id=new_id())


def of_another_customer(key: UUID) -> None:
    Order.objects.filter(return_id=key).update(customer_id=new_id())


def wished_by_nobody(_key: UUID) -> None:
    Swap.objects.filter(pk=Swap.objects.order_by("pk").values_list("pk", flat=True)[0]).update(line_id=new_id())


def clearing(change: Callable[[Any], Any]) -> Callable[[UUID], None]:
    """Of the account that is nought once both orders are booked."""

    def plant(_key: UUID) -> None:
        accounts = Account.objects.filter(role="exchange_clearing").values("pk")
        first = EntryLine.objects.filter(account_id__in=accounts).order_by("pk").values_list("pk", flat=True)[0]
        assert change(EntryLine.objects.filter(pk=first))

    return plant


FAULTS: dict[str, tuple[Callable[[UUID], None], str]] = {
    "clearing off by a cent": (
        clearing(lambda rows: rows.update(amount_minor=F("amount_minor") + 1)),
        "exchanges",
    ),
    "a leg of clearing vanished": (clearing(lambda rows: rows._raw_delete(rows.db)), "exchanges"),
    "more left the old order": (off(Refund, "amount_minor", method="exchange"), "exchanges"),
    "what left vanished": (gone(Refund, method="exchange"), "exchanges"),
    "less came to the new one": (off(Payment, "amount_minor", -1, payment_key__startswith="exchange:"), "exchanges"),
    "what came vanished": (gone(Payment, payment_key__startswith="exchange:"), "exchanges"),
    "more was collected than paid": (off(Collection, "amount_minor"), "exchanges"),
    "a collection vanished": (gone(Collection), "exchanges"),
    "an order in place of nothing": (of_nobody, "exchanges"),
    "an order of somebody else": (of_another_customer, "exchanges"),
    "a wish in place of nothing": (wished_by_nobody, "exchanges"),
    "more is kept than its rows say": (off(StockLevel, "reserved", reserved__gte=1), "stock_reservations"),
    "a row keeps more": (off(Reservation, "quantity"), "stock_reservations"),
    "what was kept vanished": (gone(Reservation), "stock_reservations"),
}


@pytest.mark.parametrize(("plant", "found_by"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(exchange: UUID, plant: Callable[[UUID], None], found_by: str) -> None:
    connection.check_constraints()
    with guards.removed(connection):
        plant(exchange)
    assert found_by in failing()
