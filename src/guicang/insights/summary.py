"""What became of a file of past returns: the source's sums beside what was booked, unmatched and set aside.

Lines, units and value of the three buckets add up to the source's exactly. Value is quantity x unit price as the
source signs it, never rounded, each currency apart; what rounding to minor units changed is told apart. A line that
was split counts as a line once, and a document once, in the first of set_aside, unmatched, booked in which it has a
part; units and value are counted part by part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from guicang.intake import queries
from guicang.intake.queries import Run, SourceLine
from guicang.intake.sums import EXACT, Amounts, Sums
from guicang.kernel.money import from_minor, to_minor

#: In the order in which a document or a line counts.
BUCKETS = ("set_aside", "unmatched", "booked")
GOODS = "goods"


@dataclass(slots=True)
class Bucket:
    """`kinds`: money-only lines by kind; `goods`: the others. Recorded amounts are positive."""

    documents: int = 0
    sums: Sums = field(default_factory=Sums)
    goods: Sums = field(default_factory=Sums)
    kinds: dict[str, Sums] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    recorded: Amounts = field(default_factory=Amounts)
    sale_share: Amounts = field(default_factory=Amounts)
    price_difference: Amounts = field(default_factory=Amounts)
    #: Recorded amounts of goods alone, which a sale's share can be compared with.
    recorded_goods: Amounts = field(default_factory=Amounts)
    #: What rounding each line to minor units changed, as the source signs it.
    rounding: Amounts = field(default_factory=Amounts)

    def as_dict(self, currencies: Sequence[str]) -> dict[str, Any]:
        facts: dict[str, Any] = {"documents": self.documents, **self.sums.shown(currencies)}
        facts["goods"] = self.goods.shown(currencies)
        facts["kinds"] = {kind: sums.shown(currencies) for kind, sums in sorted(self.kinds.items())}
        facts["recorded"] = self.recorded.shown(currencies)
        if self.reasons:
            facts["reasons"] = dict(self.reasons.most_common())
        return facts


@dataclass(slots=True)
class Summary:
    run: Run
    buckets: dict[str, Bucket]
    split_lines: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As `guicang report summary --json` prints it. An amount is a text, and an object by currency where the
        file has several."""
        currencies, booked = self.currencies, self.buckets["booked"]
        source, others = (_read(self.run.counters[name]) for name in ("source", "others"))
        facts: dict[str, Any] = {
            "run": str(self.run.id),
            "file": self.run.file_name,
            "profile": self.run.profile,
            "state": self.run.state,
            "currency": currencies[0] if len(currencies) == 1 else currencies,
            "source": {
                "rows": self.run.rows,
                **source.shown(currencies),
                "documents": self.run.counters["source"]["documents"],
                "other": others.shown(currencies),
            },
            **{name: self.buckets[name].as_dict(currencies) for name in ("booked", "unmatched", "set_aside")},
        }
        facts["booked"] |= {
            "sale_share": booked.sale_share.shown(currencies),
            "difference_to_sale": booked.recorded_goods.less(booked.sale_share).shown(currencies),
            "price_difference": booked.price_difference.shown(currencies),
        }
        rounding = booked.rounding.plus(self.buckets["unmatched"].rounding).shown(currencies)
        return facts | {"rounding": rounding, "split_lines": self.split_lines, "adds_up": self.adds_up}

    @property
    def currencies(self) -> list[str]:
        """Those of the file's amounts; the profile's where it has none."""
        found = {name for part in ("source", "others") for name in self.run.counters[part]["values"]}
        for bucket in self.buckets.values():
            found.update(bucket.recorded, bucket.sale_share, bucket.price_difference)
        return sorted(found) or [self.run.counters["currency"]]

    @property
    def adds_up(self) -> bool:
        source = self.run.counters["source"]
        total = Sums()
        for bucket in self.buckets.values():
            total.lines, total.units = total.lines + bucket.sums.lines, total.units + bucket.sums.units
            total.values = total.values.plus(bucket.sums.values)
        documents = sum(bucket.documents for bucket in self.buckets.values())
        return bool({"documents": documents, **total.as_dict()} == source)


def summary(run_id: UUID | None = None) -> Summary | None:
    """The summary of a run of past returns, the newest where none is named; None where there is none.

    2 statements; memory does not grow with the run.
    """
    if run_id is not None:
        run = queries.run(run_id)
    else:
        run = next(iter(queries.runs("returns", limit=1)), None)
    if run is None or run.kind != "returns":
        return None
    found = Summary(run, {name: Bucket() for name in BUCKETS})
    for _, document in groupby(queries.source_lines(run.id), key=lambda line: (line.shop_id, line.document)):
        found.buckets[_first(_count(found, document))].documents += 1
    return found


def _read(kept: Mapping[str, Any]) -> Sums:
    values = {currency: EXACT.create_decimal(value) for currency, value in kept["values"].items()}
    return Sums(kept["lines"], kept["units"], Amounts(values))


def _count(found: Summary, document: Iterator[SourceLine]) -> set[str]:
    """Add a document's lines; the buckets it has a part in."""
    touched: set[str] = set()
    for _, parts in groupby(document, key=lambda line: line.row_number):
        some = list(parts)
        own = {part.bucket for part in some}
        touched |= own
        found.split_lines += len(some) > 1
        counted = _first(own)
        found.buckets[counted].rounding.add(some[0].currency, _rounding(some))
        for part in some:
            _add(found.buckets[part.bucket], part, lines=int(part.bucket == counted and part is _lead(some, counted)))
    return touched


def _rounding(parts: list[SourceLine]) -> Decimal:
    """A line is rounded once, then its recorded amount is split: so not part by part."""
    currency, value = parts[0].currency, sum((Decimal(part.value) for part in parts), Decimal(0))
    return from_minor(to_minor(value, currency), currency) - value


def _lead(parts: list[SourceLine], bucket: str) -> SourceLine:
    return next(part for part in parts if part.bucket == bucket)


def _first(buckets: Iterable[str]) -> str:
    return min(buckets, key=BUCKETS.index)


def _add(bucket: Bucket, part: SourceLine, *, lines: int) -> None:
    value = EXACT.create_decimal(part.value)
    kind = bucket.goods if part.kind == GOODS else bucket.kinds.setdefault(part.kind, Sums())
    for sums in (bucket.sums, kind):
        sums.add_value(part.units, value, part.currency, lines=lines)
    bucket.recorded.add_minor(part.currency, part.recorded_minor)
    bucket.sale_share.add_minor(part.currency, part.sale_share_minor)
    bucket.price_difference.add_minor(part.currency, part.price_difference_minor)
    if part.kind == GOODS:
        bucket.recorded_goods.add_minor(part.currency, part.recorded_minor)
    if part.reason and lines:
        bucket.reasons[part.reason] += lines
