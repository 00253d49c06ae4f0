"""A customer's pictures of his own return: added, seen, and removed until the request is decided."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guicang.insights.shopper_return import own_pictures
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.portal.forms import sentences
from guicang.portal.gate import own_return, proved
from guicang.returns import queries as returns
from guicang.returns.operations.evidence import Removal, Showing, add_evidence, remove_evidence
from guicang.ui import pictures


@require_GET
@proved
def picture(request: HttpRequest, pk: UUID, picture_id: UUID, size: str = "") -> HttpResponse:
    """One's own picture, whole or small."""
    actor = own_return(request, pk)
    if picture_id not in {one.id for one in own_pictures(pk)}:
        raise Http404
    return pictures.answer(returns.open_picture(picture_id, actor, small=size == "small"))


@require_POST
@proved
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor = own_return(request, pk)
    if not show(request, pk, actor):
        messages.error(request, _("Choose at least one picture."))
    return redirect("portal:return", pk)


@require_POST
@proved
@pictures.takes(1)
def remove(request: HttpRequest, pk: UUID, picture_id: UUID) -> HttpResponse:
    actor = own_return(request, pk)
    removed = remove_evidence(removals=[Removal(pk, picture_id)], actor=actor, now=utcnow())
    for sentence in sentences([refusal for outcome in removed for refusal in outcome.refusals]):
        messages.error(request, sentence)
    return redirect("portal:return", pk)


def show(request: HttpRequest, pk: UUID, actor: Actor) -> bool:
    """Add the pictures that came with a form, and say why some were not taken; False where none came."""
    items = [Showing(pk, data) for data in pictures.read(request.FILES.getlist("picture"))]
    outcomes = add_evidence(pictures=items, actor=actor, now=utcnow()) if items else []
    for sentence in sentences([refusal for outcome in outcomes for refusal in outcome.refusals]):
        messages.error(request, sentence)
    return bool(items)
