"""The return policy: what is in force, the versions, and the draft of the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guicang.desk import field_conditions, policy_form
from guicang.desk.gate import actor_of, page
from guicang.desk.saying import say
from guicang.insights import policies as read
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import Context, begin
from guicang.kernel.refusal import Refused
from guicang.org import queries as org
from guicang.policy import errors, operations
from guicang.policy import queries as policies
from guicang.policy.queries import files, summary, words
from guicang.policy.rules import NotAPolicy, Policy, Statement, findings
from guicang.returns.steps import backfill


@dataclass(frozen=True, slots=True)
class Card:
    """One policy as pages show it."""

    policy: Policy
    name: str
    scope: list[tuple[str, str]]
    sentences: list[str]


def company_of(request: HttpRequest, given: str = "") -> org.MasterInfo:
    """The company whose policy it is: the one asked for, else the first that may be seen."""
    seen = [one for one in org.masters("company", actor_of(request).scope) if one.archived_at is None]
    wanted = given or request.GET.get("company", "")
    found = next((one for one in seen if one.code == wanted), seen[0] if seen and not wanted else None)
    if found is None:
        raise Http404
    return found


def _labels(vocabulary: read.Vocabulary) -> dict[str, dict[str, str]]:
    return {name: dict(choices) for name, choices in choices_of(vocabulary).items()} | {
        "payments": dict(policy_form.payments())
    }


def choices_of(vocabulary: read.Vocabulary) -> dict[str, list[tuple[str, str]]]:
    chinese = (get_language() or "zh").startswith("zh")
    found = {}
    for name, choices in (*vocabulary.scope.items(), *vocabulary.terms.items()):
        found[name] = [(code, zh if chinese else en) for code, zh, en in choices]
    return found


def _cards(statement: Statement, labels: dict[str, dict[str, str]]) -> list[Card]:
    currency = statement.currency
    return [
        Card(one, words.policy_name(one), summary.scope_words(one.scope, labels), summary.whole(one, currency, labels))
        for one in statement.policies
    ]


@require_GET
@page("policy.view")
def versions(request: HttpRequest) -> HttpResponse:
    """What is in force now, in sentences, and every version there was."""
    company = company_of(request)
    known = policies.versions(company.id, utcnow())
    chosen = request.GET.get("version", "")
    shown = next((one for one in known if str(one.number) == chosen), None) if chosen else None
    if chosen and shown is None:
        raise Http404
    shown = shown or next((one for one in known if one.state == "in_force"), None)
    labels = _labels(read.vocabulary(company.id))
    context = {
        "company": company,
        "companies": org.masters("company", actor_of(request).scope),
        "versions": known,
        "shown": shown,
        "cards": _cards(shown.statement, labels) if shown else [],
        "draft": policies.draft(company.id),
        "presets": files.presets().values(),
        "may_change": actor_of(request).may("policy.manage"),
    }
    return render(request, "desk/policy.html", context)


@require_GET
@page("policy.view")
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A version as a file, to keep, to change elsewhere, to bring into another company."""
    found = policies.version_of(pk)
    seen = {one.id: one for one in org.masters("company", actor_of(request).scope)}
    if found is None or found[0] not in seen:
        raise Http404
    company_id, number, name, statement = found
    answer = HttpResponse(files.to_toml(name, statement), content_type="application/toml; charset=utf-8")
    file_name = f"policy-{seen[company_id].code}-{number}.toml"
    answer.headers["Content-Disposition"] = content_disposition_header(True, file_name) or "attachment"
    return answer


@require_POST
@page("policy.manage")
def start(request: HttpRequest) -> HttpResponse:
    """A draft: a copy of a version, of a preset, or what a file says."""
    company = company_of(request, request.POST.get("company", ""))
    try:
        name, statement, base_id = _beginning(request, company)
    except NotAPolicy as found:
        say(request, [errors.PolicyBad(faults=str(found))])
        return redirect(address("policy", company))

    def act(context: Context) -> None:
        operations.start_draft(context, company.id, name=name, statement=statement, base_id=base_id)

    return redirect(address("policy_draft" if carried_out(request, "policy.start", act) else "policy", company))


def _beginning(request: HttpRequest, company: org.MasterInfo) -> tuple[str, Statement, UUID]:
    source = request.POST.get("source", "")
    if upload := request.FILES.get("file"):
        name, statement = files.from_toml(upload.read(files.LARGEST + 1))
        return name or str(upload.name)[:120], statement, UUID(int=0)
    if source in files.presets():
        preset = files.presets()[source]
        return preset.zh, preset.statement, UUID(int=0)
    known = policies.versions(company.id, utcnow())
    found = next((one for one in known if str(one.number) == source), None)
    found = found or next((one for one in known if one.state == "in_force"), None)
    if found is None:
        raise Http404
    return _("Our return policy") if found.provisional else found.name, found.statement, found.id


@require_http_methods(["GET", "POST"])
@page("policy.manage")
def draft(request: HttpRequest) -> HttpResponse:
    """The draft: its policies in their order, what is wrong with it, and publishing it."""
    company = company_of(request, request.POST.get("company", ""))
    kept = policies.draft(company.id)
    if kept is None:
        say(request, [errors.DraftMissing()])
        return redirect(address("policy", company))
    vocabulary = read.vocabulary(company.id)
    if request.method == "POST" and (answer := _act(request, company, kept, vocabulary)):
        return answer
    labels = _labels(vocabulary)
    titles = {name: field.label for name, field in policy_form.FIELDS.items()} | policy_form.OTHERS
    titles |= dict(summary.SCOPES)
    found = [(one, words.finding_text(one, titles)) for one in findings(kept.statement, vocabulary.codes)]
    context = {
        "company": company,
        "draft": kept,
        "cards": _cards(kept.statement, labels),
        "findings": found,
        "names": words.policy_names(kept.statement),
        "faults": sum(one.level == "error" for one, _text in found),
        "zone": company.facts["zone"],
        "first": all(one.provisional for one in policies.versions(company.id, utcnow())),
    }
    return render(request, "desk/policy_draft.html", context, status=409 if request.method == "POST" else 200)


def _act(
    request: HttpRequest, company: org.MasterInfo, kept: policies.Draft, vocabulary: read.Vocabulary
) -> HttpResponse | None:
    given = request.POST
    revision = int(given.get("revision", "0")) if given.get("revision", "").isdigit() else 0
    deed = given.get("act", "")
    if deed == "discard":
        done = carried_out(
            request, "policy.discard", lambda c: operations.discard_draft(c, company.id, revision=revision)
        )
        return redirect(address("policy", company)) if done else None
    if deed == "publish":
        at = _instant(given.get("from", ""), company.facts["zone"])

        def publish(context: Context) -> None:
            codes = vocabulary.codes
            begins = at or context.now
            made = operations.publish(context, company.id, revision=revision, effective_from=begins, known=codes)
            if "backfill" in given:
                backfill.queue(context, company.id, made)

        return redirect(address("policy", company)) if carried_out(request, "policy.publish", publish) else None
    policies_now = _moved(list(kept.statement.policies), deed, given.get("code", ""))
    statement = kept.statement.model_copy(update={"policies": tuple(policies_now)})
    name = given.get("name", kept.name).strip() or kept.name

    def change(context: Context) -> None:
        operations.change_draft(context, company.id, revision=revision, name=name, statement=statement)

    return redirect(address("policy_draft", company)) if carried_out(request, "policy.change", change) else None


def _moved(known: list[Policy], deed: str, code: str) -> list[Policy]:
    place = next((at for at, one in enumerate(known) if one.code == code), None)
    if place is None:
        return known
    if deed == "remove":
        return [*known[:place], *known[place + 1 :]]
    other = place + {"up": -1, "down": 1}.get(deed, 0)
    if 0 <= other < len(known):
        known[place], known[other] = known[other], known[place]
    return known


def _instant(typed: str, zone: str) -> datetime | None:
    """A moment as typed in the company's zone; None: now."""
    try:
        return datetime.fromisoformat(typed.strip()).replace(tzinfo=ZoneInfo(zone)) if typed.strip() else None
    except ValueError:
        return utcnow() - timedelta(days=1)


@require_http_methods(["GET", "POST"])
@page("policy.manage")
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One policy of the draft: whom it is for, and what it says. `code` new: one that is not there yet."""
    company = company_of(request, request.POST.get("company", ""))
    kept = policies.draft(company.id)
    if kept is None:
        say(request, [errors.DraftMissing()])
        return redirect(address("policy", company))
    known = {policy.code: policy for policy in kept.statement.policies}
    if code != "new" and code not in known:
        say(request, [errors.NoSuchPolicy()])
        return redirect(address("policy_draft", company))
    policy = known.get(code) or Policy(code=_free(known), zh=_("New policy"))
    if request.method == "POST":
        policy, done = _saved(request, company, kept, code)
        if done:
            return redirect(address("policy_draft", company))
    vocabulary, currency = read.vocabulary(company.id), kept.statement.currency
    choices = choices_of(vocabulary)
    context = {
        "company": company,
        "draft": kept,
        "code": code,
        "policy": policy,
        "groups": policy_form.shown(policy, currency, choices),
        "fees": policy_form.shown_fees(policy, currency),
        "fees_stated": policy.terms.fees is not None,
        "fields_none": policy.terms.fields == (),
        "field_rows": field_conditions.shown(
            policies.fields_of(company.id).values(),
            [rule.model_dump(mode="json", exclude_defaults=True) for rule in policy.terms.fields or ()],
        ),
        "conditions": choices["conditions"],
        "grades": [code for code, _label in choices["grades"]],
        "what": policy_form.WHAT.items(),
        "scope": [_dimension(name, title, policy, choices) for name, title in summary.SCOPES.items()],
        "given": request.POST,
    }
    return render(request, "desk/policy_one.html", context, status=409 if request.method == "POST" else 200)


def _dimension(name: str, title: Any, policy: Policy, choices: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
    """A dimension of the scope: what can be ticked, and what was typed besides."""
    if name == "payments":
        offered = policy_form.payments()
    else:
        offered = choices.get(name, [])
    chosen, listed = getattr(policy.scope, name), {code for code, _label in offered}
    more = ", ".join(code for code in chosen if code not in listed)
    return {"name": name, "title": title, "offered": offered, "chosen": chosen, "more": more}


def _free(known: dict[str, Policy]) -> str:
    return next(code for number in range(1, 1000) if (code := f"policy-{number}") not in known)


def _saved(request: HttpRequest, company: org.MasterInfo, kept: policies.Draft, code: str) -> tuple[Policy, bool]:
    """The policy as the form says it, saved into the draft; or as far as it can be shown again."""
    data = policy_form.data_of(request.POST, kept.statement.currency)
    rows = [one.model_dump(mode="json", exclude_defaults=True) for one in kept.statement.policies]
    place = next((at for at, one in enumerate(rows) if one["code"] == code), None)
    if place is None:
        # Above the last one, which most often is the rule for all: below it nothing would ever be heard of it.
        rows.insert(max(len(rows) - 1, 0) if data["scope"] else len(rows), data)
    else:
        rows[place] = data
    revision = int(request.POST.get("revision", "0")) if request.POST.get("revision", "").isdigit() else 0

    def change(context: Context) -> None:
        statement = operations.read({"currency": kept.statement.currency, "policies": rows})
        operations.change_draft(context, company.id, revision=revision, name=kept.name, statement=statement)

    done = carried_out(request, "policy.change", change)
    return _as_typed(data), done


def _as_typed(data: dict[str, Any]) -> Policy:
    """What can be shown of a policy that was refused: of what was right nothing is lost."""
    kept = {**data, "scope": dict(data["scope"]), "terms": dict(data["terms"])}
    for _round in range(len(policy_form.FIELDS)):
        try:
            return Statement.from_data({"policies": [kept]}).policies[0]
        except NotAPolicy as found:
            for place, _what in found.faults:
                _drop(kept, place.split(".")[2:])
    return Policy(code="policy-1", zh=_("New policy"))


def _drop(kept: dict[str, Any], place: list[str]) -> None:
    """Take out what stands at a place such as terms.days."""
    if len(place) > 1 and place[0] in ("scope", "terms"):
        kept[place[0]].pop(place[1], None)
    elif place and place[0] in ("scope", "terms"):
        kept[place[0]].clear()
    elif place:
        kept[place[0]] = {"code": "policy-1", "zh": _("New policy")}.get(place[0], "")


def address(route: str, company: org.MasterInfo) -> str:
    return f"{reverse(f'desk:{route}')}?company={company.code}"


def carried_out(request: HttpRequest, name: str, act: Callable[[Context], Any]) -> bool:
    """Do it in a transaction and say so; or say why not."""
    try:
        with transaction.atomic():
            act(begin(name, actor=actor_of(request), now=utcnow(), items=1))
    except Refused as refused:
        say(request, refused.refusals)
        return False
    messages.success(request, _("Saved."))
    return True
