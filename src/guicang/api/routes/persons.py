"""Erasing a person: found, shown with what would go and what stays, done once and for good."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import KEY, Key, acted
from guicang.api.bearer import Caller, actor_of
from guicang.api.parsing import Given, Text
from guicang.api.service import operation
from guicang.api.shapes import persons as shapes
from guicang.insights import persons as reading
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused
from guicang.parties.operations import ERASE
from guicang.trade.operations import erase_person as erase

router = Router()

KEEP: dict[str, Any] = {"permission": ERASE, "tags": "persons"}


class Sought(Given):
    """`q`: a whole phone, e-mail, name or order number."""

    q: Annotated[Text, Field(min_length=1)]


class Sure(Given):
    """Nothing brings him back."""

    sure: Literal[True]


@operation(router, "GET", "/persons", answer=shapes.Persons, **KEEP)
def find_persons(request: HttpRequest, wanted: Query[Sought]) -> shapes.Persons:
    """People of that phone, e-mail, name or order number, at most 50. At most 6 statements."""
    found, more = reading.find(actor_of(request).scope, wanted.q)
    return shapes.Persons(items=[shapes.person(one) for one in found], more=more)


@operation(router, "GET", "/persons/{pk}", answer=shapes.PersonSheet, **KEEP)
def read_person(request: HttpRequest, pk: UUID) -> shapes.PersonSheet:
    """What erasing him would take, and what stays. At most 13 statements."""
    found = reading.sheet(pk, actor_of(request).scope)
    if found is None:
        raise Refused([errors.NotThere()])
    return shapes.person_sheet(found)


@operation(router, "POST", "/persons/{pk}/erase", answer=shapes.Erased, **KEEP)
def erase_person(request: HttpRequest, response: HttpResponse, pk: UUID, body: Sure, key: Key = KEY) -> shapes.Erased:
    """Erase what the vault holds of him: contact, notes, pictures. Amounts, goods and the trail stay."""

    def act(caller: Caller) -> dict[str, Any]:
        context = begin("parties.erase", actor=caller.actor, now=caller.now, items=1)
        return {"id": pk, "gone": erase(context, pk)}

    return shapes.Erased(**acted(request, response, "erase_person", key, {"pk": str(pk)}, act))
