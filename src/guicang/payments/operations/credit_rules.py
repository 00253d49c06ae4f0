"""What a company says about store credit of a currency, in versions."""

from __future__ import annotations

from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refusal, Refused
from guicang.org.operations import lock_company
from guicang.payments import errors
from guicang.payments.models import CreditRules
from guicang.payments.queries.credit import rules_of
from guicang.payments.rules.credit import BOUNDS, Rules

STATE = "policy.manage"


def state_rules(context: Context, company_id: UUID, currency: str, rules: Rules) -> None:
    """The rules from now on, as a new version; nothing where they are the same. About 9 statements.

    Locks the company. What was issued before keeps its expiry. Raises Refused: NotPermitted, OutOfBounds,
    NotLookedAt, CouponOfNothing.
    """
    if not context.actor.may(STATE) or not context.actor.scope.holds(company_id, NIL, NIL):
        raise Refused([errors.NotPermitted(permission=STATE)])
    if refusals := _wrong(rules):
        raise Refused(refusals)
    lock_company(company_id)
    number, before = rules_of([company_id]).get((company_id, currency), (0, Rules()))
    if rules == before:
        return
    rules_id = new_id()
    row = {"id": rules_id, "company_id": company_id, "currency": currency, "number": number + 1}
    stamps = {"command_id": context.id, "recorded_at": context.now}
    setwrites.insert(CreditRules, [{**row, "rules": rules.as_data(), **stamps}])
    was, now = before.as_data(), rules.as_data()
    changed = [name for name in now if now[name] != was[name]]
    after = {"currency": currency, "number": number + 1, **{name: now[name] for name in changed}}
    record(
        context,
        [AuditEntry(company_id, "credit_rules", rules_id, "state", {name: was[name] for name in changed}, after)],
    )


def _wrong(rules: Rules) -> list[Refusal]:
    said = rules.as_data()
    refusals: list[Refusal] = [
        errors.OutOfBounds(value=said[name], least=least, most=most)
        for name, (least, most) in BOUNDS.items()
        if not least <= said[name] <= most
    ]
    if rules.money_days and not rules.money_lawful:
        refusals.append(errors.NotLookedAt())
    if rules.coupon_on and not rules.coupon_bp and not rules.coupon_minor:
        refusals.append(errors.CouponOfNothing())
    return refusals
