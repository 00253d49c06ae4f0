"""Is the trail whole? From the rows and the keys alone, in one pass and bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection

from guicang.audit import queries, rules
from guicang.audit.models import AuditHead, AuditRow
from guicang.kernel.proof import Proof

#: Rows a fetch from the open cursor.
FETCH = 5000

Counts = Counter[tuple[str, int]]


def proofs() -> list[Proof]:
    """2 statements: the rows in chain order, streamed, and the heads (64 a company)."""
    secrets = queries.secrets()
    proof = Proof("audit", 0, [])
    counts = _check_chains(proof, secrets)
    _check_heads(proof, counts, secrets)
    return [proof]


def existence(aggregate_kind: str) -> Iterator[UUID]:
    """Every aggregate of a kind that was ever audited: whoever owns the kind must still have it."""
    return queries.aggregate_ids(aggregate_kind)


def _check_chains(proof: Proof, secrets: dict[str, bytes]) -> Counts:
    counts: Counts = Counter()
    place = ("", 0)
    aggregate, expected, previous = "", 1, ""
    for company, owner, seq, previous_mac, mac, key_id, text in _links():
        if owner != aggregate:
            aggregate, expected, previous = owner, 1, ""
            place = (company, rules.bucket_of(UUID(owner)))
        elif company != place[0]:
            place = (company, place[1])
        counts[place] += 1
        proof.checked += 1
        if seq != expected:
            proof.add(fault="links_missing", aggregate_id=owner, seq=expected, found_seq=seq)
        elif previous_mac != previous:
            proof.add(fault="chain_broken", aggregate_id=owner, seq=seq)
        secret = secrets.get(key_id)
        if secret is None:
            proof.add(fault="unknown_key", aggregate_id=owner, seq=seq, key_id=key_id)
        elif rules.mac(secret, text) != mac:
            proof.add(fault="row_changed", aggregate_id=owner, seq=seq)
        expected, previous = seq + 1, mac
    return counts


def _check_heads(proof: Proof, counts: Counts, secrets: dict[str, bytes]) -> None:
    heads = {(head.company_id.hex, head.bucket): head for head in AuditHead.objects.order_by("pk").iterator()}
    companies = {company for company, _ in counts} | {company for company, _ in heads}
    for company in sorted(companies):
        for bucket in range(rules.BUCKETS):
            proof.checked += 1
            head, found = heads.get((company, bucket)), counts[company, bucket]
            where: dict[str, Any] = {"company_id": company, "bucket": bucket}
            if head is None:
                proof.add(fault="head_missing", **where, rows=found)
                continue
            if not queries.head_is_whole(head, secrets):
                proof.add(fault="head_changed", **where)
            if head.count != found:
                fault = "rows_missing" if found < head.count else "rows_added"
                proof.add(fault=fault, **where, count=head.count, rows=found)


def _links() -> Iterator[tuple[str, str, int, str, str, str, str]]:
    """Each link with the text its MAC covers, joined by the database: one string a row to load."""
    postgres = connection.vendor == "postgresql"
    as_text = _postgres_text if postgres else _sqlite_text
    kinds = {column.name: column.get_internal_type() for column in AuditRow._meta.concrete_fields}
    covered = [as_text(name, kinds[name]) for name in rules.COVERED]
    separator = " || chr(31) || " if postgres else " || char(31) || "
    text = separator.join(["'row'", *covered])
    company, owner = as_text("company_id", "UUIDField"), as_text("aggregate_id", "UUIDField")
    sql = (
        f"SELECT {company}, {owner}, seq, previous_mac, mac, key_id, {text} "  # noqa: S608
        f"FROM {connection.ops.quote_name(AuditRow._meta.db_table)} ORDER BY aggregate_id, seq"
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(FETCH):
            yield from rows


def _postgres_text(column: str, kind: str) -> str:
    quoted = f'"{column}"'
    if kind == "UUIDField":
        return f"replace({quoted}::text, '-', '')"
    if kind == "DateTimeField":
        return f"to_char({quoted} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"{quoted}::text"


def _sqlite_text(column: str, kind: str) -> str:
    quoted = f'"{column}"'
    if kind == "DateTimeField":
        # Stored without a fraction where it is zero.
        return f"CASE WHEN length({quoted}) = 19 THEN {quoted} || '.000000' ELSE {quoted} END"
    return quoted
