"""Commands on returns: each for one return and for sets of them, through the step of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from ninja import Router
from pydantic import BaseModel, Field, create_model

from guicang.api import errors, problems, replies
from guicang.api.acts import KEY, MATCH, Key, replayed
from guicang.api.bearer import Caller, caller_of
from guicang.api.giving import KINDS, Kind, Order
from guicang.api.inputs import RequestItem, Requests, request_of
from guicang.api.parsing import Given
from guicang.api.service import operation
from guicang.api.shapes.results import Done, Result, Results
from guicang.audit import queries as audit
from guicang.insights import changes, orders
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns import errors as refusals
from guicang.returns import lifecycle
from guicang.returns import queries as returns
from guicang.returns.steps.request import request as request_step

router = Router()

MOST_ITEMS = 1_000
HIDDEN = "return_not_found"


def reply_of(outcomes: Sequence[Outcome], ids: Sequence[UUID | None]) -> dict[str, Any]:
    """What is kept of `outcomes`; `ids` are the returns meant by them. 1 statement."""
    meant = [outcome.id or key for outcome, key in zip(outcomes, ids, strict=True)]
    states = returns.states(key for key in meant if key)
    items = []
    for outcome, key in zip(outcomes, meant, strict=True):
        hidden = any(refusal.code == HIDDEN for refusal in outcome.refusals)
        items.append(
            {
                "id": str(key) if key else None,
                "state": states.get(key) if key and not hidden else None,
                "made": replies.kept(outcome.data),
                "errors": [replies.keep_refusal(refusal) for refusal in outcome.refusals],
            }
        )
    return {"items": items}


def results_of(reply: replies.Reply) -> Results:
    items = [
        Result(
            index=index,
            ok=not item["errors"],
            id=item["id"],
            state=item["state"],
            made=item["made"],
            errors=[problems.finding(replies.refusal_of(stored)) for stored in item["errors"]],
        )
        for index, item in enumerate(reply["items"])
    ]
    done = sum(item.ok for item in items)
    return Results(done=done, refused=len(items) - done, items=items)


def _give(caller: Caller, kind: Kind, orders: Sequence[Order]) -> dict[str, Any]:
    outcomes = kind.run(orders, caller.actor, caller.now)
    return reply_of(outcomes, [order.id for order in orders])


def _give_one(caller: Caller, kind: Kind, order: Order, match: str) -> dict[str, Any]:
    """One command on one return, unless it was changed since the version in `match`. Raises Refused.

    The version is compared before the step takes its locks, so what came in between shows in the trail after it: then
    its new links are not one command's, and all is taken back.
    """
    before = changes.version(order.id, caller.actor)
    if before is None:
        raise Refused([refusals.NotFound()])
    wanted = parse_etags(match) if match else []
    if kind.careful and not wanted:
        raise Refused([errors.IfMatchNeeded()])
    if wanted and "*" not in wanted and f'"{before}"' not in wanted:
        raise Refused([errors.Changed(version=before)])
    reply = _give(caller, kind, [order])
    if wanted and "*" not in wanted and len(audit.commands_after(order.id, before)) > 1:
        raise Refused([errors.Changed(version=audit.version(order.id))])
    return {**reply, "version": audit.version(order.id)}


def _one(name: str, kind: Kind) -> Callable[..., Any]:
    def one(
        request: HttpRequest, response: HttpResponse, pk: UUID, body: Any, key: str = KEY, match: str = MATCH
    ) -> Any:
        caller = caller_of(request)
        payload = {"return": str(pk), "body": body.model_dump(mode="json")}
        reply, again = replies.once(caller, name, key, payload, lambda: _give_one(caller, kind, Order(pk, body), match))
        (item,) = reply["items"]
        if item["errors"]:
            refused = problems.answer([replies.refusal_of(stored) for stored in item["errors"]])
            replayed(refused, again)
            return refused
        replayed(response, again)
        response["ETag"] = f'"{reply["version"]}"'
        return Done(id=item["id"], state=item["state"], version=reply["version"], made=item["made"])

    return one


def _many(name: str, kind: Kind) -> Callable[..., Any]:
    def many(request: HttpRequest, response: HttpResponse, body: Any, key: str = KEY) -> Results:
        caller = caller_of(request)
        orders = [Order(item.id, item) for item in body.items]
        reply, again = replies.once(
            caller, name, key, body.model_dump(mode="json"), lambda: _give(caller, kind, orders)
        )
        replayed(response, again)
        return results_of(reply)

    return many


def batch(item: type[BaseModel]) -> type[BaseModel]:
    """The body of a set of items."""
    items = Annotated[list[item], Field(min_length=1, max_length=MOST_ITEMS)]  # type: ignore[valid-type] # made here
    return create_model(f"{item.__name__}s", __base__=Given, items=(items, ...))


@operation(router, "POST", "/returns", permission="returns.request", answer=Results, tags="commands")
def request_returns(request: HttpRequest, response: HttpResponse, body: Requests, key: Key = KEY) -> Results:
    """Enter up to 1,000 returns for customers, each answered for itself; `made.lines` are the new lines."""
    caller = caller_of(request)
    payload = body.model_dump(mode="json")
    reply, again = replies.once(caller, "request", key, payload, lambda: _enter(caller, body.items))
    replayed(response, again)
    return results_of(reply)


def _enter(caller: Caller, items: Sequence[RequestItem]) -> dict[str, Any]:
    """About 20 statements: what is asked of orders that the caller sees goes through the step as one set."""
    heads = orders.heads([item.order_id for item in items], caller.actor.scope)
    seen = [place for place, item in enumerate(items) if item.order_id in heads]
    asked = [request_of(items[place], heads[items[place].order_id]) for place in seen]
    done = dict(zip(seen, request_step(requests=asked, actor=caller.actor, now=caller.now), strict=True))
    unseen = Outcome(0, None, [errors.OrderNotFound()])
    outcomes = [done.get(place, unseen) for place in range(len(items))]
    return reply_of(outcomes, [None] * len(items))


def _declare(name: str, kind: Kind) -> None:
    """The two operations of a command."""
    command = lifecycle.COMMANDS[name]
    told = (kind.item.__doc__ or "").strip()
    common: dict[str, Any] = {"permission": "|".join(command.enough), "tags": "commands"}
    one, many = _one(name, kind), _many(name, kind)
    one.__name__, many.__name__ = f"{name}_one", f"{name}_many"
    one.__annotations__ = {"request": HttpRequest, "response": HttpResponse, "pk": UUID, "body": kind.item}
    one.__annotations__ |= {"key": Key, "match": Key}
    listed = create_model(f"{kind.item.__name__}OfReturn", __base__=kind.item, id=(UUID, ...))
    many.__annotations__ = {"request": HttpRequest, "response": HttpResponse, "body": batch(listed), "key": Key}
    one.__doc__ = f"{command.en} ({command.zh}): one return. {told}"
    many.__doc__ = f"{command.en} ({command.zh}): up to {MOST_ITEMS:,} returns, each answered for itself. {told}"
    operation(router, "POST", f"/returns/{name}", answer=Results, summary=f"{command.en}: a set", **common)(many)
    operation(router, "POST", f"/returns/{{pk}}/{name}", answer=Done, summary=command.en, **common)(one)


for _name, _kind in KINDS.items():
    _declare(_name, _kind)
