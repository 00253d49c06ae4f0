"""`guicang import prices`: what customers were promised for goods, from a day until a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from guicang.catalog.queries import skus_by_code
from guicang.intake.verdicts import Chunk, Taker, Verdict, verdict_of
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome
from guicang.parties.queries import customers_by_key
from guicang.returns import errors
from guicang.returns.operations.price_rules import Agreement, agree
from guicang.returns.pricing import FOREVER


class PriceTaker(Taker):
    """A price a document: of a customer and an article from a day on; where rows repeat, the last one counts."""

    kind: ClassVar[str] = "prices"
    needed = ("customer_id", "sku", "unit_price", "valid_from")

    def place(self, values: Mapping[str, Any]) -> tuple[str, str]:
        words = (values.get("shop") or "", values["customer_id"], values["sku"], self._day(values["valid_from"]))
        return "\x1f".join(map(str, words)), ""

    def take(self, chunk: Chunk) -> list[Verdict]:
        rows = [group.rows[-1].values for group in chunk.groups]
        currencies = [self.currency(values) for values in rows]
        places = [
            self.places.of(chunk.context, values, currency) for values, currency in zip(rows, currencies, strict=True)
        ]
        customers = customers_by_key(
            (place.shop_id, values["customer_id"]) for place, values in zip(places, rows, strict=True)
        )
        skus = skus_by_code((place.company_id, values["sku"]) for place, values in zip(places, rows, strict=True))
        wanted = []
        for values, place, currency in zip(rows, places, currencies, strict=True):
            customer = customers.get((place.shop_id, values["customer_id"]))
            sku = skus.get((place.company_id, values["sku"]))
            until = values.get("valid_until")
            wanted.append(
                Agreement(
                    customer.id if customer else NIL,
                    sku.id if sku else NIL,
                    currency,
                    values["unit_price"],
                    self._day(values["valid_from"]),
                    self._day(until) if until else FOREVER,
                )
            )
        answers = agree(begin("prices.agree", actor=chunk.actor, now=chunk.now, items=len(wanted)), wanted)
        verdicts = []
        for group, values, item, answer in zip(chunk.groups, rows, wanted, answers, strict=True):
            found: Outcome = answer
            if item.customer_id == NIL:
                found = Outcome(0, refusals=[errors.NoSuchCustomer(number=values["customer_id"])])
            elif item.sku_id == NIL:
                found = Outcome(0, refusals=[errors.NoSuchArticle(code=values["sku"])])
            verdicts.append(verdict_of(group, found))
        return verdicts

    def _day(self, instant: datetime) -> date:
        """The day in the file's own zone."""
        return instant.astimezone(ZoneInfo(self.profile.zone)).date()
