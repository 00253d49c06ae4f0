"""Disputes 拒付: while one is open its amount cannot be refunded by that tender."""

from __future__ import annotations

from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.commands import Context
from guicang.kernel.refusal import Refused
from guicang.payments import errors
from guicang.payments.models import Dispute
from guicang.sales import operations as sales
from guicang.sales import queries as sold

#: The outcome of a dispute that took the money.
LOST = "lost"


def open_dispute(context: Context, tender_id: UUID, amount_minor: int, reference: str) -> UUID:
    """Record a chargeback: its amount cannot be refunded by that tender until it ends. About 8 statements.

    Raises Refused: NoSuchTender, DisputeTooLarge, DisputeKnown.
    """
    place = _place(tender_id)
    tender = sales.lock_orders([place.id], tenders=True).tenders[place.id]
    row = next(each for each in tender if each.id == tender_id)
    if Dispute.objects.filter(tender_id=tender_id, reference=reference).exists():
        raise Refused([errors.DisputeKnown(reference=reference)])
    if not 1 <= amount_minor <= row.captured_minor - row.disputed_minor:
        raise Refused([errors.DisputeTooLarge(most=row.captured_minor - row.disputed_minor)])
    dispute = Dispute(tender_id=tender_id, amount_minor=amount_minor, reference=reference, opened_at=context.now)
    dispute.save(force_insert=True)
    sales.dispute_tenders({tender_id: amount_minor})
    _record(context, place, "dispute", dispute)
    return dispute.id


def close_dispute(context: Context, dispute_id: UUID, outcome: str) -> None:
    """End a dispute (won, lost or withdrawn). Raises Refused(NoSuchDispute).

    What was lost went back to the buyer through the provider: it stays out of reach of any refund.
    """
    dispute = Dispute.objects.filter(id=dispute_id, closed_at=None).first()
    if dispute is None:
        raise Refused([errors.NoSuchDispute()])
    place = _place(dispute.tender_id)
    sales.lock_orders([place.id], tenders=True)
    if not Dispute.objects.filter(id=dispute_id, closed_at=None).update(closed_at=context.now, outcome=outcome):
        raise Refused([errors.NoSuchDispute()])
    if outcome != LOST:
        sales.dispute_tenders({dispute.tender_id: -dispute.amount_minor})
    _record(context, place, f"dispute_{outcome}", dispute)


def _place(tender_id: UUID) -> sold.OrderHead:
    order = sold.order_of_tender(tender_id)
    if order is None:
        raise Refused([errors.NoSuchTender()])
    return order


def _record(context: Context, order: sold.OrderHead, action: str, dispute: Dispute) -> None:
    after = {"tender_id": dispute.tender_id, "amount_minor": dispute.amount_minor, "reference": dispute.reference}
    record(context, [AuditEntry(order.company_id, "order", order.id, action, {}, after)])
