"""Customers, suppliers, and the vault: the only tables that hold personal data."""

from __future__ import annotations

from django.db import models

from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class Customer(Row):
    """Identity is shop + the platform's buyer id; a masked name or phone never merges two customers."""

    shop_id = models.UUIDField()
    external_id = models.CharField(max_length=120)
    tier = models.CharField(max_length=40, default="")
    language = models.CharField(max_length=10, default="")
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop_id", "external_id"], name="customer_identity")]
        # What the editor of policies offers.
        indexes = [models.Index(fields=["shop_id", "tier"], condition=~models.Q(tier=""), name="customer_tier")]


class Supplier(Row):
    company_id = models.UUIDField()
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "code"], name="supplier_code")]


class VaultEntry(Row):
    """One piece of personal data, encrypted; erasing a person deletes these rows and nothing else.

    `owner_id` is a customer, return line, parcel ...; `blind_index` finds it by its normalised value
    without decrypting ('' where the value is masked or free text: a masked value proves nothing).
    """

    owner_kind = models.CharField(max_length=20)
    owner_id = models.UUIDField()
    person_id = models.UUIDField(default=NIL)
    kind = models.CharField(max_length=20)
    sealed = models.TextField()
    key_id = models.CharField(max_length=20)
    masked = models.BooleanField(default=False)
    blind_index = models.CharField(max_length=64, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "owner_kind", "kind"], name="vault_one_of_a_kind")]
        indexes = [
            models.Index(fields=["blind_index", "id"], condition=~models.Q(blind_index=""), name="vault_blind"),
            models.Index(fields=["person_id"], name="vault_person"),
        ]


class VaultFile(Row):
    """A picture or document about a person, sealed, in a file of a random name; erased with the person like an entry.

    `digest` is of what was sealed (SHA-256): the same picture twice is found without opening either.
    """

    owner_kind = models.CharField(max_length=20)
    owner_id = models.UUIDField()
    person_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=40, unique=True)
    key_id = models.CharField(max_length=20)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_kind", "owner_id", "kind"], name="vault_file_one_of_a_kind")
        ]
        indexes = [models.Index(fields=["person_id"], name="vault_file_person")]


class Tombstone(Row):
    """Left by an erasure per shop and order, keyed: later imports of that order drop personal columns."""

    shop_id = models.UUIDField()
    order_digest = models.CharField(max_length=64)
    key_id = models.CharField(max_length=20)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop_id", "order_digest"], name="tombstone_order")]
