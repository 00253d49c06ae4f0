"""Why a notice does not go out. The texts are stored with the message: codes and ids only."""

from __future__ import annotations

from guicang.kernel.outbox import GiveUp


class BadNotice(GiveUp):
    """The queued body names no recipient, or a notice there is no text for."""
