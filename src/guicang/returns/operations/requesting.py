"""The rows of new returns: numbers, claims, lines, approval stages, serials, labels, trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.catalog import operations as catalog
from guicang.kernel import outbox, setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.notifications import operations as notifications
from guicang.parties.operations import keep
from guicang.policy.facts import FieldInfo
from guicang.policy.queries import FlowInfo
from guicang.returns.deadlines import Timer
from guicang.returns.lifecycle import LineKind, Type
from guicang.returns.models import Clock, Return, ReturnLine
from guicang.returns.operations import answering, approvals, events, owning
from guicang.returns.operations import clocks as ticking
from guicang.returns.operations.followup import link_gifts
from guicang.returns.operations.numbering import return_numbers
from guicang.returns.operations.persons import Whose, persons_behind
from guicang.returns.operations.sight import Sight
from guicang.sales import operations as sales
from guicang.sales.models import ReturnLabel


def stays(verdict: Mapping[str, Any], context: Context) -> bool:
    """The policy lets so little stay with a buyer who asks himself; staff enter what they mean."""
    return context.actor.kind == "customer" and bool(verdict.get("keeps"))


def kept(line: dict[str, Any]) -> dict[str, Any]:
    """Goods that were to come back stay with the buyer; the refund is the same."""
    if line["kind"] != LineKind.GOODS or line["resolution"] != Type.REFUND:
        return line
    return {**line, "kind": str(LineKind.KEEP), "resolution": str(Type.REFUND_ONLY)}


@dataclass(frozen=True, slots=True)
class Told:
    """What was answered with a request to the company's own fields."""

    header: Mapping[str, Any]
    order_id: UUID
    answers: answering.Kept


def keep_told(made: Iterable[Told], sight: Sight, context: Context) -> None:
    """Write answers; texts go to the vault, as their person's. 2 statements where there are any, 3 more with texts."""
    told = [one for one in made if one.answers]
    if not told:
        return
    persons = persons_behind(Whose(one.header["id"], one.header["customer_id"], one.order_id) for one in told)
    rows = [
        (one.header["id"], persons[one.header["id"]], sight.fields[one.header["company_id"]], one.answers)
        for one in told
    ]
    keep(context, answering.write(rows, context))


def outcome_of(index: int, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Outcome:
    """What a new return is told by: its lines, and the stage of its approval where it has one."""
    staged = {"stage": header["stage"]} if "stage" in header else {}
    return Outcome(index, header["id"], data={"lines": [line["id"] for line in lines], **staged})


def write_requests(
    made: Sequence[tuple[dict[str, Any], list[dict[str, Any]]]],
    timers: Mapping[UUID, Sequence[Timer]],
    flows: Mapping[UUID, FlowInfo],
    told: Mapping[UUID, Told],
    sight: Sight,
    context: Context,
) -> None:
    """Write headers with their lines and clocks, and the stages of those that have a flow.

    About 12 statements a thousand, 2 more with flows, up to 8 with rules about who gets what. Locks ranges, then
    audit heads. `timers`: deadlines that came with requests and those of their first stage, by the return's id.
    """
    link_gifts(made, {key: order.withheld for key, order in sight.orders.items()})
    claims: dict[UUID, int] = {}
    rows: list[dict[str, Any]] = []
    _number([header for header, _ in made])
    for header, lines in made:
        for position, line in enumerate(lines, 1):
            rows.append({**line, "parent_id": header["id"], "position": position})
            if line["claimed"]:
                claims[line["shipment_line_id"]] = claims.get(line["shipment_line_id"], 0) + line["claimed"]
    sales.claim(claims)
    clocks = ticking.begin([header for header, _ in made], timers, context)
    owners = owning.begin([header for header, _ in made], context)
    setwrites.insert(Return, [header for header, _ in made])
    setwrites.insert(ReturnLine, rows)
    setwrites.insert(Clock, clocks)
    approvals.open_flows(list(flows.items()), context.actor, context.now)
    catalog.hold_serials(
        {(row["sku_id"], row["serial"]): row["id"] for row in rows if row["serial"] and row["claimed"]}
    )
    sales.label_orders({row["order_id"]: ReturnLabel.IN_PROGRESS for row in rows if row["order_id"] != NIL})
    owning.write(owners, context)
    if context.origin == Origin.LIVE:
        # A withdrawal has an acknowledgement of its own.
        outbox.queue(context, [_notice(header) for header, _ in made if not header["withdrawal"]])
        events.queue(context, "request", [_change(header) for header, _ in made])
    trail = [_trail(header, lines, flows.get(header["id"])) for header, lines in made]
    for entry, (header, lines) in zip(trail, made, strict=True):
        if header["id"] in told:
            _add_answers(entry.after, lines, sight.fields[header["company_id"]], told[header["id"]].answers)
    record(context, trail)


def _add_answers(
    after: Any, lines: Sequence[Mapping[str, Any]], known: Mapping[str, FieldInfo], answers: answering.Kept
) -> None:
    """To the trail of a request, without texts."""
    if NIL in answers:
        after["fields"] = answering.told(known, answers[NIL])
    for position, line in enumerate(lines, 1):
        if line["id"] in answers:
            after[f"line{position}"]["fields"] = answering.told(known, answers[line["id"]])


def _number(headers: Sequence[dict[str, Any]]) -> None:
    given = return_numbers((header["company_id"], header["requested_at"].year) for header in headers)
    for header, number in zip(headers, given, strict=True):
        header["number"] = number


def _notice(header: Mapping[str, Any]) -> outbox.Message:
    return notifications.message(
        "return_requested",
        owner_kind="customer",
        owner_id=header["customer_id"],
        aggregate_id=header["id"],
        data={"number": header["number"]},
    )


def _change(header: Mapping[str, Any]) -> events.Change:
    ids = header["id"], header["company_id"], header["shop_id"]
    return events.Change(*ids, header["number"], header["currency"], "", header["state"], 0, 0, header["requested_at"])


def _trail(header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], flow: FlowInfo | None) -> AuditEntry:
    after: dict[str, Any] = {name: header[name] for name in ("number", "type", "customer_id", "verdict", "linked_id")}
    if header["withdrawal"]:
        after["withdrawal"] = True
    if header["refund_to"]:
        after["refund_to"], after["credit_consented"] = header["refund_to"], header["credit_consented"]
    if flow is not None:
        after["flow"], after["stage"] = flow.code, header["stage"]
    for position, line in enumerate(lines, 1):
        kept = (
            "kind",
            "order_line_id",
            "shipment_line_id",
            "sku_id",
            "requested",
            "claimed",
            "recorded_minor",
            "reason",
        )
        after[f"line{position}"] = {name: line[name] for name in kept}
    return AuditEntry(header["company_id"], "return", header["id"], "request", {}, after, "", header["requested_at"])
