"""`guicang`: what operators call."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import django
from django.core import checks
from django.utils.translation import gettext as _

import guicang
from guicang.cli import keys, lifeline, registry

#: Exit status of a command that could not start: a wrong call, an unfit database, a file that is no table.
UNUSABLE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; answers its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    chosen = words[0] if words and words[0] in registry.names() else ""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guicang.config.settings")
    lifeline.hold(os.environ)
    keys.provide(os.environ, make=chosen == "run")
    django.setup()
    parser, loaded = _parser([chosen] if chosen else list(registry.names()))
    arguments = parser.parse_args(words)
    command = loaded[arguments.command]
    if registry.needs_database(command) and not _fit():
        return UNUSABLE
    try:
        return command.run(arguments)
    except KeyboardInterrupt:
        print(_("stopped"), file=sys.stderr)
        return 130


def _parser(names: list[str]) -> tuple[argparse.ArgumentParser, dict[str, registry.Command]]:
    """A parser for `names` alone: a command does not wait for the imports of the others."""
    parser = argparse.ArgumentParser(prog="guicang", description=guicang.__doc__)
    choices = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    loaded = {name: registry.load(name) for name in names}
    for name, command in loaded.items():
        text = (command.__doc__ or "").strip()
        command.add_arguments(choices.add_parser(name, help=text.partition("\n")[0].rstrip("."), description=text))
    return parser, loaded


def _fit() -> bool:
    """The checks of `guicang.config.checks`; says on stderr what is wrong and what to do."""
    every = checks.run_checks(tags=["guicang"], include_deployment_checks=True)
    found = [message for message in every if message.is_serious()]
    for problem in found:
        print(f"{problem.id}: {problem.msg}\n  {problem.hint}", file=sys.stderr)
    return not found


if __name__ == "__main__":
    raise SystemExit(main())
