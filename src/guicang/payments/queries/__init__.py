"""Reading refunds and how companies carry them out."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from guicang.kernel.compiled import compiled
from guicang.payments.models import Refund, RefundWay
from guicang.payments.ports import Intent
from guicang.payments.queries import payees
from guicang.payments.rules import worst
from guicang.sales.models import Tender

_ways = compiled(lambda ids: RefundWay.objects.filter(company_id__among=ids).values_list("company_id", "kind", "way"))


def ways(company_ids: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    """{company: {kind of tender, '' for all others: way}}; what nobody said is paid at once. 1 statement."""
    wanted = sorted(set(company_ids))
    found: dict[UUID, dict[str, str]] = {company_id: {} for company_id in wanted}
    for company_id, kind, way in _ways(wanted):
        found[company_id][kind] = way
    return found


def refund_states(return_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What the refunds of each return say together; 1 statement. Returns without one are left out."""
    rows = Refund.objects.filter(return_id__among=sorted(set(return_ids))).order_by().distinct()
    found: dict[UUID, list[str]] = {}
    for key, state in rows.values_list("return_id", "state"):
        found.setdefault(key, []).append(state)
    return {key: worst(states) for key, states in found.items()}


def intent(row: Refund) -> Intent:
    """As a provider is asked for it; 1 statement, 2 more where it has to be told where the money goes."""
    payment = Tender.objects.values_list("reference", flat=True).get(id=row.tender_id)
    payee = payees.details(payees.of([row.payee_id])).get(row.payee_id) if row.payee else None
    return Intent(row.intent_key, row.amount_minor, row.currency, row.kind, payment, payee)


def returns_of(refund_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The return of each refund; 1 statement."""
    return dict(Refund.objects.filter(id__among=sorted(set(refund_ids))).values_list("id", "return_id"))
