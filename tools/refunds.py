"""The page "how a refund is reckoned": worked numbers that the planner itself computes, in the words of the product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import translation

from guicang.insights.reckoning import Reading, tell
from guicang.policy.queries.summary import money
from guicang.policy.rules import Statement
from guicang.returns.settlement import (
    Ask,
    Fee,
    Plan,
    Promotion,
    Rules,
    Sale,
    SaleLine,
    SaleTender,
    plan_settlement,
)
from guicang.ui.words import COMPONENTS, TENDERS

A, B, GIFT, NOBODY = (UUID(int=number) for number in range(1, 5))
LANGUAGES = {"en": "en", "zh": "zh-hans"}
TITLE = {"en": "How a refund is reckoned", "zh": "退款是怎么算出来的"}
INTRO = {
    "en": """For agents and accountants. Every number here is computed by the planner that also pays, and the words
are those that the product shows: the return's page and the customer's page open each component to the same sentence.

The order in which it goes: the share of the goods, what is withheld because of what is kept, shipping, points, fees,
and at last the cash, by each way of payment at most what came in by it. Each part is cumulative: what comes back in
three parcels adds up to what would have come back in one, to the cent.""",
    "zh": """写给客服和会计。这里的每个数字都由实际付款所用的同一套计算得出，文字也与系统所示相同：
退货单页面和客户页面上，每一项都能展开到同一句说明。

计算的顺序：商品的份额，因留下的商品而扣回的部分，运费，积分，费用，最后是退款金额，
每种支付方式最多退回当初收到的金额。
每一部分都按累计数计算：分三次退回，与一次退回合计相同，分毫不差。""",
}
HEADS = {"en": ("Component", "Amount", "Why"), "zh": ("项目", "金额", "说明")}
NAMES = {"en": {A: "A", B: "B", GIFT: "gift"}, "zh": {A: "A", B: "B", GIFT: "赠品"}}


class Case(NamedTuple):
    title: Mapping[str, str]
    told: Mapping[str, str]
    sale: Sale
    steps: tuple[tuple[Ask, ...], ...]
    rules: Rules


def sale(total: int, *lines: SaleLine, tenders: tuple[tuple[str, int], ...] = (), **more: Any) -> Sale:
    ways = [SaleTender(UUID(int=50 + n), paid, 0, kind=kind) for n, (kind, paid) in enumerate(tenders)]
    ways = ways or [SaleTender(UUID(int=50), total, 0, kind="wechat")]
    return Sale(NOBODY, "CNY", total, total, 0, 0, {line.id: line for line in lines}, ways, **more)


def back(line: UUID, units: int = 1, **more: Any) -> Ask:
    return Ask(line, line, units, **more)


def cases() -> Iterator[Case]:
    yield Case(
        {"en": "Three units for 100.00, one after the other", "zh": "三件共 100.00，分三次退"},
        {
            "en": "A third of 100.00 is no whole cent. Each settlement pays what the cumulative share has grown by.",
            "zh": "100.00 的三分之一除不尽。每次结算付的是累计份额的增量。",
        },
        sale(10000, SaleLine(A, 3, 10000, 10000, 0)),
        ((back(A),), (back(A),), (back(A),)),
        Rules(),
    )
    discounts = {A: 3125, B: 1875}
    yield Case(
        {"en": "50 off from 300, and the threshold is missed", "zh": "满 300 减 50，退货后不满门槛"},
        {
            "en": "A at 200.00 and B at 120.00, paid 270.00. B comes back, then A.",
            "zh": "A 价 200.00，B 价 120.00，实付 270.00。先退 B，再退 A。",
        },
        sale(
            27000,
            SaleLine(A, 1, 16875, 16875, 0),
            SaleLine(B, 1, 10125, 10125, 0),
            promotions=(Promotion("M", "reprice", 30000, (A, B), discounts),),
        ),
        ((back(B),), (back(A),)),
        Rules(discounts="reprice"),
    )
    yield Case(
        {"en": "The gift is kept, and comes back later", "zh": "赠品留下，后来又退回"},
        {
            "en": "A at 100.00 came with a gift whose stated value is 20.00.",
            "zh": "A 价 100.00，附赠品，标明价值 20.00。",
        },
        sale(
            10000,
            SaleLine(A, 1, 10000, 10000, 0),
            SaleLine(GIFT, 1, 0, 0, 0),
            promotions=(Promotion("G", members=(A,), gifts=((GIFT, 2000),)),),
        ),
        ((back(A),), (back(GIFT),)),
        Rules(gifts="charge"),
    )
    yield Case(
        {"en": "Free shipping is lost", "zh": "不再包邮"},
        {
            "en": "A at 60.00 and B at 50.00, free shipping from 99.00 instead of 10.00. B comes back, then A.",
            "zh": "A 价 60.00，B 价 50.00，满 99.00 包邮，原运费 10.00。先退 B，再退 A。",
        },
        sale(
            11000,
            SaleLine(A, 1, 6000, 6000, 0),
            SaleLine(B, 1, 5000, 5000, 0),
            promotions=(Promotion("F", threshold_minor=9900, shipping_minor=1000),),
        ),
        ((back(B),), (back(A),)),
        Rules(lost_shipping="give_back"),
    )
    worn = (Fee("percent", 1000, grades=("B",), what="value"),)
    yield Case(
        {"en": "A fee by grade, with tax", "zh": "按成色扣费，含税"},
        {
            "en": "Two units for 226.00 with 26.00 tax within. One was found in grade A, one in grade B.",
            "zh": "两件共 226.00，含税 26.00。检验结果一件成色 A，一件成色 B。",
        },
        sale(22600, SaleLine(A, 2, 22600, 22600, 2600)),
        ((back(A, 2, fees=worn, graded=(("A", 1), ("B", 1))),),),
        Rules(),
    )
    yield Case(
        {"en": "Two ways of payment, and shipping in proportion", "zh": "两种支付方式，运费按比例退"},
        {
            "en": "A at 90.00 and B at 30.00 with shipping of 12.00: 100.00 by card, 32.00 by WeChat. A comes back.",
            "zh": "A 价 90.00，B 价 30.00，运费 12.00：银行卡付 100.00，微信付 32.00。退 A。",
        },
        sale(
            13200,
            SaleLine(A, 1, 9000, 9000, 0),
            SaleLine(B, 1, 3000, 3000, 0),
            tenders=(("card", 10000), ("wechat", 3200)),
            shipping_standard_minor=1200,
        ),
        ((back(A),),),
        Rules(shipping="proportional"),
    )


def plans(case: Case) -> Iterator[Plan]:
    before = case.sale
    for asks in case.steps:
        plan = plan_settlement(before, asks, rules=case.rules)
        before = plan.sale
        yield plan


def page(language: str) -> str:
    with translation.override(LANGUAGES[language]):
        parts = [f"# {TITLE[language]}", INTRO[language]]
        for case in cases():
            parts += [f"## {case.title[language]}", case.told[language]]
            parts += [_table(plan, language) for plan in plans(case)]
        return "\n\n".join(parts) + "\n"


def _table(plan: Plan, language: str) -> str:
    read = Reading("CNY", Statement(), {}, {str(key): name for key, name in NAMES[language].items()})
    rows = [HEADS[language], ("---", "---:", "---")]
    for one in tell(plan.explanation, read):
        name = f"{COMPONENTS[one.label]} {one.name}".strip()
        why = one.text
        if len(one.tenders) > 1:
            ways = (f"{TENDERS[each.kind]} {money(each.amount_minor, 'CNY')}" for each in one.tenders)
            why += f" ({', '.join(ways)})" if language == "en" else f"（{'、'.join(ways)}）"
        rows.append((name, money(one.amount_minor, "CNY"), why))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
