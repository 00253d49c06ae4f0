"""Profiles: the shipped ones hold together, and every wrong key or value is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from guicang.intake.profiles import FIELDS, KINDS, ProfileFault, load, shipped, template
from guicang.intake.tables.detect import names_of

GOOD = """kind = "orders"
zone = "Asia/Shanghai"
currency = "CNY"
required = ["sku"]
[columns]
sku = "SKU"
unit_price = "价"
"""


@pytest.mark.parametrize("kind", KINDS)
def test_templates_carry_every_field(kind: str) -> None:
    profile = load("template", kind)
    assert list(profile.columns) == list(FIELDS[kind])
    assert [names[0] for names in profile.columns.values()] == template(kind)
    names = [name for header in template(kind) for name in names_of(header)]
    assert len(names) == len(set(names)) == 3 * len(FIELDS[kind])


def test_every_shipped_profile_loads() -> None:
    assert "online_retail" in shipped()
    for name in shipped():
        assert load(name).name == name


def test_online_retail_serves_orders_and_returns() -> None:
    orders, returns = load("online_retail", "orders"), load("online_retail", "returns")
    assert orders.columns["order_number"] == returns.columns["return_number"] == ("InvoiceNo",)
    assert "order_number" not in returns.columns
    assert (orders.ownership.goods, orders.ownership.books, orders.ownership.before_first_row) == (
        "mirrored",
        "owned",
        True,
    )
    classes = {
        code: orders.codes.classify(code) for code in ("POST", "dot", "C2", "D", "AMAZONFEE", "Bank Charges", "m", "S")
    }
    assert list(classes.values()) == ["postage"] * 3 + ["discount", "fee", "fee", "manual", "manual"]
    assert {orders.codes.classify(code) for code in ("85123A", "PADS", "DCGS0003", "gift_0001_10")} == {"goods"}
    assert orders.commands.of({"order_number": "C536379"}, -1) == "return"
    assert returns.commands.of({"return_number": "C536379"}, -1) == "return"
    assert [orders.commands.of({"order_number": "536379"}, count) for count in (1, -1)] == ["sale", "write_off"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('currency = "CNY"', 'curency = "CNY"'), "curency: unknown key"),
        (('sku = "SKU"', 'sku = "SKU"\nskuu = "X"'), "columns.skuu: unknown key"),
        (('"orders"', '"invoices"'), "kind: 'invoices' is not one of"),
        (("Asia/Shanghai", "Asia/Atlantis"), "zone: 'Asia/Atlantis'"),
        (('"CNY"', '"yuan"'), "currency: 'yuan'"),
        (('currency = "CNY"\n', ""), "currency: give a fixed currency"),
        (('["sku"]', '["sku", "name"]'), "required: 'name' has no entry"),
        (('["sku"]', "[]"), "required: name at least one"),
        (("[columns]", 'decimal = "point"\n[columns]'), "decimal: 'point' is not one of"),
        (("[columns]", 'dates = ["dd/mm"]\n[columns]'), "dates: 'dd/mm' is no date format"),
        (("[columns]", 'tax_rate = "13"\n[columns]'), "tax_rate: '13'"),
        (("[columns]", "tax_rate = 0.13\n[columns]"), "tax_rate: must be a text"),
        (("[columns]", "price_includes_tax = 1\n[columns]"), "price_includes_tax: must be true or false"),
        (("[columns]", '[ownership]\ngoods = "mine"\n[columns]'), "ownership.goods: 'mine'"),
        (("[columns]", "[ownership]\ncut_over = 2026-01-01T00:00:00\n[columns]"), "ownership.cut_over: must be"),
        (("[columns]", '[codes]\nfee = ["A"]\nmanual = ["A"]\n[columns]'), "codes.manual: 'A'"),
        (("[columns]", '[commands]\ncolumn = "status"\n[columns]'), "commands.column:"),
        (("[columns]", '[place]\ncity = "X"\n[columns]'), "place.city: unknown key"),
        (("[columns]", '[values.colour]\nred = "r"\n[columns]'), "values.colour: unknown key"),
        (('sku = "SKU"', "sku = []"), "columns.sku: must name"),
        (('zone = "Asia/Shanghai"', "zone = 8"), "zone: must be a text"),
    ],
)
def test_wrong_profiles_are_refused(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(*change))
    with pytest.raises(ProfileFault) as caught:
        load(path)
    assert said in str(caught.value), caught.value.data


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace("[columns]", "[ownership]\ncut_over = 2026-01-01T00:00:00+08:00\n[columns]"))
    profile = load(str(path))
    assert (profile.name, profile.columns["sku"]) == ("mine", ("SKU",))
    assert profile.ownership.cut_over is not None
    assert profile.ownership.cut_over.isoformat() == "2025-12-31T16:00:00+00:00"
    assert (profile.update_column, profile.line_id_column) == ("", "")


def test_profiles_that_cannot_be_had(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("kind = \n")
    for name, kind, code in (
        ("nothing", "", "profile_not_found"),
        (str(tmp_path / "none.toml"), "", "profile_not_found"),
        (str(broken), "", "profile_unreadable"),
        ("online_retail", "stock", "profile_kind"),
    ):
        with pytest.raises(ProfileFault) as caught:
            load(name, kind)
        assert caught.value.code == code
    with pytest.raises(ProfileFault):
        template("invoices")
