"""Customers, and the vault: keep, replace and erase personal data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import derived_id, new_id
from guicang.kernel.refusal import Refused
from guicang.parties import errors, queries, rules
from guicang.parties.models import Customer, Supplier, Tombstone, VaultEntry

ERASE = "parties.erase"


class PersonalFacts(NamedTuple):
    """`values` {kind: value} of one owner (customer, order, return line, parcel); `person_id` is who they are of."""

    owner_kind: str
    owner_id: UUID
    person_id: UUID
    values: Mapping[str, str]
    country: str = "CN"


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
    """Erase a person: his vault rows go, and each of his orders (shop, number) leaves a keyed tombstone.

    `person_id` is a customer, or whoever else vault rows name as their person. The customer's row stays for
    the ledgers, without the platform's buyer id: who buys again is somebody new. How many values went.
    Raises Refused: NotPermitted, PersonUnknown. 6 statements and the audit's, 1 more a thousand orders.
    """
    if not context.actor.may(ERASE):
        raise Refused([errors.NotPermitted(permission=ERASE)])
    customer = Customer.objects.select_for_update().filter(id=person_id).first()
    gone, _ = VaultEntry.objects.filter(person_id=person_id).delete()
    stones = set(orders)
    if customer is None and not gone and not stones:
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
    after = {"values": gone, "orders": len(stones)}
    record(context, [AuditEntry(company_id, "person", person_id, "erase", {}, after)])
    return gone


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
