"""What the start page and reports read across contexts. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Model
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guicang.accounting.models import CreditNote, Entry, Voucher
from guicang.audit.models import AuditRow
from guicang.catalog.models import Sku
from guicang.intake.models import ImportRun, SetAsideRow
from guicang.inventory.models import StockLevel, StockMove
from guicang.kernel.models import OutboxMessage
from guicang.parties.models import Customer
from guicang.returns import lifecycle
from guicang.returns.models import Return
from guicang.sales.models import Order, OrderLine, Payment, Shipment


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that belong together. `rows`: (label, count of rows)."""

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

    One statement per counted table and two more. Counting reads an index from end to end: a page for the first
    look, not one to poll.
    """
    groups = [
        Group(title, [(label, model._default_manager.count()) for label, model in models]) for title, models in COUNTED
    ]
    groups[1:1] = [Group(_("Returns by state"), _returns_by_state())]
    groups.append(Group(_("Outbox"), _outbox()))
    return groups if any(count for group in groups for _label, count in group.rows) else []


def _returns_by_state() -> list[tuple[str | Promise, int]]:
    """Every state in the order of a return's life, also those nobody is in."""
    counts = dict(Return.objects.values_list("state").annotate(rows=Count("pk")))
    language = get_language() or "zh-hans"
    states = lifecycle.State
    return [(lifecycle.label(state, states, language), counts.get(state.value, 0)) for state in states]


def _outbox() -> list[tuple[str | Promise, int]]:
    waiting = OutboxMessage.objects.filter(done_at__isnull=True, dead_at__isnull=True).count()
    dead = OutboxMessage.objects.filter(dead_at__isnull=False).count()
    return [(_("Waiting"), waiting), (_("Dead letters"), dead)]
