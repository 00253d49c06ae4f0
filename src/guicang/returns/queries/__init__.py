"""Reading returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from guicang.kernel.compiled import compiled
from guicang.kernel.ids import NIL
from guicang.kernel.setwrites import chunks
from guicang.returns import lifecycle
from guicang.returns.models import (
    Clock,
    Inspection,
    Receipt,
    Return,
    ReturnLine,
    Settlement,
    SettlementLine,
)
from guicang.returns.queries.shown import *  # noqa: F403

#: States in which a return still does something to its order.
OPEN = [str(s) for s in lifecycle.State if s not in (*lifecycle.ENDED, "rejected", "settled")]


def by_state() -> dict[str, int]:
    """How many returns are in each state; 1 statement."""
    return {str(state): count for state, count in Return.objects.values_list("state").annotate(n=Count("id"))}


_sale_lines = compiled(
    lambda ids: ReturnLine.objects.filter(parent_id__among=ids).values_list("parent_id", "order_id", "shipment_line_id")
)
_unshipped_orders = compiled(
    lambda ids: ReturnLine.objects.filter(parent_id__among=ids, kind=lifecycle.LineKind.UNSHIPPED).values_list(
        "order_id"
    )
)
_over = compiled(
    lambda ids: Return.objects.filter(Q(decision="rejected") | ~Q(ending=""), id__among=ids).values_list("id")[:1]
)
_receipt_keys = compiled(
    lambda keys: Receipt.objects.filter(receipt_key__among=keys).values_list("receipt_key", "input_hash")
)
_open_orders = compiled(
    lambda ids: (
        ReturnLine.objects.filter(order_id__among=ids, parent__state__in=OPEN)
        .exclude(order_id=NIL)  # here and below the condition of the index: SQLite does not see by itself that it holds
        .values_list("order_id")
        .distinct()
    )
)


def sale_lines_of(return_ids: Iterable[UUID]) -> list[tuple[UUID, UUID, UUID]]:
    """(return, order, shipment line) of the lines, before anything is locked; 1 statement per 1,000."""
    found: list[tuple[UUID, UUID, UUID]] = []
    for batch in chunks(sorted(set(return_ids))):
        found.extend((parent_id, order_id, line_id) for parent_id, order_id, line_id in _sale_lines(batch))
    return found


def unshipped_orders(return_ids: Iterable[UUID]) -> set[UUID]:
    """Orders of which these returns cancel units that were not shipped; 1 statement per 1,000."""
    found: set[UUID] = set()
    for batch in chunks(sorted(set(return_ids))):
        found.update(order_id for (order_id,) in _unshipped_orders(batch))
    return found


def unshipped_taken(order_line_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Units of order lines that returns before shipment were granted; 1 statement per 1,000."""
    found: dict[UUID, int] = {}
    for batch in chunks(sorted(set(order_line_ids))):
        rows = ReturnLine.objects.filter(order_line_id__among=batch, kind=lifecycle.LineKind.UNSHIPPED)
        rows = rows.exclude(order_line_id=NIL)
        found.update(dict(rows.order_by().values_list("order_line_id").annotate(n=Sum("authorised"))))
    return found


def over(return_ids: Iterable[UUID]) -> bool:
    """True where any of these returns is rejected or ended; 1 statement per 1,000."""
    return any(_over(batch) for batch in chunks(sorted(set(return_ids))))


def waiting_for(shipment_line_ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """(shipment line, return) of open returns that still await units of it, oldest first; 1 statement per 1,000."""
    found: list[tuple[UUID, UUID]] = []
    for batch in chunks(sorted(set(shipment_line_ids) - {NIL})):
        rows = ReturnLine.objects.filter(
            shipment_line_id__among=batch,
            parent__decision="authorised",
            parent__ending="",
            expected__gt=F("received") + F("lost") + F("short_closed"),
        ).exclude(shipment_line_id=NIL)
        rows = rows.order_by("parent__requested_at", "parent_id")
        found.extend(rows.values_list("shipment_line_id", "parent_id"))
    return found


def clocks_of(return_ids: Iterable[UUID], *, running: bool = True) -> dict[UUID, list[Clock]]:
    """The clocks of returns, the first due first; with those that stopped unless `running`. 1 statement per 1,000."""
    found: dict[UUID, list[Clock]] = {}
    for batch in chunks(sorted(set(return_ids) - {NIL})):
        rows = Clock.objects.filter(parent_id__among=batch, **({"outcome": ""} if running else {}))
        for clock in rows.order_by("due_at", "id"):
            found.setdefault(clock.parent_id, []).append(clock)
    return found


def known_receipts(keys: Iterable[str]) -> dict[str, str]:
    """Hash of what was said with each receipt key that was seen before; 1 statement per 1,000."""
    found: dict[str, str] = {}
    for batch in chunks(sorted(set(keys))):
        found.update({key: said for key, said in _receipt_keys(batch)})
    return found


def open_orders(order_ids: Iterable[UUID]) -> set[UUID]:
    """Orders with a return that is not over; 1 statement per 1,000."""
    found: set[UUID] = set()
    for batch in chunks(sorted(set(order_ids))):
        found.update(order_id for (order_id,) in _open_orders(batch))
    return found


def documents(shop_id: UUID, numbers: Iterable[str]) -> dict[tuple[str, str], UUID]:
    """Returns made from past documents, by the document's number and kind of link; 1 statement per 1,000."""
    found: dict[tuple[str, str], UUID] = {}
    for batch in chunks(sorted(set(numbers) - {""})):
        rows = Return.objects.filter(shop_id=shop_id, source_document__among=batch).exclude(source_document="")
        found.update(
            {(number, link): key for number, link, key in rows.values_list("source_document", "link_kind", "id")}
        )
    return found


def reversed_settlements(ids: Iterable[UUID]) -> set[UUID]:
    """Those of these settlements that were taken back; 1 statement per 1,000."""
    found: set[UUID] = set()
    for batch in chunks(sorted(set(ids))):
        rows = Settlement.objects.filter(reverses_id__among=batch).exclude(reverses_id=NIL)
        found.update(rows.values_list("reverses_id", flat=True))
    return found


def parents_of_lines(line_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The return of each line; 1 statement per 1,000."""
    found: dict[UUID, UUID] = {}
    for batch in chunks(sorted(set(line_ids))):
        found.update(dict(ReturnLine.objects.filter(id__among=batch).values_list("id", "parent_id")))
    return found


def redisposed_units(inspection_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Units of inspections that later rows disposed anew; 1 statement per 1,000."""
    found: dict[UUID, int] = {}
    for batch in chunks(sorted(set(inspection_ids))):
        again = Inspection.objects.filter(reverses_id__among=batch).exclude(reverses_id=NIL)
        rows = again.order_by().values_list("reverses_id")
        found.update(dict(rows.annotate(n=Sum("quantity"))))
    return found


def counts() -> dict[str, int]:
    waiting = Return.objects.filter(~Q(link_kind=""), state="requested").count()
    return {"returns": Return.objects.count(), "settlements": Settlement.objects.count(), "waiting_for_review": waiting}


def find(code: str) -> UUID | None:
    """A return by its number or RMA code, as people type it."""
    letters = code.strip().upper().replace("-", "").replace(" ", "")
    numbered = Return.objects.filter(number=code.strip()).order_by().values_list("id")
    coded = Return.objects.filter(rma_code=letters).exclude(rma_code="").order_by().values_list("id")
    return next((key for (key,) in coded.union(numbered)), None)


def settled_lines(return_line_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """(credited to the buyer, price difference) of return lines, all settlements together; 1 statement per 1,000."""
    found: dict[UUID, tuple[int, int]] = {}
    for batch in chunks(sorted(set(return_line_ids))):
        rows = SettlementLine.objects.filter(line_id__among=batch).values_list("line_id")
        sums = rows.annotate(credited=Sum("target_minor"), beyond=Sum("price_difference_minor"))
        found.update({line_id: (credited, beyond) for line_id, credited, beyond in sums})
    return found


def numbers(return_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Numbers of returns; 1 statement per 1,000."""
    found: dict[UUID, str] = {}
    for batch in chunks(sorted(set(return_ids) - {NIL})):
        found.update(Return.objects.filter(id__among=batch).values_list("id", "number"))
    return found


def orders_asked_about(order_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the orders of which a return was ever asked for, whatever became of it. 1 statement a thousand."""
    found: set[UUID] = set()
    for batch in chunks(sorted(set(order_ids))):
        rows = ReturnLine.objects.filter(order_id__among=batch).exclude(order_id=NIL)
        found.update(rows.values_list("order_id", flat=True).distinct())
    return found


def terms_said(return_ids: Iterable[UUID], term: str) -> dict[UUID, Any]:
    """A term of the policy by return, where the verdict says so: `ship_days`, `answer_days`. 1 statement a thousand."""
    found: dict[UUID, Any] = {}
    for batch in chunks(sorted(set(return_ids))):
        rows = Return.objects.filter(id__among=batch).values_list("id", "verdict")
        said = {key: verdict.get("terms", {}).get(term) for key, verdict in rows}
        found.update({key: value for key, value in said.items() if value is not None})
    return found


def gifts_among(return_ids: Iterable[UUID]) -> set[UUID]:
    """Those that whoever was given the goods brings back; 1 statement a thousand."""
    found: set[UUID] = set()
    for batch in chunks(sorted(set(return_ids))):
        found.update(Return.objects.filter(id__among=batch, gift=True).values_list("id", flat=True))
    return found


def customers_of(return_ids: Iterable[UUID]) -> set[UUID]:
    """1 statement a thousand."""
    found: set[UUID] = set()
    for batch in chunks(sorted(set(return_ids))):
        found.update(Return.objects.filter(id__among=batch).values_list("customer_id", flat=True))
    return found


def paid_ahead(customer_ids: Iterable[UUID]) -> dict[tuple[UUID, str], int]:
    """By customer and currency: what lines paid of whose goods not all that was paid for was taken yet. What the
    carrier lost is not the customer's. 1 statement a thousand customers.
    """
    found: dict[tuple[UUID, str], int] = {}
    for batch in chunks(sorted(set(customer_ids))):
        rows = ReturnLine.objects.filter(parent__customer_id__among=batch, kind=lifecycle.LineKind.GOODS)
        rows = rows.filter(settled__gt=F("accepted") + F("lost")).order_by()
        sums = rows.values_list("parent__customer_id", "parent__currency").annotate(paid=Sum("refund_minor"))
        found.update({(customer, currency): paid for customer, currency, paid in sums})
    return found


def on_account(return_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What of these returns without an order stays a credit of the customer, < 0: what he owes. 1 statement; 0 for
    none.
    """
    wanted = sorted(set(return_ids))
    rows = Settlement.objects.filter(parent_id__among=wanted, order_id=NIL) if wanted else Settlement.objects.none()
    sums = rows.order_by().values_list("parent_id").annotate(total=Sum("unapplied_minor"))
    return {key: int(total) for key, total in sums}


def returned_without_order(
    customer_ids: Iterable[UUID], since: datetime, until: datetime
) -> dict[tuple[UUID, str], int]:
    """What customers were credited for priced goods without an order from `since` until before `until`, by customer
    and currency; what was taken back, whenever that was, is not counted. 1 statement a thousand.
    """
    found: dict[tuple[UUID, str], int] = {}
    undone = Settlement.objects.filter(reverses_id=OuterRef("settlement_id")).exclude(reverses_id=NIL)
    for batch in chunks(sorted(set(customer_ids))):
        rows = SettlementLine.objects.filter(
            ~Exists(undone),
            line__parent__customer_id__among=batch,
            line__kind=lifecycle.LineKind.BLIND,
            settlement__reverses_id=NIL,
            occurred_at__gte=since,
            occurred_at__lt=until,
        ).exclude(line__price_rule="")
        columns = ("line__parent__customer_id", "line__parent__currency")
        for customer, currency, total in rows.order_by().values_list(*columns).annotate(total=Sum("unlinked_minor")):
            found[customer, currency] = int(total)
    return found


def verdicts(return_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """(number, the policy's answer) of returns; 1 statement per 1,000."""
    found: dict[UUID, tuple[str, str]] = {}
    for batch in chunks(sorted(set(return_ids) - {NIL})):
        rows = Return.objects.filter(id__among=batch).values_list("id", "number", "verdict")
        found.update({key: (number, str(verdict.get("answer", ""))) for key, number, verdict in rows})
    return found


def states(return_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Header states of returns; 1 statement per 1,000."""
    found: dict[UUID, str] = {}
    for batch in chunks(sorted(set(return_ids) - {NIL})):
        found.update(Return.objects.filter(id__among=batch).values_list("id", "state"))
    return found


def awaited_units(return_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, int]]:
    """Units that are still to arrive, by return and line; 1 statement per 1,000."""
    found: dict[UUID, dict[UUID, int]] = {}
    for batch in chunks(sorted(set(return_ids))):
        left = F("expected") - F("received") - F("lost") - F("short_closed")
        rows = ReturnLine.objects.filter(parent_id__among=batch).annotate(left=left).filter(left__gt=0)
        for parent_id, line_id, units in rows.values_list("parent_id", "id", "left"):
            found.setdefault(parent_id, {})[line_id] = units
    return found


def parents_of_inspections(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The return of each inspection; 1 statement."""
    return dict(Inspection.objects.filter(id__among=sorted(set(ids))).values_list("id", "line__parent_id"))


def parents_of_settlements(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The return of each settlement; 1 statement."""
    return dict(Settlement.objects.filter(id__among=sorted(set(ids))).values_list("id", "parent_id"))


def verdicts_of(ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The verdict that each return keeps; 1 statement per 1,000."""
    found: dict[UUID, dict[str, Any]] = {}
    for batch in chunks(sorted(set(ids))):
        found.update(Return.objects.filter(id__among=batch).values_list("id", "verdict"))
    return found


def graded(line_ids: Iterable[UUID]) -> dict[UUID, tuple[tuple[str, int], ...]]:
    """Accepted units of return lines by grade, in the order of their inspection, less what was changed since; 1
    statement per 1,000, none for no line.
    """
    rows: list[tuple[UUID, UUID, UUID, str, int]] = []
    for batch in chunks(sorted(set(line_ids))):
        accepted = Inspection.objects.filter(line_id__among=batch, accepted=True).order_by("recorded_at", "id")
        rows += accepted.values_list("id", "line_id", "reverses_id", "grade", "quantity")
    gone = Counter({key: 0 for key, *_ in rows})
    for _, _, reverses_id, _, quantity in rows:
        gone[reverses_id] += quantity
    found: dict[UUID, list[tuple[str, int]]] = {}
    for key, line_id, _, grade, quantity in rows:
        if left := quantity - gone[key]:
            found.setdefault(line_id, []).append((grade, left))
    return {key: tuple(grades) for key, grades in found.items()}


def currencies(return_ids: Iterable[UUID]) -> dict[UUID, str]:
    """1 statement a thousand."""
    found: dict[UUID, str] = {}
    for batch in chunks(sorted(set(return_ids))):
        found.update(Return.objects.filter(id__among=batch).values_list("id", "currency"))
    return found
