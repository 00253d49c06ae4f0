"""One act of a program, for an `Idempotency-Key` once; and what the operations that act have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params import functions as param_functions
from pydantic import Field

from guicang.api import replies
from guicang.api.bearer import Caller, caller_of
from guicang.api.parsing import Given, Shown
from guicang.api.service import operation

TOLD_KEY = "Makes a repeat of this call harmless: it gets the first answer. 1 to 200 visible ASCII characters."
TOLD_MATCH = 'The version that was looked at, as `"12"`; `*`: any.'
Key = Annotated[str, Field(max_length=200)]
KEY: Any = param_functions.Header("", alias="Idempotency-Key", description=TOLD_KEY)
MATCH: Any = param_functions.Header("", alias="If-Match", description=TOLD_MATCH)


class Nothing(Given):
    """An act that needs to be told nothing but what it is done to."""


class Made(Shown):
    """What was made or changed."""

    id: UUID


def _made(caller: Caller, pk: UUID) -> Any:
    return Made(id=pk)


def declare_act(
    router: Router,
    path: str,
    name: str,
    body: type[Given],
    act: Callable[[Caller, UUID, Any], Any],
    *,
    summary: str,
    answer: Any = Made,
    afterwards: Callable[[Caller, UUID], Any] = _made,
    **how: Any,
) -> None:
    """Declare an act on one thing, told by `body`, and answered with what the thing is `afterwards`.

    Its description is that of `act`; its id and the scope of its key are `name`.
    """

    def view(request: HttpRequest, response: HttpResponse, pk: UUID, body: Any, key: str = KEY) -> Any:
        def do(caller: Caller) -> dict[str, Any]:
            act(caller, pk, body)
            return {"id": pk}

        acted(request, response, name, key, {"pk": str(pk), **body.model_dump(mode="json")}, do)
        return afterwards(caller_of(request), pk)

    view.__name__, view.__doc__ = name, f"{summary}. {(act.__doc__ or '').strip()}".strip()
    view.__annotations__ = {"request": HttpRequest, "response": HttpResponse, "pk": UUID, "body": body, "key": Key}
    operation(router, "POST", path, answer=answer, summary=summary, **how)(view)


def acted(
    request: HttpRequest, response: HttpResponse, name: str, key: str, payload: Any, act: Callable[[Caller], Any]
) -> replies.Reply:
    """`act(caller)` in a transaction, once for `key`: its reply, or that of the first call. Raises Refused.

    A reply is kept: ids, states and codes, never a secret or a word about people.
    """
    caller = caller_of(request)
    reply, again = replies.once(caller, name, key, payload, lambda: replies.kept(act(caller)))
    replayed(response, again)
    return reply


def replayed(response: HttpResponse, again: bool) -> None:
    if again:
        response["Idempotency-Replayed"] = "true"
