"""How pages show money, times, states and amounts: one way each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guicang.kernel.money import exponent, from_minor
from guicang.kernel.refusal import Refusal
from guicang.payments.facts import REASONS
from guicang.policy.queries.words import REQUIRED, listed
from guicang.returns import labels, lifecycle, rules
from guicang.sales.queries import RETURN_LABELS
from guicang.staff import rules as roles
from guicang.ui import icons
from guicang.ui.shopper_words import FREIGHT, SHOPPER_DID, SHOPPER_NEXT, SHOPPER_TOLD
from guicang.ui.words import (
    ACTS,
    CLOCKS,
    COMPONENTS,
    COUPON_STATES,
    CREDIT_LOTS,
    CREDIT_MOVEMENTS,
    EVENTS,
    GRADES,
    MONEY_KINDS,
    NOTICES,
    PLACES,
    QUEUES,
    RISK_LISTS,
    SIDES,
    STAGES,
    TENDERS,
    THEN,
    WAITS,
    sentence,
)

register = template.Library()

SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$"}
MINUS = "\N{MINUS SIGN}"


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


@register.simple_tag
def amount(minor: int | None, currency: str, size: str = "") -> SafeString:
    """¥107.24: symbol small, figures of equal width, a real minus sign before the symbol."""
    if minor is None:
        return SafeString("")
    figure = format(abs(from_minor(minor, currency)), f",.{exponent(currency)}f")
    symbol = SYMBOLS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    sign = MINUS if minor < 0 else ""
    return format_html('<span class="amount {}">{}<span class="symbol">{}</span>{}</span>', size, sign, symbol, figure)


@register.simple_block_tag
def table(content: str, classes: str = "") -> SafeString:
    """A table wider than its page scrolls inside its own box, by keyboard too."""
    return format_html('<div class="{}" tabindex="0">{}</div>', f"table {classes}".strip(), content)


@register.filter
def when(instant: datetime | None) -> str:
    """2026-11-22 14:05 in the reader's zone; '' for none."""
    return timezone.localtime(instant).strftime("%Y-%m-%d %H:%M") if instant else ""


@register.filter
def day(instant: datetime | date | None) -> str:
    if instant is None:
        return ""
    return (timezone.localtime(instant) if isinstance(instant, datetime) else instant).strftime("%Y-%m-%d")


@register.filter
def age(instant: datetime | None) -> str:
    """How long ago, in the largest unit that fits: 3 天, 5 小时."""
    if instant is None:
        return ""
    passed = timezone.now() - instant
    if passed < timedelta(hours=1):
        return _("%(n)s min") % {"n": max(0, passed // timedelta(minutes=1))}
    if passed < timedelta(days=1):
        return _("%(n)s h") % {"n": passed // timedelta(hours=1)}
    return _("%(n)s d") % {"n": passed.days}


@register.simple_tag
def icon(name: str) -> SafeString:
    return mark_safe(icons.svg(name))  # noqa: S308 # our own drawing


@register.simple_tag
def state(value: str) -> SafeString:
    """The badge of a return's state."""
    tone, drawing = labels.BADGES[value]
    label = labels.label(value, lifecycle.State, get_language() or "zh")
    return format_html('<span class="badge {}">{}{}</span>', tone, icon(drawing), label)


@register.simple_tag
def state_text(value: str) -> str:
    """A state in words alone, for a list of choices."""
    return labels.label(value, lifecycle.State, get_language() or "zh")


@register.filter
def state_name(value: str) -> str:
    return state_text(value)


@register.filter
def roles_for(command: str) -> str:
    """The roles that may give a command, in words."""
    allowed = [code for code in roles.STAFF if lifecycle.COMMANDS[command].permission in roles.permissions(code)]
    return _(", ").join(map(role, allowed))


@register.simple_tag
def axis(name: str, value: str) -> SafeString:
    """The badge of one axis of a line; nothing where the axis does not apply."""
    if not value:
        return SafeString('<span class="quiet">—</span>')
    zh, en, tone = labels.AXES[name][value]
    return format_html('<span class="badge {}">{}</span>', tone, zh if _chinese() else en)


@register.filter
def kind(value: str) -> str:
    """A return's type in words."""
    return labels.label(value, lifecycle.Type, get_language() or "zh")


@register.filter
def money_kind(value: str) -> str:
    """What money without goods is for; the code itself where a file brought another."""
    return str(MONEY_KINDS.get(value, value))


@register.filter
def line_kind(value: str) -> str:
    return labels.label(value, lifecycle.LineKind, get_language() or "zh")


@register.filter
def disposition(value: str) -> str:
    return labels.label(value, lifecycle.Disposition, get_language() or "zh")


@register.filter
def command_label(name: str) -> str:
    known = lifecycle.COMMANDS.get(name)
    if known is None:
        return str(ACTS.get(name, name))
    return known.zh if _chinese() else known.en


@register.simple_tag
def return_label(value: str) -> SafeString:
    """The badge of an order: 未退 / 退货处理中 / 部分退货 / 已退货."""
    zh, en, tone = RETURN_LABELS[value]
    return format_html('<span class="badge {}">{}</span>', tone, zh if _chinese() else en)


@register.simple_tag
def return_label_text(value: str) -> str:
    """A return label in words alone, for a list of choices."""
    return RETURN_LABELS[value][0 if _chinese() else 1]


@register.simple_tag
def credit(minor: int, currency: str) -> SafeString:
    """An amount of the credit side, which books keep below zero and people read without a sign."""
    return amount(-minor, currency)


@register.filter
def account_name(account: Any) -> str:
    return str(account.name_zh if _chinese() else account.name_en)


@register.filter
def event(code: str) -> str:
    return str(EVENTS.get(code, code))


@register.filter
def reason(code: str) -> str:
    return rules.label(code, get_language() or "zh")


@register.filter
def conditions(codes: Iterable[str]) -> str:
    """Conditions of goods in words, in a list."""
    return listed(reason(code) for code in codes)


@register.filter
def required(codes: str | Iterable[str]) -> str:
    """What goods have to come back with in words, one or a list."""
    return listed(REQUIRED.get(code, code) for code in ([codes] if isinstance(codes, str) else codes))


@register.filter
def reason_in(code: str, known: Mapping[str, Any]) -> str:
    """Why goods come back, in the words of the company's own list; else as any reason."""
    return says(known[code]) if code in known else reason(code)


@register.filter
def whys(command: str) -> list[tuple[str, str]]:
    """(code, label) of the reasons that a command's form offers."""
    return [(why.code, why.zh if _chinese() else why.en) for why in rules.WHY[command]]


@register.filter
def refusal(found: Refusal) -> str:
    """Why something cannot be done, in words."""
    return sentence(found)


@register.filter
def role(code: str) -> str:
    return roles.label(code, get_language() or "zh")


@register.filter
def says(pair: Any) -> str:
    """The Chinese or the English of something that has both (`zh`, `en`)."""
    return str(pair.zh if _chinese() else pair.en)


@register.filter
def component(label: str) -> str:
    """A component of a refund in words."""
    return str(COMPONENTS.get(label, label))


@register.filter
def side(code: str) -> str:
    return str(SIDES.get(code, code))


@register.filter
def place(kind: str) -> str:
    return str(PLACES.get(kind, kind))


@register.filter
def grade(code: str) -> str:
    return str(GRADES.get(code, code))


@register.filter
def notice(code: str) -> str:
    return str(NOTICES.get(code, code))


@register.filter
def tender(kind: str) -> str:
    """A way to pay in words; a kind of a merchant's own stays as it is called."""
    return str(TENDERS.get(kind, kind))


@register.filter
def risk_list(kind: str) -> str:
    return str(RISK_LISTS.get(kind, kind))


@register.filter
def credit_movement(kind: str) -> str:
    return str(CREDIT_MOVEMENTS.get(kind, kind))


@register.filter
def credit_lot(kind: str) -> str:
    return str(CREDIT_LOTS.get(kind, kind))


@register.filter
def coupon_state(state: str) -> str:
    return str(COUPON_STATES.get(state, state))


@register.filter
def credit_reason(code: str) -> str:
    """Why a balance was changed by hand."""
    zh, en = REASONS.get(code, (code, code))
    return zh if _chinese() else en


@register.filter
def queue(code: str) -> str:
    return str(QUEUES.get(code, code))


@register.filter
def stage(code: str) -> str:
    return str(STAGES.get(code, code))


@register.filter
def waits(code: str) -> str:
    """What a return waits for, in words."""
    return str(WAITS.get(code, code))


@register.filter
def left(instant: datetime | None) -> str:
    """How long until then, in the largest unit that fits; in words where it has passed."""
    if instant is None:
        return ""
    ahead = instant - timezone.now()
    if ahead < timedelta(0):
        return _("overdue by %(age)s") % {"age": age(instant)}
    if ahead < timedelta(hours=1):
        return _("%(n)s min left") % {"n": ahead // timedelta(minutes=1)}
    if ahead < timedelta(days=1):
        return _("%(n)s h left") % {"n": ahead // timedelta(hours=1)}
    return _("%(n)s d left") % {"n": ahead.days}


@register.filter
def past(instant: datetime | None) -> bool:
    return instant is not None and instant <= timezone.now()


@register.filter
def instant(stored: str) -> datetime | None:
    """An instant as the trail keeps it: UTC, and no word about it."""
    found = parse_datetime(stored) if stored else None
    return found.replace(tzinfo=UTC) if found else None


@register.filter
def clock(code: str) -> str:
    """A kind of clock in words."""
    return str(CLOCKS.get(code, code))


@register.filter
def then(code: str) -> str:
    """What happens once a clock ran out; '' where nothing does."""
    return str(THEN.get(code, ""))


@register.filter
def shopper_next(code: str) -> str:
    return str(SHOPPER_NEXT.get(code, code))


@register.filter
def freight(seller_pays: bool) -> str:
    """Who pays for sending the goods back, as a customer reads it."""
    return str(FREIGHT[seller_pays])


@register.filter
def told(command: str, by_customer: bool = False) -> str:
    """A command as the story of a customer's return says it."""
    own = SHOPPER_DID if by_customer else {}
    return str(own.get(command) or SHOPPER_TOLD.get(command, command))


@register.filter
def key(mapping: Mapping[Any, Any], name: Any) -> Any:
    """`mapping|key:name`, '' where there is none."""
    return mapping.get(name, "")


@register.simple_tag(takes_context=True)
def query(context: Mapping[str, Any], **changes: Any) -> str:
    """The page's own address with some parameters changed; '' takes one away. Paging restarts unless it is named."""
    parameters = context["request"].GET.copy()
    parameters.pop("after", None)
    for name, value in changes.items():
        parameters.pop(name, None)
        if value not in ("", None):
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"
