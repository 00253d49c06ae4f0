"""Gifts that come back: the code on the slip, and the person that the store credit is for.

Codes are made of letters that are not mistaken for one another; of each only a digest is kept, as of other secrets.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import NamedTuple
from uuid import UUID

from django.utils.crypto import constant_time_compare

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.parties import operations as vault
from guicang.parties import queries as parties
from guicang.parties import rules
from guicang.returns.models import GiftCode
from guicang.sales import operations as sales

LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
#: 26 letters twelve times: more than can be tried.
LENGTH = 12
NAME_MOST, CONTACT_MOST = 80, 254


class Recipient(NamedTuple):
    """Who brings a gift back; personal data, for the vault alone."""

    name: str
    contact: str

    @property
    def kind(self) -> str:
        return "email" if "@" in self.contact else "phone"

    @property
    def complete(self) -> bool:
        """A name, and a contact that can be found again."""
        said = self.name.strip() and len(self.name) <= NAME_MOST and len(self.contact) <= CONTACT_MOST
        digits = sum(letter.isdigit() for letter in self.contact)
        return bool(said and (self.kind == "email" or digits >= 7))  # noqa: PLR2004 - no phone number has fewer


def typed(code: str) -> str:
    """As it is compared: people type spaces, dashes and either case."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def shown(code: str) -> str:
    """As it is printed."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def make_code(context: Context, company_id: UUID, order_id: UUID) -> str:
    """A new code, as plain text: it is nowhere afterwards; the one before is over. 5 statements; locks the order."""
    sales.hold_orders({order_id})
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    GiftCode.objects.filter(order_id=order_id, ended=False).update(ended=True)
    stamps = {"command_id": context.id, "recorded_at": context.now}
    row = {"id": new_id(), "order_id": order_id, "digest": digest_of(code), "ended": False, **stamps}
    setwrites.insert(GiftCode, [row])
    record(context, [AuditEntry(company_id, "order", order_id, "gift_slip", {}, {"slip": str(row["id"])})])
    return code


def opens(order_id: UUID, digest: str) -> bool:
    """Whether it is the digest of the code on the order's slip; 1 statement, the same work for a wrong one."""
    kept = GiftCode.objects.filter(order_id=order_id, ended=False).values_list("digest", flat=True).first() or ""
    return constant_time_compare(kept, digest)


def digest_of(code: str) -> str:
    """Of a code as it was typed: what a session may keep of it."""
    return hashlib.sha256(typed(code).encode()).hexdigest()


def party_of(context: Context, shop_id: UUID, recipient: Recipient) -> UUID:
    """The customer of the shop that has this contact, made where there is none. At most 8 statements.

    A new one is called by a keyed digest of the contact, so that two requests at once make one person of it.
    """
    found = parties.customers(parties.persons_by_value(recipient.kind, recipient.contact))
    known = sorted(key for key, one in found.items() if one.shop_id == shop_id and one.external_id)
    if known:
        return known[0]
    secret = next(iter(parties.keys().values()))
    normal = rules.normal(recipient.kind, recipient.contact)
    name = f"gift-{hmac.new(secret, normal.encode(), 'sha256').hexdigest()[:20]}"
    (one,) = vault.ensure_customers(context, [(shop_id, name)]).values()
    facts = {"name": recipient.name.strip(), recipient.kind: recipient.contact.strip()}
    vault.keep(context, [vault.PersonalFacts("customer", one.id, one.id, facts)])
    return one.id
