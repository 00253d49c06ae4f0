"""Who decides for whom, and on which days."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refusal, Refused
from guicang.staff import errors, queries, rules
from guicang.staff.models import Delegation, User

KIND = "delegation"
#: What a colleague needs to be able to do to decide for another one.
DECIDES = "returns.approve"
MOST_DAYS = 366


def delegate(context: Context, user: User, to_id: UUID, first_day: date | None, last_day: date | None) -> UUID:
    """From the first day to the last one `to_id` decides for `user` too. About 10 statements; locks the user.

    Raises Refused: DelegateUnknown, DelegationDays, DelegationTwice.
    """
    User.objects.select_for_update().filter(id=user.id).first()  # two at once must not overlap
    refusals: list[Refusal] = [] if _may_stand_in(user, to_id) else [errors.DelegateUnknown()]
    if first_day is None or last_day is None or not _days_fit(context, first_day, last_day):
        raise Refused([*refusals, errors.DelegationDays(most=MOST_DAYS)])
    others = Delegation.objects.filter(from_user_id=user.id, to_user_id=to_id, ended_at=None)
    if others.filter(first_day__lte=last_day, last_day__gte=first_day).exists():
        refusals.append(errors.DelegationTwice())
    if refusals:
        raise Refused(refusals)
    made = Delegation(from_user_id=user.id, to_user_id=to_id, first_day=first_day, last_day=last_day)
    made.created_at = context.now
    made.save(force_insert=True)
    after = {"from": user.id, "to": to_id, "first_day": first_day, "last_day": last_day}
    record(context, [AuditEntry(user.company_id, KIND, made.id, "create", {}, after)])
    return made.id


def end_delegation(context: Context, user: User, delegation_id: UUID) -> None:
    """From now on it counts no more. About 8 statements. Raises Refused(NoSuchDelegation)."""
    rows = Delegation.objects.filter(id=delegation_id, from_user_id=user.id, ended_at=None)
    if not rows.filter(last_day__gte=queries.today(context.now)).update(ended_at=context.now):
        raise Refused([errors.NoSuchDelegation()])
    entry = AuditEntry(user.company_id, KIND, delegation_id, "end", {"ended_at": None}, {"ended_at": context.now})
    record(context, [entry])


def _may_stand_in(user: User, to_id: UUID) -> bool:
    """A colleague who is not locked out, sees the company, and may decide himself; 1 statement."""
    found = queries.member_by_id(to_id)
    if found is None or found.id == user.id or DECIDES not in rules.permissions(found.role):
        return False
    return NIL in (user.company_id, found.company_id) or user.company_id == found.company_id


def _days_fit(context: Context, first: date, last: date) -> bool:
    return queries.today(context.now) <= first <= last and (last - first).days < MOST_DAYS
