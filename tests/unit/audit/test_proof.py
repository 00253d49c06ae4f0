"""The proof of the trail finds what was planted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from guicang.audit import operations, proofs
from guicang.audit.models import AuditHead, AuditRow
from guicang.audit.operations import AuditEntry
from guicang.kernel import guards
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id

pytestmark = pytest.mark.django_db

COMPANY = new_id()
AGGREGATES = [new_id() for _ in range(6)]
VICTIM = AGGREGATES[2]


def write(*aggregates: UUID, company: UUID = COMPANY) -> None:
    context = Context(new_id(), Actor.system(), datetime.now(UTC))
    changes = [AuditEntry(company, "return", key, "changed", {"step": 1}, {"step": 2}) for key in aggregates]
    operations.record(context, changes)


@pytest.fixture(autouse=True)
def _trail(db: None) -> None:
    for _ in range(3):
        write(*AGGREGATES)


def faults() -> set[str]:
    (proof,) = proofs.proofs()
    assert proof.ok == (proof.found == 0)
    return {difference["fault"] for difference in proof.differences}


def head() -> AuditHead:
    return AuditHead.objects.get(company_id=COMPANY, bucket=VICTIM.int & 63)


def change(**values: object) -> Callable[[], object]:
    return lambda: AuditRow.objects.filter(aggregate_id=VICTIM, seq=2).update(**values)


def remove(seq: int | None) -> Callable[[], object]:
    def act() -> None:
        found = AuditRow.objects.filter(aggregate_id=VICTIM)
        (found if seq is None else found.filter(seq=seq)).delete()

    return act


def forge() -> None:
    row = AuditRow.objects.get(aggregate_id=VICTIM, seq=3)
    row.id, row.seq, row.previous_mac = new_id(), 4, row.mac
    row.save(force_insert=True)


def forge_and_count() -> None:
    forge()
    AuditHead.objects.filter(pk=head().pk).update(count=head().count + 1)


def remove_tail_and_count() -> None:
    remove(3)()
    AuditHead.objects.filter(pk=head().pk).update(count=head().count - 1)


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (change(action="other"), {"row_changed"}),
        (change(after='{"step":3}'), {"row_changed"}),
        (change(reason="x"), {"row_changed"}),
        (change(book_date="2001-01-01"), {"row_changed"}),
        (change(actor_id=new_id()), {"row_changed"}),
        (change(recorded_at=datetime(2001, 1, 1, tzinfo=UTC)), {"row_changed"}),
        (change(company_id=new_id()), {"row_changed", "rows_missing", "head_missing"}),
        (change(mac="0" * 64), {"row_changed", "chain_broken"}),
        (change(key_id="k9"), {"unknown_key"}),
        (remove(1), {"links_missing", "rows_missing"}),
        (remove(2), {"links_missing", "rows_missing"}),
        (remove(3), {"rows_missing"}),
        (remove(None), {"rows_missing"}),
        (forge, {"row_changed", "rows_added"}),
        (forge_and_count, {"row_changed", "head_changed"}),
        (remove_tail_and_count, {"head_changed"}),
        (lambda: AuditHead.objects.filter(pk=head().pk).delete(), {"head_missing"}),
        (lambda: AuditHead.objects.all().delete(), {"head_missing"}),
        (lambda: AuditHead.objects.filter(pk=head().pk).update(mac=""), {"head_changed"}),
    ],
)
def test_a_planted_fault_is_found(plant: Callable[[], object], found: set[str]) -> None:
    assert faults() == set()
    with guards.removed(connection):
        plant()
    assert faults() == found


def test_a_later_write_does_not_launder_a_changed_count() -> None:
    with guards.removed(connection):
        remove_tail_and_count()
    write(VICTIM)
    assert faults() == {"head_changed"}
    write(VICTIM)
    assert faults() == {"head_changed"}


def test_a_removed_head_is_not_made_anew() -> None:
    with guards.removed(connection):
        remove(None)()
        AuditHead.objects.filter(pk=head().pk).delete()
    write(VICTIM)
    assert faults() == {"head_missing"}


def test_rows_cannot_be_changed_or_removed_through_the_database() -> None:
    for statement in ("UPDATE audit_auditrow SET action = 'x'", "DELETE FROM audit_auditrow"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_differences_are_kept_up_to_a_hundred_and_counted_beyond() -> None:
    write(*(new_id() for _ in range(300)))
    with guards.removed(connection):
        AuditRow.objects.update(action="x")
    (proof,) = proofs.proofs()
    assert (len(proof.differences), proof.found, proof.ok) == (100, 318, False)
