"""Reading store credit: rules in force, accounts, what runs out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.payments.models import CreditAccount, CreditLot, CreditPart, CreditRules, MovementKind
from guicang.payments.rules.credit import Rules


@dataclass(slots=True)
class Given:
    """What a settlement put into a balance: money instead of a refund, its bonus, and the lots that it touched."""

    money_minor: int = 0
    bonus_minor: int = 0
    lots: set[UUID] = field(default_factory=set)


#: Rules by company and currency.
RulesKey = tuple[UUID, str]


def rules_of(company_ids: Iterable[UUID]) -> dict[RulesKey, tuple[int, Rules]]:
    """The number and the rules in force of each company and currency that has any; 1 statement."""
    rows = CreditRules.objects.filter(company_id__among=sorted(set(company_ids))).order_by("number")
    found: dict[RulesKey, tuple[int, Rules]] = {}
    for company_id, currency, number, data in rows.values_list("company_id", "currency", "number", "rules"):
        found[company_id, currency] = (number, Rules.of(data))
    return found


def rules_for(company_id: UUID, currency: str) -> Rules:
    """1 statement."""
    return rules_of([company_id]).get((company_id, currency), (0, Rules()))[1]


def ended(now: datetime, limit: int) -> list[CreditAccount]:
    """Accounts with something that ran out and is still in the balance, at most `limit` lots' worth; 1 statement."""
    lots = CreditLot.objects.filter(left_minor__gt=0, expires_at__lte=now).order_by("expires_at")[:limit]
    return list(CreditAccount.objects.filter(id__in=set(lots.values_list("account_id", flat=True))).order_by("id"))


def ending(now: datetime, until: datetime, limit: int) -> list[CreditLot]:
    """Lots that run out between the instants, of which nobody was told; 1 statement."""
    lots = CreditLot.objects.filter(left_minor__gt=0, expires_at__gt=now, expires_at__lte=until, warned=False)
    return list(lots.select_related("account").order_by("expires_at")[:limit])


_MONEY = {MovementKind.ISSUED, MovementKind.TAKEN_BACK}
_BONUS = {MovementKind.BONUS, MovementKind.BONUS_BACK}


def given(settlement_ids: Iterable[UUID]) -> dict[UUID, Given]:
    """By settlement, less what it took back (of an order that was paid with it, only the lots). 1 statement."""
    wanted = sorted(set(settlement_ids))
    found: dict[UUID, Given] = {}
    if not wanted:
        return found
    parts = CreditPart.objects.filter(movement__settlement_id__among=wanted)
    columns = ("movement__settlement_id", "movement__kind", "movement__order_id", "lot_id", "amount_minor")
    for settlement_id, kind, order_id, lot_id, amount in parts.values_list(*columns):
        each = found.setdefault(settlement_id, Given())
        each.money_minor += amount if kind in _MONEY and order_id == NIL else 0
        each.bonus_minor += amount if kind in _BONUS else 0
        if amount > 0:
            each.lots.add(lot_id)
    return found
