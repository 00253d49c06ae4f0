"""Bring the database to this version and install its triggers."""

from __future__ import annotations

import argparse

from django.core.management import call_command

NEEDS_DATABASE = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="say nothing unless something fails")


def run(arguments: argparse.Namespace) -> int:
    verbosity = 0 if arguments.quiet else 1
    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("createcachetable", verbosity=verbosity)
    return 0
