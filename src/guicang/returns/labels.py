"""What states, types, lines and axes are called and how they look: one place for badges, documents and the API.

What may happen when stands in `lifecycle`.
"""

from __future__ import annotations

from enum import StrEnum

from guicang.returns.lifecycle import Disposition, LineKind, State, Type

LABELS: dict[StrEnum, tuple[str, str]] = {
    State.REQUESTED: ("待审核", "Awaiting review"),
    State.INFO_NEEDED: ("待补充", "Info needed"),
    State.AUTHORISED: ("已授权", "Authorised"),
    State.REJECTED: ("已拒绝", "Rejected"),
    State.IN_TRANSIT: ("退回途中", "On its way back"),
    State.RECEIVING: ("收货中", "Being received"),
    State.RECEIVED: ("已收货", "Received"),
    State.INSPECTED: ("已检验", "Inspected"),
    State.SETTLED: ("已结算", "Settled"),
    State.CLOSED: ("已完结", "Closed"),
    State.CANCELLED: ("已取消", "Cancelled"),
    State.EXPIRED: ("已过期", "Expired"),
    Type.REFUND: ("退货退款", "Return for refund"),
    Type.REFUND_ONLY: ("仅退款", "Refund only"),
    Type.UNSHIPPED: ("未发货退款", "Refund before shipment"),
    Type.EXCHANGE: ("换货", "Exchange"),
    Type.ADVANCE_EXCHANGE: ("先换后退", "Advance exchange"),
    Type.REPAIR: ("维修", "Repair"),
    Type.RESHIP: ("补发", "Reship"),
    Type.REFUSED_PARCEL: ("拒收/拦截", "Refused or intercepted parcel"),
    Type.MONEY_ONLY: ("补偿/价保", "Money only"),
    LineKind.GOODS: ("退回", "Comes back"),
    LineKind.KEEP: ("不退回", "Buyer keeps it"),
    LineKind.UNSHIPPED: ("未发货", "Not shipped"),
    LineKind.MONEY: ("仅金额", "Money only"),
    LineKind.BLIND: ("无订单", "Without an order"),
    LineKind.SURPLUS: ("多收", "Surplus"),
    LineKind.WRONG: ("错货", "Wrong goods"),
    Disposition.RESTOCK: ("重新入库", "Restock"),
    Disposition.REFURBISH: ("翻新", "Refurbish"),
    Disposition.SECOND: ("次品", "Second grade"),
    Disposition.SCRAP: ("报废", "Scrap"),
    Disposition.SUPPLIER: ("退供应商", "Return to supplier"),
    Disposition.REPAIR: ("维修", "Repair"),
    Disposition.SEND_BACK: ("寄回买家", "Send back to the buyer"),
}

#: Tone and icon of a state's badge, and of the values of the axes; colours of tones are in `ui/guicang.css`.
BADGES: dict[str, tuple[str, str]] = {
    State.REQUESTED: ("warning", "clock"),
    State.INFO_NEEDED: ("warning", "question"),
    State.AUTHORISED: ("info", "check"),
    State.REJECTED: ("danger", "cross"),
    State.IN_TRANSIT: ("info", "truck"),
    State.RECEIVING: ("info", "box"),
    State.RECEIVED: ("info", "box"),
    State.INSPECTED: ("warning", "eye"),
    State.SETTLED: ("success", "check"),
    State.CLOSED: ("neutral", "check"),
    State.CANCELLED: ("neutral", "cross"),
    State.EXPIRED: ("neutral", "clock"),
}
#: Labels and tones of what the three axes of a line may say.
AXES: dict[str, dict[str, tuple[str, str, str]]] = {
    "reception": {
        "awaiting": ("待收货", "Awaited", "info"),
        "received": ("已收货", "Received", "success"),
        "short": ("短少", "Short", "warning"),
        "lost": ("丢失", "Lost", "danger"),
    },
    "acceptance": {
        "pending": ("待检验", "To inspect", "warning"),
        "accepted": ("已接受", "Accepted", "success"),
        "rejected": ("已拒收", "Rejected", "danger"),
        "review": ("待复核", "Held for review", "danger"),
    },
    "money": {
        "none": ("无应付", "Nothing due", "neutral"),
        "due": ("待退款", "Refund due", "warning"),
        "submitted": ("退款中", "Submitted", "info"),
        "paid": ("已退款", "Refunded", "success"),
        "failed": ("退款失败", "Failed", "danger"),
    },
}


def choices(labels: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, LABELS[member][1]) for member in labels]


def label(member: StrEnum | str, kind: type[StrEnum], language: str) -> str:
    zh, en = LABELS[kind(member)]
    return zh if language.startswith("zh") else en
