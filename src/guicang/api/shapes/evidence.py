"""Pictures and notes of a return as programs read them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from guicang.api.parsing import Reference, Shown
from guicang.api.problems import Finding


class Picture(Shown):
    """`line_id` null: of the whole return. `media_type`: of a picture, or application/pdf; that has no size.

    `side`: customer or staff. `erased`: it went with its person.
    """

    id: UUID
    line_id: Reference
    side: str
    state: str
    media_type: str
    width: int
    height: int
    actor_id: Reference
    actor: str
    recorded_at: datetime
    erased: bool


class Note(Shown):
    """`text` '' where it was erased with the person it was about."""

    id: UUID
    actor_id: Reference
    actor: str
    recorded_at: datetime
    text: str


class PictureResult(Shown):
    """What became of one picture. `known`: it was there already."""

    index: int
    ok: bool
    id: UUID | None
    known: bool
    errors: list[Finding]


class PictureResults(Shown):
    done: int
    refused: int
    items: list[PictureResult]
