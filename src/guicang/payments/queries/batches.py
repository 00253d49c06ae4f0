"""Reading payment files."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.payments.models import PayoutBatch, PayoutItem

#: Files that the list shows, the newest first.
MOST = 200


def numbers_of(batch_ids: Iterable[UUID]) -> dict[UUID, str]:
    """1 statement, none for no file."""
    wanted = sorted(set(batch_ids) - {NIL})
    return dict(PayoutBatch.objects.filter(id__among=wanted).values_list("id", "number")) if wanted else {}


def refunds_of(batch_id: UUID) -> list[UUID]:
    """1 statement."""
    return list(PayoutItem.objects.filter(batch_id=batch_id).values_list("refund_id", flat=True))


def newest(scope: Scope) -> list[PayoutBatch]:
    """The newest files of whoever sees a whole company; 1 statement."""
    rows = PayoutBatch.objects.filter(**scope.exact_filters(company_id="company_id"))
    return list(rows.order_by("-occurred_at", "-id")[:MOST])


def one(scope: Scope, batch_id: UUID) -> PayoutBatch | None:
    """1 statement."""
    return PayoutBatch.objects.filter(id=batch_id, **scope.exact_filters(company_id="company_id")).first()
