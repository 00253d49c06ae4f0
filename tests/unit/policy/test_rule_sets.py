"""The statements that ship, rule by rule with its article (RULES C1 and C5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from guicang.integrations.demo.ten import TEN
from guicang.policy.queries.files import presets
from guicang.policy.rules import Book, Facts, Sale, Statement, Verdict, eligibility, findings

DOCS = Path(__file__).parents[3] / "docs"
SIGNED = datetime(2026, 11, 1, 1, tzinfo=UTC)  # 2026-11-01 09:00 +08:00


def ask(preset: str, **more: Any) -> Verdict:
    of = Book(UUID(int=7), 2, presets()[preset].statement)
    return eligibility(Facts(**{"asked_at": SIGNED + timedelta(days=2), "delivered_at": SIGNED, **more}), of)


@pytest.mark.parametrize("category", ["定作", "鲜活易腐", "数字化商品", "报纸期刊", "鲜活易腐/水果"])
def test_t1_what_the_law_excludes_needs_no_consent(category: str) -> None:
    found = ask("seven_days", sale=Sale(category=category))
    assert (found.answer, found.reasons[0].code) == ("refuse", "excluded_by_law")
    # 消法 24: quality is another matter than a change of mind.
    assert ask("seven_days", sale=Sale(category=category), fault="seller").answer == "review"


def test_t2_other_kinds_are_excluded_only_as_the_buyer_confirmed() -> None:
    kind = Sale(category="不宜退货")
    assert ask("seven_days", sale=kind, confirmed_non_returnable=True).answer == "refuse"
    assert ask("seven_days", sale=kind).answer == "review"


def test_t3_seven_days_from_the_day_after_signing() -> None:
    """Signed 2026-11-01 09:00, last day 2026-11-08: a notice at 23:59 is in time, at 00:00 not."""
    midnight = datetime(2026, 11, 8, 16, tzinfo=UTC)
    assert ask("seven_days", asked_at=midnight - timedelta(minutes=1)).answer == "allow"
    assert ask("seven_days", asked_at=midnight).answer == "refuse"
    assert ask("seven_days").deadline == midnight


def test_t4_the_refund_has_seven_days() -> None:
    assert ask("seven_days").terms["refund_days"] == 7


def test_t5_freight_by_the_buyer_unless_it_is_the_sellers_fault() -> None:
    assert ask("seven_days", fault="buyer").terms["freight"] == "buyer"
    assert ask("seven_days", fault="seller").terms["freight"] == "seller"
    assert ask("seven_days", fault="carrier").terms["freight"] == "seller"


def test_t6_t7_t8_what_settling_needs_to_know() -> None:
    terms = ask("seven_days").terms
    assert (terms["discount_mode"], terms["gifts"], terms["refund_to"]) == ("reprice", "charge", "original")


@pytest.mark.parametrize(
    ("category", "condition", "answer", "requires"),
    [
        ("化妆品", "unused", "refuse", None),
        ("化妆品", "unopened", "allow", ["seal", "packaging", "accessories"]),
        ("电子电器", "unused", "allow", ["serial", "accessories"]),
        ("服装", "unused", "allow", ["tags", "accessories"]),
        ("家具", "unused", "allow", ["accessories"]),
        ("家具", "used", "refuse", None),
    ],
)
def test_t9_intact_by_kind_of_goods(category: str, condition: str, answer: str, requires: list[str] | None) -> None:
    """办法 8, 9: opening to inspect does not break it, but a seal of food or cosmetics does."""
    found = ask("seven_days", sale=Sale(category=category), condition=condition)
    assert found.answer == answer
    if requires is not None:
        assert next(one for one in found.reasons if one.code == "comes_back_with").data["requires"] == requires


def test_t10_faulty_goods_are_never_refused_by_time_alone() -> None:
    assert ask("seven_days", fault="seller", asked_at=SIGNED + timedelta(days=6), condition="used").answer == "allow"
    assert ask("seven_days", fault="seller", asked_at=SIGNED + timedelta(days=60)).answer == "review"


def test_e1_fourteen_days_from_the_day_after_delivery() -> None:
    berlin = {"zone": "Europe/Berlin", "delivered_at": datetime(2026, 11, 2, 10, tzinfo=UTC)}
    end = datetime(2026, 11, 16, 23, tzinfo=UTC)
    assert ask("eu_withdrawal", asked_at=end - timedelta(seconds=1), **berlin).answer == "allow"
    assert ask("eu_withdrawal", asked_at=end, **berlin).answer == "refuse"


def test_e1_the_last_goods_of_the_order_count() -> None:
    came = datetime(2026, 11, 2, 10, tzinfo=UTC)
    berlin: dict[str, Any] = {"zone": "Europe/Berlin", "delivered_at": came}
    found = ask("eu_withdrawal", last_delivered_at=came + timedelta(days=5), **berlin)
    assert found.deadline == datetime(2026, 11, 21, 23, tzinfo=UTC)
    found = ask("eu_withdrawal", last_delivered_at=came, more_to_come=True, **berlin)
    assert (found.answer, found.deadline, found.reasons[0].code) == ("allow", None, "not_begun")
    # Of 七日无理由 each line has its own day (T3).
    assert ask("seven_days", last_delivered_at=came + timedelta(days=5), more_to_come=True).deadline is not None


def test_e1_who_was_not_told_of_the_right_has_twelve_months_more() -> None:
    """Delivered 2026-11-02: told, until 2026-11-16; not told, until 2027-11-16, to the second."""
    berlin: dict[str, Any] = {"zone": "Europe/Berlin", "delivered_at": datetime(2026, 11, 2, 10, tzinfo=UTC)}
    end = datetime(2027, 11, 16, 23, tzinfo=UTC)
    for withdraws in (True, False):
        more = {**berlin, "informed": False, "withdraws": withdraws}
        assert ask("eu_withdrawal", asked_at=end - timedelta(seconds=1), **more).answer == "allow"
        assert ask("eu_withdrawal", asked_at=end, **more).answer == "refuse"
    assert ask("eu_withdrawal", asked_at=end - timedelta(seconds=1), **berlin).answer == "refuse"
    assert ask("seven_days", informed=False).deadline == ask("seven_days").deadline


@pytest.mark.parametrize(
    ("came", "end"),
    [
        # A last day of 29 February ends a year later on the 28th; the hour follows summer time.
        (datetime(2028, 2, 15, 10, tzinfo=UTC), datetime(2029, 2, 28, 23, tzinfo=UTC)),
        (datetime(2026, 3, 14, 10, tzinfo=UTC), datetime(2027, 3, 28, 22, tzinfo=UTC)),
    ],
)
def test_e1_a_year_is_a_year_of_the_calendar(came: datetime, end: datetime) -> None:
    found = ask("eu_withdrawal", zone="Europe/Berlin", delivered_at=came, asked_at=came, informed=False)
    assert found.deadline == end


def test_e5_nothing_is_deducted_where_the_buyer_was_not_told() -> None:
    fee = {"kind": "percent", "value": 1500, "conditions": ["used"]}
    statement = Statement.from_data(
        {"policies": [{"code": "w", "zh": "撤回", "terms": {"days": 14, "withdrawal": True, "fees": [fee]}}]}
    )
    facts = Facts(asked_at=SIGNED, shipped_at=SIGNED, condition="used")
    book = Book(UUID(int=7), 2, statement)
    assert eligibility(facts, book).terms["fees"]
    found = eligibility(replace(facts, informed=False), book)
    assert "fees" not in found.terms
    assert found.terms["diminished_value"] == "none"
    assert "withdrawal_not_told" in {one.code for one in found.reasons}


def test_e8_a_withdrawal_owes_no_reason_and_no_picture() -> None:
    terms = {"days": 14, "withdrawal": True, "reasons": [], "evidence": "always", "resolutions": []}
    book = Book(UUID(int=7), 2, Statement.from_data({"policies": [{"code": "w", "zh": "撤回", "terms": terms}]}))
    facts = Facts(asked_at=SIGNED, shipped_at=SIGNED, reason="any", resolution="refund", pictures=0)
    assert eligibility(facts, book).answer == "refuse"
    found = eligibility(replace(facts, withdraws=True), book)
    assert (found.answer, [one.code for one in found.reasons]) == ("allow", ["in_time", "withdraws"])


def test_e8_only_where_the_policy_gives_the_right() -> None:
    assert ask("eu_withdrawal", withdraws=True).answer == "allow"
    for preset, sale in (("seven_days", Sale()), ("eu_withdrawal", Sale(category="Perishable"))):
        assert "no_right_of_withdrawal" in {one.code for one in ask(preset, sale=sale, withdraws=True).reasons}


def test_e2_to_e6_what_the_directive_wants_of_the_rest() -> None:
    terms = ask("eu_withdrawal", fault="buyer").terms
    assert {name: terms[name] for name in ("ship_days", "refund_days", "shipping_refund", "freight", "refund_to")} == {
        "ship_days": 14,
        "refund_days": 14,
        "shipping_refund": "statutory",
        "freight": "buyer",
        "refund_to": "original",
    }


def test_e7_goods_without_the_right() -> None:
    assert ask("eu_withdrawal", sale=Sale(category="Perishable")).reasons[0].code == "excluded_by_law"


def test_presets_have_no_faults_of_their_own() -> None:
    for preset in presets().values():
        known = {"conditions": ["unopened", "unused", "used", "damaged"], "reasons": [], "resolutions": []}
        assert [one for one in findings(preset.statement, known) if one.level == "error"] == []
        assert preset.zh
        assert preset.en


def test_wholesale_takes_a_fee_where_the_buyer_erred() -> None:
    found = ask("b2b", shipped_at=SIGNED, fault="buyer", condition="unopened")
    assert found.terms["fees"] == [
        {
            "kind": "percent",
            "value": 1500,
            "per": "line",
            "faults": ["buyer", "none"],
            "conditions": [],
            "grades": [],
            "taxed": True,
            "what": "restocking",
        }
    ]
    assert "fees" not in ask("b2b", shipped_at=SIGNED, fault="seller").terms


@pytest.mark.parametrize(
    ("language", "answers"),
    [("zh", ("可以退", "由人审核", "不能退")), ("en", ("allowed", "a person decides", "not eligible"))],
)
def test_the_documents_print_the_ten_orders_as_they_are(language: str, answers: tuple[str, str, str]) -> None:
    words = dict(zip(("allow", "review", "refuse"), answers, strict=True))
    text = (DOCS / language / "policies.md").read_text("utf-8")
    rows = {cells[1]: cells for line in text.splitlines() if (cells := [cell.strip() for cell in line.split("|")])[1:]}
    for one in TEN:
        cells = rows[one.number]
        assert (cells[2], cells[4], cells[7]) == (one.tier or "—", str(one.days), words[one.answer])
