"""What the verdict kept of the policy says about settling: the rules of the planner, and the fees by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from guicang.policy.rules.terms import SELLERS_SIDE
from guicang.returns.settlement import Fee, Rules, ShippingMode


@dataclass(frozen=True, slots=True)
class Stated:
    """`fees` by return line; `faulty`: lines whose reason lies on the seller's side; `same`: units of an exchange that
    the same takes the place of, of as many as were asked for; `forfeits`: lines whose part of an earnest deposit is.
    """

    rules: Rules = field(default_factory=Rules)
    fees: Mapping[UUID, tuple[Fee, ...]] = field(default_factory=dict)
    faulty: frozenset[UUID] = frozenset()
    same: Mapping[UUID, int] = field(default_factory=dict)
    forfeits: frozenset[UUID] = frozenset()

    @property
    def graded(self) -> bool:
        """Whether an amount depends on what inspection found."""
        return any(fee.grades for fees in self.fees.values() for fee in fees)


NOTHING_STATED = Stated()


def stated(verdict: Mapping[str, Any], shipping: str = "", *, on_account: bool = False, owed_minor: int = 0) -> Stated:
    """`shipping`: which shipping somebody wants to give back; '' as the policy says. `owed_minor`: of earlier payouts
    without an order.
    """
    terms = verdict.get("terms", {})
    lines = {UUID(key): line["terms"] for key, line in verdict.get("lines", {}).items()}
    return Stated(
        Rules(
            shipping=shipping or terms.get("shipping_refund", ShippingMode.NONE),
            discounts=terms.get("discount_mode", "keep"),
            gifts=terms.get("gifts", "keep"),
            lost_shipping=terms.get("lost_shipping", "no"),
            tenders=tuple(terms.get("refund_first", ())),
            on_account=on_account,
            stays_minor=owed_minor,
        ),
        {key: fees for key, said in lines.items() if (fees := _fees(said))},
        frozenset(key for key, said in lines.items() if said.get("fault") in SELLERS_SIDE),
        forfeits=frozenset(map(UUID, verdict.get("forfeits", ()))),
    )


def _fees(said: Mapping[str, Any]) -> tuple[Fee, ...]:
    """The fees of a line; after a finding also those that it lifted."""
    fees = [Fee.of(fee) for fee in said.get("fees", ())]
    kept = {fee.key for fee in fees}
    before = [Fee.of(fee) for fee in said["otherwise"].get("fees", ())] if "turned" in said else []
    return tuple([*fees, *(replace(fee, lifted=True) for fee in before if fee.key not in kept)])


def as_data(rules: Rules) -> dict[str, Any]:
    """Rules as a settlement keeps them: what differs from the plain ones."""
    plain = Rules()
    found = {name: getattr(rules, name) for name in KEPT if getattr(rules, name) != getattr(plain, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def from_data(data: Mapping[str, Any]) -> Rules:
    kept: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return Rules(**kept)


KEPT = ("shipping", "discounts", "gifts", "lost_shipping", "sellers_fault", "tenders", "on_account", "pay_out")
