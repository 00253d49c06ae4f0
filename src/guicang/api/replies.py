"""What became of a command, in a form that may be kept: ids, states, codes. A repeat of a key gets it again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from guicang.api import errors
from guicang.api.bearer import Caller
from guicang.kernel import commands
from guicang.kernel.refusal import Refusal, Refused

KEY = re.compile(r"[!-~]{1,200}")
#: A text that can be kept: a code, an id, a number. Whatever else was typed could be about a person.
_CODE = re.compile(r"[A-Za-z0-9_.:+-]{0,60}")
Reply = Mapping[str, Any]


def once(caller: Caller, name: str, key: str, payload: Any, act: Callable[[], Reply]) -> tuple[Reply, bool]:
    """`act()` in a transaction, for a `key` once: (reply, whether it is the reply to an earlier call).

    A key belongs to a user and a command. It is looked up before anything is checked, and a parallel second call waits
    for the first. Without a key each call acts. Raises Refused: BadKey, KeyReused, and what `act` raises, which is
    forgotten.
    """
    if not key:
        with transaction.atomic():
            return act(), False
    if not KEY.fullmatch(key):
        raise Refused([errors.BadKey()])
    acted: list[bool] = []

    def first() -> Reply:
        acted.append(True)
        return act()

    scope = f"api:{caller.actor.id.hex}:{name}"
    reply = commands.once(scope, key, payload, actor=caller.actor, now=caller.now, act=first)
    return reply, not acted


def kept(value: Any) -> Any:
    """`value` as JSON that may be stored: numbers, ids, codes, and lists and dicts of these; else ''."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, UUID | datetime | date | Decimal):
        return value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(value, Mapping):
        return {str(name): kept(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [kept(inner) for inner in value]
    return str(value) if isinstance(value, str) and _CODE.fullmatch(value) else ""


def keep_refusal(refusal: Refusal) -> dict[str, Any]:
    return {"kind": _name(type(refusal)), "code": refusal.code, "data": kept(refusal.data)}


def refusal_of(stored: Mapping[str, Any]) -> Refusal:
    """The refusal again, to be told in the language of whoever reads it now."""
    kind = next((kind for kind in _kinds(Refusal) if _name(kind) == stored["kind"]), None)
    if kind is None:  # a later release may have it no more
        return errors.Past(was=stored["code"])
    return kind(**stored["data"])


def _kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from _kinds(inner)


def _name(kind: type[Refusal]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
