"""What a company says about the price of a return without an order, in versions, and prices agreed with customers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.catalog import queries as catalogue
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.org import queries as masters
from guicang.org.operations import lock_company
from guicang.parties import queries as parties
from guicang.returns import errors
from guicang.returns.models import AgreedPrice, PriceRules
from guicang.returns.operations import inputs
from guicang.returns.operations.pricing import rules_of
from guicang.returns.pricing import BOUNDS, FOREVER, PAYS, SOURCES, Rules

#: Who states rules and agrees prices.
STATE = "policy.manage"


def state_rules(context: Context, company_id: UUID, tier: str, rules: Rules) -> None:
    """The rules for a group of customers ('': all that have none of their own) from now on, as a new version; nothing
    where they are the same. About 9 statements. Locks the company. What was priced before keeps its price.

    Raises Refused: NotPermitted, BadChoice, OutOfBounds, TextTooLong.
    """
    _permit(context, company_id)
    if refusals := _wrong(rules) + inputs.too_long(PriceRules, {"tier": tier}):
        raise Refused(refusals)
    lock_company(company_id)
    number, before = rules_of([company_id]).get((company_id, tier), (0, Rules()))
    if rules == before:
        return
    rules_id = new_id()
    row = {"id": rules_id, "company_id": company_id, "tier": tier, "number": number + 1, "rules": rules.as_data()}
    setwrites.insert(PriceRules, [{**row, "command_id": context.id, "recorded_at": context.now}])
    was, now = before.as_data(), rules.as_data()
    changed = [name for name in now if now[name] != was[name]]
    after = {"tier": tier, "number": number + 1, **{name: now[name] for name in changed}}
    trail = AuditEntry(company_id, "price_rules", rules_id, "state", {name: was[name] for name in changed}, after)
    record(context, [trail])


def _permit(context: Context, company_id: UUID) -> None:
    if not context.actor.may(STATE) or not context.actor.scope.holds(company_id, NIL, NIL):
        raise Refused([errors.NotPermitted(permission=STATE)])


def _wrong(rules: Rules) -> list[Refusal]:
    said = rules.as_data()
    refusals: list[Refusal] = [
        errors.OutOfBounds(value=said[name], least=least, most=most)
        for name, (least, most) in BOUNDS.items()
        if not least <= said[name] <= most
    ]
    strange = [source for source in rules.sources if source not in SOURCES or rules.sources.count(source) > 1]
    refusals += [errors.BadChoice(column="sources", value=source) for source in strange]
    if rules.pays not in PAYS:
        refusals.append(errors.BadChoice(column="pays", value=rules.pays))
    if rules.refers and not rules.own_sales:
        # Without a sale of his own there is no blue invoice to refer to.
        refusals.append(errors.BadChoice(column="refers", value="1"))
    return refusals


@dataclass(frozen=True, slots=True)
class Agreement:
    """A price for a unit, tax within, from a day until a day, both of which count."""

    customer_id: UUID
    sku_id: UUID
    currency: str
    price_minor: int
    since: date
    until: date = FOREVER


def agree(context: Context, agreements: Sequence[Agreement]) -> list[Outcome]:
    """Add prices, or change the price and the end of those that begin on the same day; the outcome of each
    says what became of it.

    Locks the companies, so that no two prices of an article overlap. About 9 statements a thousand.
    Raises Refused(NotPermitted).
    """
    if not context.actor.may(STATE):
        raise Refused([errors.NotPermitted(permission=STATE)])
    customers = parties.customers({item.customer_id for item in agreements})
    shops = masters.shops({one.shop_id for one in customers.values()})
    for company_id in sorted({shop.company_id for shop in shops.values()}):
        lock_company(company_id)
    skus, known = catalogue.skus({item.sku_id for item in agreements}), _known(agreements)
    found: list[Outcome] = []
    written: dict[UUID, dict[str, Any]] = {}
    trail: list[AuditEntry] = []
    for index, item in enumerate(agreements):
        customer, sku = customers.get(item.customer_id), skus.get(item.sku_id)
        shop = shops.get(customer.shop_id) if customer else None
        others = known.setdefault((item.customer_id, item.sku_id, item.currency), {})
        refusal = _misplaced(context, customer, shop, sku) or _unfit(item, others)
        if shop is None or refusal is not None:
            found.append(Outcome(index, refusals=[refusal or errors.NotFound()]))
            continue
        before = others.get(item.since)
        key = before.id if before else new_id()
        others[item.since] = AgreedPrice(id=key, until=item.until, price_minor=item.price_minor)
        same = before is not None and (before.price_minor, before.until) == (item.price_minor, item.until)
        result = "unchanged" if same else "updated" if before else "imported"
        found.append(Outcome(index, key, data={"result": result}))
        if not same:
            trail.append(_told(item, key, shop.company_id, before))
            written[key] = _row(item, key, shop, context) | {"is_new": before is None}
    _write(written.values())
    record(context, trail)
    return found


def _misplaced(
    context: Context,
    customer: parties.CustomerInfo | None,
    shop: masters.ShopInfo | None,
    sku: catalogue.SkuInfo | None,
) -> Refusal | None:
    if customer is None or shop is None or not context.actor.scope.holds(shop.company_id, shop.id, NIL):
        return errors.NotFound()
    if sku is None or sku.company_id != shop.company_id:
        return errors.LineNotFound()
    return None if customer.external_id else errors.NoCustomerNamed()


def _told(item: Agreement, key: UUID, company_id: UUID, before: AgreedPrice | None) -> AuditEntry:
    said: dict[str, Any] = {"price_minor": item.price_minor, "until": item.until}
    if before is not None:
        was = {"price_minor": before.price_minor, "until": before.until}
        return AuditEntry(company_id, "agreed_price", key, "agree", was, said)
    said |= {"customer_id": item.customer_id, "sku_id": item.sku_id, "currency": item.currency, "since": item.since}
    return AuditEntry(company_id, "agreed_price", key, "agree", {}, said)


def _row(item: Agreement, key: UUID, shop: masters.ShopInfo, context: Context) -> dict[str, Any]:
    return {
        "id": key,
        "company_id": shop.company_id,
        "shop_id": shop.id,
        "customer_id": item.customer_id,
        "sku_id": item.sku_id,
        "currency": item.currency,
        "price_minor": item.price_minor,
        "since": item.since,
        "until": item.until,
        "command_id": context.id,
        "recorded_at": context.now,
    }


Known = dict[tuple[UUID, UUID, str], dict[date, AgreedPrice]]


def _known(agreements: Sequence[Agreement]) -> Known:
    rows = AgreedPrice.objects.filter(
        customer_id__among=sorted({item.customer_id for item in agreements}),
        sku_id__among=sorted({item.sku_id for item in agreements}),
    )
    found: Known = {}
    for row in rows:
        found.setdefault((row.customer_id, row.sku_id, row.currency), {})[row.since] = row
    return found


def _unfit(item: Agreement, others: dict[date, AgreedPrice]) -> Refusal | None:
    if item.price_minor < 0 or item.price_minor > BOUNDS["most_minor"][1]:
        return errors.BadAmount(amount_minor=item.price_minor)
    if item.until < item.since:
        return errors.EndsBefore()
    if any(day != item.since and day <= item.until and item.since <= one.until for day, one in others.items()):
        return errors.PriceOverlaps()
    return None


def _write(rows: Iterable[dict[str, Any]]) -> None:
    """Two statements a thousand."""
    added: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    for row in rows:
        (added if row.pop("is_new") else moved).append(row)
    setwrites.insert(AgreedPrice, added)
    kept = ("price_minor", "until", "command_id", "recorded_at")
    setwrites.update(
        AgreedPrice, [{"id": row["id"], **{name: row[name] for name in kept}} for row in moved], assign=kept
    )
