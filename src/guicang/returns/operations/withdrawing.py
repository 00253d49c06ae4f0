"""Withdrawals from the contract (2011/83/EU art. 9 to 11a): requests that owe no reason and are acknowledged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from guicang.kernel import outbox
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.notifications import operations as notifications
from guicang.parties.operations import PersonalFacts, keep
from guicang.returns.operations.asking import Request, Wanted
from guicang.returns.operations.persons import Whose, persons_behind
from guicang.returns.operations.sight import Sight
from guicang.returns.rules import WITHDRAWAL

#: A request with its header and lines, as it is made.
Made = tuple[Request, Mapping[str, Any], Sequence[Mapping[str, Any]]]


def lines_of(item: Request) -> Sequence[Wanted]:
    """What is asked for; of a withdrawal with the reason that says no reason was given."""
    if item.withdrawal is None:
        return item.lines
    return [replace(line, reason=WITHDRAWAL) for line in item.lines]


def keep_said(made: Sequence[Made], context: Context) -> None:
    """What buyers say goes to the vault, as their person's: 4 statements where anybody says anything, 7 at most."""
    said = {header["id"]: values for item, header, _lines in made if (values := _said(item))}
    if not said:
        return
    persons = persons_behind(
        Whose(header["id"], header["customer_id"], next((line["order_id"] for line in lines), NIL))
        for _item, header, lines in made
        if header["id"] in said
    )
    keep(
        context,
        [PersonalFacts("return", key, person, said[key]) for key, person in persons.items() if person is not None],
    )


def _said(item: Request) -> dict[str, str]:
    values = {"words": item.words}
    if item.withdrawal is not None:
        values |= {"name": item.withdrawal.name, "contact": item.withdrawal.contact}
    return {kind: value for kind, value in values.items() if value.strip()}


def acknowledge(made: Sequence[Made], sight: Sight, context: Context) -> None:
    """Queue what tells the buyer that his declaration came, with its content, its date and its time; 1 statement.

    To the e-mail that he declared it with, else to the customer's own. The words and the address stay in the vault.
    """
    if context.origin == Origin.LIVE:
        outbox.queue(context, [_message(*one, sight) for one in made if one[0].withdrawal is not None])


def _message(
    item: Request, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], sight: Sight
) -> outbox.Message:
    declared = item.withdrawal
    own = declared is not None and bool(declared.contact)
    return notifications.message(
        "withdrawal_declared",
        owner_kind="return" if own else "customer",
        owner_id=header["id"] if own else header["customer_id"],
        aggregate_id=header["id"],
        data={
            "number": header["number"],
            "order": ", ".join(dict.fromkeys(sight.orders[one["order_id"]].number for one in lines)),
            "goods": "; ".join(f"{_name(one, sight)} × {one['requested']}" for one in lines),
            "at": stated(header["requested_at"], sight.zones[header["market_id"]].zone),
            "link": settings.RETURN_PAGE.format(id=header["id"]),
        },
        language=declared.language if declared else "",
    )


def stated(at: datetime, zone: str) -> str:
    """Date and time to the second in the market's zone, with what that is ahead of UTC."""
    local = at.astimezone(ZoneInfo(zone))
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S} (UTC{offset[:3]}:{offset[3:]})"


def _name(line: Mapping[str, Any], sight: Sight) -> str:
    sku = sight.skus.get(UUID(str(line["sku_id"])))
    return (sku.name or sku.code) if sku else ""
