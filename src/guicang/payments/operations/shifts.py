"""Shifts of cash drawers: begun by a count, ended by a count, and a second person for what differs too much."""

from __future__ import annotations

from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.clock import local_date
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.money import convert_minor
from guicang.kernel.refusal import Refused
from guicang.org import queries as org
from guicang.org.operations import lock_company
from guicang.payments import errors
from guicang.payments.models import DrawerRules, Shift, Till
from guicang.payments.operations import cash
from guicang.payments.operations.cash import Drawer, Moved
from guicang.payments.queries import drawers
from guicang.payments.rules.drawers import PARTY, REASONS, UNEXPLAINED, WAITING, CashKind, ShiftState, decides

USE, CHECK, KEEP = "payments.use_drawer", "payments.check_drawer", "org.manage"
#: The most of one count or movement, in minor units: more is a slip of the finger.
MOST = 10**10


def open_shift(context: Context, drawer_id: UUID, counted_minor: int) -> UUID:
    """Begin a shift at a drawer with what was counted there. About 20 statements. Locks the drawer.

    More than the last shift left was put in from the safe. Less is missing: beyond the company's limit a second
    person looks before any cash moves. Raises Refused: NotPermitted, AmountBad, NoSuchDrawer, ShiftRunning,
    DrawerTaken.
    """
    _permit(context, USE)
    _bound(counted_minor)
    place = next((one for one in org.drawers(context.actor.scope) if one.id == drawer_id), None)
    if place is None:
        raise Refused([errors.NoSuchDrawer()])
    row = {"id": drawer_id, "company_id": place.company_id, "currency": place.currency}
    setwrites.insert(Till, [{**row, "balance_minor": 0, "moves": 0}], ignore_conflicts=True)
    till = Till.objects.select_for_update().get(id=drawer_id)
    if drawers.running(context.actor.id) is not None:
        raise Refused([errors.ShiftRunning()])
    last = Shift.objects.filter(till=till).order_by("-number").first()
    if last is not None and last.state != ShiftState.CLOSED:
        raise Refused([errors.DrawerTaken()])
    more = counted_minor - till.balance_minor
    waits = more < 0 and decides(more, drawers.limits([till.company_id])[till.company_id])
    shift = Shift(id=new_id(), till=till, company_id=till.company_id, shop_id=place.shop_id, person_id=context.actor.id)
    shift.number, shift.opened_at = (last.number + 1 if last else 1), context.now
    shift.state = str(ShiftState.OPENING if waits else ShiftState.OPEN)
    shift.float_minor, shift.expected_minor, shift.counted_minor = counted_minor, till.balance_minor, counted_minor
    shift.save(force_insert=True)
    drawer = Drawer(shift, till)
    if more > 0:
        _book(context, drawer, Moved(CashKind.FLOAT, more, booked=True), "cash")
    elif more < 0 and not waits:
        _book(context, drawer, Moved(CashKind.DIFFERENCE, more, booked=True), UNEXPLAINED)
    _record(context, shift, "open", {"counted_minor": counted_minor, "difference_minor": more})
    return shift.id


def move_cash(context: Context, shift_id: UUID, reason: str, amount_minor: int) -> None:
    """Put cash in or take it out, for a reason. About 18 statements. Locks the drawer.

    Raises Refused: NotPermitted, BadReason, AmountBad, NoSuchShift, NotYourShift, ShiftNotOpen, DrawerShort.
    """
    _permit(context, USE)
    if reason not in REASONS:
        raise Refused([errors.BadReason()])
    _bound(amount_minor, least=1)
    drawer = _mine(context, shift_id)
    if drawer.shift.state != ShiftState.OPEN:
        raise Refused([errors.ShiftNotOpen()])
    why = REASONS[reason]
    held = cash.Cash(context, drawer, True)
    if refusals := held.move(drawer.till.company_id, drawer.till.currency, why.sign * amount_minor):
        raise Refused(refusals)
    kind = CashKind.IN if why.sign > 0 else CashKind.OUT
    _book(context, drawer, Moved(kind, why.sign * amount_minor, booked=True, reason=reason), why.role)
    _record(context, drawer.shift, "move", {"reason": reason, "amount_minor": why.sign * amount_minor})


def count_shift(context: Context, shift_id: UUID, counted_minor: int) -> None:
    """End a shift by a count, or count anew what waits for a second person. About 20 statements. Locks the drawer.

    A difference within the company's limit is booked at once. Raises Refused: NotPermitted, AmountBad, NoSuchShift,
    NotYourShift.
    """
    _permit(context, USE)
    _bound(counted_minor)
    drawer = _mine(context, shift_id)
    shift = drawer.shift
    difference = counted_minor - drawer.till.balance_minor
    waits = decides(difference, drawers.limits([shift.company_id])[shift.company_id])
    begins = shift.state == ShiftState.OPENING
    shift.expected_minor, shift.counted_minor = drawer.till.balance_minor, counted_minor
    if begins:
        shift.float_minor = counted_minor
    if waits:
        shift.state = str(ShiftState.OPENING if begins else ShiftState.COUNTED)
        shift.save(update_fields=_COUNTED)
    else:
        _settle(context, drawer, difference)
    _record(context, shift, "count", {"counted_minor": counted_minor, "difference_minor": difference})


def agree(context: Context, shift_id: UUID) -> None:
    """A second person agrees to a difference: it is booked, and the shift goes on or is closed. About 18 statements.

    Raises Refused: NotPermitted, NoSuchShift, ShiftNotWaiting, SamePerson.
    """
    _permit(context, CHECK)
    drawer = _held(context, shift_id)
    if drawer is None or drawer.shift.state not in WAITING:
        raise Refused([errors.ShiftNotWaiting()])
    if drawer.shift.person_id == context.actor.id:
        raise Refused([errors.SamePerson()])
    drawer.shift.decided_by = context.actor.id
    difference = drawer.shift.counted_minor - drawer.till.balance_minor
    _settle(context, drawer, difference)
    _record(context, drawer.shift, "agree", {"difference_minor": difference})


def state_limit(context: Context, company_id: UUID, limit_minor: int) -> None:
    """Up to which difference a company wants no second person. 6 statements.

    Raises Refused: NotPermitted, AmountBad.
    """
    _permit(context, KEEP)
    _bound(limit_minor)
    lock_company(company_id)
    before = drawers.limits([company_id])[company_id]
    if before == limit_minor:
        return
    DrawerRules.objects.update_or_create(company_id=company_id, defaults={"limit_minor": limit_minor})
    said = {"limit_minor": before}, {"limit_minor": limit_minor}
    record(context, [AuditEntry(company_id, "company", company_id, "drawer_rules", *said)])


_COUNTED = ("state", "closed_at", "float_minor", "expected_minor", "counted_minor", "decided_by")


def _settle(context: Context, drawer: Drawer, difference: int) -> None:
    """Book what differs, then go on with a shift that begins, or close it."""
    shift = drawer.shift
    begins = shift.state == ShiftState.OPENING
    if difference:
        # More at the beginning came from the safe, like any float.
        kind, role = (CashKind.FLOAT, "cash") if begins and difference > 0 else (CashKind.DIFFERENCE, UNEXPLAINED)
        _book(context, drawer, Moved(kind, difference, booked=True), role)
    shift.state = str(ShiftState.OPEN if begins else ShiftState.CLOSED)
    shift.closed_at = None if begins else context.now
    shift.save(update_fields=_COUNTED)


def _book(context: Context, drawer: Drawer, moved: Moved, role: str) -> None:
    """A movement with its entry: between the drawer and the account of `role` (cash itself: the safe)."""
    till = drawer.till
    company = org.companies([till.company_id])[till.company_id]
    amount, booked = moved.amount_minor, company.books_at(context.now)
    rate = accounting.rate(company.id, till.currency, local_date(context.now, company.zone)) if booked else None
    if rate is not None:
        book = convert_minor(amount, till.currency, rate, company.currency)
        legs = [accounting.Leg("cash", amount, book, PARTY, till.id), accounting.Leg(role, -amount, -book)]
        posting = accounting.Posting(
            company_id=company.id,
            event=f"cash_{moved.kind}",
            source_kind="shift",
            source_id=drawer.shift.id,
            occurred_at=context.now,
            currency=till.currency,
            legs=legs,
        )
        accounting.post(context, [posting])
    cash.write(context, drawer, [Moved(moved.kind, amount, rate is not None, reason=moved.reason)])


def _permit(context: Context, permission: str) -> None:
    if context.actor.kind != "staff" or not context.actor.may(permission):
        raise Refused([errors.NotPermitted(permission=permission)])


def _bound(amount_minor: int, least: int = 0) -> None:
    if not least <= amount_minor <= MOST:
        raise Refused([errors.AmountBad()])


def _held(context: Context, shift_id: UUID) -> Drawer | None:
    """The shift under lock, None where it is closed. Raises Refused(NoSuchShift)."""
    found = Shift.objects.filter(id=shift_id).first()
    if found is None or not context.actor.scope.holds(found.company_id, found.shop_id, NIL):
        raise Refused([errors.NoSuchShift()])
    return cash.lock(found.till_id, found.id)


def _mine(context: Context, shift_id: UUID) -> Drawer:
    drawer = _held(context, shift_id)
    if drawer is None:
        raise Refused([errors.ShiftNotOpen()])
    if drawer.shift.person_id != context.actor.id:
        raise Refused([errors.NotYourShift()])
    return drawer


def _record(context: Context, shift: Shift, action: str, after: dict[str, object]) -> None:
    said = {**after, "state": shift.state, "number": shift.number}
    record(context, [AuditEntry(shift.company_id, "shift", shift.id, action, {}, said)])
