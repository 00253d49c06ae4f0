"""Statements as TOML: presets that ship, and what a merchant takes out and brings in."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tomli_w

from guicang.policy.rules import NotAPolicy, Statement

PRESETS = Path(__file__).parent.parent / "presets"
#: In the order in which they are offered.
ORDER = ("seven_days", "retail", "marketplace", "b2b", "eu_withdrawal")
#: A statement of two hundred policies is far smaller.
LARGEST = 500_000


@dataclass(frozen=True, slots=True)
class Preset:
    code: str
    zh: str
    en: str
    statement: Statement


@cache
def presets() -> dict[str, Preset]:
    """The statements that ship, by code."""
    found = {}
    for code in ORDER:
        data = tomllib.loads((PRESETS / f"{code}.toml").read_text("utf-8"))
        zh, en = data.pop("zh"), data.pop("en")
        found[code] = Preset(code, zh, en, Statement.from_data(data))
    return found


def to_toml(name: str, statement: Statement) -> str:
    """A statement as one file; `from_toml` reads it back."""
    return tomli_w.dumps({"name": name, **statement.as_data()})


def from_toml(content: bytes) -> tuple[str, Statement]:
    """(name, statement). Raises `NotAPolicy` for what cannot be read as one."""
    if len(content) > LARGEST:
        raise NotAPolicy([("-", f"larger than {LARGEST} bytes")])
    try:
        data = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise NotAPolicy([("-", str(fault))]) from None
    names = [str(data.pop(name, "")) for name in ("name", "zh", "en")]
    return next(filter(None, names), ""), Statement.from_data(data)
