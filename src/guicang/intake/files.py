"""Files that people send: kept under a name nobody can guess, described, started, stopped, erased."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from guicang.audit.operations import AuditEntry, record
from guicang.intake import asides, errors, preview
from guicang.intake.models import ImportFile, ImportRun, SavedProfile, SetAsideRow
from guicang.intake.profiles import FIELDS, KINDS, read, shipped_for
from guicang.intake.queries import seen_by
from guicang.intake.runs import RUNNING, STOPPED
from guicang.intake.saved import checked_name
from guicang.intake.tables import FileFault
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import NIL
from guicang.kernel.outbox import Envelope, Message, queue
from guicang.kernel.refusal import Refused
from guicang.org import queries as org

TOPIC = "intake.run"
#: States in which a file waits for a person.
STILL = ("draft", "failed", "stopped")
#: Characters of a profile.
MOST_PROFILE = 1024 * 1024
_NAME_CHARACTERS, _PROFILE_CHARACTERS = 200, 80


class Taken(NamedTuple):
    """A file as the worker takes it up."""

    id: UUID
    company_id: UUID
    actor_id: UUID
    kind: str
    file_name: str
    content: str
    profile_name: str
    profile: str


def path_of(content: str) -> Path:
    return Path(settings.HOME / "uploads" / content)


class Laid(NamedTuple):
    """A file that lies on the disk and that no row knows yet: `register` it, or `drop` it."""

    company_id: UUID
    kind: str
    file_name: str
    content: str
    size: int
    digest: str
    profile_name: str
    profile: str


def lay_down(
    chunks: Iterable[bytes], *, kind: str, name: str, company_id: UUID, like: UUID = NIL, actor: Actor
) -> Laid:
    """Lay a file of `kind` down for a company (NIL: it may hold rows of all) with the profile that seems to fit.

    `like`: a file whose rows set aside come back, read the same way. Outside of any transaction: it takes as long as
    the file is large. At most 5 statements. Raises Refused (WholeCompanyOnly, NoSuchCompany, NoSuchKind,
    FileTooLarge) and FileFault, and then nothing lies there. What the file is follows from its content; its name is
    only shown.
    """
    company_id = _company(actor, company_id)
    if kind not in KINDS:
        raise Refused([errors.NoSuchKind()])
    content = secrets.token_hex(24)
    path = path_of(content)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        size, digest = _write(path, chunks)
        known = _as_before(like, kind, actor) + _saved(company_id, kind)
        profile_name, text = preview.propose(path, kind, known, _place(company_id))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Laid(company_id, kind, _base(name), content, size, digest, profile_name, text)


def register(laid: Laid, *, actor: Actor, now: datetime) -> UUID:
    """The row of a file that was laid down. About 4 statements."""
    row = ImportFile(**laid._asdict(), actor_id=actor.id, created_at=now)
    with transaction.atomic():
        row.save(force_insert=True)
        _audited("keep", row.company_id, row.id, actor, now, after={"kind": row.kind, "size": row.size})
    return row.id


def drop(laid: Laid) -> None:
    """Forget a file that was laid down and not registered."""
    path_of(laid.content).unlink(missing_ok=True)


def keep(
    chunks: Iterable[bytes], *, kind: str, name: str, company_id: UUID, like: UUID = NIL, actor: Actor, now: datetime
) -> UUID:
    """`lay_down` and `register`."""
    laid = lay_down(chunks, kind=kind, name=name, company_id=company_id, like=like, actor=actor)
    return register(laid, actor=actor, now=now)


def remap(file_id: UUID, columns: Mapping[int, str], how: Mapping[str, Any], *, actor: Actor) -> None:
    """Have the file read so: column index to field, and settings. Raises Refused: NoSuchFile, FileBusy, TwiceMapped."""

    def changed(row: ImportFile) -> tuple[str, str]:
        headers = preview.headers(path_of(row.content), row.profile, row.kind)
        found: dict[str, str] = {}
        for index, name in sorted(columns.items()):
            if name not in FIELDS[row.kind] or index >= len(headers):
                continue
            if name in found:
                raise Refused([errors.TwiceMapped(first=found[name], second=headers[index])])
            found[name] = headers[index]
        return row.profile_name, preview.remapped(row.profile, row.kind, found, how)

    _describe(file_id, changed, actor)


def use(file_id: UUID, name: str, *, actor: Actor) -> None:
    """Have the file read by a profile that was saved or comes with the program; '' is our template by names.

    Raises Refused: NoSuchFile, FileBusy, NoSuchProfile.
    """

    def changed(row: ImportFile) -> tuple[str, str]:
        known = dict(_saved(row.company_id, row.kind))
        if name in known:
            return name, known[name]
        path, place = path_of(row.content), _place(row.company_id)
        if not name:
            return preview.propose(path, row.kind, [], place, shipped_too=False)
        if name not in shipped_for(row.kind):
            raise Refused([errors.NoSuchProfile()])
        return name, preview.settled(path, name, row.kind, place)

    _describe(file_id, changed, actor)


def use_text(file_id: UUID, text: str, *, actor: Actor) -> None:
    """Have the file read by a profile that somebody sent as TOML. Raises ProfileFault, Refused."""

    def changed(row: ImportFile) -> tuple[str, str]:
        return read(text[:MOST_PROFILE], "TOML", row.kind).title[:_PROFILE_CHARACTERS] or "TOML", text

    _describe(file_id, changed, actor)


def _describe(file_id: UUID, changed: Callable[[ImportFile], tuple[str, str]], actor: Actor) -> None:
    with transaction.atomic():
        row = _held(file_id, actor)
        if row.state not in STILL:
            raise Refused([errors.FileBusy()])
        row.profile_name, row.profile = changed(row)
        row.save(update_fields=["profile", "profile_name"])


def start(file_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Queue the run; False where it was queued or done already: a second click changes nothing. About 9 statements.

    Raises Refused: NoSuchFile, NotReady.
    """
    with transaction.atomic():
        row = _held(file_id, actor)
        if row.state not in STILL:
            return False
        _complete(row)
        before, row.state, row.fault, row.stop_wanted = row.state, "queued", {}, False
        row.starts, row.queued_at, row.actor_id = row.starts + 1, now, actor.id
        row.save()
        context = _audited("start", row.company_id, row.id, actor, now, {"state": before}, {"state": "queued"})
        body = {"file": str(row.id), "start": row.starts}
        queue(context, [Message(TOPIC, body, f"{TOPIC}:{row.id}:{row.starts}", row.id)])
    return True


def stop(file_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Stop before the next set of documents; what is taken stays taken. Raises Refused: NoSuchFile."""
    with transaction.atomic():
        row = _held(file_id, actor)
        if row.state not in ("queued", "running"):
            return
        row.stop_wanted = row.state == "running"
        before, row.state = row.state, "running" if row.stop_wanted else "stopped"
        row.save(update_fields=["stop_wanted", "state"])
        _audited("stop", row.company_id, row.id, actor, now, {"state": before}, {"state": row.state})


def erase(file_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Erase the content, the name and the rows set aside; counts and what was booked stay. About 10 statements.

    Raises Refused: NoSuchFile, FileBusy.
    """
    with transaction.atomic():
        row = _held(file_id, actor)
        if row.state not in (*STILL, "done"):
            raise Refused([errors.FileBusy()])
        content, row.content, row.file_name, row.state = row.content, "", "", "done" if row.state == "done" else "gone"
        row.save(update_fields=["content", "file_name", "state"])
        runs = list(ImportRun.objects.filter(file_id=row.id).values_list("id", "file_name"))
        SetAsideRow.objects.filter(run__file_id=row.id).delete()
        ImportRun.objects.filter(file_id=row.id).update(file_name="")
        _audited("erase", row.company_id, row.id, actor, now)
    for run_id, name in runs:
        for what in ("set-aside", "results"):
            (settings.HOME / "asides" / asides.name(name, what, run_id)).unlink(missing_ok=True)
    if content:
        path_of(content).unlink(missing_ok=True)


def forget(_envelope: Envelope) -> None:
    """The outbox's handler: erase what was sent and last started long ago, and what is left of a crash in `keep`."""
    now = utcnow()
    if settings.KEEP_UPLOADS_DAYS <= 0:
        return
    before = now - timedelta(days=settings.KEEP_UPLOADS_DAYS)
    still = Q(queued_at__isnull=True) | Q(queued_at__lt=before)
    old = ImportFile.objects.filter(still, state__in=(*STILL, "done"), created_at__lt=before).exclude(content="")
    for file_id in list(old.order_by("id").values_list("id", flat=True)):
        with suppress(Refused):  # somebody started or erased it a moment ago
            erase(file_id, actor=Actor.system(), now=now)
    for path in (settings.HOME / "uploads").glob("*"):
        if path.stat().st_mtime < before.timestamp() and not ImportFile.objects.filter(content=path.name).exists():
            path.unlink(missing_ok=True)


def save_profile(file_id: UUID, name: str, *, actor: Actor, now: datetime) -> None:
    """Keep how a file is read under a name, in the place of the company's profile of that name. 8 statements.

    Raises Refused (NoSuchFile, BadProfileName) and ProfileFault.
    """
    name = checked_name(name)
    with transaction.atomic():
        file = _held(file_id, actor)
        read(file.profile, name, file.kind)
        row, _made = SavedProfile.objects.update_or_create(
            company_id=file.company_id, kind=file.kind, name=name, defaults={"profile": file.profile, "changed_at": now}
        )
        file.profile_name = name
        file.save(update_fields=["profile_name"])
        _audited("profile", file.company_id, row.id, actor, now, after={"kind": file.kind})


def take_up(file_id: UUID, start: int) -> Taken | None:
    """For the worker: the file of this start, now running; None where it was stopped, erased or started anew since."""
    with transaction.atomic():
        row = ImportFile.objects.select_for_update().filter(id=file_id, starts=start).first()
        if row is None or row.state not in ("queued", "running") or not row.content:
            return None
        row.state = "running"
        row.save(update_fields=["state"])
        return Taken(*(getattr(row, name) for name in Taken._fields))


def progressed(file_id: UUID, done: int, total: int) -> bool:
    """Note how far reading is; True where somebody wants it stopped. 2 statements."""
    rows = ImportFile.objects.filter(id=file_id)
    rows.update(read_done=done, read_total=total)
    return rows.filter(stop_wanted=True).exists()


def ended(file_id: UUID, state: str, fault: Mapping[str, Any] | None = None) -> None:
    """What became of a run; a stopped one can go on later."""
    with transaction.atomic():
        ImportFile.objects.filter(id=file_id).update(state=state, fault=dict(fault or {}), stop_wanted=False)
        if state in ("stopped", "failed"):
            ImportRun.objects.filter(file_id=file_id, state=RUNNING).update(state=STOPPED)


def _audited(
    what: str,
    company_id: UUID,
    row_id: UUID,
    actor: Actor,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Context:
    """The command of an act on a file, and its line in the trail; names and contents are in neither."""
    context = begin(f"intake.{what}", actor=actor, now=now, items=1)
    record(context, [AuditEntry(company_id, "import", row_id, what, before or {}, after or {})])
    return context


def _as_before(file_id: UUID, kind: str, actor: Actor) -> list[tuple[str, str]]:
    """How a file was read whose rows come back: its columns, in the CSV that we write."""
    rows = seen_by(ImportFile.objects.all(), actor.scope).filter(id=file_id, kind=kind)
    return [(name, preview.rewritten(text)) for name, text in rows.values_list("profile_name", "profile")]


def _saved(company_id: UUID, kind: str) -> list[tuple[str, str]]:
    rows = SavedProfile.objects.filter(company_id=company_id, kind=kind).order_by("-changed_at")
    return list(rows.values_list("name", "profile"))


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    size, digest, most = 0, hashlib.sha256(), settings.MAX_UPLOAD_BYTES
    with path.open("xb") as stream:
        path.chmod(0o600)
        for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise Refused([errors.FileTooLarge(megabytes=most // 1024**2)])
            digest.update(chunk)
            stream.write(chunk)
    return size, digest.hexdigest()


def _company(actor: Actor, company_id: UUID) -> UUID:
    """The company a file is for: the actor's own, or the one that is chosen by who sees all."""
    scope = actor.scope
    if scope.shop_id != NIL or scope.warehouse_id != NIL:
        raise Refused([errors.WholeCompanyOnly()])
    if scope.company_id != NIL:
        return scope.company_id
    if company_id != NIL and company_id not in org.companies([company_id]):
        raise Refused([errors.NoSuchCompany()])
    return company_id


def _place(company_id: UUID) -> dict[str, str]:
    """Codes for rows that name none: the company's first shop and warehouse in use."""
    company = org.companies([company_id]).get(company_id)
    if company is None:
        return {}
    shops, warehouses = org.in_use(org.shops().values()), org.in_use(org.warehouses().values())
    shop = next((one.code for one in shops if one.company_id == company_id), company.code)
    warehouse = next((one.code for one in warehouses if one.company_id == company_id), company.code)
    return {"company": company.code, "shop": shop, "warehouse": warehouse}


def _base(name: str) -> str:
    """The last part of a name, without what is no letter of it."""
    plain = "".join(character for character in name.replace("\\", "/").rpartition("/")[2] if character.isprintable())
    return plain.strip()[-_NAME_CHARACTERS:] or "file"


def _held(file_id: UUID, actor: Actor) -> ImportFile:
    row = seen_by(ImportFile.objects.select_for_update(), actor.scope).filter(id=file_id).first()
    if row is None:
        raise Refused([errors.NoSuchFile()])
    return row


def _complete(row: ImportFile) -> None:
    """Raises Refused NotReady where the file cannot be read as described."""
    try:
        found = preview.look(path_of(row.content), row.profile, row.kind, company_id=row.company_id, now=row.created_at)
    except FileFault as fault:
        raise Refused([errors.NotReady(reason=errors.told(fault, row.file_name))]) from fault
    if found.fault is not None:
        raise Refused([errors.NotReady(reason=errors.told(found.fault, row.file_name))])
    if found.missing:
        raise Refused([errors.NotReady(reason=", ".join(FIELDS[row.kind][name].header for name in found.missing))])
