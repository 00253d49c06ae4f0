"""The arithmetic of a value pool (SKU x grade x owner), in integers. No Django, no database.

Sources: HARD-CASES 13; 企业会计准则第1号——存货, art. 14 (moving average and FIFO as methods of
issue), art. 15-19 (write-down to net realisable value, directly or through 存货跌价准备).

An issue of q out of Q units takes `target(C, q, Q)` of the cost, so that the last unit takes all
that remains and an empty pool is worth exactly nothing. The provision leaves by the same rule, but
never stays above the cost that stays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from guicang.kernel.money import divide_half_up, target

#: Millionths in one: grades state what a unit is worth of its cost in them.
WHOLE_PPM = 1_000_000


@dataclass(slots=True)
class Layer:
    """FIFO: what is left of one entry."""

    id: UUID
    quantity: int
    cost_minor: int


@dataclass(slots=True)
class Pool:
    """`layers` oldest first under FIFO, None under moving average; `cost_minor` is before the provision."""

    quantity: int = 0
    cost_minor: int = 0
    provision_minor: int = 0
    layers: deque[Layer] | None = None

    @property
    def carrying_minor(self) -> int:
        return self.cost_minor - self.provision_minor


class Taken(NamedTuple):
    """What left a pool; `quantity` is less than asked for where the pool had less."""

    quantity: int
    cost_minor: int
    provision_minor: int


def receive(pool: Pool, quantity: int, cost_minor: int, layer_id: UUID) -> Layer | None:
    """Units in at a known cost. Under FIFO always a new layer, also where goods come back."""
    if quantity < 1 or cost_minor < 0:
        raise ValueError(f"cannot receive {quantity} units at {cost_minor}")
    pool.quantity += quantity
    pool.cost_minor += cost_minor
    if pool.layers is None:
        return None
    layer = Layer(layer_id, quantity, cost_minor)
    pool.layers.append(layer)
    return layer


def take(pool: Pool, quantity: int) -> Taken:
    """Units out at the moving average, or out of the oldest layers; at most what the pool has."""
    if quantity < 1:
        raise ValueError(f"cannot take {quantity} units")
    whole = pool.quantity
    taken = min(quantity, whole)
    if not taken:
        return Taken(0, 0, 0)
    cost = target(pool.cost_minor, taken, whole) if pool.layers is None else _take_layers(pool.layers, taken)
    # Under FIFO a dear layer may leave before the cheap ones that the provision is spread over.
    stays = pool.cost_minor - cost
    provision = max(target(pool.provision_minor, taken, whole), pool.provision_minor - stays)
    pool.quantity -= taken
    pool.cost_minor -= cost
    pool.provision_minor -= provision
    return Taken(taken, cost, provision)


def _take_layers(layers: deque[Layer], quantity: int) -> int:
    cost = 0
    while quantity:
        if not layers:
            raise ValueError("the layers hold fewer units than their pool: run `guicang verify`")
        layer = layers[0]
        part = min(quantity, layer.quantity)
        share = target(layer.cost_minor, part, layer.quantity)
        layer.quantity -= part
        layer.cost_minor -= share
        cost += share
        quantity -= part
        if not layer.quantity:
            layers.popleft()
    return cost


def write_down(pool: Pool, amount_minor: int, *, through_provision: bool) -> None:
    """Lower what the pool is carried at: its cost, or by raising the provision.

    Under FIFO a direct write-down lowers the newest layers first: it follows the entry of the
    goods it is for. Raises ValueError where it is more than the pool is carried at.
    """
    if not 0 <= amount_minor <= pool.carrying_minor:
        raise ValueError(f"cannot write {amount_minor} off a pool carried at {pool.carrying_minor}")
    if through_provision:
        pool.provision_minor += amount_minor
    else:
        _lower_cost(pool, amount_minor)


def adjust(pool: Pool, amount_minor: int) -> int:
    """Change the value without a quantity (a price difference that came late); answers what the pool took.

    A pool without units takes nothing, and none falls below its provision: the rest is for the caller to expense.
    """
    if not pool.quantity:
        return 0
    if amount_minor < 0:
        lowered = min(-amount_minor, pool.carrying_minor)
        _lower_cost(pool, lowered)
        return -lowered
    pool.cost_minor += amount_minor
    if pool.layers is not None:
        pool.layers[-1].cost_minor += amount_minor
    return amount_minor


def _lower_cost(pool: Pool, amount_minor: int) -> None:
    pool.cost_minor -= amount_minor
    layers: Iterable[Layer] = reversed(pool.layers) if pool.layers is not None else ()
    for layer in layers:
        part = min(amount_minor, layer.cost_minor)
        layer.cost_minor -= part
        amount_minor -= part
        if not amount_minor:
            return


def worth(cost_minor: int, worth_ppm: int) -> int:
    """What goods that cost `cost_minor` are worth in a grade, half up."""
    return divide_half_up(cost_minor * worth_ppm, WHOLE_PPM)


def price(cost_minor: int, of_quantity: int, quantity: int) -> int:
    """The cost of `quantity` units where `of_quantity` cost `cost_minor`, also beyond them; half up."""
    return divide_half_up(cost_minor * quantity, of_quantity)
