"""The withdrawal function (2011/83/EU art. 11a): "withdraw from contract here", then "confirm withdrawal".

Asks for nothing but name, order and e-mail; whose order it is, a code proves, as for every page of an order.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from guicang.insights import shopper
from guicang.insights import withdrawals as read
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import new_id
from guicang.portal import acknowledgement, proving
from guicang.portal.forms import sentences, typed_units
from guicang.portal.gate import customer, own_return, proved, proved_orders, want
from guicang.portal.views.find import MOST
from guicang.returns.lifecycle import Type
from guicang.returns.steps.request import Declaration, Request, Wanted, made_under, request_once
from guicang.ui.pictures import takes

#: Characters of a name.
MOST_NAME = 120
FIELDS = ("name", "number", "contact")


@never_cache
@require_http_methods(["GET", "POST"])
@takes(1)
def withdraw(request: HttpRequest) -> HttpResponse:
    """Who declares it, about which order; whatever is given, the answer is the same. Proved orders are shown."""
    given = {name: request.POST.get(name, "").strip()[:MOST] for name in FIELDS}
    error, status = "", 200
    if request.method == "POST":
        if not all(given.values()):
            error, status = _("Give all three: your name, the number, and the phone or e-mail of the order."), 422
        elif proving.ask(request, given["number"], given["contact"], given["name"][:MOST_NAME]):
            want(request, request.path)
            return redirect("portal:code")
        else:
            error, status = _("That was asked for very often. Wait ten minutes and try again."), 429
    known = shopper.orders(proved_orders(request))
    orders = [one for one in known if one.withdrawal]
    if request.method == "GET" and len(orders) == len(known) == 1:
        return redirect("portal:declare", orders[0].id)
    context = {"given": given, "error": error, "orders": orders, "known": bool(known)}
    return render(request, "portal/withdraw.html", context, status=status)


def _found(request: HttpRequest, pk: UUID) -> read.Withdrawable:
    """Raises Http404 for an order that was not proved, and for one without the right."""
    owner = proved_orders(request).get(pk)
    found = read.withdrawable(pk, owner, utcnow()) if owner else None
    if found is None:
        raise Http404
    return found


@never_cache
@require_http_methods(["GET", "POST"])
@proved
@takes(1)
def declare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The declaration, to be confirmed; the same form again is the same one."""
    found = _found(request, pk)
    if request.method == "GET":
        name, contact = proving.declared_by(request)
        return _show(request, found, {"name": name, "contact": contact if "@" in contact else ""}, [])
    given = {name: request.POST.get(name, "").strip()[:MOST] for name in ("name", "contact")}
    key, actor = request.POST.get("key", "")[:80], customer(found.customer_id)
    if made := made_under(key, actor):
        return redirect("portal:return", made)
    if wrong := _wrong(request.POST, given, found):
        return _show(request, found, given, wrong)
    outcome = request_once(_request(request.POST, given, found), key=key, actor=actor, now=utcnow())
    if not outcome.ok:
        return _show(request, found, given, sentences(outcome.refusals))
    messages.success(
        request, _("You have withdrawn from the contract. The acknowledgement is on its way to your e-mail.")
    )
    return redirect("portal:return", outcome.id)


def _wrong(said: QueryDict, given: dict[str, str], found: read.Withdrawable) -> list[str]:
    errors = []
    if not given["name"]:
        errors.append(_("Give your name."))
    try:
        validate_email(given["contact"])
    except ValidationError:
        errors.append(_("Give an e-mail address: the acknowledgement goes there."))
    if not any(_units(said, line) for line in found.lines):
        errors.append(_("Choose at least one item."))
    return errors


def _units(said: QueryDict, line: read.Line) -> int:
    return typed_units(said.get(f"units.{line.id}", "")) if line.most else 0


def _request(said: QueryDict, given: dict[str, str], found: read.Withdrawable) -> Request:
    """What has not left is cancelled first: nothing of it has to come back."""
    lines = []
    for line in found.lines:
        units = _units(said, line)
        cancelled = min(units, line.unshipped)
        if cancelled:
            lines.append(Wanted(line.id, cancelled, resolution=Type.UNSHIPPED))
        if units > cancelled:
            lines.append(Wanted(line.id, units - cancelled))
    declared = Declaration(given["name"][:MOST_NAME], given["contact"], get_language() or "")
    return Request(found.shop_id, found.customer_id, lines, currency=found.currency, withdrawal=declared)


def _show(request: HttpRequest, found: read.Withdrawable, given: dict[str, str], errors: list[str]) -> HttpResponse:
    posted = request.method == "POST"
    lines = [(line, _units(request.POST, line) if posted else line.most) for line in found.lines]
    context: dict[str, Any] = {"o": found, "lines": lines, "given": given, "errors": errors, "key": new_id().hex}
    context["most_name"] = MOST_NAME
    return render(request, "portal/declare.html", context, status=422 if errors else 200)


@never_cache
@require_GET
@proved
def acknowledged(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The acknowledgement as a file to keep."""
    own_return(request, pk)
    said = read.declared(pk)
    if said is None:
        raise Http404
    answer = HttpResponse(acknowledgement.pdf(said), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{said.number}.pdf"'
    return answer
