"""What became of commands, as programs read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from guicang.api.parsing import Shown
from guicang.api.problems import Finding
from guicang.returns.lifecycle import State


class Result(Shown):
    """What became of one item of a set. `state`: the return's now; `made`: ids of what came to be."""

    index: int
    ok: bool
    id: UUID | None
    state: State | None
    made: dict[str, Any]
    errors: list[Finding]


class Results(Shown):
    """One result an item, in their order: some may be done and others refused."""

    done: int
    refused: int
    items: list[Result]


class Done(Shown):
    """A command that was carried out; `version` is the return's ETag from now on."""

    id: UUID
    state: State
    version: int
    made: dict[str, Any]
