"""`guicang process returns`: past return documents, matched to their sales and taken through the life of a return."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from guicang.catalog.operations import ensure_skus
from guicang.catalog.queries import SkuInfo, skus_by_code
from guicang.intake import asides, history, queries
from guicang.intake.checks import LENGTHS
from guicang.intake.documents import GOODS, Document, DocumentLine, document_of
from guicang.intake.matched import SET_ASIDE, Claim, Piece, match
from guicang.intake.models import ReturnSourceLine
from guicang.intake.places import Place
from guicang.intake.profiles import Profile
from guicang.intake.queries import SourceLine
from guicang.intake.staging import Group, Reason
from guicang.intake.sums import plain
from guicang.intake.tables import CellFault
from guicang.intake.verdicts import Chunk, Taker, Verdict, reason_of
from guicang.kernel import setwrites
from guicang.kernel.ids import NIL, derived_id, new_id
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Outcome
from guicang.parties.operations import ensure_customers
from guicang.parties.queries import CustomerInfo, CustomerKey, customers_by_key
from guicang.returns.queries import numbers
from guicang.sales import queries as sales
from guicang.sales.queries import LineHead

RESULT_HEADERS = (
    "row", "document", "part", "kind", "bucket", "reason", "units", "value", "currency", "recorded", "sale_share",
    "price_difference", "return", "order_line",
)  # fmt: skip
_COPIED = (
    "kind", "bucket", "reason", "recorded_minor", "sale_share_minor", "price_difference_minor", "return_id",
    "return_line_id", "order_line_id", "units", "value", "currency",
)  # fmt: skip


class ReturnTaker(Taker):
    """A past return document at a time, in the order of their dates."""

    kind: ClassVar[str] = "returns"
    wanted: ClassVar[str] = "return"
    needed = ("return_number", "returned_at", "sku", "quantity")
    #: Each return brings the whole orders it settles against into memory.
    groups: ClassVar[int] = 500
    #: The sums are to hold them.
    sorts_out_foreign: ClassVar[bool] = True

    def __init__(self, profile: Profile, *, as_of: datetime | None = None, company_id: UUID = NIL) -> None:
        super().__init__(profile, as_of=as_of, company_id=company_id)
        self._number = profile.commands.document
        self.needed = (self._number, *ReturnTaker.needed[1:])

    def check(self, values: Mapping[str, Any]) -> CellFault | None:
        return self.blank(values) or self.checks.returned(values)

    def place(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """A row without a number is nobody's document; it is staged for the sums alone."""
        if values.get(self._number) is None:
            return "", ""
        at, shop = values.get("returned_at"), values.get("shop") or self.profile.place.shop
        return f"{shop}\x1f{values[self._number]}", at.isoformat() if at else ""

    def take(self, chunk: Chunk) -> list[Verdict]:
        documents = [self._document(chunk, group) for group in chunk.groups]
        known = self._known(documents)
        sold = _sold(documents, known)
        verdicts: dict[int, Verdict] = {}
        claims: list[Claim] = []
        rows: list[dict[str, Any]] = []
        for claim in documents:
            document, before = claim.document, known.get((claim.place.shop_id, claim.document.number))
            if document.problem is None and before is not None:
                document.problem = _changed(claim, before, sold)
            if document.problem is not None:
                verdicts[document.group.position] = Verdict.aside(document.group, document.problem)
                rows += _aside(claim, document.problem.code)
            elif before is not None:
                verdicts[document.group.position] = Verdict(_numbers(document.group), "unchanged")
                rows += _copies(claim, before)
            else:
                claims.append(claim)
        rows += self._carry_out(chunk, claims, verdicts)
        setwrites.insert(ReturnSourceLine, [{"id": new_id(), "run_id": chunk.run_id, **row} for row in rows])
        return [verdicts[group.position] for group in chunk.groups]

    def finish(self, path: Path, out: Path | None, run_id: UUID) -> Path | None:
        """Per line what became of it: `<name>.results.<run>.csv`."""
        target = asides.target(path, out, "results", run_id)
        asides.write_table(target, RESULT_HEADERS, _result_rows(run_id))
        return target

    def _document(self, chunk: Chunk, group: Group) -> Claim:
        faulty = chunk.staging.faulty(group.rows[0].number, group.rows[-1].number)
        document = document_of(group, self.profile, self._number, faulty)
        if not document.number or any(self.checks.overlong(row.values) for row in group.rows if row.number in faulty):
            return Claim(document, _nowhere(document), (NIL, ""), warehouse_id=NIL)
        if self.is_foreign(group):
            document.problem = Reason("company_other")
            return Claim(document, _nowhere(document), (NIL, ""), warehouse_id=NIL)
        place = self.places.of(chunk.context, document.once, document.currency)
        warehouse_id = self.places.warehouse(chunk.context, group.rows[0].values, place)
        return Claim(document, place, (place.shop_id, document.customer), warehouse_id=warehouse_id)

    def _known(self, documents: Iterable[Claim]) -> dict[tuple[UUID, str], list[SourceLine]]:
        wanted: dict[UUID, list[str]] = {}
        for claim in documents:
            wanted.setdefault(claim.place.shop_id, []).append(claim.document.number)
        return {
            (shop_id, number): lines
            for shop_id, stated in wanted.items()
            for number, lines in queries.known_documents(shop_id, stated).items()
        }

    def _carry_out(self, chunk: Chunk, claims: list[Claim], verdicts: dict[int, Verdict]) -> list[dict[str, Any]]:
        if self.profile.unknown_sku == "create":
            self._ensure_skus(chunk, claims)
        match(claims)
        self._ensure_customers(chunk, claims)
        refused = history.carry_out(claims, actor=chunk.actor, now=chunk.now)
        rows: list[dict[str, Any]] = []
        for claim in claims:
            group = claim.document.group
            refusal = refused.get(group.position)
            if refusal is None:
                verdicts[group.position] = Verdict(_numbers(group), "imported")
                rows += [_source_row(claim, piece) for piece in claim.pieces]
            else:
                reason = reason_of(Outcome(0, refusals=[refusal]))
                verdicts[group.position] = Verdict.aside(group, reason)
                rows += _aside(claim, reason.code)
        return rows

    def _ensure_skus(self, chunk: Chunk, claims: Iterable[Claim]) -> None:
        wanted: dict[UUID, dict[str, str]] = {}
        for claim in claims:
            names = wanted.setdefault(claim.place.company_id, {})
            for line in claim.document.lines:
                if line.kind == GOODS and line.sku:
                    names[line.sku] = names.get(line.sku) or line.name[:200]
        for company_id, names in wanted.items():
            ensure_skus(chunk.context(), company_id, names)

    def _ensure_customers(self, chunk: Chunk, claims: Iterable[Claim]) -> None:
        """Who returns without having bought is somebody too; nobody known is the shop's customer "unknown"."""
        missing = [claim for claim in claims if claim.customer_id == NIL]
        if missing:
            found = ensure_customers(chunk.context(), [claim.customer for claim in missing])
            for claim in missing:
                claim.customer_id = found[claim.customer].id


def _nowhere(document: Document) -> Place:
    """Where a document stands that is set aside before its shop is looked for: it makes no shop."""
    named = (document.once.get("shop") or "", document.number)
    shop_id = derived_id("nowhere", *named) if document.number else NIL
    return Place(NIL, shop_id, NIL, NIL, document.currency, "", "")


def _numbers(group: Group) -> list[int]:
    return [row.number for row in group.rows]


@dataclass(slots=True)
class _Sold:
    """What lines that were booked before came from, and what the documents name now. SKUs by company and code."""

    lines: Mapping[UUID, LineHead]
    buyers: Mapping[UUID, UUID]
    skus: Mapping[tuple[UUID, str], SkuInfo]
    customers: Mapping[CustomerKey, CustomerInfo]


def _sold(claims: Iterable[Claim], known: Mapping[tuple[UUID, str], list[SourceLine]]) -> _Sold:
    """4 statements per 1,000 documents that were taken before, none for new ones."""
    again = [claim for claim in claims if (claim.place.shop_id, claim.document.number) in known]
    lines = sales.line_heads({part.order_line_id for parts in known.values() for part in parts} - {NIL})
    orders = sales.order_heads({line.order_id for line in lines.values()})
    named = {(claim.place.company_id, line.sku) for claim in again for line in claim.document.lines if line.sku}
    return _Sold(
        lines=lines,
        buyers={key: orders[line.order_id].customer_id for key, line in lines.items()},
        skus=skus_by_code(named),
        customers=customers_by_key({claim.customer for claim in again if claim.customer[1]}),
    )


def _changed(claim: Claim, before: list[SourceLine], sold: _Sold) -> Reason | None:
    """A document is frozen when it is taken: with other lines, units, SKUs or another buyer it is another document."""
    document, known = claim.document, _by_line(before)
    same = len(known) == len(document.lines) and all(
        _same(claim, line, parts, sold) for parts, line in zip(known, document.lines, strict=True)
    )
    return None if same else Reason("document_changed", "", {"known": len(known), "stated": len(document.lines)})


def _same(claim: Claim, line: DocumentLine, parts: list[SourceLine], sold: _Sold) -> bool:
    """A buyer nobody knows by that name any more may have been erased: then the sale's own buyer stands."""
    if (sum(part.units for part in parts), _sum_of(parts)) != (line.units, plain(line.value)):
        return False
    if any((part.kind, part.currency) != (line.kind, line.currency) for part in parts):
        return False
    sku, customer = sold.skus.get((claim.place.company_id, line.sku)), sold.customers.get(claim.customer)
    return all(
        sku is not None
        and sku.id == sold.lines[part.order_line_id].sku_id
        and (customer is None or customer.id == sold.buyers[part.order_line_id])
        for part in parts
        if part.order_line_id != NIL
    )


def _sum_of(parts: Iterable[SourceLine]) -> str:
    total = sum((Decimal(part.value) for part in parts), Decimal(0))
    return plain(total)


def _by_line(lines: Iterable[SourceLine]) -> list[list[SourceLine]]:
    found: dict[int, list[SourceLine]] = {}
    for line in lines:
        found.setdefault(line.row_number, []).append(line)
    return [found[number] for number in sorted(found)]


def _copies(claim: Claim, before: list[SourceLine]) -> list[dict[str, Any]]:
    """What became of the document when it was first taken, under this file's row numbers."""
    return [
        _key(claim, line.number, part.part) | {name: getattr(part, name) for name in _COPIED}
        for line, parts in zip(claim.document.lines, _by_line(before), strict=True)
        for part in parts
    ]


def _aside(claim: Claim, code: str) -> list[dict[str, Any]]:
    pieces = [
        Piece(line, 0, SET_ASIDE, line.units, line.value, line.recorded_minor, reason=line.fault or code)
        for line in claim.document.lines
    ]
    return [_source_row(claim, piece) for piece in pieces]


def _key(claim: Claim, number: int, part: int) -> dict[str, Any]:
    document = claim.document.number[: LENGTHS["return_number"]]
    return {"shop_id": claim.place.shop_id, "document": document, "row_number": number, "part": part}


def _source_row(claim: Claim, piece: Piece) -> dict[str, Any]:
    """Columns of a ReturnSourceLine."""
    return _key(claim, piece.line.number, piece.part) | {
        "kind": piece.line.kind,
        "bucket": piece.bucket,
        "reason": piece.reason,
        "units": piece.units,
        "value": plain(piece.value),
        "currency": piece.line.currency,
        "recorded_minor": piece.recorded_minor,
        "sale_share_minor": piece.sale_share_minor,
        "price_difference_minor": piece.price_difference_minor,
        "return_id": piece.return_id,
        "return_line_id": piece.return_line_id,
        "order_line_id": piece.order_line_id,
    }


def _result_rows(run_id: UUID) -> Iterator[list[Any]]:
    """Lines of the result file, document by document; 1 statement per 1,000 lines besides the lines' own."""
    for batch in setwrites.chunks(queries.source_lines(run_id)):
        names = numbers({line.return_id for line in batch})
        for line in batch:
            amounts = (line.recorded_minor, line.sale_share_minor, line.price_difference_minor)
            exact = [plain(from_minor(amount, line.currency)) for amount in amounts]
            order_line = str(line.order_line_id) if line.order_line_id != NIL else ""
            yield [
                line.row_number, line.document, line.part, line.kind, line.bucket, line.reason, line.units, line.value,
                line.currency, *exact, names.get(line.return_id, ""), order_line,
            ]  # fmt: skip
