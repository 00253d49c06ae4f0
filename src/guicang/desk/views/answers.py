"""What was answered to the company's own fields, corrected by staff."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import say
from guicang.desk.typed import uuids
from guicang.insights.dossier import Dossier
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.returns.operations.answering import CHANGE, Answering, change_answers
from guicang.ui import fields


@require_POST
@page(CHANGE)
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answers of the return and of its lines, as the form says them."""
    items = [Answering(pk, said, next(iter(uuids([line])), NIL)) for line, said in fields.typed(request.POST).items()]
    outcomes = change_answers(items=items, actor=actor_of(request), now=utcnow())
    refusals = [refusal for outcome in outcomes for refusal in outcome.refusals]
    if any(refusal.code == "return_not_found" for refusal in refusals):
        raise Http404
    if outcomes and not refusals:
        messages.success(request, _("Saved."))
    say(request, refusals)
    return redirect("desk:return", pk)


def inputs(found: Dossier) -> list[tuple[str, list[fields.Input]]]:
    """The fields in use with what was answered: those of the return (''), then those of each line by its name."""
    if not found.may_answer:
        return []
    said: dict[UUID, dict[str, str]] = {}
    for one in found.field_answers:
        said.setdefault(one.line_id, {})[one.field.code] = one.value
    known = [one for one in found.fields.values() if one.archived_at is None]
    rows = [("", fields.inputs(known, said.get(NIL, {})))]
    rows += [
        (line.name or line.code, fields.inputs(known, said.get(line.row.id, {}), str(line.row.id)))
        for line in found.lines
    ]
    return [(name, each) for name, each in rows if each]
