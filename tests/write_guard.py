"""Fails a write into a context's tables that comes from outside that context.

Import-linter cannot see `line.save()` on a row that some lower context handed out; this can. The nearest frame of
`guicang.<context>` on the stack (the kernel passed over, since it writes on behalf of its caller) must belong to the
context that owns the table. A test may write directly, to plant a fault: then no frame of guicang is on the stack.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import FrameType
from typing import Any

import pytest
from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

WRITE = re.compile(
    r"^\s*(?:WITH\b.*?[()]\s*)?(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?"
    r"|DELETE\s+FROM|COPY|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?)\s+(?:ONLY\s+)?\"?(\w+)\"?",
    re.IGNORECASE | re.DOTALL,
)
#: Written by the kernel for everybody, or by Django's own machinery (sessions, permissions, migrations).
PASSED_OVER = frozenset({"kernel", "config"})
#: They write our user's table on their own account: the last sign-in, a new password.
LIBRARIES = frozenset({"allauth"})


class ForeignWrite(AssertionError):
    """A context wrote into another context's table."""


@functools.cache
def _owner_of_tables() -> dict[str, str]:
    return {
        model._meta.db_table: model._meta.app_label
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("guicang.")
    }


def owner_of(sql: str) -> str | None:
    """The context whose table `sql` writes, or None for a read and for tables that are nobody's or the kernel's."""
    found = WRITE.match(sql)
    if not found:
        return None
    owner = _owner_of_tables().get(found.group(1))
    return None if owner in PASSED_OVER else owner


def writer(frame: FrameType | None) -> str | None:
    """The context of the nearest frame that is guicang's and not the kernel's; tests of a context are not it."""
    while frame is not None:
        parts = str(frame.f_globals.get("__name__", "")).split(".")
        if parts[0] in LIBRARIES:
            return None
        if parts[0] == "guicang" and len(parts) > 1 and parts[1] not in PASSED_OVER and "tests" not in parts:
            return parts[1]
        frame = frame.f_back
    return None


def check(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    owner = owner_of(sql)
    if owner is not None:
        by = writer(sys._getframe(1))
        if by is not None and by != owner:
            raise ForeignWrite(f"{by} wrote a table of {owner}: use an operation of {owner}. {sql[:120]}")
    return execute(sql, params, many, context)


def _guard(sender: object, connection: BaseDatabaseWrapper, **_: object) -> None:
    """A thread has a connection of its own, made when it first asks for it."""
    if check not in connection.execute_wrappers:
        connection.execute_wrappers.append(check)


@pytest.fixture(autouse=True)
def _contexts_write_their_own_tables() -> Iterator[None]:
    connection_created.connect(_guard)
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(check))
        yield
    connection_created.disconnect(_guard)
