"""What was agreed with a customer, in words."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from guicang.returns.repairing import RepairFacts
from guicang.ui.refund_words import CHOICES, EXCHANGES
from guicang.ui.words import OFFER_STATES, PRICING, REPAIR_STATES

register = template.Library()


@register.filter
def pricing(code: str) -> str:
    return str(PRICING.get(code, code))


@register.filter
def kilos(grams: int) -> str:
    """Kilograms of grams, digit by digit."""
    return f"{grams // 1000}.{grams % 1000:03d}".rstrip("0").rstrip(".")


@register.filter
def choice(code: str) -> str:
    """What can be asked for, compared with the rest."""
    return str(CHOICES.get(code, code))


@register.filter
def exchanges(code: str) -> str:
    """Which exchanges a list shows."""
    return str(EXCHANGES.get(code, code))


@register.simple_tag
def repair_state(repair: RepairFacts) -> SafeString:
    """How a repair stands, as a badge."""
    text, tone = REPAIR_STATES[repair.state]
    return format_html('<span class="badge {}">{}</span>', tone, text)


@register.simple_tag
def offer_state(code: str) -> SafeString:
    """What became of an offer, as a badge."""
    text, tone = OFFER_STATES[code]
    return format_html('<span class="badge {}">{}</span>', tone, text)
