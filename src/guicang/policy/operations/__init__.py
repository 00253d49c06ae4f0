"""How a company states its return policy, tries it over the past, keeps the reasons and fields of its forms, says
who has to agree.
"""

from guicang.policy.operations.fields import (
    MOST_FIELDS,
    MOST_OPTIONS,
    add_field,
    archive_field,
    change_field,
    move_field,
)
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
    "MOST_FIELDS",
    "MOST_FLOWS",
    "MOST_OPTIONS",
    "NAME_LENGTH",
    "Trial",
    "add_field",
    "add_flow",
    "add_reason",
    "archive_field",
    "archive_flow",
    "archive_reason",
    "cancel_simulation",
    "change_draft",
    "change_field",
    "change_flow",
    "change_reason",
    "discard_draft",
    "ensure_default",
    "ensure_reasons",
    "looked",
    "move_field",
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
