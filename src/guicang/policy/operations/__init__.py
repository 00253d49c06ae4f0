"""How a company states its return policy, tries it over the past, keeps the reasons of forms, says who has to agree."""

from guicang.policy.operations.flows import MOST_FLOWS, add_flow, archive_flow, change_flow, move_flow
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
    "MOST_FLOWS",
    "NAME_LENGTH",
    "Trial",
    "add_flow",
    "add_reason",
    "archive_flow",
    "archive_reason",
    "cancel_simulation",
    "change_draft",
    "change_flow",
    "change_reason",
    "discard_draft",
    "ensure_default",
    "ensure_reasons",
    "looked",
    "move_flow",
    "move_reason",
    "publish",
    "read",
    "resume_simulation",
    "set_review",
    "start_draft",
    "start_simulation",
    "state_version",
]
