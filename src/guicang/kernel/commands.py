"""The idempotency row: the first lock of every command."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command, Origin
from guicang.kernel.refusal import Refusal, Refused

#: A longer key is stored by its hash.
KEY_MOST = 200


class KeyReused(Refusal):
    code: ClassVar[str] = "idempotency_key_reused"
    status: ClassVar[int] = 422
    sentence = _("The key %(key)s was used before for other input. Use a new key for a new request.")


@dataclass(frozen=True, slots=True)
class Context:
    """Stamped on every row a command writes."""

    id: UUID
    actor: Actor
    now: datetime
    origin: str = Origin.LIVE

    @property
    def stamps(self) -> dict[str, Any]:
        return {"command_id": self.id, "recorded_at": self.now, "origin": self.origin}


def input_hash(payload: Any) -> str:
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()


def begin(
    name: str,
    *,
    actor: Actor,
    now: datetime,
    items: int,
    origin: str = Origin.LIVE,
    reply: Mapping[str, Any] | None = None,
) -> Context:
    """Write the command's row (1 statement) and return the stamps for all it writes."""
    context = Context(new_id(), actor, now, origin)
    row = {"id": context.id, "name": name, "actor_kind": actor.kind, "actor_id": actor.id, "origin": origin}
    setwrites.insert(Command, [{**row, "items": items, "reply": dict(reply or {}), "recorded_at": now}])
    return context


def reply_of(scope: str, key: str) -> Mapping[str, Any] | None:
    """What was answered under this key; None where nothing was. For who finds his form sent already; 1 statement."""
    first = Command.objects.filter(scope=scope, key=_stored(key)).first()
    return dict(first.reply) if first else None


def _stored(key: str) -> str:
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest() if len(key) > KEY_MOST else key


def once(scope: str, key: str, payload: Any, *, actor: Actor, now: datetime, act: Any) -> Mapping[str, Any]:
    """Run `act() -> reply` in a transaction, once for (scope, key); a repeat gets the first reply.

    Raises Refused(KeyReused) where the same key comes with other input. A parallel second call
    waits on the unique row of the first and then reads its reply. A key may have any length, but one it must be:
    calls without a key would all be one. Raises ValueError.
    """
    if not key:
        raise ValueError(f"{scope}: no idempotency key")
    key = _stored(key)
    digest = input_hash(payload)
    try:
        with transaction.atomic():
            row = Command(name=scope, scope=scope, key=key, input_hash=digest, recorded_at=now)
            row.actor_kind, row.actor_id = actor.kind, actor.id
            if not Command.objects.filter(scope=scope, key=key).exists():
                row.save(force_insert=True)
                row.reply = dict(act())
                row.save(update_fields=["reply"])
                return dict(row.reply)
    except IntegrityError:
        if not Command.objects.filter(scope=scope, key=key).exists():
            raise
    first = Command.objects.get(scope=scope, key=key)
    if first.input_hash != digest:
        raise Refused([KeyReused(key=key)])
    return dict(first.reply)
