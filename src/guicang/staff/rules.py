"""Who may do what: the one permission policy. Roles are data; faces, steps and tests read this table.

A permission is `context.act`. Acts on a return are the commands of the lifecycle (`returns.receive`); the rest are
what one may see (`accounting.view`) or keep (`org.manage`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    zh: str
    en: str
    permissions: frozenset[str]


def _all(context: str, acts: str) -> frozenset[str]:
    return frozenset(f"{context}.{act}" for act in acts.split())


#: Everybody can be named in an approval flow: whose word a stage asks for may give it, and look at what it is about.
_SEE = _all("returns", "view approve") | _all("policy", "view") | _all("sales", "view") | _all("inventory", "view")
_NOTE = _all("returns", "note assign")
_TALK = _all("returns", "offer accept_offer decline_offer quote_repair accept_quote decline_quote")
_SERVE = _TALK | _all("returns", "send_ahead request ask answer appeal ship cancel authorise reject retype deadline")
_SERVE |= _all("returns", "insure")
_SERVE |= _all("parties", "view") | _all("payments", "view_credit adjust_credit redeem_coupon enter_payee")
_SERVE |= _all("returns", "evidence_pack")
_APPROVE = _all("returns", "override expire release clear_risk remove_picture reassign price turn_repair")
_APPROVE |= _all("payments", "approve_credit view_drawers check_drawer")
_HANDLE = _all("returns", "ship receive short_close inspect redispose release send_out")
_HANDLE |= _all("returns", "quote_repair finish_repair turn_repair")
_PAY = _all("returns", "settle exchange collect pay_repair reverse_settlement close price insure rebate") | _all(
    "accounting", "view close_period set_off"
)
_PAY |= _all("payments", "pay enter_payee view_credit adjust_credit approve_credit")
_PAY |= _all("payments", "view_drawers use_drawer check_drawer")
_PAY |= _all("returns", "evidence_pack")
#: A whole return in one act, at a shop's counter.
_COUNTER = _all("returns", "request authorise receive inspect settle exchange collect pay_repair send_out close")
_COUNTER |= _all("parties", "view") | _all("payments", "view_credit redeem_coupon enter_payee view_drawers use_drawer")
_LOOK = _SEE | _all("accounting", "view") | _all("audit", "view") | _all("insights", "view") | _all("proofs", "run")
_LOOK |= _all("payments", "view_credit view_drawers")
_KEEP = (
    _all("staff", "manage")
    | _all("org", "manage")
    | _all("parties", "erase")
    | _all("policy", "manage")
    | _all("intake", "run")
    | _all("trade", "record")  # what a file of sales says is recorded as by its sender
    | _all("outbox", "view manage")
    | _all("webhooks", "manage")
    | _all("ui", "view")
)

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role("customer", "客户", "Customer", frozenset()),
        Role("agent", "客服", "Service agent", _SEE | _NOTE | _SERVE),
        Role("approver", "审批", "Approver", _SEE | _NOTE | _SERVE | _APPROVE | _all("insights", "view")),
        Role("warehouse", "仓库", "Warehouse", _SEE | _NOTE | _HANDLE),
        Role("counter", "门店柜台", "Shop counter", _SEE | _NOTE | _COUNTER),
        Role("finance", "财务", "Finance", _LOOK | _NOTE | _PAY | _all("parties", "view")),
        Role("analyst", "分析", "Analyst", _LOOK),
        Role("admin", "管理员", "Administrator", _LOOK | _NOTE | _SERVE | _APPROVE | _HANDLE | _PAY | _KEEP),
    )
}
STAFF = tuple(code for code in ROLES if code != "customer")


def permissions(role: str) -> frozenset[str]:
    """What a role may do; nothing for a role nobody knows."""
    return ROLES[role].permissions if role in ROLES else frozenset()


def label(role: str, language: str) -> str:
    known = ROLES.get(role)
    if known is None:
        return role
    return known.zh if language.startswith("zh") else known.en
