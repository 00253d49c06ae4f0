"""Where a notice goes: the default address book reads the vault."""

from __future__ import annotations

from uuid import UUID

from django.utils.crypto import salted_hmac

from guicang.parties.queries import personal
from guicang.staff import queries as staff


class VaultAddressBook:
    """The e-mail address of the reference's owner: staff have theirs, all others one in the vault; 1 statement."""

    def address(self, owner_kind: str, owner_id: UUID) -> str:
        """'' where there is none, where it was erased, or where it came masked and so is no address."""
        if owner_kind == "user":
            return staff.email(owner_id)
        # What a declaration came with belongs to the return, and proves nothing: it has another kind.
        return _entry(owner_kind, owner_id, "contact" if owner_kind == "return" else "email")

    def name(self, owner_kind: str, owner_id: UUID) -> str:
        return _entry(owner_kind, owner_id, "name")


def _entry(owner_kind: str, owner_id: UUID, kind: str) -> str:
    entries = personal([(owner_kind, owner_id)]).get((owner_kind, owner_id), [])
    return next((entry.value for entry in entries if entry.kind == kind and not entry.masked), "")


CODE_DIGITS = 6


def one_time_code(reference: UUID) -> str:
    """The code that proves who reads the messages of an address: six digits that follow from `reference` and the
    installation's key, so that neither queue nor database holds them. How long and how often it is taken is for
    the asker to count.
    """
    digest = salted_hmac("guicang.notifications.one_time_code", reference.hex, algorithm="sha256").digest()
    return f"{int.from_bytes(digest, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
