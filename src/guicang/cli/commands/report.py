"""Reports. `guicang report summary`: what became of a file of past returns, beside the source's own sums."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from itertools import zip_longest
from uuid import UUID

from django.utils.translation import gettext as _

from guicang.insights.summary import Summary, summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    reports = parser.add_subparsers(dest="report", required=True, metavar="REPORT")
    one = reports.add_parser("summary", help="source, booked, unmatched and set aside, which add up")
    one.add_argument("--run", type=UUID, metavar="ID", help="the run to tell of (default: the newest)")
    one.add_argument("--json", action="store_true", help="as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 1 where there is nothing to tell, or where the sums do not add up."""
    found = summary(arguments.run)
    if found is None:
        print(_("No file of past returns was processed yet: guicang process returns FILE"), file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        _show(found)
    return 0 if found.adds_up else 1


def _show(found: Summary) -> None:
    facts = found.as_dict()
    shown = facts["currency"] if isinstance(facts["currency"], str) else ", ".join(facts["currency"])
    print(f"{facts['file']}  ({facts['profile']}, {shown})")
    if not found.run.ended_at:
        print(_("This run has not ended. If it was broken off, the same command on the same file goes on with it."))
    print(f"{'':<14}{'documents':>12}{'lines':>12}{'units':>14}{'value':>20}{'recorded':>20}")
    for name in ("source", "booked", "unmatched", "set_aside"):
        row = facts[name]
        counts = f"{name:<14}{row['documents']:>12,}{row['lines']:>12,}{row['units']:>14,}"
        _line(counts, row["value"], row.get("recorded", ""))
    for kind, row in facts["booked"]["kinds"].items():
        _line(f"  {'booked ' + kind:<24}{row['lines']:>12,}{row['units']:>14,}", row["value"])
    other = facts["source"]["other"]
    _line(f"{'other command':<26}{other['lines']:>12,}{other['units']:>14,}", other["value"])
    for name in ("sale_share", "difference_to_sale", "price_difference"):
        _line(name, facts["booked"][name])
    _line("rounding", facts["rounding"])
    print(_("The buckets add up to the source.") if found.adds_up else _("The buckets do NOT add up to the source."))


def _line(words: str, *amounts: str | Mapping[str, str]) -> None:
    """A line of the table; where the file has several currencies, a line for each."""
    columns = [
        [amount] if isinstance(amount, str) else [f"{currency} {text}" for currency, text in amount.items()]
        for amount in amounts
    ]
    for cells in zip_longest(*columns, fillvalue=""):
        print(f"{words:<52}{''.join(f'{cell:>20}' for cell in cells)}".rstrip())
        words = ""
