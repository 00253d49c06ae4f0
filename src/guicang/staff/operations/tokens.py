"""Access tokens: made, used, revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refusal, Refused
from guicang.staff import errors, queries, rules
from guicang.staff.models import AccessToken, User

PREFIX = "gc_"
#: Bytes of chance in a token: what is not guessable needs no slow hash.
SECRET_BYTES = 32
#: Letters that are kept readable, the prefix included.
SHOWN = 9
MOST_DAYS = 366
NAME_MOST = 60
#: Valid tokens of one user.
MOST_TOKENS = 50
#: A use is written down at most so often: a read must not cost a write.
USE_NOTED_EVERY = timedelta(minutes=1)


def issue_token(
    context: Context,
    user: User,
    *,
    name: str,
    days: int,
    permissions: Collection[str] | None = None,
    token_id: UUID | None = None,
    until: datetime | None = None,
) -> str:
    """A new token of `user`, as plain text: it is nowhere afterwards. About 7 statements.

    `permissions` None: everything the role may do today; a token never grows with its role. `token_id` of a form makes
    sending it twice one token. `until`: it may not be valid longer. Raises Refused with every finding.
    """
    granted = rules.permissions(user.role)
    wanted = granted if permissions is None else granted & set(permissions)
    name, now = name.strip(), context.now
    refusals: list[Refusal] = [] if 0 < len(name) <= NAME_MOST else [errors.TokenNameMissing()]
    if not 1 <= days <= MOST_DAYS:
        refusals.append(errors.TokenTerm(most=MOST_DAYS))
    if until is not None and days > 0 and now + timedelta(days=min(days, MOST_DAYS)) > until:
        refusals.append(errors.TokenOutlives())
    if not wanted:
        refusals.append(errors.TokenWithoutRights())
    User.objects.select_for_update().filter(id=user.id).first()  # two at once must not both be the last one allowed
    if AccessToken.objects.filter(user_id=user.id, revoked_at=None, expires_at__gt=now).count() >= MOST_TOKENS:
        refusals.append(errors.TooManyTokens(most=MOST_TOKENS))
    if token_id and AccessToken.objects.filter(id=token_id).exists():
        refusals = [errors.TokenMadeAlready()]
    if refusals:
        raise Refused(refusals)
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    made = AccessToken(
        id=token_id or new_id(), user_id=user.id, name=name, start=secret[:SHOWN], digest=_digest(secret)
    )
    made.permissions, made.created_at, made.expires_at = sorted(wanted), now, now + timedelta(days=days)
    made.save(force_insert=True)
    after = {"user_id": user.id, "permissions": made.permissions, "expires_at": made.expires_at}
    record(context, [AuditEntry(user.company_id, "token", made.id, "issue", {}, after)])
    return secret


def revoke_token(context: Context, token_id: UUID) -> None:
    """From now on the token is worth nothing; once more changes nothing. One's own, or any in the scope of whoever
    manages staff. Raises Refused(NoSuchToken).
    """
    actor = context.actor
    rows = AccessToken.objects.filter(id=token_id, **actor.scope.filters(company_id="user__company_id"))
    if not actor.may("staff.manage"):
        rows = rows.filter(user_id=actor.id)
    found = rows.select_related("user").first()
    if found is None:
        raise Refused([errors.NoSuchToken()])
    if AccessToken.objects.filter(id=token_id, revoked_at=None).update(revoked_at=context.now):
        after = {"revoked_at": context.now}
        record(context, [AuditEntry(found.user.company_id, "token", token_id, "revoke", {"revoked_at": None}, after)])


def use_token(secret: str, now: datetime) -> tuple[UUID, Actor, datetime] | None:
    """(id of the token, who acts by it, when it ends); None where it is unknown or over, or its user locked out.

    1 statement, and once a minute one more that notes the use.
    """
    rows = AccessToken.objects.filter(digest=_digest(secret), revoked_at=None, expires_at__gt=now)
    found = rows.select_related("user").first()
    if found is None or not found.user.is_active or found.user.must_change_password:
        return None
    before = now - USE_NOTED_EVERY
    if found.last_used_at is None or found.last_used_at <= before:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=before)
        AccessToken.objects.filter(unnoted, id=found.id).update(last_used_at=now)
    actor = queries.actor_of(found.user)
    return found.id, replace(actor, permissions=actor.permissions & frozenset(found.permissions)), found.expires_at


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
