"""How pages show what goes to machines outside."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from guicang.returns import labels, lifecycle
from guicang.ui.outside_words import CALL_ERRORS, DELIVERIES, FAULTS, HOOK_EVENTS, MESSAGES, OFF, OTHER_FAULT, TOPICS

register = template.Library()


@register.filter
def hook_event(type_: str) -> str:
    """A type of event in words: the state that a return has come to, or what happened to its money."""
    state = type_.removeprefix("return.")
    if state in set(lifecycle.State):
        return labels.label(state, lifecycle.State, get_language() or "zh")
    return str(HOOK_EVENTS.get(type_, type_))


@register.simple_tag
def hook_state(endpoint: Any) -> SafeString:
    """The badge of an endpoint: on, failing, off by hand, or off by what it answered."""
    if not endpoint.is_on:
        tone = "" if endpoint.off_reason == "manual" else "danger"
        return format_html('<span class="badge {}">{}</span>', tone, pgettext("webhook", "off"))
    if endpoint.failing_since:
        return format_html('<span class="badge warning">{}</span>', _("on, but failing"))
    return format_html('<span class="badge success">{}</span>', pgettext("webhook", "on"))


@register.filter
def hook_off(reason: str) -> str:
    return str(OFF.get(reason, reason))


@register.simple_tag
def delivery_state(state: str) -> SafeString:
    tone, label = DELIVERIES[state]
    return format_html('<span class="badge {}">{}</span>', tone, label)


@register.filter
def delivery_text(state: str) -> str:
    return str(DELIVERIES[state][1])


@register.filter
def call_error(code: str) -> str:
    return str(CALL_ERRORS.get(code, code))


@register.simple_tag
def message_state(state: str) -> SafeString:
    tone, label = MESSAGES[state]
    return format_html('<span class="badge {}">{}</span>', tone, label)


@register.filter
def message_text(state: str) -> str:
    return str(MESSAGES[state][1])


@register.filter
def topic(code: str) -> str:
    return str(TOPICS.get(code, code))


@register.filter
def fault(name: str) -> str:
    """What a fault means, by its name."""
    return str(FAULTS.get(name, OTHER_FAULT))
