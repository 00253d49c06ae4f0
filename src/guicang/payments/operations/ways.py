"""How a company carries out refunds, by kind of tender: its own data, kept with its trail."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import derived_id
from guicang.kernel.refusal import Refused
from guicang.org.operations import lock_company
from guicang.payments import errors, queries
from guicang.payments.models import RefundWay
from guicang.payments.rules import KINDS, Way, allowed_ways


def set_ways(context: Context, company_id: UUID, ways: Mapping[str, str]) -> None:
    """Say it for each kind given ('' : all the others); a way '' takes what was said of a kind back. 5 statements.

    What was settled before goes on as it began. Raises Refused: WayUnknown, NoGateway.
    """
    wrong = [errors.WayUnknown(kind=kind or "*", way=way) for kind, way in ways.items() if not _known(kind, way)]
    if wrong:
        raise Refused(wrong)
    if Way.PORT in ways.values() and not settings.REFUND_GATEWAY:
        raise Refused([errors.NoGateway()])
    lock_company(company_id)
    known = queries.ways([company_id])[company_id]
    changed = {kind: way for kind, way in ways.items() if known.get(kind, "") != way}
    if not changed:
        return
    rows = [
        {"id": derived_id("refund_way", company_id, kind), "company_id": company_id, "kind": kind, "way": way}
        for kind, way in changed.items()
        if way
    ]
    RefundWay.objects.filter(company_id=company_id, kind__in=list(changed)).delete()
    setwrites.insert(RefundWay, rows)
    before = {kind or "*": known.get(kind, "") for kind in changed}
    after = {kind or "*": way for kind, way in changed.items()}
    record(context, [AuditEntry(company_id, "company", company_id, "refund_ways", before, after)])


def _known(kind: str, way: str) -> bool:
    return kind in KINDS and (not way or way in allowed_ways(kind))
