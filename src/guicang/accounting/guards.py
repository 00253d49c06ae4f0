"""Triggers that seal an entry: its lines go in first, the entry last, then nothing is added to it.

The entry's trigger refuses fewer than two lines, a sum other than zero (no line at all counts as
not zero) and lines of another company or book date; the lines' trigger refuses a line whose entry
is already there. On PostgreSQL each runs once a statement over its transition table: a thousand
entries are one query by index, not a thousand calls. The deferred foreign key refuses, at commit,
lines without an entry.
"""

from __future__ import annotations

from collections.abc import Sequence

from guicang.kernel.guards import Trigger

ENTRY = "accounting_entry"
LINE = "accounting_entryline"

UNSEALED = "an entry needs two lines or more of its own company and book date that sum to zero"
TOO_LATE = "a line cannot be added to an entry that is already written"

#: The plan of a function is kept for the session, and one made while the table was small would read
#: all of it ever after. LATERAL asks per entry; without a sequential scan only the index is left.
_BY_INDEX = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"

_SEAL_ENTRIES = f"""
CREATE OR REPLACE FUNCTION guicang_seal_entries() RETURNS trigger LANGUAGE plpgsql {_BY_INDEX} AS $$
DECLARE broken uuid;
BEGIN
    SELECT written.id INTO broken FROM written, LATERAL (
        SELECT count(*) AS lines, sum(line.book_minor) AS book, count(*) FILTER (
            WHERE line.company_id = written.company_id AND line.book_date = written.book_date
        ) AS own FROM {LINE} line WHERE line.entry_id = written.id
    ) found WHERE found.lines < 2 OR coalesce(found.book, 1) <> 0 OR found.own <> found.lines LIMIT 1;
    IF FOUND THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'entry ' || broken || ': {UNSEALED}';
    END IF;
    RETURN NULL;
END $$"""  # noqa: S608 - names of tables, no input

_LINES_FIRST = f"""
CREATE OR REPLACE FUNCTION guicang_lines_first() RETURNS trigger LANGUAGE plpgsql {_BY_INDEX} AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM written JOIN {ENTRY} entry ON entry.id = written.entry_id) THEN
        RAISE integrity_constraint_violation USING MESSAGE = '{TOO_LATE}';
    END IF;
    RETURN NULL;
END $$"""  # noqa: S608 - names of tables, no input

# SQLite keeps whatever type it is given: without the look at the type 'abc' would sum to zero.
_SQLITE_SEAL = f"""
CREATE TRIGGER "{{name}}" BEFORE INSERT ON "{ENTRY}" WHEN (
    SELECT count(*) < 2 OR coalesce(sum(book_minor), 1) <> 0 OR sum(
        company_id = NEW.company_id AND book_date = NEW.book_date
        AND typeof(book_minor) = 'integer' AND typeof(amount_minor) = 'integer'
    ) IS NOT count(*) FROM "{LINE}" WHERE entry_id = NEW.id
) BEGIN SELECT RAISE(ABORT, '{UNSEALED}'); END"""  # noqa: S608 - names of tables, no input

_SQLITE_LINES_FIRST = f"""
CREATE TRIGGER "{{name}}" BEFORE INSERT ON "{LINE}" WHEN EXISTS (SELECT 1 FROM "{ENTRY}" WHERE id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, '{TOO_LATE}'); END"""  # noqa: S608 - names of tables, no input


def triggers() -> list[Trigger]:
    return [
        Trigger("accounting_entry_sealed", ENTRY, _seal),
        Trigger("accounting_entryline_before_entry", LINE, _lines_first),
    ]


def _seal(vendor: str) -> Sequence[str]:
    name = "accounting_entry_sealed"
    if vendor != "postgresql":
        return [_SQLITE_SEAL.format(name=name)]
    return [_SEAL_ENTRIES, _per_statement(name, ENTRY, "guicang_seal_entries")]


def _lines_first(vendor: str) -> Sequence[str]:
    name = "accounting_entryline_before_entry"
    if vendor != "postgresql":
        return [_SQLITE_LINES_FIRST.format(name=name)]
    return [_LINES_FIRST, _per_statement(name, LINE, "guicang_lines_first")]


def _per_statement(name: str, table: str, function: str) -> str:
    return (
        f'CREATE TRIGGER "{name}" AFTER INSERT ON "{table}" REFERENCING NEW TABLE AS written '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )
