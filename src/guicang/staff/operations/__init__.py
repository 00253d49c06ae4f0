"""How users, their tokens and their delegations are made and changed, inside the caller's transaction."""

from guicang.staff.operations.delegations import delegate, end_delegation
from guicang.staff.operations.tokens import MOST_DAYS, issue_token, revoke_token, use_token
from guicang.staff.operations.users import (
    change_user,
    create_user,
    ensure_user,
    hide_columns,
    mute_notices,
    password_changed,
    set_active,
)

__all__ = [
    "MOST_DAYS",
    "change_user",
    "create_user",
    "delegate",
    "end_delegation",
    "ensure_user",
    "hide_columns",
    "issue_token",
    "mute_notices",
    "password_changed",
    "revoke_token",
    "set_active",
    "use_token",
]
