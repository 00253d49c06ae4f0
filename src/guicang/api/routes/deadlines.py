"""When a platform does something about a return by itself: told by its importer."""

from __future__ import annotations

from uuid import UUID

from ninja import Router

from guicang.api.acts import declare_act
from guicang.api.bearer import Caller
from guicang.api.parsing import Given, Instant
from guicang.kernel.refusal import raise_first
from guicang.returns.deadlines import PlatformThen
from guicang.returns.steps.deadline import SET, Deadline, set_deadlines

router = Router()


class PlatformDeadline(Given):
    """`due_at` null: there is none any more. `then`: what the platform does at that instant."""

    due_at: Instant | None
    then: PlatformThen = PlatformThen.NOTHING


def set_deadline(caller: Caller, pk: UUID, body: PlatformDeadline) -> None:
    """Set, change or take away when the marketplace acts by itself (逾期自动同意).

    With `approve` the return is written down as authorised at that instant.
    """
    items = [Deadline(pk, body.due_at, body.then)]
    raise_first(set_deadlines(deadlines=items, actor=caller.actor, now=caller.now))


declare_act(
    router,
    "/returns/{pk}/platform-deadline",
    "set_platform_deadline",
    PlatformDeadline,
    set_deadline,
    summary="Set the deadline of the platform",
    permission=SET,
    tags="commands",
)
