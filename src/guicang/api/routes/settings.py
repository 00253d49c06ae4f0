"""Settings: companies, shops, warehouses, markets and channels made, changed, archived; how far numbers have come."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import KEY, Key, Made, Nothing, acted, declare_act
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.parsing import Given, Line, Word
from guicang.api.service import operation
from guicang.api.shapes import settings as shapes
from guicang.insights import settings as kept
from guicang.insights.ranges import range_sheet, ranges
from guicang.kernel.commands import Context, begin
from guicang.kernel.numbers import Form
from guicang.kernel.refusal import Refused
from guicang.org import operations as org
from guicang.org import queries as masters
from guicang.org.facts import ASKED, EDITABLE
from guicang.trade.operations import add_master

router = Router()

KEEP: dict[str, Any] = {"permission": "org.manage", "tags": "settings"}
MasterKind = Literal["company", "shop", "warehouse", "drawer", "market", "channel"]
Name = Annotated[Line, Field(max_length=120)]


class NewMaster(Given):
    """`code` stays for ever. `company`, `channel`, `market`: codes of what it stands under.

    company: `currency`, `zone`; shop: `company`, `channel`, `market`; warehouse: `company`, `goods` (owned: stock is
    kept here); drawer: `shop`; market: `currency`, `zone`; channel: nothing more.
    """

    code: Word
    name: Name
    company: Word | None = None
    shop: Word | None = None
    channel: Word | None = None
    market: Word | None = None
    currency: Word | None = None
    zone: Word | None = None
    goods: Literal["owned", "mirrored"] | None = None


class MasterFacts(Given):
    """What is left out stays as it is. `return_*`: of a warehouse, where customers send goods to."""

    name: Name | None = None
    zone: Word | None = None
    return_to: Line | None = None
    return_phone: Line | None = None
    return_address: Line | None = None


class NumberForm(Given):
    """R and 7 digits: R20260000018."""

    prefix: Word
    width: Annotated[int, Field(strict=True, ge=0, le=99)]


@operation(router, "GET", "/settings/numbers", answer=list[shapes.NumberRange], **KEEP)
def list_number_ranges(request: HttpRequest) -> list[shapes.NumberRange]:
    """How far each range of document numbers has come, and those that have not begun. 2 statements."""
    caller = caller_of(request)
    return [shapes.number_range(one) for one in ranges(caller.actor.scope, caller.now)]


def _change_numbers(caller: Caller, pk: UUID, said: NumberForm) -> None:
    """Only of a range of which no number was given yet."""
    found = range_sheet(pk, caller.actor.scope, caller.now)
    if found is None:
        raise Refused([errors.NotThere()])
    context = begin("settings.numbers", actor=caller.actor, now=caller.now, items=1)
    org.set_number_form(context, *found.range.key, Form(said.prefix.strip(), said.width))


declare_act(
    router,
    "/settings/numbers/{pk}/change",
    "change_numbers",
    NumberForm,
    _change_numbers,
    summary="Say how numbers are written",
    **KEEP,
)


@operation(router, "GET", "/settings/{kind}", answer=list[shapes.Master], **KEEP)
def list_masters(request: HttpRequest, kind: MasterKind) -> list[shapes.Master]:
    """Those in use first, by code. 1 statement."""
    return [shapes.master(one) for one in masters.masters(kind, actor_of(request).scope)]


@operation(router, "POST", "/settings/{kind}", answer=Made, **KEEP)
def add_setting(
    request: HttpRequest, response: HttpResponse, kind: MasterKind, body: NewMaster, key: Key = KEY
) -> Made:
    """Make one, whole: with its books, policy and places. About 26 statements."""
    said = body.model_dump(exclude_none=True)
    _refuse_others(said, ("code", "name", *ASKED[kind]))
    facts = {name: str(said.get(name, "")).strip() for name in ("name", *ASKED[kind])}
    payload = {"kind": kind, **said}
    return _done(request, response, kind, key, payload, lambda context: add_master(context, kind, said["code"], facts))


@operation(router, "GET", "/settings/{kind}/{pk}", answer=shapes.MasterSheet, **KEEP)
def read_master(request: HttpRequest, kind: MasterKind, pk: UUID) -> shapes.MasterSheet:
    """3 statements."""
    found = kept.sheet(kind, pk, actor_of(request).scope)
    if found is None:
        raise Refused([errors.NotThere()])
    return shapes.master_sheet(found, EDITABLE[kind])


@operation(router, "POST", "/settings/{kind}/{pk}/change", answer=Made, **KEEP)
def change_master(
    request: HttpRequest, response: HttpResponse, kind: MasterKind, pk: UUID, body: MasterFacts, key: Key = KEY
) -> Made:
    """Change what may change of it; codes, currencies and books stay as they began."""
    facts = {name: value.strip() for name, value in body.model_dump(exclude_none=True).items()}
    _refuse_others(facts, EDITABLE[kind])
    payload = {"kind": kind, "pk": str(pk), **facts}
    return _done(request, response, kind, key, payload, lambda context: _same(pk, org.change, context, kind, pk, facts))


@operation(router, "POST", "/settings/{kind}/{pk}/archive", answer=Made, **KEEP)
def archive_master(
    request: HttpRequest, response: HttpResponse, kind: MasterKind, pk: UUID, body: Nothing, key: Key = KEY
) -> Made:
    """Take it out of every choice; what refers to it stays."""
    payload = {"kind": kind, "pk": str(pk), "archived": True}
    return _done(
        request, response, kind, key, payload, lambda context: _same(pk, org.set_archived, context, kind, pk, True)
    )


@operation(router, "POST", "/settings/{kind}/{pk}/restore", answer=Made, **KEEP)
def restore_master(
    request: HttpRequest, response: HttpResponse, kind: MasterKind, pk: UUID, body: Nothing, key: Key = KEY
) -> Made:
    """Bring it back."""
    payload = {"kind": kind, "pk": str(pk), "archived": False}
    return _done(
        request, response, kind, key, payload, lambda context: _same(pk, org.set_archived, context, kind, pk, False)
    )


def _same(pk: UUID, act: Callable[..., None], *given: Any) -> UUID:
    act(*given)
    return pk


def _done(
    request: HttpRequest,
    response: HttpResponse,
    kind: str,
    key: str,
    payload: Any,
    act: Callable[[Context], UUID],
) -> Made:
    def do(caller: Caller) -> dict[str, Any]:
        return {"id": act(begin(f"settings.{kind}", actor=caller.actor, now=caller.now, items=1))}

    return Made(id=acted(request, response, f"settings.{kind}", key, payload, do)["id"])


def _refuse_others(said: Collection[str], known: Collection[str]) -> None:
    """What this kind does not have, or what stays as it began, is not passed over. Raises Refused."""
    if others := [name for name in said if name not in known]:
        why = _("this kind does not have it, or it stays as it began")
        raise Refused([errors.BadField(field=f"body.{name}", why=why) for name in others])
