"""Reading users, their tokens, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from guicang.kernel.actor import Actor, Scope
from guicang.staff import rules
from guicang.staff.models import AccessToken, Delegation, User

#: For faces, which see no models.
Member: TypeAlias = User


class UserInfo(NamedTuple):
    id: UUID
    username: str
    first_name: str
    role: str
    company_id: UUID
    shop_id: UUID
    warehouse_id: UUID
    is_active: bool
    must_change_password: bool
    last_login: datetime | None


def actor_of(user: User) -> Actor:
    """The actor that steps are given for a signed-in member of staff; no statement."""
    return Actor("staff", user.id, rules.permissions(user.role), scope_of(user), user.role)


def actor(user_id: UUID) -> Actor | None:
    """Somebody who gave an order earlier, with what he may do now; None where he is locked out. 1 statement."""
    user = User.objects.filter(id=user_id, is_active=True).first()
    return actor_of(user) if user else None


def actors(user_ids: Iterable[UUID]) -> dict[UUID, Actor]:
    """The same for several; 1 statement, none for nobody."""
    wanted = sorted(set(user_ids))
    rows = User.objects.filter(id__among=wanted, is_active=True).exclude(role="customer") if wanted else ()
    return {user.id: actor_of(user) for user in rows}


def colleagues(permission: str, place: Scope) -> list[tuple[UUID, str]]:
    """Who may do this there, or in a part of it, by name, with what to call them; 1 statement."""
    roles = [role.code for role in rules.ROLES.values() if permission in role.permissions]
    rows = User.objects.filter(role__in=roles, is_active=True).order_by("username")
    return [(user.id, user.first_name or user.username) for user in rows if scope_of(user).holds(*place)]


def scope_of(user: User) -> Scope:
    return Scope(user.company_id, user.shop_id, user.warehouse_id)


class Reachable(NamedTuple):
    id: UUID
    role: str
    scope: Scope


def reachable(roles: Iterable[str], notice: str, ids: Iterable[UUID] = ()) -> list[Reachable]:
    """Members of these roles, and these people, who are not locked out, have an e-mail address and want such notices; 1
    statement.
    """
    wanted = Q(role__in=sorted(set(roles))) | Q(id__in=sorted(set(ids)))
    rows = User.objects.filter(wanted, is_active=True).exclude(role="customer").exclude(email="").order_by("username")
    columns = ("muted_notices", "id", "role", "company_id", "shop_id", "warehouse_id")
    return [
        Reachable(key, role, Scope(*bounds))
        for muted, key, role, *bounds in rows.values_list(*columns)
        if notice not in muted
    ]


def who_wants(notice: str, user_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Of these users, those who are not locked out, have an e-mail address and want such notices; 1 statement."""
    rows = User.objects.filter(id__among=sorted(set(user_ids)), is_active=True).exclude(email="")
    return frozenset(key for key, muted in rows.values_list("id", "muted_notices") if notice not in muted)


def email(user_id: UUID) -> str:
    """The address of somebody who is not locked out, '' where there is none; 1 statement."""
    return User.objects.filter(id=user_id, is_active=True).values_list("email", flat=True).first() or ""


def users(scope: Scope) -> list[UserInfo]:
    """The staff of a scope by name; 1 statement."""
    rows = User.objects.exclude(role="customer").filter(**scope.filters(company_id="company_id"))
    return [UserInfo(*row) for row in rows.order_by("username").values_list(*UserInfo._fields)]


def people(ids: Iterable[UUID]) -> list[UserInfo]:
    """Staff by their ids, those locked out too; 1 statement, none for nobody."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    rows = User.objects.filter(id__among=wanted).exclude(role="customer")
    return [UserInfo(*row) for row in rows.order_by("username").values_list(*UserInfo._fields)]


def member(username: str) -> User | None:
    """The member of staff of that name who is not locked out; 1 statement."""
    return User.objects.filter(username=username, is_active=True).exclude(role="customer").first()


def member_by_id(user_id: UUID) -> User | None:
    """The member of staff of that id; 1 statement."""
    return User.objects.filter(id=user_id, is_active=True).exclude(role="customer").first()


def names(ids: list[UUID]) -> dict[UUID, str]:
    """What to call users; 1 statement."""
    rows = User.objects.filter(id__among=ids).values_list("id", "first_name", "username")
    return {user_id: first or username for user_id, first, username in rows}


class TokenInfo(NamedTuple):
    """`state`: live, expired or revoked."""

    id: UUID
    user_id: UUID
    username: str
    name: str
    start: str
    permissions: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    state: str


def tokens(actor: Actor, now: datetime) -> list[TokenInfo]:
    """The actor's own tokens, or everybody's in the scope of one who manages staff; newest first. 1 statement."""
    rows = AccessToken.objects.filter(**actor.scope.filters(company_id="user__company_id"))
    if not actor.may("staff.manage"):
        rows = rows.filter(user_id=actor.id)
    names = [name if name != "username" else "user__username" for name in TokenInfo._fields[:-1]]
    found = rows.order_by("-created_at", "-id").values_list(*names)
    return [TokenInfo._make((*row, _state(row[7], row[8], now))) for row in found]


def _state(expires_at: datetime, revoked_at: datetime | None, now: datetime) -> str:
    return "revoked" if revoked_at else "live" if now < expires_at else "expired"


def today(now: datetime) -> date:
    """The day that delegations count in."""
    return now.astimezone(ZoneInfo(settings.DISPLAY_ZONE)).date()


class DelegationInfo(NamedTuple):
    """`state`: to_come, live, over or ended (taken back)."""

    id: UUID
    from_id: UUID
    from_name: str
    from_role: str
    to_id: UUID
    to_name: str
    first_day: date
    last_day: date
    created_at: datetime
    ended_at: datetime | None
    state: str


_DELEGATION = (
    *("id", "from_user_id", "from_user__first_name", "from_user__username", "from_user__role"),
    *("to_user_id", "to_user__first_name", "to_user__username", "first_day", "last_day", "created_at", "ended_at"),
)


def delegations(user_id: UUID, now: datetime) -> list[DelegationInfo]:
    """Those from a user and to him, the latest first; 1 statement."""
    rows = Delegation.objects.filter(Q(from_user_id=user_id) | Q(to_user_id=user_id))
    return [_delegation(row, now) for row in rows.order_by("-first_day", "-id").values_list(*_DELEGATION)]


def live_delegations(user_ids: Iterable[UUID], roles: Iterable[str], now: datetime) -> list[DelegationInfo]:
    """Those that count now, from these users and from users of these roles; 1 statement."""
    of = Q(from_user_id__in=sorted(set(user_ids))) | Q(from_user__role__in=sorted(set(roles)))
    rows = _live(now).filter(of, to_user__is_active=True)
    return [_delegation(row, now) for row in rows.order_by("first_day", "id").values_list(*_DELEGATION)]


def stands_for(actor: Actor, now: datetime) -> list[Actor]:
    """The actor himself, then those whom he stands in for now, each with what he may do; 1 statement.

    Nobody stands in for who is locked out, and nobody passes on what was passed to him.
    """
    if actor.kind != "staff":
        return [actor]
    rows = _live(now).filter(to_user_id=actor.id).select_related("from_user").order_by("first_day", "id")
    return [actor, *(actor_of(row.from_user) for row in rows)]


def _live(now: datetime) -> QuerySet[Delegation]:
    day = today(now)
    rows = Delegation.objects.filter(last_day__gte=day, first_day__lte=day, ended_at=None)
    return rows.filter(from_user__is_active=True)


def _delegation(row: tuple[Any, ...], now: datetime) -> DelegationInfo:
    key, from_id, from_first, from_name, role, to_id, to_first, to_name, first, last, created_at, ended_at = row
    day = today(now)
    state = "ended" if ended_at else "to_come" if day < first else "over" if day > last else "live"
    names = (from_id, from_first or from_name, role, to_id, to_first or to_name)
    return DelegationInfo(key, *names, first, last, created_at, ended_at, state)
