"""What goes wrong here is a fault of the program or of the installation, never of a user's input."""

from __future__ import annotations


class AuditError(Exception):
    """The trail cannot be written as asked; the transaction must not commit."""


class NoAuditKey(AuditError):
    """settings.AUDIT_KEYS is empty: nothing may change without a trail."""


class SeparatorInText(AuditError):
    """A code (kind, action, reason) holds the character that separates the covered columns."""
