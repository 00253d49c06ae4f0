"""Days as their reader has them."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from guicang.kernel.clock import utcnow


def tonight() -> datetime:
    """Midnight after today in the reader's zone."""
    today = timezone.localtime(utcnow()).date()
    return timezone.make_aware(datetime.combine(today, time()) + timedelta(days=1))
