"""Reading what people showed and wrote about a return; the words and pictures themselves lie in the vault."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.ids import derived_id
from guicang.kernel.setwrites import chunks
from guicang.parties import queries as vault
from guicang.returns.models import (
    Evidence,
    Note,
)

#: Owner of pictures in the vault, and the two sizes of each.
EVIDENCE, WHOLE, SMALL = "evidence", "whole", "small"


class EvidenceInfo(NamedTuple):
    """A picture of a return: who showed it when, and in which state the return was. `side`: customer or staff.

    `erased`: it went with its person; that there was one stays known.
    """

    id: UUID
    return_id: UUID
    line_id: UUID
    side: str
    state: str
    width: int
    height: int
    actor_kind: str
    actor_id: UUID
    recorded_at: datetime
    media_type: str
    erased: bool = False

    @property
    def is_document(self) -> bool:
        """A file to open, and no picture to look at."""
        return not self.media_type.startswith("image/")


#: Owner of notes in the vault, and the kind of their words.
NOTE, NOTE_TEXT = "note", "text"


class NoteInfo(NamedTuple):
    """A note of staff; `text` '' where it was erased with the person it was about."""

    id: UUID
    return_id: UUID
    actor_kind: str
    actor_id: UUID
    recorded_at: datetime
    text: str = ""


def notes_of(return_ids: Iterable[UUID]) -> dict[UUID, list[NoteInfo]]:
    """Notes by return, oldest first; 2 statements per 1,000, 1 where there are none."""
    found: dict[UUID, list[NoteInfo]] = {}
    for batch in chunks(sorted(set(return_ids))):
        rows = Note.objects.filter(parent_id__among=batch).order_by("recorded_at", "id")
        notes = [NoteInfo(*row) for row in rows.values_list("id", "parent_id", "actor_kind", "actor_id", "recorded_at")]
        words = vault.personal((NOTE, note.id) for note in notes)
        for note in notes:
            text = next((entry.value for entry in words.get((NOTE, note.id), ()) if entry.kind == NOTE_TEXT), "")
            found.setdefault(note.return_id, []).append(note._replace(text=text))
    return found


class OpenPicture(NamedTuple):
    media_type: str
    data: bytes


_EVIDENCE = (
    *("id", "parent_id", "line_id", "side", "state", "width", "height"),
    *("actor_kind", "actor_id", "recorded_at", "media_type"),
)


def evidence_of(return_ids: Iterable[UUID]) -> dict[UUID, list[EvidenceInfo]]:
    """Pictures by return, oldest first, without those removed; 2 statements per 1,000."""
    found: list[EvidenceInfo] = []
    for batch in chunks(sorted(set(return_ids))):
        rows = Evidence.objects.filter(parent_id__among=batch, removed_at=None).order_by("recorded_at", "id")
        found.extend(EvidenceInfo(*row) for row in rows.values_list(*_EVIDENCE))
    kept = vault.files(EVIDENCE, (info.id for info in found))
    by_return: dict[UUID, list[EvidenceInfo]] = {}
    for info in found:
        by_return.setdefault(info.return_id, []).append(info._replace(erased=info.id not in kept))
    return by_return


def open_picture(evidence_id: UUID, actor: Actor, *, small: bool = False) -> OpenPicture | None:
    """A picture of a return that the actor may see; None for any other, removed or erased. 2 statements."""
    row = Evidence.objects.filter(id=evidence_id, removed_at=None).select_related("parent").first()
    if row is None:
        return None
    header = row.parent
    if not actor.sees(header.company_id, header.shop_id, header.warehouse_id, header.customer_id):
        return None
    # A document has no small one.
    data = vault.open_file(EVIDENCE, evidence_id, SMALL if small and row.width else WHOLE)
    return None if data is None else OpenPicture(row.media_type, data)


def answer_place(return_id: UUID, command_id: UUID) -> tuple[str, UUID]:
    """Owner of the words of one answer in the vault."""
    return "answer", derived_id("answer", return_id, command_id)


def words_of(return_id: UUID, answers: Iterable[UUID]) -> tuple[str, dict[UUID, str]]:
    """What the buyer said with the request, and with each of the `answers` (commands); 1 statement."""
    places = {answer_place(return_id, command_id): command_id for command_id in answers}
    found = {
        place: next((entry.value for entry in entries if entry.kind == "words"), "")
        for place, entries in vault.personal([("return", return_id), *places]).items()
    }
    return found.get(("return", return_id), ""), {key: found[place] for place, key in places.items() if place in found}
