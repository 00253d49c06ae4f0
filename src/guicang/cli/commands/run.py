"""Start everything here: migrate, demo data when empty, web and worker.

Secrets are made at the first start and kept in GUICANG_HOME/secrets.env. A second start keeps the data.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from django.conf import settings
from django.utils.translation import gettext as _

from guicang.cli import main, registry
from guicang.cli.children import Children
from guicang.cli.ports import LARGEST, is_free, port_number
from guicang.cli.waiting import answers

NEEDS_DATABASE = False
START_SECONDS = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", type=port_number, default=os.environ.get("GUICANG_PORT", "8000"))
    parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")


def run(arguments: argparse.Namespace) -> int:
    if not is_free(arguments.host, arguments.port):
        facts = {"port": arguments.port, "host": arguments.host, "other": arguments.port % LARGEST + 1}
        print(_("Port %(port)s on %(host)s is taken.") % facts, file=sys.stderr)
        text = _("Choose another: GUICANG_PORT=%(other)s make run, or guicang run --port %(other)s")
        print(text % facts, file=sys.stderr)
        return main.UNUSABLE
    for words in _preparation(arguments):
        status = main.main(words)
        if status:
            return status
    return _serve(arguments.host, arguments.port)


def _preparation(arguments: argparse.Namespace) -> list[list[str]]:
    steps = [["migrate", "--quiet"]]
    if not arguments.no_demo and "demo" in registry.names():
        steps.append(["demo", "--if-empty"])
    return steps


def _serve(host: str, port: int) -> int:
    """Both processes until one ends or someone stops us. 0 after a wanted stop, 1 if a process died."""
    host_to_call = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - a comparison, not a binding
    address = f"http://{f'[{host_to_call}]' if ':' in host_to_call else host_to_call}:{port}"
    os.environ.setdefault("GUICANG_ADDRESS", address)  # notices link to this machine, until it has a name
    with Children() as children:
        children.start("web", ["web", "--host", host, "--port", str(port)])
        if "worker" in registry.names():
            # It writes a line for each message: too much beside an address one wants to read.
            children.start("worker", ["worker"], log=settings.HOME / "log" / "worker.jsonl")
        deadline = time.monotonic() + START_SECONDS
        while not children.stopping and not children.ended() and not answers(f"{address}/readyz"):
            if time.monotonic() > deadline:
                facts = {"address": f"{address}/readyz", "seconds": f"{START_SECONDS:.0f}"}
                print(_("%(address)s does not answer after %(seconds)s s") % facts, file=sys.stderr)
                return 1
            time.sleep(0.1)
        if not children.stopping and not children.ended():
            print(f"\nGuicang 归仓  {address}", _("Ctrl-C stops it."), "", sep="\n", flush=True)
        return children.watch()
