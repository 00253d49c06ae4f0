"""What notices need from outside: a way to send, and the address behind a reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Notice:
    """A text ready to go. `id` is the same at every attempt: a gateway that knows ids sends it once.

    `kind` says what the address is: email, or phone for a text message (which has no subject).
    """

    id: UUID
    address: str
    subject: str
    text: str
    language: str
    kind: str = "email"


class Gateway(Protocol):
    def send(self, notice: Notice) -> None:
        """Send it or raise; called outside any transaction, perhaps again with the same id."""


class AddressBook(Protocol):
    def address(self, owner_kind: str, owner_id: UUID) -> str:
        """Where to write to; '' where there is no address, or it was erased or came masked."""

    def name(self, owner_kind: str, owner_id: UUID) -> str:
        """Who it is, for a letter that repeats a declaration; '' where nobody said so."""
