"""Identifiers, made in the application so that whole sets are written without reading ids back."""

from __future__ import annotations

import hashlib
from uuid import UUID

from uuid_utils.compat import uuid7

#: Stands in unique keys where there is nothing to point at: NULLs would be distinct from one another.
NIL = UUID(int=0)


def new_id() -> UUID:
    """A UUIDv7: sorts by the time it was made."""
    return uuid7()


def derived_id(*parts: object) -> UUID:
    """The same id for the same parts, always: primary key of running balances (levels, pools, heads).

    A row whose id follows from its key can be locked and updated in sets by primary key alone,
    without a look-up by five columns first.
    """
    text = "\x1f".join(part.hex if isinstance(part, UUID) else str(part) for part in parts)
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")
    # The version and variant bits of a UUIDv8 (RFC 9562): "made by the application's own rule".
    number = number & ~(0xC000 << 48) | 0x8000 << 48
    return UUID(int=number & ~(0xF000 << 64) | 8 << 76)


#: Of letters that look alike (0 O Q, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V) or sound alike (M N) one at the most. 23 are
#: left, a prime, so that the weighted check character finds every single error and every swap of neighbours.
CODE_ALPHABET = "23456789ACDEFHJKMPRTWXY"


def check_character(body: str) -> str:
    """The last character of a code: weighted sum over a prime alphabet."""
    total = sum((position + 2) * CODE_ALPHABET.index(letter) for position, letter in enumerate(reversed(body)))
    return CODE_ALPHABET[-total % len(CODE_ALPHABET)]


def code_of(sequence: int, secret: str, length: int = 10) -> str:
    """The code of the `sequence`-th document: two different numbers never give the same code.

    A keyed permutation (a four-round Feistel network over two halves of the body) makes it
    unguessable without the secret and collision-free without a look-up.
    """
    base = len(CODE_ALPHABET)
    big, small = base ** ((length + 1) // 2), base ** (length // 2)
    if not 0 <= sequence < big * small:
        raise ValueError("the range of codes is used up")
    left, right = divmod(sequence, small)
    for turn in range(4):
        word = hashlib.blake2b(f"{turn}:{right if turn % 2 == 0 else left}".encode(), key=secret.encode()[:64]).digest()
        if turn % 2 == 0:
            left = (left + int.from_bytes(word[:12], "big")) % big
        else:
            right = (right + int.from_bytes(word[:12], "big")) % small
    number, letters = left * small + right, []
    for _ in range(length):
        number, digit = divmod(number, base)
        letters.append(CODE_ALPHABET[digit])
    body = "".join(reversed(letters))
    return body + check_character(body)


def code_is_well_formed(code: str) -> bool:
    letters = code.replace("-", "").upper()
    return (
        len(letters) > 1 and all(c in CODE_ALPHABET for c in letters) and check_character(letters[:-1]) == letters[-1]
    )
