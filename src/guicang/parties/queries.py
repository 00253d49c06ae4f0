"""Reading customers and the vault."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from guicang.kernel.distinct import distinct
from guicang.kernel.ids import NIL
from guicang.kernel.latest import latest
from guicang.kernel.setwrites import chunks
from guicang.parties import errors, rules
from guicang.parties.models import Customer, Tombstone, VaultEntry, VaultFile

log = logging.getLogger("guicang.parties")

#: (shop, the platform's buyer id); '' is the shop's customer "unknown".
CustomerKey = tuple[UUID, str]


class CustomerInfo(NamedTuple):
    id: UUID
    shop_id: UUID
    external_id: str
    tier: str
    erased_at: datetime | None


class Personal(NamedTuple):
    """A value out of the vault. A masked one is shown and proves nothing."""

    kind: str
    value: str
    masked: bool


def keys() -> dict[str, bytes]:
    """Key id to secret, in the order of settings: new rows use the last one."""
    found = {key_id: secret.encode() for key_id, secret in settings.INDEX_KEYS.items()}
    if not found:
        raise errors.NoVaultKey("settings.INDEX_KEYS is empty")
    return found


def customers_by_key(wanted: Iterable[CustomerKey]) -> dict[CustomerKey, CustomerInfo]:
    """Customers by (shop, external id). 1 statement per shop and 1,000 ids."""
    by_shop: dict[UUID, set[str]] = {}
    for shop_id, external_id in wanted:
        by_shop.setdefault(shop_id, set()).add(external_id)
    found: dict[CustomerKey, CustomerInfo] = {}
    for shop_id, ids in by_shop.items():
        for batch in chunks(sorted(ids)):
            rows = Customer.objects.filter(shop_id=shop_id, external_id__among=batch)
            for row in rows.values_list(*CustomerInfo._fields):
                found[row[1], row[2]] = CustomerInfo(*row)
    return found


def customers(ids: Iterable[UUID]) -> dict[UUID, CustomerInfo]:
    """1 statement a thousand."""
    found: dict[UUID, CustomerInfo] = {}
    for batch in chunks(sorted(set(ids))):
        rows = Customer.objects.filter(id__among=batch).values_list(*CustomerInfo._fields)
        found.update({row[0]: CustomerInfo(*row) for row in rows})
    return found


def nameless(ids: Iterable[UUID]) -> set[UUID]:
    """Those that stand for every buyer of a shop whom nobody knows; 1 statement."""
    return {key for key, one in customers(ids).items() if not one.external_id and one.erased_at is None}


def tiers(shop_ids: Iterable[UUID]) -> list[str]:
    """The tiers of the shops' customers. 1 statement a shop, whatever the number of customers."""
    return sorted({tier for shop_id in shop_ids for tier in distinct(Customer, "shop_id", shop_id, "tier")})


def personal(owners: Iterable[tuple[str, UUID]]) -> dict[tuple[str, UUID], list[Personal]]:
    """Opened vault entries by (owner kind, owner id), by kind. 1 statement a thousand.

    Raises errors.NoVaultKey where a key was taken out of the settings.
    """
    wanted = set(owners)
    secrets = keys()
    found: dict[tuple[str, UUID], list[Personal]] = {}
    for batch in chunks(sorted({owner_id for _, owner_id in wanted})):
        rows = VaultEntry.objects.filter(owner_id__among=batch).order_by("kind")
        for kind, owner_id, what, sealed, key_id, masked in rows.values_list(
            "owner_kind", "owner_id", "kind", "sealed", "key_id", "masked"
        ):
            if (kind, owner_id) in wanted:
                value = open_entry(secrets, key_id, place(kind, owner_id, what), sealed)
                found.setdefault((kind, owner_id), []).append(Personal(what, value, masked))
    return found


def persons_by_value(kind: str, value: str, country: str = "CN") -> set[UUID]:
    """Person ids with this phone, email or name, found by blind index under every key there is. 1 statement."""
    indexes = [index for secret in keys().values() if (index := rules.blind_index(secret, kind, value, country))]
    rows = VaultEntry.objects.filter(blind_index__among=indexes).exclude(blind_index="").exclude(person_id=NIL)
    return set(rows.values_list("person_id", flat=True)) if indexes else set()


def tombstoned(orders: Iterable[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Which of these orders (shop, number) belong to somebody who was erased. 1 statement where nobody was."""
    wanted = set(orders)
    shops = {shop_id for shop_id, _ in wanted}
    stones = Tombstone.objects.filter(shop_id__among=sorted(shops)).values_list("order_digest", flat=True)
    if not stones.exists():
        return set()
    digests = {
        rules.order_digest(key, shop.hex, number): (shop, number) for shop, number in wanted for key in keys().values()
    }
    found: set[tuple[UUID, str]] = set()
    for batch in chunks(sorted(digests)):
        found |= {digests[digest] for digest in stones.filter(order_digest__among=batch)}
    return found


def open_entry(secrets: Mapping[str, bytes], key_id: str, where: str, sealed: str) -> str:
    """The value sealed at `where` (see `place`). Raises errors.NoVaultKey."""
    if key_id not in secrets:
        raise errors.NoVaultKey(f"settings.INDEX_KEYS has no key {key_id}")
    return rules.unseal(secrets[key_id], where, sealed)


def place(owner_kind: str, owner_id: UUID, kind: str) -> str:
    """The associated data of a row: a sealed value copied to another row does not open."""
    return f"{owner_kind}\x1f{owner_id.hex}\x1f{kind}"


def customers_of_persons(person_ids: Iterable[UUID]) -> set[UUID]:
    """Customers that these persons are; 1 statement, none for nobody."""
    wanted = sorted(set(person_ids))
    if not wanted:
        return set()
    rows = VaultEntry.objects.filter(person_id__among=wanted, owner_kind="customer")
    return set(rows.values_list("owner_id", flat=True))


def sharing(customer_ids: Iterable[UUID], most: int) -> dict[UUID, int]:
    """How many other customers of the same shop have the same phone, e-mail or WeChat, by blind index alone.

    Of everybody who has the same value the `most` newest are considered. 4 statements a thousand; customers who
    share with nobody are left out.
    """
    found: dict[UUID, int] = {}
    for batch in chunks(sorted(set(customer_ids))):
        kept = VaultEntry.objects.filter(owner_kind="customer", kind__in=("phone", "email", "wechat"))
        kept = kept.exclude(blind_index="")
        mine = list(kept.filter(person_id__among=batch).values_list("person_id", "blind_index"))
        if not mine:
            continue
        same: dict[str, set[UUID]] = {}
        for person, index in mine:  # who may be none of the newest
            same.setdefault(index, set()).add(person)
        indexes = {index for _, index in mine}
        newest = latest(VaultEntry, "blind_index", indexes, "id", most + 1, owner_kind="customer")
        for person, index in kept.filter(id__among=sorted(newest)).values_list("person_id", "blind_index"):
            same.setdefault(index, set()).add(person)
        shops = _shops({person for persons in same.values() if len(persons) > 1 for person in persons})
        for person in {person for person, _ in mine}:
            others = set().union(*(same[index] for whose, index in mine if whose == person)) - {person}
            count = min(most, sum(shops[other] == shops.get(person) for other in others if other in shops))
            if count:
                found[person] = count
    return found


def _shops(customer_ids: set[UUID]) -> dict[UUID, UUID]:
    return {key: customer.shop_id for key, customer in customers(customer_ids).items()} if customer_ids else {}


class Held(NamedTuple):
    """What the vault holds of a person: {(owner kind, kind): how many values}, and pictures and files."""

    values: dict[tuple[str, str], int]
    files: int


def held(person_id: UUID) -> Held:
    """2 statements."""
    rows = VaultEntry.objects.filter(person_id=person_id).order_by("owner_kind", "kind")
    values = rows.values_list("owner_kind", "kind").annotate(n=Count("id"))
    # A picture lies there whole and small: that is one.
    files = VaultFile.objects.filter(person_id=person_id).values("owner_kind", "owner_id").distinct().count()
    return Held({(owner, kind): count for owner, kind, count in values}, files)


class FileInfo(NamedTuple):
    """A sealed file: `size` and `digest` (SHA-256) are of what was sealed."""

    owner_id: UUID
    kind: str
    name: str
    size: int
    digest: str


def file_path(name: str) -> Path:
    """Where a sealed file lies. `name` is one of ours, random, and never what somebody typed."""
    return Path(settings.HOME) / "vault" / name[:2] / name


def files(owner_kind: str, owner_ids: Iterable[UUID]) -> dict[UUID, dict[str, FileInfo]]:
    """{owner: {kind: file}} of those not erased; 1 statement a thousand."""
    found: dict[UUID, dict[str, FileInfo]] = {}
    for batch in chunks(sorted(set(owner_ids))):
        rows = VaultFile.objects.filter(owner_kind=owner_kind, owner_id__among=batch)
        for row in rows.values_list(*FileInfo._fields):
            info = FileInfo(*row)
            found.setdefault(info.owner_id, {})[info.kind] = info
    return found


def open_file(owner_kind: str, owner_id: UUID, kind: str) -> bytes | None:
    """What was sealed; None where there is none or it was erased. 1 statement.

    Raises errors.NoVaultKey, and cryptography.exceptions.InvalidTag where the file was exchanged.
    """
    rows = VaultFile.objects.filter(owner_kind=owner_kind, owner_id=owner_id, kind=kind)
    row = rows.values_list("name", "key_id").first()
    if row is None:
        return None
    secrets = keys()
    if row[1] not in secrets:
        raise errors.NoVaultKey(f"settings.INDEX_KEYS has no key {row[1]}")
    try:
        sealed = file_path(row[0]).read_bytes()
    except FileNotFoundError:
        # Erased a moment ago, or lost: a copy of GUICANG_HOME without `vault`.
        log.exception("the vault lacks a file that its table has")
        return None
    return rules.unseal_bytes(secrets[row[1]], file_place(owner_kind, owner_id, kind), sealed)


def file_place(owner_kind: str, owner_id: UUID, kind: str) -> str:
    return f"file\x1f{place(owner_kind, owner_id, kind)}"
