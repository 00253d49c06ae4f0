"""Which taker takes which kind of file."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from guicang.intake.catalogue import CatalogueTaker
from guicang.intake.customers import CustomerTaker
from guicang.intake.orders import OrderTaker
from guicang.intake.payments import PaymentTaker
from guicang.intake.prices import PriceTaker
from guicang.intake.profiles import Profile
from guicang.intake.returns import ReturnTaker
from guicang.intake.stock import StockTaker
from guicang.intake.verdicts import Taker
from guicang.kernel.ids import NIL

#: What `guicang import` takes, in the order of a first set-up.
IMPORTED = ("catalogue", "customers", "stock", "orders", "payments", "prices")
_TAKERS: tuple[type[Taker], ...] = (
    *(CatalogueTaker, CustomerTaker, StockTaker, OrderTaker),
    *(PaymentTaker, PriceTaker, ReturnTaker),
)


def needed(kind: str, columns: Collection[str]) -> tuple[str, ...]:
    """Fields without which no row of a kind says anything; a past return may be known by its order alone."""
    found = {taker.kind: taker for taker in _TAKERS}[kind].needed
    if "return_number" in found and "return_number" not in columns and "order_number" in columns:
        return ("order_number", *(name for name in found if name != "return_number"))
    return found


def taker_for(profile: Profile, *, as_of: datetime | None, company_id: UUID = NIL) -> Taker:
    """The taker of the profile's kind, bound to one company where one is named."""
    return {taker.kind: taker for taker in _TAKERS}[profile.kind](profile, as_of=as_of, company_id=company_id)
