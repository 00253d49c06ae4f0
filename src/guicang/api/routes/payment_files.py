"""Payment files: transfers that leave for the bank together; made, listed, and read with whole accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import KEY, Key, Nothing
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.parsing import Given, Shown, show
from guicang.api.routes.refunds import MOST_ITEMS, PAY, RefundResults, RefundRow, results
from guicang.api.service import operation
from guicang.insights import payees as insight
from guicang.insights import refunds
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns.steps.submit_batch import Sending, read_batch, submit_batch

router = Router()


class FileItems(Given):
    refund_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_ITEMS)]


class FileResults(RefundResults):
    """`files`: those that the refunds left with, one a company and currency."""

    files: list[UUID]


class PaymentFile(Shown):
    """`open`: how many of its refunds the bank has not answered for. `made_by`: a name."""

    id: UUID
    number: str
    count: int
    amount_minor: int
    currency: str
    made_by: str
    made_at: datetime
    open: int


class PaymentFileSheet(PaymentFile):
    """With its refunds as they are now."""

    refunds: list[RefundRow]


class FileLine(Shown):
    """A transfer. `reference` is to stand on the bank's statement, `number` is that of the return."""

    refund_id: UUID
    reference: str
    number: str
    amount_minor: int
    currency: str
    kind: str
    name: str
    account: str
    bank: str
    code: str


@operation(router, "GET", "/payment-files", answer=list[PaymentFile], **PAY)
def list_payment_files(request: HttpRequest) -> list[PaymentFile]:
    """The newest 200 files. 3 statements."""
    return [show(PaymentFile, one) for one in insight.files(actor_of(request).scope)]


@operation(router, "POST", "/payment-files", answer=FileResults, **PAY)
def make_payment_files(request: HttpRequest, response: HttpResponse, body: FileItems, key: Key = KEY) -> FileResults:
    """Put up to 1,000 transfers into files, one a company and currency; never by whoever settled or typed one."""

    def act(caller: Caller) -> list[Outcome]:
        items = [Sending(one) for one in body.refund_ids]
        return submit_batch(refunds=items, actor=caller.actor, now=caller.now)

    found = results(request, response, "make_payment_files", key, body, act)
    done = [one.id for one in found.items if one.ok and one.id is not None]
    left = {row.batch_id for row in refunds.picked(actor_of(request).scope, done)} - {NIL}
    return FileResults(**found.model_dump(), files=sorted(left))


@operation(router, "GET", "/payment-files/{pk}", answer=PaymentFileSheet, **PAY)
def read_payment_file(request: HttpRequest, pk: UUID) -> PaymentFileSheet:
    """A file with its refunds as they are now, without accounts. At most 15 statements."""
    scope = actor_of(request).scope
    found = insight.file(scope, pk)
    if found is None:
        raise Refused([errors.NotThere()])
    rows = [show(RefundRow, row) for row in refunds.in_file(scope, pk)]
    return show(PaymentFileSheet, found, refunds=rows)


@operation(router, "POST", "/payment-files/{pk}/lines", answer=list[FileLine], **PAY)
def read_payment_lines(request: HttpRequest, pk: UUID, body: Nothing) -> list[FileLine]:
    """What the bank has to be told: the transfers that it has not answered for, with whole accounts.

    A POST, since every account in it is written down as seen, each time. About 16 statements.
    """
    caller = caller_of(request)
    lines = [line for line in read_batch(batch_id=pk, actor=caller.actor, now=caller.now) if line.open]
    numbers = refunds.named([line.refund_id for line in lines], caller.actor.scope)
    return [show(FileLine, line, line.details, number=numbers.get(line.refund_id, "")) for line in lines]
