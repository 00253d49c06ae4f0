"""Store credit changed by hand: one asks, a second one looks and decides."""

from __future__ import annotations

from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.clock import local_date
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refusal, Refused
from guicang.org import queries as org
from guicang.parties import queries as parties
from guicang.payments import errors
from guicang.payments.facts import REASONS
from guicang.payments.models import AdjustmentState, CreditAccount, CreditAdjustment
from guicang.payments.operations import credit
from guicang.payments.operations.credit import AccountKey, Cause

ASK, DECIDE = "payments.adjust_credit", "payments.approve_credit"
#: The most of one change, in minor units: more is a slip of the finger.
MOST = 10**9


def ask_adjustment(context: Context, key: AccountKey, amount_minor: int, reason: str) -> UUID:
    """Ask for a change of a balance; nothing moves yet. About 12 statements.

    Raises Refused: NotPermitted, NoSuchAccount, OutOfBounds, BadReason.
    """
    _permit(context, ASK, key)
    refusals: list[Refusal] = []
    if not 1 <= abs(amount_minor) <= MOST:
        refusals.append(errors.OutOfBounds(value=amount_minor, least=-MOST, most=MOST))
    if reason not in REASONS:
        refusals.append(errors.BadReason())
    if refusals:
        raise Refused(refusals)
    setwrites.insert(CreditAccount, [{"id": key.id, **key._asdict()}], ignore_conflicts=True)
    asked = CreditAdjustment(account_id=key.id, amount_minor=amount_minor, reason=reason)
    asked.asked_by, asked.asked_at = context.actor.id, context.now
    asked.save(force_insert=True)
    _record(context, key, "ask_adjustment", asked)
    return asked.id


def decide_adjustment(context: Context, adjustment_id: UUID, *, grant: bool) -> None:
    """A second person grants or declines it. About 20 statements. Locks the account.

    Raises Refused: NotPermitted, NoSuchAdjustment, SamePerson, CreditShort, RateMissing.
    """
    asked = CreditAdjustment.objects.filter(id=adjustment_id).select_related("account").first()
    if asked is None:
        raise Refused([errors.NoSuchAdjustment()])
    row = asked.account
    key = AccountKey(row.company_id, row.customer_id, row.currency)
    _permit(context, DECIDE, key)
    if asked.asked_by == context.actor.id:
        raise Refused([errors.SamePerson()])
    cause = f"adjusted:{asked.id.hex}"
    balance = credit.open_balances([key], causes=[cause])[key]
    state = AdjustmentState.DONE if grant else AdjustmentState.DECLINED
    waiting = CreditAdjustment.objects.filter(id=asked.id, state=AdjustmentState.WAITING)
    if not waiting.update(state=state, decided_by=context.actor.id, decided_at=context.now):
        raise Refused([errors.NoSuchAdjustment()])
    entries = []
    if grant:
        company = org.companies([key.company_id])[key.company_id]
        booked = company.books_at(context.now)
        rate = accounting.rate(key.company_id, key.currency, local_date(context.now, company.zone))
        balance.adjust(asked.amount_minor, Cause(cause, context.now, booked, reason=asked.reason, rate=rate))
        entries = credit.write(context, [balance])
    _record(context, key, "adjust" if grant else "decline_adjustment", asked, entries)


def _permit(context: Context, permission: str, key: AccountKey) -> None:
    if not context.actor.may(permission):
        raise Refused([errors.NotPermitted(permission=permission)])
    customer = parties.customers([key.customer_id]).get(key.customer_id)
    shop = org.shops([customer.shop_id]).get(customer.shop_id) if customer else None
    scope = context.actor.scope
    if customer is None or shop is None or shop.company_id != key.company_id:
        raise Refused([errors.NoSuchAccount()])
    if not scope.holds(key.company_id, customer.shop_id, NIL):
        raise Refused([errors.NoSuchAccount()])


def _record(
    context: Context, key: AccountKey, action: str, asked: CreditAdjustment, entries: list[AuditEntry] | None = None
) -> None:
    after = {"adjustment_id": asked.id, "amount_minor": asked.amount_minor, "currency": key.currency}
    said = AuditEntry(key.company_id, "credit_account", key.id, action, {}, after, asked.reason)
    record(context, [said, *(entries or [])])
