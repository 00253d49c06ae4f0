"""Make an access token for a program that uses the API; prints it once, and it is nowhere afterwards."""

from __future__ import annotations

import argparse
import sys

from django.db import transaction

from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused
from guicang.staff import errors, operations, queries

DAYS = 90


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the user whose rights it has")
    parser.add_argument("--for", dest="program", default="guicang token", metavar="PROGRAM", help="what uses it")
    parser.add_argument("--days", type=int, default=DAYS, help="how long it is valid (default: %(default)s)")
    parser.add_argument("--only", nargs="+", metavar="PERMISSION", help="not all that the user may, returns.view alone")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 1 where there is no such user or no such token can be made."""
    try:
        with transaction.atomic():
            context = begin("staff.tokens", actor=Actor.system(), now=utcnow(), items=1)
            user = queries.member(arguments.name)
            if user is None:
                raise Refused([errors.NoSuchUser()])
            secret = operations.issue_token(
                context, user, name=arguments.program, days=arguments.days, permissions=arguments.only
            )
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    print(secret)
    return 0
