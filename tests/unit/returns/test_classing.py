"""The type of a request by its lines, and what a line comes to by what was shipped of it."""

from __future__ import annotations

import itertools

import pytest

from guicang.returns.classing import Because, resolution_of, retyped, type_of
from guicang.returns.lifecycle import LineKind, Type

GOODS = ("goods", "refund")
KEEP = ("keep", "refund_only")
UNSENT = ("unshipped", "unshipped")
MONEY = ("money", "money_only")


@pytest.mark.parametrize(
    ("lines", "type_", "because"),
    [
        ([GOODS], "refund", "goods"),
        ([KEEP], "refund_only", "kept"),
        ([UNSENT], "unshipped", "not_shipped"),
        ([MONEY], "money_only", "money"),
        ([("goods", "exchange")], "exchange", "asked"),
        ([("goods", "repair"), GOODS], "repair", "asked"),
        ([("goods", "refused_parcel"), KEEP], "refused_parcel", "refused"),
        ([UNSENT, KEEP], "refund_only", "kept"),
        ([UNSENT, GOODS], "refund", "goods"),
        ([KEEP, GOODS, MONEY], "refund", "goods"),
        ([UNSENT, MONEY], "unshipped", "not_shipped"),
        ([("blind", "refund")], "refund", "goods"),
        ([], "refund", "goods"),
    ],
)
def test_type_of(lines: list[tuple[str, str]], type_: str, because: str) -> None:
    assert type_of(lines) == (Type(type_), Because(because))


def test_every_mix_has_one_type_whatever_its_order() -> None:
    known = [GOODS, KEEP, UNSENT, MONEY, ("goods", "refused_parcel")]
    for mix in itertools.combinations_with_replacement(known, 3):
        assert len({type_of(order) for order in itertools.permutations(mix)}) == 1, mix


@pytest.mark.parametrize(
    ("asked", "units", "shipped", "unshipped", "found"),
    [
        ("refund", 2, False, 2, "unshipped"),
        ("refund_only", 1, False, 2, "unshipped"),
        ("refund", 2, True, 2, "refund"),
        ("refund", 3, False, 2, "refund"),
        ("refund", 0, False, 2, "refund"),
        ("exchange", 1, False, 2, "exchange"),
    ],
)
def test_resolution_of(asked: str, units: int, shipped: bool, unshipped: int, found: str) -> None:
    assert resolution_of(asked, units, shipped=shipped, unshipped=unshipped) == found


def test_retyped() -> None:
    assert retyped(*GOODS, Type.REFUND_ONLY) == KEEP
    assert retyped(*KEEP, Type.EXCHANGE) == ("goods", "exchange")
    for line in (UNSENT, MONEY, ("blind", "refund")):
        assert retyped(*line, Type.EXCHANGE) == line
    assert set(LineKind) >= {"goods", "keep"}
