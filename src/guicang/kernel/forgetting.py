"""What nobody looks at again is removed: messages that are done, and replies kept for calls that may be repeated."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from guicang.kernel import clock, setwrites
from guicang.kernel.models import Command, OutboxMessage
from guicang.kernel.outbox import Envelope


def forget(_envelope: Envelope) -> None:
    """The outbox's handler. Each thousand is a transaction of its own, so that a repeat goes on where it was ended."""
    if settings.KEEP_DONE_DAYS > 0:
        before = clock.utcnow() - timedelta(days=settings.KEEP_DONE_DAYS)
        messages(before)
        replies(before)


def messages(before: datetime) -> int:
    """Remove what was done before; 2 statements a thousand of each topic of settings.OUTBOX_FORGOTTEN.

    Their keys go with them: of such topics none comes twice. What was given up stays, and so do all other topics:
    what left the house is part of the record. Found by the key of topics, of which no more rows are there than the
    time kept brings.
    """
    return sum(
        _remove(OutboxMessage.objects.filter(topic=topic, done_at__lt=before, dead_at__isnull=True))
        for topic in settings.OUTBOX_FORGOTTEN
    )


def replies(before: datetime) -> int:
    """Remove replies stored under a key: the call is a new one from then on. 2 statements a thousand.

    Commands without a key stay: what they wrote names them.
    """
    return _remove(Command.objects.filter(~Q(key=""), recorded_at__lt=before))


def _remove(rows: QuerySet[Any]) -> int:
    removed = 0
    while ids := list(rows.order_by().values_list("pk", flat=True)[: setwrites.CHUNK]):
        removed += rows.model._default_manager.filter(pk__among=ids).delete()[0]
    return removed
