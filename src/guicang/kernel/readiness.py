"""Is this database fit to work with: does it answer, is it migrated, do its triggers stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import Error
from django.db.migrations.executor import MigrationExecutor

from guicang.kernel import guards


@dataclass(frozen=True, slots=True)
class Problem:
    """`code` is the number of the system check that reports it (see config.checks).

    `detail` is for the operator's terminal alone: it may name hosts, users and paths.
    """

    code: str
    sentence: str
    hint: str
    detail: str = ""


def problems(connection: Any) -> list[Problem]:
    """Every reason not to work on this database, none if all is well. A handful of reads, no write."""
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        missing = guards.missing(connection) if not plan else []
    except Error as problem:
        hint = "Check GUICANG_DATABASE_URL and the server."
        return [Problem("E004", "The database does not answer.", hint, detail=str(problem))]
    if plan:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in plan[:3])
        return [Problem("E003", f"{len(plan)} migrations are not applied: {names} ...", "Run: guicang migrate")]
    if missing:
        names = ", ".join(missing[:3])
        return [
            Problem(
                "E002",
                f"{len(missing)} triggers that keep the ledgers append-only are missing: {names} ...",
                "Run: guicang migrate (it installs them), then guicang verify.",
            )
        ]
    return []
