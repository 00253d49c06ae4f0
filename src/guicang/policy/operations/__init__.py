"""How a company states its return policy, and keeps the reasons that forms offer."""

from guicang.policy.operations.reasons import add_reason, archive_reason, change_reason, ensure_reasons, move_reason
from guicang.policy.operations.statements import (
    change_draft,
    discard_draft,
    ensure_default,
    publish,
    read,
    start_draft,
    state_version,
)

__all__ = [
    "add_reason",
    "archive_reason",
    "change_draft",
    "change_reason",
    "discard_draft",
    "ensure_default",
    "ensure_reasons",
    "move_reason",
    "publish",
    "read",
    "start_draft",
    "state_version",
]
