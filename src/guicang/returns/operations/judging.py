"""The verdict on a request: what the policies of each line's order say, and whether that refuses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Refusal
from guicang.org.queries import MarketInfo
from guicang.policy.rules import ANSWERS, Answered, Book, Facts, Fault, Sale, Verdict, eligibility
from guicang.policy.rules.terms import SELLERS_SIDE
from guicang.returns import errors
from guicang.returns.lifecycle import LineKind, Type
from guicang.returns.operations.asking import Request, Wanted
from guicang.returns.operations.freight import with_freight
from guicang.returns.operations.sight import Known, Sight, look
from guicang.sales import queries as sold
from guicang.sales.kinds import DepositKind

#: Who may make an exception to the policy.
OVERRIDE = "returns.override"
#: Nothing of these comes back, so no time and no condition is asked about.
UNJUDGED = (LineKind.UNSHIPPED, LineKind.MONEY)
#: Terms of which a return of several lines takes the strictest; of the rest it takes the first line's.
_SHORTEST = ("refund_days", "review_hours", "ship_days", "answer_days", "offer_hours", "ahead_most_minor")
#: Terms that hold whether goods come back or not.
TIMES = (*_SHORTEST, "review_then", "answer_then", "refund_then", "warn_hours")
#: Terms that say what of earlier refunds is owed after all once the buyer keeps less.
RECKONED = ("discount_mode", "gifts", "lost_shipping")
#: What a clock does by itself holds where all lines agree; else this, so that somebody looks at it.
_AGREED = {"review_then": "escalate", "answer_then": "expire", "refund_then": "escalate", "refund_when": "inspected"}


class Case(NamedTuple):
    """A request as verdicts see it. `amount_minor`: what all of it would pay back, None where nobody asks about it;
    `pictures` and `documents`: how many came with it, None where nobody counted them; `answers` by line, as
    conditions ask about them. `withdraws`: it undoes the contract.
    """

    shop_id: UUID
    asked_at: datetime
    amount_minor: int | None = None
    pictures: int | None = None
    withdraws: bool = False
    answers: Mapping[UUID, Mapping[str, Answered]] = MappingProxyType({})
    documents: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """By line that is judged: the version its order is frozen to, and its facts. `whole`: all of its lines are."""

    lines: Mapping[UUID, tuple[UUID, Facts]]
    whole: bool

    def verdict(self, books: Mapping[UUID, Book], book: Book | None = None, *, live: bool = True) -> dict[str, Any]:
        """What a return stores: by the version of each order, or by `book` for all. Live ones keep all terms."""
        verdicts = {key: eligibility(facts, book or books[version]) for key, (version, facts) in self.lines.items()}
        data = together(verdicts, whole=live)
        data["automatic"] = live and self.whole and bool(data.get("automatic"))
        data["keeps"] = live and self.whole and bool(data.get("keeps"))
        return data


def unjudged(withdraws: bool) -> tuple[LineKind, ...]:
    """Who withdraws does so by a right that the policy has to give, before anything is shipped too."""
    return (LineKind.MONEY,) if withdraws else UNJUDGED


def asked(lines: Sequence[Mapping[str, Any]], case: Case, known: Known) -> Asked:
    """What the rules are asked about a request: the same for the step and for whoever replays it."""
    found = {
        line["id"]: (_version(line, known), _facts(line, case, known))
        for line in lines
        if line["kind"] not in unjudged(case.withdraws) and line["resolution"] != Type.REFUSED_PARCEL
    }
    return Asked(found, len(found) == len(lines))


def judge(
    item: Request,
    lines: Sequence[Mapping[str, Any]],
    sight: Sight,
    context: Context,
    amount_minor: int | None = None,
    answers: Mapping[UUID, Mapping[str, Answered]] = MappingProxyType({}),
) -> tuple[dict[str, Any], list[Refusal]]:
    """The worst answer of all lines, with every reason; refuses only live requests without an exception.

    `amount_minor`: what all of it would pay back, for policies that ask about amounts.
    """
    live = context.origin == Origin.LIVE
    case = Case(
        item.shop_id,
        item.occurred_at or context.now,
        amount_minor,
        item.pictures,
        item.withdrawal is not None,
        answers,
        item.documents,
    )
    data = asked(lines, case, sight).verdict(sight.books, live=live)
    if live and lines and not data.get("lines"):
        data |= _unasked(_facts(lines[0], case, sight), sight.books[_version(lines[0], sight)])
    if live and item.withdrawal is None:
        data |= _forfeits([(line, _facts(line, case, sight)) for line in lines if _deposited(line, sight)], sight)
    if live:
        data = with_freight(data, item, lines, sight, context)
    if not live or data["answer"] != "refuse":
        return data, []
    if item.override and context.actor.kind != "customer" and context.actor.may(OVERRIDE):
        return {**data, "override": item.override}, []
    against = {reason["code"] for reason in data["reasons"] if reason["answer"] == "refuse"}
    return data, [errors.NotEligible(reasons=", ".join(sorted(against)))]


def term_of(name: str, item: Request, line: Mapping[str, Any], sight: Sight, asked_at: datetime) -> Any:
    """What the policy of the line's order says about one thing, for lines that are not judged."""
    facts = _facts(line, Case(item.shop_id, asked_at), sight)
    return sight.books[_version(line, sight)].decide(facts.sale).terms[name]


def offered_to(line: Mapping[str, Any], sight: Sight) -> int:
    """Which part of the refund who keeps this may have, hundredths of a percent; 0: none."""
    facts = _facts(line, Case(sight.orders[line["order_id"]].shop_id, sight.orders[line["order_id"]].ordered_at), sight)
    return int(sight.books[_version(line, sight)].decide(facts.sale).terms["keep_offer_bp"] or 0)


def is_refused(item: Request, line: Mapping[str, Any], sight: Sight, asked_at: datetime) -> bool:
    """Whether the policy would refuse this line if it came back."""
    facts = _facts(line, Case(item.shop_id, asked_at), sight)
    return eligibility(facts, sight.books[_version(line, sight)]).answer == "refuse"


def _unasked(facts: Facts, book: Book) -> dict[str, Any]:
    """Where nothing is judged, how long everybody has is said all the same, and what is kept costs what it costs."""
    decided = book.decide(facts.sale)
    terms = {name: decided.terms[name] for name in TIMES if decided.terms[name] is not None}
    terms |= {name: decided.terms[name] for name in RECKONED if decided.said_by[name]}
    return {"terms": terms, "said_by": {name: decided.said_by[name] for name in terms}, "version": book.number}


def _deposited(line: Mapping[str, Any], sight: Sight) -> bool:
    order = sight.orders.get(line["order_id"])
    return line["kind"] == LineKind.UNSHIPPED and order is not None and order.deposit_kind == DepositKind.EARNEST


def _forfeits(lines: Sequence[tuple[Mapping[str, Any], Facts]], sight: Sight) -> dict[str, Any]:
    """Which cancelled lines forfeit their part of an earnest deposit: not where the seller or the carrier is at fault,
    the policy gives it back, or a right of withdrawal returns all that was paid (2011/83/EU art. 13).
    """
    found: dict[str, str] = {}
    for line, facts in lines:
        decided = sight.books[_version(line, sight)].decide(facts.sale)
        if facts.fault not in SELLERS_SIDE and decided.terms["deposit"] == "keep" and not decided.terms["withdrawal"]:
            found[str(line["id"])] = decided.said_by["deposit"]
    return {"forfeits": found} if found else {}


def together(verdicts: Mapping[UUID, Verdict], *, whole: bool = True) -> dict[str, Any]:
    """One verdict of those on several lines, as a return stores it. `whole`: with the terms of each line."""
    found = list(verdicts.values())
    reasons: list[dict[str, Any]] = []
    for verdict in found:
        reasons += [said for reason in verdict.reasons if (said := reason.as_data()) not in reasons]
    if len(found) > 1:
        reasons.sort(key=lambda reason: -ANSWERS.index(reason["answer"]))
    # What comes back together comes back in time for all of it: the first deadline counts.
    until = min((verdict.deadline for verdict in found if verdict.deadline), default=None)
    data: dict[str, Any] = {
        "answer": max((verdict.answer for verdict in found), key=ANSWERS.index, default="allow"),
        "reasons": reasons,
        "deadline": until.isoformat() if until else None,
    }
    if whole and found:
        data["version"] = found[0].version
        data["automatic"] = all(verdict.automatic for verdict in found)
        data["keeps"] = all(verdict.keeps for verdict in found)
        data["terms"], data["said_by"] = _terms(found), dict(found[0].said_by)
        data["lines"] = {str(key): _of_line(verdict) for key, verdict in verdicts.items()}
    return data


def _of_line(verdict: Verdict) -> dict[str, Any]:
    until = verdict.deadline.isoformat() if verdict.deadline else None
    return {"answer": verdict.answer, "deadline": until, "terms": dict(verdict.terms), "said_by": dict(verdict.said_by)}


def _terms(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """What holds for the parcel as a whole: the shortest times; the seller pays it where he pays for any line."""
    found = dict(verdicts[0].terms)
    if len(verdicts) > 1:
        _agree(found, verdicts)
    for name in ("fees", "conditions", "requires", "otherwise"):  # each line has its own
        found.pop(name, None)
    return found


def _agree(found: dict[str, Any], verdicts: Sequence[Verdict]) -> None:
    for name in _SHORTEST:
        said = [verdict.terms[name] for verdict in verdicts if name in verdict.terms]
        if said:
            found[name] = min(said)
    for name, else_ in _AGREED.items():
        if len({verdict.terms.get(name) for verdict in verdicts}) > 1:
            found[name] = else_
    if any(verdict.terms["freight"] == "seller" for verdict in verdicts):
        found["freight"] = "seller"


def outlook(
    order_id: UUID,
    shop_id: UUID,
    customer_id: UUID,
    line_ids: Iterable[UUID],
    now: datetime,
    *,
    fault: Fault = "none",
    withdraws: bool = False,
) -> dict[UUID, Verdict]:
    """What would be said of each order line if it were asked for now, by its latest shipment. About 11 statements.

    Lines of which nothing was shipped are left out, unless the buyer `withdraws`. Without a reason, a condition or an
    amount: what depends on them is not said yet.
    """
    wanted = [Wanted(key, 1) for key in line_ids]
    sight = look([Request(shop_id, customer_id, wanted)], lock=False)
    found = {}
    for key, head in sight.lines.items():
        rows = sight.shipped.get(key)
        if head.order_id != order_id or not (rows or withdraws):
            continue
        line: dict[str, Any] = {
            "id": key,
            "order_id": order_id,
            "order_line_id": key,
            "shipment_line_id": rows[-1].shipment_line_id if rows else NIL,
        }
        line |= {"sku_id": head.sku_id, "reason": "", "condition": "", "resolution": ""}
        facts = replace(_facts(line, Case(shop_id, now, withdraws=withdraws), sight), fault=fault)
        found[key] = eligibility(facts, sight.books[_version(line, sight)])
    return found


def _version(line: Mapping[str, Any], known: Known) -> UUID:
    order = known.orders.get(line["order_id"])
    return order.policy_version_id if order else NIL


def _facts(line: Mapping[str, Any], case: Case, known: Known) -> Facts:
    order, times = known.orders.get(line["order_id"]), known.times.get(line["shipment_line_id"])
    shop = known.shops[case.shop_id]
    market = known.zones[order.market_id if order else shop.market_id]
    sku = known.skus.get(line["sku_id"])
    reason = known.reasons[shop.company_id].get(line["reason"])
    came = known.arrivals.get(line["order_id"])
    return Facts(
        asked_at=case.asked_at,
        ordered_at=order.ordered_at if order else None,
        shipped_at=times.shipped_at if times else None,
        delivered_at=times.delivered_at if times else None,
        sale=_sale(order, known, line, market, shop.code),
        zone=market.zone,
        country=market.code,
        returnable=sku is None or sku.returnable,
        confirmed_non_returnable=line["order_line_id"] in known.confirmed,
        reason=line["reason"],
        # Of a code that is not on the company's list nobody is said to be at fault.
        fault=cast(Fault, reason.fault) if reason else "none",
        resolution="" if line["resolution"] == Type.MONEY_ONLY else line["resolution"],
        condition=line["condition"],
        amount_minor=case.amount_minor,
        pictures=case.pictures,
        documents=case.documents,
        invoiced=line["order_id"] in known.invoiced,
        currency=order.currency if order else "",
        has_order=order is not None,
        withdraws=case.withdraws,
        informed=order is None or order.withdrawal_informed,
        last_delivered_at=came.last_at if came else None,
        more_to_come=came is not None and came.more_to_come,
        answers={**case.answers.get(NIL, {}), **case.answers.get(line["id"], {})} if case.answers else {},
    )


def _sale(order: sold.OrderHead | None, known: Known, line: Mapping[str, Any], market: MarketInfo, shop: str) -> Sale:
    channel = order.channel_id if order else NIL
    sku, (category, brand) = known.skus.get(line["sku_id"]), known.goods(line)
    return Sale(
        sku=sku.code if sku else "",
        category=category,
        brand=brand,
        channel=known.channels.get(channel, ""),
        shop=shop,
        market=market.code,
        tier=order.customer_tier if order else "",
        seller=order.sold_by if order else "",
        payments=known.payments.get(order.id, ()) if order else (),
        sold_on=order.ordered_at.astimezone(ZoneInfo(market.zone)).date() if order else None,
    )
