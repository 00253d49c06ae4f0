"""A file on its way in: sent, looked at, described, started, watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.typed import uuids
from guicang.desk.views.imports import PERMISSION
from guicang.insights import imports
from guicang.intake import errors, files, templates
from guicang.intake.profiles import ProfileFault
from guicang.intake.tables import FileFault
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.ui import pictures
from guicang.ui.words import FILES

#: Form value -> what a profile says.
DELIMITERS = {"auto": "auto", "comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
DELIMITER_NAMES = {mark: name for name, mark in DELIMITERS.items()}
DATES: dict[str, tuple[Any, list[str]]] = {
    "auto": (gettext_lazy("found out by itself"), ["auto"]),
    "dmy": (gettext_lazy("day, month, year"), [f"%d{m}%m{m}%Y{t}" for m in "/.-" for t in (" %H:%M:%S", " %H:%M", "")]),
    "mdy": (gettext_lazy("month, day, year"), [f"%m{m}%d{m}%Y{t}" for m in "/.-" for t in (" %H:%M:%S", " %H:%M", "")]),
}
ENCODINGS = ("auto", "utf-8", "utf-16", "gb18030", "big5", "cp1252", "iso-8859-15", "shift_jis")
MOST_COLUMNS = 500


@require_http_methods(["GET", "POST"])
@page(PERMISSION)
@pictures.takes(imports.most_megabytes() + 1)
def new(request: HttpRequest) -> HttpResponse:
    """Choose what a file holds, and the file; it is looked at, and nothing of it taken yet."""
    actor, sent = actor_of(request), _sent(request, "file")
    if request.method == "POST":
        if sent is None:
            messages.error(request, _("Choose a file first."))
        elif (made := _kept(sent, request, actor)) is not None:
            return redirect("desk:import_file", made)
    context = {
        "kinds": FILES,
        "kind": request.POST.get("kind") or request.GET.get("kind") or "orders",
        "companies": imports.companies(actor.scope),
        "most": imports.most_megabytes(),
    }
    return render(request, "desk/import_new.html", context, status=422 if request.method == "POST" else 200)


def _sent(request: HttpRequest, name: str) -> UploadedFile[Any] | None:
    found = request.FILES.get(name)
    return found if isinstance(found, UploadedFile) else None


def _kept(sent: UploadedFile[Any], request: HttpRequest, actor: Actor) -> UUID | None:
    given = request.POST
    company_id = next(iter(uuids([given.get("company", "")])), NIL)
    try:
        return files.keep(
            sent.chunks(),
            kind=given.get("kind", ""),
            name=sent.name or "",
            company_id=company_id,
            like=next(iter(uuids([given.get("like", "")])), NIL),
            actor=actor,
            now=utcnow(),
        )
    except FileFault as fault:
        messages.error(request, errors.told(fault, sent.name or ""))
    except Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, str(refusal))
    return None


@require_http_methods(["GET", "POST"])
@page(PERMISSION)
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A file that waits: what it would become; one that was started: how far it is."""
    if request.method == "POST":
        _act(request, pk)
        return redirect("desk:imports") if request.POST.get("act") == "erase" else redirect("desk:import_file", pk)
    found = imports.file_sheet(pk, actor_of(request).scope, utcnow())
    if found is None:
        raise Http404
    if found.run_id is not None and found.file.state not in ("queued", "failed"):
        return redirect("desk:import", found.run_id)
    if found.preview is None:
        return render(request, "desk/import_wait.html", {"s": found, "file": found.file})
    raw = found.preview.raw
    context = {
        "s": found,
        "file": found.file,
        "p": found.preview,
        "fields": imports.choices(found.file.kind, found.preview.needed),
        "delimiters": list(DELIMITERS),
        "delimiter": DELIMITER_NAMES.get(raw.get("delimiter", "auto"), "auto"),
        "dates": {name: label for name, (label, _formats) in DATES.items()},
        "date": _date(raw),
        "encodings": ENCODINGS,
    }
    return render(request, "desk/import_file.html", context)


def _date(raw: Mapping[str, Any]) -> str:
    """Which of the choices a profile says; formats that are none of them stay as they are ("own")."""
    said = raw.get("dates", "auto")
    said = [said] if isinstance(said, str) else said
    return next((name for name, (_label, formats) in DATES.items() if formats == said), "own")


@require_GET
@page(PERMISSION)
def profile(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The description of a file as TOML, for the command line or for another installation."""
    found = imports.profile_of(pk, actor_of(request).scope)
    if found is None:
        raise Http404
    name, text = found
    answer = HttpResponse(text, content_type="application/toml; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.toml") or "attachment"
    return answer


@require_GET
@page(PERMISSION)
def template(request: HttpRequest, kind: str, form: str) -> HttpResponse:
    """An empty file to fill in, its headers Chinese and English."""
    if kind not in FILES or form not in ("csv", "xlsx"):
        raise Http404
    workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    body = templates.as_workbook(kind) if form == "xlsx" else "\ufeff" + templates.as_csv(kind)
    answer = HttpResponse(body, content_type=workbook if form == "xlsx" else "text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="guicang-{kind}.{form}"'
    return answer


def _act(request: HttpRequest, pk: UUID) -> None:
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    try:
        said = act(request, pk, actor_of(request))
    except (FileFault, ProfileFault) as fault:
        messages.error(request, errors.told(fault, ""))
    except Refused as refused:
        if any(isinstance(refusal, errors.NoSuchFile) for refusal in refused.refusals):
            raise Http404 from refused
        for refusal in refused.refusals:
            messages.error(request, str(refusal))
    else:
        if said:
            messages.success(request, said)


def _check(request: HttpRequest, pk: UUID, actor: Actor) -> str:
    columns, settings = _described(request.POST)
    files.remap(pk, columns, settings, actor=actor)
    return ""


def _save(request: HttpRequest, pk: UUID, actor: Actor) -> str:
    _check(request, pk, actor)
    name = request.POST.get("name", "")
    files.save_profile(pk, name, actor=actor, now=utcnow())
    return _("Kept as the profile %(name)s. It is offered for files with these columns.") % {"name": name}


def _start(request: HttpRequest, pk: UUID, actor: Actor) -> str:
    if request.POST.get("described"):
        _check(request, pk, actor)
    files.start(pk, actor=actor, now=utcnow())
    return ""


def _use(request: HttpRequest, pk: UUID, actor: Actor) -> str:
    sent = _sent(request, "profile")
    if sent is not None:
        files.use_text(pk, sent.read(files.MOST_PROFILE + 1).decode("utf-8-sig", "replace"), actor=actor)
    else:
        files.use(pk, request.POST.get("use", ""), actor=actor)
    return ""


def _stop(request: HttpRequest, pk: UUID, actor: Actor) -> str:
    files.stop(pk, actor=actor, now=utcnow())
    return _("It stops before its next rows. What was taken stays taken.")


def _erase(request: HttpRequest, pk: UUID, actor: Actor) -> str:
    files.erase(pk, actor=actor, now=utcnow())
    return _("The file and its rows set aside are erased.")


ACTS: dict[str, Callable[[HttpRequest, UUID, Actor], str]] = {
    "check": _check,
    "save": _save,
    "start": _start,
    "use": _use,
    "stop": _stop,
    "erase": _erase,
}


def _described(given: QueryDict) -> tuple[dict[int, str], dict[str, Any]]:
    """(column index: field, settings) of the form; what is not understood is left out."""
    columns = {}
    for name, value in given.items():
        head, _dot, index = name.partition(".")
        if head == "column" and value and index.isascii() and index.isdigit() and int(index[:6]) < MOST_COLUMNS:
            columns[int(index)] = str(value)
    settings: dict[str, Any] = {
        "encoding": given.get("encoding", "auto"),
        "delimiter": DELIMITERS.get(given.get("delimiter", ""), "auto"),
        "sheet": given.get("sheet", ""),
        "decimal": given.get("decimal", "auto"),
        "zone": given.get("zone", "").strip(),
        "currency": given.get("currency", "").strip().upper(),
        "price_includes_tax": given.get("tax") == "1",
        "place": {name: given.get(name, "") for name in ("shop", "warehouse")},
    }
    dates = given.get("dates", "")
    if dates in DATES:
        settings["dates"] = DATES[dates][1]
    return columns, settings
