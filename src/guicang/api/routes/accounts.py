"""A customer's account, read; and a credit set off against what is owed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import declare_act
from guicang.api.bearer import Caller, caller_of
from guicang.api.parsing import Given, show
from guicang.api.service import operation
from guicang.api.shapes.accounts import Account, OpenItem, Quota, SetOff
from guicang.insights.accounts import statement
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.trade.steps.set_off import PERMISSION, SettingOff, set_off

router = Router()


class SetOffBody(Given):
    """`to_order_id` null: all that is owed, oldest first. `amount_minor` null: as much as both sides allow."""

    from_order_id: UUID
    to_order_id: UUID | None = None
    amount_minor: Annotated[int, Field(strict=True, ge=1, le=10**15)] | None = None


@operation(router, "GET", "/accounts/{pk}", permission="accounting.view", answer=Account, tags="books")
def read_account(request: HttpRequest, pk: UUID) -> Account:
    """Open items of a customer, oldest first, what was set off, what is left of the yearly quota. 10 statements."""
    return _account(caller_of(request), pk)


def _account(caller: Caller, pk: UUID) -> Account:
    found = statement(pk, caller.actor.scope, caller.now)
    if found is None:
        raise Refused([errors.NotThere()])
    items = [show(OpenItem, one) for one in found.items]
    left = [show(Quota, one) for one in found.quotas]
    return show(Account, found, items=items, set_offs=[show(SetOff, one) for one in found.set_offs], quotas=left)


def _set_off(caller: Caller, pk: UUID, said: SetOffBody) -> None:
    """Never more than the credit of `from_order_id`, nor than is owed; no money moves."""
    found = statement(pk, caller.actor.scope, caller.now)
    if found is None or said.from_order_id not in {one.order_id for one in found.credits}:
        raise Refused([errors.NotThere()])
    item = SettingOff(said.from_order_id, said.to_order_id or NIL, said.amount_minor)
    set_off(item, key="", actor=caller.actor, now=caller.now)


declare_act(
    router,
    "/accounts/{pk}/set-off",
    "set_off",
    SetOffBody,
    _set_off,
    summary="Set a credit off",
    answer=Account,
    afterwards=_account,
    permission=PERMISSION,
    tags="books",
)
