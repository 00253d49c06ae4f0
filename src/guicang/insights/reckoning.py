"""How a refund comes about, in sentences: each stored component with its rule, its numbers, and the policy behind it.

One text for customer, agent and auditor, for previews and for what was settled, reversals too. It is made of what the
planner wrote down, in the reader's language: nothing is computed a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guicang.insights import prices
from guicang.insights.sold import SoldAs, sku_names, sold_as
from guicang.insights.verdicts import condition_names
from guicang.kernel.ids import NIL
from guicang.policy import queries as policies
from guicang.policy.queries import summary, words
from guicang.policy.queries.summary import PER, money, percent
from guicang.policy.rules import Statement
from guicang.returns.settlement import Fee
from guicang.returns.steps.request import Preview

Component = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a return knows besides the components. `names` and `sold` by return line."""

    currency: str
    statement: Statement
    verdict: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    sold: Mapping[str, SoldAs] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tender:
    """What a way of payment gives. `room_minor`: what it could have given."""

    kind: str
    amount_minor: int
    captured_minor: int
    before_minor: int
    disputed_minor: int

    @property
    def room_minor(self) -> int:
        return max(0, self.captured_minor - self.before_minor - self.disputed_minor)


@dataclass(frozen=True, slots=True)
class Told:
    """A component as people read it. `name`: of the goods it is about, '' of all of it. `numbers`: what it was
    computed from. `policy`: who says so, '' where no policy has a say; `source`: the article that it carries out.
    """

    label: str
    name: str
    units: int
    amount_minor: int
    text: str
    numbers: Sequence[tuple[str, str]] = ()
    tenders: Sequence[Tender] = ()
    policy: str = ""
    version: int = 0
    source: str = ""

    @property
    def part(self) -> bool:
        """It repeats a part of what stands before it and adds nothing."""
        return self.label in PARTS


#: Components that are part of another one, and the one that is the sum.
PARTS = frozenset({"tax_within", "fee_tax_within", "funded_by_others"})
SUM = "cash"


def reading(
    currency: str,
    version_id: UUID,
    verdict: Mapping[str, Any],
    lines: Iterable[tuple[UUID, UUID, str]],
) -> Reading:
    """`lines`: return line, order line, name of its goods. 2 statements, 1 more where the version was not read yet."""
    rows = list(lines)
    prices = sold_as(order_line for _, order_line, _ in rows)
    version = policies.books([version_id])[version_id].statement if version_id != NIL else Statement()
    return Reading(
        currency,
        version,
        verdict,
        {str(key): name for key, _, name in rows},
        {str(key): prices[order_line] for key, order_line, _ in rows if order_line in prices},
    )


def read_request(said: Preview) -> Reading | None:
    """What a request's plans are told by; None where it comes to none. 3 statements."""
    if not said.plans:
        return None
    names = sku_names({line.sku_id for line in said.lines})
    lines = [(line.id, line.order_line_id, names.get(line.sku_id, "")) for line in said.lines]
    return reading(said.plans[0].plan.sale.currency, said.policy_version_id, said.verdict, lines)


def tell(components: Iterable[Component], read: Reading) -> list[Told]:
    """All of them in their order, the sum among them."""
    return [_told(one, read) for one in components]


def sentence(one: Component, read: Reading) -> str:
    """The rule behind a component, with the numbers of the case."""
    label, amount = str(one["label"]), int(one["amount_minor"])
    if label == "paid_share":
        return _share(one, read.currency)
    if label.startswith("fee_") and label in _FEES:
        return _fee(one, read) if amount <= 0 else str(_("Given back: it is not kept back any more."))
    if label == "shipping":
        mode = one["basis"].get("mode", "")
        taken = str(_("Taken back with the goods it was given back for.")) if amount < 0 else ""
        return taken or str(summary.shipping_words(mode))
    if label in _WITHHELD:
        return _withheld(one, read.currency)
    if label == "priced":
        return prices.sentence(one["basis"], read.currency)
    return str(_SENTENCES.get(label, ""))


_SENTENCES: Mapping[str, Promise] = {
    "tax_within": _("Part of the amount above, at the share that the invoice had: nothing is computed anew."),
    "funded_by_others": _(
        "A platform or somebody else paid this part of the price. It is credited to them, not to the buyer."
    ),
    "goodwill": _("Given beyond the rule. What is not settled yet pays back that much less."),
    "price_difference": _("A past document paid more than was left of the sale."),
    "unlinked": _("As the past document has it: no sale is known for it."),
    "compensation": _("Compensation: no part of the price, paid besides it."),
    "fee_tax_within": _("Part of the fee above, at the tax of the goods it is kept back from."),
    "points_taken_back": _("Points that were earned with what came back, in proportion and only once."),
    "cash": _("What was paid beyond what is still owed, by each way of payment at most what came in by it."),
    "unapplied": _("No way of payment has room for it: it stays as credit."),
    "on_account": _("Nothing is paid out: it stays as credit for what the customer owes or will owe."),
}
_SHARES: Mapping[str, Promise] = {
    "one": _("The one unit: the %(paid)s that was paid for it."),
    "all": _("All %(of)s units: the whole %(paid)s that was paid for them."),
    "first": _("%(units)s of %(of)s units: their share of the %(paid)s that was paid for all of them."),
    "later": _(
        "With these, %(until)s of %(of)s units are settled, which makes %(after)s of the %(paid)s paid; the %(before)s"
        " settled before are taken off. So all parts add up to the cent."
    ),
    "weight": _(
        "Sold by weight: with these, %(until_g)s of %(of_g)s g are settled, which makes %(after)s of the %(paid)s paid;"
        " the %(before)s settled before are taken off."
    ),
    "undone": _(
        "Taken back: of %(of)s units %(until)s stay settled, which makes %(after)s, where it was %(before)s before."
    ),
    "cancelled": _(
        "%(units)s of %(of)s units that were never shipped: their share of the %(paid)s paid, counted from the last"
        " one, so that it adds up with what was shipped."
    ),
    "recorded": _("As the past document has it, at most what was left of the line."),
}


def _share(one: Component, currency: str) -> str:
    basis = one["basis"]
    before = basis.get("settled_before", 0)
    if one["rule"] == "cancelled_share":
        kind = "cancelled"
    elif one["rule"] != "cumulative_share":
        kind = "recorded"
    elif basis["units"] < 0:
        kind = "undone"
    elif "of_g" in basis:
        kind = "weight"
    elif before:
        kind = "later"
    else:
        kind = ("one" if basis["of"] == 1 else "all") if basis["units"] == basis["of"] else "first"
    return str(_SHARES[kind]) % {
        "units": basis["units"],
        "of": basis["of"],
        "until": before + basis["units"],
        "until_g": basis.get("until_g", 0),
        "of_g": basis.get("of_g", 0),
        "paid": money(basis["paid_minor"], currency),
        "before": money(basis.get("before_minor", 0), currency),
        "after": money(basis.get("after_minor", 0), currency),
    }


#: What is withheld: (deducted, given back again).
_WITHHELD: Mapping[str, tuple[Promise, Promise]] = {
    "promotion_lost": (
        _(
            "What is kept is worth %(kept)s, and the discount needed %(threshold)s: its part that lies on what is kept"
            " is taken back."
        ),
        _("Given back: what is kept no longer misses the discount's %(threshold)s, or less of it is kept."),
    ),
    "gift_kept": (
        _("The gift stays with the buyer, though what earned it came back: its stated value is deducted."),
        _("Given back: the gift came back, or what earned it is kept."),
    ),
    "free_shipping_lost": (
        _(
            "What is kept is worth %(kept)s, and free shipping needed %(threshold)s: the shipping that was waived is"
            " deducted, once."
        ),
        _("Given back: the waived shipping is no longer held against what is kept."),
    ),
}


def _withheld(one: Component, currency: str) -> str:
    deducted, given = _WITHHELD[one["label"]]
    basis = one["basis"]
    return str(deducted if one["amount_minor"] < 0 else given) % {
        "kept": money(basis.get("kept_minor", 0), currency),
        "threshold": money(basis.get("threshold_minor", 0), currency),
    }


#: By component: what a fee is for, as policies have it.
_FEES: Mapping[str, str] = {
    "fee_restocking": "restocking",
    "fee_value": "value",
    "fee_freight": "freight",
    "fee_deduction": "deduction",
    "fee_deposit": "deposit",
}
_ONCE = _("It is kept back once, in however many parts the goods come back, and never more than they give back.")


_FORFEITED = _(
    "The rest of the price was not paid yet, so the earnest deposit is forfeited with what is cancelled: its part by"
    " price of %(whole)s for the whole order, which is at most 20 %% of the price. No tax lies in it."
)


def _fee(one: Component, read: Reading) -> str:
    if one["label"] == "fee_deduction":
        return str(_("Kept back by hand, by somebody who may make exceptions; the history has the reason."))
    if one["label"] == "fee_deposit":
        whole = money(one["basis"].get("earnest_minor", 0), read.currency)
        return str(_FORFEITED) % {"whole": whole}
    labels = {"conditions": condition_names()}
    text = summary.fee_words(_stated_fee(one, read), read.statement.currency, labels)
    return f"{text}{_ONCE}" if text.endswith("。") else f"{text} {_ONCE}"


def _stated_fee(one: Component, read: Reading) -> Mapping[str, Any]:
    """The fee as the verdict keeps it; what the component says of it where the verdict has it no more."""
    basis = one["basis"]
    grades = [grade for grade in basis["grades"].split("+") if grade]
    plain = {"kind": basis["kind"], "value": int(basis["value"]), "per": basis["per"], "grades": grades}
    plain |= {"what": _FEES[one["label"]], "faults": ()}
    key = Fee.of(plain).key
    for fee in read.verdict.get("lines", {}).get(one.get("line", ""), {}).get("terms", {}).get("fees", ()):
        if Fee.of(fee).key == key:
            return dict(fee)
    return plain


def _told(one: Component, read: Reading) -> Told:
    label, line = str(one["label"]), str(one.get("line", ""))
    term = _TERMS.get(label, "fees" if label in _FEES and label != "fee_deduction" else "")
    policy, source = _policy(term, line, read) if term else ("", "")
    return Told(
        label,
        read.names.get(line, ""),
        int(one["basis"].get("units", 0)),
        int(one["amount_minor"]),
        sentence(one, read),
        list(_numbers(one, read)),
        [Tender(**each) for each in one["basis"].get("tenders", ())],
        policy,
        int(read.verdict.get("version", 0)) if policy else 0,
        source,
    )


#: The term of the policy that decides about a component.
_TERMS: Mapping[str, str] = {
    "promotion_lost": "discount_mode",
    "gift_kept": "gifts",
    "free_shipping_lost": "lost_shipping",
    "shipping": "shipping_refund",
    "cash": "refund_first",
    "fee_deposit": "deposit",
}


def _policy(term: str, line: str, read: Reading) -> tuple[str, str]:
    """Name and article of the policy that says so; '' where none says anything."""
    of_line = read.verdict.get("lines", {}).get(line, {}).get("said_by", {})
    forfeited = read.verdict.get("forfeits", {}).get(line, "") if term == "deposit" else ""
    code = forfeited or of_line.get(term) or read.verdict.get("said_by", {}).get(term, "")
    found = next((one for one in read.statement.policies if one.code == code), None)
    return (words.policy_name(found), found.source) if found else ("", "")


_FUNDERS: Mapping[str, Promise] = {
    "shop": _("Discount of the shop"),
    "platform": _("Discount of the platform"),
    "government": _("Subsidy of the state"),
    "other": _("Discount of somebody else"),
}


def _numbers(one: Component, read: Reading) -> Iterable[tuple[str, str]]:
    """What it was computed from, in the order in which it is."""
    label = str(one["label"])
    known = _SOURCES.get(label, _fee_numbers if label in _FEES else None)
    for name, value in known(one, read) if known else ():
        yield str(name), value


_Numbers = Iterable[tuple[Any, str]]


def _share_numbers(one: Component, read: Reading) -> _Numbers:
    basis, currency = one["basis"], read.currency
    yield _("Units"), f"{basis['units']} / {basis['of']}"
    if was := read.sold.get(str(one.get("line", ""))):
        if was.list_price_minor is not None:
            yield _("List price"), money(was.list_price_minor, currency)
        yield _("Price before discounts"), money(was.gross_minor, currency)
        for funder, amount in was.discounts:
            yield _FUNDERS.get(funder, funder), money(-amount, currency)
    yield _("Paid for all units"), money(basis["paid_minor"], currency)
    if basis.get("settled_before"):
        yield _("Reckoned before"), money(basis["before_minor"], currency)
        yield _("Reckoned with these"), money(basis["after_minor"], currency)


def _kept_numbers(one: Component, read: Reading) -> _Numbers:
    basis = one["basis"]
    yield _("Threshold"), money(basis.get("threshold_minor", 0), read.currency)
    yield _("Worth of what is kept"), money(basis.get("kept_minor", 0), read.currency)


def _fee_numbers(one: Component, read: Reading) -> _Numbers:
    basis = one["basis"]
    if "value" in basis:
        value = int(basis["value"])
        by_percent = basis["kind"] == "percent"
        yield _("Fee"), f"{percent(value)} %" if by_percent else money(value, read.statement.currency)
        yield _("Counted per"), str(PER[basis["per"]])
        if basis["grades"]:
            yield _("Grades"), words.listed(basis["grades"].split("+"))
    if "share_minor" in basis:
        yield _("Refund of the goods"), money(basis["share_minor"], read.currency)


def _shipping_numbers(one: Component, read: Reading) -> _Numbers:
    basis = one["basis"]
    for label, name in (
        (_("Standard delivery"), "standard_minor"),
        (_("Surcharge for a faster one"), "surcharge_minor"),
        (_("Refunded of it in all"), "refunded_minor"),
    ):
        if basis.get(name):
            yield label, money(basis[name], read.currency)


_SOURCES: Mapping[str, Callable[[Component, Reading], _Numbers]] = {
    "paid_share": _share_numbers,
    "promotion_lost": _kept_numbers,
    "gift_kept": _kept_numbers,
    "free_shipping_lost": _kept_numbers,
    "shipping": _shipping_numbers,
}
