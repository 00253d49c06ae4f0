"""Pictures of a return and the notes of staff: read, added, removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile
from pydantic import AfterValidator, Field, StringConstraints

from guicang.api import errors, problems, replies
from guicang.api.acts import KEY, Key, Made, acted
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.inputs import Reason
from guicang.api.parsing import Given, clean, show
from guicang.api.service import operation
from guicang.api.shapes import evidence as shapes
from guicang.insights import evidence as reading
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refused, raise_first
from guicang.returns import queries as returns
from guicang.returns.errors import NotFound
from guicang.returns.operations import evidence, notes
from guicang.returns.operations.pictures import MEDIA_TYPE
from guicang.ui import evidence_pack, pictures

router = Router()

HIDDEN = NotFound.code


class PictureForm(Given):
    """`line`: the line of the return that the pictures show; none: all of it."""

    line: UUID | None = None


class PicturesGone(Given):
    pictures: Annotated[list[UUID], Field(min_length=1, max_length=100)]
    reason: Reason


class PictureSize(Given):
    """`small`: a thumbnail."""

    small: bool = False


class NoteText(Given):
    text: Annotated[str, AfterValidator(clean), StringConstraints(min_length=1, max_length=notes.MOST)]


@operation(
    router, "GET", "/returns/{pk}/pictures", permission="returns.view", answer=list[shapes.Picture], tags="evidence"
)
def list_pictures(request: HttpRequest, pk: UUID) -> list[shapes.Picture]:
    """The pictures of a return, oldest first. 5 statements."""
    found = reading.pictures(pk, actor_of(request))
    if found is None:
        raise Refused([errors.NotThere()])
    return [show(shapes.Picture, one, actor=who) for one, who in found]


@operation(
    router, "POST", "/returns/{pk}/pictures", permission=evidence.ADD, answer=shapes.PictureResults, tags="evidence"
)
def add_pictures(
    request: HttpRequest, pk: UUID, picture: File[list[UploadedFile]], form: Form[PictureForm]
) -> shapes.PictureResults:
    """Add pictures (JPEG, PNG, WebP) and documents (PDF) as multipart/form-data, each answered for itself.

    At most 9 a side of a return. Kept is the picture alone, made anew; a document as it came. The same one again is
    the one that is there, so no key is needed.
    """
    caller = caller_of(request)
    items = [evidence.Showing(pk, data, form.line or NIL) for data in pictures.read(picture)]
    if not items:
        raise Refused([errors.BadForm()])
    outcomes = evidence.add_evidence(pictures=items, actor=caller.actor, now=caller.now)
    return _results(_kept(outcomes))


@operation(
    router,
    "POST",
    "/returns/{pk}/pictures/remove",
    permission=evidence.REMOVE,
    answer=shapes.PictureResults,
    tags="evidence",
)
def remove_pictures(
    request: HttpRequest, response: HttpResponse, pk: UUID, body: PicturesGone, key: Key = KEY
) -> shapes.PictureResults:
    """Remove pictures for good, each answered for itself; the trail keeps that there were some, and why."""

    def act(caller: Caller) -> dict[str, Any]:
        removals = [evidence.Removal(pk, one, body.reason) for one in body.pictures]
        return {"items": _kept(evidence.remove_evidence(removals=removals, actor=caller.actor, now=caller.now))}

    payload = {"return": str(pk), **body.model_dump(mode="json")}
    return _results(acted(request, response, "remove_pictures", key, payload, act)["items"])


def _kept(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """What became of pictures, as it may be kept. Raises Refused(NotFound) where the return is not seen."""
    if any(refusal.code == HIDDEN for outcome in outcomes for refusal in outcome.refusals):
        raise Refused([NotFound()])
    return [
        {
            "id": str(outcome.id) if outcome.id else None,
            "known": bool(outcome.data.get("known")),
            "errors": [replies.keep_refusal(refusal) for refusal in outcome.refusals],
        }
        for outcome in outcomes
    ]


def _results(kept: Sequence[dict[str, Any]]) -> shapes.PictureResults:
    items = [
        shapes.PictureResult(
            index=index,
            ok=not one["errors"],
            id=one["id"],
            known=one["known"],
            errors=[problems.finding(replies.refusal_of(stored)) for stored in one["errors"]],
        )
        for index, one in enumerate(kept)
    ]
    done = sum(item.ok for item in items)
    return shapes.PictureResults(done=done, refused=len(items) - done, items=items)


@operation(router, "GET", "/pictures/{pk}", permission="returns.view", answer=None, tags="evidence", media=MEDIA_TYPE)
def read_picture(request: HttpRequest, pk: UUID, size: Query[PictureSize]) -> HttpResponse:
    """A picture, or a document as an attachment. 3 statements."""
    return pictures.answer(returns.open_picture(pk, actor_of(request), small=size.small))


@operation(
    router,
    "GET",
    "/returns/{pk}/evidence.pdf",
    permission=evidence_pack.PERMISSION,
    answer=None,
    tags="evidence",
    media=evidence_pack.MEDIA_TYPE,
)
def read_evidence_pack(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole case of a return as one PDF, in the language asked for; the trail keeps who took it."""
    caller = caller_of(request)
    return evidence_pack.answer(evidence_pack.made(pk, caller.actor, caller.now))


@operation(router, "GET", "/returns/{pk}/notes", permission="returns.view", answer=list[shapes.Note], tags="evidence")
def list_notes(request: HttpRequest, pk: UUID) -> list[shapes.Note]:
    """What staff wrote down about a return, oldest first. 5 statements."""
    found = reading.notes(pk, actor_of(request))
    if found is None:
        raise Refused([errors.NotThere()])
    return [show(shapes.Note, one, actor=who) for one, who in found]


@operation(router, "POST", "/returns/{pk}/notes", permission=notes.WRITE, answer=Made, tags="evidence")
def add_note(request: HttpRequest, response: HttpResponse, pk: UUID, body: NoteText, key: Key = KEY) -> Made:
    """Write a note about a return; the vault keeps it. The same words again are the note that is there."""

    def act(caller: Caller) -> dict[str, Any]:
        outcomes = notes.add_notes(notes=[notes.Noting(pk, body.text)], actor=caller.actor, now=caller.now)
        raise_first(outcomes)
        return {"id": outcomes[0].id}

    return Made(id=acted(request, response, "note", key, {"return": str(pk), "text": body.text}, act)["id"])
