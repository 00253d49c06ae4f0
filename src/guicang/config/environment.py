"""Values of the environment that are more than a word: rings of keys, the address of a mail server, networks.

What cannot be read becomes an empty answer, and a system check says so (`checks.py`): a fault in a secret must not end
in a traceback that quotes it.
"""

from __future__ import annotations

import ipaddress
import re
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

#: Of a key without an id of its own.
FIRST_KEY = "k1"
_KEY = re.compile(r"([a-z0-9]{1,16}):(.+)", re.DOTALL)

CONSOLE = "django.core.mail.backends.console.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
_PORTS = {"smtp": 25, "smtps": 465}
_SUBMISSION = 587


def keyring(text: str) -> dict[str, str]:
    """`id:secret,id:secret` as {id: secret} in that order, a plain secret as {"k1": secret}; {} where neither is so."""
    parts = [_KEY.fullmatch(part.strip()) for part in text.split(",")]
    found = {part[1]: part[2] for part in parts if part}
    if not found:
        return {FIRST_KEY: text}
    return found if len(found) == len(parts) else {}


def mail(address: str, sender: str) -> dict[str, Any]:
    """Django's mail settings for smtp://user:password@host:port or smtps://; {} where something of it is wrong.

    Without an address mail is printed to the console. A password never travels in the clear: smtp:// with a user
    demands STARTTLS, unless the address ends in `?starttls=off`.
    """
    if sender and not _is_mailbox(sender):
        return {}
    if not address:
        return {"EMAIL_BACKEND": CONSOLE} | ({"DEFAULT_FROM_EMAIL": sender} if sender else {})
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return {}
    options, user = dict(parse_qsl(parts.query)), unquote(parts.username or "")
    starttls = options.pop("starttls", "on" if user and parts.scheme == "smtp" else "off")
    sender = sender or user
    if not parts.hostname or parts.path.strip("/") or parts.fragment or options or not _is_mailbox(sender):
        return {}
    if parts.scheme not in _PORTS or starttls not in ("on", "off") or (parts.scheme, starttls) == ("smtps", "on"):
        return {}
    return {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (_SUBMISSION if starttls == "on" else _PORTS[parts.scheme]),
        "EMAIL_HOST_USER": user,
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": starttls == "on",
        "DEFAULT_FROM_EMAIL": sender,
    }


def networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] | None:
    """`10.1.0.0/16,fd00::/8` as networks, () for nothing; None where one of them is none."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        return None


def _is_mailbox(sender: str) -> bool:
    """`shop@example.com` or `Shop <shop@example.com>`, on one line."""
    name, _, domain = parseaddr(sender)[1].rpartition("@")
    return bool(name and domain) and not re.search(r"[\r\n]", sender)
