"""What makes an account number one, and what of it everybody may see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guicang.payments.facts import Details
from guicang.payments.rules.payees import BANKS, WALLETS, bank_code, card, faults, iban, masked, tidy, wants

#: Numbers that registries and standards print as examples.
IBANS = ("DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NO9386011117947")
CARDS = ("4111111111111111", "6222021234567890128", "5555555555554444")


@pytest.mark.parametrize("number", IBANS)
def test_ibans_hold_and_every_single_wrong_digit_is_found(number: str) -> None:
    assert iban(number)
    for at, digit in enumerate(number):
        if digit.isdigit():
            assert not iban(number[:at] + str((int(digit) + 1) % 10) + number[at + 1 :])
    assert not iban(number + "0")
    assert not iban(number[:-1])
    assert not iban("XX" + number[2:])


@pytest.mark.parametrize("number", CARDS)
def test_cards_hold_and_every_single_wrong_digit_is_found(number: str) -> None:
    assert card(number)
    for at, digit in enumerate(number):
        assert not card(number[:at] + str((int(digit) + 1) % 10) + number[at + 1 :])
    for wrong in ("0" * 16, number[:15], number + "0000", "４１１１１１１１１１１１１１１１", ""):
        assert not card(wrong)


def test_bank_codes() -> None:
    for good in ("DEUTDEFF", "DEUTDEFF500", "102100099996", "021000021"):
        assert bank_code(good)
    for bad in ("", "DEUTDEF", "021000022", "1021000999", "DEUT1EFF", "０２１００００２１"):
        assert not bank_code(bad)


def test_details_are_tidied_and_every_fault_is_named() -> None:
    said = tidy(Details("iban", " 李  明 ", "de89 3704-0044 0532 0130 00", "", " deutdeff "))
    assert said == Details("iban", "李 明", IBANS[0], "", "DEUTDEFF")
    assert faults(said, BANKS) == []
    assert faults(said, ("card",)) == ["kind"]
    assert faults(Details("card", "李", "4111111111111112"), BANKS) == ["name", "account", "bank"]
    assert faults(Details("card", "张**", CARDS[0], "工商银行"), BANKS) == ["name"]
    assert faults(Details("other", "Li Ming", "123456789", "First Bank"), BANKS) == ["code"]
    assert faults(Details("other", "Li Ming", "123456789", "First Bank", "021000021"), BANKS) == []
    assert faults(Details("iban", "Li Ming", IBANS[0], "", "NOPE"), BANKS) == ["code"]


def test_wallets_only_where_they_are_allowed() -> None:
    for kind, account in (("alipay", "ming@example.com"), ("alipay", "13800000000"), ("wechat", "ming_2026")):
        said = tidy(Details(kind, "李明", account, "dropped", "dropped"))
        assert said == Details(kind, "李明", account)
        assert faults(said, BANKS) == ["kind"]
        assert faults(said, (*BANKS, *WALLETS)) == []
    assert faults(Details("alipay", "李明", "nobody"), WALLETS) == ["account"]
    assert faults(Details("wechat", "李明", "1ab"), WALLETS) == ["account"]


@given(st.text(min_size=1, max_size=34))
def test_what_is_shown_of_a_number_is_its_end_at_most(account: str) -> None:
    shown = masked(account)
    if "@" not in account:
        assert len(shown.removeprefix("•••• ").removeprefix("••••")) <= 4
    assert masked("ming@example.com") == "m•••@example.com"
    assert masked(IBANS[0]) == "•••• 3000"
    assert masked("1234") == "••••"


@given(st.text(max_size=40), st.text(max_size=90))
def test_nothing_that_somebody_types_breaks_a_check(account: str, name: str) -> None:
    for kind in (*BANKS, *WALLETS, "gold"):
        assert isinstance(faults(tidy(Details(kind, name, account, name, account)), (*BANKS, *WALLETS)), list)


def test_only_transfers_that_are_paid_later_have_to_know() -> None:
    assert wants("by_hand", "", "bank", 1)
    assert wants("port", "bank", "wechat", 1)
    for nobody in (("at_once", "", "bank", 1), ("platform", "bank", "", 1), ("by_hand", "", "wechat", 1)):
        assert not wants(*nobody)
    assert not wants("by_hand", "cash", "bank", 1)
    assert not wants("by_hand", "", "bank", -1)
