"""The form of one policy: its fields, what they are called, and how what is typed becomes data.

A field that is left alone says nothing. Lists have a tick that says "only these"; without it their choices say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guicang.desk import field_conditions
from guicang.kernel.money import fits, from_minor, to_minor
from guicang.policy.queries.summary import SCOPES, percent
from guicang.policy.queries.words import REQUIRED, STARTS, THEN
from guicang.policy.rules import Fee, Policy
from guicang.ui.words import TENDERS

#: What a fee is for.
WHAT: dict[str, Promise] = {
    "restocking": _("for taking it back"),
    "value": _("for lost value"),
    "freight": _("for the way back, on our label"),
}
#: How many fees one policy's form holds.
FEES = 3
_SPLIT = re.compile(r"[,，;；、\n]+")
_YES_NO = (("yes", _("yes")), ("no", _("no")))
_PAYERS = (("seller", _("the seller")), ("buyer", _("the buyer")))


@dataclass(frozen=True, slots=True)
class Field:
    """`kind`: days, hours, money, percent, choice, yes_no, list. `choices` of a list come from the vocabulary."""

    name: str
    label: Promise
    kind: str
    choices: tuple[tuple[str, Any], ...] = ()
    hint: Promise | str = ""


GROUPS: tuple[tuple[str, Promise, tuple[Field, ...]], ...] = (
    (
        "time",
        _("Time"),
        (
            Field("days", _("Days to return"), "days"),
            Field("counted_from", _("Counted from the day after"), "choice", tuple(STARTS.items())),
            Field("fault_days", _("Days where something is wrong with the goods"), "days"),
            Field(
                "counting", _("A day is"), "choice", (("days", _("a day of the calendar")), ("hours", _("24 hours")))
            ),
            Field("holidays_extend", _("A holiday as last day moves on"), "yes_no", _YES_NO),
            Field("withdrawal", _("Right of withdrawal"), "yes_no", _YES_NO),
            Field("review_hours", _("Hours to decide"), "hours"),
            Field("ship_days", _("Days to send it back"), "days"),
            Field("advance_days", _("Days for old goods where new ones left first"), "days"),
            Field("repair_days", _("Days to repair what came for it"), "days"),
            Field("answer_days", _("Days to answer a question"), "days"),
            Field("refund_days", _("Days to refund after receiving it"), "days"),
        ),
    ),
    (
        "clocks",
        _("When time runs out"),
        (
            Field("review_then", _("Nobody decided in time"), "choice", tuple(THEN["review_then"].items())),
            Field(
                "answer_then", _("The question was not answered in time"), "choice", tuple(THEN["answer_then"].items())
            ),
            Field("refund_then", _("The refund was not paid in time"), "choice", tuple(THEN["refund_then"].items())),
            Field(
                "advance_then",
                _("Old goods are not back though new ones left"),
                "choice",
                (("hold", _("somebody looks at it")), ("charge", _("the new goods are charged"))),
            ),
            Field("warn_hours", _("Warned so many hours before"), "hours"),
        ),
    ),
    (
        "goods",
        _("Goods"),
        (
            Field(
                "excluded",
                _("Can it come back?"),
                "choice",
                (
                    ("no", _("yes")),
                    ("by_law", _("no, by law")),
                    ("confirmed", _("no, where the buyer confirmed so when buying")),
                ),
                _("Faulty goods are never refused for their kind."),
            ),
            Field("conditions", _("Only in these conditions"), "list"),
            Field("requires", _("Only together with"), "list", tuple(REQUIRED.items())),
            Field("shelf_days", _("Days until best before, to be sold again as new"), "days"),
        ),
    ),
    (
        "request",
        _("Request"),
        (
            Field("reasons", _("Only for these reasons"), "list"),
            Field("resolutions", _("Only these ways"), "list"),
            Field(
                "proof",
                _("Proof of purchase"),
                "choice",
                (("order", _("the order")), ("invoice", _("receipt or invoice")), ("none", _("none"))),
            ),
            Field(
                "evidence",
                _("Pictures"),
                "choice",
                (("never", _("never")), ("fault", _("where something is wrong")), ("always", _("always"))),
            ),
            Field("evidence_from_minor", _("Pictures only from"), "money"),
        ),
    ),
    (
        "money",
        _("Money"),
        (
            Field("freight_fault", _("Faulty or wrong: the way back is paid by"), "choice", _PAYERS),
            Field("freight_choice", _("Change of mind: the way back is paid by"), "choice", _PAYERS),
            Field(
                "refund_to",
                _("Refund goes to"),
                "choice",
                (
                    ("original", _("the way it was paid")),
                    ("store_credit", _("store credit")),
                    ("choice", _("what the buyer chooses")),
                ),
            ),
            Field(
                "refund_when",
                _("The refund waits until"),
                "choice",
                (
                    ("inspected", _("the goods were inspected")),
                    ("received", _("the goods arrived")),
                    ("posted", _("the goods were sent, with a parcel number")),
                    ("granted", _("the return was granted")),
                ),
                _("What is not inspected yet is only refunded by itself where no risk is to be looked at."),
            ),
            Field(
                "refund_parts",
                _("Goods in several parcels are refunded"),
                "choice",
                (("parcel", _("parcel by parcel")), ("end", _("once all of them are here"))),
            ),
            Field("ahead_most_minor", _("Refunded before inspection, at most to a customer"), "money"),
            Field(
                "shipping_refund",
                _("Delivery fee"),
                "choice",
                (
                    ("none", _("is not refunded")),
                    ("proportional", _("in proportion")),
                    ("last_unit", _("with the last item")),
                    ("statutory", _("the standard fee with the whole order")),
                ),
            ),
            Field(
                "discount_mode",
                _("Threshold discounts"),
                "choice",
                (("keep", _("stay as shared out")), ("reprice", _("are reckoned anew"))),
            ),
            Field("gifts", _("Gifts"), "choice", (("keep", _("may be kept")), ("charge", _("are charged if kept")))),
            Field(
                "lost_shipping",
                _("Free shipping that what is kept no longer earns"),
                "choice",
                (
                    ("no", _("is not charged")),
                    ("charge", _("is charged")),
                    ("give_back", _("is charged, and given back if nothing is kept")),
                ),
            ),
            Field(
                "deposit",
                _("Earnest deposit, where the buyer cancels before the rest is paid"),
                "choice",
                (("keep", _("is forfeited")), ("give_back", _("goes back"))),
                hint=_("At most a fifth of the price. Never for your fault, nor where a right of withdrawal holds."),
            ),
            Field("refund_first", _("Refunded first, the rest in proportion"), "list", tuple(TENDERS.items())),
            Field("keep_below_minor", _("Goods may be kept below"), "money"),
            Field(
                "keep_offer_bp",
                _("Offered to who keeps the goods"),
                "percent",
                hint=_("Of the refund. Customers can choose it instead of sending the goods back; a person decides."),
            ),
        ),
    ),
    (
        "people",
        _("Who decides"),
        (
            Field(
                "approve_below_minor",
                _("Granted at once up to"),
                "money",
                hint=_("The refund of the whole return. Left empty, a person looks at every request."),
            ),
            Field(
                "room_bp",
                _("Room for talks"),
                "percent",
                hint=_("Of the refund, for a buyer who keeps the goods. More than that is an exception."),
            ),
            Field("offer_hours", _("Hours that an offer holds"), "hours"),
            Field("price_match_days", _("Days of price protection after the order"), "days"),
        ),
    ),
)


def payments() -> list[tuple[str, str]]:
    """The usual ways of paying; others can be typed."""
    return [(code, str(label)) for code, label in TENDERS.items()]


FIELDS = {field.name: field for _code, _title, fields in GROUPS for field in fields}


#: What terms are called that have no field of their own in `GROUPS`.
OTHERS: dict[str, Any] = {"fields": _("Answers to own fields")}


def data_of(given: QueryDict, currency: str) -> dict[str, Any]:
    """What the form says as data for `Statement.from_data`, which finds what is wrong with it."""
    scope: dict[str, Any] = {}
    for name in SCOPES:
        codes = [*given.getlist(f"scope.{name}"), *_SPLIT.split(given.get(f"scope.{name}.more", ""))]
        scope[name] = list(dict.fromkeys(code.strip() for code in codes if code.strip()))
    for name in ("sold_from", "sold_until"):
        scope[name] = given.get(f"scope.{name}", "").strip() or None
    terms = {name: _value(field, given, currency) for name, field in FIELDS.items()}
    if "say.fees" in given:
        terms["fees"] = [fee for place in range(FEES) if (fee := _fee(given, place, currency))]
    rules = field_conditions.data_of(given, rules=True)
    if rules or "say.fields" in given:
        terms["fields"] = rules
    return {
        "code": given.get("code", "").strip(),
        "zh": given.get("zh", "").strip(),
        "en": given.get("en", "").strip(),
        "source": given.get("source", "").strip(),
        "scope": {name: value for name, value in scope.items() if value},
        "terms": {name: value for name, value in terms.items() if value is not None},
    }


def _value(field: Field, given: QueryDict, currency: str) -> Any:
    if field.kind == "list":
        return given.getlist(f"terms.{field.name}") if f"say.{field.name}" in given else None
    typed = given.get(f"terms.{field.name}", "").strip()
    if not typed:
        return None
    if field.kind == "yes_no":
        return typed == "yes"
    return _number(field.kind, typed, currency)


def _number(kind: str, typed: str, currency: str) -> Any:
    """As an integer of the term's unit; what is none stays as typed, and is refused as that."""
    try:
        if kind in ("days", "hours"):
            return int(typed)
        if kind == "money":
            amount = Decimal(typed.replace(",", ""))
            return to_minor(amount, currency) if amount.is_finite() and fits(amount, currency) else typed
        if kind == "percent":
            share = Decimal(typed.rstrip("%")) * 100
            return int(share) if share == share.to_integral_value() else typed
    except (InvalidOperation, ValueError, OverflowError):
        pass
    return typed


def _fee(given: QueryDict, place: int, currency: str) -> dict[str, Any] | None:
    typed = given.get(f"fee.{place}.value", "").strip()
    kind = given.get(f"fee.{place}.kind", "percent")
    if not typed and kind != "table":
        return None
    fee: dict[str, Any] = {"kind": kind, "per": "return", "what": "freight"}
    if kind != "table":
        fee["what"] = given.get(f"fee.{place}.what", "restocking")
        fee["value"] = _number("percent" if kind == "percent" else "money", typed, currency)
        fee["per"] = given.get(f"fee.{place}.per", "line") if kind == "fixed" else "line"
    fee["conditions"] = given.getlist(f"fee.{place}.conditions")
    fee["grades"] = given.getlist(f"fee.{place}.grades")
    fee["taxed"] = f"fee.{place}.untaxed" not in given
    fee["faults"] = ["seller", "carrier", "buyer", "none"] if f"fee.{place}.always" in given else ["buyer", "none"]
    return fee


@dataclass(frozen=True, slots=True)
class Shown:
    """A field with what it holds. `chosen` of a list; `stated`: whether it says anything."""

    field: Field
    value: str
    stated: bool
    chosen: Sequence[str]
    choices: Sequence[tuple[str, Any]]


def shown(policy: Policy, currency: str, choices: Mapping[str, Sequence[tuple[str, str]]]) -> list[Any]:
    """[(group, title, fields)] of a policy for its form."""
    said = policy.terms.said()
    return [
        (code, title, [_shown(field, said.get(field.name), currency, choices) for field in fields])
        for code, title, fields in GROUPS
    ]


def _shown(field: Field, value: Any, currency: str, choices: Mapping[str, Sequence[tuple[str, str]]]) -> Shown:
    offered = field.choices or tuple(choices.get(field.name, ()))
    if value is None:
        return Shown(field, "", False, (), offered)
    if field.kind == "list":
        known = {code for code, _label in offered}
        return Shown(field, "", True, tuple(value), (*offered, *((one, one) for one in value if one not in known)))
    return Shown(field, _text(field.kind, value, currency), True, (), offered)


def _text(kind: str, value: Any, currency: str) -> str:
    """A term as its field holds it."""
    if kind == "yes_no":
        return "yes" if value else "no"
    if kind == "percent":
        return percent(value)
    return str(from_minor(value, currency)) if kind == "money" else str(value)


def shown_fees(policy: Policy, currency: str) -> list[dict[str, Any]]:
    """As many rows as the form holds, the given ones first."""
    rows = [_shown_fee(fee, currency) for fee in policy.terms.fees or ()]
    return (rows + [{"kind": "percent", "per": "line"}] * FEES)[: max(FEES, len(rows))]


def _shown_fee(fee: Fee, currency: str) -> dict[str, Any]:
    value = percent(fee.value) if fee.kind == "percent" else str(from_minor(fee.value, currency)) if fee.value else ""
    always = "seller" in fee.faults or not fee.faults
    return {
        "kind": fee.kind,
        "what": fee.what,
        "value": value,
        "per": fee.per,
        "conditions": fee.conditions,
        "grades": fee.grades,
        "untaxed": not fee.taxed,
        "always": always,
    }
