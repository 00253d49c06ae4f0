"""Codes that people read aloud, and ids that follow from their parts."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guicang.kernel.ids import CODE_ALPHABET, code_is_well_formed, code_of, derived_id

SPACE = len(CODE_ALPHABET) ** 10


@given(st.sets(st.integers(0, SPACE - 1), min_size=2, max_size=50))
def test_two_numbers_never_share_a_code(numbers: set[int]) -> None:
    assert len({code_of(number, "secret") for number in numbers}) == len(numbers)


@pytest.mark.parametrize("alike", ["0OQ", "1IL", "2Z", "5S", "6G", "8B", "UV", "MN"])
def test_no_two_letters_look_or_sound_alike(alike: str) -> None:
    assert len(set(alike) & set(CODE_ALPHABET)) <= 1
    assert len(set(CODE_ALPHABET)) == len(CODE_ALPHABET) == 23


def test_a_small_space_is_permuted_whole() -> None:
    whole = len(CODE_ALPHABET) ** 2
    assert len({code_of(number, "secret", 2) for number in range(whole)}) == whole
    with pytest.raises(ValueError, match="used up"):
        code_of(whole, "secret", 2)


def test_codes_depend_on_the_secret() -> None:
    assert code_of(1, "one") != code_of(1, "two")


@given(st.integers(0, SPACE - 1), st.integers(0, 10), st.sampled_from(CODE_ALPHABET))
def test_one_wrong_letter_is_found(number: int, place: int, letter: str) -> None:
    code = code_of(number, "secret")
    assert code_is_well_formed(code)
    if code[place] != letter:
        assert not code_is_well_formed(code[:place] + letter + code[place + 1 :])


@given(st.integers(0, SPACE - 1), st.integers(0, 9))
def test_two_swapped_neighbours_are_found(number: int, place: int) -> None:
    code = code_of(number, "secret")
    if code[place] != code[place + 1]:
        assert not code_is_well_formed(code[:place] + code[place + 1] + code[place] + code[place + 2 :])


def test_a_derived_id_is_stable_and_of_version_8() -> None:
    assert derived_id("level", UUID(int=1), "") == derived_id("level", UUID(int=1), "")
    assert derived_id("level", "ab", "c") != derived_id("level", "a", "bc")
    assert derived_id("x").version == 8
