"""What can happen to a return, told as stories (see `play`): each ends where its name says."""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from guicang.integrations.demo import names
from guicang.integrations.demo.company import Company
from guicang.integrations.demo.orders import Bought
from guicang.integrations.demo.play import Act, Story
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome
from guicang.returns.lifecycle import Disposition, Type
from guicang.returns.models import Inspection, ReturnLine
from guicang.returns.steps.answer import Answer
from guicang.returns.steps.appeal import Appeal
from guicang.returns.steps.ask import Question
from guicang.returns.steps.authorise import Authorisation
from guicang.returns.steps.cancel import Cancellation
from guicang.returns.steps.close import Closing
from guicang.returns.steps.expire import Expiry
from guicang.returns.steps.inspect import Inspecting, Part
from guicang.returns.steps.receive import Arrived, Receiving
from guicang.returns.steps.redispose import Redisposition
from guicang.returns.steps.reject import Rejection
from guicang.returns.steps.release import Release
from guicang.returns.steps.request import Request, Wanted
from guicang.returns.steps.reverse_settlement import Reversal
from guicang.returns.steps.settle import Settlement
from guicang.returns.steps.ship import Sending
from guicang.returns.steps.short_close import ShortClosing

#: Stages of a return with goods, in their order; a story may stop after any of them.
STAGES = ("requested", "authorised", "in_transit", "received", "inspected", "settled", "closed")


@dataclass(slots=True)
class Tale:
    """What a story is told about: an order, the chance of that story, and the instant it has come to."""

    company: Company
    bought: Bought
    rng: random.Random
    at: datetime
    return_id: UUID = NIL

    def later(self, low_hours: int, high_hours: int) -> datetime:
        self.at += timedelta(hours=self.rng.randrange(low_hours, high_hours), minutes=self.rng.randrange(60))
        return self.at

    def wanted(self, units: int, **more: Any) -> Wanted:
        """`units` of the order's first line, or of the line called `key`."""
        facts = {"reason": self.rng.choice(names.REASONS), **more}
        return Wanted(self.bought.lines[self.bought.facts.lines[0].line_key].id, units, **facts)

    def asked(self, *lines: Wanted, **more: Any) -> Request:
        facts = {"entered_by": self.rng.choice(("web", "web", "phone", "platform")), **more}
        return Request(self.bought.facts.shop_id, self.bought.customer_id, lines, occurred_at=self.at, **facts)

    def rows(self, return_id: UUID = NIL) -> list[ReturnLine]:
        wanted = self.return_id if return_id == NIL else return_id
        return list(ReturnLine.objects.filter(parent_id=wanted).order_by("position"))


def lives(tale: Tale, until: str, units: int = 1, parts: Sequence[str] = (Disposition.RESTOCK,), **more: Any) -> Story:
    """A return with goods up to the stage `until`; its units share `parts` in turn. `more` are columns of Wanted."""
    yield from asked(tale, units, **more)
    if until == "requested":
        return
    if more.get("resolution") != Type.REFUSED_PARCEL:  # nobody decides about one
        yield from granted(tale)
    if until == "authorised":
        return
    yield from sent(tale)
    if until == "in_transit":
        return
    yield from arrived(tale)
    yield from _ends(tale, until, parts)


def asked(tale: Tale, units: int, **more: Any) -> Story:
    entered = {"entered_by": "parcel"} if more.get("resolution") == Type.REFUSED_PARCEL else {}
    made = yield Act(tale.later(60, 110), "request", tale.asked(tale.wanted(units, **more), **entered))
    tale.return_id = _id(made)


def granted(tale: Tale, **more: Any) -> Story:
    yield Act(tale.later(3, 26), "authorise", Authorisation(tale.return_id, occurred_at=tale.at, **more))


def sent(tale: Tale) -> Story:
    carrier, tracking = tale.rng.choice(names.CARRIERS), f"{tale.rng.randrange(10**11, 10**12)}"
    yield Act(tale.later(8, 40), "ship", Sending(tale.return_id, carrier, tracking, tale.at))


def arrived(tale: Tale, more_units: int = 0) -> Generator[Act, Outcome, Outcome]:
    at = tale.later(40, 80)
    found = [Arrived(line.id, line.expected + more_units) for line in tale.rows() if line.expected]
    return (yield Act(at, "receive", Receiving(tale.return_id, found, "parcel-1", occurred_at=at)))


def _ends(tale: Tale, until: str, parts: Sequence[str] = (Disposition.RESTOCK,)) -> Story:
    """From what lies in the bay to the stage `until`."""
    stop = STAGES.index(until)
    if stop >= STAGES.index("inspected"):
        yield from inspected(tale, parts)
    if stop >= STAGES.index("settled"):
        yield Act(tale.later(4, 30), "settle", Settlement(tale.return_id, occurred_at=tale.at))
    if stop >= STAGES.index("closed"):
        yield Act(tale.later(24, 60), "close", Closing(tale.return_id, tale.at))


def inspected(tale: Tale, parts: Sequence[str] = (Disposition.RESTOCK,), **more: Any) -> Story:
    at, found, place = tale.later(3, 28), [], 0
    for line in tale.rows():
        for _ in range(line.received - line.accepted - line.rejected):
            found.append(Part(line.id, 1, parts[place % len(parts)], **more))
            place += 1
    yield Act(at, "inspect", Inspecting(tale.return_id, found, at))


def asks_for_more(tale: Tale, *, answered: bool = False) -> Story:
    yield from asked(tale, 1)
    yield Act(tale.later(2, 20), "ask", Question(tale.return_id, "photo_missing", tale.at))
    if answered:
        yield Act(tale.later(5, 40), "answer", Answer(tale.return_id, tale.at))


def rejected(tale: Tale, *, appealed: bool = False) -> Story:
    yield from asked(tale, 1)
    yield Act(tale.later(3, 26), "reject", Rejection(tale.return_id, "worn", tale.at))
    if appealed:
        yield Act(tale.later(10, 40), "appeal", Appeal(tale.return_id, "not_worn", tale.at))


def cancelled(tale: Tale) -> Story:
    yield from asked(tale, 1)
    yield from granted(tale)
    yield Act(tale.later(10, 60), "cancel", Cancellation(tale.return_id, "kept_after_all", tale.at))


def expired(tale: Tale, *, late_parcel: bool = False) -> Story:
    """The goods do not come in time; with `late_parcel` they come after all and open a linked return."""
    yield from asked(tale, 1)
    yield from granted(tale)
    tale.at += timedelta(days=15)
    yield Act(tale.at, "expire", Expiry(tale.return_id, tale.at))
    if late_parcel:
        at = tale.later(60, 90)
        found = [Arrived(line.id, 1) for line in tale.rows()]
        came = yield Act(at, "receive", Receiving(tale.return_id, found, "late", occurred_at=at))
        tale.return_id = UUID(came.data["follow_up"])
        yield from _ends(tale, "settled")


def without_goods(tale: Tale, until: str, resolution: str, units: int = 1, **more: Any) -> Story:
    """Money for what stays, for what was not shipped, or on top."""
    yield from asked(tale, units, resolution=resolution, **more)
    yield from granted(tale)
    yield Act(tale.later(1, 20), "settle", Settlement(tale.return_id, occurred_at=tale.at))
    if until == "closed":
        yield Act(tale.later(20, 50), "close", Closing(tale.return_id, tale.at))


def comes_in_two_parcels(tale: Tale, *, lost: bool = False) -> Story:
    """One of two units has come; with `lost` the other never will."""
    yield from asked(tale, 2)
    yield from granted(tale)
    yield from sent(tale)
    at = tale.later(40, 80)
    (line,) = tale.rows()
    yield Act(at, "receive", Receiving(tale.return_id, [Arrived(line.id, 1)], "first", occurred_at=at))
    if lost:
        at = tale.later(140, 200)
        yield Act(at, "short_close", ShortClosing(tale.return_id, {line.id: 1}, "lost_by_carrier", True, at))
        yield from _ends(tale, "settled")


def granted_in_part(tale: Tale) -> Story:
    yield from asked(tale, 2)
    (line,) = tale.rows()
    yield from granted(tale, units={line.id: 1}, reason="one_unit_used")
    yield from sent(tale)
    yield from arrived(tale)
    yield from _ends(tale, "closed")


def brings_more(tale: Tale) -> Story:
    """One unit beyond what was agreed; it is accepted, and claimed from then on."""
    yield from asked(tale, 1)
    yield from granted(tale)
    yield from arrived(tale, more_units=1)
    yield from _ends(tale, "settled")


def brings_something_else(tale: Tale, sku_id: UUID) -> Story:
    """Another article lies in the parcel: it goes back, and what was agreed is still awaited."""
    yield from asked(tale, 1)
    yield from granted(tale)
    at = tale.later(50, 90)
    wrong = Arrived(quantity=1, sku_id=sku_id)
    yield Act(at, "receive", Receiving(tale.return_id, [wrong], "parcel-1", occurred_at=at))
    found = [Part(line.id, 1, accepted=False) for line in tale.rows() if line.received]
    yield Act(tale.later(3, 20), "inspect", Inspecting(tale.return_id, found, tale.at))


def another_serial(tale: Tale, *, decided: bool = False) -> Story:
    """The number on the unit is not the one that was sold: held; with `decided` it goes back to the buyer."""
    yield from asked(tale, 1)
    yield from granted(tale)
    yield from arrived(tale)
    yield from inspected(tale, found_serial="HE25999999")
    if decided:
        lifted = Release(tale.return_id, False, "serial_never_sold", occurred_at=tale.later(5, 30))
        yield Act(tale.at, "release", lifted)
        yield from inspected(tale, accepted=False, found_serial="HE25999999")


def without_order(tale: Tale, until: str, sku_id: UUID) -> Story:
    """A parcel nobody can match: no order, a customer who may be unknown."""
    line = Wanted(sku_id=sku_id, quantity=1, reason="unknown_sender")
    warehouse = tale.company.warehouses[names.OWN]
    asked = tale.asked(line, entered_by="parcel", warehouse_id=warehouse)
    made = yield Act(tale.later(60, 110), "request", Request(**{**_columns(asked), "occurred_at": tale.at}))
    tale.return_id = _id(made)
    if until != "requested":
        yield from granted(tale)
        yield from arrived(tale)


def names_no_order(tale: Tale, until: str) -> Story:
    """A customer sends goods back without saying of which order: priced as they were last sold to him."""
    sku_id = tale.bought.lines[tale.bought.facts.lines[0].line_key].sku_id
    line = Wanted(sku_id=sku_id, quantity=1, reason=tale.rng.choice(names.REASONS))
    asked = tale.asked(line, warehouse_id=tale.company.warehouses[names.OWN])
    made = yield Act(tale.later(60, 110), "request", Request(**{**_columns(asked), "occurred_at": tale.at}))
    tale.return_id = _id(made)
    yield from granted(tale)
    yield from arrived(tale)
    yield from _ends(tale, until)


def corrected(tale: Tale) -> Story:
    """A settlement is taken back and made anew, and a unit gets another disposition."""
    yield from asked(tale, 1)
    yield from granted(tale)
    yield from arrived(tale)
    yield from inspected(tale, (Disposition.SECOND,))
    first = Inspection.objects.get(line__parent_id=tale.return_id)
    worse = Redisposition(first.id, 1, Disposition.SCRAP, "broken_inside", occurred_at=tale.later(4, 20))
    yield Act(tale.at, "redispose", worse)
    done = yield Act(tale.later(4, 20), "settle", Settlement(tale.return_id, occurred_at=tale.at))
    (settlement_id,) = done.data["settlements"]
    yield Act(tale.later(4, 20), "reverse_settlement", Reversal(settlement_id, "wrong_return", tale.at))
    yield Act(tale.later(4, 20), "settle", Settlement(tale.return_id, occurred_at=tale.at))


def _columns(item: Request) -> dict[str, Any]:
    return {name: getattr(item, name) for name in Request.__slots__}


def _id(outcome: Outcome) -> UUID:
    if outcome.id is None:
        raise RuntimeError("a step that succeeded named no return")
    return outcome.id
