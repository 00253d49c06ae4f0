"""Take in a file: orders, catalogue, customers, stock or payments.

Every row ends as imported, updated, unchanged, set aside with a reason (in a file to correct and import again), or
is counted as another command's. Exit status 2: a file or profile that cannot be used; 3: rows set aside under --strict.
`guicang import template KIND` writes an empty file with the headers of our own template.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from guicang.cli import files
from guicang.intake import templates
from guicang.intake.kinds import IMPORTED
from guicang.intake.profiles import KINDS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind in IMPORTED:
        files.add_arguments(kinds.add_parser(kind, help=f"a file of {kind}"))
    blank = kinds.add_parser("template", help="an empty file with bilingual headers")
    blank.add_argument("of", choices=KINDS, nargs="?", default="orders", metavar="KIND", help=", ".join(KINDS))
    blank.add_argument("--out", type=Path, metavar="FILE", help="a .csv or .xlsx (default: CSV on standard output)")


def run(arguments: argparse.Namespace) -> int:
    if arguments.kind == "template":
        return _template(arguments.of, arguments.out)
    return files.take(arguments, arguments.kind)


def _template(kind: str, out: Path | None) -> int:
    if out is not None and out.suffix.lower() == ".xlsx":
        out.write_bytes(templates.as_workbook(kind))
    elif out is None:
        sys.stdout.write(templates.as_csv(kind))
    else:
        out.write_text(templates.as_csv(kind), encoding="utf-8-sig", newline="")
    return 0
