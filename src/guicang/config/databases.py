"""The database from one address, with the options each engine needs to be safe and fast."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

#: IMMEDIATE: a writer takes the lock at BEGIN, so no deadlock between read and write.
#: synchronous=FULL: a commit that was answered is on the disk; with less, WAL may lose the last ones at a power cut.
#: recursive_triggers: INSERT OR REPLACE must not slip past the append-only DELETE trigger.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; "
    "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456; PRAGMA cache_size=-64000;"
)

#: A server that swallows packets would else hold up /readyz and every worker for minutes.
CONNECT_SECONDS = 10


#: Statements are prepared, and a plan for any value cannot use a partial index: whether `ending = $1` is what the index
#: holds is not known then. After five runs PostgreSQL took such a plan for the oldest open returns (37 ms instead of 1
#: with 100,000 returns, more with every year). So every run is planned for its own values (ADR 0009).
CUSTOM_PLANS = "-c plan_cache_mode=force_custom_plan"


def sqlite_database(path: Path | str) -> dict[str, Any]:
    return {
        "ENGINE": "guicang.kernel.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
    }


def database_from_url(url: str, home: Path) -> dict[str, Any]:
    """Django's settings for `url`; an empty one means a SQLite file under `home`.

    What else a PostgreSQL address says after `?` (sslmode, application_name ...) is the driver's, which refuses
    words it does not know: an `sslmode=verify-full` that nobody reads would be a promise broken in silence.
    """
    if not url:
        home.mkdir(parents=True, exist_ok=True)
        return sqlite_database(home / "guicang.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite_database(unquote(parts.path) or ":memory:")
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"GUICANG_DATABASE_URL: cannot use {parts.scheme!r}; give postgresql:// or sqlite:///path")
    query = dict(parse_qsl(parts.query))
    host, port = query.pop("host", parts.hostname or ""), query.pop("port", str(parts.port or ""))
    # A pooler that hands a connection to another client after each transaction needs `?prepare=off`,
    # unless it follows prepared statements itself.
    prepared: dict[str, Any] = {}
    if query.pop("prepare", "") != "off":
        options = f"{CUSTOM_PLANS} {query.get('options', '')}".strip()
        prepared = {"server_side_binding": True, "prepare_threshold": 2, "options": options}
    return {
        "ENGINE": "guicang.kernel.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": CONNECT_SECONDS, **query, **prepared},
    }
