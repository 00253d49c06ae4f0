"""What became of requests: the figures of the report on decisions, and the lists behind them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from guicang.returns import lifecycle
from guicang.returns.deciders import Decider

#: What became of a request, each request once: the figures of reports and the filters behind them.
BECAME: Mapping[str, Q] = {
    "policy": Q(decided_by=Decider.POLICY),
    "approved": Q(decided_by=Decider.PERSON, decision="authorised"),
    "refused": Q(decided_by=Decider.PERSON, decision="rejected"),
    "agreed": Q(decided_by=Decider.OFFER),
    "time": Q(decided_by__in=(Decider.CLOCK, Decider.PLATFORM, Decider.SYSTEM)),
    "open": Q(decided_by="", ending="", state__in=lifecycle.UNDECIDED),
    "ended": Q(decided_by="") & ~Q(ending=""),
}
