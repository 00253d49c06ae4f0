"""Authorise a return, whole or in part: give it an RMA code, expect its goods, release what was not granted.

Where an approval flow fits, this is the word of one stage of it; the last one grants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from guicang.accounting import operations as accounting
from guicang.inventory import operations as inventory
from guicang.kernel import numbers
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, code_of
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.org import queries as org
from guicang.returns import errors, queries
from guicang.returns.deciders import decider
from guicang.returns.lifecycle import LineKind, Type
from guicang.returns.models import ReturnLine
from guicang.returns.operations import approvals, claims, docket, inputs, money_limits, swaps, talks
from guicang.returns.operations.approvals import Chain, Say
from guicang.returns.operations.docket import Case
from guicang.returns.risk import seen
from guicang.sales import operations as sales

#: How long goods may take to come back where the policy does not say.
SEND_BACK_DAYS = 14
CODES = (NIL, "rma", 0)


@dataclass(frozen=True, slots=True)
class Authorisation:
    """`units`: granted by line, all that can still be granted where a line is not named. `reason` for granting less.

    `stage`: the approval stage that was looked at (None: whichever is open); refused where another one is open.
    """

    return_id: UUID
    units: Mapping[UUID, int] = field(default_factory=dict)
    reason: str = ""
    expires_at: datetime | None = None
    occurred_at: datetime | None = None
    #: The clock that gives the command, if one does.
    clock_id: UUID = NIL
    stage: int | None = None


@dataclass(slots=True)
class _Desk:
    """Units by order line: not shipped and not granted to a return; of those, cancelled already; to be cancelled."""

    free: dict[UUID, int]
    idle: dict[UUID, int]
    #: Company by order line, for the books; its order and SKU, for what is kept of it.
    companies: dict[UUID, UUID]
    sold: dict[UUID, tuple[UUID, UUID]]
    money: money_limits.Granting
    cancelled: dict[UUID, int] = field(default_factory=dict)
    instants: dict[UUID, datetime] = field(default_factory=dict)
    releases: claims.Releases = field(default_factory=claims.Releases)


def authorise(
    *,
    authorisations: Sequence[Authorisation],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Grant returns, or give the word of the stage that is open: `stage` in the outcome is the next one, 0: granted.

    About 17 statements a thousand, 5 more where stages are open, 5 for limits of money; locks orders with unshipped
    lines, shipment lines, returns. Refused besides: NotYourStage, OwnRequest, DecidedAlready, StageMoved, GrantedLess,
    NamedTwice, those of `money_limits.LIMITS`; and NotPermitted for those who only give words at stages, where none is
    open.
    """
    return docket.in_chunks(
        authorisations, _authorise, "authorise", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def grant(reasons: Mapping[UUID, str], requested: Sequence[Outcome], context: Context) -> None:
    """Grant requests for `reasons` that nobody decides about, inside the request's transaction and as its last act.

    Says of each one `requested` whether it is granted: one that is refused here waits for a person.
    """
    items = [Authorisation(key, reason=why) for key, why in reasons.items()]
    done = _authorise(items, replace(context, actor=Actor.system())) if items else []
    granted = {outcome.id for outcome in done if outcome.ok}
    for outcome in requested:
        if outcome.ok:
            outcome.data = {**outcome.data, "granted": outcome.id in granted}


def _authorise(chunk: Sequence[Authorisation], context: Context) -> list[Outcome]:
    wanted = [item.return_id for item in chunk]
    times = queries.terms_said(wanted, "ship_days")
    shipment_lines = claims.hold_orders(wanted)
    desk = _look(wanted, context)
    sales.lock_shipment_lines(shipment_lines)
    cases = docket.load(wanted)
    desk.money = money_limits.look(cases, context)
    chains = approvals.load(cases.values())
    persons = approvals.persons(chains, context)
    kept = swaps.keep(
        [
            (case, {line.id: _units(line, item, chains.get(item.return_id)) for line in case.lines})
            for item in chunk
            if (case := cases.get(item.return_id)) and not docket.check(case, "authorise", context.actor)
        ],
        context,
    )
    outcomes, granted = [], []
    agreed: list[Case] = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        chain = chains.get(item.return_id)
        refusals = docket.check(case, "authorise", context.actor, item.clock_id)
        refusals = refusals or approvals.outside("authorise", chain, context.actor)
        refusals = refusals or kept.short(case)
        if case is None or refusals or (refusals := _refusals(case, item, chain, desk, agreed)):
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        say = approvals.word_of(chain, case.header, persons, item.stage) if chain else None
        if isinstance(say, Refusal):
            outcomes.append(docket.outcome(index, case, [say]))
            continue
        if chain is not None and _agree(case, item, chain, say, context):
            agreed.append(case)
            outcomes.append(docket.outcome(index, case, data={"stage": case.header.stage}))
            continue
        for line in case.lines:
            _grant_line(line, _units(line, item, chain), item.occurred_at or context.now, desk)
        _grant(case, item, context, times.get(case.header.id, SEND_BACK_DAYS))
        docket.relabel(case, context.now)
        desk.money.take(case)
        granted.append(case)
        outcomes.append(docket.outcome(index, case, data={"stage": 0} if chain else None))
    kept.settle(granted)
    _carry_out(granted, desk, context)
    sent_back = [case for case in granted if any(line.expected for line in case.lines)]
    by_buyer = [case for case in sent_back if case.header.type != Type.REFUSED_PARCEL]
    _give_codes(by_buyer)
    if by_buyer and context.origin == Origin.LIVE:
        _tell_the_way(by_buyer)
    approvals.store(chains.values())
    docket.store(context, [*granted, *agreed], "authorise")
    return outcomes


def _carry_out(granted: Sequence[Case], desk: _Desk, context: Context) -> None:
    """What was granted frees, cancels and counts."""
    desk.releases.write()
    desk.money.write()
    talks.end(granted, context)
    _free_kept(desk)
    sales.cancel(context, desk.cancelled, occurred_at=desk.instants, book_dates=_book_dates(desk))


def _free_kept(desk: _Desk) -> None:
    """Units of an order in place of goods that are cancelled before they leave are kept no more."""
    units: dict[tuple[UUID, UUID], int] = {}
    for key, count in desk.cancelled.items():
        units[desk.sold[key]] = units.get(desk.sold[key], 0) + count
    if units:
        inventory.let_go(units)


def _book_dates(desk: _Desk) -> dict[UUID, date]:
    """The day that each cancellation counts for: in the company's zone and an open month."""
    if not desk.instants:
        return {}
    lines = list(desk.instants)
    companies = [desk.companies[key] for key in lines]
    return dict(zip(lines, accounting.book_dates(companies, [desk.instants[key] for key in lines]), strict=True))


def _look(wanted: Sequence[UUID], context: Context) -> _Desk:
    """Lock the orders of which units are not shipped; what the source cancelled of them waits for its refund."""
    locked = sales.lock_orders(queries.unshipped_orders(wanted))
    rows = {line.id: line for lines in locked.lines.values() for line in lines}
    taken = queries.unshipped_taken(rows) if rows else {}
    return _Desk(
        free={key: line.ordered - line.shipped - taken.get(key, 0) for key, line in rows.items()},
        idle={key: line.cancelled - taken.get(key, 0) for key, line in rows.items()},
        companies={key: locked.orders[line.order_id].company_id for key, line in rows.items()},
        sold={key: (line.order_id, line.sku_id) for key, line in rows.items()},
        money=money_limits.Granting({}, context),
    )


def _grant_line(line: ReturnLine, units: int, at: datetime, desk: _Desk) -> None:
    line.authorised = units
    line.expected = units if line.kind in (LineKind.GOODS, LineKind.BLIND) else 0
    desk.releases.release(line, line.requested - units)
    if line.kind == LineKind.UNSHIPPED and units:
        key = line.order_line_id
        cancelled_before = min(units, desk.idle[key])
        desk.free[key] -= units
        desk.idle[key] -= cancelled_before
        desk.cancelled[key] = desk.cancelled.get(key, 0) + units - cancelled_before
        desk.instants[key] = at


def _units(line: ReturnLine, item: Authorisation, chain: Chain | None) -> int:
    """What is granted of a line: as said, else all that earlier stages left."""
    return item.units.get(line.id, chain.most(line) if chain else line.requested)


def _agree(case: Case, item: Authorisation, chain: Chain, say: Say | None, context: Context) -> bool:
    """Give the word of a stage; True where others have to give theirs too, so that nothing is granted yet."""
    header, at = case.header, item.occurred_at or context.now
    less = {line.id: units for line in case.lines if (units := _units(line, item, chain)) < line.requested}
    case.notes = {"at_stage": header.stage, **({"for": say.for_id} if say and say.for_id != NIL else {})}
    before = header.stage
    header.stage = approvals.approve(chain, say, less, at)
    if not header.stage:
        return False
    header.decision, header.expires_at = "pending", None
    case.notes |= {"units": {str(key): units for key, units in less.items()}} if less else {}
    case.touched, case.reason, case.occurred_at = True, item.reason, at
    if header.stage != before:
        approvals.time_stage(case, chain)
    else:
        approvals.resume(case, chain, at)
    docket.relabel(case, context.now)
    return True


def _refusals(
    case: Case, item: Authorisation, chain: Chain | None, desk: _Desk, agreed: Sequence[Case]
) -> list[Refusal]:
    if any(case is one for one in agreed):  # what was said of one stage is not said of the next
        return [errors.NamedTwice()]
    refusals: list[Refusal] = []
    known = {line.id: line for line in case.lines}
    for line_id, units in item.units.items():
        if line_id not in known:
            refusals.append(errors.LineNotFound())
        elif not 0 <= units <= known[line_id].requested:
            refusals.append(errors.BadQuantity(quantity=units, most=known[line_id].requested))
        elif chain is not None and units > chain.most(known[line_id]):
            refusals.append(errors.GrantedLess(units=units, most=chain.most(known[line_id])))
    granted = sum(_units(line, item, chain) for line in case.lines)
    if not granted:
        refusals.append(errors.Nothing())
    most = {line.id: chain.most(line) if chain else line.requested for line in case.lines}
    less = any(units < most[key] for key, units in item.units.items() if key in known)
    refusals += inputs.reason(item.reason, needed=less)
    if chain is None:
        refusals += desk.money.refusals(case, {line.id: _units(line, item, None) for line in case.lines})
    return refusals + _shipped_meanwhile(case, item, chain, desk.free)


def _shipped_meanwhile(case: Case, item: Authorisation, chain: Chain | None, free: Mapping[UUID, int]) -> list[Refusal]:
    """Units that left, or that another return was granted, since this one was requested."""
    wanted: dict[UUID, int] = {}
    for line in case.lines:
        if line.kind == LineKind.UNSHIPPED:
            units = _units(line, item, chain)
            wanted[line.order_line_id] = wanted.get(line.order_line_id, 0) + units
    return [errors.AlreadyShipped(free=free.get(key, 0)) for key, units in wanted.items() if units > free.get(key, 0)]


def _grant(case: Case, item: Authorisation, context: Context, days: int) -> None:
    header, at = case.header, item.occurred_at or context.now
    header.decision, header.decided_at = "authorised", at
    if context.actor.kind == "staff":
        header.risk_seen = seen(header.risk_points)
    header.decided_by = decider(context.actor, item.reason, case.by.kind if case.by else "")
    header.expires_at = item.expires_at or at + timedelta(days=days)
    case.touched, case.reason, case.occurred_at, case.notice = True, item.reason, at, "return_authorised"


def _tell_the_way(cases: Sequence[Case]) -> None:
    """Where the goods go and until when, for the notice; 1 statement."""
    addresses = org.return_addresses(case.header.warehouse_id for case in cases)
    zone = ZoneInfo(settings.DISPLAY_ZONE)
    for case in cases:
        end, address = case.header.expires_at, addresses.get(case.header.warehouse_id)
        last = (end - timedelta(microseconds=1)).astimezone(zone).date().isoformat() if end else ""  # stored exclusive
        case.tells = {"send_to": str(address or ""), "until": last}


def _give_codes(cases: Sequence[Case]) -> None:
    """RMA codes from a keyed permutation of a counter: no two returns can ever share one."""
    if not cases:
        return
    # The first key for good: under another one the permutation would repeat codes already given.
    secret = next(iter(settings.INDEX_KEYS.values()))
    for case, number in zip(cases, numbers.take({CODES: len(cases)})[CODES].numbers, strict=True):
        case.header.rma_code = code_of(number, secret)
