"""The reasons that forms offer staff: why they decide as they do. What customers may say is a company's own list
(`policy/facts.py`). All are codes: they go into the trail, which outlives every person, so no words of people.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple


class Why(NamedTuple):
    code: str
    zh: str
    en: str


_DAMAGED, _WORN = Why("damaged_in_use", "使用后损坏", "Damaged in use"), Why("worn", "已穿用", "Worn or used")
_GESTURE, _MISTAKE = Why("goodwill", "善意让步", "Goodwill"), Why("entered_wrongly", "录入有误", "Entered wrongly")
_MIND = Why("customer_changed_mind", "客户改变主意", "The customer changed his mind")
_AGREED = Why("agreed_with_customer", "与客户商定", "Agreed with the customer")
_UNRETURNABLE = Why("not_returnable", "商品不支持退货", "The goods cannot come back")
_OTHER = Why("other", "其他", "Other")
_EXCEPTION = (
    _GESTURE,
    Why("promised", "曾向客户承诺", "It was promised"),
    Why("our_fault", "我方责任", "Our fault"),
    Why("valued_customer", "重要客户", "A valued customer"),
    _OTHER,
)
#: Why staff give a command, by the command's name; `override` is the exception to the policy that a request makes.
WHY: dict[str, tuple[Why, ...]] = {
    "authorise": (
        Why("less_than_asked", "只同意一部分", "Only a part is granted"),
        Why("one_unit_used", "有一件已使用", "One unit was used"),
        _UNRETURNABLE,
        _AGREED,
        _OTHER,
    ),
    "reject": (
        Why("too_late", "超过退货期限", "Past the time limit"),
        _UNRETURNABLE,
        _WORN,
        _DAMAGED,
        Why("no_proof", "缺少凭据", "Proof is missing"),
        Why("suspected_abuse", "疑似恶意退货", "Abuse is suspected"),
        _OTHER,
    ),
    "retype": (
        Why("customer_wants_other", "客户改变要求", "The customer wants something else"),
        Why("entered_wrongly", "录入有误", "It was entered wrongly"),
        Why("not_worth_sending", "不值得寄回", "Not worth sending back"),
        _AGREED,
        _OTHER,
    ),
    "price": (
        Why("agreed_with_customer", "已与客户商定", "Agreed with the customer"),
        Why("market_price", "按市场价", "At the market price"),
        Why("bought_elsewhere", "非本店购买", "Bought elsewhere"),
        Why("entered_wrongly", "录入有误", "It was entered wrongly"),
        _OTHER,
    ),
    "ask": (
        Why("photo_missing", "请补充照片", "A photo is missing"),
        Why("reason_unclear", "请说明原因", "The reason is not clear"),
        Why("serial_missing", "请提供序列号", "The serial number is missing"),
        Why("address_missing", "请补充地址", "The address is missing"),
        _OTHER,
    ),
    "appeal": (
        Why("not_worn", "没有穿用过", "Not worn or used"),
        Why("new_evidence", "有新的证据", "There is new evidence"),
        Why("decided_wrongly", "原判定有误", "It was decided wrongly"),
        _GESTURE,
        _OTHER,
    ),
    "short_close": (
        Why("lost_by_carrier", "快递丢失", "Lost by the carrier"),
        Why("never_sent", "客户没有寄出", "The customer never sent them"),
        Why("fewer_in_parcel", "包裹内数量不足", "Fewer in the parcel"),
        _OTHER,
    ),
    "release": (
        Why("checked_right", "核对无误", "Checked and right"),
        _GESTURE,
        Why("not_ours", "不是本店商品", "Not goods of ours"),
        Why("serial_never_sold", "序列号不是本店售出的", "The serial number was never sold"),
        _OTHER,
    ),
    "clear_risk": (
        Why("returns_explained", "退货原因已核实", "His returns were looked into and are in order"),
        Why("checked_right", "核对无误", "Checked and right"),
        _GESTURE,
        _OTHER,
    ),
    "redispose": (
        Why("graded_wrongly", "成色判定有误", "Graded wrongly"),
        Why("repaired", "已修好", "Repaired"),
        Why("broken_inside", "内部损坏", "Broken inside"),
        Why("beyond_repair", "无法修复", "Beyond repair"),
        Why("supplier_refuses", "供应商拒收", "The supplier refuses them"),
        _OTHER,
    ),
    "turn_repair": (
        Why("beyond_repair", "无法修复", "Beyond repair"),
        Why("no_spare_parts", "没有配件", "There are no parts for it"),
        Why("dearer_than_new", "维修不划算", "The repair costs more than the goods are worth"),
        _GESTURE,
        _OTHER,
    ),
    "undo_exchange": (
        _MIND,
        Why("new_goods_missing", "换出商品缺货", "The new goods are not there"),
        _MISTAKE,
        _OTHER,
    ),
    "reverse_settlement": (
        Why("wrong_return", "退错了退货单", "The wrong return"),
        Why("wrong_amount", "金额有误", "The amount was wrong"),
        Why("refund_failed", "退款失败", "The refund failed"),
        _MISTAKE,
        _OTHER,
    ),
    "cancel": (
        Why("kept_after_all", "客户决定留下", "The customer keeps it"),
        _MIND,
        Why("duplicate", "重复申请", "Requested twice"),
        _MISTAKE,
        _OTHER,
    ),
    "remove_picture": (
        Why("wrong_picture", "传错了图片", "The wrong picture"),
        Why("shows_somebody", "拍到了无关的人或信息", "It shows people or data that have nothing to do with it"),
        Why("unusable", "看不清", "Nothing can be seen on it"),
        Why("asked_by_customer", "客户要求删除", "The customer asks for it"),
        _OTHER,
    ),
    "list_customer": (
        Why("suspected_abuse", "疑似恶意退货", "Abuse is suspected"),
        Why("swapped_goods", "曾调换商品", "He swapped goods before"),
        Why("valued_customer", "重要客户", "A valued customer"),
        Why("returns_explained", "退货原因已核实", "His returns were looked into and are in order"),
        _OTHER,
    ),
    "offer": _EXCEPTION,
    "accept_offer": _EXCEPTION,
    "override": _EXCEPTION,
}
#: How the buyer says the goods are; what is true is found at inspection.
CONDITIONS = (
    Why("unopened", "未拆封", "Unopened"),
    Why("unused", "已拆封，未使用", "Opened, not used"),
    Why("used", "已使用", "Used"),
    Why("damaged", "有破损", "Damaged"),
)
#: Why goods come back where the buyer withdraws from the contract: he owes no reason, and nobody may edit this one.
WITHDRAWAL = "withdrawal"
#: Why goods come back where the parcel never reached the buyer.
PARCEL_REFUSED, PARCEL_STOPPED = "parcel_refused", "parcel_stopped"
_WORDS: dict[str, tuple[str, str]] = {
    WITHDRAWAL: ("撤回合同（未说明理由）", "Withdrawal, no reason stated"),
    PARCEL_REFUSED: ("拒收", "The buyer refused the parcel"),
    PARCEL_STOPPED: ("拦截", "The parcel was stopped on its way"),
    "never_delivered": ("包裹未送达，无需审核", "Never delivered: nothing to decide"),
    "unknown_sender": ("寄件人不明", "The sender is unknown"),
    "by_policy": ("政策自动同意", "Granted by the policy"),
    "by_clock": ("期限已到，自动处理", "The time was up"),
    "by_platform": ("平台逾期自动同意", "Granted by the platform, whose time was up"),
    **{why.code: (why.zh, why.en) for offered in WHY.values() for why in offered},
    **{condition.code: (condition.zh, condition.en) for condition in CONDITIONS},
}


#: What came instead of what was sold: what holds a refund.
_FOUND = {
    "serial": ("序列号 {}", "serial number {}"),
    "weight": ("实重/售出重量 {} 克", "{} g weighed/sold"),
    "lot": ("实到/售出批号 {}", "lot found/sold {}"),
}


def unlike(declared: str, found: str, missing: Collection[str]) -> bool:
    """Whether goods are not as they were declared, or not complete. '' is what nobody said or looked at."""
    return bool(missing) or bool(declared and found and declared != found)


def label(code: str, language: str) -> str:
    """A reason of staff or a condition in words; the code itself where no list has it."""
    kind, _, detail = code.partition(":")
    zh, en = _FOUND[kind] if kind in _FOUND and detail else _WORDS.get(code, (code, code))
    return (zh if language.startswith("zh") else en).replace("{}", detail)
