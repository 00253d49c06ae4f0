"""Making users of the desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.staff.models import User


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
