"""Where a bank transfer goes: kinds of accounts, what makes a number one, and how it is shown. Pure.

Numbers are checked by their own check digits (ISO 13616 for IBANs, ISO/IEC 7812 for cards, the ABA's for US banks):
that finds every single wrong digit, and says nothing about whose account it is. The table of lengths is all that a
library would bring.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum
from typing import Final

from guicang.payments.facts import Details
from guicang.payments.rules import Method, Way


class AccountKind(StrEnum):
    CARD = "card"  # a Chinese bank card
    IBAN = "iban"
    OTHER = "other"  # any other number, which only its bank's code makes one
    ALIPAY = "alipay"
    WECHAT = "wechat"


class PayeeState(StrEnum):
    """Of a refund: whether it is known where its money goes."""

    NONE = ""  # nobody has to know
    MISSING = "missing"
    UNCONFIRMED = "unconfirmed"  # a second person has to look
    READY = "ready"


#: Accounts that every company pays to; those of wallets it allows by itself.
BANKS: Final = (AccountKind.CARD, AccountKind.IBAN, AccountKind.OTHER)
WALLETS: Final = (AccountKind.ALIPAY, AccountKind.WECHAT)
#: Ways on which money goes only where somebody says where to.
_PAID_LATER = (Way.BY_HAND, Way.PORT)

NAME_MOST, BANK_MOST = 80, 80
_CARD = re.compile(r"\d{16,19}")
_OTHER = re.compile(r"[0-9A-Z]{4,34}")
_BIC = re.compile(r"[A-Z]{6}[0-9A-Z]{2}([0-9A-Z]{3})?")
_CNAPS = re.compile(r"\d{12}")
_ABA = re.compile(r"\d{9}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_EMAIL = re.compile(r"[^@\s]{1,60}@[^@\s]{1,60}\.[^@\s]{2,20}")
_WECHAT = re.compile(r"[A-Za-z][-_0-9A-Za-z]{5,19}")
#: What hides digits: such a number pays nobody.
_HIDDEN = re.compile(r"[*＊●•]")
#: Length of an IBAN by country, as the registry of ISO 13616 has them.
_LENGTHS: dict[str, int] = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}


def wants(way: str, method: str, kind: str, amount_minor: int) -> bool:
    """Whether somebody has to know where the money of such a refund goes."""
    return amount_minor > 0 and way in _PAID_LATER and (method or kind) == Method.BANK


def tidy(said: Details) -> Details:
    """As it is kept: wide letters made narrow, numbers without blanks and hyphens, letters of numbers large."""
    bank = said.kind not in WALLETS
    account = "".join(_narrow(said.account).split())
    account = account.replace("-", "").upper() if bank else account
    name, house = (" ".join(_narrow(text).split()) for text in (said.name, said.bank))
    code = "".join(_narrow(said.code).split()).replace("-", "").upper()
    return Details(said.kind, name, account, house if bank else "", code if bank else "")


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def faults(said: Details, allowed: Collection[str]) -> list[str]:
    """What is wrong with tidy details, as codes: kind, name, account, bank, code."""
    if said.kind not in allowed:
        return ["kind"]
    found = [] if _named(said.name, NAME_MOST) else ["name"]
    if not _ACCOUNTS[AccountKind(said.kind)](said.account):
        found.append("account")
    if said.kind in (AccountKind.CARD, AccountKind.OTHER) and not _named(said.bank, BANK_MOST):
        found.append("bank")
    if said.kind == AccountKind.IBAN and said.bank and not _named(said.bank, BANK_MOST):
        found.append("bank")
    if (said.code or said.kind == AccountKind.OTHER) and not bank_code(said.code):
        found.append("code")
    return found


def _named(text: str, most: int) -> bool:
    return 1 < len(text) <= most and not _HIDDEN.search(text) and text.isprintable()


def card(number: str) -> bool:
    """16 to 19 digits with the check digit of Luhn, and not all alike."""
    if not number.isascii() or not _CARD.fullmatch(number) or len(set(number)) == 1:
        return False
    doubled = [int(digit) * 2 for digit in number[-2::-2]]
    total = sum(int(digit) for digit in number[-1::-2]) + sum(each - 9 if each > 9 else each for each in doubled)  # noqa: PLR2004 - digits
    return total % 10 == 0


def iban(number: str) -> bool:
    """The length of its country, and remainder 1 of 97."""
    if not number.isascii() or not number.isalnum() or _LENGTHS.get(number[:2]) != len(number):
        return False
    turned = number[4:] + number[:4]
    return number[2:4].isdigit() and int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def bank_code(code: str) -> bool:
    """A BIC, the 12 digits of a Chinese bank, or the 9 of one in the USA with their check digit."""
    if not code.isascii():
        return False
    if _ABA.fullmatch(code):
        return sum(int(digit) * weight for digit, weight in zip(code, (3, 7, 1) * 3, strict=True)) % 10 == 0
    return bool(_BIC.fullmatch(code) or _CNAPS.fullmatch(code))


def _alipay(account: str) -> bool:
    return account.isascii() and bool(_MOBILE.fullmatch(account) or _EMAIL.fullmatch(account))


def _wechat(account: str) -> bool:
    return account.isascii() and bool(_MOBILE.fullmatch(account) or _WECHAT.fullmatch(account))


_ACCOUNTS = {
    AccountKind.CARD: card,
    AccountKind.IBAN: iban,
    AccountKind.OTHER: lambda account: account.isascii() and bool(_OTHER.fullmatch(account)),
    AccountKind.ALIPAY: _alipay,
    AccountKind.WECHAT: _wechat,
}
#: How many characters of an account everybody may see.
_SHOWN = 4


def masked(account: str) -> str:
    """`•••• 3000`: enough to tell two accounts apart, too little to pay to one. Of an e-mail address, its end."""
    name, at, house = account.partition("@")
    if at:
        return f"{name[:1]}•••@{house}"
    return f"•••• {account[-_SHOWN:]}" if len(account) > _SHOWN + 1 else "••••"
