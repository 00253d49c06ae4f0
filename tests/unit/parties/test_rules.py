"""Normal forms, masks, blind indexes and sealing."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from guicang.parties import rules

KEY, OTHER = b"one key", b"another key"


@pytest.mark.parametrize(
    "written",
    ["13812345678", "138-1234-5678", "+86 138 1234 5678", "0086 13812345678", "8613812345678", "１３８12345678"],
)
def test_one_phone_has_one_form(written: str) -> None:
    assert rules.normal("phone", written) == "+8613812345678"


def test_phones_of_other_countries() -> None:
    assert rules.normal("phone", "020 7946 0018", "GB") == "+442079460018"
    assert rules.normal("phone", "+1 (415) 555-0100") == "+14155550100"
    assert rules.normal("phone", "n/a") == ""


def test_text_is_compared_in_lower_case_without_odd_blanks() -> None:
    assert rules.normal("email", "  Li.Lei@Example.COM ") == "li.lei@example.com"
    assert rules.normal("name", "李  雷") == "李 雷"


@pytest.mark.parametrize("value", ["138****1234", "张**", "j***@example.com", "张＊", "138xxxx1234"])
def test_a_masked_value_gets_no_index(value: str) -> None:
    assert rules.is_masked(value)
    assert rules.blind_index(KEY, "phone", value) == ""


def test_a_blind_index_is_of_its_key_its_kind_and_the_normal_form() -> None:
    index = rules.blind_index(KEY, "phone", "138 1234 5678")
    assert index == rules.blind_index(KEY, "phone", "+8613812345678")
    assert len(index) == 64
    assert index != rules.blind_index(OTHER, "phone", "+8613812345678")
    assert index != rules.blind_index(KEY, "name", "+8613812345678")
    assert rules.blind_index(KEY, "address", "中山路 1 号") == ""


def test_sealed_text_opens_in_its_own_place_alone() -> None:
    sealed = rules.seal(KEY, "customer 1 phone", "13812345678")
    assert "138" not in sealed
    assert sealed != rules.seal(KEY, "customer 1 phone", "13812345678")
    assert rules.unseal(KEY, "customer 1 phone", sealed) == "13812345678"
    for key, place in ((KEY, "customer 2 phone"), (OTHER, "customer 1 phone")):
        with pytest.raises(InvalidTag):
            rules.unseal(key, place, sealed)
