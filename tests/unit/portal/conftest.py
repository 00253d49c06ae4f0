"""A customer with a phone in hand: asks for a code, reads the message, types it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from guicang.kernel import worker
from guicang.trade.facts import CustomerFacts
from tests.world import Sold

EMAIL, PHONE = "lin@example.org", "13800001111"
Visit = Callable[..., Client]


@pytest.fixture(autouse=True)
def _a_language_ends_with_its_request() -> Iterator[None]:
    yield
    translation.deactivate()


def buyer(name: str = "lin", **personal: str) -> CustomerFacts:
    return CustomerFacts(name, personal=personal or {"email": EMAIL, "phone": PHONE})


def browser(language: str = "en") -> Client:
    return Client(headers={"accept-language": language})


def ask(client: Client, number: str, contact: str = EMAIL) -> str:
    """Ask for a code, let the worker run, and read the mail; '' where none came."""
    mail.outbox.clear()
    assert client.post("/my/", {"number": number, "contact": contact}).headers["Location"] == "/my/code/"
    worker.Worker().drain()
    codes = [code for sent in mail.outbox for code in re.findall(r"\b\d{6}\b", str(sent.subject))]
    return codes[0] if codes else ""


@pytest.fixture(autouse=True)
def _limits_begin_anew(db: None) -> None:
    """The cache's table is no model's: what ends a test does not empty it."""
    cache.clear()


@pytest.fixture
def visit(db: None) -> Visit:
    """visit(*orders, contact=..., language=...): a browser that proved these orders."""
    cache.clear()  # also where the fixture is borrowed

    def make(*orders: Sold, contact: str = EMAIL, language: str = "en") -> Client:
        client = browser(language)
        for sold in orders:
            code = ask(client, sold.row.number, contact)
            assert client.post("/my/code/", {"code": code}).headers["Location"] == "/my/orders/"
        return client

    return make
