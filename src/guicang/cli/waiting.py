"""Waiting for a server of ours to answer."""

from __future__ import annotations

import http
import urllib.error
import urllib.request


def answers(address: str) -> bool:
    """Does a server at `address` (http, ours) answer within a second, and not by 503 or another failure of its own?

    400 is an answer: the host listened on may not be among those served (GUICANG_HOSTS).
    """
    # A proxy of the environment has no business between two processes of one machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=1) as response:
            return bool(response.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (urllib.error.URLError, OSError):
        return False
