"""Where transfers go: the accounts given for a refund, masked; one given, and confirmed by a second person."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from ninja import Router

from guicang.api import errors
from guicang.api.acts import KEY, Key, Nothing, acted, declare_act
from guicang.api.bearer import Caller, caller_of
from guicang.api.parsing import Given, Reference, Shown, Word, show
from guicang.api.service import operation
from guicang.insights import payees as insight
from guicang.kernel.refusal import Refused
from guicang.payments.facts import Details
from guicang.returns.operations.refunding import PERMISSION as PAY
from guicang.returns.steps.confirm_payee import Confirming, confirm_payees
from guicang.returns.steps.give_payee import ENTER, Giving, give_payees

router = Router()


class PayeeBody(Given):
    """`kind`: card, iban, other, alipay or wechat, as the company allows; `code`: BIC, CNAPS or ABA number."""

    kind: Word
    name: Word
    account: Word
    bank: Word = ""
    code: Word = ""


class GivenPayee(Shown):
    """`account` is masked. `by` '': the customer. `second`: another person has to confirm it, who then is named.

    `dropped`: it counts no more.
    """

    id: UUID
    kind: str
    account: str
    by: str
    typed_at: datetime
    second: bool
    confirmed_by: str
    confirmed_at: datetime | None
    dropped: bool


class PayeeSheet(Shown):
    """`payee` of the refund: missing, unconfirmed, ready, or '' where nobody has to know; `payee_id`: what it goes by.

    `kinds`: of accounts that the company pays to; `given`: the newest first.
    """

    refund_id: UUID
    return_id: UUID
    payee: str
    payee_id: Reference
    may_change: bool
    kinds: list[str]
    given: list[GivenPayee]


@operation(router, "GET", "/refunds/{pk}/payees", answer=PayeeSheet, permission=ENTER, tags="refunds")
def list_payees(request: HttpRequest, pk: UUID) -> PayeeSheet:
    """The accounts that were given for the transfers of a refund's return, masked. At most 15 statements."""
    return _shown(_sheet(caller_of(request), pk))


@operation(router, "POST", "/refunds/{pk}/payees", answer=PayeeSheet, permission=ENTER, tags="refunds")
def give_payee(request: HttpRequest, response: HttpResponse, pk: UUID, body: PayeeBody, key: Key = KEY) -> PayeeSheet:
    """Say where every waiting transfer of the refund's return goes. It waits for a second person to confirm it."""

    def act(caller: Caller) -> dict[str, Any]:
        details = Details(body.kind, body.name, body.account, body.bank, body.code)
        return_id = _sheet(caller, pk).refund.return_id
        (outcome,) = give_payees(payees=[Giving(return_id, details)], actor=caller.actor, now=caller.now)
        if not outcome.ok:
            raise Refused(outcome.refusals)
        return {"id": pk}

    acted(request, response, "give_payee", key, {"pk": str(pk), "said": _sealed(body)}, act)
    return _shown(_sheet(caller_of(request), pk))


def _sealed(body: PayeeBody) -> str:
    """What a key was used for: a plain hash of an account number could be found by trying all numbers."""
    said = json.dumps(body.model_dump(), sort_keys=True)
    return salted_hmac("guicang.api.give_payee", said, algorithm="sha256").hexdigest()


def _confirm(caller: Caller, pk: UUID, _said: Nothing) -> None:
    """Never by whoever typed it. Given again since, it is another one."""
    (outcome,) = confirm_payees(payees=[Confirming(pk)], actor=caller.actor, now=caller.now)
    if not outcome.ok:
        raise Refused(outcome.refusals)


declare_act(
    router,
    "/payees/{pk}/confirm",
    "confirm_payee",
    Nothing,
    _confirm,
    summary="Confirm an account that was typed or changed",
    permission=PAY,
    tags="refunds",
)


def _sheet(caller: Caller, pk: UUID) -> insight.Sheet:
    """Raises Refused(NotThere)."""
    found = insight.sheet(caller.actor.scope, pk)
    if found is None:
        raise Refused([errors.NotThere()])
    return found


def _shown(sheet: insight.Sheet) -> PayeeSheet:
    given = [show(GivenPayee, one) for one in sheet.given]
    return show(PayeeSheet, sheet, sheet.refund, refund_id=sheet.refund.id, kinds=list(sheet.kinds), given=given)
