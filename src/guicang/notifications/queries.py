"""Where a notice goes: the default address book reads the vault."""

from __future__ import annotations

from uuid import UUID

from guicang.parties.queries import personal


class VaultAddressBook:
    """The e-mail address of the reference's owner in the vault of personal data; 1 statement."""

    def address(self, owner_kind: str, owner_id: UUID) -> str:
        """'' where there is none, where it was erased, or where it came masked and so is no address."""
        entries = personal([(owner_kind, owner_id)]).get((owner_kind, owner_id), [])
        return next((entry.value for entry in entries if entry.kind == "email" and not entry.masked), "")
