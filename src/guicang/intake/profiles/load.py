"""Find a profile by its shipped name or by the path of a TOML file; templates for users."""

from __future__ import annotations

import tomllib
from pathlib import Path

from guicang.intake.profiles.fields import FIELDS, KINDS
from guicang.intake.profiles.parse import parse
from guicang.intake.profiles.schema import N_, Profile, ProfileFault

SHIPPED = Path(__file__).resolve().parent
#: Larger than any profile a person writes.
_MAX_BYTES = 1024 * 1024


def shipped() -> list[str]:
    """Names of the profiles that come with the program."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load(name: str | Path, kind: str = "") -> Profile:
    """The profile `name` (shipped name or path of a .toml) for files of `kind`.

    A profile may serve several kinds; without `kind` its first one is taken. The name `template`
    stands for the template of the kind. Raises ProfileFault.
    """
    path = _path(str(name), kind)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("larger than 1 MB")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as fault:
        raise _unreadable(str(name), fault) from fault
    return read(text, str(name), kind, called=path.stem)


def read(text: str, name: str, kind: str = "", *, called: str = "") -> Profile:
    """The profile that a TOML text declares, `called` so (default: `name`). Raises ProfileFault as `load` does."""
    try:
        if len(text) > _MAX_BYTES:
            raise ValueError("larger than 1 MB")
        raw = tomllib.loads(text)
    except ValueError as fault:
        raise _unreadable(name, fault) from fault
    kinds = raw.get("kind")
    if kind and kind not in (kinds if isinstance(kinds, list) else [kinds]):
        message = N_("The profile %(profile)s is for %(kinds)s, not for %(kind)s")
        raise ProfileFault("profile_kind", message, {"profile": name, "kinds": str(kinds), "kind": kind})
    profile, errors = parse(raw, called or name, kind)
    if profile is None:
        message = N_("The profile %(profile)s has errors:\n%(list)s")
        data = {"profile": name, "list": "\n".join(errors), "errors": errors}
        raise ProfileFault("profile_invalid", message, data)
    return profile


def shipped_for(kind: str) -> list[str]:
    """Names of the shipped profiles of a kind, our templates left out."""
    return [name for name in shipped() if not name.startswith("template_") and kind in _kinds(shipped_text(name))]


def _kinds(text: str) -> list[str]:
    kinds = tomllib.loads(text).get("kind", "")
    return kinds if isinstance(kinds, list) else [kinds]


def shipped_text(name: str) -> str:
    """The TOML of a profile that comes with the program."""
    return _path(name, "").read_text(encoding="utf-8")


def _unreadable(name: str, fault: Exception) -> ProfileFault:
    message = N_("The profile %(profile)s cannot be read: %(reason)s")
    return ProfileFault("profile_unreadable", message, {"profile": name, "reason": str(fault)})


def template(kind: str) -> list[str]:
    """Bilingual headers of our own template for `kind`, in the order of its columns."""
    if kind not in KINDS:
        message = N_("There is no template for %(kind)s; there are: %(known)s")
        raise ProfileFault("profile_kind", message, {"kind": kind, "known": ", ".join(KINDS)})
    return [field.header for field in FIELDS[kind].values()]


def _path(name: str, kind: str) -> Path:
    if name == "template" and kind:
        name = f"template_{kind}"
    if name.endswith(".toml"):
        path = Path(name)
        if path.is_file():
            return path
    elif name in shipped():
        return SHIPPED / f"{name}.toml"
    message = N_("There is no profile %(profile)s; shipped: %(known)s, or give the path of a .toml file")
    raise ProfileFault("profile_not_found", message, {"profile": name, "known": ", ".join(shipped())})
