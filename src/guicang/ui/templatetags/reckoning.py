"""How a refund was reckoned, in templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from guicang.insights.reckoning import Reading, Told, tell
from guicang.kernel.refusal import Refusal
from guicang.returns.operations.planning import refusals_of
from guicang.returns.settlement import Plan

register = template.Library()


@register.filter
def reckoned(components: Iterable[Mapping[str, Any]], read: Reading) -> list[Told]:
    """The components of a refund as people read them."""
    return tell(components, read)


@register.filter
def stands_in_the_way(plan: Plan) -> list[Refusal]:
    """Why a plan cannot be settled as it is."""
    return refusals_of(plan)
