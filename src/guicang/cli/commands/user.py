"""Make a user of the desk, the first administrator for instance; prints a password that must be changed at once."""

from __future__ import annotations

import argparse
import sys

from django.db import transaction
from django.utils.translation import gettext as _

from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused
from guicang.staff import operations, rules


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="what he signs in with")
    parser.add_argument("--role", choices=rules.STAFF, default="admin")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 1 where the name cannot be used."""
    try:
        with transaction.atomic():
            context = begin("staff.users", actor=Actor.system(), now=utcnow(), items=1)
            user, password = operations.create_user(context, username=arguments.name, role=arguments.role)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    print(_("First password of %(name)s:") % {"name": user.username}, password)
    return 0
