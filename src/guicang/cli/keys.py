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
HEADER = "# Keys of this installation. Keep a copy: without the audit key no audit row can be checked.\n"


def provide(environment: MutableMapping[str, str], *, make: bool) -> Path | None:
    """Put the kept secrets into `environment`; what it already says wins. Answers the file, if there is one.

    With `make`, or with the embedded database, missing ones are made and written with mode 600.
    """
    home = Path(environment.get("GUICANG_HOME", "var")).resolve()
    file = home / FILE
    kept = _read(file)
    may_make = make or not environment.get("GUICANG_DATABASE_URL")
    while may_make and (missing := [name for name in NAMES if name not in kept and not environment.get(name)]):
        # Another first command may have been quicker: then its keys are the installation's, and these are forgotten.
        kept = _write(file, kept | {name: secrets.token_urlsafe(48) for name in missing})
    for name, value in kept.items():
        if not environment.get(name):
            environment[name] = value
    return file if kept else None


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    pairs = (line.partition("=") for line in file.read_text(encoding="ascii").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in NAMES}


def _write(file: Path, kept: dict[str, str]) -> dict[str, str]:
    """All or nothing, and never readable by others, not even for a moment. What the file says already stays.

    Answers what it says afterwards.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    present = file.exists()
    kept = kept | _read(file)
    draft = file.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(
                "# Keys of this installation. Keep a copy: without the audit key no audit row can be checked.\n"
            )
            handle.writelines(f"{name}={value}\n" for name, value in kept.items())
            handle.flush()
            os.fsync(descriptor)
        if present:
            draft.replace(file)
        else:
            os.link(draft, file)  # unlike a rename, never onto a file that somebody else has just put there
    except FileExistsError:
        return _read(file)
    finally:
        draft.unlink(missing_ok=True)
    return kept
