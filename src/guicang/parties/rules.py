"""Normal forms of personal data, masks, blind indexes and sealing. Pure: keys are passed in.

A blind index is HMAC-SHA-256 over kind and normal form, so that equal values are found without
decrypting and a stolen table says nothing. Sealed text is AES-256-GCM with the row's place as
associated data: a sealed value copied to another row does not open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import unicodedata

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

#: What sources write for digits and letters they hide.
_MASK = re.compile(r"[*＊●•]|x{3,}|X{3,}")
_NOT_DIGIT = re.compile(r"\D")
_NONCE_BYTES = 12
#: Free text finds nobody.
INDEXED = frozenset({"phone", "email", "name", "wechat"})
_CHINA_MOBILE_DIGITS = 11
_CALLING_CODES = {"CN": "86", "HK": "852", "TW": "886", "MO": "853", "GB": "44", "US": "1", "DE": "49", "JP": "81"}


def is_masked(value: str) -> bool:
    """True for 138****1234, 张**, j***@example.com: such a value proves nothing and merges nobody."""
    return bool(_MASK.search(value))


def normal(kind: str, value: str, country: str = "CN") -> str:
    """The form that equal values share: E.164 for phones, else lower case without outer or double blanks."""
    text = unicodedata.normalize("NFKC", value).strip()
    if kind == "phone":
        return e164(text, country)
    return " ".join(text.lower().split())


def e164(value: str, country: str = "CN") -> str:
    """+8613812345678 for 138-1234-5678, 0086 138..., +86 (138)...; national numbers are of `country`."""
    digits = _NOT_DIGIT.sub("", value)
    code = _CALLING_CODES.get(country, "86")
    if value.lstrip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if code == "86" and len(digits) == _CHINA_MOBILE_DIGITS + 2 and digits.startswith("861"):
        return f"+{digits}"
    trunk = digits[1:] if digits.startswith("0") else digits
    return f"+{code}{trunk}" if digits else ""


def blind_index(secret: bytes, kind: str, value: str, country: str = "CN") -> str:
    """64 hex digits; '' for a masked, an empty or a free-text value."""
    if kind not in INDEXED or is_masked(value):
        return ""
    form = normal(kind, value, country)
    return hmac.new(secret, f"{kind}\x1f{form}".encode(), hashlib.sha256).hexdigest() if form else ""


def order_digest(secret: bytes, shop: str, number: str) -> str:
    """What a tombstone keeps of an order: nobody without the key can tell which order it was."""
    return hmac.new(secret, f"order\x1f{shop}\x1f{number}".encode(), hashlib.sha256).hexdigest()


def sealing_key(secret: bytes) -> bytes:
    """The key that seals, apart from the one that indexes, from the same secret."""
    return hmac.new(secret, b"guicang vault 1", hashlib.sha256).digest()


def seal(secret: bytes, place: str, value: str) -> str:
    """`place` names the row; the same text is needed to open."""
    return base64.b64encode(seal_bytes(secret, place, value.encode())).decode()


def unseal(secret: bytes, place: str, sealed: str) -> str:
    """Raises cryptography.exceptions.InvalidTag where the text was changed or belongs to another place."""
    return unseal_bytes(secret, place, base64.b64decode(sealed)).decode()


def seal_bytes(secret: bytes, place: str, value: bytes) -> bytes:
    """As `seal`, for what lies in a file: 28 bytes longer than what it holds."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(sealing_key(secret)).encrypt(nonce, value, place.encode())


def unseal_bytes(secret: bytes, place: str, sealed: bytes) -> bytes:
    """Raises cryptography.exceptions.InvalidTag where the bytes were changed or belong to another place."""
    return AESGCM(sealing_key(secret)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
