"""Store credit: balances are opened under lock, moved in memory, and written in one go.

A caller that settles or records a payment opens the balances after it has the tenders (the lock order), moves them
while it plans, and writes them with its own rows. Money lies in its cause's entry; a bonus, what runs out and what
is adjusted by hand bring entries of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.audit.operations import AuditEntry
from guicang.kernel import setwrites
from guicang.kernel.commands import Context, KeyReused
from guicang.kernel.ids import NIL, derived_id, new_id
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refusal, Refused
from guicang.payments import errors
from guicang.payments.models import CreditAccount, CreditLot, CreditMovement, CreditPart, MovementKind
from guicang.payments.rules import credit as rules
from guicang.payments.rules.credit import Lot, Part

#: The party of a leg of `store_credit` that is a balance of ours: the account. Others are credit kept elsewhere.
PARTY = "credit"
ROLE = "store_credit"
#: Kinds whose entry is made here, with the account that stands against the liability.
_CONTRA = {
    MovementKind.BONUS: "promo_expense",
    MovementKind.BONUS_BACK: "promo_expense",
    MovementKind.ADJUSTED: "goodwill_expense",
}
_EXPIRED = {rules.BONUS: "promo_expense", rules.MONEY: "credit_expired"}


class AccountKey(NamedTuple):
    company_id: UUID
    customer_id: UUID
    currency: str

    @property
    def id(self) -> UUID:
        return derived_id("credit-account", *self)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why and when a balance moves. `key` makes the same act count once; `booked`: whether our books have it."""

    key: str
    at: datetime
    booked: bool
    settlement_id: UUID = NIL
    order_id: UUID = NIL
    reason: str = ""
    rate: Decimal = Decimal(1)


@dataclass(slots=True)
class Move:
    kind: MovementKind
    cause: Cause
    parts: Sequence[Part]
    contra: str = ""
    id: UUID = field(default_factory=new_id)

    @property
    def amount_minor(self) -> int:
        return sum(part.amount_minor for part in self.parts)


@dataclass(slots=True)
class Balance:
    """An account while a set works on it: its lots move on, and what moved them waits to be written."""

    key: AccountKey
    id: UUID
    lots: dict[UUID, Lot] = field(default_factory=dict)
    #: Amounts by key of what was done before.
    done: dict[str, int] = field(default_factory=dict)
    #: By order, what of it was paid by which lots (negative), less what came back.
    spent: dict[UUID, dict[UUID, int]] = field(default_factory=dict)
    new: list[Lot] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    @property
    def balance_minor(self) -> int:
        return sum(lot.left_minor for lot in self.lots.values())

    def usable(self, now: datetime) -> int:
        return rules.usable(self.lots.values(), now)

    def spent_on(self, order_id: UUID) -> int:
        """What of the order is paid by this balance, less what came back."""
        return -sum(self.spent.get(order_id, {}).values())

    def issue(self, kind: MovementKind, lot: Lot, cause: Cause) -> None:
        """Money of a refund, a bonus, or more by hand."""
        if self._known(cause, lot.issued_minor):
            return
        self.lots[lot.id] = lot
        self.new.append(lot)
        self._move(kind, cause, rules.add(lot))

    def spend(self, amount: int, cause: Cause) -> None:
        """Raises Refused(CreditShort)."""
        if self._known(cause, -amount):
            return
        if (left := self.usable(cause.at)) < amount:
            raise Refused([self._refuse(errors.CreditShort, left=left, wanted=amount)])
        self._move(MovementKind.SPENT, cause, rules.spend(self.lots.values(), amount, cause.at))

    def restore(self, amount: int, cause: Cause) -> None:
        """What an order was paid with comes back, its expiry as it was. Raises Refused(CreditNotSpent)."""
        if self._known(cause, amount):
            return
        if (most := self.spent_on(cause.order_id)) < amount:
            raise Refused([self._refuse(errors.CreditNotSpent, most=most, wanted=amount)])
        spent = [Part(*each) for each in self.spent[cause.order_id].items()]
        self._move(MovementKind.RESTORED, cause, rules.restore(self.lots, spent, amount))

    def take_back(self, amount: int, own: Iterable[UUID], cause: Cause) -> None:
        """A reversal takes money back: from the lots it made, then from the others. Raises Refused(CreditSpent)."""
        if self._known(cause, -amount):
            return
        if refusals := self.short_by(amount):
            raise Refused(refusals)
        self._move(MovementKind.TAKEN_BACK, cause, rules.take_back(self.lots.values(), amount, own))

    def short_by(self, amount: int) -> list[Refusal]:
        """Why so much cannot be taken back; [] where it can."""
        left = self.balance_minor
        return [self._refuse(errors.CreditSpent, left=left, wanted=amount)] if left < amount else []

    def take_bonus_back(self, amount: int, own: Iterable[UUID], cause: Cause) -> None:
        """After the money: as much of the bonus as is still there. What was spent of it stays promotion's expense."""
        if cause.key in self.done:
            return
        if parts := rules.take_back(self.lots.values(), amount, own):
            self._move(MovementKind.BONUS_BACK, cause, parts)

    def expire(self, now: datetime, booked: bool) -> None:
        """What ran out by `now` goes; a movement a lot. A repeat finds nothing left."""
        for lot in rules.gone(self.lots.values(), now):
            cause = Cause(f"expired:{new_id().hex}", now, booked, lot.settlement_id, rate=lot.rate)
            part, lot.left_minor = Part(lot.id, -lot.left_minor), 0
            self._move(MovementKind.EXPIRED, cause, [part], _EXPIRED[lot.kind])

    def adjust(self, amount: int, cause: Cause) -> None:
        """By hand: up as a lot that never runs out, down from what runs out first. Raises Refused(CreditShort)."""
        if amount > 0:
            self.issue(MovementKind.ADJUSTED, Lot(rules.MONEY, amount, rate=cause.rate), cause)
            return
        if self._known(cause, amount):
            return
        if self.balance_minor < -amount:
            raise Refused([self._refuse(errors.CreditShort, left=self.balance_minor, wanted=-amount)])
        self._move(MovementKind.ADJUSTED, cause, rules.take_back(self.lots.values(), -amount, ()))

    def _refuse(self, refusal: type[Refusal], **minors: int) -> Refusal:
        """A refusal with amounts that people read."""
        currency = self.key.currency
        return refusal(**{name: f"{from_minor(minor, currency)} {currency}" for name, minor in minors.items()})

    def _known(self, cause: Cause, amount: int) -> bool:
        """Done before. Raises Refused(KeyReused) where the same key says another amount."""
        if cause.key not in self.done:
            return False
        if self.done[cause.key] != amount:
            raise Refused([KeyReused(key=cause.key)])
        return True

    def _move(self, kind: MovementKind, cause: Cause, parts: Sequence[Part], contra: str = "") -> None:
        move = Move(kind, cause, parts, contra or _CONTRA.get(kind, ""))
        self.moves.append(move)
        self.done[cause.key] = move.amount_minor
        if cause.order_id != NIL:
            held = self.spent.setdefault(cause.order_id, {})
            for part in parts:
                held[part.lot_id] = held.get(part.lot_id, 0) + part.amount_minor


def open_balances(
    keys: Iterable[AccountKey], *, causes: Iterable[str] = (), order_ids: Iterable[UUID] = (), lock: bool = True
) -> dict[AccountKey, Balance]:
    """Balances by key, locked, made where there are none (`lock` False: only read). 5 statements a thousand.

    `causes`: keys of what is about to be done, to find what was done before. `order_ids`: whose spendings may come
    back.
    """
    wanted = sorted(set(keys))
    found = {key.id: Balance(key, key.id) for key in wanted}
    if lock:
        rows = [{"id": key.id, **key._asdict()} for key in wanted]
        setwrites.insert(CreditAccount, rows, ignore_conflicts=True)
        setwrites.fetch(CreditAccount, found, lock=True, only=("id",))
    for row in setwrites.fetch(CreditLot, found, key="account_id"):
        lot = Lot(row.kind, row.issued_minor, row.left_minor, row.expires_at, row.settlement_id, row.rate, row.warned)
        lot.id = row.id
        found[row.account_id].lots[row.id] = lot
    done = CreditMovement.objects.filter(account_id__among=sorted(found), key__among=sorted(set(causes)))
    for account_id, key, amount in done.values_list("account_id", "key", "amount_minor"):
        found[account_id].done[key] = amount
    _read_spent(found, order_ids)
    return {balance.key: balance for balance in found.values()}


def _read_spent(found: Mapping[UUID, Balance], order_ids: Iterable[UUID]) -> None:
    wanted = sorted(set(order_ids) - {NIL})
    if not wanted:
        return
    parts = CreditPart.objects.filter(movement__order_id__among=wanted, movement__account_id__among=sorted(found))
    read = parts.values_list("movement__account_id", "movement__order_id", "lot_id", "amount_minor")
    for account_id, order_id, lot_id, amount in read:
        held = found[account_id].spent.setdefault(order_id, {})
        held[lot_id] = held.get(lot_id, 0) + amount


def write(context: Context, balances: Iterable[Balance]) -> list[AuditEntry]:
    """Write what moved, with the entries that its causes do not make. About 11 statements a thousand.

    The trail's rows go back to the caller: one whose own rows tell it already leaves them.
    """
    touched = [balance for balance in balances if balance.moves]
    if not touched:
        return []
    pairs = [(balance, move) for balance in touched for move in balance.moves]
    days = accounting.book_dates([b.key.company_id for b, _ in pairs], [move.cause.at for _, move in pairs])
    own = [(balance, move) for balance, move in pairs if move.contra and move.cause.booked]
    posted = accounting.post(context, [_posting(balance, move) for balance, move in own])
    entries = {move.id: entry for (_, move), entry in zip(own, posted, strict=True)}
    setwrites.insert(CreditLot, [_lot_row(balance, lot) for balance in touched for lot in balance.new])
    moves, parts = [], []
    for (balance, move), day in zip(pairs, days, strict=True):
        moves.append({**_move_row(balance, move, entries.get(move.id, NIL)), "book_date": day, **context.stamps})
        stamps = {"occurred_at": move.cause.at, "book_date": day, **context.stamps}
        for part in move.parts:
            parts.append({"id": new_id(), "movement_id": move.id, **part._asdict(), **stamps})
    setwrites.insert(CreditMovement, moves)
    setwrites.insert(CreditPart, parts)
    _store(touched)
    return [_trail(balance, move) for balance, move in pairs]


def _posting(balance: Balance, move: Move) -> accounting.Posting:
    amount = move.amount_minor
    return accounting.Posting(
        company_id=balance.key.company_id,
        event=f"credit_{move.kind}",
        source_kind="credit",
        source_id=move.id,
        occurred_at=move.cause.at,
        currency=balance.key.currency,
        legs=[accounting.Leg(move.contra, amount), leg(balance.id, -amount)],
        rate=move.cause.rate,
    )


def leg(account_id: UUID, amount_minor: int, book_minor: int | None = None) -> accounting.Leg:
    """The liability of one account: what a settlement issues (< 0), what it takes back (> 0)."""
    return accounting.Leg(ROLE, amount_minor, book_minor, PARTY, account_id)


def _lot_row(balance: Balance, lot: Lot) -> dict[str, Any]:
    return {
        "id": lot.id,
        "account_id": balance.id,
        "kind": lot.kind,
        "issued_minor": lot.issued_minor,
        "left_minor": lot.left_minor,
        "expires_at": lot.expires_at,
        "settlement_id": lot.settlement_id,
        "rate": lot.rate,
    }


def _move_row(balance: Balance, move: Move, entry_id: UUID) -> dict[str, Any]:
    cause = move.cause
    return {
        "id": move.id,
        "account_id": balance.id,
        "kind": str(move.kind),
        "amount_minor": move.amount_minor,
        "key": cause.key,
        "settlement_id": cause.settlement_id,
        "order_id": cause.order_id,
        "reason": cause.reason,
        "booked": cause.booked,
        "entry_id": entry_id,
        "occurred_at": cause.at,
    }


def _store(touched: Sequence[Balance]) -> None:
    lots, accounts = [], []
    for balance in touched:
        new = {lot.id for lot in balance.new}
        moved = {part.lot_id for move in balance.moves for part in move.parts} - new
        lots += [{"id": key, "left_minor": balance.lots[key].left_minor} for key in sorted(moved)]
        accounts.append({"id": balance.id, "balance_minor": sum(move.amount_minor for move in balance.moves)})
        balance.moves, balance.new = [], []
    setwrites.update(CreditLot, lots, assign=["left_minor"])
    setwrites.update(CreditAccount, accounts, add=["balance_minor"])


def _trail(balance: Balance, move: Move) -> AuditEntry:
    after = {"kind": str(move.kind), "amount_minor": move.amount_minor, "currency": balance.key.currency}
    return AuditEntry(
        balance.key.company_id,
        "credit_account",
        balance.id,
        str(move.kind),
        {},
        after,
        move.cause.reason,
        move.cause.at,
    )
