"""What forms say about money."""

from __future__ import annotations

from uuid import UUID

from django.http import QueryDict

from guicang.desk.typed import units, uuids
from guicang.kernel.refusal import Refused
from guicang.returns import errors
from guicang.returns.operations import talks
from guicang.returns.steps.correct import Correction
from guicang.returns.steps.settle import Settlement
from guicang.ui.amounts import typed_minor


def settlement_of(pk: UUID, given: QueryDict) -> Settlement:
    """A settlement as its form proposes it. Raises Refused for what are no numbers, and for units that are all zero:
    none named would mean all that is due.
    """
    wanted = units(given, "units")
    if not wanted and any(name.startswith("units.") for name in given):
        raise Refused([errors.Nothing()])
    return Settlement(
        pk,
        wanted,
        given.get("shipping", "").strip(),
        given.get("ahead") == "1",
        _deductions(pk, given),
        given.get("reason", ""),
        given.get("reference", "").strip(),
        given.get("refund_to", ""),
        given.get("consented") == "1",
        given.get("on_account") == "1",
        _goodwill(pk, given),
    )


def _goodwill(pk: UUID, given: QueryDict) -> int:
    """Raises Refused for what is no amount."""
    text = given.get("goodwill", "").strip()
    amount = typed_minor(text, talks.currency_of(pk)) if text else 0
    if amount is None:
        raise Refused([errors.OfferAmount()])
    return amount


def _deductions(pk: UUID, given: QueryDict) -> dict[UUID, int]:
    """`deduct.<line>` fields as minor units by line. Raises Refused for what is no amount."""
    typed = {
        ids[0]: str(text)
        for name, text in given.items()
        if name.startswith("deduct.") and str(text).strip() and (ids := uuids([name.partition(".")[2]]))
    }
    currency = talks.currency_of(pk) if typed else ""
    amounts = {line: typed_minor(text, currency) for line, text in typed.items()}
    if any(amount is None for amount in amounts.values()):
        raise Refused([errors.OfferAmount()])
    return {line: amount for line, amount in amounts.items() if amount is not None}


def correction_of(pk: UUID, settlement_id: UUID, given: QueryDict) -> Correction:
    """A correction as its form says it: what was wrong, and what is settled instead. Raises Refused."""
    return Correction(settlement_id, given.get("wrong", ""), settlement_of(pk, given))
