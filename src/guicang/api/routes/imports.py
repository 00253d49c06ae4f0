"""Files that come in: sent, looked at, described, started, watched; what became of their rows."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile
from pydantic import AfterValidator, Field, StringConstraints

from guicang.api import errors, problems, replies
from guicang.api.acts import KEY, Key, Nothing, declare_act, replayed
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.paging import Page, Paging, cursor, place, place_id
from guicang.api.parsing import Given, Word, clean, show
from guicang.api.service import operation
from guicang.api.shapes import imports as shapes
from guicang.insights import imports as reading
from guicang.intake import files
from guicang.intake import queries as intake
from guicang.intake.kinds import needed
from guicang.intake.profiles import FIELDS
from guicang.intake.saved import delete_profile, rename_profile
from guicang.intake.tables import FileFault
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused

router = Router()

PERMISSION = "intake.run"
#: Columns of a file that can mean something.
MOST_COLUMNS = 500
Kind = Literal["orders", "returns", "catalogue", "customers", "stock", "payments", "prices"]
Mark = Literal["auto", ",", ";", "\t", "|"]
#: Letters of a profile: a request is not larger.
MOST_TOML = 1024 * 1024
Toml = Annotated[str, AfterValidator(clean), StringConstraints(min_length=1, max_length=MOST_TOML)]


class Sent(Given):
    """`company`: for whom, where the token sees several (none: the file holds rows of several).

    `like`: an earlier file whose rows set aside come back corrected: it is read the same way.
    """

    kind: Kind
    company: UUID | None = None
    like: UUID | None = None


class Meaning(Given):
    """The column at `index` (from 0) is a `field` of GET /imports/kinds."""

    index: Annotated[int, Field(strict=True, ge=0, lt=MOST_COLUMNS)]
    field: Word


class Described(Given):
    """How the file is read: `columns` are all that are taken. What else is left out stays as it is.

    `dates`: formats as `%d/%m/%Y`, or `auto`; `shop` and `warehouse`: codes for rows that name none.
    """

    columns: Annotated[list[Meaning], Field(min_length=1, max_length=MOST_COLUMNS)]
    encoding: Word | None = None
    delimiter: Mark | None = None
    sheet: Word | None = None
    decimal: Literal["auto", ".", ","] | None = None
    dates: Annotated[list[Word], Field(min_length=1, max_length=20)] | None = None
    zone: Word | None = None
    currency: Word | None = None
    price_includes_tax: bool | None = None
    shop: Word | None = None
    warehouse: Word | None = None


class Used(Given):
    """`profile`: a name of GET /imports/profiles, '' our template by the names of the columns; or a text of yours."""

    profile: Word = ""
    toml: Toml | None = None


class Named(Given):
    name: Annotated[Word, Field(min_length=1)]


class Runs(Paging):
    kind: Kind | None = None


class Kinds(Given):
    kind: Kind | None = None


class Asides(Paging):
    """`code`: one reason alone."""

    code: Word = ""


Answer = shapes.ImportFile


@operation(router, "GET", "/imports/kinds", permission=PERMISSION, answer=list[shapes.FileKind], tags="imports")
def list_import_kinds(request: HttpRequest) -> list[shapes.FileKind]:
    """What files may hold, and what their columns may mean. No statement."""
    return [
        shapes.FileKind(
            kind=kind,
            needed=list(needed(kind, fields)),
            fields=[show(shapes.FileField, one) for one in fields.values()],
        )
        for kind, fields in FIELDS.items()
    ]


@operation(router, "GET", "/imports/profiles", permission=PERMISSION, answer=list[shapes.Profile], tags="imports")
def list_import_profiles(request: HttpRequest, wanted: Query[Kinds]) -> list[shapes.Profile]:
    """How files may be read: what the companies keep, and what comes with the program. 1 statement."""
    return [show(shapes.Profile, one) for one in reading.profiles(actor_of(request).scope, wanted.kind or "")]


def _rename(caller: Caller, pk: UUID, said: Named) -> None:
    """Files that were read by it stay as they are."""
    rename_profile(pk, said.name, actor=caller.actor, now=caller.now)


def _delete(caller: Caller, pk: UUID, said: Nothing) -> None:
    """Files that were read by it stay as they are."""
    delete_profile(pk, actor=caller.actor, now=caller.now)


declare_act(
    router,
    "/imports/profiles/{pk}/rename",
    "rename_import_profile",
    Named,
    _rename,
    summary="Rename a profile that a company keeps",
    permission=PERMISSION,
    tags="imports",
)
declare_act(
    router,
    "/imports/profiles/{pk}/delete",
    "delete_import_profile",
    Nothing,
    _delete,
    summary="Delete a profile that a company keeps",
    permission=PERMISSION,
    tags="imports",
)


@operation(router, "GET", "/imports/files", permission=PERMISSION, answer=Page[Answer], tags="imports")
def list_import_files(request: HttpRequest, paging: Query[Paging]) -> Page[shapes.ImportFile]:
    """Files that were sent and are not taken yet, newest first. At most 2 statements."""
    after = place_id("files", paging.cursor)
    rows, more = reading.open_files(actor_of(request).scope, after, size=paging.limit)
    items = [show(shapes.ImportFile, row) for row in rows]
    return Page[shapes.ImportFile](items=items, next=cursor("files", rows[-1].id) if more else None)


@operation(
    router,
    "POST",
    "/imports/files",
    permission=PERMISSION,
    answer=Answer,
    tags="imports",
    megabytes=reading.most_megabytes() + 1,
)
def send_import_file(
    request: HttpRequest, response: HttpResponse, file: File[UploadedFile], form: Form[Sent], key: Key = KEY
) -> shapes.ImportFile:
    """Send a file (multipart/form-data): it is kept with the profile that seems to fit, and nothing of it taken yet.

    Then GET /imports/files/{pk} says what it would become. About 9 statements.
    """
    caller = caller_of(request)
    payload = {**form.model_dump(mode="json"), "name": file.name, "digest": _digest(file)}
    laid = _laid(caller, file, form)
    again = True
    try:
        reply, again = replies.once(
            caller,
            "imports.send",
            key,
            payload,
            lambda: {"id": str(files.register(laid, actor=caller.actor, now=caller.now))},
        )
    finally:
        if again:
            files.drop(laid)
    replayed(response, again)
    return _file(caller, UUID(reply["id"]))


def _laid(caller: Caller, file: UploadedFile, form: Sent) -> files.Laid:
    """What is slow, before any lock. Raises Refused."""
    company, like = form.company or NIL, form.like or NIL
    name = file.name or ""
    try:
        return files.lay_down(
            file.chunks(), kind=form.kind, name=name, company_id=company, like=like, actor=caller.actor
        )
    except FileFault as fault:
        raise Refused([problems.unreadable(fault, name)]) from fault


def _digest(file: UploadedFile) -> str:
    found = sha256()
    for chunk in file.chunks():
        found.update(chunk)
    return found.hexdigest()


@operation(router, "GET", "/imports/files/{pk}", permission=PERMISSION, answer=shapes.ImportFileSheet, tags="imports")
def read_import_file(request: HttpRequest, pk: UUID) -> shapes.ImportFileSheet:
    """A file and, while it waits for you, what it would become: columns, first rows and their faults. 8 statements.

    It is read anew each time: a large workbook takes seconds.
    """
    caller = caller_of(request)
    found = reading.file_sheet(pk, caller.actor.scope, caller.now)
    if found is None:
        raise Refused([errors.NotThere()])
    return shapes.sheet(found)


def _file(caller: Caller, pk: UUID) -> shapes.ImportFile:
    """1 statement. Raises Refused(NotThere)."""
    found = intake.file(pk, caller.actor.scope)
    if found is None:
        raise Refused([errors.NotThere()])
    return show(shapes.ImportFile, found)


def _describe(caller: Caller, pk: UUID, said: Described) -> None:
    """A field that is none of its kind is left out; two columns cannot mean the same."""
    places = {name: getattr(said, name) for name in ("shop", "warehouse")}
    how = said.model_dump(exclude={"columns", "shop", "warehouse"}, exclude_none=True)
    how["place"] = {name: code for name, code in places.items() if code is not None}
    files.remap(pk, {one.index: one.field for one in said.columns}, how, actor=caller.actor)


def _use(caller: Caller, pk: UUID, said: Used) -> None:
    if said.toml is not None:
        files.use_text(pk, said.toml, actor=caller.actor)
    else:
        files.use(pk, said.profile, actor=caller.actor)


def _save(caller: Caller, pk: UUID, said: Named) -> None:
    """It is offered for files with these columns; one of that name is replaced."""
    files.save_profile(pk, said.name, actor=caller.actor, now=caller.now)


def _start(caller: Caller, pk: UUID, said: Nothing) -> None:
    """The worker takes it; one that was started already is left as it is. A stopped or failed one goes on."""
    files.start(pk, actor=caller.actor, now=caller.now)


def _stop(caller: Caller, pk: UUID, said: Nothing) -> None:
    """Before its next rows; what was taken stays taken."""
    files.stop(pk, actor=caller.actor, now=caller.now)


def _erase(caller: Caller, pk: UUID, said: Nothing) -> None:
    """Content, name and the rows set aside; counts and what was booked stay."""
    files.erase(pk, actor=caller.actor, now=caller.now)


for _name, _body, _summary, _act in (
    ("describe", Described, "Say how a file is read", _describe),
    ("use", Used, "Have a file read by a profile", _use),
    ("save", Named, "Keep how a file is read as a profile of its company", _save),
    ("start", Nothing, "Start the run of a file", _start),
    ("stop", Nothing, "Stop the run of a file", _stop),
    ("erase", Nothing, "Erase a file", _erase),
):
    declare_act(
        router,
        f"/imports/files/{{pk}}/{_name}",
        f"{_name}_import_file",
        _body,
        _act,
        summary=_summary,
        answer=Answer,
        afterwards=_file,
        permission=PERMISSION,
        tags="imports",
    )


@operation(router, "GET", "/imports", permission=PERMISSION, answer=Page[shapes.Run], tags="imports")
def list_imports(request: HttpRequest, wanted: Query[Runs]) -> Page[shapes.Run]:
    """What became of files, newest first. At most 4 statements."""
    after = place_id("imports", wanted.cursor)
    rows, more = reading.history(actor_of(request).scope, wanted.kind or "", after, size=wanted.limit)
    return Page[shapes.Run](
        items=[shapes.run(row) for row in rows], next=cursor("imports", rows[-1].run.id) if more else None
    )


@operation(router, "GET", "/imports/{pk}", permission=PERMISSION, answer=shapes.Run, tags="imports")
def read_import(request: HttpRequest, pk: UUID) -> shapes.Run:
    """How far a run is, and what became of its rows. 4 statements."""
    return shapes.run(_sheet(request, pk, "", 0, 1).entry)


@operation(router, "GET", "/imports/{pk}/rows", permission=PERMISSION, answer=Page[shapes.AsideRow], tags="imports")
def list_rows_set_aside(request: HttpRequest, pk: UUID, wanted: Query[Asides]) -> Page[shapes.AsideRow]:
    """The rows that were not taken, in the order of the file, each with its reason and all its cells. 4 statements.

    Correct them in a file with the run's `headers` and send that one with `like`.
    """
    name = f"aside.{pk.hex}"
    found = _sheet(request, pk, wanted.code, int(place(name, wanted.cursor) or 0), wanted.limit)
    more = cursor(name, str(found.faults[-1].row_number)) if found.more else None
    return Page[shapes.AsideRow](items=[shapes.aside(fault) for fault in found.faults], next=more)


def _sheet(request: HttpRequest, pk: UUID, code: str, after: int, size: int) -> reading.Sheet:
    found = reading.sheet(pk, actor_of(request).scope, code, after, size=size)
    if found is None:
        raise Refused([errors.NotThere()])
    return found
