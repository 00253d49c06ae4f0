"""Customers, and the vault: keep, replace and erase personal data."""

from __future__ import annotations

import hashlib
import os
import secrets as randomness
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, derived_id, new_id
from guicang.kernel.outbox import Envelope
from guicang.kernel.refusal import Refused
from guicang.parties import errors, queries, rules
from guicang.parties.models import Customer, Supplier, Tombstone, VaultEntry, VaultFile

ERASE = "parties.erase"
#: A file that no row names may belong to a transaction that is not committed yet: so old it does not.
STRAY_SECONDS = 3600


class PersonalFacts(NamedTuple):
    """`values` {kind: value} of one owner (customer, order, return line, parcel); `person_id` is who they are of."""

    owner_kind: str
    owner_id: UUID
    person_id: UUID
    values: Mapping[str, str]
    country: str = "CN"


class SealedFile(NamedTuple):
    """A file as `write_files` laid it down, for `keep_files` or `drop_files`."""

    owner_kind: str
    owner_id: UUID
    kind: str
    name: str
    key_id: str
    size: int
    digest: str


class NewCustomer(NamedTuple):
    id: UUID
    shop_id: UUID
    external_id: str
    tier: str = ""


def add_customers(context: Context, customers: Sequence[NewCustomer]) -> None:
    """Write customers with ids made by the caller, who found that they are not there. ceil(n / 1000) statements."""
    setwrites.insert(Customer, [{**customer._asdict(), **_fresh(context)} for customer in customers])


def change_tiers(context: Context, tiers: Mapping[UUID, tuple[UUID, str, str]]) -> None:
    """Move customers to another tier: {customer: (company, before, after)}.

    ceil(n / 1000) statements, and those of the trail.
    """
    rows = [{"id": customer_id, "tier": after} for customer_id, (_, _, after) in tiers.items()]
    setwrites.update(Customer, rows, assign=["tier"])
    entries = [
        AuditEntry(company_id, "customer", customer_id, "tier", {"tier": before}, {"tier": after})
        for customer_id, (company_id, before, after) in tiers.items()
    ]
    record(context, entries)


def ensure_customers(
    context: Context, keys: Iterable[queries.CustomerKey]
) -> dict[queries.CustomerKey, queries.CustomerInfo]:
    """Customers by (shop, external id), made where unknown. 1 statement a shop and thousand, 3 with new ones."""
    wanted = list(dict.fromkeys(keys))
    known = queries.customers_by_key(wanted)
    missing = [key for key in wanted if key not in known]
    if not missing:
        return known
    rows = [{"id": new_id(), "shop_id": shop, "external_id": ext, **_fresh(context)} for shop, ext in missing]
    setwrites.insert(Customer, rows, ignore_conflicts=True)
    return known | queries.customers_by_key(missing)


def ensure_suppliers(context: Context, keys: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """Supplier ids by (company, code), made where unknown with the code as name. 2 statements, 0 for no keys."""
    wanted = {key: derived_id("supplier", *key) for key in keys}
    if not wanted:
        return {}
    by_code = Supplier.objects.filter(code__among=sorted({code for _, code in wanted}))
    known = {(company, code): row_id for row_id, company, code in by_code.values_list("id", "company_id", "code")}
    rows = [
        {"id": row_id, "company_id": key[0], "code": key[1], "name": key[1], "archived_at": None}
        for key, row_id in wanted.items()
        if key not in known
    ]
    setwrites.insert(Supplier, rows, ignore_conflicts=True)
    return {key: known.get(key, row_id) for key, row_id in wanted.items()}


def hold_customers(customer_ids: Iterable[UUID]) -> None:
    """Lock customers before anything of theirs, for what is counted over all that one has; 1 statement per 1,000 on
    PostgreSQL, none on SQLite, whose transaction is the lock.
    """
    if connection.vendor == "postgresql":
        setwrites.fetch(Customer, set(customer_ids) - {NIL}, lock=True, only=("id",))


def keep(context: Context, facts: Sequence[PersonalFacts]) -> int:
    """Put values into the vault or replace them; how many were written. 3 statements a thousand values.

    An empty value changes nothing; a masked one never replaces one that is not. The same value again
    writes nothing.
    """
    wanted = {
        (item.owner_kind, item.owner_id, kind): (value, item)
        for item in facts
        for kind, value in item.values.items()
        if value.strip()
    }
    if not wanted:
        return 0
    secrets = queries.keys()
    key_id = next(reversed(secrets))
    known = _known({owner_id for _, owner_id, _ in wanted}, secrets)
    made: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for (owner_kind, owner_id, kind), (value, item) in wanted.items():
        masked = rules.is_masked(value)
        before = known.get((owner_kind, owner_id, kind))
        if before and (before[1] == value or (masked and not before[2])):
            continue
        row = {
            "id": before[0] if before else new_id(),
            "sealed": rules.seal(secrets[key_id], queries.place(owner_kind, owner_id, kind), value),
            "key_id": key_id,
            "masked": masked,
            "blind_index": rules.blind_index(secrets[key_id], kind, value, item.country),
        }
        if before:
            changed.append(row)
            continue
        row |= {"owner_kind": owner_kind, "owner_id": owner_id, "kind": kind, "person_id": item.person_id}
        made.append({**row, "created_at": context.now})
    setwrites.insert(VaultEntry, made)
    setwrites.update(VaultEntry, changed, assign=["sealed", "key_id", "masked", "blind_index"])
    return len(made) + len(changed)


def erase(context: Context, company_id: UUID, person_id: UUID, orders: Iterable[tuple[UUID, str]]) -> int:
    """Erase a person: his vault rows and files go, and each of his orders (shop, number) leaves a keyed tombstone.

    `person_id` is a customer, or whoever else vault rows name as their person. The customer's row stays for
    the ledgers, without the platform's buyer id: who buys again is somebody new. How many values and files went.
    Raises Refused: NotPermitted, PersonUnknown. 8 statements and the audit's, 1 more a thousand orders.
    """
    if not context.actor.may(ERASE):
        raise Refused([errors.NotPermitted(permission=ERASE)])
    customer = Customer.objects.select_for_update().filter(id=person_id).first()
    gone, _ = VaultEntry.objects.filter(person_id=person_id).delete()
    files = _forget(VaultFile.objects.filter(person_id=person_id))
    stones = set(orders)
    if customer is None and not gone and not files and not stones:
        raise Refused([errors.PersonUnknown(person_id=person_id)])
    if customer is not None and customer.external_id and customer.erased_at is None:
        customer.external_id, customer.erased_at = f"erased:{person_id.hex}", context.now
        customer.save(update_fields=["external_id", "erased_at"])
    secrets = queries.keys()
    key_id = next(reversed(secrets))
    rows = [
        {
            "id": new_id(),
            "shop_id": shop_id,
            "order_digest": rules.order_digest(secrets[key_id], shop_id.hex, number),
            "key_id": key_id,
            "created_at": context.now,
        }
        for shop_id, number in stones
    ]
    setwrites.insert(Tombstone, rows, ignore_conflicts=True)
    after = {"values": gone, "files": files, "orders": len(stones)}
    record(context, [AuditEntry(company_id, "person", person_id, "erase", {}, after)])
    return gone + files


def write_files(files: Iterable[tuple[str, UUID, str, bytes]]) -> list[SealedFile]:
    """Seal and lay down files: (owner kind, owner, kind, bytes). No statement, two syncs a file.

    Call it before the transaction, so that no lock waits for the disk; then `keep_files` in it, and `drop_files` for
    what was not kept. What a crash leaves behind `sweep_files` removes.
    """
    keyring = queries.keys()
    key_id = next(reversed(keyring))
    made = []
    for owner_kind, owner_id, kind, data in files:
        sealed = rules.seal_bytes(keyring[key_id], queries.file_place(owner_kind, owner_id, kind), data)
        name = randomness.token_hex(16)
        _lay_down(queries.file_path(name), sealed)
        made.append(SealedFile(owner_kind, owner_id, kind, name, key_id, len(data), hashlib.sha256(data).hexdigest()))
    return made


def _lay_down(path: Path, data: bytes) -> None:
    """Whole or not at all, and on the disk: a row that names it may be committed a moment later."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def keep_files(context: Context, files: Iterable[tuple[SealedFile, UUID]]) -> None:
    """Make files part of the vault: (file, whose personal data it is). 1 statement a thousand."""
    rows = [
        {"id": new_id(), "person_id": person_id, "created_at": context.now, **file._asdict()}
        for file, person_id in files
    ]
    setwrites.insert(VaultFile, rows)


def drop_files(names: Iterable[str]) -> None:
    """Remove files that no row names, or no longer: after the commit that forgot them."""
    for name in names:
        queries.file_path(name).unlink(missing_ok=True)


def forget_files(owner_kind: str, owner_ids: Iterable[UUID]) -> int:
    """Erase the files of these owners, once the transaction is committed; how many. 2 statements a thousand."""
    owned = VaultFile.objects.filter(owner_kind=owner_kind)
    return sum(_forget(owned.filter(owner_id__among=batch)) for batch in setwrites.chunks(sorted(set(owner_ids))))


def forget(owner_kind: str, owner_ids: Iterable[UUID]) -> None:
    """Erase the values of these owners. 1 statement a thousand."""
    for batch in setwrites.chunks(sorted(set(owner_ids))):
        VaultEntry.objects.filter(owner_kind=owner_kind, owner_id__among=batch).delete()


def _forget(rows: Any) -> int:
    names = list(rows.values_list("name", flat=True))
    rows.delete()
    transaction.on_commit(partial(drop_files, names))
    return len(names)


def sweep_files(_envelope: Envelope) -> None:
    """The outbox's handler: remove files that no row names and that are old enough to belong to no open transaction.

    What is left after a crash between a commit and the removal it asked for goes here, an erased picture too.
    """
    oldest = time.time() - STRAY_SECONDS
    for folder in sorted((Path(settings.HOME) / "vault").glob("??")):
        for batch in setwrites.chunks(folder.iterdir()):
            named = set(
                VaultFile.objects.filter(name__among=[path.name for path in batch]).values_list("name", flat=True)
            )
            for path in batch:
                # Somebody else may have removed it in between.
                with suppress(FileNotFoundError):
                    if path.name not in named and path.stat().st_mtime < oldest:
                        path.unlink()


def _fresh(context: Context) -> dict[str, Any]:
    return {"created_at": context.now, "erased_at": None, "archived_at": None}


def _known(owner_ids: Iterable[UUID], secrets: dict[str, bytes]) -> dict[tuple[str, UUID, str], tuple[UUID, str, bool]]:
    """(owner kind, owner, kind): (row, opened value, masked)."""
    found = {}
    columns = ("id", "owner_kind", "owner_id", "kind", "sealed", "key_id", "masked")
    for batch in setwrites.chunks(sorted(set(owner_ids))):
        rows = VaultEntry.objects.filter(owner_id__among=batch).values_list(*columns)
        for row_id, owner_kind, owner_id, kind, sealed, key_id, masked in rows:
            value = queries.open_entry(secrets, key_id, queries.place(owner_kind, owner_id, kind), sealed)
            found[owner_kind, owner_id, kind] = (row_id, value, masked)
    return found
