"""The ordered components that customer, agent and auditor all read: label, rule, amount, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from guicang.returns.settlement.fees import EARNEST
from guicang.returns.settlement.plans import Plan, PlanLine
from guicang.returns.settlement.resettling import Cause


def explain(plan: Plan, withheld: Sequence[tuple[Cause, int]]) -> None:
    """Write `plan.explanation`. `withheld`: what changed, by its cause."""
    for planned in plan.lines:
        plan.explanation.extend(_of_line(plan, planned))
    for cause, change in withheld:
        kept = {"of": cause.of, "kept_minor": cause.kept_minor, "threshold_minor": cause.threshold_minor}
        plan.explanation.append(_component(cause.what, "what_is_kept", -change, None, kept))
    for planned in plan.lines:
        for key, amount in planned.fees.items():
            plan.explanation.append(_fee(plan, planned, key, amount))
        if planned.fee_tax_minor:
            plan.explanation.append(
                _component("fee_tax_within", "tax_as_invoiced", -planned.fee_tax_minor, planned, {})
            )
    for label, amount, rule in (
        ("shipping", plan.shipping_minor, "shipping_once"),
        ("points_taken_back", plan.points, "points_once"),
        ("cash", plan.cash_minor, "overpaid"),
        ("on_account", plan.kept_minor, "kept_as_credit"),
        ("unapplied", plan.unapplied_minor, "kept_as_credit"),
    ):
        if amount:
            more = _WHOLE[label](plan) if label in _WHOLE else {}
            plan.explanation.append(_component(label, rule, amount, None, more))


def _fee(plan: Plan, planned: PlanLine, key: str, amount: int) -> dict[str, Any]:
    what, *terms = key.split(":")
    basis: dict[str, Any] = dict(zip(("kind", "value", "per", "grades"), terms, strict=False))
    basis["share_minor"] = planned.share_minor
    if key == EARNEST:
        basis["earnest_minor"] = plan.sale.earnest_minor
    return _component(f"fee_{what}", "fee_once", -amount, planned, basis)


def _shipping(plan: Plan) -> dict[str, Any]:
    sale = plan.sale
    return {
        "mode": str(plan.rules.shipping),
        "standard_minor": sale.shipping_standard_minor,
        "surcharge_minor": sale.shipping_surcharge_minor,
        "refunded_minor": sale.shipping_refunded_minor,
    }


def _cash(plan: Plan) -> dict[str, Any]:
    """What each way of payment gives, and what it could have given: what came in, less what went back before."""
    shares = dict(plan.tenders)
    tenders = [
        {
            "kind": tender.kind,
            "amount_minor": shares[tender.id],
            "captured_minor": tender.captured_minor,
            "before_minor": tender.refunded_minor - shares[tender.id],
            "disputed_minor": tender.disputed_minor,
        }
        for tender in plan.sale.tenders
        if tender.id in shares
    ]
    return {"tenders": tenders, "first": list(plan.rules.tenders)}


#: Numbers behind a component of the whole settlement.
_WHOLE: Mapping[str, Callable[[Plan], dict[str, Any]]] = {"shipping": _shipping, "cash": _cash}


def _of_line(plan: Plan, planned: PlanLine) -> Iterator[dict[str, Any]]:
    line = plan.sale.lines.get(planned.order_line_id)
    if line is not None and planned.quantity and not planned.excess:
        basis: dict[str, Any] = {
            "units": planned.quantity,
            "of": line.ordered,
            "settled": line.settled,
            "paid_minor": line.paid_minor,
        }
        rule = "cancelled_share"
        if not planned.unshipped:
            reached = planned.measure_before + (planned.measure if line.weight_g else planned.quantity)
            before, after = line.price(planned.measure_before), line.price(reached)
            basis |= {"settled_before": planned.settled_before, "before_minor": before, "after_minor": after}
            if line.weight_g:
                basis |= {"of_g": line.weight_g, "until_g": reached // line.ordered}
            # A past document paid what it paid, and never more than was left.
            rule = "cumulative_share" if after - before == planned.target_minor else "as_recorded"
        yield _component("paid_share", rule, planned.target_minor, planned, basis)
    if planned.priced:
        rule = f"priced_{planned.priced['rule']}"
        basis = {**planned.priced, "settles": planned.quantity}
        yield _component("priced", rule, planned.unlinked_minor, planned, basis)
    for label, amount, rule in (
        ("tax_within", planned.tax_minor, "tax_as_invoiced"),
        ("funded_by_others", planned.funded_minor, "funder_share"),
        ("goodwill", planned.goodwill_minor, "goodwill_on_price"),
        ("price_difference", planned.price_difference_minor, "beyond_the_sale"),
        ("unlinked", 0 if planned.priced else planned.unlinked_minor, "as_recorded"),
        ("compensation", planned.expense_minor, "expense"),
    ):
        if amount:
            yield _component(label, rule, amount, planned, {})


def _component(
    label: str, rule: str, amount: int, planned: PlanLine | None, basis: Mapping[str, Any]
) -> dict[str, Any]:
    line = {"line": str(planned.ref)} if planned else {}
    return {"label": label, "rule": rule, "amount_minor": amount, "basis": dict(basis), **line}
