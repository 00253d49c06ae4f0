"""The API as one object: its name, its parser, its problems, and how an operation is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router, Swagger
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

import guicang
from guicang.api import errors, problems
from guicang.api.bearer import Bearer
from guicang.api.parsing import StrictParser
from guicang.api.problems import MEDIA_TYPE, Problem
from guicang.kernel.refusal import Refused

F = TypeVar("F", bound=Callable[..., Any])

#: Path -> megabytes of a form it takes; where none are said, what `ui.pictures` says.
FORMS: dict[str, int] = {}

#: What any operation may answer besides what was asked for.
ALWAYS = (400, 401, 403, 404, 405, 413, 415, 422, 429, 500)
WRITING = (*ALWAYS[:5], 409, 412, *ALWAYS[5:8], 428, *ALWAYS[8:])
FIRST_PROBLEM = 400
#: Letters of an unknown parameter that are repeated.
MOST_NAME = 40
DESCRIPTION = """\
What staff see and do, for programs: every command of a return, pictures, notes, imports, webhooks, the outbox,
return policies, settings, users, persons. Send `Authorization: Bearer gc_...` (page Access tokens, or `guicang token`).

Amounts are whole minor units of a currency (`*_minor`), quantities whole units, instants ISO 8601 with their zone.
Lists come in pages: `items`, and `next`, which is the `cursor` of the next page. What is refused is told as RFC 9457
has it, with a stable `code`, its `data`, and a sentence in the language of `Accept-Language` (zh-hans, en).
"""


class Service(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **more: Any) -> OpenAPISchema:
        """Ninja's, with problems under their own media type, each status described once."""
        schema = super().get_openapi_schema(**more)
        problems: dict[str, Any] = {}
        for methods in schema["paths"].values():
            for operation in methods.values():
                told = {str(status): response for status, response in operation["responses"].items()}
                for status in [status for status in told if int(status) >= FIRST_PROBLEM]:
                    (content,) = told[status]["content"].values()
                    problems[status] = {**told[status], "content": {MEDIA_TYPE: content}}
                    told[status] = {"$ref": f"#/components/responses/{status}"}
                operation["responses"] = told
        schema["components"]["responses"] = dict(sorted(problems.items()))
        return schema


def operation(
    router: Router,
    method: str,
    path: str,
    *,
    permission: str,
    answer: Any,
    tags: str,
    megabytes: int = 0,
    media: str = "",
    **more: Any,
) -> Callable[[F], F]:
    """Declare an operation: who may call it and all that it may answer. A parameter it does not have is refused.

    `megabytes`: how large a form it takes, where that is more than a set of pictures. `media`: what is answered is no
    JSON but a file of this type.
    """
    statuses = ALWAYS if method == "GET" else WRITING
    told: dict[str, Any] = {"x-permission": permission}
    if media:
        told["responses"] = {200: {"content": {media: {"schema": {"type": "string", "format": "binary"}}}}}
    if megabytes:
        FORMS[path.lstrip("/")] = megabytes

    def declare(view: F) -> F:
        known: dict[str, set[str]] = {"query": set(), "form": set()}

        @wraps(view)
        def checked(request: HttpRequest, **given: Any) -> Any:
            sent = {"query": {*request.GET}, "form": {*request.POST, *request.FILES} if known["form"] else set()}
            unknown = [f"{place}.{name}" for place in known for name in sorted(sent[place] - known[place])]
            if unknown:
                why = _("there is no such parameter")
                raise Refused([errors.BadField(field=name[:MOST_NAME], why=why) for name in unknown])
            return view(request, **given)

        # Ninja reads names in annotations by the module of the function: here they are resolved by the view's.
        checked.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
        router.api_operation(
            [method],
            path,
            auth=Bearer(permission),
            response={200: answer, **dict.fromkeys(statuses, Problem)},
            tags=[tags],
            openapi_extra=told,
            **more,
        )(checked)
        for model in checked._ninja_operation.models:  # type: ignore[attr-defined] # ninja leaves it there
            source = "form" if model.__ninja_param_source__ == "file" else model.__ninja_param_source__
            if source in known:
                known[source].update(getattr(model, "__ninja_flatten_map__", model.model_fields))
        return view

    return declare


v1 = Service(
    title="Guicang 归仓",
    version=guicang.__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    parser=StrictParser(),
    docs=Swagger({"persistAuthorization": False}),
)
problems.install(v1)
