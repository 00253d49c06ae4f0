"""Secrets of an installation that keeps its own: made once, kept beside the database they seal.

A rule that must hold: whoever writes the first audit row and whoever checks it years later use the same key. So the
keys are made before the first command does anything, and never again. With a database of its own address
(GUICANG_DATABASE_URL) several machines share it, and then only `guicang run` makes keys; the others must be given
them (check guicang.E001).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import MutableMapping
from pathlib import Path

NAMES = ("GUICANG_SECRET_KEY", "GUICANG_AUDIT_KEY", "GUICANG_INDEX_KEY")
FILE = "secrets.env"


def provide(environment: MutableMapping[str, str], *, make: bool) -> Path | None:
    """Put the kept secrets into `environment`; what it already says wins. Answers the file, if there is one.

    With `make`, or with the embedded database, missing ones are made and written with mode 600.
    """
    home = Path(environment.get("GUICANG_HOME", "var")).resolve()
    file = home / FILE
    kept = _read(file)
    missing = [name for name in NAMES if name not in kept and not environment.get(name)]
    if missing and (make or not environment.get("GUICANG_DATABASE_URL")):
        kept |= {name: secrets.token_urlsafe(48) for name in missing}
        _write(file, kept)
    for name, value in kept.items():
        if not environment.get(name):
            environment[name] = value
    return file if kept else None


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    pairs = (line.partition("=") for line in file.read_text(encoding="ascii").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in NAMES}


def _write(file: Path, kept: dict[str, str]) -> None:
    """All or nothing, and never readable by others, not even for a moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write("# Keys of this installation. Keep a copy: without the audit key no audit row can be checked.\n")
        handle.writelines(f"{name}={value}\n" for name, value in kept.items())
    draft.replace(file)
