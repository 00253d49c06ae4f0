"""Take in past return documents through the same steps as live ones: original dates, recorded amounts, no notices.

Sale rows of the file are counted and left alone; import them first with `guicang import orders`. What could not be
matched becomes a return that waits for review. Exit statuses as for `guicang import`.
"""

from __future__ import annotations

import argparse
import sys

from django.utils.translation import gettext as _

from guicang.cli import files
from guicang.sales import queries as sales


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    files.add_arguments(kinds.add_parser("returns", help="a file of returns"))


def run(arguments: argparse.Namespace) -> int:
    if not sales.counts()["orders"]:
        text = _("No order is known here yet: returns find no sale and wait for review, for good. Import orders first.")
        print(text, file=sys.stderr)
    return files.take(arguments, arguments.kind)
