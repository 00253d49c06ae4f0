"""The way through a settlement: shares of the goods, what is withheld, shipping, points, fees, cash by tender.

The rule (HARD-CASES, Allocation): a settlement of q units pays T(settled + q) - T(settled), where T is the prefix
target of what was paid; never less the cash already paid, so any order of partial returns, reversals and repeats ends
at what was paid. Cancelled units count from the other end, T(Q) - T(Q - c): what was shipped and what was not can then
be settled in any order and still agree with the shipment's booking to the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from guicang.kernel.money import target
from guicang.returns.settlement.explaining import explain
from guicang.returns.settlement.fees import keep_back
from guicang.returns.settlement.plans import Ask, Plan, PlanLine, Rules, ShippingMode, within
from guicang.returns.settlement.resettling import resettle
from guicang.returns.settlement.sale import Sale, SaleLine
from guicang.returns.settlement.tenders import spread_over_tenders


def plan_settlement(sale: Sale, asks: Sequence[Ask], *, rules: Rules | None = None) -> Plan:
    """The settlement of `asks` against `sale`, which is left as it was. O(lines), no I/O."""
    after = sale.copy()
    plan = Plan(after, [_plan_line(after, ask) for ask in asks], rules or Rules())
    if plan.undone:
        # What was kept back goes with its units; only then it is known what may still be withheld.
        keep_back(plan, asks)
        changes = resettle(plan, asks)
    else:
        changes = resettle(plan, asks)
        keep_back(plan, asks)
    _taxes(plan)
    _block_excess(plan)
    _shipping(plan, sale, plan.rules.shipping)
    _points(plan)
    after.credited_minor += plan.buyer_minor
    if not plan.blocked:
        _cash(plan, plan.buyer_minor - plan.total("fee_minor"), plan.extra_minor)
    explain(plan, changes)
    return plan


def _plan_line(sale: Sale, ask: Ask) -> PlanLine:
    planned = PlanLine(ask.ref, ask.order_line_id, ask.quantity, ask.unshipped, expense_minor=ask.expense_minor)
    line = sale.lines.get(ask.order_line_id)
    if line is None:
        planned.unlinked_minor, planned.tax_minor = ask.recorded_minor or 0, ask.recorded_tax_minor
        planned.priced = ask.priced
        return planned
    if ask.unshipped:
        _cancelled_share(line, planned)
    elif ask.quantity:
        _returned_share(line, planned, ask)
    if ask.goodwill_minor:
        planned.goodwill_minor = ask.goodwill_minor
        planned.credit_minor += ask.goodwill_minor
        line.credited_minor += ask.goodwill_minor
        span = (line.done, line.until)
        line.goodwill = (*line.goodwill, (span, ask.goodwill_minor))
    return planned


def _taxes(plan: Plan) -> None:
    """The tax within what is credited: as it was invoiced, never computed anew (HARD-CASES 2)."""
    credits: dict[UUID, int] = {}
    for planned in reversed(plan.lines):
        line = plan.sale.lines.get(planned.order_line_id)
        if line is not None and not planned.unshipped:
            # What was credited of the order line before this one: two lines of a return may be for the same.
            after = credits.get(line.id, line.credited_minor)
            credits[line.id] = after - planned.credit_minor
            planned.tax_minor = line.tax_within(after) - line.tax_within(credits[line.id])
    for key, before in credits.items():
        line = plan.sale.lines[key]
        line.credited_tax_minor += line.tax_within(line.credited_minor) - line.tax_within(before)


def _returned_share(line: SaleLine, planned: PlanLine, ask: Ask) -> None:
    settled, recorded = line.settled + planned.quantity, ask.recorded_minor
    if not 0 <= settled <= line.ordered - line.cancelled_settled:
        planned.excess = True
        return
    planned.settled_before, planned.measure_before = line.settled, line.done
    reached = line.reached(planned.quantity, ask.weight_g, ask.measure)
    due = line.price(reached) - line.price(line.done) if recorded is None else recorded
    planned.target_minor = min(due, line.buyer_room)
    planned.price_difference_minor = due - planned.target_minor if recorded is not None else 0
    planned.funded_minor = line.funded(reached) - line.funded(line.done)
    planned.credit_minor = planned.target_minor + planned.funded_minor
    planned.measure = reached - line.done if line.weight_g else 0
    line.settled, line.settled_measure = settled, line.settled_measure + planned.measure
    line.exchanged += ask.exchanged
    line.credited_minor += planned.credit_minor
    line.credited_funded_minor += planned.funded_minor


def _cancelled_share(line: SaleLine, planned: PlanLine) -> None:
    before, kept = line.ordered - line.cancelled_settled, line.ordered - line.cancelled_settled - planned.quantity
    if not line.settled <= kept <= line.ordered:
        planned.excess = True
        return
    before, kept = before * line.unit, kept * line.unit
    planned.target_minor = line.price(before) - line.price(kept)
    planned.funded_minor = line.funded(before) - line.funded(kept)
    planned.credit_minor = planned.target_minor + planned.funded_minor
    line.cancelled_settled += planned.quantity
    line.cancelled_minor += planned.credit_minor


def _block_excess(plan: Plan) -> None:
    """Ceilings of the sale: no line is credited beyond what was sold (HARD-CASES 7)."""
    for planned in plan.lines:
        line = plan.sale.lines.get(planned.order_line_id)
        if line is None:
            continue
        if planned.excess or line.credited_minor + line.cancelled_minor > line.sold_minor or line.buyer_room < 0:
            plan.blocked.append(("credit_ceiling", {"line": planned.ref, "room_minor": max(0, line.buyer_room)}))


def _shipping(plan: Plan, before: Sale, mode: str) -> None:
    """Shipping comes back once, whatever the path; cumulative, so a fourth claim gets nothing."""
    sale = plan.sale
    fee = sale.shipping_standard_minor + sale.shipping_surcharge_minor
    if not fee or (mode == ShippingMode.NONE and not sale.presold):
        # Of a pre-sale it was never paid: what was cancelled altogether owes none of it.
        return
    whole = sum(line.paid_minor for line in sale.lines.values())
    done = sum(line.progress() for line in sale.lines.values())
    complete = all(line.settled + line.cancelled_settled == line.ordered for line in sale.lines.values())
    if mode == ShippingMode.PROPORTIONAL and whole:
        # Where nothing was paid for the goods themselves, shipping comes back with the last of them.
        reached = target(fee, done, whole)
    elif mode == ShippingMode.STATUTORY:
        reached = sale.shipping_standard_minor if complete else 0
    else:
        reached = fee if complete else 0
    # Other settlements may have run under another mode: what is undone never pays, what is done never takes.
    change = reached - before.shipping_refunded_minor
    if plan.undone and not any(line.quantity for line in plan.lines):
        # An expense moves no units that shipping could go by: what came with it goes with it.
        change = -min(plan.rules.gave_shipping, before.shipping_refunded_minor)
    plan.shipping_minor = min(0, change) if plan.undone else max(0, change)
    sale.shipping_refunded_minor += plan.shipping_minor
    plan.shipping_tax_minor = target(sale.shipping_tax_minor, sale.shipping_refunded_minor, fee) - target(
        sale.shipping_tax_minor, before.shipping_refunded_minor, fee
    )


def _points(plan: Plan) -> None:
    """Points earned with what came back are taken back, once (HARD-CASES 9)."""
    sale = plan.sale
    whole = sum(line.paid_minor for line in sale.lines.values())
    if not sale.points_earned or not whole:
        return
    reached = target(sale.points_earned, sum(line.progress() for line in sale.lines.values()), whole)
    plan.points = reached - sale.points_taken_back
    sale.points_taken_back = reached


def _cash(plan: Plan, buyer: int, extra: int) -> None:
    """Cash is what was paid beyond what is still owed; open receivables shrink first (HARD-CASES 7, 20)."""
    sale = plan.sale
    overpaid = sale.overpaid_minor
    if plan.rules.on_account:
        plan.kept_minor, plan.unapplied_minor = within(buyer, max(0, overpaid)), extra
        return
    if plan.rules.pay_out and not sale.lines:
        stays = plan.rules.stays_minor
        plan.unapplied_minor = within(stays if extra > 0 else -stays, extra)
        plan.cash_minor = extra - plan.unapplied_minor
        return
    if buyer + extra < 0:
        # Never more than went out: what only lowered a receivable raises it again.
        paid_extra = max(extra, -sale.extra_minor)
        plan.cash_minor = max(buyer + extra, min(0, overpaid + paid_extra), -sale.refunded_minor)
    else:
        # What another order's credit paid never came in by a tender: it stays a credit.
        plan.cash_minor = max(0, min(buyer, overpaid, sale.captured_minor - sale.refunded_minor))
        room = sum(tender.room for tender in sale.tenders)
        if plan.cash_minor > room:
            disputed = sum(tender.disputed_minor for tender in sale.tenders)
            code = "dispute_open" if disputed else "tender_ceiling"
            plan.blocked.append((code, {"room_minor": room, "cash_minor": plan.cash_minor, "disputed_minor": disputed}))
            return
        paid_extra = min(extra, room - plan.cash_minor)
        plan.cash_minor += paid_extra
    plan.unapplied_minor = extra - paid_extra
    sale.extra_minor += paid_extra
    unshipped = sum(line.target_minor for line in plan.lines if line.unshipped)
    plan.unshipped_cash_minor = within(unshipped, plan.cash_minor)
    plan.tenders = spread_over_tenders(sale.tenders, plan.cash_minor, plan.rules.tenders, plan.rules.gave)
    for tender, (_, amount) in zip(sale.tenders, plan.tenders, strict=True):
        tender.refunded_minor += amount
    sale.refunded_minor += plan.cash_minor
    plan.tenders = [share for share in plan.tenders if share[1]]
