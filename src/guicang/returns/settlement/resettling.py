"""What is withheld once the goods that the buyer keeps no longer earn what was granted for all of them.

A promotion whose threshold the kept goods miss is reckoned anew at the prices of the sale (HARD-CASES 4, 办法 17), a
gift that is kept is charged at its stated value (办法 12), freight that was waived is charged (HARD-CASES 15). All of
it depends on what is kept alone, not on the way there: a settlement withholds, or gives free, the difference to what
was withheld before. It never takes more than it gives back for the goods, and never less than nothing is withheld.
What the seller is at fault for is never held against the buyer. Goods that the same came in place of count as kept
with what was paid for them. Goods that were cancelled before shipment count as not
kept; by themselves they withhold nothing.

What is withheld lies on order lines that were settled, so that what is credited of each stays within what was sold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from guicang.returns.settlement.plans import Ask, Plan, PlanLine
from guicang.returns.settlement.sale import Promotion, Sale, SaleLine


class Cause(NamedTuple):
    """Why something is withheld. `what`: promotion_lost, gift_kept or free_shipping_lost; `of`: promotion or line."""

    what: str
    of: str
    wanted_minor: int
    kept_minor: int = 0
    threshold_minor: int = 0

    @property
    def key(self) -> str:
        return f"{self.what}:{self.of}"


def resettle(plan: Plan, asks: Sequence[Ask]) -> list[tuple[Cause, int]]:
    """Withhold on the lines of `plan`, adding lines where it falls on others; the changes by cause."""
    sale = plan.sale
    if not sale.promotions or any(ask.recorded_minor is not None for ask in asks):
        return []
    moved = [line for line in plan.lines if line.quantity and line.order_line_id in sale.lines]
    if not moved:
        return []
    back = [line for line in moved if not line.unshipped]
    causes = list(_causes(sale, plan))
    if not back and not {cause.key for cause in causes} >= set(sale.withheld):
        # Nobody asked the policy about goods that never left: what it withheld stays.
        return []
    before = sum(line.withheld_minor for line in sale.lines.values())
    change = sum(line.target_minor for line in back)
    # What was kept back in fees is not there to be withheld too.
    most = max(0, sum(map(_most, sale.lines.values())) - sale.fees_minor)
    wanted = min(sum(cause.wanted_minor for cause in causes), most)
    if plan.rules.sellers_fault or not (back or plan.undone):
        # What never left is not held against him either; he owes less for what he keeps.
        wanted = min(wanted, before)
    if plan.undone:
        # Never pays: what would come free, of this or of what was kept back, stays withheld.
        goal = max(wanted, before + change - plan.total("fee_minor"), 0)
    else:
        goal = max(0, min(wanted, before + change))
    _place(plan, moved, goal)
    return _by_cause(sale, causes, goal)


def _causes(sale: Sale, plan: Plan) -> Iterator[Cause]:
    for promotion in sale.promotions:
        members = _members(sale, promotion)
        if not any(line.settled for line in members):
            continue
        kept, threshold = _kept(members, promotion)
        lost = kept < threshold or not any(line.kept or line.exchanged for line in members)
        if (promotion.mode or plan.rules.discounts) == "reprice":
            shares = sum(line.kept_share(promotion.discounts.get(line.id, 0)) for line in members)
            yield Cause("promotion_lost", promotion.id, shares if lost else 0, kept, threshold)
        if plan.rules.gifts == "charge":
            for key, value in promotion.gifts:
                if key in sale.lines:
                    yield Cause("gift_kept", str(key), value * sale.lines[key].kept if lost else 0, kept, threshold)
        if promotion.shipping_minor and plan.rules.lost_shipping != "no":
            free = not lost or (plan.rules.lost_shipping == "give_back" and not kept)
            yield Cause("free_shipping_lost", promotion.id, 0 if free else promotion.shipping_minor, kept, threshold)


def _members(sale: Sale, promotion: Promotion) -> list[SaleLine]:
    """The lines that earn it: those it names, else all but its gifts."""
    gifts = {key for key, _ in promotion.gifts}
    named = [sale.lines[key] for key in promotion.members if key in sale.lines]
    return named or [line for key, line in sale.lines.items() if key not in gifts]


def _kept(members: Sequence[SaleLine], promotion: Promotion) -> tuple[int, int]:
    """What the kept members are worth before the promotion, and what they have to be: never more than all were."""

    def worth(line: SaleLine) -> int:
        return line.paid_minor + promotion.discounts.get(line.id, 0)

    kept = sum(line.held_share(worth(line)) for line in members)
    return kept, min(promotion.threshold_minor, sum(map(worth, members)))


def _most(line: SaleLine) -> int:
    """What can be withheld on a line: what its settled units gave back or would have."""
    credited = line.credited_minor - line.credited_funded_minor
    return max(0, min(line.price(line.done), credited + line.withheld_minor))


def _place(plan: Plan, moved: Sequence[PlanLine], goal: int) -> None:
    """Bring what lines withhold to `goal` in all: first what no longer fits, then the lines asked about."""
    sale = plan.sale
    order = list(dict.fromkeys([line.order_line_id for line in moved] + list(sale.lines)))
    for key in order:
        line = sale.lines[key]
        if line.withheld_minor > _most(line):
            _change(plan, moved, key, _most(line) - line.withheld_minor)
    short = goal - sum(line.withheld_minor for line in sale.lines.values())
    for key in order:
        line = sale.lines[key]
        part = min(short, _most(line) - line.withheld_minor) if short > 0 else max(short, -line.withheld_minor)
        if part:
            _change(plan, moved, key, part)
            short -= part


def _change(plan: Plan, moved: Sequence[PlanLine], key: UUID, amount: int) -> None:
    line = plan.sale.lines[key]
    planned = next((one for one in plan.lines if one.order_line_id == key and not one.unshipped), None)
    if planned is None:
        planned = PlanLine(moved[0].ref, key, 0, aside=True)
        plan.lines.append(planned)
    planned.withheld_minor += amount
    planned.credit_minor -= amount
    line.withheld_minor += amount
    line.credited_minor -= amount


def _by_cause(sale: Sale, causes: Sequence[Cause], goal: int) -> list[tuple[Cause, int]]:
    """`goal` over the causes in their order, and how that differs from before."""
    changes: list[tuple[Cause, int]] = []
    before, left = dict(sale.withheld), goal
    for cause in causes:
        part = min(left, cause.wanted_minor)
        left -= part
        change = part - before.pop(cause.key, 0)
        if change:
            changes.append((cause, change))
        sale.withheld[cause.key] = part
    for key, amount in before.items():
        # A cause that is none any more, under other rules or since everything was taken back.
        what, _, of = key.partition(":")
        if amount:
            changes.append((Cause(what, of, 0), -amount))
        sale.withheld.pop(key)
    if left and causes:
        # An undoing that may not pay out: it stays withheld until the next settlement.
        sale.withheld[causes[-1].key] += left
        changes.append((causes[-1], left))
    sale.withheld = {key: amount for key, amount in sale.withheld.items() if amount}
    return changes
