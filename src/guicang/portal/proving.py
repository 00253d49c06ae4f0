"""Proving that an order is the visitor's: a code to the phone or e-mail that the order has.

Whoever asks is answered alike, in words and in work: the page only puts aside what was typed and queues a message; the
worker compares it with the vault and sends the code, or sends nothing. What was typed waits sealed and for ten
minutes; the code is kept nowhere (see `notifications.queries.one_time_code`).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from allauth.core import ratelimit
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language

from guicang.insights.whose import contact_kind, orders_of
from guicang.kernel import outbox
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.notifications.operations import send_code
from guicang.notifications.queries import one_time_code
from guicang.parties import queries as parties
from guicang.parties import rules
from guicang.portal.gate import DECLARED_BY

TOPIC = "portal.code"
VALID_FOR = timedelta(minutes=10)
#: How often a code may be typed wrongly.
TRIES = 5
_ASKED = "portal.asked"


class _Said(NamedTuple):
    number: str
    contact: str
    name: str


def ask(request: HttpRequest, number: str, contact: str, name: str = "") -> bool:
    """Have a code sent, if the order is this contact's; False where too many were asked for. `name`: whoever asks.

    The same work whatever there is: 1 cache row, 1 command, 1 message, beside the counts of the limits.
    """
    whom = rules.normal(contact_kind(contact), contact)
    if not ratelimit.consume(request, action="portal_ask", key=whom):
        return False
    reference, now = new_id(), utcnow()
    _put_aside(reference, number, contact, name)
    body = {"language": get_language() or "", "reference": str(reference)}
    with transaction.atomic():
        context = begin("portal.ask", actor=Actor(kind="customer"), now=now, items=1)
        outbox.queue(context, [outbox.Message(TOPIC, body, reference.hex, aggregate_id=reference)])
    request.session[_ASKED] = reference.hex
    return True


def is_asked(request: HttpRequest) -> bool:
    return _ASKED in request.session


def deliver(envelope: outbox.Envelope) -> None:
    """The outbox's handler: compare, and send the code where the two belong together. Too late, it sends nothing."""
    said = _aside(envelope.aggregate_id)
    if said is None or not orders_of(said.number, said.contact):
        return
    send_code(envelope, said.contact.strip(), contact_kind(said.contact), envelope.body["language"])


def prove(request: HttpRequest, typed: str) -> dict[UUID, UUID]:
    """The orders that a code proves, with their customers; none for a code that is wrong, old, used or tried too
    often, without saying which. A right code counts once.
    """
    reference = UUID(request.session.get(_ASKED, UUID(int=0).hex))
    if not ratelimit.consume(request, action="portal_try") or not _take_a_try(reference):
        return {}
    said = _aside(reference)
    right = constant_time_compare(one_time_code(reference), "".join(typed.split()))
    if said is None or not right or not cache.add(f"portal-used:{reference}", 1, VALID_FOR.total_seconds()):
        return {}
    found = orders_of(said.number, said.contact)
    if found:
        del request.session[_ASKED]
        if said.name:
            request.session[DECLARED_BY] = [reference.hex, *cache.get(f"portal-ask:{reference}")]
    cache.delete(f"portal-ask:{reference}")
    return found


def declared_by(request: HttpRequest) -> tuple[str, str]:
    """Name and contact of who proved an order to withdraw from its contract; ('', '') where nobody said them.

    The session keeps them sealed.
    """
    if DECLARED_BY not in request.session:
        return "", ""
    reference, key_id, sealed = request.session[DECLARED_BY]
    said = _opened(UUID(reference), key_id, sealed)
    return said.name, said.contact


def _take_a_try(reference: UUID) -> bool:
    """Slots instead of a count: two guesses at once cannot be one."""
    seconds = VALID_FOR.total_seconds()
    return any(cache.add(f"portal-try:{reference}:{slot}", 1, seconds) for slot in range(TRIES))


def _put_aside(reference: UUID, number: str, contact: str, name: str) -> None:
    secrets = parties.keys()
    key_id = next(reversed(secrets))
    sealed = rules.seal(secrets[key_id], _place(reference), json.dumps([number, contact, name]))
    cache.set(f"portal-ask:{reference}", [key_id, sealed], VALID_FOR.total_seconds())


def _aside(reference: UUID) -> _Said | None:
    found = cache.get(f"portal-ask:{reference}")
    return None if found is None else _opened(reference, *found)


def _opened(reference: UUID, key_id: str, sealed: str) -> _Said:
    return _Said(*json.loads(parties.open_entry(parties.keys(), key_id, _place(reference), sealed)))


def _place(reference: UUID) -> str:
    return f"portal\x1f{reference.hex}"
