"""Sending notices: the outbox's handler, and the default gateway, Django's mail (console or SMTP)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.module_loading import import_string

from guicang.kernel.outbox import Envelope, Message
from guicang.notifications import errors
from guicang.notifications.facts import NOTICES, REPEATING
from guicang.notifications.ports import AddressBook, Gateway, Notice
from guicang.notifications.queries import CODE_DIGITS, one_time_code

log = logging.getLogger("guicang.notifications")

TOPIC = "notice.send"
_NAMES = re.compile(r"%\((\w+)\)s")


class Letter(NamedTuple):
    subject: str
    text: str
    language: str


def message(
    notice: str, *, owner_kind: str, owner_id: UUID, aggregate_id: UUID, data: Mapping[str, str], language: str = ""
) -> Message:
    """The outbox message that sends `notice` (a key of facts.NOTICES) to the person a reference stands for.

    One notice of a kind goes to one owner once for one aggregate: that is its dedupe key. Queue it with
    `outbox.queue`. `data` formats the text: codes, numbers, amounts, the merchant's own address; never personal data.
    Raises KeyError where there is no such notice or `data` lacks what its text names.
    """
    _check(notice, frozenset(data))
    body = {"notice": notice, "owner_kind": owner_kind, "owner_id": str(owner_id), "data": dict(data)}
    key = f"{notice}:{aggregate_id}:{owner_id}"
    return Message(TOPIC, {**body, "language": language}, key, aggregate_id=aggregate_id)


@lru_cache
def _check(notice: str, names: frozenset[str]) -> None:
    """Once a notice: to translate it for each of a thousand takes longer than to write them."""
    for text in NOTICES[notice][:2]:
        str(text) % dict.fromkeys(names, "")


def letter(notice: str, data: Mapping[str, str], language: str) -> Letter:
    """A notice as its recipient reads it. Raises KeyError where there is no such notice or `data` lacks a name."""
    said = language or settings.LANGUAGE_CODE
    with translation.override(said):
        wording, facts = NOTICES[notice], {name: value for name, value in data.items() if value}
        more = [str(line) % facts for line in wording.more if set(_NAMES.findall(str(line))) <= set(facts)]
        subject, text = str(wording.subject) % data, "\n".join([str(wording.text) % data, *more])
    return Letter(subject, text, said)


def code_letter(reference: UUID, language: str, *, masked: bool = False) -> Letter:
    """The one-time code of a reference as its recipient reads it; masked for everybody else."""
    code = "\N{BULLET}" * CODE_DIGITS if masked else one_time_code(reference)
    return letter("one_time_code", {"code": code}, language)


def send(envelope: Envelope) -> None:
    """Write the notice in the recipient's language and hand it to the gateway that settings name.

    Mail cannot be sent exactly once: after a crash between sending and marking done it goes again,
    under the same Message-ID. Raises BadNotice (parked at once) or what the gateway raises.
    """
    body = envelope.body
    try:
        owner = body["owner_kind"], UUID(body["owner_id"])
        book: AddressBook = import_string(settings.NOTICE_ADDRESS_BOOK)()
        address = book.address(*owner)
        own = {"contact": address, "name": book.name(*owner)} if body["notice"] in REPEATING else {}
        subject, text, language = letter(body["notice"], body["data"] | own, body["language"])
    except (KeyError, ValueError) as error:
        raise errors.BadNotice(f"cannot write notice of message {envelope.id}") from error
    if not address:
        # Never given, masked or erased: no fault of anybody, and no retry finds one.
        log.info("message %s: %s %s has no address, nothing is sent", envelope.id, *owner)
        return
    gateway: Gateway = import_string(settings.NOTICE_GATEWAY)()
    gateway.send(Notice(envelope.id, address, subject, text, language))


def send_code(envelope: Envelope, address: str, kind: str, language: str) -> None:
    """Send the one-time code of the message's aggregate to an address that was compared with the vault before.

    Raises what the gateway raises.
    """
    subject, text, language = code_letter(envelope.aggregate_id, language)
    path = settings.NOTICE_GATEWAY if kind == "email" else settings.SMS_GATEWAY
    gateway: Gateway = import_string(path)()
    gateway.send(Notice(envelope.id, address, subject, text, language, kind))


class ConsoleGateway:
    """For phones, until an adapter is named: printed, as mail is without a server."""

    def send(self, notice: Notice) -> None:
        print(f"{notice.kind} {notice.address}: {notice.text}", flush=True)


class MailGateway:
    """Django's mail: printed by default, SMTP where EMAIL_BACKEND says so."""

    def send(self, notice: Notice) -> None:
        headers: dict[str, Any] = {"Message-ID": f"<{notice.id}@guicang>", "Content-Language": notice.language}
        EmailMessage(notice.subject, notice.text, to=[notice.address], headers=headers).send()
