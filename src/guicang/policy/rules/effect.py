"""What one statement does instead of another: verdicts before and after are counted, with examples of each change.

All of it is plain data, so that a run can be laid down in the middle and taken up again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: What becomes of a request, from the mildest to the worst: granted at once, or allowed and a person confirms it.
OUTCOMES = ("granted", "allow", "review", "refuse")
SIDES = ("before", "after")
#: By what the outcomes are broken down.
DIMENSIONS = ("reason", "category", "tier")
#: Codes of a dimension that are counted by themselves; what comes later is counted under `OTHERS`.
MOST_CODES = 200
OTHERS = "…"
#: Examples kept of each kind of change, the newest ones.
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Case:
    """A request with both verdicts, as a return would store them. `fees`: before and after.

    `paid_minor`: what it would pay back where it is granted, None where amounts are not asked for; `places`: its code
    in each of `DIMENSIONS`; `version`: the id of the version behind `before`.
    """

    id: str
    number: str
    asked_at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    currency: str
    places: Sequence[str]
    version: str
    paid_minor: int | None = None
    fees: tuple[int, int] = (0, 0)


def outcome(verdict: Mapping[str, Any]) -> str:
    """One of `OUTCOMES`."""
    return "granted" if verdict.get("automatic") else str(verdict["answer"])


def is_late(verdict: Mapping[str, Any]) -> bool:
    return any(reason["code"] == "too_late" for reason in verdict["reasons"])


def _side() -> dict[str, Any]:
    counts = (*OUTCOMES, "late", "timed", "seconds_left", "freight_seller", "freight_buyer", "keeps")
    return {**dict.fromkeys(counts, 0), "money": {}}


@dataclass(slots=True)
class Effect:
    """`by`: dimension, code, then how often each outcome before and after. `kinds`: how often each change."""

    cases: int = 0
    before: dict[str, Any] = field(default_factory=_side)
    after: dict[str, Any] = field(default_factory=_side)
    by: dict[str, dict[str, list[int]]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})
    kinds: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Effect:
        return cls(**data)

    def as_data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def add(self, case: Case) -> None:
        self.cases += 1
        _count(self.before, case, case.before, case.fees[0])
        _count(self.after, case, case.after, case.fees[1])
        places = [OUTCOMES.index(outcome(case.before)), len(OUTCOMES) + OUTCOMES.index(outcome(case.after))]
        for name, code in zip(DIMENSIONS, case.places, strict=True):
            known = self.by[name]
            row = known.setdefault(code if code in known or len(known) < MOST_CODES else OTHERS, [0] * 8)
            for place in places:
                row[place] += 1
        for kind in changes(case):
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            kept = self.examples.setdefault(kind, [])
            kept.append(_example(case))
            del kept[:-EXAMPLES]


def changes(case: Case) -> list[str]:
    """What is different: the outcome (`refuse>review`), in time or late, who pays the way back, what stays, fees."""
    found = []
    was, now = outcome(case.before), outcome(case.after)
    if was != now:
        found.append(f"{was}>{now}")
    if is_late(case.before) != is_late(case.after):
        found.append("late>in_time" if is_late(case.before) else "in_time>late")
    payers = _payer(case.before), _payer(case.after)
    if payers[0] != payers[1] and all(payers):
        found.append(f"freight>{payers[1]}")
    if bool(case.before.get("keeps")) != bool(case.after.get("keeps")):
        found.append("keeps>back" if case.before.get("keeps") else "back>keeps")
    if case.fees[0] != case.fees[1]:
        found.append("fees")
    return found


def _payer(verdict: Mapping[str, Any]) -> str:
    """Who pays the way back of what is not refused; '' where nothing comes back."""
    return "" if verdict["answer"] == "refuse" else str(verdict.get("terms", {}).get("freight", ""))


def _count(side: dict[str, Any], case: Case, verdict: Mapping[str, Any], fees: int) -> None:
    became = outcome(verdict)
    side[became] += 1
    side["late"] += is_late(verdict)
    side["keeps"] += bool(verdict.get("keeps"))
    if until := verdict["deadline"]:
        side["timed"] += 1
        side["seconds_left"] += int((datetime.fromisoformat(until) - case.asked_at).total_seconds())
    if payer := _payer(verdict):
        side[f"freight_{payer}"] += 1
    if case.paid_minor is not None:
        money = side["money"].setdefault(case.currency, dict.fromkeys((*OUTCOMES, "fees"), 0))
        money[became] += case.paid_minor
        money["fees"] += fees


def _example(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.number,
        "asked_at": case.asked_at.isoformat(),
        "version": case.version,
        "currency": case.currency,
        "paid_minor": case.paid_minor,
        **{side: _told(getattr(case, side)) for side in SIDES},
    }


def _told(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """As much of a verdict as its sentences need."""
    kept = {name: verdict.get(name) for name in ("answer", "reasons", "automatic", "keeps", "deadline")}
    fees = [fee for line in verdict.get("lines", {}).values() for fee in line["terms"].get("fees", ())]
    return {**kept, "freight": verdict.get("terms", {}).get("freight", ""), "fees": fees}
