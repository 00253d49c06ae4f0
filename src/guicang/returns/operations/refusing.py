"""Parcels that never reached the buyer: he refused them (拒收), or they were stopped on their way (拦截).

He asked for nothing, so nobody decides about them: they open granted, and need no RMA code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Refusal
from guicang.returns import errors
from guicang.returns.deciders import BY_POLICY
from guicang.returns.lifecycle import LineKind, Type
from guicang.returns.operations.asking import Request, Wanted
from guicang.returns.operations.sight import Sight
from guicang.returns.operations.withdrawing import lines_of as said
from guicang.returns.rules import PARCEL_REFUSED

#: Why a request is granted without a person, in the trail.
REASON = "never_delivered"


def lines_of(item: Request) -> Sequence[Wanted]:
    """What is asked for; of a refused parcel with the reason that says so, where none is given."""
    return [
        replace(line, reason=PARCEL_REFUSED) if line.resolution == Type.REFUSED_PARCEL and not line.reason else line
        for line in said(item)
    ]


def reasons(headers: Sequence[Mapping[str, Any]], context: Context) -> dict[UUID, str]:
    """The requests that nobody decides about, and why: what the policy grants by itself, and refused parcels."""
    found = {header["id"]: BY_POLICY for header in headers if header["verdict"].get("automatic")}
    if context.origin == Origin.LIVE:
        found |= {header["id"]: REASON for header in headers if header["type"] == Type.REFUSED_PARCEL}
    return found


def wrong(lines: Sequence[Mapping[str, Any]], sight: Sight, context: Context) -> list[Refusal]:
    """A refused parcel is goods that nobody took: nothing else comes with it. History is as it was."""
    ours = [line for line in lines if line["resolution"] == Type.REFUSED_PARCEL]
    if not ours or context.origin != Origin.LIVE:
        return []
    if context.actor.kind == "customer":
        return [errors.BadChoice(column="resolution", value=str(Type.REFUSED_PARCEL))]
    if len(ours) < len(lines) or any(line["kind"] != LineKind.GOODS for line in ours):
        return [errors.NotOneParcel()]
    taken = [line for line in ours if sight.times[line["shipment_line_id"]].delivered_at]
    return [errors.DeliveredAlready()] if taken else []
