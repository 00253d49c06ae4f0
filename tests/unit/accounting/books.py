"""Companies with open books, and orders to invoice, for the tests beside this file."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from guicang.accounting import operations
from guicang.kernel import commands, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.org.models import Company
from guicang.sales.models import Order, OrderLine

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
#: What tests of raw SQL hand over: it keeps the two engines' forms of an id and an instant in one place.
STAMPS = {"occurred_at": NOW, "recorded_at": NOW, "book_date": NOW.date(), "origin": "live"}


def company(code: str = "C1", **values: str) -> Company:
    made = Company(code=code, name=code, **{"currency": "CNY", **values})
    made.save(force_insert=True)
    operations.open_books(made)
    return made


def context(origin: str = Origin.LIVE, actor: Actor | None = None, now: datetime = NOW) -> commands.Context:
    return commands.begin("test", actor=actor or Actor.system(), now=now, items=1, origin=origin)


def posting(
    company_id: UUID, *legs: operations.Leg, currency: str = "CNY", rate: str = "1", occurred_at: datetime = NOW
) -> operations.Posting:
    return operations.Posting(company_id, "test", "test", new_id(), occurred_at, currency, legs, Decimal(rate))


def sale(company_id: UUID, gross: int = 11300, tax: int = 1300) -> operations.Posting:
    leg = operations.Leg
    legs = leg("receivable", gross), leg("sales", tax - gross), leg("output_vat", -tax)
    return posting(company_id, *legs)


def order(company_id: UUID, *lines: tuple[int, int], number: str = "O1") -> tuple[UUID, list[UUID]]:
    """An order with lines of (sold incl. tax, tax): its id and theirs."""
    order_id, masters = new_id(), {name: new_id() for name in ("shop_id", "channel_id", "market_id", "customer_id")}
    facts = {
        "id": order_id,
        "company_id": company_id,
        "number": number,
        "currency": "CNY",
        "ordered_at": NOW,
        **masters,
    }
    total = sum(sold for sold, _ in lines)
    setwrites.insert(
        Order, [{**facts, "total_minor": total, "command_id": NIL, "recorded_at": NOW, "facts_as_of": None}]
    )
    ids = [new_id() for _ in lines]
    rows = [
        {
            "id": ids[position - 1],
            "order_id": order_id,
            "position": position,
            "line_key": str(position),
            "ordered": 10,
            "unit_price": Decimal(1),
            "list_price_minor": None,
            "gross_minor": sold,
            "paid_minor": sold,
            "sold_minor": sold,
            "tax_minor": tax,
            "non_returnable_confirmed_at": None,
        }
        for position, (sold, tax) in enumerate(lines, 1)
    ]
    setwrites.insert(OrderLine, rows)
    return order_id, ids
