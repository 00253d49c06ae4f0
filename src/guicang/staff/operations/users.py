"""Making users of the desk."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.org import queries as org
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
    context: Context,
    *,
    username: str,
    role: str,
    first_name: str = "",
    company_id: UUID = NIL,
    shop_id: UUID = NIL,
    warehouse_id: UUID = NIL,
    password: str | None = None,
) -> tuple[User, str]:
    """A new member of staff with a first password (None: one is made up) that must be changed. About 9 statements.

    In the maker's company; in `company_id` where he sees all of them. Raises Refused: BadName, NoSuchRole, NameTaken,
    RoleAboveOwn, ScopeAboveOwn, NoSuchPlace, PasswordWeak.
    """
    name = username.strip()
    if not _NAME.fullmatch(name):
        raise Refused([errors.BadName()])
    _may_give(context.actor, role)
    company_id = context.actor.scope.company_id if context.actor.scope.company_id != NIL else company_id
    _may_place(context.actor, company_id, shop_id, warehouse_id)
    if User.objects.filter(username__iexact=name).exists():
        raise Refused([errors.NameTaken(username=name)])
    scope: dict[str, Any] = {"role": role, "company_id": company_id, "shop_id": shop_id, "warehouse_id": warehouse_id}
    made = User(username=name, first_name=first_name.strip()[:60], must_change_password=True, **scope)
    if password is None:
        password = secrets.token_urlsafe(9)
    else:
        _strong(password, made)
    made.set_password(password)
    made.save(force_insert=True)
    record(context, [AuditEntry(company_id, "user", made.id, "create", {}, scope)])
    return made, password


def change_user(
    context: Context,
    user_id: UUID,
    *,
    role: str | None = None,
    shop_id: UUID | None = None,
    warehouse_id: UUID | None = None,
) -> None:
    """Another role, shop or warehouse (NIL: all of them; None: as it is). About 9 statements; locks the user.

    Raises Refused: NoSuchUser, NotYourself, NoSuchRole, RoleAboveOwn (his role before counts too), ScopeAboveOwn,
    NoSuchPlace.
    """
    user = _user(context.actor, user_id)
    _may_give(context.actor, user.role)
    wanted = {"role": role, "shop_id": shop_id, "warehouse_id": warehouse_id}
    after = {name: value for name, value in wanted.items() if value is not None and value != getattr(user, name)}
    before = {name: getattr(user, name) for name in after}
    for name, value in after.items():
        setattr(user, name, value)
    _may_give(context.actor, user.role)
    _may_place(context.actor, user.company_id, user.shop_id, user.warehouse_id)
    if after:
        user.save(update_fields=list(after))
        record(context, [AuditEntry(user.company_id, "user", user.id, "change", before, after)])


def _may_give(actor: Actor, role: str) -> None:
    """Raises Refused: NoSuchRole, RoleAboveOwn."""
    if role not in rules.STAFF:
        raise Refused([errors.NoSuchRole()])
    if not all(actor.may(permission) for permission in rules.permissions(role)):
        raise Refused([errors.RoleAboveOwn()])


def _may_place(actor: Actor, company_id: UUID, shop_id: UUID, warehouse_id: UUID) -> None:
    """At most 3 statements. Raises Refused: ScopeAboveOwn, NoSuchPlace."""
    scope = actor.scope
    if scope.shop_id not in (NIL, shop_id) or scope.warehouse_id not in (NIL, warehouse_id):
        raise Refused([errors.ScopeAboveOwn()])
    shop, warehouse = org.shops([shop_id]).get(shop_id), org.warehouses([warehouse_id]).get(warehouse_id)
    known = company_id == NIL or company_id in org.companies([company_id])
    for key, found in ((shop_id, shop), (warehouse_id, warehouse)):
        known = known and (key == NIL or (found is not None and company_id in (NIL, found.company_id)))
    if not known:
        raise Refused([errors.NoSuchPlace()])


def _strong(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise Refused([errors.PasswordWeak(why=" ".join(weak.messages))]) from weak


def _user(actor: Actor, user_id: UUID) -> User:
    """The user under lock, who is somebody else. Raises Refused: NoSuchUser, NotYourself."""
    bounds = actor.scope.filters(company_id="company_id")
    user = User.objects.select_for_update().filter(id=user_id, **bounds).exclude(role="customer").first()
    if user is None:
        raise Refused([errors.NoSuchUser()])
    if user.id == actor.id:
        raise Refused([errors.NotYourself()])
    return user


def set_active(context: Context, user_id: UUID, active: bool) -> None:
    """Lock a user out, or let him in again. Raises Refused: NoSuchUser, NotYourself."""
    user = _user(context.actor, user_id)
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


def mute_notices(user_id: UUID, codes: Sequence[str]) -> None:
    """Notices that a user does without from now on. In the caller's transaction; 1 statement."""
    User.objects.filter(id=user_id).update(muted_notices=sorted(set(codes)))
