"""Fill an empty database with a demo company: six months of orders and returns in every state.

Everything goes through the real steps. A database that holds a company already is left alone.
"""

from __future__ import annotations

import argparse
import sys
import time

from django.utils.translation import gettext as _

from guicang.integrations import demo
from guicang.kernel.clock import utcnow
from guicang.proofs import queries as proofs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--if-empty", action="store_true", help="say nothing of a database that is not empty")
    parser.add_argument("--seed", type=int, default=demo.SEED, help="another seed makes other orders")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 1 where the database is not empty (0 with --if-empty), or where a proof fails afterwards."""
    started = time.perf_counter()
    made = demo.load(utcnow(), arguments.seed)
    if made is not None:
        spent = time.perf_counter() - started
        text = _("Demo data: %(orders)s orders and %(returns)s returns made in %(seconds).0f s.")
        print(text % {"orders": made.orders, "returns": made.returns, "seconds": spent})
        failed = [proof.name for proof in proofs.run() if not proof.ok]
        if failed:
            print(_("These proofs fail: %(names)s") % {"names": ", ".join(failed)}, file=sys.stderr)
            return 1
    elif not arguments.if_empty:
        print(_("The database is not empty: it stays as it is."), file=sys.stderr)
        return 1
    _show_logins()
    return 0


def _show_logins() -> None:
    users, password = demo.logins()
    if users:
        print(_("Demo users (password %(password)s):") % {"password": password})
        for user in users:
            print(f"  {user.username:<8}{user.role:<12}{user.first_name}")
    if found := demo.shopper(utcnow()):
        text = _("As a customer: /my/ with order %(number)s and phone %(phone)s; the code: guicang outbox --last")
        print(text % {"number": found[0], "phone": found[1]})
