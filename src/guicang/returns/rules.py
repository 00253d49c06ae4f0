"""Why something comes back: the reasons that forms offer, with who is at fault where the buyer is right."""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """`seller_fault`: as the buyer states it; what is true is found at inspection."""

    code: str
    zh: str
    en: str
    seller_fault: bool


REASONS: dict[str, Reason] = {
    reason.code: reason
    for reason in (
        Reason("changed_mind", "不喜欢 / 不想要了", "Changed my mind", False),
        Reason("too_small", "尺码偏小", "Too small", False),
        Reason("too_large", "尺码偏大", "Too large", False),
        Reason("not_as_described", "与描述不符", "Not as described", True),
        Reason("faulty", "质量问题", "Faulty", True),
        Reason("damaged", "收到时已破损", "Damaged on arrival", True),
        Reason("wrong_item", "发错货", "Wrong item sent", True),
        Reason("missing_part", "少件 / 漏发", "Parts missing", True),
        Reason("late", "到货太晚", "Arrived too late", True),
        Reason("other", "其他", "Other", False),
    )
}


def label(code: str, language: str) -> str:
    known = REASONS.get(code)
    if known is None:
        return code
    return known.zh if language.startswith("zh") else known.en
