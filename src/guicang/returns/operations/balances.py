"""Store credit that settlements move: money that goes there instead of back, and what was paid with it.

A reversal takes back what its settlement put there: the money whole, from its own lots first and then from the
customer's others (else it is refused); of the bonus as much as is still there, for what was spent of it stays given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refusal
from guicang.org import queries as org
from guicang.parties.queries import nameless
from guicang.payments.errors import CreditNeedsCustomer
from guicang.payments.models import MovementKind, Refund
from guicang.payments.operations import credit
from guicang.payments.operations.credit import AccountKey, Balance, Cause
from guicang.payments.queries import credit as queries
from guicang.payments.queries.credit import Given
from guicang.payments.rules.credit import BONUS, MONEY, Lot, Rules
from guicang.returns.models import Return, Settlement
from guicang.returns.operations.crediting import Settling
from guicang.returns.operations.payouts import Payout

#: Of a tender that a balance of ours paid.
KIND = "store_credit"


class Balances:
    """Balances of a set under lock, with what earlier settlements of its returns gave."""

    def __init__(self, keys: Iterable[AccountKey], order_ids: Iterable[UUID], return_ids: Iterable[UUID]) -> None:
        """8 statements where there are any keys."""
        wanted = set(keys)
        self._found = credit.open_balances(wanted, order_ids=order_ids) if wanted else {}
        self._rules = queries.rules_of({key.company_id for key in wanted}) if wanted else {}
        rows = (
            Settlement.objects.filter(parent_id__among=sorted(set(return_ids))) if wanted else Settlement.objects.none()
        )
        returns = dict(rows.values_list("id", "parent_id"))
        self._given = queries.given(returns)
        #: (money, bonus) by return: all so far, and what this set gives.
        self._of_return: dict[UUID, list[int]] = {}
        self.gave: dict[UUID, tuple[int, int]] = {}
        for settlement_id, given in self._given.items():
            self._count(returns[settlement_id], given.money_minor, given.bonus_minor)

    def __bool__(self) -> bool:
        return bool(self._found)

    def of(self, account_id: UUID) -> Balance:
        return next(balance for balance in self._found.values() if balance.id == account_id)

    def _count(self, return_id: UUID, money: int, bonus: int) -> None:
        sums = self._of_return.setdefault(return_id, [0, 0])
        sums[0], sums[1] = sums[0] + money, sums[1] + bonus

    def take_back(self, settling: Settling) -> list[Refusal]:
        """What the settlement that is undone had put there; why that cannot be."""
        taken = [payout for payout in settling.payouts if payout.account_id != NIL and payout.amount_minor < 0]
        if not taken:
            return []
        given, balance = self._given.get(settling.reverses_id, Given()), self.of(taken[0].account_id)
        if refusals := balance.short_by(-sum(payout.amount_minor for payout in taken)):
            return refusals
        for payout in taken:
            order_id = settling.order_id if payout.kind == KIND else NIL
            balance.take_back(-payout.amount_minor, given.lots, _cause(settling, payout.tender_id.hex, order_id))
            if order_id == NIL:
                self._count(settling.header.id, payout.amount_minor, 0)
        if given.bonus_minor > 0:
            before = balance.balance_minor
            balance.take_bonus_back(given.bonus_minor, given.lots, _cause(settling, "bonus"))
            self._count(settling.header.id, 0, balance.balance_minor - before)
        return []

    def give(self, settling: Settling) -> None:
        """Put there what goes there: what an order was paid with as it was, money with the bonus of the rules."""
        for payout in settling.payouts:
            if payout.account_id == NIL or payout.amount_minor <= 0:
                continue
            balance = self.of(payout.account_id)
            if payout.kind == KIND:
                self._restore(balance, settling, payout)
                continue
            cause = _cause(settling, payout.tender_id.hex)
            self.issue(payout.account_id, settling.header.id, payout.amount_minor, cause)

    def _restore(self, balance: Balance, settling: Settling, payout: Payout) -> None:
        """Back into its lots; what an exchange brought to the order from another one into a lot of its own."""
        amount, order_id = payout.amount_minor, settling.order_id
        known = max(0, min(amount, balance.spent_on(order_id)))
        if known:
            balance.restore(known, _cause(settling, payout.tender_id.hex, order_id))
        if amount > known:
            lot = Lot(MONEY, amount - known, settlement_id=settling.id, rate=settling.rate)
            cause = _cause(settling, f"{payout.tender_id.hex}:more", order_id)
            balance.issue(MovementKind.ISSUED, lot, cause)
        self._tell(settling.header.id, amount, 0)

    def issue(self, account_id: UUID, return_id: UUID, amount: int, cause: Cause) -> None:
        """Money instead of a refund, and its bonus."""
        balance = self.of(account_id)
        ends = self._rule(balance).money_ends(cause.at)
        lot = Lot(MONEY, amount, expires_at=ends, settlement_id=cause.settlement_id, rate=cause.rate)
        balance.issue(MovementKind.ISSUED, lot, cause)
        self._count(return_id, amount, 0)
        self._tell(return_id, amount, self._give_bonus(balance, return_id, cause))

    def _tell(self, return_id: UUID, money: int, bonus: int) -> None:
        before = self.gave.get(return_id, (0, 0))
        self.gave[return_id] = (before[0] + money, before[1] + bonus)

    def _give_bonus(self, balance: Balance, return_id: UUID, cause: Cause) -> int:
        """Of all that the return gave so far, less the bonus it gave: so its parts and its limit are those of one."""
        rules = self._rule(balance)
        money, before = self._of_return[return_id]
        bonus = max(0, rules.bonus(money) - before)
        if bonus:
            ends = rules.bonus_ends(cause.at)
            lot = Lot(BONUS, bonus, expires_at=ends, settlement_id=cause.settlement_id, rate=cause.rate)
            balance.issue(MovementKind.BONUS, lot, replace(cause, key=f"{cause.key}:bonus"))
            self._count(return_id, 0, bonus)
        return bonus

    def _rule(self, balance: Balance) -> Rules:
        return self._rules.get((balance.key.company_id, balance.key.currency), (0, Rules()))[1]

    def write(self, context: Context) -> None:
        """The returns' own trail tells of it, with the refund that it is."""
        credit.write(context, self._found.values())


def _cause(settling: Settling, what: str, order_id: UUID = NIL) -> Cause:
    return Cause(f"{settling.id.hex}:{what}", settling.at, settling.booked, settling.id, order_id, rate=settling.rate)


def unowned(planned: Sequence[Settling]) -> list[Refusal]:
    """Store credit needs somebody whose it is; 1 statement where any goes there."""
    to = {each.header.customer_id for each in planned for payout in each.payouts if payout.method == KIND}
    return [CreditNeedsCustomer()] if to and nameless(to) else []


def of_settlings(settled: Sequence[Settling]) -> Balances:
    """The balances that these settlements give to."""
    moved = [each for each in settled if any(payout.account_id != NIL for payout in each.payouts)]
    return Balances(
        (key_of(each) for each in moved), (each.order_id for each in moved), (each.header.id for each in moved)
    )


def key_of(settling: Settling) -> AccountKey:
    return AccountKey(settling.header.company_id, settling.header.customer_id, settling.header.currency)


def pay_as_credit(context: Context, rows: Sequence[Refund]) -> dict[UUID, UUID]:
    """Refunds that were due and go to store credit after all, with the bonus; {refund: account}. 11 statements."""
    if not rows:
        return {}
    owners = customers_of(row.return_id for row in rows)
    keys = {row.id: AccountKey(row.company_id, owners[row.return_id], row.currency) for row in rows}
    balances, books = Balances(keys.values(), [], owners), org.companies({row.company_id for row in rows})
    for row in rows:
        rate = from_minor(row.book_minor, books[row.company_id].currency) / from_minor(row.amount_minor, row.currency)
        cause = Cause(row.id.hex, context.now, row.posted, row.settlement_id, rate=rate if row.posted else Decimal(1))
        balances.issue(keys[row.id].id, row.return_id, row.amount_minor, cause)
    balances.write(context)
    return {key: account.id for key, account in keys.items()}


def customers_of(return_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """1 statement."""
    return dict(Return.objects.filter(id__among=sorted(set(return_ids))).values_list("id", "customer_id"))
