"""By which way the cash of a settlement goes back: the tender itself or another method, at once or later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.money import target
from guicang.kernel.refusal import Refusal
from guicang.payments import errors
from guicang.payments.models import Refund
from guicang.payments.operations.cash import Cash
from guicang.payments.operations.credit import PARTY as CREDIT
from guicang.payments.operations.credit import AccountKey
from guicang.payments.rules import BACK, Method, RefundTo, State, Way, method_of, state_of, way_of, worst
from guicang.payments.rules.drawers import PARTY as DRAWER
from guicang.payments.rules.drawers import is_cash
from guicang.returns.errors import BadChoice, CreditNotOffered
from guicang.returns.models import Return
from guicang.returns.operations import inputs
from guicang.returns.operations.saleview import Account
from guicang.returns.settlement import Plan


@dataclass(slots=True)
class Payout:
    """Cash of one tender. `book_minor`: as how much the books hold it in refunds to pay (< 0: held no more)."""

    tender_id: UUID
    kind: str
    amount_minor: int
    promotional: bool
    method: str = BACK
    way: str = Way.AT_ONCE
    consented: bool = False
    posted: bool = False
    book_minor: int = 0
    #: The store credit account of ours that it goes to, or comes back from.
    account_id: UUID = NIL
    #: The cash drawer of ours that it goes out of, or comes back to.
    till_id: UUID = NIL

    @property
    def party(self) -> tuple[str, UUID]:
        """Whom the leg of the account names that it leaves."""
        if self.till_id != NIL:
            return DRAWER, self.till_id
        return (CREDIT, self.account_id) if self.account_id != NIL else ("", NIL)

    @property
    def owed(self) -> bool:
        """Whether its counterpart in the books is what is still to pay."""
        return state_of(self.way) == State.DUE or (self.method == Method.CREDITED and self.posted)


def chosen(wanted: str, consented: bool, verdict: Mapping[str, Any]) -> str:
    """The method that somebody asked for, or that the policy says; store credit never without the buyer's consent."""
    if wanted:
        return method_of(wanted)
    said = verdict.get("terms", {}).get("refund_to")
    return str(Method.STORE_CREDIT) if said == Method.STORE_CREDIT and consented else BACK


def refusals(wanted: str, consented: bool) -> list[Refusal]:
    found = inputs.unknown("refund_to", wanted, RefundTo) if wanted else []
    if wanted == Method.STORE_CREDIT and not consented:
        found.append(errors.ConsentMissing())
    return found


#: What the policy says where a buyer may choose store credit.
OFFERS_CREDIT = ("choice", "store_credit")


def wrong_wish(wanted: str, consented: bool, verdict: Mapping[str, Any], *, customer: bool) -> list[Refusal]:
    """What is asked for with a request: the way back as it was, or store credit where the policy offers it."""
    found = refusals(wanted, consented)
    if wanted not in ("", RefundTo.ORIGINAL, RefundTo.STORE_CREDIT):
        found.append(BadChoice(column="refund_to", value=wanted))
    offered = verdict.get("terms", {}).get("refund_to") in OFFERS_CREDIT
    if wanted == RefundTo.STORE_CREDIT and customer and not offered:
        found.append(CreditNotOffered())
    return found


def payouts(
    plan: Plan, account: Account | None, ways: Mapping[str, str], method: str, consented: bool, header: Return
) -> list[Payout]:
    """Promotional value and store credit go back to where they came from, whatever is asked (HARD-CASES 9); of a gift
    store credit goes to whoever brings it back.
    """
    if account is None:
        return _without_order(plan, ways, method)
    promotional = {tender.id for tender in account.sale.tenders if tender.promotional}
    found = []
    for tender_id, amount in plan.tenders:
        kind, is_promotional = account.tender_kinds[tender_id], tender_id in promotional
        own = tender_id in account.credit_tenders and not header.gift
        how = BACK if own or is_promotional else method
        agreed = consented and how == Method.STORE_CREDIT
        payout = Payout(tender_id, kind, amount, is_promotional, how, way_of(ways, how, kind), agreed)
        if own or how == Method.STORE_CREDIT:
            payout.account_id = credit_account_of(header)
        found.append(payout)
    return found


def _without_order(plan: Plan, ways: Mapping[str, str], method: str) -> list[Payout]:
    """No tender took it in: it goes to the customer's bank account, or over the counter; people pay it."""
    if not plan.cash_minor:
        return []
    how = method if method == Method.CASH else Method.BANK
    way = way_of(ways, how, "")
    by = way if way == Way.AT_ONCE else Way.BY_HAND
    return [Payout(NIL, "", plan.cash_minor, promotional=False, method=str(how), way=by)]


def in_exchange(
    plan: Plan, account: Account | None, ways: Mapping[str, str], moved: Mapping[UUID, int], header: Return
) -> list[Payout]:
    """What an exchange moves of each tender, to its like of the order in place of the goods; the rest goes back."""
    found = []
    method = str(Method.STORE_CREDIT) if header.gift else BACK
    for payout in payouts(plan, account, ways, method, header.gift, header):
        part = moved.get(payout.tender_id, 0)
        if part:
            found.append(Payout(payout.tender_id, payout.kind, part, payout.promotional, str(Method.EXCHANGE)))
        if part != payout.amount_minor:
            found.append(replace(payout, amount_minor=payout.amount_minor - part))
    return found


def credit_account_of(header: Return) -> UUID:
    """The balance of whoever brings the goods back: the buyer's, of a gift that of whoever was given it."""
    return AccountKey(header.company_id, header.customer_id, header.currency).id


def state_after(before: str, made: Sequence[Payout]) -> str:
    """What the refunds of a return say together once these were added."""
    return worst([before, *(state_of(each.way) for each in made)])


class SetOff:
    """Unpaid refunds of the orders of a set, and what reversals of the set took of them."""

    def __init__(self, rows: Sequence[Refund], owners: Mapping[UUID, UUID] | None = None) -> None:
        """`owners`: the customers of the returns of these refunds, as far as they went to store credit."""
        self._rows = rows
        self._taken: dict[UUID, int] = {}
        self._kept: dict[UUID, int] = {}
        #: By tender and balance: what refunds put there that is not taken back yet.
        self._credited: dict[tuple[UUID, UUID], int] = {}
        for row in rows:
            if row.method == Method.STORE_CREDIT and owners:
                key = (row.tender_id, AccountKey(row.company_id, owners[row.return_id], row.currency).id)
                self._credited[key] = self._credited.get(key, 0) + row.amount_minor
        self._credited_kept = dict(self._credited)

    def cash(self, context: Context) -> Cash:
        """The drawer for what was paid in cash, locked here already: before store credit, as everywhere."""
        found = Cash(context)
        if found.by_person and any(
            is_cash(row.method, row.kind) and found.goes_through(row.company_id) for row in self._rows
        ):
            found.hold()
        return found

    def keep(self) -> None:
        """The reversal just planned happens."""
        self._kept, self._credited_kept = dict(self._taken), dict(self._credited)

    def drop(self) -> None:
        """It does not: what it took is there again."""
        self._taken, self._credited = dict(self._kept), dict(self._credited_kept)

    def gave(self, settlement_id: UUID) -> dict[UUID, int]:
        """What each tender gave, or is to give, for a settlement."""
        found: dict[UUID, int] = {}
        for row in self._rows:
            if row.settlement_id == settlement_id:
                found[row.tender_id] = found.get(row.tender_id, 0) + row.amount_minor
        return found

    def as_credit(self, settlement_id: UUID, account: Account) -> bool:
        """Whether anything of a settlement went to store credit of ours."""
        rows = [row for row in self._rows if row.settlement_id == settlement_id]
        return any(row.method == Method.STORE_CREDIT or row.tender_id in account.credit_tenders for row in rows)

    def under_way(self, settlement_id: UUID) -> bool:
        return any(row.settlement_id == settlement_id and row.state == State.SUBMITTED for row in self._rows)

    def payouts(self, plan: Plan, account: Account | None, header: Return, settlement_id: UUID) -> list[Payout]:
        """What a reversal takes back by tender: first what was not paid yet, then what was."""
        found: list[Payout] = []
        if account is None:
            return self._unpaid(plan, header, settlement_id)
        promotional = {tender.id for tender in account.sale.tenders if tender.promotional}
        for tender_id, amount in plan.tenders:
            kind, is_promotional = account.tender_kinds[tender_id], tender_id in promotional
            off, book, posted = self._take(tender_id, -amount, header.id, settlement_id)
            if off:
                found.append(
                    Payout(tender_id, kind, -off, is_promotional, Method.CREDITED, posted=posted, book_minor=-book)
                )
            if amount + off:
                payout = Payout(tender_id, kind, amount + off, is_promotional)
                found += self._from_credit(payout, account, header, settlement_id)
        return found

    def due_without_order(self, return_id: UUID) -> int:
        """What is still to be paid out of a return without an order."""
        return sum(row.amount_minor - self._taken.get(row.id, 0) for row in self._open(NIL, return_id))

    def _unpaid(self, plan: Plan, header: Return, settlement_id: UUID) -> list[Payout]:
        """Without an order only what was not paid yet is taken back: the rest the customer owes, by the plan."""
        off, book, posted = self._take(NIL, -plan.cash_minor, header.id, settlement_id)
        one = Payout(NIL, "", -off, promotional=False, method=Method.CREDITED, posted=posted, book_minor=-book)
        return [one] if off else []

    def _from_credit(self, payout: Payout, account: Account, header: Return, settlement_id: UUID) -> list[Payout]:
        """What was given as store credit comes back from there, and never more than that of this order: where less is
        kept since, a settlement is worth more than it gave, and others may have given that as money.
        """
        rows = [row for row in self._rows if (row.tender_id, row.settlement_id) == (payout.tender_id, settlement_id)]
        balance = credit_account_of(header)
        if not any(row.method == Method.STORE_CREDIT for row in rows):
            payout.account_id = balance if payout.tender_id in account.credit_tenders else NIL
            return [payout]
        key = (payout.tender_id, balance)
        part = -payout.amount_minor
        if payout.tender_id not in account.credit_tenders:
            part = min(part, max(0, self._credited.get(key, 0)))
        self._credited[key] = self._credited.get(key, 0) - part
        method = str(Method.STORE_CREDIT)
        credit = replace(payout, amount_minor=-part, method=method, consented=True, account_id=balance)
        rest = replace(payout, amount_minor=payout.amount_minor + part)
        return [each for each in (credit, rest) if each.amount_minor]

    def _take(self, tender_id: UUID, amount: int, return_id: UUID, settlement_id: UUID) -> tuple[int, int, bool]:
        off, book, posted = 0, 0, False
        for row in sorted(self._open(tender_id, return_id), key=lambda row: row.settlement_id != settlement_id):
            before = self._taken.get(row.id, 0)
            part = min(amount - off, row.amount_minor - before)
            if part > 0:
                self._taken[row.id] = before + part
                off, posted = off + part, posted or row.posted
                book += _book(row, before + part) - _book(row, before)
        return off, book, posted

    def _open(self, tender_id: UUID, return_id: UUID) -> list[Refund]:
        return [
            row
            for row in self._rows
            if (row.tender_id, row.return_id) == (tender_id, return_id) and row.state in (State.DUE, State.FAILED)
        ]

    def taken(self) -> list[tuple[Refund, int, int]]:
        """(row, amount, book amount) of all that was taken."""
        rows = {row.id: row for row in self._rows}
        return [(rows[key], amount, _book(rows[key], amount)) for key, amount in self._taken.items()]


def _book(row: Refund, amount: int) -> int:
    return target(row.book_minor, amount, row.amount_minor)
