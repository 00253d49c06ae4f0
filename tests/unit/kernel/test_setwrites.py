"""Reading and changing sets gives what Django would give, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from guicang.kernel import setwrites
from guicang.kernel.compiled import compiled
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command, OutboxMessage
from guicang.org.models import Company

NOW = datetime(2026, 11, 3, 8, 0, 0, 123456, tzinfo=UTC)


def command(**more: Any) -> dict[str, Any]:
    row = {"id": new_id(), "name": "test", "actor_kind": "system", "actor_id": new_id(), "recorded_at": NOW}
    return {**row, "items": 1, "reply": {"zh": "退货", "n": [1, None]}, **more}


def columns(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.django_db
def test_fetch_gives_the_same_instances_as_a_query() -> None:
    rows = [command(items=number) for number in range(3)]
    setwrites.insert(Command, rows)
    ids = [row["id"] for row in rows]
    with transaction.atomic():
        found = setwrites.fetch(Command, [*reversed(ids), new_id()], lock=True)
    asked = Command.objects.filter(id__in=ids).order_by("pk")
    assert [columns(row) for row in found] == [columns(row) for row in asked]
    assert found[0] == Command.objects.get(id=ids[0])
    assert not found[0]._state.adding
    found[0].items = 9
    found[0].save(update_fields=["items"])
    assert Command.objects.get(id=ids[0]).items == 9
    assert setwrites.fetch(Command, [new_id()]) == []
    assert setwrites.fetch(Command, []) == []


@pytest.mark.django_db
def test_fetch_costs_a_statement_a_thousand() -> None:
    rows = [command() for _ in range(1_001)]
    setwrites.insert(Command, rows)
    with CaptureQueriesContext(connection) as captured:
        assert len(setwrites.fetch(Command, [row["id"] for row in rows])) == 1_001
    assert len(captured) == 2


@pytest.mark.django_db
def test_update_takes_booleans_nulls_and_what_all_rows_share() -> None:
    rows = [
        {"id": new_id(), "code": f"C{n}", "name": "c", "currency": "CNY", "archived_at": None, "books_from": None}
        for n in range(3)
    ]
    setwrites.insert(Company, rows)
    changed = [{"id": row["id"], "archived_at": NOW, "books_from": None} for row in rows]
    assert setwrites.update(Company, changed, assign=["archived_at", "books_from"]) == 3
    assert {(row.archived_at, row.books_from) for row in Company.objects.all()} == {(NOW, None)}
    assert OutboxMessage.objects.count() == 0


AWKWARD = [
    "",
    "NULL",
    "null",
    'a "quote"',
    "back\\slash",
    "{brace, comma}",
    "two\nlines\ttab",
    " edges ",
    "'; --",
    "退货 \U0001f4e6",
]


@pytest.mark.django_db
def test_any_text_comes_back_as_it_went_in() -> None:
    rows = [command(name=text[:60], scope="s", key=f"k{n}", reply={"text": text}) for n, text in enumerate(AWKWARD)]
    setwrites.insert(Command, rows)
    found = {row.key: (row.name, row.reply) for row in Command.objects.filter(scope="s")}
    assert found == {f"k{n}": (text, {"text": text}) for n, text in enumerate(AWKWARD)}
    backwards = [{"id": row["id"], "name": text} for row, text in zip(rows, reversed(AWKWARD), strict=True)]
    setwrites.update(Command, backwards, assign=["name"])
    assert [Command.objects.get(id=row["id"]).name for row in rows] == AWKWARD[::-1]
    for text in AWKWARD:
        assert text in set(Command.objects.filter(name__among=[text]).values_list("name", flat=True))


_named = compiled(lambda names, ids: Command.objects.filter(name__among=names, id__among=ids).values_list("id", "name"))


@pytest.mark.django_db
def test_a_compiled_query_takes_other_lists_at_each_call() -> None:
    rows = [command(name=text[:60]) for text in AWKWARD]
    setwrites.insert(Command, rows)
    ids = [row["id"] for row in rows]
    assert sorted(_named(AWKWARD, ids)) == sorted((row["id"], row["name"]) for row in rows)
    assert _named([AWKWARD[3]], ids) == [(ids[3], AWKWARD[3])]
    assert _named([AWKWARD[3]], ids[:3]) == []
    assert _named([], ids) == []
    with CaptureQueriesContext(connection) as captured:
        _named(AWKWARD, ids)
    assert len(captured) == 1
