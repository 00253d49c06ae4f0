"""Refusals in words, for whoever gave the command."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import get_language

from guicang.kernel.refusal import Refusal
from guicang.returns import lifecycle
from guicang.ui.words import sentence


def say(request: HttpRequest, refusals: Iterable[Refusal]) -> None:
    """Each sentence once, on the next page."""
    for text in dict.fromkeys(map(sentence, refusals)):
        messages.error(request, text)


def label(command: lifecycle.Command) -> str:
    return command.zh if (get_language() or "zh").startswith("zh") else command.en
