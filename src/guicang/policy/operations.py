"""Stating policies. Versions are never changed: a new policy is a new version from an instant on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import derived_id, new_id
from guicang.policy.models import PolicyVersion
from guicang.policy.rules import PLAIN, Terms

PLAIN_CODE = "plain"
#: Before any order there can be: the plain default is what was in force when nothing else was.
EVER = datetime(1970, 1, 1, tzinfo=UTC)


def ensure_default(context: Context, company_id: UUID) -> UUID:
    """The plain default (30 days from shipment), provisional, in force from ever. Idempotent; 1 statement."""
    version_id = derived_id("policy", company_id, PLAIN_CODE, 1)
    if not PolicyVersion.objects.filter(id=version_id).exists():
        facts = {"company_id": company_id, "code": PLAIN_CODE, "number": 1, "name": _("30 days from shipment")}
        facts |= {"effective_from": EVER, "terms": PLAIN, "provisional": True}
        _write(context, {"id": version_id, **facts})
    return version_id


def state_version(
    context: Context, company_id: UUID, *, code: str, name: str, effective_from: datetime, terms: Mapping[str, Any]
) -> UUID:
    """A new version of the policy `code`, in force from an instant on. ValueError for what is no policy."""
    Terms.from_data(terms)
    last = PolicyVersion.objects.filter(company_id=company_id, code=code).order_by("-number").first()
    version_id = new_id()
    facts = {"company_id": company_id, "code": code, "number": last.number + 1 if last else 1, "name": name}
    facts |= {"effective_from": effective_from, "terms": dict(terms), "provisional": False}
    _write(context, {"id": version_id, **facts})
    return version_id


def _write(context: Context, row: Mapping[str, Any]) -> None:
    stamps = {"occurred_at": context.now, "book_date": context.now.date(), **context.stamps}
    setwrites.insert(PolicyVersion, [{**row, **stamps}], ignore_conflicts=row["provisional"])
    after = {name: row[name] for name in ("code", "number", "effective_from", "terms")}
    record(context, [AuditEntry(row["company_id"], "policy", row["id"], "state", {}, after)])
