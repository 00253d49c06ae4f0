"""What waits to be sent or done, what failed, and dead letters revived.

Shows topics, states and references, never what a message says; in demo data alone the newest one-time code of the
portal, so that it can be tried without a phone. `guicang outbox retry` gives dead messages all their
attempts anew; the worker takes them up.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from guicang.integrations import demo
from guicang.kernel import outbox
from guicang.notifications.queries import one_time_code

SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--last", type=_positive, nargs="?", default=SHOWN, const=1, metavar="N", help="how many (default: %(default)s)"
    )
    parser.add_argument("--dead", action="store_true", help="dead letters alone")
    parser.add_argument("--json", action="store_true", help="as JSON")
    actions = parser.add_subparsers(dest="action", metavar="retry")
    retry = actions.add_parser("retry", help="give dead messages all their attempts anew")
    retry.add_argument("ids", nargs="*", type=UUID, metavar="ID", help="which messages")
    retry.add_argument("--all-dead", action="store_true", help="every dead one")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 1 where a message that was to be revived is not dead; 2 where none was named."""
    if arguments.action == "retry":
        return _retry(arguments.ids, every=arguments.all_dead)
    now = outbox.database_now()
    rows = [{**row, "state": _state(row)} for row in outbox.last(arguments.last, dead=arguments.dead)]
    code = _newest_code()
    stats = outbox.stats(now)
    if arguments.json:
        found = {"messages": rows, **stats, **({"code": code} if code else {})}
        print(json.dumps(found, ensure_ascii=False, indent=2, default=str))
    else:
        _show(rows, stats)
        if code:
            print(_("the newest code of a customer: %(code)s") % {"code": code})
    return 0


def _retry(ids: Sequence[UUID], *, every: bool) -> int:
    if bool(ids) == every:
        print(_("Name the messages to revive, or say --all-dead: guicang outbox --dead lists them."), file=sys.stderr)
        return 2
    wanted = outbox.dead_ids() if every else list(dict.fromkeys(ids))
    revived = outbox.retry(wanted, now=outbox.database_now())
    print(_("%(count)s messages revived") % {"count": f"{revived:,}"})
    if revived < len(wanted):
        print(_("%(count)s are not dead letters") % {"count": f"{len(wanted) - revived:,}"}, file=sys.stderr)
        return 1
    return 0


def _state(row: Mapping[str, Any]) -> str:
    if row["done_at"] or row["dead_at"]:
        return "done" if row["done_at"] else "dead"
    return "retrying" if row["last_error"] else "waiting"


def _newest_code() -> str:
    """The code that the portal sent last; '' but in demo data."""
    sent = outbox.last(1, topic="portal.code") if demo.logins()[0] else []
    return one_time_code(sent[0]["aggregate_id"]) if sent else ""


def _show(rows: Sequence[Mapping[str, Any]], stats: Mapping[str, Any]) -> None:
    words = {"done": _("done"), "dead": _("dead"), "retrying": _("retrying"), "waiting": _("waiting")}
    for row in rows:
        created = f"{row['created_at']:%Y-%m-%d %H:%M:%SZ}"
        print(f"{row['id']}  {created}  {row['topic']:<28}{row['attempts']:>4}  {words[row['state']]}")
        if row["last_error"]:
            print(f"    {row['last_error']}")
    print(
        _("%(waiting)s waiting, of them %(retrying)s failed before; %(dead)s dead, %(done)s done")
        % {name: f"{stats[name]:,}" for name in ("waiting", "retrying", "dead", "done")}
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not above zero")
    return number
