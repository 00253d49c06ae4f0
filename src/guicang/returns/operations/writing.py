"""The rows of settlements: credit entry, refund entry, credit note, counters, refunds by tender."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.payments import operations as payments
from guicang.payments.operations.cash import Cash, Moved
from guicang.payments.rules.drawers import CashKind
from guicang.returns.models import Settlement, SettlementLine
from guicang.returns.operations import crediting, saleview
from guicang.returns.operations.balances import Balances, of_settlings
from guicang.returns.operations.crediting import Settling


def write_settlements(
    context: Context, settled: Sequence[Settling], cash: Cash, back: Balances | None = None
) -> Balances:
    """Write everything of these settlements but the returns themselves; what store credit moved. About 24 statements.

    `cash`: the drawer that their cash goes through, as `till.plan` planned it; 4 more where any does. `back`: balances
    of store credit from which reversals took back; about 20 more where store credit moves.
    """
    balances = back or of_settlings(settled)
    if not settled:
        return balances
    for each in settled:
        balances.give(each)
    days = accounting.book_dates([each.header.company_id for each in settled], [each.at for each in settled])
    posting = [each for each in settled if each.posted]
    entries = accounting.post(context, [make(each) for each in posting for make in (crediting.credit, crediting.cash)])
    for each, entry_id in zip(posting, entries[::2], strict=True):
        each.entry_id = entry_id
    saleview.store({each.order_id: each.account for each in settled if each.account}.values())
    setwrites.insert(Settlement, [_row(each, day, context) for each, day in zip(settled, days, strict=True)])
    setwrites.insert(
        SettlementLine,
        [row for each, day in zip(settled, days, strict=True) for row in _line_rows(each, day, context)],
    )
    accounting.issue_credit_notes(context, [note for each in settled if each.booked and (note := _note(each))])
    ids = iter(payments.record_refunds(context, [share for each in settled for share in _refunds(each)]))
    cash.write([moved for each in settled for moved in _moved(each, ids)])
    balances.write(context)
    return balances


def _row(each: Settling, day: Any, context: Context) -> dict[str, Any]:
    plan = each.plan
    return {
        "id": each.id,
        "parent_id": each.header.id,
        "company_id": each.header.company_id,
        "order_id": each.order_id,
        "customer_id": each.header.customer_id,
        "currency": each.header.currency,
        "credit_minor": each.buyer_minor,
        "tax_minor": plan.total("tax_minor"),
        "funded_minor": plan.total("funded_minor"),
        "shipping_minor": plan.shipping_minor,
        "shipping_tax_minor": plan.shipping_tax_minor,
        "shipping_unbilled": each.shipping_unbilled,
        "price_difference_minor": plan.total("price_difference_minor"),
        "unlinked_minor": plan.total("unlinked_minor"),
        "expense_minor": plan.total("expense_minor"),
        "fee_minor": each.fee_minor,
        "fee_tax_minor": plan.total("fee_tax_minor"),
        "rules": each.rules,
        "unapplied_minor": plan.unapplied_minor,
        "cash_minor": plan.cash_minor,
        "points": plan.points,
        "booked": each.booked,
        "entry_id": each.entry_id,
        "reverses_id": each.reverses_id,
        "explanation": plan.explanation,
        "occurred_at": each.at,
        "book_date": day,
        **context.stamps,
    }


def _line_rows(each: Settling, day: Any, context: Context) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "settlement_id": each.id,
            "line_id": row.ref,
            "order_line_id": row.order_line_id,
            "quantity": row.quantity,
            "target_minor": row.target_minor,
            "withheld_minor": row.withheld_minor,
            "credit_minor": row.credit_minor,
            "tax_minor": row.tax_minor,
            "funded_minor": row.funded_minor,
            "goodwill_minor": row.goodwill_minor,
            "price_difference_minor": row.price_difference_minor,
            "unlinked_minor": row.unlinked_minor,
            "expense_minor": row.expense_minor,
            "fee_minor": row.fee_minor,
            "fee_tax_minor": row.fee_tax_minor,
            "fees": row.fees,
            "measure": row.measure,
            "unshipped": row.unshipped,
            "occurred_at": each.at,
            "book_date": day,
            **context.stamps,
        }
        for row in each.plan.lines
    ]


def _note(each: Settling) -> accounting.Note | None:
    if each.account is None:
        return _note_of(each, _priced_lines(each))
    lines = [
        accounting.NoteLine(
            row.order_line_id,
            row.quantity,
            row.credit_minor - row.tax_minor,
            row.tax_minor,
            each.account.lines[row.order_line_id].tax_rate,
        )
        for row in each.plan.lines
        if row.credit_minor and not row.unshipped
    ]
    shipping = 0 if each.shipping_unbilled else each.plan.shipping_minor
    if shipping:
        lines.append(accounting.NoteLine(NIL, 0, shipping - each.plan.shipping_tax_minor, each.plan.shipping_tax_minor))
    return _note_of(each, lines)


def _priced_lines(each: Settling) -> list[accounting.NoteLine]:
    """Without an order: a credit note that names no invoice, as far as rules or people priced the goods."""
    return [
        accounting.NoteLine(
            NIL, row.quantity, row.unlinked_minor - row.tax_minor, row.tax_minor, Decimal(row.priced["rate"])
        )
        for row in each.plan.lines
        if row.priced and row.unlinked_minor
    ]


def _note_of(each: Settling, lines: Sequence[accounting.NoteLine]) -> accounting.Note | None:
    if not lines:
        return None
    return accounting.Note(
        company_id=each.header.company_id,
        order_id=each.order_id,
        settlement_id=each.id,
        currency=each.header.currency,
        occurred_at=each.at,
        lines=lines,
        entry_id=each.entry_id,
    )


def _refunds(each: Settling) -> list[payments.RefundShare]:
    return [
        payments.RefundShare(
            company_id=each.header.company_id,
            shop_id=each.header.shop_id,
            order_id=each.order_id,
            tender_id=payout.tender_id,
            settlement_id=each.id,
            return_id=each.header.id,
            amount_minor=payout.amount_minor,
            currency=each.header.currency,
            occurred_at=each.at,
            kind=payout.kind,
            method=payout.method,
            promotional=payout.promotional,
            way=payout.way,
            consented=payout.consented,
            posted=payout.posted,
            book_minor=payout.book_minor,
            reference=each.reference,
        )
        for payout in each.payouts
    ]


def _moved(each: Settling, ids: Iterator[UUID]) -> list[Moved]:
    """What its payouts, whose refunds have these ids, moved of the drawer's cash."""
    found = []
    for payout in each.payouts:
        refund_id = next(ids)
        if payout.till_id != NIL:
            kind = CashKind.REFUND if payout.amount_minor > 0 else CashKind.REFUND_BACK
            found.append(Moved(kind, -payout.amount_minor, each.posted, refund_id, each.header.id))
    return found
