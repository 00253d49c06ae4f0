"""Faults in exchanges and what is kept for them; and that no proof is without a fault that it finds."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from guicang.accounting.models import Account, EntryLine
from guicang.inventory.models import Reservation, StockLevel
from guicang.kernel import guards
from guicang.kernel.ids import NIL, new_id
from guicang.payments.models import Refund
from guicang.proofs import queries as proofs
from guicang.returns.models import Collection, Swap
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.collect import Collecting, collect
from guicang.sales.models import Order
from tests.journeys.acts import do, verified
from tests.journeys.test_exchange import exchanged, priced, sell_at_80

TESTS = Path(__file__).resolve().parents[2]
#: What a test module says that plants faults: rows changed past their guards, and proofs that fail.
PLANTS = (".removed(connection)", "not proof.ok", "not each.ok", "not one.ok", ".differences")


def clearing() -> Any:
    return EntryLine.objects.filter(account_id__in=Account.objects.filter(role="exchange_clearing").values("id"))


@pytest.mark.parametrize(
    ("plant", "proof"),
    [
        (lambda: Collection.objects.update(amount_minor=F("amount_minor") + 1), "exchanges"),
        (lambda: Refund.objects.filter(method="exchange").update(amount_minor=F("amount_minor") - 1), "exchanges"),
        (lambda: clearing().filter(amount_minor__gt=0).update(amount_minor=F("amount_minor") + 1), "exchanges"),
        (lambda: Swap.objects.update(line_id=new_id()), "exchanges"),
        (
            lambda: Order.objects.exclude(return_id=NIL).update(currency="USD"),
            "exchanges",
        ),
        (lambda: StockLevel.objects.filter(reserved__gt=0).update(reserved=F("reserved") - 1), "stock_reservations"),
        (lambda: Reservation.objects.update(quantity=F("quantity") + 1), "stock_reservations"),
    ],
)
def test_a_planted_fault_is_found(world: Any, plant: Callable[[], int], proof: str) -> None:
    """80 for 90: credited, moved, collected, the new goods still in stock and kept."""
    key, _ = exchanged(world, sell_at_80(world), Instead(priced(world, "DEAR", 9000), 1))
    do(collect, world, Collecting(key, "card"))
    verified()
    with guards.removed(connection):
        assert plant()
    assert proof in {each.name for each in proofs.run() if not each.ok}


def test_no_proof_is_without_a_fault_that_it_finds(db: None) -> None:
    """A proof that nothing was ever planted for may be one that finds nothing."""
    named: set[str] = set()
    for path in [*TESTS.rglob("test_*.py"), *(TESTS.parent / "src").rglob("test_*.py")]:
        text = path.read_text(encoding="utf8")
        if any(word in text for word in PLANTS):
            tree = ast.walk(ast.parse(text))
            named |= {node.value for node in tree if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    without = {proof.name for proof in proofs.run()} - named
    assert not without
