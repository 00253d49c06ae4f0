"""Whose a return is: staff take it, give it to a colleague or put it back; and what a company's rules say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done, say
from guicang.desk.typed import uuids
from guicang.insights.journal import companies
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome
from guicang.org.queries import KINDS, in_use
from guicang.returns import queries as returns
from guicang.returns.departments import Department, Way
from guicang.returns.operations import assigning
from guicang.returns.steps.assign import ASSIGN, Assigning, assign
from guicang.staff.errors import NoSuchColleague
from guicang.ui.words import sentence


@require_POST
@page(ASSIGN)
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Whose this return is from now on, then show it again."""
    (outcome,) = _assign(request.POST, [pk], actor_of(request))
    if any(refusal.code == "return_not_found" for refusal in outcome.refusals):
        raise Http404
    _tell(request, [pk], [outcome])
    return redirect("desk:return", pk)


@require_POST
@page(ASSIGN)
def several(request: HttpRequest) -> HttpResponse:
    """The same for the ticked returns; each is answered for itself."""
    kept, home = request.POST.get("filters", ""), reverse("desk:worklist")
    ids = uuids(request.POST.getlist("pick"))
    if not ids:
        messages.error(request, _("Tick returns and choose what to do with them."))
    else:
        _tell(request, ids, _assign(request.POST, ids, actor_of(request)))
    return redirect(f"{home}?{kept}" if kept else home)


def _assign(given: QueryDict, ids: list[UUID], actor: Actor) -> list[Outcome]:
    """`act`: take, put_back, or give with `to`."""
    to = {"take": actor.id, "put_back": NIL}.get(given.get("act", ""))
    if to is None:
        to = next(iter(uuids([given.get("to", "")])), None)
    if to is None:
        return [Outcome(index, None, [NoSuchColleague()]) for index in range(len(ids))]
    items = [Assigning(pk, to, given.get("note", "")) for pk in ids]
    return assign(assignments=items, actor=actor, now=utcnow())


def _tell(request: HttpRequest, ids: list[UUID], outcomes: list[Outcome]) -> None:
    """How many it was done to, and by its number each that it was not."""
    count = sum(outcome.ok for outcome in outcomes)
    if count:
        text = ngettext("The owner of %(n)s return is set.", "The owner of %(n)s returns is set.", count)
        messages.success(request, text % {"n": count})
    if any("unnoted" in outcome.data for outcome in outcomes):
        messages.warning(request, _("The note could not be kept. Write it on the page of the return."))
    if len(outcomes) == 1:
        say(request, outcomes[0].refusals)
        return
    refused = [(pk, outcome) for pk, outcome in zip(ids, outcomes, strict=True) if not outcome.ok]
    numbers = returns.numbers(pk for pk, _ in refused) if refused else {}
    for pk, outcome in refused:
        for refusal in outcome.refusals:
            hidden = refusal.code == "return_not_found"
            messages.error(request, sentence(refusal) if hidden else f"{numbers.get(pk, '')}: {sentence(refusal)}")


@require_http_methods(["GET", "POST"])
@page("org.manage")
def rules(request: HttpRequest) -> HttpResponse:
    """For each company and department: who gets what comes there."""
    mine = in_use(companies(actor_of(request).scope))
    given = request.POST
    if request.method == "POST":
        company_id = next(iter(uuids([given.get("company", "")])), NIL)
        said = {str(one): (given.get(f"way.{one}", ""), given.get(f"role.{one}", "")) for one in Department}
        done(
            request,
            "settings.assignment",
            lambda context: assigning.state_assignment_rules(context, company_id, said),
        )
        return redirect("desk:assignment")
    context: dict[str, Any] = {
        "kind": "assignment",
        "kinds": KINDS,
        "lists": [(company, assigning.assignment_rules(company.id)) for company in mine],
        "ways": list(Way),
        "roles": assigning.RECEIVING,
    }
    return render(request, "desk/assignment.html", context)
