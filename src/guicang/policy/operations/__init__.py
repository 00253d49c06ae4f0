"""How a company states its return policy, tries it over the past, and keeps the reasons that forms offer."""

from guicang.policy.operations.reasons import add_reason, archive_reason, change_reason, ensure_reasons, move_reason
from guicang.policy.operations.reviews import looked, set_review
from guicang.policy.operations.simulations import (
    Trial,
    cancel_simulation,
    resume_simulation,
    start_simulation,
)
from guicang.policy.operations.statements import (
    NAME_LENGTH,
    change_draft,
    discard_draft,
    ensure_default,
    publish,
    read,
    start_draft,
    state_version,
)

__all__ = [
    "NAME_LENGTH",
    "Trial",
    "add_reason",
    "archive_reason",
    "cancel_simulation",
    "change_draft",
    "change_reason",
    "discard_draft",
    "ensure_default",
    "ensure_reasons",
    "looked",
    "move_reason",
    "publish",
    "read",
    "resume_simulation",
    "set_review",
    "start_draft",
    "start_simulation",
    "state_version",
]
