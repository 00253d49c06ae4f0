"""Where a transfer goes: entered, looked at, confirmed; and the payment files that transfers leave with."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guicang.desk import files as sheets
from guicang.desk.files import Column
from guicang.desk.gate import actor_of, page
from guicang.desk.saying import say
from guicang.desk.typed import uuids
from guicang.insights import payees as insight
from guicang.insights import refunds
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refused
from guicang.payments.facts import Details
from guicang.payments.operations.batches import Line
from guicang.returns.operations.refunding import PERMISSION as PAY
from guicang.returns.steps.confirm_payee import Confirming, confirm_payees
from guicang.returns.steps.give_payee import ENTER, Giving, give_payees
from guicang.returns.steps.see_payee import see_payee
from guicang.returns.steps.submit_batch import read_batch
from guicang.ui.refund_words import ACCOUNTS


@never_cache
@require_http_methods(["GET", "POST"])
@page(ENTER)
def payee(request: HttpRequest, pk: UUID) -> HttpResponse:
    """`act`: give the details typed, confirm those that are shown, or see the whole account, on this answer alone."""
    actor = actor_of(request)
    found = insight.sheet(actor.scope, pk)
    if found is None:
        raise Http404
    seen: Details | None = None
    act = request.POST.get("act", "")
    if request.method == "POST" and act == "see":
        seen = _see(request, pk)
    elif request.method == "POST" and _done(request, found, act):
        return redirect("desk:payee", pk)
    context = {
        "s": found,
        "seen": seen,
        "given": request.POST if act == "give" else {},
        "kinds": found.kinds,
        "may_pay": actor.may(PAY),
        "me": actor.id,
    }
    wrong = request.method == "POST" and seen is None
    return render(request, "desk/payee.html", context, status=409 if wrong else 200)


def _see(request: HttpRequest, pk: UUID) -> Details | None:
    try:
        return see_payee(refund_id=pk, actor=actor_of(request), now=utcnow())
    except Refused as refused:
        say(request, refused.refusals)
        return None


def _done(request: HttpRequest, found: insight.Sheet, act: str) -> bool:
    given, actor, now = request.POST, actor_of(request), utcnow()
    try:
        if act == "confirm":
            key = next(iter(uuids([given.get("payee", "")])), NIL)
            (outcome,) = confirm_payees(payees=[Confirming(key)], actor=actor, now=now)
        else:
            said = Details(*(given.get(name, "") for name in ("kind", "name", "account", "bank", "code")))
            (outcome,) = give_payees(payees=[Giving(found.refund.return_id, said)], actor=actor, now=now)
    except Refused as refused:
        say(request, refused.refusals)
        return False
    say(request, outcome.refusals)
    if outcome.ok:
        messages.success(request, _("Saved."))
    return outcome.ok


@require_GET
@page(PAY)
def batches(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/payouts.html", {"rows": insight.files(actor_of(request).scope)})


@require_GET
@page(PAY)
def batch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A payment file with its refunds as they are now, masked."""
    scope = actor_of(request).scope
    found = insight.file(scope, pk)
    if found is None:
        raise Http404
    return render(request, "desk/payout.html", {"file": found, "rows": refunds.in_file(scope, pk)})


def _minor(line: Line) -> object:
    return from_minor(line.amount_minor, line.currency)


#: Columns of a payment file: what banks' templates ask for, to be mapped once; the last one is the return's number.
COLUMNS = (
    Column(gettext_lazy("Reference"), lambda line: line.reference),
    Column(gettext_lazy("Name of the account's owner"), lambda line: line.details.name),
    Column(gettext_lazy("Kind of account"), lambda line: ACCOUNTS.get(line.details.kind, line.details.kind)),
    Column(gettext_lazy("Account number"), lambda line: line.details.account),
    Column(gettext_lazy("Bank"), lambda line: line.details.bank),
    Column(gettext_lazy("Bank code"), lambda line: line.details.code),
    Column(gettext_lazy("Amount"), _minor, "money"),
    Column(gettext_lazy("Currency"), lambda line: line.currency),
)


@never_cache
@require_POST
@page(PAY)
def batch_file(request: HttpRequest, pk: UUID, form: str) -> HttpResponseBase:
    """The file for the bank: what is still open of it. A post, since every account in it is written down as seen."""
    found = insight.file(actor_of(request).scope, pk)
    if found is None or form not in ("csv", "xlsx"):
        raise Http404
    try:
        lines = [line for line in read_batch(batch_id=pk, actor=actor_of(request), now=utcnow()) if line.open]
    except Refused as refused:
        say(request, refused.refusals)
        return redirect("desk:payout", pk)
    name = f"guicang-{found.number}.{form}"
    numbers = refunds.named([line.refund_id for line in lines], actor_of(request).scope)
    columns = (*COLUMNS, Column(gettext_lazy("Purpose"), lambda line: numbers.get(line.refund_id, "")))
    if form == "xlsx":
        return FileResponse(sheets.xlsx(found.number, columns, [lines]), as_attachment=True, filename=name)
    answer = HttpResponse(b"".join(sheets.csv_text(columns, [lines])), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
