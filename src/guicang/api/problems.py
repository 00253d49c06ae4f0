"""Every refusal as RFC 9457 has it: one shape, whatever went wrong, with the refusals' codes and data."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

from guicang.api import errors, field_words
from guicang.intake import errors as intake
from guicang.intake.profiles import ProfileFault
from guicang.intake.tables import FileFault
from guicang.kernel.refusal import Refusal, Refused
from guicang.ui.pictures import upload_most
from guicang.ui.words import sentence

MEDIA_TYPE = "application/problem+json"
#: Findings that are told at once.
MOST_ERRORS = 100


class Finding(BaseModel):
    """One reason. `code` and `data` are for programs and do not change; `sentence` says what to do."""

    code: str
    data: dict[str, Any]
    sentence: str


class Problem(BaseModel):
    """RFC 9457. `code` is that of the first finding."""

    type: str = Field(examples=["urn:guicang:problem:wrong_state"])
    title: str
    status: int
    detail: str
    code: str
    errors: list[Finding]


def finding(refusal: Refusal) -> Finding:
    return Finding(code=refusal.code, data=refusal.as_dict()["data"], sentence=sentence(refusal))


def answer(refusals: Sequence[Refusal], status: int = 0) -> HttpResponse:
    """The problem of `refusals`, in the reader's language; its status is that of the first one unless said."""
    status = status or refusals[0].status
    found = [finding(refusal) for refusal in refusals[:MOST_ERRORS]]
    problem = Problem(
        type=f"urn:guicang:problem:{found[0].code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=" ".join(dict.fromkeys(one.sentence for one in found)),
        code=found[0].code,
        errors=found,
    )
    response = JsonResponse(problem.model_dump(mode="json"), status=status, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = MEDIA_TYPE
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="Guicang"'
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(refusals[0].data["seconds"])
    return response


def _refused(request: HttpRequest, problem: Any) -> HttpResponse:
    return answer(problem.refusals)


def _bad_fields(request: HttpRequest, problem: Any) -> HttpResponse:
    """Names the field and what is wrong with it; never repeats what was sent."""
    return answer(
        [
            errors.BadField(
                field=".".join(map(str, _place(one["loc"]))), why=field_words.told(one), kind=str(one["type"])
            )
            for one in problem.errors
        ]
    )


def _place(location: Sequence[Any]) -> Sequence[Any]:
    """Without the parameter's own name, which only we know: body, body.items.0.id, query.limit."""
    return [*location[:1], *location[2:]] if len(location) > 2 or location[0] == "body" else location  # noqa: PLR2004


def _too_large(request: HttpRequest, problem: Any) -> HttpResponse:
    form = request.content_type == "multipart/form-data"
    most = upload_most(request) if form else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return answer([errors.BodyTooLarge(most=most)])


def _no_form(request: HttpRequest, problem: Any) -> HttpResponse:
    return answer([errors.BadForm()])


def _unreadable(request: HttpRequest, fault: Any) -> HttpResponse:
    return answer([unreadable(fault, "")])


def unreadable(fault: FileFault | ProfileFault, file_name: str) -> Refusal:
    return errors.Unreadable(fault=fault.code, reason=intake.told(fault, file_name))


def _http(request: HttpRequest, problem: Any) -> HttpResponse:
    """Ninja's own: what was raised while the body was read is its cause."""
    cause = problem.__cause__
    if isinstance(cause, Refused):
        return answer(cause.refusals)
    if isinstance(problem, AuthenticationError):
        return answer([errors.TokenMissing()])
    return answer([errors.BadJson(why=problem.message)], problem.status_code)


def _missing(request: HttpRequest, problem: Any) -> HttpResponse:
    return answer([errors.NotThere()])


def _unforeseen(request: HttpRequest, problem: Any) -> NoReturn:
    raise problem


def install(api: NinjaAPI) -> None:
    """All that is foreseen becomes a problem; what is not goes on to `urls`, which tells it loudly."""
    handlers: dict[type[Exception], Any] = {
        Refused: _refused,
        ValidationError: _bad_fields,
        RequestDataTooBig: _too_large,
        MultiPartParserError: _no_form,
        TooManyFilesSent: _no_form,
        TooManyFieldsSent: _no_form,
        FileFault: _unreadable,
        ProfileFault: _unreadable,
        HttpError: _http,
        Http404: _missing,
        Exception: _unforeseen,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
