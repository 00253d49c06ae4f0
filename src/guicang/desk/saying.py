"""Refusals in words, for whoever gave the command."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guicang.desk.gate import actor_of
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import Context, begin
from guicang.kernel.refusal import Refusal, Refused
from guicang.returns import lifecycle
from guicang.ui.words import sentence


def say(request: HttpRequest, refusals: Iterable[Refusal]) -> None:
    """Each sentence once, on the next page."""
    for text in dict.fromkeys(map(sentence, refusals)):
        messages.error(request, text)


def done(request: HttpRequest, name: str, act: Callable[[Context], object], told: str = "") -> bool:
    """Change something kept here, as the command `name`, and say so; or say why not."""
    try:
        with transaction.atomic():
            act(begin(name, actor=actor_of(request), now=utcnow(), items=1))
    except Refused as refused:
        say(request, refused.refusals)
        return False
    messages.success(request, told or _("Saved."))
    return True


def label(command: lifecycle.Command) -> str:
    return command.zh if (get_language() or "zh").startswith("zh") else command.en
