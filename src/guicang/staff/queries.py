"""Reading users."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from guicang.kernel.actor import Actor, Scope
from guicang.staff import rules
from guicang.staff.models import User

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


def users(scope: Scope) -> list[UserInfo]:
    """The staff of a scope by name; 1 statement."""
    rows = User.objects.exclude(role="customer").filter(**scope.filters(company_id="company_id"))
    return [UserInfo(*row) for row in rows.order_by("username").values_list(*UserInfo._fields)]


def names(ids: list[UUID]) -> dict[UUID, str]:
    """What to call users; 1 statement."""
    rows = User.objects.filter(id__among=ids).values_list("id", "first_name", "username")
    return {user_id: first or username for user_id, first, username in rows}
