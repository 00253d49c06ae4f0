"""What rules, terms and findings are called: sentences for staff and for customers, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from guicang.kernel.money import from_minor
from guicang.policy.rules import Finding, Policy, Reason, Statement

#: By reason code: what staff read. Plain, since it also stands where nobody has the figures at hand.
_TEXTS: Mapping[str, Promise] = {
    "no_order": _("Without a receipt: no order is known for it."),
    "proof_missing": _("A receipt or invoice is wanted and missing: attach it as a picture or PDF."),
    "too_late": _("The time for returns has run out."),
    "in_time": _("Asked in time."),
    "not_begun": _("The time for returns has not begun yet."),
    "excluded_by_law": _("Goods of this kind cannot be returned by law."),
    "non_returnable_confirmed": _("The buyer confirmed that this item cannot be returned."),
    "non_returnable_unconfirmed": _("This item is not returnable, but the buyer's confirmation is missing."),
    "condition_not_accepted": _("In this condition it cannot come back."),
    "reason_not_accepted": _("This reason is not accepted for these goods."),
    "resolution_not_offered": _("This is not offered for these goods."),
    "evidence_missing": _("Pictures are wanted and missing."),
    "comes_back_with": _("It has to come back complete."),
    "withdraws": _("The buyer withdraws from the contract: no reason is needed."),
    "no_right_of_withdrawal": _("There is no right of withdrawal for these goods."),
    "withdrawal_not_told": _(
        "The buyer was not told of the right of withdrawal: the time is 12 months longer, and nothing may be deducted "
        "for diminished value."
    ),
    "field_reviews": _("A person looks at it because of an answer in the form."),
    "field_refuses": _("With an answer in the form it cannot come back."),
    "within_quota": _("Within the customer's yearly quota."),
    "withdraws_above": _("Above the yearly quota; a withdrawal is a right all the same."),
    "above_quota": _("Above the customer's yearly quota."),
    "above_quota_fee": _("Above the customer's yearly quota: a fee is kept back."),
    "risk_high": _("Its risk points are high."),
    "risk_listed": _("The customer is on the list of those whose requests somebody looks at."),
}
#: For the staff alone: no customer is told.
INTERNAL = frozenset({"risk_high", "risk_listed"})
#: With the figures of the case.
_FULL: Mapping[str, Promise] = {
    "too_late": _("The time for returns ran out on %(until)s: %(days)s days from %(start)s."),
    "in_time": _("Asked in time: %(days)s days from %(start)s, until %(until)s."),
    "not_begun": _("The %(days)s days for returns begin with %(start)s, which is not known yet."),
    "condition_not_accepted": _("Declared as %(condition)s; it can come back only if it is %(accepted)s."),
    "comes_back_with": _("It has to come back with %(requires)s."),
    "field_reviews": _("“%(field)s” is “%(value)s”: a person looks at it."),
    "field_refuses": _("“%(field)s” is “%(value)s”: with that it cannot come back."),
    "within_quota": _("Within the yearly quota: %(left)s of %(quota)s are left for %(year)s, this is %(asked)s."),
    "withdraws_above": _(
        "Above the yearly quota (%(left)s of %(quota)s are left for %(year)s, this is %(asked)s); a withdrawal is a "
        "right all the same."
    ),
    "above_quota": _("Above the yearly quota: %(left)s of %(quota)s are left for %(year)s, this is %(asked)s."),
    "above_quota_fee": _(
        "Above the yearly quota: %(left)s of %(quota)s are left for %(year)s, this is %(asked)s. A fee is kept back of "
        "what lies above."
    ),
    "risk_high": _("%(points)s risk points; from %(threshold)s on a person looks."),
}
STARTS: Mapping[str, Promise] = {
    "order": _("the day of the order"),
    "shipment": _("the day of shipment"),
    "delivery": _("the day of delivery"),
}
#: What happens once a time ran out, by term.
THEN: Mapping[str, Mapping[str, Promise]] = {
    "review_then": {
        "nothing": _("it is marked as overdue"),
        "escalate": _("it goes to an approver"),
        "approve": _("the return is authorised"),
    },
    "answer_then": {
        "nothing": _("it is marked as overdue"),
        "expire": _("the return expires"),
        "cancel": _("the return is cancelled"),
        "reject": _("the request is rejected"),
    },
    "refund_then": {
        "nothing": _("it is marked as overdue"),
        "escalate": _("it goes to finance"),
        "refund": _("it is paid by itself"),
    },
}
REQUIRED: Mapping[str, Promise] = {
    "packaging": _("its packaging"),
    "tags": _("its tags"),
    "accessories": _("all accessories"),
    "seal": _("an unbroken seal"),
    "serial": _("the same serial number"),
}
_FINDINGS: Mapping[str, Promise] = {
    "no_policy": _("There is no policy in it yet. Add one for all sales."),
    "no_rule_for_all": _(
        "No policy says for all sales how many days there are. Where none of the others applies, it is 30 days from "
        "shipment. Add a policy for all sales at the end."
    ),
    "says_nothing": _("It says nothing yet. Add a term, or remove it."),
    "never_decides": _("It never decides: %(by)s above it says all of it already. Move it up or remove it."),
    "decides_in_part": _("A policy above it says already: %(terms)s. That part of it is never heard."),
    "unknown_later": _("%(column)s: there is no %(codes)s yet, so it decides nothing. Choose one of your own."),
    "unknown_code": _("%(column)s: nobody knows %(codes)s. Correct it."),
    "accepts_nothing": _("%(column)s: none is ticked, so nothing could come back. Tick what is accepted."),
    "no_time": _("0 days: everything would be too late the day after."),
    "fees_take_all": _("The fees together take more than all of it."),
    "keeps_more_than_it_grants": _("What may be kept is worth more than what is granted without a person."),
    "shorter_than_seven_days": _("%(days)s days: buyers online have seven from the day after delivery (消法 25)."),
    "fault_shorter_than_seven_days": _("%(days)s days for faulty goods: the law gives seven (消法 24)."),
    "refund_later_than_seven_days": _("%(days)s days until the refund: the law gives seven (消法 25)."),
    "buyer_pays_for_fault": _("The way back of faulty goods is the seller's to pay (消法 24)."),
    "fee_for_fault": _("A fee where the seller is at fault cannot be asked for (消法 24)."),
    "exclusion_without_article": _("It excludes goods by law. Name the article as its source."),
}


def reason_text(reason: Reason | str) -> Any:
    """The translated sentence of a reason, or its code where there is none."""
    code = reason if isinstance(reason, str) else reason.code
    return _TEXTS.get(code, code)


def sentence(reason: Mapping[str, Any], *, words: Mapping[str, str] | None = None) -> str:
    """A reason as stored with a return, with its figures. `words`: labels of conditions by code."""
    full = _FULL.get(str(reason.get("code")))
    if full is None:
        return str(reason_text(str(reason.get("code"))))
    said, language = words or {}, "zh" if _chinese() else "en"
    data = {
        "until": _last(reason.get("deadline")),
        "days": reason.get("days", ""),
        "start": STARTS.get(str(reason.get("counted_from")), ""),
        "condition": said.get(str(reason.get("condition")), reason.get("condition", "")),
        "accepted": listed(said.get(one, one) for one in reason.get("accepted", ())),
        "points": reason.get("points", ""),
        "threshold": reason.get("threshold", ""),
        "field": reason.get(language, ""),
        "value": reason.get(f"value_{language}", ""),
        **{name: _money(reason, name) for name in ("left", "quota", "asked")},
        "year": reason.get("year", ""),
        "requires": listed(str(REQUIRED.get(one, one)) for one in reason.get("requires", ())),
    }
    return str(full) % data


def _money(reason: Mapping[str, Any], name: str) -> str:
    """An amount of a reason with its currency; '' where it has none."""
    minor = reason.get(f"{name}_minor")
    return "" if minor is None else f"{from_minor(minor, reason['currency']):f} {reason['currency']}"


def finding_text(finding: Finding, labels: Mapping[str, Any]) -> str:
    """`labels`: what the editor calls the columns and terms."""
    data = dict(finding.data)
    if "column" in data:
        data["column"] = labels.get(data["column"], data["column"])
    if "terms" in data:
        data["terms"] = listed(str(labels.get(one, one)) for one in data["terms"])
    code = "unknown_later" if finding.code == "unknown_code" and finding.level == "warning" else finding.code
    return str(_FINDINGS.get(code, code)) % data


def policy_name(policy: Policy) -> str:
    return policy.zh if _chinese() or not policy.en else policy.en


def policy_names(statement: Statement) -> dict[str, str]:
    """What its policies are called, by code; '' is what holds where none says anything."""
    return {"": gettext("where no policy says anything")} | {one.code: policy_name(one) for one in statement.policies}


def listed(words: Iterable[Any]) -> str:
    """With the separator of the language, or with strokes where a word has a comma of its own."""
    texts = [str(word) for word in words]
    usual = "、" if _chinese() else ", "
    return (" / " if any("，" in text or "," in text for text in texts) else usual).join(texts)


def _last(deadline: Any) -> str:
    """Deadlines are exclusive: the last day before midnight, else the moment, in the reader's zone."""
    if not deadline:
        return ""
    instant = localtime(datetime.fromisoformat(deadline) if isinstance(deadline, str) else deadline)
    if instant.time() == time.min:
        return (instant - timedelta(days=1)).strftime("%Y-%m-%d")
    return instant.strftime("%Y-%m-%d %H:%M")


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")
