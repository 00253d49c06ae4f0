"""Ports to listen on."""

from __future__ import annotations

import argparse
import socket

LARGEST = 65_535


def port_number(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= LARGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to {LARGEST}")
    return int(text)


def is_free(host: str, port: int) -> bool:
    """Could a server listen there now? Reuse as servers do, or a port just left would count as taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
