"""What a buyer wants in place of goods: checked when it is asked for, kept in stock once it is granted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from guicang.catalog import queries as catalogue
from guicang.catalog.queries import SkuInfo
from guicang.inventory import operations as inventory
from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refusal
from guicang.org import queries as org
from guicang.returns import errors
from guicang.returns.lifecycle import EXCHANGED, LineKind, unsettled
from guicang.returns.models import Return, ReturnLine, Swap
from guicang.returns.operations import saleview, withdrawing
from guicang.returns.operations.asking import Instead, Request, Wanted
from guicang.returns.operations.docket import Case
from guicang.returns.operations.exchanged import same_units
from guicang.returns.operations.planning import Planned, plan_orders
from guicang.returns.operations.saleview import Account
from guicang.returns.operations.sight import Sight
from guicang.returns.operations.stated import NOTHING_STATED, Stated, stated
from guicang.returns.settlement import Plan, Rules, exchanging
from guicang.returns.settlement.exchanging import GivenBack, Item, Priced, Pricing
from guicang.trade import errors as trade

STATE_PRICE = "returns.override"
Row = dict[str, Any]


def item_of(sku: SkuInfo) -> Item:
    return Item(sku.id, sku.product_id, sku.list_price_minor)


def wished(item: Request, lines: Sequence[Row], sight: Sight, actor: Actor) -> tuple[list[Row], list[Refusal]]:
    """The rows of what is wanted in place of `lines`, priced as of now, and every reason why some cannot be."""
    rows: list[Row] = []
    refusals: list[Refusal] = []
    exchanged = [line for line in lines if line["resolution"] in EXCHANGED]
    if not exchanged:
        return rows, refusals
    if any(line["kind"] != LineKind.GOODS for line in exchanged):
        return rows, [errors.BadChoice(column="resolution", value=exchanged[0]["resolution"])]
    taken: set[UUID] = set()
    for wanted in withdrawing.lines_of(item):
        mine = [line for line in exchanged if line["id"] not in taken and _answers(line, wanted, sight)]
        taken.update(line["id"] for line in mine)
        if wanted.instead:
            rows += _chosen(wanted, mine, item, sight, actor, refusals)
        else:
            rows += [_row(line, 1, line["sku_id"], line["requested"], Pricing.SAME) for line in mine]
    return rows, refusals


def _answers(line: Row, wanted: Wanted, sight: Sight) -> bool:
    head = sight.lines[line["order_line_id"]]
    return line["resolution"] == wanted.resolution and wanted.order_line_id in (head.id, head.bundle_line_id)


def _chosen(
    wanted: Wanted, mine: Sequence[Row], item: Request, sight: Sight, actor: Actor, refusals: list[Refusal]
) -> Iterator[Row]:
    """The same item takes the place of unit by unit; what is beyond that, and any other, has a price."""
    free = {line["id"]: line["requested"] for line in mine}
    places = dict.fromkeys(free, 0)
    for one in wanted.instead:
        sku = sight.skus.get(one.sku_id)
        if sku is None or sku.is_bundle or sku.company_id != sight.shops[item.shop_id].company_id:
            refusals.append(trade.SkuUnknown(sku_code=sku.code if sku else ""))
            continue
        if one.units < 1:
            refusals.append(errors.BadQuantity(quantity=one.units, most="-"))
            continue
        left = one.units
        for line in mine:
            had = sight.skus.get(line["sku_id"])
            if one.unit_minor is None and had and exchanging.same_item(item_of(had), item_of(sku)):
                units = min(left, free[line["id"]])
                free[line["id"]] -= units
                left -= units
                if units:
                    places[line["id"]] += 1
                    yield _row(line, places[line["id"]], sku.id, units, Pricing.SAME)
        if left and mine and (priced := _priced(one, sku, mine[0], sight, actor, refusals)):
            places[mine[0]["id"]] += 1
            yield _row(mine[0], places[mine[0]["id"]], sku.id, left, *priced, tax_rate=sku.tax_rate)


def _priced(
    one: Instead, sku: SkuInfo, line: Row, sight: Sight, actor: Actor, refusals: list[Refusal]
) -> tuple[Pricing, int] | None:
    order = sight.orders[line["order_id"]]
    if one.unit_minor is not None:
        if not actor.may(STATE_PRICE) or one.unit_minor < 0:
            refusals.append(errors.NotPermitted(permission=STATE_PRICE))
            return None
        return Pricing.STATED, one.unit_minor
    # Prices are listed in the currency of the shop.
    if sku.list_price_minor is None or order.currency != sight.shops[order.shop_id].currency:
        refusals.append(trade.PriceUnknown(sku_code=sku.code))
        return None
    return Pricing.LISTED, sku.list_price_minor


def _row(line: Row, position: int, sku_id: UUID, units: int, pricing: str, unit_minor: int = 0, **more: Any) -> Row:
    return {
        "id": new_id(),
        "line_id": line["id"],
        "position": position,
        "sku_id": sku_id,
        "units": units,
        "pricing": str(pricing),
        "unit_minor": unit_minor,
        **more,
    }


def write(rows: Sequence[Row]) -> None:
    setwrites.insert(Swap, rows)


def of(return_ids: Iterable[UUID], *, lock: bool = False) -> dict[UUID, list[Swap]]:
    """By return line, in the order they were asked for; 1 statement per 1,000 returns, none for none."""
    found: dict[UUID, list[Swap]] = {}
    rows = setwrites.fetch(Swap, set(return_ids), lock=lock, key="parent_id")
    for row in sorted(rows, key=lambda row: row.position):
        found.setdefault(row.line_id, []).append(row)
    return found


def cost_of(sku: SkuInfo, *, inclusive: bool) -> int:
    """What a unit sells for today, with its tax; nothing where nobody said."""
    one = exchanging.Instead(sku.id, 1, 1, Pricing.LISTED, sku.list_price_minor or 0, sku.tax_rate)
    return exchanging.price(GivenBack(1, 0), [one], inclusive=inclusive)[0].paid_minor


def instead_of(row: Swap, per: int) -> exchanging.Instead:
    return exchanging.Instead(row.id, row.units, per, row.pricing, row.unit_minor, row.tax_rate)


def given_back(plans: Iterable[Plan]) -> dict[UUID, GivenBack]:
    """What settlements give back for each return line they were asked about."""
    return {
        row.ref: GivenBack(row.quantity, row.share_minor, row.funded_minor, row.tax_minor)
        for plan in plans
        for row in plan.lines
        if row.quantity and not row.aside
    }


class Good(NamedTuple):
    """What is given in place of units of an order line."""

    sku_id: UUID
    order_line_id: UUID
    pricing: str
    priced: Priced


class Offered(NamedTuple):
    """`paid_back_minor` for the goods, `goods` in their place with what they cost; the rest is open or goes back."""

    currency: str
    paid_back_minor: int
    goods: list[Good]

    @property
    def cost_minor(self) -> int:
        return sum(good.priced.paid_minor for good in self.goods)

    @property
    def difference_minor(self) -> int:
        return exchanging.difference(self.paid_back_minor, self.cost_minor)

    @property
    def collected_minor(self) -> int:
        return max(0, self.difference_minor)

    @property
    def returned_minor(self) -> int:
        return max(0, -self.difference_minor)


def offered(
    currency: str, rows: Sequence[Row], instead: Sequence[Row], accounts: Mapping[UUID, Account]
) -> Offered | None:
    """What carrying it out would come to, if all of it came back as it was sold; None without an exchange. No I/O."""
    lines = [ReturnLine(**row, authorised=row["requested"]) for row in rows if row["resolution"] in EXCHANGED]
    if not lines:
        return None
    wanted = [Swap(**{"parent_id": new_id(), **row}) for row in instead]
    units = [(line, line.authorised) for line in lines]
    plans = plan_orders(currency, units, accounts, neutral(NOTHING_STATED, lines, wanted))
    return outlook(currency, lines, wanted, plans, accounts)


def neutral(said: Stated, lines: Iterable[ReturnLine], wanted: Sequence[Swap]) -> Stated:
    """Under these rules goods are exchanged: no fee, no shipping, nothing withheld; only the order of tenders holds.

    What the same takes the place of counts as kept for the promotions of its order.
    """
    mine = {line.id: [row for row in wanted if row.line_id == line.id] for line in lines}
    same = {line.id: same_units(line, mine[line.id], line.requested) for line in lines}
    return Stated(Rules(tenders=said.rules.tenders), same=same)


def look_ahead(header: Return, lines: Sequence[ReturnLine]) -> Offered | None:
    """What carrying it out comes to: of what is due, else of all that may come; None where nothing is. 5 statements."""
    mine = [line for line in lines if line.resolution in EXCHANGED]
    due = any(map(unsettled, mine))
    units = [(line, unsettled(line) if due else (line.authorised or line.requested) - line.settled) for line in mine]
    units = [(line, count) for line, count in units if count > 0]
    if not units:
        return None
    accounts = saleview.accounts({line.order_id for line, _ in units}, lock=False)
    wanted = [row for several in of([header.id]).values() for row in several]
    said = neutral(stated(header.verdict), mine, wanted)
    plans = plan_orders(header.currency, units, accounts, said, others=lines)
    return outlook(header.currency, [line for line, _ in units], wanted, plans, accounts)


def outlook(
    currency: str,
    lines: Sequence[ReturnLine],
    wanted: Sequence[Swap],
    plans: Sequence[Planned],
    accounts: Mapping[UUID, Account],
) -> Offered:
    """What `plans` give back for `lines`, and what is given in their place. No I/O."""
    given = given_back(each.plan for each in plans)
    goods: list[Good] = []
    for line in lines:
        mine = {row.id: row for row in _wishes(line, [row for row in wanted if row.line_id == line.id])}
        account = accounts.get(line.order_id)
        if line.id in given and account is not None:
            asked = [instead_of(row, line.requested) for row in mine.values()]
            for priced in exchanging.price(given[line.id], asked, inclusive=account.order.tax_inclusive):
                row = mine[priced.ref]
                goods.append(Good(row.sku_id, line.order_line_id, row.pricing, priced))
    return Offered(currency, sum(each.plan.cash_minor for each in plans), goods)


@dataclass(slots=True)
class Kept:
    """What is kept in stock for the returns that a set is about to grant."""

    shorts: Mapping[UUID, Sequence[Refusal]] = field(default_factory=dict)
    holders: frozenset[UUID] = frozenset()
    listed: list[tuple[UUID, Swap, int]] = field(default_factory=list)

    def short(self, case: Case | None) -> list[Refusal]:
        return list(self.shorts.get(case.header.id, ())) if case else []

    def settle(self, granted: Collection[Case]) -> None:
        """Freeze the prices of what was granted, and let go of what was kept for the others."""
        done = {case.header.id for case in granted}
        inventory.release(self.holders - self.shorts.keys() - done)
        prices = [{"id": row.id, "unit_minor": minor} for key, row, minor in self.listed if key in done]
        setwrites.update(Swap, prices, assign=["unit_minor"])


def keep(candidates: Sequence[tuple[Case, Mapping[UUID, int]]], context: Context) -> Kept:
    """Keep the goods that these returns want, where our warehouses have them. About 6 statements, none without any."""
    exchanges = [(case, units) for case, units in candidates if any(map(_exchanges, case.lines))]
    if not exchanges:
        return Kept()
    rows = of(case.header.id for case, _ in exchanges)
    wanted = {row.sku_id for several in rows.values() for row in several}
    skus = catalogue.skus(wanted | {line.sku_id for case, _ in exchanges for line in case.lines})
    known = org.warehouses({case.header.warehouse_id for case, _ in exchanges})
    wants: list[inventory.Want] = []
    kept = Kept()
    for case, units in exchanges:
        header, place = case.header, known.get(case.header.warehouse_id)
        for line in filter(_exchanges, case.lines):
            for row in _wishes(line, rows.get(line.id, ())):
                price = skus[row.sku_id].list_price_minor
                if row.pricing == Pricing.LISTED and price is not None and price != row.unit_minor:
                    kept.listed.append((header.id, row, price))
                count = row.units * units.get(line.id, 0) // line.requested
                if count and place is not None and place.goods_at(context.now):
                    wants.append(inventory.Want(header.id, place.id, header.company_id, row.sku_id, count))
    kept.holders = frozenset(want.holder_id for want in wants)
    kept.shorts = inventory.reserve(wants)
    return kept


def _wishes(line: ReturnLine, rows: Sequence[Swap]) -> Sequence[Swap]:
    """What is wanted in place of a line: the same once more where nobody said, as of one that became an exchange."""
    same = Swap(parent_id=line.parent_id, line_id=line.id, sku_id=line.sku_id, units=line.requested, pricing="same")
    return rows or [same]


def _exchanges(line: ReturnLine) -> bool:
    return line.resolution in EXCHANGED


def release(cases: Collection[Case]) -> None:
    """Nobody needs any more what was kept for these returns; 1 statement where any of them was an exchange."""
    inventory.release(case.header.id for case in cases if any(map(_exchanges, case.lines)))


def keep_for_order(
    return_id: UUID, order_id: UUID, units: Mapping[UUID, int], levels: Mapping[inventory.LevelKey, int]
) -> None:
    """What was kept for a return, its locked `levels`, is kept for the order in its place: `units` by SKU, the rest is
    free again.
    """
    left = dict(units)
    spare: dict[tuple[UUID, inventory.LevelKey], int] = {}
    for key, count in levels.items():
        used = min(count, left.get(key.sku_id, 0))
        left[key.sku_id] = left.get(key.sku_id, 0) - used
        if count > used:
            spare[return_id, key] = count - used
    inventory.spend(spare)
    if levels:
        inventory.hand_over({return_id: order_id})
