"""Who calls: a token, its user's rights within it, and the one instant at which the call happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.http import HttpRequest
from ninja.security import HttpBearer

from guicang.api import errors, rates
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.refusal import Refused
from guicang.staff import operations as staff


@dataclass(frozen=True, slots=True)
class Caller:
    """`ends_at`: when the token does."""

    token_id: UUID
    actor: Actor
    now: datetime
    ends_at: datetime


class Bearer(HttpBearer):
    """The token of a request, which must hold `permission`.

    '': any token; several: all of them, in their order; `a|b`: either of them.

    Sessions and cookies count for nothing.
    """

    def __init__(self, permission: str) -> None:
        super().__init__()
        self.permission = permission

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """1 statement, 2 once a minute. Raises Refused: TokenUnknown, TooMany, NotAllowed.

        Wrong tokens are not counted: 256 bits of chance are not guessed.
        """
        now = utcnow()
        used = staff.use_token(token, now)
        if used is None:
            raise Refused([errors.TokenUnknown()])
        token_id, actor, ends_at = used
        caller = Caller(token_id, actor, now, ends_at)
        rates.count(caller.token_id, now)
        may = caller.actor.may
        missing = next((name for name in self.permission.split() if not any(map(may, name.split("|")))), "")
        if missing:
            raise Refused([errors.NotAllowed(permission=missing.partition("|")[0])])
        return caller


def caller_of(request: HttpRequest) -> Caller:
    """Who calls; every operation stands under a Bearer."""
    return cast("Caller", request.auth)  # type: ignore[attr-defined] # ninja puts it there


def actor_of(request: HttpRequest) -> Actor:
    return caller_of(request).actor
