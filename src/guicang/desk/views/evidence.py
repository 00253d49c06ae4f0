"""Pictures of a return: seeing, adding and removing them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from guicang.desk import forms
from guicang.desk.gate import actor_of, page
from guicang.desk.saying import say
from guicang.kernel.clock import utcnow
from guicang.kernel.refusal import Outcome
from guicang.returns import queries as returns
from guicang.returns.operations import evidence
from guicang.ui import evidence_pack, pictures


@require_GET
@page("returns.view")
def picture(request: HttpRequest, pk: UUID) -> HttpResponse:
    return pictures.answer(returns.open_picture(pk, actor_of(request)))


@require_GET
@page("returns.view")
def thumbnail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return pictures.answer(returns.open_picture(pk, actor_of(request), small=True))


@require_GET
@page(evidence_pack.PERMISSION)
def pack(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole case as one PDF."""
    return evidence_pack.answer(evidence_pack.made(pk, actor_of(request), utcnow()))


@require_POST
@page(evidence.ADD)
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add the pictures of a form to a return, or to one of its lines."""
    given = request.FILES.getlist("picture"), request.POST.get("line", "")
    outcomes = forms.show_pictures(pk, *given, actor=actor_of(request), now=utcnow())
    if not outcomes:
        messages.error(request, _("Choose at least one picture."))
    _tell(request, outcomes, ngettext("%(n)s picture added.", "%(n)s pictures added.", _done(outcomes)))
    return redirect("desk:return", pk)


@require_POST
@page(evidence.REMOVE)
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove the ticked pictures for good."""
    outcomes = forms.remove_pictures(pk, request.POST, actor_of(request), utcnow())
    if not outcomes:
        messages.error(request, _("Tick the pictures that are to go."))
    _tell(request, outcomes, ngettext("%(n)s picture removed.", "%(n)s pictures removed.", _done(outcomes)))
    return redirect("desk:return", pk)


def _done(outcomes: list[Outcome]) -> int:
    return sum(outcome.ok for outcome in outcomes)


def _tell(request: HttpRequest, outcomes: list[Outcome], success: str) -> None:
    refusals = [refusal for outcome in outcomes for refusal in outcome.refusals]
    if any(refusal.code == "return_not_found" for refusal in refusals):
        raise Http404
    if done := _done(outcomes):
        messages.success(request, success % {"n": done})
    say(request, refusals)
