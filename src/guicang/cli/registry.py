"""The sub-commands of `guicang`: each module of `guicang.cli.commands` is one.

A command module has a docstring (its first line is the help), `add_arguments(parser)` and `run(arguments) -> int`,
the exit status. `NEEDS_DATABASE = False` marks one that starts without a migrated database. A trailing underscore
in the module's name is dropped (`import_` is `guicang import`).
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from typing import Protocol, cast

from guicang.cli import commands


class Command(Protocol):
    """What a module of `guicang.cli.commands` must offer."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


def names() -> dict[str, str]:
    """Command name -> module name, in alphabetical order."""
    found = (module.name for module in pkgutil.iter_modules(commands.__path__))
    return {name.rstrip("_"): name for name in sorted(found) if not name.startswith("_")}


def load(name: str) -> Command:
    return cast("Command", importlib.import_module(f"{commands.__name__}.{names()[name]}"))


def needs_database(command: Command) -> bool:
    return bool(getattr(command, "NEEDS_DATABASE", True))
