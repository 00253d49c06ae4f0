"""What the pages of a request carry from one to the next: `type`, `units.<line>`, `reason`, `condition`, `words` and
the company's own fields.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guicang.insights.shopper import Offer
from guicang.insights.verdicts import Explained
from guicang.kernel.refusal import Refusal
from guicang.policy.queries import reason_text
from guicang.policy.queries.fields import answer_text, title
from guicang.policy.queries.fields import answers as check
from guicang.returns.lifecycle import Type
from guicang.returns.operations.asking import Instead
from guicang.returns.operations.inputs import WORDS_MOST
from guicang.returns.operations.money_only import MoneyKind
from guicang.returns.rules import CONDITIONS
from guicang.returns.steps.request import Request, Wanted
from guicang.ui import fields

#: Why a customer cancels, of the reasons there are for it, as he says it.
CANCEL_REASONS: dict[str, Any] = {
    "customer_changed_mind": gettext_lazy("I changed my mind"),
    "kept_after_all": gettext_lazy("I keep the goods"),
    "entered_wrongly": gettext_lazy("I entered something wrongly"),
    "other": gettext_lazy("Another reason"),
}


#: Where a customer may want his money: as he paid, or as store credit.
REFUND_TO = ("original", "store_credit")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a customer has said so far, as far as it fits the order; '' and nothing where he has not."""

    type: str
    units: Mapping[UUID, int]
    reason: str
    condition: str
    words: str
    #: To the company's own fields, by line ('': the return) and code.
    answers: fields.Typed = field(default_factory=dict)
    #: What is chosen in place of a line, SKU and units, by line; the same once more where nothing is.
    instead: Mapping[UUID, tuple[tuple[UUID, int], ...]] = field(default_factory=dict)
    refund_to: str = ""
    consented: bool = False

    @property
    def fields(self) -> list[tuple[str, str]]:
        """As the hidden fields of the next page."""
        units = [(f"units.{line}", str(count)) for line, count in self.units.items()]
        units += [(f"swap.{line}.{sku}", str(n)) for line, chosen in self.instead.items() for sku, n in chosen]
        rest = {"type": self.type, "reason": self.reason, "condition": self.condition, "words": self.words}
        answers = [
            (fields.name_of(code, line), text) for line, each in self.answers.items() for code, text in each.items()
        ]
        return [*units, *((name, value) for name, value in rest.items() if value), *answers]


def asked(given: QueryDict, offer: Offer) -> Asked:
    """Lines of other orders, unknown types and codes count as not said."""
    types = offer.types
    kind = given.get("type", "") if given.get("type", "") in types else types[0] if len(types) == 1 else ""
    reason, condition = given.get("reason", ""), given.get("condition", "")
    units = {line.id: count for line in offer.lines if (count := typed_units(given.get(f"units.{line.id}", "")))}
    return Asked(
        kind,
        units,
        reason if reason in {one.code for one in offer.offered(kind, units)} else "",
        condition if condition in {one.code for one in CONDITIONS} else "",
        given.get("words", "").strip()[:WORDS_MOST],
        _answers(given, offer, {str(line) for line in units} | {""}) if kind != Type.UNSHIPPED else {},
        _instead(given, offer, units) if kind == Type.EXCHANGE else {},
        given.get("refund_to", "") if given.get("refund_to", "") in REFUND_TO else "",
        bool(given.get("consent")),
    )


def _answers(given: QueryDict, offer: Offer, lines: Collection[str]) -> dict[str, dict[str, str]]:
    """What was answered of what is asked, of the chosen lines."""
    found: dict[str, dict[str, str]] = {}
    for line, each in fields.typed(given).items():
        for code, text in each.items():
            one = offer.fields.get(code)
            if text and line in lines and one is not None and one.per_line == bool(line):
                found.setdefault(line, {})[code] = text
    return found


def wrong_answers(said: Asked, offer: Offer) -> list[str]:
    """What is wrong with answers, or missing, in sentences; nothing where nothing comes back."""
    if said.type == Type.UNSHIPPED:
        return []
    found: dict[str, None] = {}
    for line in ("", *map(str, said.units)):
        typed, per_line = fields.of_line(said.answers, line), bool(line)
        _kept, wrong = check(offer.fields, typed, per_line=per_line, side="customer", complete=True)
        found.update(dict.fromkeys(map(str, wrong)))
    return list(found)


def answered(said: Asked, offer: Offer) -> list[tuple[str, str]]:
    """(field, answer) as somebody reads them who checks what he said."""
    return [
        (title(offer.fields[code]), answer_text(offer.fields[code], text))
        for each in said.answers.values()
        for code, text in each.items()
    ]


def _instead(given: QueryDict, offer: Offer, units: Mapping[UUID, int]) -> dict[UUID, tuple[tuple[UUID, int], ...]]:
    """Only what the page offered can be chosen: several with their units, else one unit by unit."""
    found: dict[UUID, tuple[tuple[UUID, int], ...]] = {}
    for line in offer.lines:
        offered = [line.sku_id, *(one.sku_id for one in line.variants)]
        several = [(sku, typed_units(given.get(f"swap.{line.id}.{sku}", ""))) for sku in offered]
        chosen = [(sku, count) for sku, count in several if count]
        if not chosen:
            said = given.get(f"instead.{line.id}", "")
            chosen = [(one.sku_id, units.get(line.id, 0)) for one in line.variants if str(one.sku_id) == said]
        if chosen and line.id in units:
            found[line.id] = tuple(chosen)
    return found


def typed_units(text: str) -> int:
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 9 else 0  # noqa: PLR2004


def others(said: Asked, offer: Offer) -> Iterator[tuple[str, Asked]]:
    """The same goods and reason by each type of return that can be asked for of them."""
    most = {line.id: line.most for line in offer.lines}
    for kind in offer.types:
        fits = all(count <= most[line].get(kind, 0) for line, count in said.units.items())
        if fits and said.reason in {one.code for one in offer.offered(kind, said.units)}:
            yield kind, replace(said, type=kind)


def request_of(said: Asked, offer: Offer) -> Request:
    kept = MoneyKind.KEPT if said.type == Type.MONEY_ONLY else ""
    lines = [
        Wanted(
            line,
            count,
            said.reason,
            said.type,
            said.condition,
            money_kind=kept,
            answers=fields.of_line(said.answers, line),
            instead=tuple(Instead(sku, units) for sku, units in said.instead.get(line, ())),
        )
        for line, count in said.units.items()
    ]
    answers = fields.of_line(said.answers, "")
    return Request(
        offer.shop_id,
        offer.customer_id,
        lines,
        currency=offer.currency,
        words=said.words,
        answers=answers,
        refund_to=said.refund_to,
        consented=said.consented,
    )


def sentences(refusals: list[Refusal], explained: Explained | None = None) -> list[str]:
    """Refusals as a customer reads them, each once; with the figures of the verdict where there is one."""
    found: dict[str, None] = {}
    for refusal in refusals:
        if refusal.code == "not_eligible" and explained is not None:
            found.update(dict.fromkeys(one.text for one in explained.reasons if one.answer == "refuse"))
        elif refusal.code == "not_eligible":
            codes = str(refusal.data["reasons"]).split(", ")
            found.update(dict.fromkeys(str(reason_text(code)) for code in codes))
        elif refusal.code == "wrong_state":
            found[_("Something changed meanwhile. This is how your return stands now.")] = None
        elif refusal.code == "idempotency_key_reused":
            found[_("This was sent before with other answers. Start the request again.")] = None
        else:
            found[str(refusal)] = None
    return list(found)
