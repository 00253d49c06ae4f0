"""Reading users and their tokens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from guicang.kernel.actor import Actor, Scope
from guicang.staff import rules
from guicang.staff.models import AccessToken, User

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
    return Actor("staff", user.id, rules.permissions(user.role), scope_of(user))


def actor(user_id: UUID) -> Actor | None:
    """Somebody who gave an order earlier, with what he may do now; None where he is locked out. 1 statement."""
    user = User.objects.filter(id=user_id, is_active=True).first()
    return actor_of(user) if user else None


def scope_of(user: User) -> Scope:
    return Scope(user.company_id, user.shop_id, user.warehouse_id)


class Reachable(NamedTuple):
    id: UUID
    role: str
    scope: Scope


def reachable(roles: Iterable[str]) -> list[Reachable]:
    """Members of these roles who are not locked out and have an e-mail address; 1 statement."""
    rows = User.objects.filter(role__in=sorted(set(roles)), is_active=True).exclude(email="").order_by("username")
    columns = ("id", "role", "company_id", "shop_id", "warehouse_id")
    return [Reachable(key, role, Scope(*bounds)) for key, role, *bounds in rows.values_list(*columns)]


def email(user_id: UUID) -> str:
    """The address of somebody who is not locked out, '' where there is none; 1 statement."""
    return User.objects.filter(id=user_id, is_active=True).values_list("email", flat=True).first() or ""


def users(scope: Scope) -> list[UserInfo]:
    """The staff of a scope by name; 1 statement."""
    rows = User.objects.exclude(role="customer").filter(**scope.filters(company_id="company_id"))
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
