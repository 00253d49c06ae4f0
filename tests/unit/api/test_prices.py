"""Prices of returns without an order, as programs state and read them."""

from __future__ import annotations

from guicang.kernel.ids import new_id
from guicang.returns.models import ReturnLine
from tests.journeys.test_blind_prices import sale
from tests.unit.api.conftest import Hire, codes
from tests.world import World


def test_rules_prices_and_a_return_without_an_order(world: World, program: Hire) -> None:
    sold, ada = sale(world, 1000, 10), program("admin")
    said = {"company_id": str(world.company_id), "sources": ["agreed"]}
    assert ada.send("POST", "/prices/rules", said).status_code == 200
    assert ada.send("GET", "/prices/rules").json()[0]["sources"] == ["agreed"]
    price = {"customer_id": str(sold.customer_id), "sku_id": str(world.sku_id), "currency": "CNY", "price_minor": 800}
    items = [{**price, "since": "2026-11-01"}, {**price, "since": "2026-11-02", "customer_id": str(new_id())}]
    found = ada.send("POST", "/prices/agreed", {"items": items}).json()
    assert [item["ok"] for item in found["items"]] == [True, False]
    assert [row["price_minor"] for row in ada.send("GET", "/prices/agreed").json()["items"]] == [800]
    body = {
        **{
            "shop_id": str(world.shop_id),
            "customer_id": str(sold.customer_id),
            "warehouse_id": str(world.warehouse_id),
        },
        "lines": [{"sku_id": str(world.sku_id), "units": 2, "reason": "too_small"}],
    }
    made = ada.send("POST", "/requests/without-order", body).json()
    assert ReturnLine.objects.get(parent_id=made["id"]).recorded_minor == 1600
    assert codes(ada.send("POST", "/requests/without-order", {**body, "shop_id": str(new_id())})) == ["not_found"]


def test_the_quota_of_a_group_and_what_a_customer_has_left(world: World, program: Hire) -> None:
    sold, ada = sale(world, 1000, 10), program("admin")
    said = {"company_id": str(world.company_id), "share_bp": 5000, "above": "refuse"}
    assert ada.send("POST", "/quotas/rules", said).status_code == 200
    assert codes(ada.send("POST", "/quotas/rules", {**said, "above": "fee"})) == ["out_of_bounds"]
    assert ada.send("GET", "/quotas/rules").json()[0]["share_bp"] == 5000
    (left,) = ada.send("GET", f"/accounts/{sold.customer_id}").json()["quotas"]
    assert left["quota_minor"] - left["used_minor"] == left["left_minor"]


def test_limits_of_money_and_the_insurance_of_a_way_back(world: World, program: Hire) -> None:
    key, ada = world.authorised(sale(world, 1000, 10), 1), program("admin")
    said = {"company_id": str(world.company_id), "roles": {"agent": {"act_minor": 500}}}
    assert ada.send("POST", "/settings/money-limits", said).status_code == 200
    (found,) = ada.send("GET", "/settings/money-limits").json()
    assert found["roles"] == {"agent": {"act_minor": 500, "customer_minor": 0, "agent_minor": 0}}
    cover = {"insured_by": "buyer", "state": "paid", "day": "2026-11-03", "amount_minor": 900}
    assert ada.send("POST", f"/returns/{key}/insurance", cover).status_code == 200
    assert ada.send("GET", f"/returns/{key}").json()["insurance"]["amount_minor"] == 900
    assert codes(ada.send("POST", f"/returns/{key}/insurance", {**cover, "amount_minor": 0})) == ["bad_amount"]
