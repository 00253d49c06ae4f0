"""Prove from the rows alone that ledgers, counters and trail agree."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from guicang.kernel.proof import Proof
from guicang.proofs import queries as proofs

#: Differences shown a proof; --json gives up to a hundred.
SHOWN = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the proofs as JSON, with up to 100 differences each")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 1 on any difference. Reads one snapshot, changes nothing and stops nobody."""
    found = proofs.run()
    differences = sum(proof.found for proof in found)
    if arguments.json:
        facts = {"ok": not differences, "differences": differences, "proofs": [_facts(proof) for proof in found]}
        print(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        _show(found, differences)
    return 1 if differences else 0


def _facts(proof: Proof) -> dict[str, Any]:
    return {**asdict(proof), "ok": proof.ok}


def _show(found: Sequence[Proof], differences: int) -> None:
    for proof in found:
        if not proof.applicable:
            verdict = _("not applicable")
        elif proof.ok:
            verdict = _("ok")
        else:
            verdict = _("%(count)s DIFFERENCES") % {"count": f"{proof.found:,}"}
        print(f"{proof.name:<32}{proof.checked:>12,}  {verdict}{f'  ({proof.note})' if proof.note else ''}")
        for difference in proof.differences[:SHOWN]:
            print("    " + ", ".join(f"{name}={value}" for name, value in difference.items()))
        if proof.found > SHOWN:
            print("    ...")
    checked = sum(proof.checked for proof in found)
    facts = {"proofs": len(found), "checked": f"{checked:,}", "differences": f"{differences:,}"}
    print(_("%(proofs)s proofs, %(checked)s rows and balances checked, %(differences)s differences") % facts)
