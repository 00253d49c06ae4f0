"""The triggers hold against raw SQL on both engines: too few lines, unbalanced, late, foreign, NULL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from guicang.accounting import operations, proofs
from guicang.accounting.models import Entry, EntryLine
from guicang.kernel import guards, setwrites
from guicang.kernel.ids import NIL, new_id
from tests.unit.accounting.books import STAMPS, company, context, sale

pytestmark = pytest.mark.django_db

COMPANY = new_id()


def line(entry_id: UUID, book_minor: Any, position: int = 1, **values: Any) -> dict[str, Any]:
    row = {"id": new_id(), "entry_id": entry_id, "position": position, "company_id": COMPANY, "account_id": NIL}
    row |= {
        "amount_minor": book_minor,
        "currency": "CNY",
        "book_minor": book_minor,
        "command_id": NIL,
        "party_kind": "",
    }
    return {**row, "party_id": NIL, "order_id": NIL, "shop_id": NIL, **STAMPS, **values}


def entry(entry_id: UUID, **values: Any) -> dict[str, Any]:
    row = {
        "id": entry_id,
        "company_id": COMPANY,
        "event": "x",
        "source_kind": "x",
        "source_id": NIL,
        "reverses_id": NIL,
    }
    return {**row, "command_id": NIL, **STAMPS, **values}


def raw(table: str, row: dict[str, Any]) -> None:
    """One row by a plain INSERT, as somebody with a database console would write it."""
    values = [_raw(value) for value in row.values()]
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)


def _raw(value: Any) -> Any:
    if connection.vendor == "postgresql":
        return value
    return value.hex if isinstance(value, UUID) else value if isinstance(value, int | float | None) else str(value)


def write(entries: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    setwrites.insert(EntryLine, lines)
    setwrites.insert(Entry, entries)


def write_raw(entries: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    for row in lines:
        raw("accounting_entryline", row)
    for row in entries:
        raw("accounting_entry", row)


@pytest.fixture(params=[write, write_raw], ids=["sets", "raw"])
def writes(request: pytest.FixtureRequest) -> Callable[..., None]:
    return request.param  # type: ignore[no-any-return]


def refused(writes: Callable[..., None], entries: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        writes(entries, lines)
    assert not Entry.objects.exists()


def test_two_lines_that_sum_to_zero_are_an_entry(writes: Callable[..., None]) -> None:
    key = new_id()
    writes([entry(key)], [line(key, 5), line(key, -5, 2)])
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("amounts", [[], [0], [5], [5, -4], [5, -5, 1], [0, 1]])
def test_fewer_than_two_lines_or_another_sum_is_refused(writes: Callable[..., None], amounts: list[int]) -> None:
    key, good = new_id(), new_id()
    lines = [line(key, amount, position) for position, amount in enumerate(amounts)]
    refused(writes, [entry(key)], lines)
    refused(writes, [entry(good), entry(key)], [line(good, 1), line(good, -1, 2), *lines])


@pytest.mark.parametrize(
    "other", [{"company_id": new_id()}, {"book_date": date(2026, 1, 1)}], ids=["company", "book date"]
)
def test_lines_of_another_company_or_day_are_refused(writes: Callable[..., None], other: dict[str, Any]) -> None:
    key = new_id()
    refused(writes, [entry(key)], [line(key, 5), line(key, -5, 2, **other)])
    refused(writes, [entry(key)], [line(key, 5, **other), line(key, -5, 2, **other)])


@pytest.mark.parametrize("column", ["book_minor", "amount_minor", "company_id", "book_date", "entry_id"])
def test_null_in_a_line_fails(writes: Callable[..., None], column: str) -> None:
    key = new_id()
    refused(writes, [entry(key)], [line(key, 5), line(key, -5, 2), {**line(key, 0, 3), column: None}])


@pytest.mark.parametrize("column", ["id", "company_id", "book_date"])
def test_null_in_an_entry_fails(writes: Callable[..., None], column: str) -> None:
    key = new_id()
    refused(writes, [{**entry(key), column: None}], [line(key, 5), line(key, -5, 2)])


@pytest.mark.parametrize("amounts", [["a", "b"], [0.5, -0.5], ["", ""]])
def test_what_is_no_integer_fails(amounts: list[Any]) -> None:
    if connection.vendor == "postgresql" and isinstance(amounts[0], float):
        pytest.skip("PostgreSQL rounds what it is given to an integer")
    key = new_id()
    refused(write_raw, [entry(key)], [line(key, amount, position) for position, amount in enumerate(amounts)])


def test_a_line_cannot_join_an_entry_that_is_written(writes: Callable[..., None]) -> None:
    key = new_id()
    write([entry(key)], [line(key, 5), line(key, -5, 2)])
    for extra in ([line(key, 0, 3)], [line(key, 7, 3), line(key, -7, 4)]):
        with pytest.raises(IntegrityError), transaction.atomic():
            writes([], extra)
    assert EntryLine.objects.count() == 2


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "INSERT OR IGNORE"])
def test_sqlites_or_clauses_open_no_door(verb: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a form of SQLite")
    key = new_id()
    write([entry(key)], [line(key, 5), line(key, -5, 2)])
    for table, row in (("accounting_entryline", line(key, 6)), ("accounting_entry", entry(new_id()))):
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{verb} INTO {table} ({names}) VALUES ({marks})", [_raw(value) for value in row.values()])
    assert list(EntryLine.objects.order_by("position").values_list("book_minor", flat=True)) == [5, -5]


@pytest.mark.django_db(transaction=True)
def test_lines_without_an_entry_are_never_committed() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write([], [line(new_id(), 5), line(new_id(), -5, 2)])
    assert not EntryLine.objects.exists()


def test_entries_and_lines_never_change() -> None:
    made = company()
    operations.post(context(), [sale(made.id)])
    for table in ("accounting_entry", "accounting_entryline"):
        for statement in (f"UPDATE {table} SET origin = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_the_triggers_are_among_those_checked_at_start() -> None:
    names = {trigger.name for trigger in guards.triggers(connection.vendor)}
    assert {"accounting_entry_sealed", "accounting_entryline_before_entry"} <= names
    assert guards.missing(connection) == []


def test_the_proof_finds_what_slipped_past_the_triggers() -> None:
    made = company()
    operations.post(context(), [sale(made.id)])
    assert proofs.proofs()[0].ok
    single, foreign = new_id(), new_id()
    with guards.removed(connection):
        write(
            [entry(single), entry(foreign)], [line(single, 5), line(foreign, 5), line(foreign, -5, 2, company_id=NIL)]
        )
        write([entry(empty := new_id())], [])
    found = proofs.proofs()[0]
    assert {difference["entry_id"].replace("-", "") for difference in found.differences} == {
        single.hex,
        foreign.hex,
        empty.hex,
    }
    assert found.checked == 4
