"""The case of a return as evidence: what its page knows, how goods came in, and its pictures. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.insights.dossier import Dossier, dossier
from guicang.insights.verdicts import Explained, explain
from guicang.kernel.actor import Actor
from guicang.returns import queries as returns
from guicang.returns.models import Receipt
from guicang.staff import queries as staff

#: To take a whole case out of the house, as one file.
PERMISSION = "returns.evidence_pack"
#: Both sides may show nine: more than these make a file that no form of a platform takes.
MOST_PICTURES = 12
MOST_RECEIPTS = 200


@dataclass(frozen=True, slots=True)
class CaseFile:
    """`verdict`: without what is for staff alone, because a pack leaves the house. `pictures`: {id: the picture}."""

    found: Dossier
    verdict: Explained
    receipts: list[Receipt]
    pictures: dict[UUID, bytes]
    made_by: str
    made_at: datetime


def case_file(return_id: UUID, actor: Actor, now: datetime) -> CaseFile | None:
    """None where there is no such return that the actor may see. 3 statements besides the page's, 2 a picture."""
    found = dossier(return_id, actor, now)
    if found is None:
        return None
    lines = [line.row.id for line in found.lines]
    receipts = Receipt.objects.filter(line_id__among=lines).order_by("occurred_at", "id")[:MOST_RECEIPTS]
    shown = [one.id for one in found.pictures if not one.erased and not one.is_document][:MOST_PICTURES]
    opened = {key: returns.open_picture(key, actor) for key in shown}
    return CaseFile(
        found,
        explain(found.header.verdict, found.header.policy_version_id, internal=False),
        list(receipts),
        {key: picture.data for key, picture in opened.items() if picture},
        staff.names([actor.id]).get(actor.id, ""),
        now,
    )
