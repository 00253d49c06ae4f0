"""What goes out of the house as programs read it: webhooks with their log, and the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.api.parsing import Reference, Shown, show
from guicang.insights import outbox
from guicang.integrations.webhooks import queries


class Webhook(Shown):
    """Where a company's changes are told. `events` none: all. `off_reason`: manual, gone or failing.

    `waiting`, `failed`, `held`: deliveries of its log; `last_delivered_at`: when one arrived last.
    """

    id: UUID
    company_id: UUID
    url: str
    description: str
    events: list[str]
    is_on: bool
    off_reason: str
    created_at: datetime
    changed_at: datetime
    failing_since: datetime | None
    rests_until: datetime | None
    waiting: int
    failed: int
    held: int
    last_delivered_at: datetime | None


class SigningSecret(Shown):
    """A secret that signs; what it is was told once. `ends_at`: it was replaced and signs beside the new one."""

    created_at: datetime
    ends_at: datetime | None


class WebhookSheet(Webhook):
    secrets: list[SigningSecret]


class NewSecret(Shown):
    """`secret` is told this once and kept nowhere: null where an `Idempotency-Key` was repeated."""

    id: UUID
    secret: str | None


class Attempt(Shown):
    number: int
    begun_at: datetime
    ended_at: datetime | None
    status: int
    error: str
    ms: int
    answer: str


class WebhookDelivery(Shown):
    """`payload` is what was signed and sent, as it stands there; the last attempt comes first."""

    id: UUID
    message_id: str
    type: str
    aggregate_id: Reference
    payload: str
    created_at: datetime
    state: str
    attempts: int
    last_status: int
    last_error: str
    next_at: datetime | None
    tries: list[Attempt]


class Replayed(Shown):
    sent: int


class OutboxMessage(Shown):
    """`return_id` null: of no return. `subject` and `text` '': it is no letter; a one-time code is masked."""

    id: UUID
    topic: str
    state: str
    created_at: datetime
    run_after: datetime
    ended_at: datetime | None
    attempts: int
    error: str
    return_id: UUID | None
    return_number: str
    subject: str
    text: str


class OutboxPage(Shown):
    """`counts`: what waits, is tried again and was given up. `late_since`: no worker seems to be at work since."""

    items: list[OutboxMessage]
    next: str | None
    counts: dict[str, int]
    late_since: datetime | None


class Decided(Shown):
    """How many of the messages were given up, and are that no more."""

    changed: int


def webhook(endpoint: Any, counts: queries.Counts) -> Webhook:
    return show(Webhook, endpoint, counts, last_delivered_at=counts.last)


def webhook_sheet(found: queries.Sheet) -> WebhookSheet:
    secrets = [SigningSecret(created_at=made, ends_at=ends) for made, ends in found.secrets]
    return show(WebhookSheet, found.endpoint, found.counts, last_delivered_at=found.counts.last, secrets=secrets)


def delivery(entry: queries.Entry) -> WebhookDelivery:
    return show(WebhookDelivery, entry, tries=[show(Attempt, one) for one in entry.tries])


def message(row: outbox.Row) -> OutboxMessage:
    return show(
        OutboxMessage,
        row,
        return_id=row.about[0] if row.about else None,
        return_number=row.about[1] if row.about else "",
        subject=row.letter.subject if row.letter else "",
        text=row.letter.text if row.letter else "",
    )
