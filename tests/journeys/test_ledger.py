"""The real ledger of a wholesaler, end to end: every row accounted for, every sum equal to the source's own."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from guicang.accounting.models import Account, EntryLine
from guicang.intake.models import ReturnSourceLine, SetAsideRow
from guicang.inventory.models import StockValue
from guicang.kernel.models import OutboxMessage
from guicang.returns.models import Return, SettlementLine
from guicang.sales.models import Order, OrderLine, ShipmentLine
from tests.journeys.files import Desk

LEDGER = Path(__file__).parents[3] / "shared" / "data" / "online_retail_2010-12_2011-06.csv.xz"
#: What the data's own page says of it.
SOURCE = {"rows": 245_903, "documents": 2_006, "lines": 4_494, "units": -131_028, "value": "-428515.73"}
BUCKETS = ("booked", "unmatched", "set_aside")
#: Documents, lines, units and value of each, from the rule of matching worked out by hand-written code of its own.
MATCHED = {
    "booked": (1_598, 3_552, -113_033, "-407458.84"),
    "unmatched": (408, 942, -17_995, "-21056.89"),
    "set_aside": (0, 0, 0, "0"),
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LEDGER.exists(), reason=f"the real ledger is not here: {LEDGER}"),
]


def test_the_whole_ledger_of_sales_and_returns(desk: Desk) -> None:
    words = (LEDGER, "--profile", "online_retail", "--out", desk.folder)
    sales = desk.imports("orders", *words)
    assert {name: sales[name] for name in ("rows", "imported", "set_aside", "other_command")} == {
        "rows": 245_903,
        "imported": 240_651,
        "set_aside": 758,
        "other_command": 4_494,
    }
    assert sales["codes"] == {"write_off": 758}
    assert (Order.objects.count(), OrderLine.objects.count()) == (10_031, 240_651)
    receivable = _balance("receivable")
    assert receivable == sum(OrderLine.objects.values_list("paid_minor", flat=True))

    returns = desk.run("process", "returns", *words)
    assert (returns["imported"], returns["other_command"], returns["set_aside"]) == (4_494, 241_409, 0)
    _summary_is_the_sources_own(desk.run("report", "summary"))
    _books_say_the_same(receivable)
    _nothing_was_announced_or_valued()
    _no_over_return()
    results = desk.results()
    assert len({row["row"] for row in results}) == 4_494
    assert Counter(row["bucket"] for row in results)["set_aside"] == 0

    counts = (Return.objects.count(), EntryLine.objects.count(), SettlementLine.objects.count())
    assert desk.run("process", "returns", *words)["unchanged"] == 4_494
    assert (Return.objects.count(), EntryLine.objects.count(), SettlementLine.objects.count()) == counts
    assert SetAsideRow.objects.count() == 758
    desk.run("verify")


def _balance(role: str) -> int:
    account = Account.objects.get(role=role)
    return sum(EntryLine.objects.filter(account_id=account.id).values_list("book_minor", flat=True))


def _summary_is_the_sources_own(facts: dict[str, Any]) -> None:
    source = facts["source"]
    assert {name: source[name] for name in SOURCE} == SOURCE
    assert source["other"]["value"] == "4826466.491"
    assert facts["adds_up"]
    for name in ("documents", "lines", "units"):
        assert sum(facts[bucket][name] for bucket in BUCKETS) == SOURCE[name]
    assert str(sum(Decimal(facts[bucket]["value"]) for bucket in BUCKETS)) == SOURCE["value"]
    found = {name: tuple(facts[name][key] for key in ("documents", "lines", "units", "value")) for name in BUCKETS}
    assert found == MATCHED
    assert (facts["booked"]["sale_share"], facts["booked"]["price_difference"]) == ("163346.2", "8.75")
    kinds = facts["booked"]["kinds"]
    assert sum(kind["lines"] for kind in kinds.values()) == 299
    assert sum(Decimal(kind["value"]) for kind in kinds.values()) == Decimal("-244304.42")
    reasons = facts["unmatched"]["reasons"]
    assert reasons["no_earlier_sale"] + reasons["customer_unknown"] == 924
    assert facts["set_aside"]["lines"] == 0


def _books_say_the_same(receivable_before: int) -> None:
    """Each matched return is a credit to the receivable; what was beyond the sale is an expense, never credit."""
    booked = ReturnSourceLine.objects.filter(bucket="booked")
    recorded = sum(booked.values_list("recorded_minor", flat=True))
    assert receivable_before - _balance("receivable") == recorded
    beyond = sum(booked.filter(kind="goods").values_list("price_difference_minor", flat=True))
    assert _balance("price_difference") == beyond
    assert sum(EntryLine.objects.values_list("book_minor", flat=True)) == 0


def _nothing_was_announced_or_valued() -> None:
    assert not OutboxMessage.objects.exists()
    assert not StockValue.objects.exists()


def _no_over_return() -> None:
    booked = dict(Return.objects.filter(link_kind="").values_list("state").order_by().values_list("state", "pk"))
    assert set(booked) == {"closed"}
    waiting = set(Return.objects.filter(link_kind="unmatched").values_list("state", flat=True))
    assert waiting == {"requested"}
    units = sum(
        abs(units)
        for units in ReturnSourceLine.objects.filter(bucket="booked", kind="goods").values_list("units", flat=True)
    )
    assert sum(ShipmentLine.objects.values_list("claimed", flat=True)) == units
