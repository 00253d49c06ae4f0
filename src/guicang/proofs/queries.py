"""Runs every context's proofs over one snapshot of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

from django.db import connection

from guicang.kernel.proof import Proof
from guicang.proofs import existence

CONTEXTS = ("audit", "inventory", "accounting", "payments", "trade", "returns")


def run() -> list[Proof]:
    """Every proof, from the rows alone; reads one snapshot and changes nothing."""
    with snapshot():
        return [proof for source in _sources() for proof in source()]


def _sources() -> Iterator[Callable[[], list[Proof]]]:
    for context in CONTEXTS:
        name = f"guicang.{context}.proofs"
        if find_spec(name):
            yield import_module(name).proofs
    yield existence.proofs


@contextmanager
def snapshot() -> Iterator[None]:
    """All reads of the block see the database as it was at the first of them.

    Inside a caller's transaction (a test's) it is the caller's snapshot.
    """
    if connection.in_atomic_block:
        with _whole_tables():
            yield
        return
    begin = "BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    with connection.cursor() as cursor:
        # Not atomic(): on SQLite that takes the write lock, and proving must not stop the shop.
        cursor.execute(begin)
    try:
        with _whole_tables():
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


@contextmanager
def _whole_tables() -> Iterator[None]:
    """Every proof joins whole tables. Right after a large import PostgreSQL's statistics still speak of an empty
    table, and a nested loop planned for one row then takes hours: here it is never the right join.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = on")
