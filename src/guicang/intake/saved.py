"""Profiles that companies keep for their files: renamed, deleted. Files that were read by one stay as they are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import AuditEntry, record
from guicang.intake import errors
from guicang.intake.models import SavedProfile
from guicang.intake.queries import seen_by
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused

_MOST = 80


def checked_name(name: str) -> str:
    """A profile's name as it is kept. Raises Refused(BadProfileName)."""
    plain = name.strip()
    if not plain or len(plain) > _MOST or not plain.isprintable():
        raise Refused([errors.BadProfileName(most=_MOST)])
    return plain


def rename_profile(profile_id: UUID, name: str, *, actor: Actor, now: datetime) -> None:
    """About 9 statements. Raises Refused: NoSuchProfile, BadProfileName, ProfileNameTaken."""
    with transaction.atomic():
        row, wanted = _held(profile_id, actor), checked_name(name)
        if row.name == wanted:
            return
        if SavedProfile.objects.filter(company_id=row.company_id, kind=row.kind, name=wanted).exists():
            raise Refused([errors.ProfileNameTaken(name=wanted)])
        row.name, row.changed_at = wanted, now
        row.save(update_fields=["name", "changed_at"])
        _audited(row, "profile_rename", actor, now)


def delete_profile(profile_id: UUID, *, actor: Actor, now: datetime) -> None:
    """About 8 statements. Raises Refused(NoSuchProfile)."""
    with transaction.atomic():
        row = _held(profile_id, actor)
        SavedProfile.objects.filter(id=row.id).delete()
        _audited(row, "profile_delete", actor, now)


def _held(profile_id: UUID, actor: Actor) -> SavedProfile:
    row = seen_by(SavedProfile.objects.select_for_update(), actor.scope).filter(id=profile_id).first()
    if row is None:
        raise Refused([errors.NoSuchProfile()])
    return row


def _audited(row: SavedProfile, what: str, actor: Actor, now: datetime) -> None:
    """Names of people's own making stand in no trail."""
    context = begin(f"intake.{what}", actor=actor, now=now, items=1)
    record(context, [AuditEntry(row.company_id, "import", row.id, what, {}, {"kind": row.kind})])
