"""The ordered components that customer, agent and auditor all read: label, rule, amount, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
            what, *terms = key.split(":")
            basis: dict[str, Any] = dict(zip(("kind", "value", "per", "grades"), terms, strict=False))
            plan.explanation.append(_component(f"fee_{what}", "fee_once", -amount, planned, basis))
        if planned.fee_tax_minor:
            plan.explanation.append(
                _component("fee_tax_within", "tax_as_invoiced", -planned.fee_tax_minor, planned, {})
            )
    for label, amount, rule in (
        ("shipping", plan.shipping_minor, "shipping_once"),
        ("points_taken_back", plan.points, "points_once"),
        ("cash", plan.cash_minor, "overpaid"),
        ("unapplied", plan.unapplied_minor, "kept_as_credit"),
    ):
        if amount:
            mode = {"mode": str(plan.rules.shipping)} if label == "shipping" else {}
            plan.explanation.append(_component(label, rule, amount, None, mode))


def _of_line(plan: Plan, planned: PlanLine) -> Iterator[dict[str, Any]]:
    line = plan.sale.lines.get(planned.order_line_id)
    if line is not None and planned.quantity:
        basis: dict[str, Any] = {
            "units": planned.quantity,
            "of": line.ordered,
            "settled": line.settled,
            "paid_minor": line.paid_minor,
        }
        rule = "cancelled_share" if planned.unshipped else "cumulative_share"
        yield _component("paid_share", rule, planned.target_minor, planned, basis)
    for label, amount, rule in (
        ("tax_within", planned.tax_minor, "tax_as_invoiced"),
        ("funded_by_others", planned.funded_minor, "funder_share"),
        ("goodwill", planned.goodwill_minor, "goodwill_on_price"),
        ("price_difference", planned.price_difference_minor, "beyond_the_sale"),
        ("unlinked", planned.unlinked_minor, "as_recorded"),
        ("compensation", planned.expense_minor, "expense"),
    ):
        if amount:
            yield _component(label, rule, amount, planned, {})


def _component(
    label: str, rule: str, amount: int, planned: PlanLine | None, basis: Mapping[str, Any]
) -> dict[str, Any]:
    line = {"line": str(planned.ref)} if planned else {}
    return {"label": label, "rule": rule, "amount_minor": amount, "basis": dict(basis), **line}
