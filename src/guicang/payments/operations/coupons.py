"""Win-back coupons: issued by rule after a settled return, told by notice, redeemed once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import outbox, setwrites
from guicang.kernel.commands import Context, KeyReused
from guicang.kernel.ids import CODE_ALPHABET, NIL, check_character, code_is_well_formed, new_id
from guicang.kernel.money import divide_half_up, from_minor
from guicang.kernel.refusal import Refused
from guicang.notifications import operations as notifications
from guicang.payments import errors
from guicang.payments.models import Coupon
from guicang.payments.queries.credit import RulesKey
from guicang.payments.rules.credit import WHOLE_BP, Rules

REDEEM = "payments.redeem_coupon"
_LETTERS = 11


@dataclass(frozen=True, slots=True)
class Settled:
    """What a rule looks at: a return that was settled. `faults`: whose its reasons say it was."""

    return_id: UUID
    company_id: UUID
    customer_id: UUID
    currency: str
    amount_minor: int
    faults: frozenset[str]
    first: bool
    at: datetime


def issue_coupons(context: Context, returns: Sequence[Settled], rules: Mapping[RulesKey, Rules]) -> dict[UUID, UUID]:
    """Issue a coupon for each return whose company's rules say so, once a return; {return: coupon}.

    3 statements a thousand. The caller holds the returns: two settlements of one return issue one.
    """
    said = {each.return_id: rules.get((each.company_id, each.currency), Rules()) for each in returns}
    wanted = {each.return_id: each for each in returns if _earns(said[each.return_id], each)}
    known = Coupon.objects.filter(return_id__among=sorted(wanted)).values_list("return_id", flat=True)
    for return_id in list(known):
        del wanted[return_id]
    rows = [_row(said[key], each) for key, each in wanted.items()]
    setwrites.insert(Coupon, rows)
    outbox.queue(context, [_notice(row) for row in rows])
    return {row["return_id"]: row["id"] for row in rows}


def _earns(rules: Rules, each: Settled) -> bool:
    if not rules.coupon_on or each.amount_minor < max(1, rules.coupon_from_minor):
        return False
    return (each.first or not rules.coupon_first) and bool(each.faults & set(rules.coupon_faults))


def _row(rules: Rules, each: Settled) -> dict[str, Any]:
    body = "".join(secrets.choice(CODE_ALPHABET) for _ in range(_LETTERS))
    return {
        "id": new_id(),
        "company_id": each.company_id,
        "customer_id": each.customer_id,
        "return_id": each.return_id,
        "code": body + check_character(body),
        "currency": each.currency,
        "percent_bp": rules.coupon_bp,
        "value_minor": 0 if rules.coupon_bp else rules.coupon_minor,
        "least_minor": rules.coupon_least_minor,
        "issued_at": each.at,
        "expires_at": each.at + timedelta(days=rules.coupon_days),
        "redeemed_at": None,
    }


def redeem_coupon(context: Context, code: str, currency: str, purchase_minor: int, key: str) -> dict[str, Any]:
    """Redeem a coupon against a purchase, once; what it takes off. The same key again answers the same.

    Locks the coupon. About 8 statements. Raises Refused: NotPermitted, NoSuchCoupon, CouponUsed, CouponOver,
    CouponTooLittle, KeyReused.
    """
    if not context.actor.may(REDEEM):
        raise Refused([errors.NotPermitted(permission=REDEEM)])
    plain = code.replace("-", "").replace(" ", "").upper()
    found = Coupon.objects.filter(code=plain).values_list("id", flat=True).first() if _formed(plain) else None
    row = next(iter(setwrites.fetch(Coupon, [found], lock=True)), None) if found else None
    if row is None or not context.actor.scope.holds(row.company_id, NIL, NIL):
        raise Refused([errors.NoSuchCoupon()])
    if row.redeemed_at is not None:
        if row.redeemed_key != key:
            raise Refused([errors.CouponUsed()])
        if row.purchase_minor != purchase_minor:
            raise Refused([KeyReused(key=key)])
        return _answer(row)
    _check(row, currency, purchase_minor, context.now)
    off = divide_half_up(purchase_minor * row.percent_bp, WHOLE_BP) if row.percent_bp else row.value_minor
    row.redeemed_at, row.redeemed_key, row.purchase_minor = context.now, key, purchase_minor
    row.taken_off_minor = min(off, purchase_minor)
    row.save(update_fields=["redeemed_at", "redeemed_key", "purchase_minor", "taken_off_minor"])
    after = {"purchase_minor": purchase_minor, "taken_off_minor": row.taken_off_minor, "currency": currency}
    record(context, [AuditEntry(row.company_id, "coupon", row.id, "redeem", {}, after)])
    return _answer(row)


def _formed(code: str) -> bool:
    return len(code) == _LETTERS + 1 and code_is_well_formed(code)


def _check(row: Coupon, currency: str, purchase_minor: int, now: datetime) -> None:
    if now >= row.expires_at:
        raise Refused([errors.CouponOver()])
    if currency != row.currency or purchase_minor < max(1, row.least_minor):
        least = f"{from_minor(max(1, row.least_minor), row.currency)} {row.currency}"
        raise Refused([errors.CouponTooLittle(least=least)])


def _answer(row: Coupon) -> dict[str, Any]:
    return {"id": str(row.id), "currency": row.currency, "taken_off_minor": row.taken_off_minor}


def worth(percent_bp: int, value_minor: int, currency: str) -> str:
    """`5 %` or `20.00 CNY`."""
    return f"{percent_bp / 100:g} %" if percent_bp else f"{from_minor(value_minor, currency)} {currency}"


def _notice(row: dict[str, Any]) -> outbox.Message:
    least = f"{from_minor(row['least_minor'], row['currency'])} {row['currency']}"
    return notifications.message(
        "coupon_issued",
        owner_kind="customer",
        owner_id=row["customer_id"],
        aggregate_id=row["id"],
        data={
            "code": row["code"],
            "worth": worth(row["percent_bp"], row["value_minor"], row["currency"]),
            "least": least,
            "until": (row["expires_at"] - timedelta(microseconds=1)).date().isoformat(),
        },
    )
