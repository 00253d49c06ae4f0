"""Return policies: their versions, the draft of the next one, what ships to begin with, and asking one beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from ninja import Query, Router
from pydantic import Field

from guicang.api import errors, problems
from guicang.api.acts import KEY, MATCH, Key, Made, acted
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.inputs import Minor, NoReason
from guicang.api.parsing import Given, Instant, Line, Word, show
from guicang.api.routes.books import company_of
from guicang.api.service import operation
from guicang.api.shapes import policy as shapes
from guicang.insights import orders
from guicang.insights.policies import vocabulary
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.org import queries as org
from guicang.policy import errors as refusals
from guicang.policy import operations
from guicang.policy import queries as policies
from guicang.policy.queries import files
from guicang.policy.rules import Book, NotAPolicy, Statement, findings
from guicang.returns.lifecycle import Type
from guicang.returns.operations.checking import Query as Asked
from guicang.returns.operations.checking import check
from guicang.returns.steps import backfill
from guicang.sales import queries as sold

router = Router()

READ: dict[str, Any] = {"permission": "policy.view", "tags": "policy"}
WRITE: dict[str, Any] = {"permission": "policy.manage", "tags": "policy"}
#: Order lines of one question.
MOST_CHECKED = 100
MEDIA_TYPE = "application/toml"


class OfCompany(Given):
    """`company` may be left out where the token sees one alone."""

    company: UUID | None = None


class Beginning(OfCompany):
    """`source`: the code of a preset, or the id of a version; left out: the version in force."""

    source: Word = ""


class Writing(OfCompany):
    """The whole draft as it shall be; `statement` as GET /policy/draft has it."""

    name: Annotated[Line, Field(min_length=1, max_length=operations.NAME_LENGTH)]
    statement: dict[str, Any]


class Bringing(OfCompany):
    """A file as GET /policy/versions/{pk}/toml gives it; it becomes the draft."""

    toml: Annotated[Line, Field(min_length=1, max_length=files.LARGEST)]


class Publishing(OfCompany):
    """`effective_from` left out: now. `backfill`: also for orders under the plain default, of which nothing was asked
    back yet; once.
    """

    effective_from: Instant | None = None
    backfill: bool = False


class CheckLine(Given):
    """An order line as its buyer would ask for it. What is left out is not known: what depends on it is not said."""

    order_line_id: UUID
    reason: NoReason = ""
    resolution: Type = Type.REFUND
    condition: Annotated[Word, Field(max_length=40)] = ""
    amount_minor: Minor | None = None
    pictures: Annotated[int, Field(strict=True, ge=0, le=1_000)] | None = None


class Checking(OfCompany):
    """`against`: frozen (the version that each order froze), draft (of `company`), or the id of a version.

    `asked_at` left out: now.
    """

    lines: Annotated[list[CheckLine], Field(min_length=1, max_length=MOST_CHECKED)]
    against: UUID | Literal["frozen", "draft"] = "frozen"
    asked_at: Instant | None = None


@operation(router, "GET", "/policy/versions", answer=list[shapes.PolicyVersion], **READ)
def list_policy_versions(request: HttpRequest, of: Query[OfCompany]) -> list[shapes.PolicyVersion]:
    """All versions of a company, the newest first. 2 statements."""
    company, caller = company_of(request, of.company), caller_of(request)
    return [show(shapes.PolicyVersion, one) for one in policies.versions(company, caller.now)]


@operation(router, "GET", "/policy/versions/{pk}", answer=shapes.PolicyStatement, **READ)
def read_policy_version(request: HttpRequest, pk: UUID) -> shapes.PolicyStatement:
    """A version with all that it says. 3 statements."""
    company_id, found = _version(request, pk)
    return shapes.statement(company_id, found)


@operation(router, "GET", "/policy/versions/{pk}/toml", answer=None, media=MEDIA_TYPE, **READ)
def export_policy_version(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A version as one file, to keep, to change elsewhere, to bring into another company. 3 statements."""
    _company, found = _version(request, pk)
    return HttpResponse(files.to_toml(found.name, found.statement), content_type=MEDIA_TYPE)


def _version(request: HttpRequest, pk: UUID) -> tuple[UUID, policies.Version]:
    """Raises Refused(NotThere)."""
    caller, found = caller_of(request), policies.version_of(pk)
    if found is None or found[0] not in {one.id for one in org.masters("company", caller.actor.scope)}:
        raise Refused([errors.NotThere()])
    return found[0], next(one for one in policies.versions(found[0], caller.now) if one.id == pk)


@operation(router, "GET", "/policy/presets", answer=list[shapes.Preset], **READ)
def list_policy_presets(request: HttpRequest) -> list[shapes.Preset]:
    """Statements that ship. No statement of its own."""
    return [shapes.preset(one) for one in files.presets().values()]


@operation(router, "GET", "/policy/draft", answer=shapes.PolicyDraft, **WRITE)
def read_policy_draft(request: HttpRequest, response: HttpResponse, of: Query[OfCompany]) -> shapes.PolicyDraft:
    """The draft, with its revision as the ETag. 2 statements."""
    company = company_of(request, of.company)
    found = _draft(company)
    response["ETag"] = f'"{found.revision}"'
    return shapes.draft(company, found)


@operation(router, "GET", "/policy/draft/findings", answer=list[shapes.DraftFinding], **WRITE)
def list_draft_findings(request: HttpRequest, of: Query[OfCompany]) -> list[shapes.DraftFinding]:
    """Gaps, contradictions, what never decides and what the law wants otherwise, errors first. About 10 statements."""
    company = company_of(request, of.company)
    return [shapes.finding(one) for one in findings(_draft(company).statement, vocabulary(company).codes)]


def _draft(company_id: UUID) -> policies.Draft:
    """Raises Refused(DraftMissing)."""
    found = policies.draft(company_id)
    if found is None:
        raise Refused([refusals.DraftMissing()])
    return found


@operation(router, "POST", "/policy/draft/start", answer=shapes.Revised, **WRITE)
def start_policy_draft(request: HttpRequest, response: HttpResponse, body: Beginning, key: Key = KEY) -> shapes.Revised:
    """Begin the next version as a copy of a preset or of a version."""

    def act(context: Context, company: UUID) -> int:
        name, statement, base = _beginning(request, company, body.source)
        operations.start_draft(context, company, name=name, statement=statement, base_id=base)
        return 1

    return _revised(request, response, "policy.start", key, body, act)


def _beginning(request: HttpRequest, company: UUID, source: str) -> tuple[str, Statement, UUID]:
    if preset := files.presets().get(source):
        return preset.zh, preset.statement, NIL
    known = policies.versions(company, caller_of(request).now)
    found = next((one for one in known if (str(one.id) == source if source else one.state == "in_force")), None)
    if found is None:
        raise Refused([errors.NotThere()])
    return found.name, found.statement, found.id


@operation(router, "POST", "/policy/draft/import", answer=shapes.Revised, **WRITE)
def import_policy_draft(request: HttpRequest, response: HttpResponse, body: Bringing, key: Key = KEY) -> shapes.Revised:
    """Begin the next version as a file says it."""

    def act(context: Context, company: UUID) -> int:
        try:
            name, statement = files.from_toml(body.toml.encode())
        except NotAPolicy as found:
            raise Refused([refusals.PolicyBad(faults=str(found))]) from None
        operations.start_draft(context, company, name=name, statement=statement)
        return 1

    return _revised(request, response, "policy.import", key, body, act)


@operation(router, "PUT", "/policy/draft", answer=shapes.Revised, **WRITE)
def write_policy_draft(
    request: HttpRequest, response: HttpResponse, body: Writing, key: Key = KEY, match: Key = MATCH
) -> shapes.Revised:
    """Put the whole draft in the place of the revision in If-Match."""

    def act(context: Context, company: UUID) -> int:
        revision, statement = _matched(match, company), operations.read(body.statement)
        operations.change_draft(context, company, revision=revision, name=body.name, statement=statement)
        return revision + 1

    return _revised(request, response, "policy.change", key, body, act)


@operation(router, "POST", "/policy/draft/discard", answer=shapes.Revised, **WRITE)
def discard_policy_draft(
    request: HttpRequest, response: HttpResponse, body: OfCompany, key: Key = KEY, match: Key = MATCH
) -> shapes.Revised:
    """Throw the draft away, at the revision in If-Match. The version in force stays."""

    def act(context: Context, company: UUID) -> int:
        revision = _matched(match, company)
        operations.discard_draft(context, company, revision=revision)
        return revision

    return _revised(request, response, "policy.discard", key, body, act)


def _revised(
    request: HttpRequest,
    response: HttpResponse,
    name: str,
    key: str,
    body: OfCompany,
    act: Callable[[Context, UUID], int],
) -> shapes.Revised:
    def do(caller: Caller) -> dict[str, Any]:
        company = company_of(request, body.company)
        revision = act(begin(name, actor=caller.actor, now=caller.now, items=1), company)
        return {"company_id": company, "revision": revision}

    reply = acted(request, response, name, key, body.model_dump(mode="json"), do)
    response["ETag"] = f'"{reply["revision"]}"'
    return shapes.Revised(company_id=reply["company_id"], revision=reply["revision"])


def _matched(match: str, company: UUID) -> int:
    """The revision in If-Match; that of the draft for `*`. Raises Refused: DraftMatchNeeded, DraftMissing."""
    wanted = [etag.strip('"') for etag in parse_etags(match)] if match else []
    if not wanted:
        raise Refused([errors.DraftMatchNeeded()])
    if wanted == ["*"]:
        return _draft(company).revision
    # What is no revision is none that there ever was.
    return int(wanted[0]) if wanted[0].isascii() and wanted[0].isdigit() and len(wanted[0]) < len("1000000000") else 0


@operation(router, "POST", "/policy/draft/publish", answer=Made, **WRITE)
def publish_policy_draft(
    request: HttpRequest, response: HttpResponse, body: Publishing, key: Key = KEY, match: Key = MATCH
) -> Made:
    """The draft, at the revision in If-Match, becomes a version for ever. Orders placed before keep theirs."""

    def do(caller: Caller) -> dict[str, Any]:
        company = company_of(request, body.company)
        revision, known = _matched(match, company), vocabulary(company).codes
        context = begin("policy.publish", actor=caller.actor, now=caller.now, items=1)
        begins = body.effective_from or caller.now
        made = operations.publish(context, company, revision=revision, effective_from=begins, known=known)
        if body.backfill:
            backfill.queue(context, company, made)
        return {"id": made}

    return Made(id=acted(request, response, "policy.publish", key, body.model_dump(mode="json"), do)["id"])


@operation(router, "POST", "/policy/check", answer=shapes.Checked, **READ)
def check_policy(request: HttpRequest, body: Checking) -> shapes.Checked:
    """What a policy says of up to 100 order lines, each answered for itself. About 16 statements."""
    caller = caller_of(request)
    book, company = _book(request, body)
    heads = sold.line_heads({line.order_line_id for line in body.lines})
    seen = orders.heads({head.order_id for head in heads.values()}, actor_of(request).scope)
    if company:
        seen = {key: order for key, order in seen.items() if order.company_id == company}
    asked = [Asked(**line.model_dump()) for line in body.lines]
    verdicts = check(asked, seen, body.asked_at or caller.now, book)
    unseen = [problems.finding(errors.OrderLineNotFound())]
    return shapes.Checked(
        items=[
            shapes.checked(line.order_line_id, verdict, numbered=body.against != "draft")
            if verdict
            else shapes.CheckedLine(order_line_id=line.order_line_id, errors=unseen)
            for line, verdict in zip(body.lines, verdicts, strict=True)
        ]
    )


def _book(request: HttpRequest, body: Checking) -> tuple[Book | None, UUID | None]:
    """What answers instead of each order's own version, and whose lines alone it can answer for."""
    if isinstance(body.against, UUID):
        company, found = _version(request, body.against)
        return Book(found.id, found.number, found.statement), company
    if body.against == "draft":
        company = company_of(request, body.company)
        return Book(NIL, 0, _draft(company).statement), company
    return None, None
