"""What is allowed: facts and a statement go in, a verdict with all its reasons comes out. Never raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from guicang.policy.rules.answers import Answered, holds
from guicang.policy.rules.book import Book, Decided, Sale
from guicang.policy.rules.terms import SELLERS_SIDE, Fault, Fee
from guicang.policy.rules.windows import deadline, has_calendar, hours_later, year_later

Answer = Literal["allow", "review", "refuse"]
#: From the mildest to the worst.
ANSWERS: tuple[Answer, ...] = ("allow", "review", "refuse")
#: Kinds of requests that are remembered of each kind of sale.
ALIKE = 5_000

ANY_SALE = Sale()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about units of one order line that somebody wants to send back.

    `zone` and `country` are the market's ('' country: no calendar). `returnable` False: by the SKU;
    `confirmed_non_returnable`: the buyer agreed to it. `amount_minor`: what would come back, None where it is not
    known; `pictures` and `documents`: how many came with it; `invoiced`: we issued an invoice for the order;
    `answers`: to the company's own fields, by code. '' for `reason`, `resolution`, `condition`: not said yet.

    `withdraws`: the buyer withdraws from the contract, for which he need not say why; `informed`: he was told of that
    right. `last_delivered_at`: when the last goods of the order came (None: as `delivered_at`); `more_to_come`: some
    are still to.
    """

    asked_at: datetime
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    ordered_at: datetime | None = None
    sale: Sale = ANY_SALE
    zone: str = "Asia/Shanghai"
    country: str = ""
    returnable: bool = True
    confirmed_non_returnable: bool = False
    reason: str = ""
    fault: Fault = "none"
    resolution: str = ""
    condition: str = ""
    amount_minor: int | None = None
    currency: str = ""
    pictures: int | None = None
    documents: int | None = None
    invoiced: bool = False
    has_order: bool = True
    withdraws: bool = False
    informed: bool = True
    last_delivered_at: datetime | None = None
    more_to_come: bool = False
    answers: Mapping[str, Answered] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` for programs (its sentences: `policy.words`), `answer` what it alone leads to, `policy` who said so."""

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)
    answer: Answer = "allow"
    policy: str = ""

    def as_data(self) -> dict[str, Any]:
        return {"code": self.code, "answer": self.answer, "policy": self.policy, **self.data}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`deadline` is exclusive: asked at or after it is too late. None where no time runs.

    `automatic`: allowed, and little enough to be granted without a person. `keeps`: allowed, and so little that the
    goods may stay where they are. `terms`: what settling and the people need later; `said_by`: the policy behind each.
    `resolutions`: the only ways that can be asked for, None for any; no part of what a return stores.
    """

    answer: Answer
    reasons: tuple[Reason, ...] = ()
    deadline: datetime | None = None
    automatic: bool = False
    keeps: bool = False
    terms: Mapping[str, Any] = field(default_factory=dict)
    said_by: Mapping[str, str] = field(default_factory=dict)
    version: int = 0
    resolutions: tuple[str, ...] | None = None

    def as_data(self) -> dict[str, Any]:
        """As it is stored with a return."""
        return {
            "answer": self.answer,
            "reasons": [reason.as_data() for reason in self.reasons],
            "deadline": self.deadline.isoformat() if self.deadline else None,
            "automatic": self.automatic,
            "keeps": self.keeps,
            "terms": dict(self.terms),
            "said_by": dict(self.said_by),
            "version": self.version,
        }


def eligibility(facts: Facts, book: Book) -> Verdict:
    """The verdict on one line: the worst answer of all rules, with every reason."""
    terms = book.decide(facts.sale)
    until, is_late, days = _window(facts, terms)
    proof, others, kept, said_by = _whenever(facts, terms, facts.currency not in ("", book.statement.currency))
    reasons = [*proof, *_time(facts, terms, until, is_late, days), *others, *_fields(facts, terms)]
    reasons.sort(key=_mildness)
    answer: Answer = reasons[0].answer if reasons else "allow"
    return Verdict(
        *(answer, tuple(reasons), until),
        answer == "allow" and _at_most(terms.approve_below_minor, facts, book.statement.currency),
        answer == "allow" and _at_most(_less(terms.keep_below_minor), facts, book.statement.currency),
        kept,
        said_by,
        book.number,
        terms.resolutions,
    )


_Whenever = tuple[tuple[Reason, ...], tuple[Reason, ...], Mapping[str, Any], Mapping[str, str]]


def _whenever(facts: Facts, terms: Decided, foreign: bool) -> _Whenever:
    """What no instant changes: (reasons before the one of time, those after it, terms kept, who said so).

    Found once for all requests that are alike, of which a company's are by the thousand.
    """
    least = terms.evidence_from_minor
    alike = (
        *(facts.fault, facts.reason, facts.condition, facts.resolution, facts.has_order),
        *(facts.returnable, facts.confirmed_non_returnable, facts.pictures == 0, _is_unproved(facts)),
        *(facts.withdraws, facts.informed, foreign),
        least is not None and facts.amount_minor is not None and facts.amount_minor < least,
    )
    found: _Whenever | None = terms.known.get(alike)
    if found is None:
        if len(terms.known) >= ALIKE:
            terms.known.clear()
        rules = (_withdrawal, _goods, _wishes, _evidence, _duties)
        others = tuple(reason for rule in rules for reason in rule(facts, terms))
        found = terms.known[alike] = (tuple(_proof(facts, terms)), others, *_kept(facts, terms, foreign))
    return found


def _mildness(reason: Reason) -> int:
    return -ANSWERS.index(reason.answer)


def at_fault(facts: Facts) -> bool:
    """Whether the buyer says that it came wrong: then nothing is refused by a rule alone, a person looks."""
    return facts.fault in SELLERS_SIDE


def uninformed(facts: Facts, terms: Decided) -> bool:
    """Whether a buyer has a right of withdrawal that nobody told him of; a fault of the seller is another matter."""
    return bool(terms.withdrawal) and not facts.informed and not at_fault(facts)


def _window(facts: Facts, terms: Decided) -> tuple[datetime | None, bool, int]:
    """(end, whether it is over, its days). Not delivered as far as we know: the time has not begun."""
    days = terms.days
    if at_fault(facts) and terms.fault_days is not None:
        days = terms.fault_days
    starts = {"order": facts.ordered_at, "shipment": facts.shipped_at, "delivery": _delivered(facts, terms)}
    start = starts[terms.counted_from]
    if start is None:
        return None, False, days
    if terms.counting == "hours":
        until = hours_later(start, days)
    else:
        country = facts.country if terms.holidays_extend and has_calendar(facts.country) else ""
        until = deadline(start, days, facts.zone, country=country)
    if uninformed(facts, terms):
        until = year_later(until, facts.zone)
    return until, facts.asked_at >= until, days


def _delivered(facts: Facts, terms: Decided) -> datetime | None:
    """Of goods that come apart the last ones count for a withdrawal (art. 9.2 b); else each its own."""
    if not terms.withdrawal or at_fault(facts):
        return facts.delivered_at
    return None if facts.more_to_come else facts.last_delivered_at or facts.delivered_at


def _proof(facts: Facts, terms: Decided) -> Iterator[Reason]:
    """Without an order there is no receipt that we know: a person looks, unless the policy wants none.

    An invoice is there where we issued one for the order, or a picture or document came; where nobody counted these,
    none is missing yet.
    """
    policy = terms.said_by["proof"]
    if not facts.has_order:
        yield Reason("no_order", {}, "allow" if terms.proof == "none" else "review", policy)
    if terms.proof == "invoice" and _is_unproved(facts):
        yield Reason("proof_missing", {}, "review", policy)


def _is_unproved(facts: Facts) -> bool:
    """Counted, and there is nothing that could be a receipt or an invoice."""
    return not facts.invoiced and facts.documents == 0 and not facts.pictures


def _time(facts: Facts, terms: Decided, until: datetime | None, is_late: bool, days: int) -> Iterator[Reason]:
    own = at_fault(facts) and terms.fault_days is not None
    policy = terms.said_by["fault_days" if own else "days"]
    data = {"days": days, "counted_from": terms.counted_from}
    if until is None:
        if facts.has_order:
            yield Reason("not_begun", data, "allow", policy)
        return
    data["deadline"] = until.isoformat()
    if is_late:
        yield Reason("too_late", data, "review" if at_fault(facts) else "refuse", policy)
    else:
        yield Reason("in_time", data, "allow", policy)


def _withdrawal(facts: Facts, terms: Decided) -> Iterator[Reason]:
    policy = terms.said_by["withdrawal"]
    if facts.withdraws and facts.has_order:
        yield (
            Reason("withdraws", {}, "allow", policy)
            if terms.withdrawal
            else Reason("no_right_of_withdrawal", {}, "refuse", policy)
        )
    if uninformed(facts, terms):
        yield Reason("withdrawal_not_told", {}, "allow", policy)


def _goods(facts: Facts, terms: Decided) -> Iterator[Reason]:
    policy, mild = terms.said_by["excluded"], at_fault(facts)
    if terms.excluded == "by_law":
        yield Reason("excluded_by_law", {}, "review" if mild else "refuse", policy)
    elif terms.excluded == "confirmed" or not facts.returnable:
        # Without the buyer's recorded consent nothing is refused for its kind (消法 25.2): a person looks.
        if facts.confirmed_non_returnable:
            yield Reason("non_returnable_confirmed", {}, "review" if mild else "refuse", policy)
        else:
            yield Reason("non_returnable_unconfirmed", {}, "review", policy)
    accepted = terms.conditions
    if accepted is not None and facts.condition and facts.condition not in accepted and not mild:
        data = {"condition": facts.condition, "accepted": list(accepted)}
        yield Reason("condition_not_accepted", data, "refuse", terms.said_by["conditions"])


def _wishes(facts: Facts, terms: Decided) -> Iterator[Reason]:
    reasons, resolutions = terms.reasons, terms.resolutions
    if facts.withdraws:  # who withdraws owes no reason, and the contract is undone by a refund
        return
    if reasons is not None and facts.reason and facts.reason not in reasons:
        answer: Answer = "review" if at_fault(facts) else "refuse"
        yield Reason("reason_not_accepted", {"reason": facts.reason}, answer, terms.said_by["reasons"])
    if resolutions is not None and facts.resolution and facts.resolution not in resolutions:
        data = {"resolution": facts.resolution, "offered": list(resolutions)}
        yield Reason("resolution_not_offered", data, "refuse", terms.said_by["resolutions"])


def _evidence(facts: Facts, terms: Decided) -> Iterator[Reason]:
    """Missing pictures never refuse: staff ask for them. None pictures: nobody counted, so nothing is missing yet."""
    wanted = terms.evidence == "always" or (terms.evidence == "fault" and at_fault(facts))
    wanted = wanted and not facts.withdraws
    least = terms.evidence_from_minor
    if wanted and least is not None and facts.amount_minor is not None and facts.amount_minor < least:
        wanted = False
    if wanted and facts.pictures == 0:
        yield Reason("evidence_missing", {}, "review", terms.said_by["evidence"])


def _fields(facts: Facts, terms: Decided) -> Iterator[Reason]:
    """What follows from answers; of goods said to be faulty none refuses by itself."""
    for rule in terms.fields:
        answer = facts.answers.get(rule.field)
        if answer is None or not holds(rule, [answer.value]):
            continue
        data = {"field": rule.field, **answer._asdict()}
        if rule.then == "refuse" and not at_fault(facts):
            yield Reason("field_refuses", data, "refuse", terms.said_by["fields"])
        else:
            yield Reason("field_reviews", data, "review", terms.said_by["fields"])


def _duties(facts: Facts, terms: Decided) -> Iterator[Reason]:
    """What is no hindrance but has to be known before anything is sent."""
    if terms.requires and not at_fault(facts):
        yield Reason("comes_back_with", {"requires": list(terms.requires)}, "allow", terms.said_by["requires"])


def _less(limit: int | None) -> int | None:
    """The most that is still worth less than the limit."""
    return None if limit is None else limit - 1


def _at_most(most: int | None, facts: Facts, currency: str) -> bool:
    """A limit means nothing in another currency than the statement's, nor where the amount is not known."""
    return (
        most is not None
        and facts.amount_minor is not None
        and facts.amount_minor <= most
        and (not facts.currency or facts.currency == currency)
    )


#: What a return keeps of the terms that decided about it.
KEPT = (
    "shelf_days",
    "refund_to",
    "refund_days",
    "refund_when",
    "refund_parts",
    "ahead_most_minor",
    "shipping_refund",
    "discount_mode",
    "gifts",
    "lost_shipping",
    "refund_first",
    "keep_offer_bp",
    "keep_below_minor",
    "room_bp",
    "offer_hours",
    "review_hours",
    "ship_days",
    "repair_days",
    "advance_days",
    "advance_then",
    "answer_days",
    "review_then",
    "answer_then",
    "refund_then",
    "warn_hours",
)


def _stated(terms: Decided, foreign: bool) -> dict[str, Any]:
    kept = {name: terms.terms[name] for name in KEPT if terms.terms[name] is not None}
    if foreign and kept.pop("ahead_most_minor", None) is not None:
        kept.pop("refund_when", None)  # nobody knows how much that is in this currency
    return kept


def _kept(facts: Facts, terms: Decided, foreign: bool) -> tuple[dict[str, Any], dict[str, str]]:
    kept = _stated(terms, foreign)
    said_by = {name: terms.said_by[name] for name in kept if terms.said_by[name]}
    if not at_fault(facts):
        # What inspection compares with: of goods said to be faulty nothing is demanded.
        for name in ("conditions", "requires"):
            if terms.terms[name]:
                kept[name], said_by[name] = list(terms.terms[name]), terms.said_by[name]
    kept |= _by_fault(facts, terms, foreign)
    said_by["freight"] = terms.said_by["freight_fault" if at_fault(facts) else "freight_choice"]
    said_by["fees"] = terms.said_by["fees"] if "fees" in kept else ""
    if terms.withdrawal:
        kept["withdrawal"], said_by["withdrawal"] = True, terms.said_by["withdrawal"]
    if uninformed(facts, terms):
        kept["diminished_value"], said_by["diminished_value"] = "none", terms.said_by["withdrawal"]
    if at_fault(facts):
        kept["fault"] = facts.fault
    return kept, {name: code for name, code in said_by.items() if code}


def _by_fault(facts: Facts, terms: Decided, foreign: bool) -> dict[str, Any]:
    """What it costs the buyer; `otherwise`: what holds instead where inspection finds the other side at fault."""
    said = _costs(facts, terms, foreign)
    other = _costs(replace(facts, fault="buyer" if at_fault(facts) else "seller"), terms, foreign)
    return said if other == said else {**said, "otherwise": other}


def _costs(facts: Facts, terms: Decided, foreign: bool) -> dict[str, Any]:
    """Who pays the way back, and the fees, by whose fault it is."""
    payer = terms.terms["freight_fault" if at_fault(facts) else "freight_choice"]
    untold = uninformed(facts, terms)
    fees = [
        fee.model_dump(mode="json")
        for fee in terms.fees
        if _applies(fee, facts, foreign) and not untold and (fee.what != "freight" or payer == "buyer")
    ]
    return {"freight": payer, "fees": fees} if fees else {"freight": payer}


def _applies(fee: Fee, facts: Facts, foreign: bool) -> bool:
    """By what is known at the request; the grade is found on inspection. A withdrawal costs nothing by itself: what is
    kept back can only be for how the goods are (2011/83/EU art. 13, 14). `foreign`: the sale is in another currency
    than the statement, whose fixed amounts say nothing about it.
    """
    if foreign and fee.kind == "fixed":
        return False
    if facts.withdraws and not (fee.conditions or fee.grades):
        return False
    if fee.faults and facts.fault not in fee.faults:
        return False
    return not fee.conditions or not facts.condition or facts.condition in fee.conditions
