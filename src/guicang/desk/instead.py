"""What a form says of an exchange, as the steps want it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.http import QueryDict

from guicang.catalog import queries as catalogue
from guicang.desk.typed import number, uuids
from guicang.kernel.actor import Actor
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns.operations.asking import Instead, Wanted
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.send_ahead import Ahead, send_ahead
from guicang.returns.steps.undo_exchange import Undoing, undo_exchange
from guicang.trade.errors import SkuUnknown
from guicang.ui import fields

#: Rows for any other goods of the company, by their code, that staff may type for a line.
OTHERS = 2


def of_line(plain: Wanted, given: QueryDict, line: UUID, count: int, company_id: UUID) -> Wanted:
    """`count` units of a line, wanted as `plain` says, with its answers and what is chosen in its place."""
    answers = fields.of_line(fields.typed(given), line)
    chosen = chosen_for(given, line, count, company_id)
    return replace(plain, order_line_id=line, quantity=count, answers=answers, instead=chosen)


def chosen_for(given: QueryDict, line: UUID, count: int, company_id: UUID) -> tuple[Instead, ...]:
    """Several with their units (`swap.<line>.<sku>`, and by code `other.code.<line>.<n>`), else what is chosen unit by
    unit (`instead.<line>`); nothing: the same once more. Raises Refused for codes and numbers that are none.
    """
    found = []
    for name, text in given.items():
        head, _, rest = name.partition(".")
        key, _, sku = rest.partition(".")
        ids = uuids([sku]) if head == "swap" and key == str(line) else []
        if ids and (units := number(str(text))):
            found.append(Instead(ids[0], units))
    for place in range(OTHERS):
        if code := given.get(f"other.code.{line}.{place}", "").strip():
            units = number(given.get(f"other.units.{line}.{place}", "")) or 1
            found.append(Instead(_sku_of(company_id, code), units))
    if found:
        return tuple(found)
    one = uuids([given.get(f"instead.{line}", "")])
    return (Instead(one[0], count),) if one else ()


def _sku_of(company_id: UUID, code: str) -> UUID:
    """By code, else by what was scanned; 2 statements at most. Raises Refused."""
    known = catalogue.skus_by_code([(company_id, code)]).get((company_id, code))
    scanned = None if known else catalogue.sku_of_barcode(company_id, code)
    if known is None and scanned is None:
        raise Refused([SkuUnknown(sku_code=code[:40])])
    return known.id if known else scanned[0]  # type: ignore[index] # one of the two is there


def exchanged(ids: Sequence[UUID], given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    return exchange(exchanges=[Exchanging(pk) for pk in ids], actor=actor, now=now)


def sent_ahead(ids: Sequence[UUID], given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    return send_ahead(aheads=[Ahead(pk) for pk in ids], actor=actor, now=now)


def collected_for(pk: UUID, given: QueryDict, actor: Actor, now: datetime) -> Outcome:
    """What a buyer paid for the order in place of his goods."""
    item = Collecting(pk, given.get("way", ""), given.get("reference", "").strip())
    return collect(collections=[item], actor=actor, now=now)[0]


def undone_for(pk: UUID, given: QueryDict, actor: Actor, now: datetime) -> Outcome:
    """An exchange taken back whose new goods are still here."""
    try:
        return undo_exchange(undoings=[Undoing(pk, given.get("reason", ""))], actor=actor, now=now)[0]
    except Refused as found:
        return Outcome(0, None, list(found.refusals))
