"""The guard that fails a write from outside the context that owns the table, and the helper that clears tables."""

from __future__ import annotations

import threading
import types

import pytest
from django.db import IntegrityError, connection

from guicang.audit.models import AuditHead
from guicang.kernel import clock, guards, ids
from guicang.kernel.models import Origin
from guicang.org.models import Channel
from guicang.policy.models import PolicyVersion
from tests import tables
from tests.write_guard import ForeignWrite, owner_of


def _as_if_in(module: str, source: str, **names: object) -> object:
    """Run `source` as if it stood in `module`."""
    made = types.ModuleType(module)
    made.__dict__.update(names)
    exec(compile(source, module, "exec"), made.__dict__)
    return made.__dict__.get("answer")


WRITE = "Channel.objects.filter(code='x').update(name='y')"


@pytest.mark.django_db
def test_a_foreign_write_fails() -> None:
    with pytest.raises(ForeignWrite, match="returns wrote a table of org"):
        _as_if_in("guicang.returns.steps.receive", WRITE, Channel=Channel)


@pytest.mark.django_db(transaction=True)
def test_a_foreign_write_fails_in_a_thread_too() -> None:
    faults: list[BaseException] = []

    def run() -> None:
        try:
            _as_if_in("guicang.returns.steps.receive", WRITE, Channel=Channel)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert [type(fault) for fault in faults] == [ForeignWrite]


@pytest.mark.django_db
@pytest.mark.parametrize("module", ["guicang.org.operations", "guicang.returns.tests.test_x", "tests.journeys.test_x"])
def test_own_and_test_writes_pass(module: str) -> None:
    _as_if_in(module, WRITE, Channel=Channel)


@pytest.mark.django_db
def test_the_kernel_writes_for_its_caller() -> None:
    kernel = "def write():\n    " + WRITE
    made = types.ModuleType("guicang.kernel.setwrites")
    made.__dict__["Channel"] = Channel
    exec(kernel, made.__dict__)
    _as_if_in("guicang.org.operations", "write()", write=made.__dict__["write"])
    with pytest.raises(ForeignWrite):
        _as_if_in("guicang.sales.operations", "write()", write=made.__dict__["write"])


@pytest.mark.parametrize(
    ("sql", "owner"),
    [
        ("SELECT 1 FROM org_channel", None),
        ("SELECT id FROM org_channel FOR UPDATE", None),
        ('INSERT INTO "org_channel" ("id") VALUES (1)', "org"),
        ("INSERT OR IGNORE INTO org_channel VALUES (1)", "org"),
        ('UPDATE "org_channel" SET code = 1 FROM json_each(?) j', "org"),
        ('DELETE FROM "org_channel"', "org"),
        ("COPY org_channel (id) FROM STDIN", "org"),
        ("WITH j AS (SELECT (1) AS a) UPDATE org_channel SET code = 1", "org"),
        ("WITH gone AS (DELETE FROM org_channel RETURNING id) SELECT id FROM gone", "org"),
        ("WITH j AS (SELECT id FROM org_channel) SELECT id FROM j", None),
        ("TRUNCATE TABLE org_channel", "org"),
        ("MERGE INTO org_channel USING v ON true WHEN MATCHED THEN DELETE", "org"),
        ('INSERT INTO "kernel_command" ("id") VALUES (1)', None),
        ("INSERT INTO django_session VALUES (1)", None),
    ],
)
def test_owner_of_a_statement(sql: str, owner: str | None) -> None:
    assert owner_of(sql) == owner


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", [1, 2])
def test_clearing_leaves_no_rows_and_every_trigger(round_: int) -> None:
    assert AuditHead.objects.count() == 0
    assert not guards.missing(connection)
    tables.clear(connection)
    assert not guards.missing(connection)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", [1, 2])
def test_append_only_rows_are_cleared_between_tests(round_: int) -> None:
    """The second round finds the tables empty, though no statement of ours could delete the row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM policy_policyversion")
        assert cursor.fetchone()[0] == 0
    _plant_append_only_row()
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("DELETE FROM policy_policyversion")


def _plant_append_only_row() -> None:
    PolicyVersion.objects.create(
        id=ids.new_id(),
        occurred_at=clock.utcnow(),
        recorded_at=clock.utcnow(),
        book_date=clock.utcnow().date(),
        command_id=ids.new_id(),
        origin=Origin.LIVE,
        company_id=ids.new_id(),
        number=1,
        name="plain",
        effective_from=clock.utcnow(),
    )
