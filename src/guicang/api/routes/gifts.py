"""Gifts: codes for slips, and returns of whoever was given something."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import KEY, Key, Made, Nothing, acted
from guicang.api.bearer import Caller, caller_of
from guicang.api.inputs import Reason, UnitsByLine
from guicang.api.parsing import Given, Line, Shown
from guicang.api.service import operation
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused
from guicang.returns.steps.return_gift import Gift, make_slip, return_gift

router = Router()


class GiftSlip(Shown):
    """The code for the slip, here alone: it is kept nowhere, and the one before is over."""

    code: str


class GiftBody(Given):
    """`units` by order line; name and contact of whoever brings the gift back; `becomes`: refund is store credit."""

    units: UnitsByLine
    reason: Reason
    name: Annotated[Line, Field(max_length=80)]
    contact: Annotated[Line, Field(max_length=254)]
    becomes: Literal["refund", "exchange"] = "refund"


@operation(router, "POST", "/orders/{pk}/gift-slip", permission="returns.request", answer=GiftSlip, tags="orders")
def gift_slip(request: HttpRequest, pk: UUID, body: Nothing) -> GiftSlip:
    """A new code for whoever is given what the order brings. 8 statements."""
    caller = caller_of(request)
    code = make_slip(pk, actor=caller.actor, now=caller.now)
    if code is None:
        raise Refused([errors.NotThere()])
    return GiftSlip(code=code)


@operation(router, "POST", "/orders/{pk}/gift", permission="returns.request", answer=Made, tags="orders")
def gift_return(request: HttpRequest, response: HttpResponse, pk: UUID, body: GiftBody, key: Key = KEY) -> Made:
    """The return of a gift, for store credit of whoever brings it or the same item new; the giver is not told."""

    def do(caller: Caller) -> dict[str, Any]:
        gift = Gift(pk, body.units, body.reason, body.name, body.contact, body.becomes, entered_by="api")
        outcome = return_gift(gift, key=f"api:{new_id().hex}", actor=caller.actor, now=caller.now)
        if not outcome.ok:
            raise Refused(list(outcome.refusals))
        return {"id": outcome.id}

    reply = acted(request, response, "gift_return", key, {"pk": str(pk), **body.model_dump(mode="json")}, do)
    return Made(id=UUID(str(reply["id"])))
