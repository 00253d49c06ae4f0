"""Making users of the desk."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.staff import errors, rules
from guicang.staff.models import User

_NAME = re.compile(r"[\w.-]{2,40}")


def ensure_user(
    context: Context,
    *,
    username: str,
    password: str,
    role: str,
    first_name: str = "",
    company_id: UUID = NIL,
    shop_id: UUID = NIL,
    warehouse_id: UUID | None = None,
) -> User:
    """The user of that name, made where there is none; one that is there stays as he is.

    `role` says what he may do, the ids what he sees (NIL: no limit of that kind). In the caller's transaction;
    1 statement where he is there. The trail holds the scope, never the name or the password.
    """
    known = User.objects.filter(username=username).first()
    if known is not None:
        return known
    scope: dict[str, Any] = {
        "role": role,
        "company_id": company_id,
        "shop_id": shop_id,
        "warehouse_id": warehouse_id or NIL,
    }
    made = User(username=username, first_name=first_name, **scope)
    made.set_password(password)
    made.save(force_insert=True)
    record(context, [AuditEntry(company_id, "user", made.id, "create", {}, scope)])
    return made


def password_changed(context: Context, user: User) -> None:
    """The user has a password of his own now; about 6 statements."""
    User.objects.filter(id=user.id).update(must_change_password=False)
    user.must_change_password = False
    record(context, [AuditEntry(user.company_id, "user", user.id, "password", {}, {})])


def create_user(
    context: Context, *, username: str, role: str, first_name: str = "", shop_id: UUID = NIL, warehouse_id: UUID = NIL
) -> tuple[User, str]:
    """A new member of staff in the maker's company, with a first password that must be changed. About 7 statements.

    Raises Refused: BadName, NameTaken, NoSuchRole.
    """
    name = username.strip()
    if not _NAME.fullmatch(name):
        raise Refused([errors.BadName()])
    if role not in rules.STAFF:
        raise Refused([errors.NoSuchRole()])
    if User.objects.filter(username__iexact=name).exists():
        raise Refused([errors.NameTaken(username=name)])
    company_id = context.actor.scope.company_id
    scope: dict[str, Any] = {"role": role, "company_id": company_id, "shop_id": shop_id, "warehouse_id": warehouse_id}
    made = User(username=name, first_name=first_name.strip()[:60], must_change_password=True, **scope)
    password = secrets.token_urlsafe(9)
    made.set_password(password)
    made.save(force_insert=True)
    record(context, [AuditEntry(company_id, "user", made.id, "create", {}, scope)])
    return made, password


def set_active(context: Context, user_id: UUID, active: bool) -> None:
    """Lock a user out, or let him in again. Raises Refused: NoSuchUser, NotYourself."""
    bounds = context.actor.scope.filters(company_id="company_id")
    user = User.objects.filter(id=user_id, **bounds).exclude(role="customer").first()
    if user is None:
        raise Refused([errors.NoSuchUser()])
    if user.id == context.actor.id:
        raise Refused([errors.NotYourself()])
    User.objects.filter(id=user_id).update(is_active=active)
    before, after = {"is_active": user.is_active}, {"is_active": active}
    record(context, [AuditEntry(user.company_id, "user", user.id, "unlock" if active else "lock", before, after)])


def hide_columns(user_id: UUID, page: str, names: Sequence[str]) -> None:
    """What one list leaves out for one user from now on; how he likes to look at things is no audit's business.

    Locks his row, so that two lists changed at once both stay changed. In the caller's transaction; 2 statements.
    """
    user = User.objects.select_for_update().get(id=user_id)
    hidden = {**user.hidden_columns, page: list(names)}
    User.objects.filter(id=user_id).update(hidden_columns={key: value for key, value in hidden.items() if value})
