"""What the start page and reports read across contexts. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guicang.accounting.models import CreditNote, Entry, Voucher
from guicang.audit.models import AuditRow
from guicang.catalog.models import Sku
from guicang.intake.models import ImportRun, SetAsideRow
from guicang.inventory.models import StockLevel, StockMove
from guicang.kernel.models import OutboxMessage
from guicang.parties.models import Customer
from guicang.returns.models import Return, ReturnLine, Settlement
from guicang.sales.models import Order, OrderLine, Payment, Shipment

#: Rows beyond which a table is not counted any more: the figure is then what the engine keeps of its size.
COUNTED_UP_TO = 10_000


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that belong together. `rows`: (label, count of rows), about right beyond COUNTED_UP_TO."""

    title: str | Promise
    rows: list[tuple[str | Promise, int]]


#: One count each, in reading order.
COUNTED: list[tuple[str | Promise, list[tuple[str | Promise, type[Model]]]]] = [
    (
        _("Sales"),
        [
            (_("Orders"), Order),
            (_("Order lines"), OrderLine),
            (_("Shipments"), Shipment),
            (_("Payments"), Payment),
            (_("Customers"), Customer),
        ],
    ),
    (_("Returns"), [(_("Returns"), Return), (_("Lines"), ReturnLine), (_("Settlements"), Settlement)]),
    (
        _("Goods"),
        [
            (_("SKUs"), Sku),
            (_("Stock moves"), StockMove),
            (_("Stock levels"), StockLevel),
        ],
    ),
    (_("Books"), [(_("Entries"), Entry), (_("Vouchers"), Voucher), (_("Credit notes"), CreditNote)]),
    (_("Records"), [(_("Audit rows"), AuditRow), (_("Import runs"), ImportRun), (_("Rows set aside"), SetAsideRow)]),
]


def overview() -> list[Group]:
    """What is in the database, group by group; an empty list for an empty one.

    At most two statements per counted table and two more; of a large table they read no more than of a small one.
    """
    groups = [Group(title, [(label, rows_of(model)) for label, model in models]) for title, models in COUNTED]
    groups.append(Group(_("Outbox"), _outbox()))
    return groups if any(count for group in groups for _label, count in group.rows) else []


def rows_of(model: type[Model]) -> int:
    """How many rows a table has: counted up to COUNTED_UP_TO, beyond that near enough. At most 2 statements."""
    counted = model._default_manager.order_by()[: COUNTED_UP_TO + 1].count()
    if counted <= COUNTED_UP_TO:
        return counted
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [f'"{table}"'])
        else:
            # Rows are numbered as they come, and next to none are ever deleted.
            cursor.execute(f'SELECT MAX(rowid) FROM "{table}"')  # noqa: S608  # nosec B608: a table of ours
        (about,) = cursor.fetchone()
    return max(counted, about or 0)


def _outbox() -> list[tuple[str | Promise, int]]:
    waiting = OutboxMessage.objects.filter(done_at__isnull=True, dead_at__isnull=True).count()
    dead = OutboxMessage.objects.filter(dead_at__isnull=False).count()
    return [(_("Waiting"), waiting), (_("Dead letters"), dead)]
