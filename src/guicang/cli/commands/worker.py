"""Handle what waits in the outbox, and what the clock demands, until told to stop.

One JSON line a message on standard error. SIGTERM and Ctrl-C let it finish the message in hand.
"""

from __future__ import annotations

import argparse
import logging
import sys

from guicang.kernel import outbox, worker


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="handle what is due, then stop")
    parser.add_argument("--concurrency", type=_positive_whole, default=1, metavar="N", help="messages at a time")
    parser.add_argument(
        "--lease",
        type=_positive,
        default=outbox.LEASE_SECONDS,
        metavar="SECONDS",
        help="how long a message stays with a worker that has died (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    log = logging.getLogger("guicang.worker")
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
    worker.run(once=arguments.once, concurrency=arguments.concurrency, lease_seconds=arguments.lease)
    return 0


def _positive(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not above zero")
    return number


def _positive_whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not above zero")
    return number
