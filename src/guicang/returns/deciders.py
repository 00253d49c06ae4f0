"""Who or what decided about a request, as a label of the return: reports count it, pages find returns by it. Pure."""

from __future__ import annotations

from enum import StrEnum

from guicang.kernel.actor import Actor
from guicang.returns.deadlines import Kind

#: The reason in the trail where nobody granted it but the policy.
BY_POLICY = "by_policy"


class Decider(StrEnum):
    """'' on a return: nobody yet, or it ended before anybody did."""

    POLICY = "policy"  # granted at once by what the policy says
    PERSON = "person"  # somebody of the staff
    CLOCK = "clock"  # a time of ours ran out
    PLATFORM = "platform"  # the platform agreed by itself
    OFFER = "offer"  # both sides agreed on a part refund
    SYSTEM = "system"  # a program of ours: an import
    NOBODY = "nobody"  # there was nothing to decide: goods came that nobody had asked about


def decider(actor: Actor, reason: str, clock: str) -> Decider:
    """Of a grant or a refusal. `clock`: the kind of clock that gave the command, '' for none."""
    if clock:
        return Decider.PLATFORM if clock == Kind.PLATFORM else Decider.CLOCK
    if actor.kind == "system":
        return Decider.POLICY if reason == BY_POLICY else Decider.SYSTEM
    return Decider.PERSON
