"""What a form says, as the step wants it. Field names: `units.<line>`, `reason`; an empty field says nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from guicang.desk.instead import chosen_for, exchanged, of_line, sent_ahead
from guicang.desk.leaving import sent_out
from guicang.desk.mending import REPAIRS
from guicang.desk.money_form import settlement_of
from guicang.desk.typed import amounts, number, units, uuids
from guicang.insights import orders as sold
from guicang.insights.choices import asked_as, of_request
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Outcome, Refused
from guicang.policy.rules import MOST_STAGES
from guicang.returns import errors
from guicang.returns import queries as returns
from guicang.returns.lifecycle import Disposition, Type
from guicang.returns.operations import talks
from guicang.returns.operations.evidence import Removal, Showing, add_evidence, remove_evidence
from guicang.returns.operations.notes import Noting, add_notes
from guicang.returns.rules import PARCEL_REFUSED, PARCEL_STOPPED
from guicang.returns.steps.accept_offer import Acceptance, accept_offer
from guicang.returns.steps.answer import Answer, answer
from guicang.returns.steps.appeal import Appeal, appeal
from guicang.returns.steps.ask import Question, ask
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.clear_risk import Clearing, clear_risk
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.counter import Handed, Handover, take_back
from guicang.returns.steps.deadline import Deadline, set_deadlines
from guicang.returns.steps.decline_offer import Declination, decline_offer
from guicang.returns.steps.expire import Expiry, expire
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.offer import Offering, offer
from guicang.returns.steps.price import Pricing, price
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.redispose import Redisposition, redispose
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.release import Release, release
from guicang.returns.steps.request import Request, Wanted, request_once
from guicang.returns.steps.retype import Retyping, retype
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import settle
from guicang.returns.steps.ship import Sending, ship
from guicang.returns.steps.short_close import ShortClosing, short_close
from guicang.sales.queries import OrderHead
from guicang.ui import fields, pictures
from guicang.ui.amounts import typed_grams, typed_minor

Ids = Sequence[UUID]
Step = Callable[[Ids, QueryDict, Actor, datetime], list[Outcome]]
#: What the order's form calls a parcel that the buyer refused, or that was stopped: its reason.
NEVER_DELIVERED = (PARCEL_REFUSED, PARCEL_STOPPED)
#: Numbers of approval stages, as forms name them.
STAGES = {str(number) for number in range(1, MOST_STAGES + 1)}


def _authorise(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    wanted, why = units(given, "units"), given.get("reason", "")
    items = [Authorisation(pk, wanted, why, stage=_stage(given)) for pk in ids]
    return authorise(authorisations=items, actor=actor, now=now)


def _stage(given: QueryDict) -> int | None:
    """The approval stage that the form was made for; None where it names none."""
    typed = given.get("stage", "")
    return int(typed) if typed in STAGES else None


def _receive(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    """With no quantities everything that is awaited came, as one parcel.

    Raises Refused where what was typed is no weight.
    """
    said = units(given, "units")
    arrived = {pk: said for pk in ids} if said else returns.awaited_units(ids)
    grams = typed_grams(given.get("weight", ""))
    if grams is None:
        raise Refused([errors.BadWeight(typed=given.get("weight", "")[:40])])
    return receive(
        receipts=[
            Receiving(
                pk,
                _arrived(given, arrived.get(pk, {})),
                key=given.get("key", "") or f"desk:{pk.hex}:{now.isoformat()}",
                weight_g=grams,
            )
            for pk in ids
        ],
        actor=actor,
        now=now,
    )


def _arrived(given: QueryDict, rows: dict[UUID, int]) -> list[Arrived]:
    """What came of the lines, and goods that no line expects."""
    came = [Arrived(line, count, lot=given.get(f"lot.{line}", "").strip()) for line, count in rows.items()]
    found, count = uuids([given.get("wrong_sku", "")]), number(given.get("wrong_units", ""))
    return [*came, Arrived(quantity=count, sku_id=found[0])] if found and count else came


def _inspect(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    """`accept.<disposition>.<line>` and `reject.<line>`: how many units of a line go where.

    `condition`, `missing`, `serial` of a line: how all that is counted of it was found.
    """
    parts = []
    for name, text in given.items():
        pieces = name.split(".")
        count = number(str(text)) if pieces[0] in ("accept", "reject") else 0
        keys = uuids(pieces[-1:])
        if not count or not keys:
            continue
        part = Part(
            keys[0],
            count,
            found_serial=given.get(f"serial.{keys[0]}", "").strip(),
            found_condition=given.get(f"condition.{keys[0]}", ""),
            missing=given.getlist(f"missing.{keys[0]}"),
            found_fault=given.get(f"fault.{keys[0]}", ""),
        )
        rejected = pieces[0] == "reject"
        parts.append(replace(part, accepted=False) if rejected else replace(part, disposition=pieces[1]))
    return inspect(inspections=[Inspecting(pk, parts) for pk in ids], actor=actor, now=now)


def _settle(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    return settle(settlements=[settlement_of(pk, given) for pk in ids], actor=actor, now=now)


def _release(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    items = [Release(pk, given.get("accept") == "1", given.get("reason", "")) for pk in ids]
    return release(releases=items, actor=actor, now=now)


def _short_close(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    said = units(given, "units")
    lines = {pk: said for pk in ids} if said else returns.awaited_units(ids)
    lost, why = given.get("lost") == "1", given.get("reason", "")
    return short_close(closings=[ShortClosing(pk, lines.get(pk, {}), why, lost) for pk in ids], actor=actor, now=now)


def _ship(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    carrier, tracking = given.get("carrier", "").strip(), given.get("tracking", "").strip()
    return ship(shipments=[Sending(pk, carrier[:40], tracking[:80]) for pk in ids], actor=actor, now=now)


def _redispose(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    """`inspection` must be one of the return's own: the address says which return is meant."""
    rows = [pk for pk in uuids([given.get("inspection", "")]) if returns.parents_of_inspections([pk]).get(pk) in ids]
    count, why = number(given.get("quantity", "")), given.get("reason", "")
    disposition = given.get("disposition", "")
    if not rows or disposition not in set(Disposition):
        raise Refused([errors.Nothing()])
    items = [Redisposition(rows[0], count, disposition, why)]
    return redispose(redispositions=items, actor=actor, now=now)


def _reverse(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    rows = [pk for pk in uuids([given.get("settlement", "")]) if returns.parents_of_settlements([pk]).get(pk) in ids]
    if not rows:
        raise Refused([errors.Nothing()])
    return reverse_settlement(reversals=[Reversal(rows[0], given.get("reason", ""))], actor=actor, now=now)


def _offer(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    """One amount for each of the returns, in its own currency. Raises Refused where that is none."""
    items = []
    for pk in ids:
        amount = typed_minor(given.get("amount", ""), talks.currency_of(pk))
        if amount is None:
            raise Refused([errors.OfferAmount()])
        items.append(Offering(pk, amount, given.get("reason", "")))
    return offer(offers=items, actor=actor, now=now)


def _accept_offer(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    items = [Acceptance(pk, number(given.get("number", "")), given.get("reason", "")) for pk in ids]
    return accept_offer(acceptances=items, actor=actor, now=now)


def _decline_offer(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    items = [Declination(pk, number(given.get("number", ""))) for pk in ids]
    return decline_offer(declinations=items, actor=actor, now=now)


def _price(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    """`price.<line>`: what it pays for all its units; an empty field leaves the line as it is."""
    currencies = returns.currencies(ids)
    typed = {pk: amounts(given, "price", currencies.get(pk, "")) for pk in ids}
    return price(pricings=[Pricing(pk, typed[pk], given.get("reason", "")) for pk in ids], actor=actor, now=now)


STEPS: dict[str, Step] = {
    "offer": _offer,
    "accept_offer": _accept_offer,
    "decline_offer": _decline_offer,
    "redispose": _redispose,
    "reverse_settlement": _reverse,
    "authorise": _authorise,
    "receive": _receive,
    "inspect": _inspect,
    "settle": _settle,
    "exchange": exchanged,
    "send_ahead": sent_ahead,
    "send_out": sent_out,
    **REPAIRS,
    "release": _release,
    "clear_risk": lambda ids, given, actor, now: clear_risk(
        clearings=[Clearing(pk, given.get("reason", "")) for pk in ids], actor=actor, now=now
    ),
    "short_close": _short_close,
    "ship": _ship,
    "ask": lambda ids, given, actor, now: ask(
        questions=[Question(pk, given.get("reason", "")) for pk in ids], actor=actor, now=now
    ),
    "answer": lambda ids, given, actor, now: answer(answers=[Answer(pk) for pk in ids], actor=actor, now=now),
    "reject": lambda ids, given, actor, now: reject(
        rejections=[Rejection(pk, given.get("reason", ""), stage=_stage(given)) for pk in ids], actor=actor, now=now
    ),
    "retype": lambda ids, given, actor, now: retype(
        retypings=[Retyping(pk, given.get("type", ""), given.get("reason", "")) for pk in ids], actor=actor, now=now
    ),
    "price": _price,
    "appeal": lambda ids, given, actor, now: appeal(
        appeals=[Appeal(pk, given.get("reason", "")) for pk in ids], actor=actor, now=now
    ),
    "cancel": lambda ids, given, actor, now: cancel(
        cancellations=[Cancellation(pk, given.get("reason", "")) for pk in ids], actor=actor, now=now
    ),
    "expire": lambda ids, given, actor, now: expire(expiries=[Expiry(pk) for pk in ids], actor=actor, now=now),
    "close": lambda ids, given, actor, now: close(closings=[Closing(pk) for pk in ids], actor=actor, now=now),
}


def request_for(order_id: UUID, given: QueryDict, actor: Actor, now: datetime) -> Outcome | None:
    """A return of an order as the form asks; None where the actor sees no such order. The same form again (`key`)
    is the same return.
    """
    order = sold.head(order_id, actor.scope)
    if order is None:
        return None
    try:
        item = _request(order, given)
    except Refused as refused:
        return Outcome(0, None, list(refused.refusals))
    return request_once(item, key=given.get("key", ""), actor=actor, now=now)


def checked_for(
    order_id: UUID,
    given: QueryDict,
    actor: Actor,
    now: datetime,
    asked: Callable[[OrderHead, QueryDict], Request] | None = None,
) -> sold.Checked | None:
    """What the policy says of the return that the form asks for, and what it would pay; writes nothing."""
    order = sold.head(order_id, actor.scope)
    if order is None:
        return None
    try:
        item = (asked or _request)(order, given)
        found = sold.check(item, actor, now)
        return found if asked or found.refusals else replace(found, choices=of_request(item, actor, now))
    except Refused as refused:
        return sold.Checked(list(refused.refusals))


def _request(order: OrderHead, given: QueryDict) -> Request:
    """Raises Refused for units that are no numbers."""
    wanted = units(given, "units")
    reason, resolution = given.get("reason", ""), given.get("resolution", "") or "refund"
    if resolution in NEVER_DELIVERED:
        reason, resolution = resolution, "refused_parcel"
    said = fields.typed(given)
    plain = asked_as(Wanted(reason=reason, condition=given.get("condition", "")), resolution)
    lines = [of_line(plain, given, line, count, order.company_id) for line, count in wanted.items()]
    return Request(
        order.shop_id,
        order.customer_id,
        lines,
        currency=order.currency,
        entered_by=given.get("entered_by", "") or "phone",
        override=given.get("override", ""),
        answers=fields.of_line(said, ""),
        refund_to=given.get("refund_to", ""),
        consented=given.get("consented") == "1",
    )


def at_counter(order: OrderHead, given: QueryDict) -> Request:
    """What the counter's form asks for, before goods and money move. Raises Refused for units that are no numbers."""
    said = fields.typed(given)
    lines = [
        of_line(_at(given, line, order), given, line, count, order.company_id)
        for line, count in units(given, "units").items()
    ]
    return Request(
        order.shop_id,
        order.customer_id,
        lines,
        currency=order.currency,
        entered_by="counter",
        override=given.get("override", ""),
        answers=fields.of_line(said, ""),
    )


def _at(given: QueryDict, line: UUID, order: OrderHead) -> Wanted:
    """What is asked for of a line at the counter: new goods where any are named, else its money."""
    swapped = bool(chosen_for(given, line, 1, order.company_id))
    return Wanted(reason=given.get(f"reason.{line}", ""), resolution=Type.EXCHANGE if swapped else Type.REFUND)


def take_back_for(order_id: UUID, given: QueryDict, actor: Actor, now: datetime) -> Outcome | None:
    """A return of an order at the counter, as its form says line by line; None where the actor sees no such order."""
    order = sold.head(order_id, actor.scope)
    if order is None:
        return None
    try:
        lines = [_handed(line, count, given, order) for line, count in units(given, "units").items()]
    except Refused as refused:
        return Outcome(0, None, list(refused.refusals))
    item = Handover(
        order.shop_id,
        order.customer_id,
        next(iter(uuids([given.get("warehouse", "")])), NIL),
        lines,
        currency=order.currency,
        shipping=given.get("shipping", "").strip(),
        reference=given.get("reference", "").strip(),
        override=given.get("override", ""),
        answers=fields.of_line(fields.typed(given), ""),
        paid_by=given.get("paid_by", ""),
        paid_reference=given.get("paid_reference", "").strip(),
    )
    return take_back(item, key=given.get("key", "") or new_id().hex, actor=actor, now=now)


def _handed(line: UUID, count: int, given: QueryDict, order: OrderHead) -> Handed:
    return Handed(
        line,
        count,
        given.get(f"reason.{line}", ""),
        given.get(f"disposition.{line}", "") or Disposition.RESTOCK,
        given.get(f"grade.{line}", ""),
        found_serial=given.get(f"serial.{line}", "").strip(),
        answers=fields.of_line(fields.typed(given), line),
        instead=chosen_for(given, line, count, order.company_id),
    )


def write_note(return_id: UUID, given: QueryDict, actor: Actor, now: datetime) -> Outcome:
    return add_notes(notes=[Noting(return_id, given.get("text", ""))], actor=actor, now=now)[0]


def set_deadline(return_id: UUID, given: QueryDict, actor: Actor, now: datetime) -> Outcome:
    """The platform's deadline, typed in the reader's zone; empty: there is none."""
    typed, then = given.get("due_at", "").strip(), given.get("then", "") or "nothing"
    try:
        found = parse_datetime(typed) if typed else None
    except ValueError:
        found = None
    if typed and found is None:
        return Outcome(0, return_id, [errors.BadChoice(column="due_at", value=typed[:40])])
    due_at = timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found
    return set_deadlines(deadlines=[Deadline(return_id, due_at, then)], actor=actor, now=now)[0]


def show_pictures(
    return_id: UUID, files: Sequence[UploadedFile[Any]], line: str, actor: Actor, now: datetime
) -> list[Outcome]:
    """Pictures of a return, or of the line that the form names; nothing where no file was chosen."""
    shown, lines = pictures.read(files), uuids([line])
    items = [Showing(return_id, data, lines[0] if lines else NIL) for data in shown]
    return add_evidence(pictures=items, actor=actor, now=now) if items else []


def remove_pictures(return_id: UUID, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    items = [Removal(return_id, key, given.get("reason", "")) for key in uuids(given.getlist("pick"))]
    return remove_evidence(removals=items, actor=actor, now=now) if items else []
