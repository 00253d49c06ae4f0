"""A statement tried: over the past (before and after, with examples), and at once on a few orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guicang.catalog import queries as catalogue
from guicang.insights.verdicts import Explained, explain, explain_by
from guicang.kernel.ids import NIL
from guicang.policy import queries as policies
from guicang.policy.queries.simulations import Found, Run, simulation, simulations
from guicang.policy.rules import DIMENSIONS, OUTCOMES, Book, Effect, Statement
from guicang.returns.operations.trying import Question, Said, try_orders
from guicang.returns.rules import label
from guicang.sales.models import LineKind, Order, OrderLine
from guicang.sales.queries import OrderHead
from guicang.staff import queries as staff

#: A run that waits this long has probably no worker.
LATE = timedelta(minutes=2)
#: Orders that are tried at once.
MOST_ORDERS, LATEST = 20, 10
DAY_SECONDS = 86_400

OUTCOME_WORDS: Mapping[str, Promise] = {
    "granted": _("Granted at once, without a person"),
    "allow": _("Allowed, a person confirms"),
    "review": _("A person decides"),
    "refuse": _("Refused"),
}
DIMENSION_WORDS: Mapping[str, Promise] = {
    "reason": _("By reason"),
    "category": _("By category"),
    "tier": _("By customer tier"),
}
_OTHER_KINDS: Mapping[str, Promise] = {
    "late>in_time": _("Were too late and would be in time"),
    "in_time>late": _("Were in time and would be too late"),
    "freight>seller": _("The way back would be the seller's to pay"),
    "freight>buyer": _("The way back would be the buyer's to pay"),
    "back>keeps": _("The goods would stay with the buyer"),
    "keeps>back": _("The goods would have to come back"),
    "fees": _("Other fees"),
}
_MORE: Mapping[str, tuple[Promise, Promise]] = {
    "granted": (
        _("It would grant %(n)s more at once, without a person."),
        _("It would grant %(n)s fewer at once; a person would look at them or they would be refused."),
    ),
    "review": (_("It would send %(n)s more to a person."), _("It would send %(n)s fewer to a person.")),
    "refuse": (_("It would refuse %(n)s more."), _("It would refuse %(n)s fewer.")),
}


class Figure(NamedTuple):
    """A row of before and after. `unit`: '', %, days, or a currency, whose amounts are minor units."""

    label: str
    before: float
    after: float
    unit: str = ""

    @property
    def is_money(self) -> bool:
        return self.unit not in ("", "%", "days")

    @property
    def change(self) -> float:
        return round(self.after - self.before, 1)


class Broken(NamedTuple):
    """A code of a dimension: how often each outcome, before and after."""

    label: str
    before: list[int]
    after: list[int]

    @property
    def total(self) -> int:
        return sum(self.before)

    @property
    def cells(self) -> list[tuple[Promise, int, int]]:
        """(outcome, before, after)."""
        return list(zip(OUTCOME_WORDS.values(), self.before, self.after, strict=True))


class Example(NamedTuple):
    id: UUID
    number: str
    asked_at: datetime
    paid_minor: int | None
    currency: str
    before: Explained
    after: Explained


class Change(NamedTuple):
    """A kind of change: how many, and some of them."""

    label: str
    cases: int
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class Result:
    """`late`: it waits and no worker seems to run."""

    run: Run
    who: str
    late: bool
    headline: list[str]
    figures: list[Figure]
    breakdowns: list[tuple[str, list[Broken]]]
    changes: list[Change]


def runs(company_id: UUID) -> list[tuple[Run, str, dict[str, Any]]]:
    """(run, by whom, the share of each outcome after in percent), the newest first; 2 statements."""
    found = simulations(company_id)
    names = staff.names(sorted({run.actor_id for run, _after in found}))
    return [(run, names.get(run.actor_id, ""), _shares(after)) for run, after in found]


def _shares(after: Mapping[str, Any]) -> dict[str, Any]:
    whole = sum(after.get(name, 0) for name in OUTCOMES)
    return {name: round(after[name] * 100 / whole, 1) for name in OUTCOMES} if whole else {}


def result(company_id: UUID, run_id: UUID, now: datetime) -> Result | None:
    """A run as its page shows it; None where the company has no such run. At most 4 statements."""
    found = simulation(run_id)
    if found is None or found.run.company_id != company_id:
        return None
    run, effect = found.run, found.effect
    return Result(
        run=run,
        who=staff.names([run.actor_id]).get(run.actor_id, ""),
        late=run.state == "queued" and now - run.queued_at > LATE,
        headline=headline(effect),
        figures=figures(effect),
        breakdowns=_breakdowns(company_id, effect),
        changes=_changes(found),
    )


def headline(effect: Effect) -> list[str]:
    """What changes, in plain sentences."""
    said = []
    for name, (more, fewer) in _MORE.items():
        if change := effect.after[name] - effect.before[name]:
            said.append(str(more if change > 0 else fewer) % {"n": f"{abs(change):,}"})
    late = effect.kinds.get("late>in_time", 0), effect.kinds.get("in_time>late", 0)
    if any(late):
        text = _("%(saved)s that came too late would be in time, and %(lost)s the other way round.")
        said.append(str(text) % {"saved": f"{late[0]:,}", "lost": f"{late[1]:,}"})
    return said or [str(_("It would change no answer."))]


def figures(effect: Effect) -> list[Figure]:
    """Before and after, row by row; amounts at the end, by currency."""
    was, now, cases = effect.before, effect.after, max(effect.cases, 1)
    found = [Figure(str(OUTCOME_WORDS[name]), was[name], now[name]) for name in OUTCOMES]
    touchless = [round(side["granted"] * 100 / cases, 1) for side in (was, now)]
    left = [round(side["seconds_left"] / max(side["timed"], 1) / DAY_SECONDS, 1) for side in (was, now)]
    found += [
        Figure(str(_("Without a person")), touchless[0], touchless[1], "%"),
        Figure(str(_("Asked too late")), was["late"], now["late"]),
        Figure(str(_("Time left when asked, on average")), left[0], left[1], "days"),
        Figure(str(_("The seller pays the way back")), was["freight_seller"], now["freight_seller"]),
        Figure(str(_("The buyer pays the way back")), was["freight_buyer"], now["freight_buyer"]),
        Figure(str(_("The goods stay with the buyer")), was["keeps"], now["keeps"]),
    ]
    for currency in sorted({*was["money"], *now["money"]}):
        found += _money(was["money"].get(currency, {}), now["money"].get(currency, {}), currency)
    return found


def _money(was: Mapping[str, int], now: Mapping[str, int], currency: str) -> list[Figure]:
    """Amounts of what is allowed, of what waits for a person, of what is refused, and the fees."""

    def row(label: Promise, *names: str) -> Figure:
        before, after = (sum(side.get(name, 0) for name in names) for side in (was, now))
        return Figure(str(label), before, after, currency)

    return [
        row(_("Would be paid back"), "granted", "allow"),
        row(_("Waits for a person's decision"), "review"),
        row(_("Refused, in money"), "refuse"),
        row(_("Fees kept back"), "fees"),
    ]


def _breakdowns(company_id: UUID, effect: Effect) -> list[tuple[str, list[Broken]]]:
    reasons = policies.reasons([company_id])[company_id]
    language = get_language() or "zh"
    words = {code: one.zh if language.startswith("zh") else one.en for code, one in reasons.items()}
    found = []
    for name in DIMENSIONS:
        rows = []
        for code, counts in effect.by[name].items():
            # What is on no list of the company's may be a word of the staff's.
            title = words.get(code) or label(code, language) if name == "reason" else code
            rows.append(Broken(title or "—", counts[: len(OUTCOMES)], counts[len(OUTCOMES) :]))
        rows.sort(key=lambda row: (-row.total, row.label))
        if len(rows) > 1 or (rows and rows[0].label != "—"):
            found.append((str(DIMENSION_WORDS[name]), rows))
    return found


def _changes(found: Found) -> list[Change]:
    """The kinds of change, the most frequent first."""
    effect = found.effect
    kinds = sorted(effect.kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    return [
        Change(kind_words(kind), count, [_example(one, found.statement) for one in reversed(effect.examples[kind])])
        for kind, count in kinds
    ]


def kind_words(kind: str) -> str:
    if kind in _OTHER_KINDS:
        return str(_OTHER_KINDS[kind])
    was, _to, now = kind.partition(">")
    return f"{OUTCOME_WORDS[was]} → {OUTCOME_WORDS[now]}"


def _example(data: Mapping[str, Any], statement: Statement) -> Example:
    return Example(
        UUID(data["id"]),
        data["number"],
        datetime.fromisoformat(data["asked_at"]),
        data["paid_minor"],
        data["currency"],
        explain(_verdict(data["before"]), UUID(data["version"])),
        explain_by(_verdict(data["after"]), statement),
    )


def _verdict(kept: Mapping[str, Any]) -> dict[str, Any]:
    """An example's half as a return would store it."""
    terms = {"freight": kept["freight"]} if kept["freight"] else {}
    # Its `freight` says who pays; what that costs stands in no example.
    return {**kept, "freight": None, "terms": terms, "lines": {"": {"terms": {"fees": kept["fees"]}}}}


class TriedLine(NamedTuple):
    name: str
    said: Said
    explained: Explained


class TriedOrder(NamedTuple):
    id: UUID
    number: str
    ordered_at: datetime
    currency: str
    lines: list[TriedLine]


def quick(
    company_id: UUID, statement: Statement, numbers: Sequence[str], question: Question
) -> tuple[list[TriedOrder], list[str]]:
    """The verdict on each line of a few orders, or of the latest ones, and the numbers that nobody knows.

    About 18 statements.
    """
    wanted = list(dict.fromkeys(numbers))[:MOST_ORDERS]
    orders = Order.objects.filter(company_id=company_id)
    if wanted:
        rows = orders.filter(number__in=wanted).order_by("-ordered_at", "-id")[:MOST_ORDERS]
    else:
        rows = orders.order_by("-ordered_at", "-id")[:LATEST]
    heads = [OrderHead(*row) for row in rows.values_list(*OrderHead._fields)]
    lines = OrderLine.objects.filter(order_id__in=[one.id for one in heads], kind=LineKind.GOODS, shipped__gt=0)
    by_order: dict[UUID, list[tuple[UUID, UUID]]] = {}
    for key, order_id, sku_id in lines.order_by("position").values_list("id", "order_id", "sku_id"):
        by_order.setdefault(order_id, []).append((key, sku_id))
    book = Book(NIL, 0, statement)
    keys = {order_id: [key for key, _sku in found] for order_id, found in by_order.items()}
    said = try_orders(heads, keys, book, question) if keys else {}
    skus = catalogue.skus(sku_id for found in by_order.values() for _key, sku_id in found)
    tried = [_tried(one, by_order.get(one.id, ()), said, skus, statement) for one in heads]
    return tried, [number for number in wanted if number not in {one.number for one in heads}]


def _tried(
    head: OrderHead,
    lines: Sequence[tuple[UUID, UUID]],
    said: Mapping[UUID, Said],
    skus: Mapping[UUID, Any],
    statement: Statement,
) -> TriedOrder:
    shown = [
        TriedLine(skus[sku_id].name or skus[sku_id].code, said[key], explain_by(said[key].verdict, statement))
        for key, sku_id in lines
        if key in said
    ]
    return TriedOrder(head.id, head.number, head.ordered_at, head.currency, shown)
