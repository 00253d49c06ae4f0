"""Stories of goods that stay the buyer's, and of goods that he gets once more."""

from __future__ import annotations

from guicang.integrations.demo import names
from guicang.integrations.demo.play import Act, Story
from guicang.integrations.demo.stories import Tale, arrived, asked, granted, inspected, sent
from guicang.kernel.actor import Actor
from guicang.returns.lifecycle import Disposition, Type
from guicang.returns.models import Return
from guicang.returns.steps.accept_quote import QuoteAcceptance
from guicang.returns.steps.close import Closing
from guicang.returns.steps.finish_repair import Repaired
from guicang.returns.steps.inspect import Inspecting, Part
from guicang.returns.steps.quote_repair import Quote
from guicang.returns.steps.return_gift import Gift
from guicang.returns.steps.send_out import SendingOut
from guicang.returns.steps.settle import Settlement

#: What a repair out of warranty costs, and the part that one in warranty takes.
PRICE, SPARE = 5800, "CABLE-C1"


def mended(tale: Tale, *, in_warranty: bool) -> Story:
    """In warranty the goods are back with their buyer; out of it he agreed to the price and they are in work."""
    yield from _to_repair(tale)
    price = 0 if in_warranty else PRICE
    yield Act(tale.later(3, 20), "quote_repair", Quote(tale.return_id, in_warranty, price))
    if not in_warranty:
        agreed = QuoteAcceptance(tale.return_id, price)
        yield Act(tale.later(3, 20), "accept_quote", agreed, Actor(kind="customer", id=tale.bought.customer_id))
        return
    parts = {tale.company.skus[SPARE]: 1}
    yield Act(tale.later(20, 40), "finish_repair", Repaired(tale.return_id, parts, 40, tale.at))
    yield from _goes_out(tale)
    yield Act(tale.later(20, 40), "close", Closing(tale.return_id, tale.at))


def quoted(tale: Tale) -> Story:
    """The buyer is asked whether he pays the repair."""
    yield from _to_repair(tale)
    yield Act(tale.later(3, 20), "quote_repair", Quote(tale.return_id, False, PRICE))


def _to_repair(tale: Tale) -> Story:
    yield from asked(tale, 1, resolution=Type.REPAIR, reason="quality")
    yield from granted(tale)
    yield from sent(tale)
    yield from arrived(tale)
    yield from inspected(tale, (Disposition.REPAIR,))


def resent(tale: Tale) -> Story:
    """What was in no parcel is sent once more."""
    yield from asked(tale, 1, resolution=Type.RESHIP, reason="missing_part")
    yield from granted(tale)
    yield from _goes_out(tale)


def turned_down(tale: Tale) -> Story:
    """Worn goods go back to their buyer."""
    yield from asked(tale, 1)
    yield from granted(tale)
    yield from sent(tale)
    yield from arrived(tale)
    found = [Part(line.id, 1, accepted=False) for line in tale.rows() if line.received]
    yield Act(tale.later(3, 20), "inspect", Inspecting(tale.return_id, found, tale.at))
    yield from _goes_out(tale)


def gift(tale: Tale) -> Story:
    """Whoever was given it brings it back and has store credit for it."""
    lines = {tale.bought.lines[tale.bought.facts.lines[0].line_key].id: 1}
    at, who = tale.later(60, 110), ("沈小满", "xiaoman@example.com")
    given = Gift(tale.bought.order_id, lines, "too_small", *who, entered_by="counter", occurred_at=at)
    made = yield Act(at, "gift", given)
    if made.id is None:
        raise RuntimeError("a gift that was taken back named no return")
    tale.return_id = made.id
    if Return.objects.filter(id=tale.return_id, decision="pending").exists():
        yield from granted(tale)
    yield from arrived(tale)
    yield from inspected(tale)
    yield Act(tale.later(4, 30), "settle", Settlement(tale.return_id, occurred_at=tale.at))


def _goes_out(tale: Tale) -> Story:
    carrier, tracking = tale.rng.choice(names.CARRIERS), f"{tale.rng.randrange(10**11, 10**12)}"
    yield Act(tale.later(5, 25), "send_out", SendingOut(tale.return_id, carrier, tracking, occurred_at=tale.at))
