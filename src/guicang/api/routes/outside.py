"""What goes out of the house: webhooks with their log, and the outbox."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import KEY, Key, Nothing, acted, declare_act
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.paging import Page, Paging, cursor, place_id
from guicang.api.parsing import Given, Line, Word
from guicang.api.routes.books import company_of
from guicang.api.service import operation
from guicang.api.shapes import outside as shapes
from guicang.insights import outbox as reading
from guicang.integrations.webhooks import queries, rules, steps
from guicang.kernel import dead_letters
from guicang.kernel.outbox import database_now
from guicang.kernel.refusal import Refused

router = Router()

KEEP: dict[str, Any] = {"permission": queries.PERMISSION, "tags": "webhooks"}
#: Messages and deliveries that are named at once.
MOST = 1_000
Ids = Annotated[list[UUID], Field(min_length=1, max_length=MOST)]


class WebhookFacts(Given):
    """`events`: those of GET /webhooks/events that are wanted; none: all."""

    url: Annotated[Line, Field(max_length=500)]
    description: Annotated[Line, Field(max_length=120)] = ""
    events: Annotated[list[Word], Field(max_length=100)] = Field(default_factory=list)


class NewWebhook(WebhookFacts):
    """`company` may be left out where the token sees one alone."""

    company: UUID | None = None


class Switched(Given):
    on: bool


class Replay(Given):
    """`deliveries`: these, whatever became of them; null: all that failed or were held."""

    deliveries: Ids | None = None


class Log(Paging):
    state: Literal["waiting", "delivered", "failed", "held"] | None = None


class OutboxFilters(Paging):
    state: Literal["waiting", "retrying", "dead", "done", "dropped"] | None = None
    topic: Word = ""


class Messages(Given):
    ids: Ids


@operation(router, "GET", "/webhooks", answer=list[shapes.Webhook], **KEEP)
def list_webhooks(request: HttpRequest) -> list[shapes.Webhook]:
    """2 statements."""
    return [shapes.webhook(endpoint, counts) for endpoint, counts in queries.endpoints(actor_of(request))]


@operation(router, "POST", "/webhooks", answer=shapes.NewSecret, **KEEP)
def add_webhook(request: HttpRequest, response: HttpResponse, body: NewWebhook, key: Key = KEY) -> shapes.NewSecret:
    """What a company's returns do is told there from now on. The secret that signs is in this answer alone."""
    told: list[str] = []

    def act(caller: Caller) -> dict[str, Any]:
        facts: dict[str, Any] = body.model_dump(exclude={"company"})
        made, secret = steps.add(
            company_id=company_of(request, body.company), **facts, actor=caller.actor, now=caller.now
        )
        told.append(secret)
        return {"id": made}

    reply = acted(request, response, "add_webhook", key, body.model_dump(mode="json"), act)
    return shapes.NewSecret(id=reply["id"], secret=told[0] if told else None)


@operation(router, "GET", "/webhooks/events", answer=list[str], **KEEP)
def list_webhook_events(request: HttpRequest) -> list[str]:
    """What a webhook can ask for. No statement."""
    return list(rules.EVENTS)


@operation(router, "GET", "/webhooks/{pk}", answer=shapes.WebhookSheet, **KEEP)
def read_webhook(request: HttpRequest, pk: UUID) -> shapes.WebhookSheet:
    """5 statements."""
    return shapes.webhook_sheet(_sheet(request, pk, size=1))


@operation(router, "GET", "/webhooks/{pk}/deliveries", answer=Page[shapes.WebhookDelivery], **KEEP)
def list_deliveries(request: HttpRequest, pk: UUID, wanted: Query[Log]) -> Page[shapes.WebhookDelivery]:
    """The log of a webhook, newest first, each with its attempts. 6 statements."""
    name = f"deliveries.{pk.hex}"
    after = place_id(name, wanted.cursor)
    found = _sheet(request, pk, size=wanted.limit, state=wanted.state or "", after=after)
    more = cursor(name, found.entries[-1].id) if found.more else None
    return Page[shapes.WebhookDelivery](items=[shapes.delivery(entry) for entry in found.entries], next=more)


def _sheet(request: HttpRequest, pk: UUID, **wanted: Any) -> queries.Sheet:
    caller = caller_of(request)
    found = queries.sheet(caller.actor, pk, caller.now, **wanted)
    if found is None:
        raise Refused([errors.NotThere()])
    return found


@operation(router, "POST", "/webhooks/{pk}/rotate", answer=shapes.NewSecret, **KEEP)
def rotate_webhook(
    request: HttpRequest, response: HttpResponse, pk: UUID, body: Nothing, key: Key = KEY
) -> shapes.NewSecret:
    """A new secret, in this answer alone; the one before it signs beside it for a day."""
    told: list[str] = []

    def act(caller: Caller) -> dict[str, Any]:
        told.append(steps.rotate(endpoint_id=pk, actor=caller.actor, now=caller.now))
        return {"id": pk}

    acted(request, response, "rotate_webhook", key, {"pk": str(pk)}, act)
    return shapes.NewSecret(id=pk, secret=told[0] if told else None)


@operation(router, "POST", "/webhooks/{pk}/replay", answer=shapes.Replayed, **KEEP)
def replay_webhook(
    request: HttpRequest, response: HttpResponse, pk: UUID, body: Replay, key: Key = KEY
) -> shapes.Replayed:
    """Send deliveries again, under the `webhook-id`s they had."""

    def act(caller: Caller) -> dict[str, Any]:
        sent = steps.replay(endpoint_id=pk, deliveries=body.deliveries, actor=caller.actor, now=caller.now)
        return {"sent": sent}

    payload = {"pk": str(pk), **body.model_dump(mode="json")}
    return shapes.Replayed(sent=acted(request, response, "replay_webhook", key, payload, act)["sent"])


def _change(caller: Caller, pk: UUID, said: WebhookFacts) -> None:
    """Another address, name or choice of events: what is left out is empty from now on."""
    steps.change(endpoint_id=pk, **said.model_dump(), actor=caller.actor, now=caller.now)


def _switch(caller: Caller, pk: UUID, said: Switched) -> None:
    """Off, what changes is logged and held; on again, a replay sends it."""
    steps.switch(endpoint_id=pk, on=said.on, actor=caller.actor, now=caller.now)


def _ping(caller: Caller, pk: UUID, said: Nothing) -> None:
    """It says nothing; its log tells what came of it."""
    steps.ping(endpoint_id=pk, actor=caller.actor, now=caller.now)


def _remove(caller: Caller, pk: UUID, said: Nothing) -> None:
    """With its secrets and its log."""
    steps.remove(endpoint_id=pk, actor=caller.actor, now=caller.now)


for _name, _body, _summary, _act in (
    ("change", WebhookFacts, "Change a webhook", _change),
    ("switch", Switched, "Switch a webhook on or off", _switch),
    ("ping", Nothing, "Send a test to a webhook", _ping),
    ("remove", Nothing, "Remove a webhook", _remove),
):
    declare_act(router, f"/webhooks/{{pk}}/{_name}", f"{_name}_webhook", _body, _act, summary=_summary, **KEEP)


@operation(router, "GET", "/outbox", permission="outbox.view", answer=shapes.OutboxPage, tags="outbox")
def list_outbox(request: HttpRequest, wanted: Query[OutboxFilters]) -> shapes.OutboxPage:
    """What waits to be sent or done, what failed and why, newest first. At most 5 statements."""
    found = reading.page(
        actor_of(request).scope,
        database_now(),
        state=wanted.state or "",
        topic=wanted.topic,
        after=place_id("outbox", wanted.cursor),
        size=wanted.limit,
    )
    return shapes.OutboxPage(
        items=[shapes.message(row) for row in found.rows],
        next=cursor("outbox", found.rows[-1].id) if found.more else None,
        counts=dict(found.counts),
        late_since=found.late_since,
    )


def _declare_decision(act: Literal["retry", "drop"], summary: str, told: str) -> None:
    """What is done with messages that were given up; those not seen are passed over."""

    def view(request: HttpRequest, response: HttpResponse, body: Messages, key: str = KEY) -> shapes.Decided:
        def do(caller: Caller) -> dict[str, Any]:
            ids = reading.ids_in(caller.actor.scope, body.ids)
            return {"changed": dead_letters.decide(act, ids, actor=caller.actor, now=caller.now)}

        name = f"{act}_messages"
        return shapes.Decided(**acted(request, response, name, key, body.model_dump(mode="json"), do))

    view.__name__, view.__doc__ = f"{act}_messages", told
    view.__annotations__ = {"request": HttpRequest, "response": HttpResponse, "body": Messages, "key": Key}
    operation(
        router,
        "POST",
        f"/outbox/{act}",
        permission=dead_letters.PERMISSION,
        answer=shapes.Decided,
        tags="outbox",
        summary=summary,
    )(view)


_declare_decision("retry", "Try messages again", "Messages that were given up get all their attempts anew.")
_declare_decision("drop", "Drop messages", "Messages that were given up stay to be read, and never go.")
