"""The outbox's handlers: an event becomes deliveries, a delivery is called, logged, and tried again or not."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import AuditEntry, record
from guicang.integrations import outgoing
from guicang.integrations.webhooks import queries, rules
from guicang.integrations.webhooks.models import Attempt, Delivery, Endpoint, Secret, State
from guicang.kernel import clock, outbox, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.parties import queries as vault
from guicang.parties import rules as sealing

TOPIC = "webhook.deliver"


@dataclass(frozen=True, slots=True)
class Sending:
    """What one attempt needs, read under the endpoint's lock; the call itself holds none."""

    endpoint_id: UUID
    delivery_id: UUID
    attempt_id: UUID
    url: str
    message_id: str
    payload: bytes
    secrets: Sequence[str]


def fan_out(envelope: outbox.Envelope) -> None:
    """An event for each endpoint of its company that wants it; 4 statements and those of marking done."""
    body = envelope.body
    with outbox.exactly_once(envelope):
        wanted = [
            endpoint
            for endpoint in Endpoint.objects.filter(company_id=UUID(body["company_id"])).order_by("id")
            if rules.wants(endpoint.events, body["type"])
        ]
        context = Context(new_id(), Actor.system(), clock.utcnow())
        add(context, wanted, envelope.id, body["type"], body["occurred_at"], rules.told(body), envelope.aggregate_id)


def add(
    context: Context,
    endpoints: Sequence[Endpoint],
    event_id: UUID,
    type_: str,
    occurred_at: str,
    data: Mapping[str, Any],
    aggregate_id: UUID = NIL,
) -> None:
    """Log one event for these endpoints, and queue it where they are on. In the caller's transaction; 2 statements."""
    payload = json.dumps(
        {"type": type_, "timestamp": occurred_at, "data": dict(data)}, ensure_ascii=False, separators=(",", ":")
    )
    shared = {
        "event_id": event_id,
        "type": type_,
        "aggregate_id": aggregate_id,
        "payload": payload,
        "created_at": context.now,
        "next_at": None,
        "ended_at": None,
    }
    rows: list[dict[str, Any]] = [
        {
            **shared,
            "id": new_id(),
            "endpoint_id": endpoint.id,
            "state": State.WAITING if endpoint.is_on else State.HELD,
        }
        for endpoint in endpoints
    ]
    setwrites.insert(Delivery, rows)
    queue(context, [(row["id"], aggregate_id, 0) for row in rows if row["state"] == State.WAITING])


def queue(context: Context, deliveries: Sequence[tuple[UUID, UUID, int]]) -> None:
    """(delivery, what it is about, turn); 1 statement a thousand."""
    outbox.queue(
        context,
        [
            outbox.Message(TOPIC, {"delivery_id": str(key), "turn": turn}, f"{key.hex}:{turn}", aggregate_id)
            for key, aggregate_id, turn in deliveries
        ],
    )


def deliver(envelope: outbox.Envelope) -> None:
    """Call the endpoint once and log what came of it. At least once: a repeat has the same `webhook-id`.

    Raises TryLater with the plan's pause after a failure that is not the last, NotNow where the endpoint is busy or
    asked to be left alone.
    """
    sending = _begin(envelope)
    if sending is None:
        return
    body, seconds = sending.payload, int(clock.utcnow().timestamp())
    headers = rules.headers(sending.secrets, sending.message_id, seconds, body)
    answer = outgoing.call(sending.url, body=body, headers=headers)
    wait = _end(sending, envelope.lease.attempt, answer)
    if wait is not None:
        raise outbox.TryLater(f"webhook {sending.message_id}: {answer.error or answer.status}", wait)


def _begin(envelope: outbox.Envelope) -> Sending | None:
    """Write the attempt before it is made; None where there is nothing to send any more. At most 7 statements."""
    now, body = clock.utcnow(), envelope.body
    with transaction.atomic():
        key = UUID(body["delivery_id"])
        endpoint = Endpoint.objects.select_for_update(of=("self",)).filter(deliveries=key).first()
        delivery = Delivery.objects.filter(id=key, state=State.WAITING, turn=body["turn"]).first()
        if endpoint is None or delivery is None:
            return None  # removed, sent again under a later turn, or told before a crash
        if not endpoint.is_on:
            Delivery.objects.filter(id=key).update(state=State.HELD, next_at=None)
            return None
        _wait_for(endpoint, key, now)
        attempt = Attempt(delivery=delivery, endpoint_id=endpoint.id, number=delivery.attempts + 1, begun_at=now)
        attempt.save(force_insert=True)
        Delivery.objects.filter(id=key).update(attempts=attempt.number, next_at=None)
        message, payload = queries.message_id(delivery.event_id), delivery.payload.encode()
        return Sending(endpoint.id, key, attempt.id, endpoint.url, message, payload, secrets_of(endpoint.id, now))


def _wait_for(endpoint: Endpoint, delivery_id: UUID, now: datetime) -> None:
    """Raises NotNow. An attempt of this same delivery that is under way is a dead worker's: its lease ran out."""
    if endpoint.rests_until and endpoint.rests_until > now:
        raise outbox.NotNow("the endpoint asked to be left alone", endpoint.rests_until - now)
    under_way = Attempt.objects.filter(
        endpoint_id=endpoint.id, ended_at__isnull=True, begun_at__gt=now - rules.CUT_OFF
    ).exclude(delivery_id=delivery_id)
    if under_way.count() >= rules.AT_ONCE:
        # Apart from one another, so that what waits does not come back all at once.
        raise outbox.NotNow("the endpoint is busy", timedelta(seconds=random.uniform(0.5, 1.5)))  # noqa: S311


def _end(sending: Sending, turn: int, answer: outgoing.Answer) -> timedelta | None:
    """Complete the attempt and say how long until the next; None where there is none. At most 8 statements."""
    now = clock.utcnow()
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update().filter(id=sending.endpoint_id).first()
        if endpoint is None:
            return None
        said = {"status": answer.status, "error": answer.error, "ms": answer.ms, "ended_at": now}
        text = answer.text.replace("\x00", "")[: rules.ANSWER_MOST]
        Attempt.objects.filter(id=sending.attempt_id).update(answer=text, **said)
        arrived = rules.arrived(answer.status)
        wait = None
        if not arrived and answer.status != rules.GONE:
            wait = rules.wait_after(turn, answer.retry_after_seconds, random.random())  # noqa: S311 - not a secret
        state = State.DELIVERED if arrived else State.FAILED if wait is None else State.WAITING
        Delivery.objects.filter(id=sending.delivery_id).update(
            state=state,
            last_status=answer.status,
            last_error=answer.error,
            next_at=now + wait if wait else None,
            ended_at=None if wait else now,
        )
        _judge(endpoint, answer, arrived, now)
    return wait


def _judge(endpoint: Endpoint, answer: outgoing.Answer, arrived: bool, now: datetime) -> None:
    """What an answer means for its endpoint: well again, to be left alone, or to be switched off."""
    before = (endpoint.failing_since, endpoint.rests_until)
    endpoint.failing_since = None if arrived else endpoint.failing_since or now
    rest = None if arrived else rules.rest(answer.retry_after_seconds)
    endpoint.rests_until = now + rest if rest else None
    reason = "gone" if answer.status == rules.GONE else ""
    if endpoint.failing_since and now - endpoint.failing_since >= rules.PATIENCE:
        reason = reason or "failing"
    if (endpoint.failing_since, endpoint.rests_until) != before:
        endpoint.save(update_fields=["failing_since", "rests_until"])
    if reason and endpoint.is_on:
        switch(Context(new_id(), Actor.system(), now), endpoint, on=False, reason=reason)


def switch(context: Context, endpoint: Endpoint, *, on: bool, reason: str) -> None:
    """Under the endpoint's lock. 1 statement, and those of the trail."""
    before = {"is_on": endpoint.is_on, "off_reason": endpoint.off_reason}
    endpoint.is_on, endpoint.off_reason, endpoint.changed_at = on, "" if on else reason, context.now
    endpoint.failing_since = endpoint.rests_until = None
    endpoint.save(update_fields=["is_on", "off_reason", "changed_at", "failing_since", "rests_until"])
    after = {"is_on": on, "off_reason": endpoint.off_reason}
    action = "switch_on" if on else "switch_off"
    record(context, [AuditEntry(endpoint.company_id, "webhook", endpoint.id, action, before, after)])


def secrets_of(endpoint_id: UUID, now: datetime) -> list[str]:
    """Those that sign, the newest first; 1 statement. Raises parties.errors.NoVaultKey."""
    keys = vault.keys()
    rows = Secret.objects.filter(queries.valid(now), endpoint_id=endpoint_id).order_by("-id")
    return [
        vault.open_entry(keys, key_id, place(endpoint_id, secret_id), sealed)
        for secret_id, sealed, key_id in rows.values_list("id", "sealed", "key_id")
    ]


def new_secret(context: Context, endpoint_id: UUID, secret: str) -> None:
    """Seal it for this endpoint. 1 statement."""
    keys, secret_id = vault.keys(), new_id()
    key_id = next(reversed(keys))
    sealed = sealing.seal(keys[key_id], place(endpoint_id, secret_id), secret)
    row = {"id": secret_id, "endpoint_id": endpoint_id, "sealed": sealed, "key_id": key_id}
    setwrites.insert(Secret, [{**row, "created_at": context.now, "ends_at": None}])


def place(endpoint_id: UUID, secret_id: UUID) -> str:
    """Associated data: a sealed secret copied to another row does not open."""
    return f"webhook\x1f{endpoint_id.hex}\x1f{secret_id.hex}"


def forget(envelope: outbox.Envelope) -> None:
    """Erase what the log holds of more than a month ago, and secrets that no longer sign; 3 statements a thousand."""
    del envelope
    now = clock.utcnow()
    old = Delivery.objects.filter(created_at__lt=now - rules.KEPT).exclude(state=State.WAITING).order_by("id")
    while ids := list(old.values_list("id", flat=True)[: setwrites.CHUNK]):
        with transaction.atomic():
            Attempt.objects.filter(delivery_id__among=ids).delete()
            Delivery.objects.filter(id__among=ids).delete()
    Secret.objects.filter(ends_at__lt=now).delete()
