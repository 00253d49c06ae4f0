"""Past documents through the life of a return: the same steps as live ones, with their dates and amounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.intake.documents import MONEY_ONLY, TYPES
from guicang.intake.matched import BOOKED, UNMATCHED, Claim, Piece, match
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.returns import queries
from guicang.returns.lifecycle import Type
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.inspect import Inspecting, inspect
from guicang.returns.steps.inspect import Part as Inspected
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.settle import Settlement, settle

#: How such a return was entered, and what its receipts are known by.
ENTERED_BY = "import"
_KEPT = frozenset({str(Type.REFUND_ONLY)})


class _Back(Exception):
    """Some documents were refused: undo the set, and take the others alone."""

    def __init__(self, refused: dict[int, Refusal]) -> None:
        super().__init__(len(refused))
        self.refused = refused


def carry_out(claims: Sequence[Claim], *, actor: Actor, now: datetime) -> dict[int, Refusal]:
    """Make, receive, inspect, settle and close a return of each document; the refused ones by their position.

    A document is taken whole or not at all: where a step refuses one, the set is undone and taken again without
    it, matched anew, since what it would have taken is free for the others. Pieces get the ids of their returns
    and lines, and what was beyond the sale's remainder.
    """
    refused: dict[int, Refusal] = {}
    left = list(claims)
    while left:
        try:
            with transaction.atomic():
                _Life(left, actor, now).run()
            break
        except _Back as back:
            refused |= {left[index].document.group.position: refusal for index, refusal in back.refused.items()}
            left = [claim for index, claim in enumerate(left) if index not in back.refused]
            match(left)
    return refused


class _Life:
    """One set of documents on its way through the steps."""

    def __init__(self, claims: Sequence[Claim], actor: Actor, now: datetime) -> None:
        self._claims = claims
        self._actor, self._now = actor, now

    def run(self) -> None:
        """Raises _Back where a step refuses a document."""
        booked = [(index, claim) for index, claim in enumerate(self._claims) if claim.of(BOOKED)]
        ids = self._request(booked, BOOKED, {})
        waiting = [(index, claim) for index, claim in enumerate(self._claims) if claim.of(UNMATCHED)]
        self._request(waiting, UNMATCHED, ids)
        self._authorise(booked)
        self._receive(booked)
        self._settle(booked)
        self._close(booked)
        self._note_amounts()

    def _check(self, of: Sequence[tuple[int, Claim]], outcomes: Sequence[Outcome]) -> None:
        refused = {
            index: outcome.refusals[0] for (index, _), outcome in zip(of, outcomes, strict=True) if not outcome.ok
        }
        if refused:
            raise _Back(refused)

    def _request(self, of: Sequence[tuple[int, Claim]], bucket: str, linked: dict[int, UUID]) -> dict[int, UUID]:
        requests = [_request_of(claim, bucket, linked.get(index, NIL)) for index, claim in of]
        outcomes = request(requests=requests, actor=self._actor, now=self._now, origin=Origin.HISTORY)
        self._check(of, outcomes)
        made: dict[int, UUID] = {}
        for (index, claim), outcome in zip(of, outcomes, strict=True):
            made[index] = outcome.id or NIL
            for piece, line_id in zip(claim.of(bucket), outcome.data["lines"], strict=True):
                piece.return_id, piece.return_line_id = made[index], line_id
        return made

    def _authorise(self, of: Sequence[tuple[int, Claim]]) -> None:
        items = [Authorisation(_return_id(claim), occurred_at=claim.at) for _, claim in of]
        self._check(of, authorise(authorisations=items, actor=self._actor, now=self._now, origin=Origin.HISTORY))

    def _receive(self, of: Sequence[tuple[int, Claim]]) -> None:
        """What came back is received, accepted, and goes where the document says: back to stock, else."""
        of = [(index, claim) for index, claim in of if _came(claim)]
        receipts = [
            Receiving(
                _return_id(claim),
                [Arrived(piece.return_line_id, abs(piece.units)) for piece in _came(claim)],
                key=ENTERED_BY,
                occurred_at=claim.at,
            )
            for _, claim in of
        ]
        self._check(of, receive(receipts=receipts, actor=self._actor, now=self._now, origin=Origin.HISTORY))
        inspections = [
            Inspecting(_return_id(claim), [_inspected(piece) for piece in _came(claim)], occurred_at=claim.at)
            for _, claim in of
        ]
        self._check(of, inspect(inspections=inspections, actor=self._actor, now=self._now, origin=Origin.HISTORY))

    def _settle(self, of: Sequence[tuple[int, Claim]]) -> None:
        items = [Settlement(_return_id(claim), occurred_at=claim.at) for _, claim in of]
        self._check(of, settle(settlements=items, actor=self._actor, now=self._now, origin=Origin.HISTORY))

    def _close(self, of: Sequence[tuple[int, Claim]]) -> None:
        items = [Closing(_return_id(claim), occurred_at=claim.at) for _, claim in of]
        self._check(of, close(closings=items, actor=self._actor, now=self._now, origin=Origin.HISTORY))

    def _note_amounts(self) -> None:
        pieces = {piece.return_line_id: piece for claim in self._claims for piece in claim.of(BOOKED)}
        for line_id, (_, beyond) in queries.settled_lines(pieces).items():
            if pieces[line_id].sold is not None:
                pieces[line_id].price_difference_minor = beyond


def _return_id(claim: Claim) -> UUID:
    return claim.of(BOOKED)[0].return_id


def _came(claim: Claim) -> list[Piece]:
    """The goods of a document that came back."""
    kept = TYPES.get(claim.document.type, "") in _KEPT
    return [piece for piece in claim.of(BOOKED) if piece.sold is not None and not kept]


def _request_of(claim: Claim, bucket: str, linked: UUID) -> Request:
    document = claim.document
    resolution = TYPES.get(document.type, str(Type.REFUND))
    return Request(
        shop_id=claim.place.shop_id,
        customer_id=claim.customer_id,
        lines=[_wanted(piece, resolution) for piece in claim.of(bucket)],
        currency=document.currency,
        entered_by=ENTERED_BY,
        warehouse_id=claim.warehouse_id,
        occurred_at=claim.at,
        source_document=document.number,
        linked_id=linked,
        link_kind="" if bucket == BOOKED else UNMATCHED,
    )


def _wanted(piece: Piece, resolution: str) -> Wanted:
    line = piece.line
    if piece.bucket == UNMATCHED:
        return Wanted(
            quantity=abs(piece.units),
            reason=line.reason,
            sku_id=piece.sku_id,
            serial=line.serial,
            recorded_minor=piece.recorded_minor,
        )
    if piece.sold is None:
        return Wanted(
            resolution=MONEY_ONLY, reason=line.reason, money_kind=line.kind, recorded_minor=piece.recorded_minor
        )
    return Wanted(
        order_line_id=piece.sold.order_line_id,
        quantity=abs(piece.units),
        reason=line.reason,
        resolution=resolution,
        shipment_line_id=piece.sold.shipment_line_id,
        serial=piece.sold.serial,
        recorded_minor=piece.recorded_minor,
    )


def _inspected(piece: Piece) -> Inspected:
    line = piece.line
    accepted = line.disposition != "send_back"
    return Inspected(
        piece.return_line_id, abs(piece.units), disposition=line.disposition, accepted=accepted, grade=line.grade
    )
