"""What administrators do with webhooks. Each step: lock, check, write, record, queue."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from guicang.audit.operations import AuditEntry, record
from guicang.integrations import outgoing
from guicang.integrations.webhooks import errors, operations, queries, rules
from guicang.integrations.webhooks.models import Attempt, Delivery, Endpoint, Secret, State
from guicang.kernel import outbox, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refusal, Refused
from guicang.org import operations as org
from guicang.returns.operations.events import TOPIC


def add(
    *, company_id: UUID, url: str, description: str = "", events: Sequence[str] = (), actor: Actor, now: datetime
) -> tuple[UUID, str]:
    """A new endpoint and its secret, which is told this once. From now on the company's events are queued.

    Raises Refused: NotPermitted, BadUrl, PrivateUrl, BadEvent, TooMany. About 14 statements.
    """
    bounds = actor.scope
    whole = bounds.company_id in (NIL, company_id) and {bounds.shop_id, bounds.warehouse_id} == {NIL}
    if not actor.may(queries.PERMISSION) or not whole:
        raise Refused([errors.NotPermitted(permission=queries.PERMISSION)])
    _refuse(_faults(url, events))
    with transaction.atomic():
        context = begin("webhooks.add", actor=actor, now=now, items=1)
        # Two at once would both find the last place free, or one remove the listener of the other.
        org.lock_company(company_id)
        if Endpoint.objects.filter(company_id=company_id).count() >= rules.ENDPOINTS_MOST:
            raise Refused([errors.TooMany(most=rules.ENDPOINTS_MOST)])
        endpoint = Endpoint(company_id=company_id, created_by=actor.id, created_at=now, changed_at=now)
        _set(endpoint, url, description, events)
        endpoint.save(force_insert=True)
        secret = _fresh_secret()
        operations.new_secret(context, endpoint.id, secret)
        outbox.listen(TOPIC, company_id, True)
        _record(context, endpoint, "create", {}, _facts(endpoint))
    return endpoint.id, secret


def change(
    *, endpoint_id: UUID, url: str, description: str, events: Sequence[str], actor: Actor, now: datetime
) -> None:
    """Another address, name or choice of events. Raises Refused: EndpointUnknown, BadUrl, PrivateUrl, BadEvent."""
    _refuse(_faults(url, events))
    with _endpoint(endpoint_id, "change", actor, now) as (context, endpoint):
        before = _facts(endpoint)
        _set(endpoint, url, description, events)
        endpoint.save(update_fields=["url", "description", "events"])
        _record(context, endpoint, "change", before, _facts(endpoint))


def switch(*, endpoint_id: UUID, on: bool, actor: Actor, now: datetime) -> None:
    """Off, events are logged and held; on again, `replay` sends them. Raises Refused: EndpointUnknown."""
    with _endpoint(endpoint_id, "switch", actor, now) as (context, endpoint):
        if endpoint.is_on != on:
            operations.switch(context, endpoint, on=on, reason="manual")


def rotate(*, endpoint_id: UUID, actor: Actor, now: datetime) -> str:
    """A new secret, told this once; those before it sign beside it for a day. Raises Refused: EndpointUnknown."""
    with _endpoint(endpoint_id, "rotate", actor, now) as (context, endpoint):
        Secret.objects.filter(endpoint_id=endpoint.id, ends_at__isnull=True).update(ends_at=now + rules.OVERLAP)
        secret = _fresh_secret()
        operations.new_secret(context, endpoint.id, secret)
        _record(context, endpoint, "rotate", {}, {})
    return secret


def ping(*, endpoint_id: UUID, actor: Actor, now: datetime) -> None:
    """Queue a delivery that says nothing. Raises Refused: EndpointUnknown, EndpointOff."""
    with _endpoint(endpoint_id, "ping", actor, now) as (context, endpoint):
        if not endpoint.is_on:
            raise Refused([errors.EndpointOff()])
        data = {"endpoint_id": str(endpoint.id)}
        operations.add(context, [endpoint], new_id(), rules.PING, now.isoformat(), data)


def replay(*, endpoint_id: UUID, deliveries: Sequence[UUID] | None, actor: Actor, now: datetime) -> int:
    """Send these again whatever became of them, or (None) all that failed or were held; answers how many.

    Under the same `webhook-id`s: a receiver that has one ignores it. ceil(n / 1000) statements of each kind.
    Raises Refused: EndpointUnknown, EndpointOff, NothingToSend.
    """
    sent = 0
    with _endpoint(endpoint_id, "replay", actor, now) as (context, endpoint):
        if not endpoint.is_on:
            raise Refused([errors.EndpointOff()])
        lost = Q(state__in=[State.FAILED, State.HELD]) if deliveries is None else Q(id__among=list(deliveries))
        rows = Delivery.objects.filter(lost, endpoint_id=endpoint.id).order_by("id")
        for batch in setwrites.chunks(rows.values_list("id", "aggregate_id", "turn")):
            again = Delivery.objects.filter(id__among=[key for key, _, _ in batch])
            again.update(state=State.WAITING, next_at=None, ended_at=None, turn=F("turn") + 1)
            operations.queue(context, [(key, about, turn + 1) for key, about, turn in batch])
            sent += len(batch)
        if not sent:
            raise Refused([errors.NothingToSend()])
        _record(context, endpoint, "replay", {}, {"deliveries": sent})
    return sent


def remove(*, endpoint_id: UUID, actor: Actor, now: datetime) -> None:
    """The endpoint with its secrets and its log; the company's last one ends the queueing of events.

    Raises Refused: EndpointUnknown.
    """
    with _endpoint(endpoint_id, "remove", actor, now) as (context, endpoint):
        Attempt.objects.filter(delivery__endpoint_id=endpoint.id).delete()
        Delivery.objects.filter(endpoint_id=endpoint.id).delete()
        Secret.objects.filter(endpoint_id=endpoint.id).delete()
        Endpoint.objects.filter(id=endpoint.id).delete()
        if not Endpoint.objects.filter(company_id=endpoint.company_id).exists():
            outbox.listen(TOPIC, endpoint.company_id, False)
        _record(context, endpoint, "remove", _facts(endpoint), {})


@contextmanager
def _endpoint(endpoint_id: UUID, act: str, actor: Actor, now: datetime) -> Iterator[tuple[Context, Endpoint]]:
    """The endpoint under lock, its company's first, in a transaction of its own. Raises Refused(EndpointUnknown)."""
    with transaction.atomic():
        seen = queries.scoped(actor).filter(id=endpoint_id).values_list("company_id", flat=True).first()
        if seen is None:
            raise Refused([errors.EndpointUnknown()])
        context = begin(f"webhooks.{act}", actor=actor, now=now, items=1)
        org.lock_company(seen)
        endpoint = Endpoint.objects.select_for_update().filter(id=endpoint_id).first()
        if endpoint is None:
            raise Refused([errors.EndpointUnknown()])
        yield context, endpoint


def _faults(url: str, events: Sequence[str]) -> list[Refusal]:
    faults: list[Refusal] = [errors.BadEvent(event=event) for event in events if event not in rules.EVENTS]
    code = outgoing.objection(url.strip())
    if code:
        faults.append(errors.BadUrl() if code == "url" else errors.PrivateUrl())
    return faults


def _refuse(faults: Sequence[Refusal]) -> None:
    if faults:
        raise Refused(faults)


def _set(endpoint: Endpoint, url: str, description: str, events: Sequence[str]) -> None:
    endpoint.url, endpoint.description = url.strip(), description.strip()[:120]
    endpoint.events = [event for event in rules.EVENTS if event in events]


def _fresh_secret() -> str:
    return rules.PREFIX + base64.b64encode(secrets.token_bytes(rules.SECRET_BYTES)).decode()


def _facts(endpoint: Endpoint) -> dict[str, Any]:
    """For the trail: the host alone, since paths of others may hold keys."""
    return {"host": urlsplit(endpoint.url).netloc, "events": endpoint.events}


def _record(context: Context, endpoint: Endpoint, action: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    record(context, [AuditEntry(endpoint.company_id, "webhook", endpoint.id, action, before, after)])
