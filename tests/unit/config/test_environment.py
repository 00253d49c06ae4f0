"""Rings of keys and the address of a mail server, as the environment writes them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from guicang.config.environment import CONSOLE, SMTP, keyring, mail

ADDRESS = "smtp://shop%40example.com:pass%3Aword@mail.example.com"


@pytest.mark.parametrize(
    ("text", "ring"),
    [
        ("plain", {"k1": "plain"}),
        ("with-dash_and,comma", {"k1": "with-dash_and,comma"}),
        ("k1:old", {"k1": "old"}),
        ("k1:old,k2:new", {"k1": "old", "k2": "new"}),
        ("k1:old, 2026:n:w", {"k1": "old", "2026": "n:w"}),
        ("k1:old,new", {}),
        ("k1:old,k1:new", {}),
        ("k1:old,k2:", {}),
    ],
)
def test_a_ring_of_keys(text: str, ring: dict[str, str]) -> None:
    assert keyring(text) == ring
    assert list(keyring(text)) == list(ring)  # new rows use the last


def test_without_an_address_mail_goes_to_the_console() -> None:
    assert mail("", "") == {"EMAIL_BACKEND": CONSOLE}
    assert mail("", "Shop <a@b.example>") == {"EMAIL_BACKEND": CONSOLE, "DEFAULT_FROM_EMAIL": "Shop <a@b.example>"}


def test_a_user_is_never_told_in_the_clear() -> None:
    assert mail(ADDRESS, "") == {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": "mail.example.com",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_USER": "shop@example.com",
        "EMAIL_HOST_PASSWORD": "pass:word",
        "EMAIL_USE_SSL": False,
        "EMAIL_USE_TLS": True,
        "DEFAULT_FROM_EMAIL": "shop@example.com",
    }


@pytest.mark.parametrize(
    ("address", "port", "ssl", "starttls"),
    [
        ("smtp://relay.example.com", 25, False, False),
        ("smtp://relay.example.com:2525", 2525, False, False),
        ("smtp://relay.example.com?starttls=on", 587, False, True),
        ("smtp://u:p@relay.example.com:25?starttls=off", 25, False, False),
        ("smtps://u:p@relay.example.com", 465, True, False),
        ("smtps://u:p@relay.example.com:4650/", 4650, True, False),
    ],
)
def test_ports_and_encryption(address: str, port: int, ssl: bool, starttls: bool) -> None:
    found = mail(address, "a@b.example")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (port, ssl, starttls)


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("mail.example.com", "a@b.example"),
        ("http://mail.example.com", "a@b.example"),
        ("smtp://", "a@b.example"),
        ("smtp://mail.example.com:many", "a@b.example"),
        ("smtp://mail.example.com:99999", "a@b.example"),
        ("smtp://mail.example.com/path", "a@b.example"),
        ("smtp://mail.example.com?tls=1", "a@b.example"),
        ("smtp://mail.example.com?starttls=yes", "a@b.example"),
        ("smtps://mail.example.com?starttls=on", "a@b.example"),
        ("smtp://u:p#q@mail.example.com", "a@b.example"),
        ("smtp://mail.example.com", ""),
        ("smtp://mail.example.com", "nobody"),
        ("", "a@b.example\nBcc: c@d.example"),
    ],
)
def test_what_cannot_be_read(address: str, sender: str) -> None:
    assert mail(address, sender) == {}


def test_settings_come_from_the_environment_and_a_start_says_nothing_of_the_password() -> None:
    told = {**os.environ, "GUICANG_SMTP": "smtp://u:hunter2@:x", "GUICANG_AUDIT_KEY": f"k1:{'a' * 40},k2:{'b' * 40}"}
    told |= {"DJANGO_SETTINGS_MODULE": "guicang.config.settings", "GUICANG_DEMO": "1"}
    lines = (
        "import django; django.setup(); from django.conf import settings; from guicang.config import checks; "
        "print(list(settings.AUDIT_KEYS), [found.id for found in checks.mail_can_leave(None)])"
    )
    done = subprocess.run([sys.executable, "-c", lines], env=told, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "['k1', 'k2'] ['guicang.E005']"
    assert "hunter2" not in done.stdout + done.stderr
