"""What a payment provider has to offer so that refunds go through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from guicang.payments.facts import Details


@dataclass(frozen=True, slots=True)
class Intent:
    """One refund, as a provider is asked for it. `key` is the same for every try; `payment`: the provider's own
    reference of the payment that is refunded. `payee`: where the money goes, if not back by that payment.
    """

    key: str
    amount_minor: int
    currency: str
    kind: str
    payment: str
    payee: Details | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an intent: `outcome` paid, failed, pending, or unknown, which means never heard of the key.

    `code` says why it failed; `reference` is the provider's own of the refund.
    """

    outcome: str
    amount_minor: int = 0
    reference: str = ""
    code: str = ""


class OutcomeUnknown(Exception):
    """No answer, or none that says what happened: the money may have gone. Ask before trying again."""


class RefundGateway(Protocol):
    def submit(self, intent: Intent) -> Answer:
        """Pay `intent`, at most once for its key whatever happens. Raises OutcomeUnknown."""
        ...

    def query(self, intent: Intent) -> Answer:
        """What became of the key, without paying. Raises OutcomeUnknown."""
        ...
