"""The one way to call a machine outside: never a private address, never a redirect, never without an end.

Addresses come from people (a webhook's URL) and names from servers of others, so that nothing of them is trusted:
the name is resolved once, every address it has must be public (or of settings.OUTGOING_ALLOW), and the connection
goes to that address, while certificate and Host are those of the name. What goes wrong is a value, never an exception.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.client import HTTPException
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.exceptions import SSLError as TlsError

from guicang.kernel.clock import utcnow

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

URL_MOST = 500
#: Global IPv6 unicast (RFC 4291); what stands outside of it, NAT64 and mapped IPv4 too, is no host of the internet.
_UNICAST6 = ipaddress.ip_network("2000::/3")
#: Inside the global space, yet no hosts of it: protocol assignments with Teredo, documentation, 6to4.
_NO_HOSTS = tuple(
    ipaddress.ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for each read or write and for all of it, and how much of an answer is read."""

    connect: float = 5.0
    read: float = 20.0
    total: float = 20.0
    answer_bytes: int = 16_384


class Target(NamedTuple):
    """A URL taken apart; `host` in ASCII, `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As the Host header wants it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` 0: nothing did, and `error` says why.

    error: url (no address we call), blocked (private, or plain http), dns, connect, tls, timeout, protocol.
    """

    status: int = 0
    error: str = ""
    text: str = ""
    retry_after_seconds: int | None = None
    ms: int = 0


class BadTarget(Exception):
    """Nothing is called. The text is a code of `Answer.error`."""


_PORTS = {"https": 443, "http": 80}


def target_of(url: str) -> Target:
    """Raises BadTarget where this is no plain http(s) URL: no user, no fragment, no blanks or control characters."""
    if len(url) > URL_MOST or not url.isprintable() or any(sign in url for sign in ' \\<>"'):
        raise BadTarget("url")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
        host = host if ":" in host else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise BadTarget("url") from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc or parts.fragment or not path.isascii():
        raise BadTarget("url")
    return Target(parts.scheme, host, _PORTS[parts.scheme] if port is None else port, path)


def is_public(address: Address) -> bool:
    """A host of the internet: global, unicast, and no other address in disguise."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST6:
        return False
    return address.is_global and not address.is_multicast and not _among(address, _NO_HOSTS)


def resolve(target: Target) -> Address:
    """The address to call. Raises BadTarget where the name has none, or one of them is not to be called.

    One private address among public ones is refused too: no honest name has both.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadTarget("dns") from None
    addresses = [ipaddress.ip_address(str(entry[4][0])) for entry in found]
    if not addresses:
        raise BadTarget("dns")
    if not all(_may_be_called(target.scheme, address) for address in addresses):
        raise BadTarget("blocked")
    return addresses[0]


def objection(url: str) -> str:
    """Why this URL will not be called, as far as it shows without asking anybody: `url`, `blocked` or ''."""
    try:
        target = target_of(url)
    except BadTarget as bad:
        return str(bad)
    try:
        address = ipaddress.ip_address(target.host)
    except ValueError:
        here = f".{target.host}".lower().endswith(".localhost")
        return "blocked" if (here or target.scheme != "https") and not settings.OUTGOING_ALLOW else ""
    return "" if _may_be_called(target.scheme, address) else "blocked"


def _may_be_called(scheme: str, address: Address) -> bool:
    return _among(address, settings.OUTGOING_ALLOW or ()) or (scheme == "https" and is_public(address))


def call(
    url: str, *, method: str = "POST", body: bytes = b"", headers: Mapping[str, str], limits: Limits | None = None
) -> Answer:
    """Call `url` once and answer what came of it; outside any transaction. Only a status says that it was received."""
    started, limits = time.monotonic(), limits or Limits()
    try:
        target = target_of(url)
        address = resolve(target)
        answer = _exchange(target, address, method, body, headers, limits, started)
    except BadTarget as bad:
        answer = Answer(error=str(bad))
    except (HTTPError, HTTPException, OSError, ValueError) as fault:
        late = time.monotonic() - started >= limits.total
        answer = Answer(error="timeout" if late else _code(fault))
    return Answer(
        answer.status, answer.error, answer.text, answer.retry_after_seconds, round((time.monotonic() - started) * 1000)
    )


def _exchange(
    target: Target,
    address: Address,
    method: str,
    body: bytes,
    headers: Mapping[str, str],
    limits: Limits,
    started: float,
) -> Answer:
    connection = _connection(target, str(address), limits)
    connection.ends_at = started + limits.total
    try:
        connection.connect()
        connection.timeout = limits.read
        connection.request(
            method,
            target.path,
            body=body,
            headers={"Host": target.authority, "Accept-Encoding": "identity", **headers},
            preload_content=False,
            decode_content=False,
            enforce_content_length=False,
        )
        response = connection.getresponse()
        wait = _seconds(response.headers.get("Retry-After", ""), utcnow())
        try:
            text = response.read(limits.answer_bytes, decode_content=False).decode("utf-8", "replace")
        except (HTTPError, HTTPException, OSError):
            text = ""  # the status is the answer; what follows is for people to read
        return Answer(response.status, text=text, retry_after_seconds=wait)
    finally:
        connection.close()


class _Watched(HTTPConnection):
    """Ends at `ends_at`, by the monotonic clock: a machine that sends a byte every few seconds never meets a read's
    own limit.
    """

    ends_at: float
    _handle: socket.socket | None = None
    _watchdog: threading.Timer | None = None

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        # A handle of our own: TLS takes the socket away for as long as it shakes hands.
        self._handle = made.dup()
        self._watchdog = threading.Timer(max(0.0, self.ends_at - time.monotonic()), self._cut)
        self._watchdog.daemon = True
        self._watchdog.start()
        return made

    def _cut(self) -> None:
        try:
            if self._handle:
                self._handle.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it has ended by itself

    def close(self) -> None:
        if self._watchdog:
            self._watchdog.cancel()
            self._watchdog.join()
        if self._handle:
            self._handle.close()
        super().close()


class _WatchedTls(_Watched, HTTPSConnection):
    """`_Watched` with TLS."""


def _connection(target: Target, address: str, limits: Limits) -> _Watched:
    if target.scheme == "http":
        return _Watched(address, target.port, timeout=limits.connect)
    tls = _tls(os.environ.get("SSL_CERT_FILE", ""))
    return _WatchedTls(address, target.port, timeout=limits.connect, ssl_context=tls, server_hostname=target.host)


@lru_cache(maxsize=4)
def _tls(authorities: str) -> ssl.SSLContext:
    """Trusts what the machine trusts, or the file that SSL_CERT_FILE names; reading them takes longer than a call."""
    del authorities
    return ssl.create_default_context()


def _code(fault: Exception) -> str:
    if isinstance(fault, NewConnectionError):  # of the library's time-outs, too, but none
        return "connect"
    if isinstance(fault, TimeoutError | ConnectTimeoutError | ReadTimeoutError):
        return "timeout"
    if isinstance(fault, ssl.SSLError | TlsError):
        return "tls"
    return "connect" if isinstance(fault, OSError) else "protocol"


def _seconds(text: str, now: datetime) -> int | None:
    """A Retry-After header, seconds or a date, as seconds from now; None where it says nothing."""
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        return max(0, round((parsedate_to_datetime(text) - now).total_seconds()))
    except (TypeError, ValueError, OverflowError):
        return None


def _among(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
