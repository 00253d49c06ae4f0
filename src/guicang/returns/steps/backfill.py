"""Put orders made under the plain default under the first policy that a merchant states, before anything of them was
asked back. Once: an order that stands under a stated version never changes it.
"""

from __future__ import annotations

from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import commands, outbox
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.returns import queries
from guicang.sales import operations as sales
from guicang.sales import queries as sold

TOPIC = "policy.backfill"
#: Orders looked at in one transaction.
CHUNK = 2_000


def queue(context: Context, company_id: UUID, version_id: UUID, after: UUID = NIL) -> None:
    """Have the worker go through the company's orders; in the caller's transaction."""
    body = {"company": str(company_id), "version": str(version_id), "after": str(after)}
    outbox.queue(context, [outbox.Message(TOPIC, body, f"{version_id}:{after}", version_id)])


def backfill(envelope: outbox.Envelope) -> None:
    """The outbox's handler: one chunk, and the next one queued with it. About 8 statements.

    Locks the orders that it moves; a request of the same orders comes wholly before it, and then they stay as they
    are, or wholly after it.
    """
    company_id, version_id, after = (UUID(str(envelope.body[name])) for name in ("company", "version", "after"))
    with outbox.exactly_once(envelope):
        context = commands.begin(TOPIC, actor=Actor.system(), now=utcnow(), items=1)
        ids, last = sold.provisional_orders(company_id, after, CHUNK)
        sales.hold_orders(ids)
        moved = sales.restate_policy(ids - queries.orders_asked_about(ids), version_id)
        if moved:
            data = {"orders": moved}
            record(context, [AuditEntry(company_id, "policy", version_id, "backfill", {}, data)])
        if last != NIL:
            queue(context, company_id, version_id, last)
