"""Start Django on a database of the benchmark's own, and make a company that trades."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from guicang.kernel.actor import Actor

SYSTEM = Actor.system()
NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
SKU = "GOODS"


def start() -> str:
    """Migrate an empty database: GUICANG_DATABASE_URL's, else a file in a new folder. Answers the engine's name."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "guicang.config.settings"
    os.environ.setdefault("GUICANG_HOME", tempfile.mkdtemp(prefix="gcbench"))
    os.environ["GUICANG_DEMO"] = "1"
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    return connection.vendor


def company(units: int) -> tuple[UUID, UUID]:
    """Shop and warehouse of a company with owned books and goods, and `units` of one SKU in stock."""
    from django.db import transaction

    from guicang.catalog.operations import ensure_skus
    from guicang.kernel import commands
    from guicang.trade.facts import StockFacts
    from guicang.trade.operations import ShopFacts, WarehouseFacts, set_up
    from guicang.trade.steps import record_opening_stock

    with transaction.atomic():
        context = commands.begin("bench", actor=SYSTEM, now=NOW, items=1)
        made = set_up(
            context,
            company={"code": "BENCH", "name": "BENCH", "currency": "CNY"},
            shops=[ShopFacts("SHOP")],
            warehouses=[WarehouseFacts("WH", goods="owned")],
        )
        ensure_skus(context, made.company.id, {SKU: SKU})
    warehouse = made.warehouses["WH"].id
    item = StockFacts(warehouse, SKU, units, units * 500, NOW - timedelta(days=40))
    record_opening_stock(items=[item], actor=SYSTEM, now=NOW, all_or_nothing=True)
    return made.shops["SHOP"].id, warehouse


def sell(
    shop_id: UUID, warehouse_id: UUID, count: int, first: int = 0, buyers: int = 5000
) -> list[tuple[UUID, UUID, UUID]]:
    """`count` orders of one paid and shipped unit at 10.00, of so many buyers in turn.

    Answers (customer, order, order line) of each.
    """
    from guicang.kernel.setwrites import chunks
    from guicang.sales.models import OrderLine
    from guicang.trade import facts
    from guicang.trade.steps import record_orders

    orders = []
    for number in range(first, first + count):
        parcel = facts.ShipmentFacts(
            "1", warehouse_id, NOW - timedelta(days=3), [facts.ShippedFacts("1", 1)], carrier="SF", tracking=f"{number}"
        )
        orders.append(
            facts.OrderFacts(
                shop_id,
                f"{number:08d}",
                NOW - timedelta(days=5),
                "CNY",
                [facts.LineFacts("1", SKU, 1, Decimal(10), 1000, tax_rate=Decimal("0.13"))],
                facts.CustomerFacts(f"b{number % buyers}"),
                shipments=[parcel],
                payments=[facts.PaymentFacts("p", "wechat", 1000, NOW - timedelta(days=4))],
            )
        )
    ids = []
    for batch in chunks(orders):
        outcomes = record_orders(orders=batch, actor=SYSTEM, now=NOW, all_or_nothing=True)
        ids += [outcome.id for outcome in outcomes if outcome.id is not None]
    rows = OrderLine.objects.filter(order_id__among=ids).values_list("order__customer_id", "order_id", "id")
    return list(rows)


def peak_mb() -> float:
    """The largest resident memory of this process so far. ru_maxrss is KiB on Linux, bytes on macOS."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1024 * 1024 if sys.platform == "darwin" else 1024)
