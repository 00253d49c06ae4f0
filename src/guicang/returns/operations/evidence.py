"""Pictures and documents of a return: shown by the customer with the request, by staff at receipt and inspection.

The pictures lie in the vault (`parties`), sealed under a random name; rows and trail hold ids. Nobody needs them to
prove an amount, so erasing a person takes them and leaves every proof whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.parties import operations as vault
from guicang.parties import queries as vaulted
from guicang.returns import errors, queries
from guicang.returns.models import Evidence
from guicang.returns.operations import docket, documents, inputs
from guicang.returns.operations.docket import Case
from guicang.returns.operations.persons import persons_of
from guicang.returns.operations.pictures import MEDIA_TYPE, Picture, check_picture

#: Pictures of a return that one side may show.
MOST = 9
ADD, REMOVE = "returns.note", "returns.remove_picture"
_OWNER = queries.EVIDENCE


@dataclass(frozen=True, slots=True)
class Showing:
    """A picture as it came, of one line of the return or (NIL) of all of it."""

    return_id: UUID
    data: bytes = field(repr=False)
    line_id: UUID = NIL


@dataclass(frozen=True, slots=True)
class Removal:
    """`reason`: a code; staff give one, whoever showed the picture as a customer need not."""

    return_id: UUID
    evidence_id: UUID
    reason: str = ""


@dataclass(slots=True)
class _Shown:
    """One picture on its way: looked at, laid down, and perhaps refused after all."""

    item: Showing
    outcome: Outcome
    picture: Picture | None = None
    media_type: str = MEDIA_TYPE
    files: list[vault.SealedFile] = field(default_factory=list)
    kept: bool = False


def add_evidence(*, pictures: Sequence[Showing], actor: Actor, now: datetime) -> list[Outcome]:
    """Add pictures and documents (PDF); the id of each. The same one again is the one that is there.

    10 statements and the trail's. Locks the returns; what is slow (decoding, the disk) comes before. Refused each for
    itself: NotAPicture, NotADocument, PictureMoves, PictureTooBig, TooManyPictures (9 a side), ReturnIsOver,
    PersonErased, LineNotFound, NotFound.
    """
    _permit(actor, ADD)
    if len(pictures) > setwrites.CHUNK:
        raise ValueError(f"at most {setwrites.CHUNK} pictures at once")
    shown = [_Shown(item, Outcome(index)) for index, item in enumerate(pictures)]
    for each in shown:
        _look(each)
    done = False
    try:
        with transaction.atomic():
            _add(shown, begin("returns.add_picture", actor=actor, now=now, items=len(pictures)))
        done = True
    finally:
        vault.drop_files(file.name for each in shown if not (done and each.kept) for file in each.files)
    return [each.outcome for each in shown]


def _look(each: _Shown) -> None:
    try:
        if documents.is_document(each.item.data):
            each.media_type = documents.MEDIA_TYPE
            parts = [(queries.WHOLE, documents.check_document(each.item.data))]
        else:
            each.picture = check_picture(each.item.data)
            parts = [(queries.WHOLE, each.picture.whole), (queries.SMALL, each.picture.small)]
    except Refused as refused:
        each.outcome.refusals = list(refused.refusals)
        return
    each.outcome.id = new_id()
    each.files = vault.write_files((_OWNER, each.outcome.id, kind, data) for kind, data in parts)


def _add(shown: Sequence[_Shown], context: Context) -> None:
    cases = docket.load({each.item.return_id for each in shown})
    side = side_of(context.actor)
    there = queries.evidence_of(cases)
    count = Counter({key: sum(one.side == side for one in found) for key, found in there.items()})
    digests = _digests(there)
    persons = persons_of(cases.values())
    for each in shown:
        case, outcome = cases.get(each.item.return_id), each.outcome
        outcome.refusals += _refusals(case, each, context, persons)
        if not outcome.ok or case is None:
            outcome.id = None
            continue
        digest = (case.header.id, side, each.item.line_id, each.files[0].digest)
        if digest in digests:
            outcome.id, outcome.data = digests[digest], {"known": True}
        elif count[case.header.id] >= MOST:
            outcome.id = None
            outcome.refusals.append(errors.TooManyPictures(there=count[case.header.id], most=MOST))
        else:
            count[case.header.id] += 1
            digests[digest], each.kept = outcome.id, True
    _write([each for each in shown if each.kept], cases, persons, context)


def _digests(there: dict[UUID, list[queries.EvidenceInfo]]) -> dict[tuple[UUID, str, UUID, str], UUID | None]:
    """{(return, side, line, digest of the picture): evidence}; 1 statement."""
    rows = {one.id: one for found in there.values() for one in found}
    files = vaulted.files(_OWNER, rows)
    return {
        (rows[key].return_id, rows[key].side, rows[key].line_id, kinds[queries.WHOLE].digest): key
        for key, kinds in files.items()
        if queries.WHOLE in kinds
    }


def _refusals(case: Case | None, each: _Shown, context: Context, persons: dict[UUID, UUID | None]) -> list[Refusal]:
    if case is None or docket.hidden(case, context.actor):
        return [errors.NotFound()]
    found: list[Refusal] = [errors.ReturnIsOver()] if case.header.ending else []
    if persons[case.header.id] is None:
        found.append(errors.PersonErased())
    if each.item.line_id != NIL and case.line(each.item.line_id) is None:
        found.append(errors.LineNotFound())
    return found


def _write(
    shown: Sequence[_Shown], cases: dict[UUID, Case], persons: dict[UUID, UUID | None], context: Context
) -> None:
    rows: list[dict[str, Any]] = []
    files = []
    for each in shown:
        case, picture = cases[each.item.return_id], each.picture
        header, person = case.header, persons[each.item.return_id]
        if person is None:
            raise AssertionError("kept, and refused")
        rows.append(
            {
                "id": each.outcome.id,
                "parent_id": header.id,
                "line_id": each.item.line_id,
                "side": side_of(context.actor),
                "state": header.state,
                "media_type": each.media_type,
                "width": picture.width if picture else 0,
                "height": picture.height if picture else 0,
                "actor_kind": context.actor.kind,
                "actor_id": context.actor.id,
                "command_id": context.id,
                "recorded_at": context.now,
                "removed_at": None,
            }
        )
        files += [(file, person) for file in each.files]
    setwrites.insert(Evidence, rows)
    vault.keep_files(context, files)
    added = _by_return((row["parent_id"], row["id"]) for row in rows)
    record(
        context,
        [
            AuditEntry(cases[key].header.company_id, "return", key, "add_picture", {}, {"pictures": ids})
            for key, ids in added.items()
        ],
    )


def _by_return(pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[str]]:
    """{return: its pictures}, for one entry of the trail however many there are."""
    found: dict[UUID, list[str]] = {}
    for return_id, evidence_id in pairs:
        found.setdefault(return_id, []).append(str(evidence_id))
    return found


def remove_evidence(*, removals: Sequence[Removal], actor: Actor, now: datetime) -> list[Outcome]:
    """Remove pictures for good: the vault forgets them, row and trail say that there was one.

    Staff need returns.remove_picture and a reason; a customer removes what he showed until the request is decided.
    Locks the returns. 9 statements and the trail's.
    """
    _permit(actor, REMOVE)
    with transaction.atomic():
        context = begin("returns.remove_picture", actor=actor, now=now, items=len(removals))
        cases = docket.load({item.return_id for item in removals})
        rows = {row.id: row for row in setwrites.fetch(Evidence, [item.evidence_id for item in removals])}
        outcomes: list[Outcome] = []
        gone: dict[tuple[UUID, str], list[UUID]] = {}
        for index, item in enumerate(removals):
            case, row = cases.get(item.return_id), rows.get(item.evidence_id)
            refusals = _no_removal(case, row, item, actor)
            outcomes.append(Outcome(index, item.evidence_id, refusals))
            if row is not None and not refusals:
                row.removed_at = now
                gone.setdefault((row.parent_id, item.reason), []).append(row.id)
        ids = [key for keys in gone.values() for key in keys]
        setwrites.update(Evidence, [{"id": key, "removed_at": now} for key in ids], assign=["removed_at"])
        vault.forget_files(_OWNER, ids)
        trail = []
        for (return_id, reason), keys in gone.items():
            company, was = cases[return_id].header.company_id, {"pictures": [str(key) for key in keys]}
            trail.append(AuditEntry(company, "return", return_id, "remove_picture", was, {}, reason))
        record(context, trail)
    return outcomes


def _no_removal(case: Case | None, row: Evidence | None, item: Removal, actor: Actor) -> list[Refusal]:
    if case is None or docket.hidden(case, actor):
        return [errors.NotFound()]
    if row is None or row.parent_id != case.header.id or row.removed_at is not None:
        return [errors.PictureNotFound()]
    if actor.kind == "customer":
        if row.side != "customer":
            return [errors.PictureNotFound()]
        decided = case.header.decision not in ("pending", "info_needed") or case.header.ending
        return [errors.NotPermitted(permission=REMOVE)] if decided else []
    return inputs.reason(item.reason)


def side_of(actor: Actor) -> str:
    """Whose words and pictures: the customer's, or those of staff and of the program."""
    return "customer" if actor.kind == "customer" else "staff"


def _permit(actor: Actor, permission: str) -> None:
    if actor.kind != "customer" and not actor.may(permission):
        raise Refused([errors.NotPermitted(permission=permission)])
