"""A policy in sentences, as its page, the public page and the API give it: for customers and staff alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guicang.kernel.money import from_minor
from guicang.policy.queries.fields import condition_words
from guicang.policy.queries.words import REQUIRED, STARTS, THEN, listed
from guicang.policy.rules import SILENT, Fee, FieldRule, Policy, Scope, Terms

#: Labels by dimension or term, then by code.
Labels = Mapping[str, Mapping[str, Any]]
SCOPES: Mapping[str, Promise] = {
    "categories": _("Categories"),
    "brands": _("Brands"),
    "skus": _("SKUs"),
    "channels": _("Channels"),
    "shops": _("Shops"),
    "markets": _("Markets"),
    "tiers": _("Customer tiers"),
    "sellers": _("Sellers"),
    "payments": _("Ways of paying"),
}
_SIMPLE: Mapping[str, Mapping[Any, Promise]] = {
    "counting": {"hours": _("Each day is 24 hours from that moment.")},
    "holidays_extend": {True: _("A last day that is a holiday moves to the next working day.")},
    "withdrawal": {
        True: _("The contract can be withdrawn from without a reason."),
        False: _("There is no right of withdrawal."),
    },
    "excluded": {
        "no": _("Can be returned."),
        "by_law": _("Cannot be returned without a fault, by law."),
        "confirmed": _("Cannot be returned without a fault where the buyer confirmed so when buying."),
    },
    "proof": {
        "order": _("The order has to be known."),
        "invoice": _("The receipt or invoice has to be attached, unless we issued one for the order."),
        "none": _("Comes back without an order too."),
    },
    "evidence": {
        "never": _("No pictures are asked for."),
        "fault": _("Pictures are asked for where something is wrong with the goods."),
        "always": _("Pictures are always asked for."),
    },
    "refund_to": {
        "original": _("Money goes back the way it was paid."),
        "store_credit": _("The refund is store credit."),
        "choice": _("The buyer chooses between the way it was paid and store credit."),
    },
    "freight_fault": {
        "seller": _("Faulty or wrong goods: the seller pays the way back."),
        "buyer": _("Faulty or wrong goods: the buyer pays the way back."),
    },
    "freight_choice": {
        "seller": _("Change of mind: the seller pays the way back."),
        "buyer": _("Change of mind: the buyer pays the way back."),
    },
    "shipping_refund": {
        "none": _("The delivery fee is not refunded."),
        "proportional": _("The delivery fee is refunded in proportion to what comes back."),
        "last_unit": _("The delivery fee is refunded when everything has come back."),
        "statutory": _("The standard delivery fee is refunded when everything comes back."),
    },
    "refund_when": {
        "inspected": _("Refunded once the goods were inspected."),
        "received": _("Refunded as soon as the goods arrive, before they are inspected."),
        "posted": _("Refunded as soon as the parcel number says that the goods were sent."),
        "granted": _("Refunded as soon as the return is granted."),
    },
    "refund_parts": {
        "parcel": _("What comes in several parcels is refunded parcel by parcel."),
        "end": _("What comes in several parcels is refunded once all of it is here."),
    },
    "discount_mode": {
        "keep": _("Discounts of the order stay as they were shared out."),
        "reprice": _("What is kept is priced anew: a discount whose threshold is missed is taken back."),
    },
    "gifts": {
        "keep": _("Gifts may be kept."),
        "charge": _("A gift that does not come back is charged at its stated value."),
    },
    "advance_then": {
        "hold": _("Where new goods were sent first and the old ones are not back in time, somebody looks at it."),
        "charge": _("Where new goods were sent first and the old ones are not back in time, the new ones are charged."),
    },
    "lost_shipping": {
        "no": _("Shipping that was free stays free, whatever is kept."),
        "charge": _("Where what is kept misses the threshold for free shipping, the shipping is deducted."),
        "give_back": _(
            "Where what is kept misses the threshold for free shipping, the shipping is deducted;"
            " once nothing is kept it is given back."
        ),
    },
    "deposit": {
        "keep": _("Who cancels a pre-sale before the rest is paid forfeits an earnest deposit."),
        "give_back": _("Who cancels a pre-sale gets the deposit back."),
    },
}
_NUMBERS: Mapping[str, Promise] = {
    "days": _("%(value)s days to return."),
    "fault_days": _("%(value)s days where something is wrong with the goods."),
    "refund_days": _("Refunded within %(value)s days of receiving the goods."),
    "review_hours": _("Decided within %(value)s hours."),
    "ship_days": _("To be sent within %(value)s days of being granted."),
    "price_match_days": _("Price protection for %(value)s days after the order."),
    "shelf_days": _("Sold again as new only with at least %(value)s days until its best-before date."),
    "repair_days": _("Repairs take at most %(value)s days."),
    "advance_days": _("Where new goods are sent first, the old ones are to be back within %(value)s days."),
    "offer_hours": _("An offer for keeping it holds for %(value)s hours."),
    "answer_days": _("Questions are to be answered within %(value)s days."),
    "warn_hours": _("Whoever it is up to is told %(value)s hours before time runs out."),
}
_THEN: Mapping[str, Promise] = {
    "review_then": _("Where nobody decides in time, %(value)s."),
    "answer_then": _("Where a question is not answered in time, %(value)s."),
    "refund_then": _("Where the refund is not paid in time, %(value)s."),
}
_AMOUNTS: Mapping[str, Promise] = {
    "evidence_from_minor": _("Pictures only from %(value)s on."),
    "ahead_most_minor": _("Before the goods were inspected at most %(value)s in all is refunded to a customer."),
    "keep_below_minor": _("Worth less than %(value)s, the goods may stay with the buyer."),
    "approve_below_minor": _("Up to %(value)s it is granted at once."),
}
_LISTS: Mapping[str, Promise] = {
    "conditions": _("Accepted if it is: %(value)s."),
    "reasons": _("Accepted reasons: %(value)s."),
    "resolutions": _("Offered: %(value)s."),
    "requires": _("Comes back with: %(value)s."),
}
#: What is for staff alone.
INTERNAL = frozenset(
    {
        "refund_first",
        "approve_below_minor",
        "ahead_most_minor",
        "room_bp",
        "shelf_days",
        "offer_hours",
        "review_hours",
        "keep_below_minor",
        "review_then",
        "refund_then",
        "warn_hours",
    }
)


def sentences(terms: Terms, currency: str, labels: Labels, *, internal: bool = True) -> list[tuple[str, str]]:
    """(term, sentence) of everything the terms say, in their order; without the staff's own unless `internal`."""
    found = []
    for name, value in terms.said().items():
        text = _sentence(name, value, currency, labels)
        if text and (internal or name not in INTERNAL):
            found.append((name, text))
    return found


def scope_words(scope: Scope, labels: Labels) -> list[tuple[str, str]]:
    """(dimension, what it is narrowed to); empty: all sales."""
    found = []
    for name, title in SCOPES.items():
        codes = getattr(scope, name)
        if codes:
            found.append((str(title), listed(labels.get(name, {}).get(code, code) for code in codes)))
    if scope.sold_from:
        found.append((str(_("Sold from")), scope.sold_from.isoformat()))
    if scope.sold_until:
        found.append((str(_("Sold until")), scope.sold_until.isoformat()))
    return found


def whole(policy: Policy, currency: str, labels: Labels, *, internal: bool = True) -> list[str]:
    return [text for _, text in sentences(policy.terms, currency, labels, internal=internal)]


def _sentence(name: str, value: Any, currency: str, labels: Labels) -> str:
    if name in _SIMPLE:
        return str(_SIMPLE[name].get(value, ""))
    if name in _LISTS:
        known = {**REQUIRED} if name == "requires" else labels.get(name, {})
        return str(_LISTS[name]) % {"value": listed(known.get(code, code) for code in value) or "—"}
    if name in _NUMBERS:
        return str(_NUMBERS[name]) % {"value": value}
    if name in THEN:
        return str(_THEN[name]) % {"value": THEN[name][value]}
    if name in _AMOUNTS:
        return str(_AMOUNTS[name]) % {"value": money(value, currency)}
    return _OTHERS[name](value, currency, labels)


PER: Mapping[str, Promise] = {"unit": _("a unit"), "line": _("an item"), "return": _("a return")}
#: A fee by what it is for.
_PERCENT: Mapping[str, Promise] = {
    "restocking": _("A fee of %(percent)s %% of the refund"),
    "value": _("A deduction of %(percent)s %% of the refund for lost value"),
    "freight": _("Freight of the way back, %(percent)s %% of the refund"),
}
_FIXED: Mapping[str, Promise] = {
    "restocking": _("A fee of %(amount)s %(per)s"),
    "value": _("A deduction of %(amount)s %(per)s for lost value"),
    "freight": _("Freight of the way back, %(amount)s %(per)s"),
}


def shipping_words(mode: str) -> str:
    """Which delivery fee is refunded, in a sentence; '' for a mode that nobody knows."""
    return str(_SIMPLE["shipping_refund"].get(mode, ""))


def fee_words(fee: Fee | Mapping[str, Any], currency: str, labels: Labels) -> str:
    """One fee in words."""
    one = fee if isinstance(fee, Fee) else Fee.model_validate(fee)
    if one.kind == "table":
        text = str(_("Freight of the way back, as the table says"))
    elif one.kind == "percent":
        text = str(_PERCENT[one.what]) % {"percent": percent(one.value)}
    else:
        text = str(_FIXED[one.what]) % {"amount": money(one.value, currency), "per": PER[one.per]}
    known = labels.get("conditions", {})
    if one.grades:
        text += str(_(" where its grade is %(grades)s")) % {"grades": listed(one.grades)}
    if one.conditions:
        text += str(_(" where it is %(conditions)s")) % {"conditions": listed(known.get(c, c) for c in one.conditions)}
    sides = set(one.faults)
    if sides and not sides & {"seller", "carrier"}:
        text += str(_(", not where the seller is at fault"))
    return text + str(_("."))


#: What follows from a verdict, in the order in which it is told.
_FOLLOWING = (
    "ship_days",
    "refund_to",
    "refund_when",
    "refund_parts",
    "refund_days",
    "shipping_refund",
    "discount_mode",
    "gifts",
    "lost_shipping",
    "keep_offer_bp",
    "room_bp",
)


def follows(
    verdict: Mapping[str, Any], currency: str, labels: Labels, *, internal: bool = True
) -> list[tuple[str, str]]:
    """(term, sentence) of what a stored verdict means for the way back and the money, without what is usual."""
    terms: Mapping[str, Any] = verdict.get("terms", {})
    found = []
    if "freight" in terms:
        found.append(("freight", str(_FREIGHT[terms["freight"]])))
    fees = [fee for line in verdict.get("lines", {}).values() for fee in line["terms"].get("fees", ())]
    for place, fee in enumerate(fees):
        if fee not in fees[:place]:
            found.append(("fees", fee_words(fee, currency, labels)))
    for name in _FOLLOWING:
        usual = terms.get(name) == SILENT.get(name)
        if name in terms and not usual and (internal or name not in INTERNAL):
            found.append((name, _sentence(name, terms[name], currency, labels)))
    return found


_FREIGHT = {"seller": _("The seller pays the way back."), "buyer": _("The buyer pays the way back.")}


def room_words(verdict: Mapping[str, Any]) -> str:
    """How far staff may go in talks by a stored verdict, each rate that its lines have once; '' where none has any."""
    whole: Mapping[str, Any] = verdict.get("terms", {})
    lines = [line["terms"] for line in verdict.get("lines", {}).values()] or [whole]
    rates = sorted({terms["room_bp"] for terms in lines if "room_bp" in terms})
    return " ".join(_room(rate, "", {}) for rate in rates)


def percent(basis_points: int) -> str:
    return f"{basis_points / 100:g}"


def money(minor: int, currency: str) -> str:
    return f"{from_minor(minor, currency):,} {currency}"


def _counted(value: str, currency: str, labels: Labels) -> str:
    return str(_("Counted from the day after %(start)s.")) % {"start": STARTS[value]}


def _fees(value: tuple[Fee, ...], currency: str, labels: Labels) -> str:
    return " ".join(fee_words(fee, currency, labels) for fee in value) or str(_("No fee is taken."))


def _room(value: int, currency: str, labels: Labels) -> str:
    return str(_("Staff may offer up to %(percent)s %% for keeping it.")) % {"percent": percent(value)}


def _keep_offer(value: int, currency: str, labels: Labels) -> str:
    return str(_("Who keeps the goods instead may have %(percent)s %% of the refund.")) % {"percent": percent(value)}


def _fields(value: tuple[FieldRule, ...], currency: str, labels: Labels) -> str:
    return " ".join(str(_FIELDS[rule.then]) % {"condition": condition_words(rule, labels)} for rule in value)


_FIELDS = {
    "review": _("Where %(condition)s, a person looks at it."),
    "refuse": _("Where %(condition)s, it cannot come back unless something is wrong with it."),
}


def _first(value: tuple[str, ...], currency: str, labels: Labels) -> str:
    known = labels.get("payments", {})
    if not value:
        return str(_("Every way of paying is refunded in proportion."))
    return str(_("Refunded first: %(ways)s; the rest in proportion.")) % {
        "ways": listed(known.get(c, c) for c in value)
    }


_OTHERS: Mapping[str, Callable[[Any, str, Labels], str]] = {
    "counted_from": _counted,
    "fees": _fees,
    "fields": _fields,
    "room_bp": _room,
    "keep_offer_bp": _keep_offer,
    "refund_first": _first,
}
