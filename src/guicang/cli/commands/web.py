"""Serve the pages and the API."""

from __future__ import annotations

import argparse
import os

from django.conf import settings

from guicang.cli.ports import port_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", type=port_number, default=os.environ.get("GUICANG_PORT", "8000"))
    parser.add_argument("--workers", type=int, default=1, help="processes; several need PostgreSQL to gain from it")
    parser.add_argument("--threads", type=int, default=4, help="requests at once in each process")


def run(arguments: argparse.Namespace) -> int:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        target="guicang.config.wsgi:application",
        address=arguments.host,
        port=arguments.port,
        interface=Interfaces.WSGI,
        workers=arguments.workers,
        blocking_threads=arguments.threads,
        log_access=settings.DEBUG,
        log_level=LogLevels.info if settings.DEBUG else LogLevels.warning,
    ).serve()
    return 0
