"""Business customers on the desk and for programs: rules, agreed prices, a return without an order, its price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from guicang.kernel.ids import new_id
from guicang.org.models import Warehouse
from guicang.returns.models import AgreedPrice, Insurance, RebateAgreement, Return, ReturnLine
from guicang.returns.operations.money_limits import rules_of as money_rules
from guicang.returns.operations.pricing import rules_of
from guicang.returns.operations.quotas import rules_of as quota_rules
from tests.journeys.acts import back, pay, verified
from tests.journeys.test_blind_prices import accept, blind, lines, sale, state
from tests.unit.desk.conftest import Hire
from tests.world import Sold, World

RULES = {"act": "rules", "tier": "", "source": ["agreed", "last", "", ""], "days": "90", "most": "500.00"}


def test_rules_are_kept_as_typed(world: World, hire: Hire) -> None:
    client, page = hire("admin"), reverse("desk:prices")
    assert client.get(page).status_code == 200
    said = {"company": world.company_id, "pays": "bank", **RULES}
    assert client.post(page, said).status_code == 302
    number, rules = rules_of([world.company_id])[world.company_id, ""]
    assert (number, rules.sources, rules.days, rules.most_minor) == (1, ("agreed", "last"), 90, 50_000)
    assert (rules.pays, rules.refers) == ("bank", False)
    for wrong in ({"days": "0"}, {"most": "x"}, {"pays": "cheque"}, {"source": ["agreed"], "refers": "1"}):
        assert client.post(page, {**said, **wrong}).status_code == 409, wrong
    assert hire("agent").post(page, said).status_code == 409
    assert rules_of([world.company_id])[world.company_id, ""][0] == 1
    verified()


def test_a_price_is_agreed_and_found_again(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    order(buyer="B-7")
    client, page = hire("admin"), reverse("desk:prices")
    said = {"act": "agree", "shop": world.shop_id, "customer": "B-7", "sku": "GOODS", "price": "12.50"}
    assert client.post(page, {**said, "since": "2026-11-01"}).status_code == 302
    assert AgreedPrice.objects.get().price_minor == 1250
    assert "12.50" in client.get(page, {"q": "B-7"}).content.decode()
    assert "12.50" not in client.get(page, {"q": "B-8"}).content.decode()
    for wrong in ({"customer": "B-8"}, {"sku": "?"}, {"price": "0"}, {"since": "2026-11-31"}, {"since": "2026-12-01"}):
        assert client.post(page, {**said, "since": "2026-11-01", **wrong}).status_code == 409, wrong


def test_a_return_without_an_order_is_checked_and_entered(world: World, hire: Hire) -> None:
    sale(world, 1130, 10)
    state(world, sources=("last",))
    client, page = hire("agent"), reverse("desk:blind")
    assert client.get(page).status_code == 200
    said: dict[str, Any] = {
        **{"shop": world.shop_id, "customer": "buyer-1", "reason": "too_small", "key": new_id()},
        **{"warehouse": Warehouse.objects.get(id=world.warehouse_id).id, "sku": ["GOODS", ""], "units": ["3", ""]},
    }
    shown = client.post(page, {**said, "check": "1"})
    assert (shown.status_code, Return.objects.count()) == (200, 0)
    assert "33.90" in shown.content.decode()
    assert "at the last price sold to the customer" in shown.content.decode()
    answer = client.post(page, said)
    assert answer.status_code == 302
    assert client.post(page, said).headers["Location"] == answer.headers["Location"]
    line = ReturnLine.objects.get()
    assert (line.kind, line.recorded_minor, line.price_rule) == ("blind", 3390, "last")
    assert "at the last price sold to the customer" in client.get(answer.headers["Location"]).content.decode()
    for wrong in ({"customer": "nobody"}, {"sku": ["?", ""]}, {"units": ["x", ""]}, {"sku": ["", ""]}):
        assert client.post(page, {**said, "key": new_id(), **wrong}).status_code == 409, wrong


def test_a_person_prices_a_line(world: World, hire: Hire) -> None:
    key = blind(world, sale(world, 1000, 10), 2)
    accept(world, key)
    client, line = hire("finance"), lines(key)[0]
    page = reverse("desk:act", args=[key, "price"])
    assert f'name="price.{line.id}"' in client.get(reverse("desk:return", args=[key])).content.decode()
    client.post(page, {f"price.{line.id}": "1,5x", "reason": "market_price"})
    assert lines(key)[0].recorded_minor is None
    client.post(page, {f"price.{line.id}": "15.00", "reason": "market_price"})
    assert (lines(key)[0].recorded_minor, lines(key)[0].price_rule) == (1500, "person")


def test_quotas_are_kept_as_typed_and_stand_on_the_account(world: World, hire: Hire) -> None:
    sold = sale(world, 1000, 10)
    client, page = hire("admin"), reverse("desk:quotas")
    assert client.get(page).status_code == 200
    said = {"company": world.company_id, "tier": "", "share": "12.5", "of": "last_year", "fixed": "80.00"}
    said |= {"above": "fee", "fee": "10"}
    assert client.post(page, said).status_code == 302
    _, rules = quota_rules([world.company_id])[world.company_id, ""]
    assert (rules.share_bp, rules.of, rules.fixed_minor, rules.above, rules.fee_bp) == (
        1250,
        "last_year",
        8000,
        "fee",
        1000,
    )
    for wrong in ({"share": "x"}, {"share": "101"}, {"fixed": "-1"}, {"above": ""}, {"fee": "0"}):
        assert client.post(page, {**said, **wrong}).status_code == 409, wrong
    assert client.post(page, {**said, "tier": "", "share": "0", "above": "review", "fee": "0"}).status_code == 302
    shown = client.get(reverse("desk:account", args=[sold.customer_id])).content.decode()
    assert "Return quota" in shown
    assert "80.00" in shown


def test_limits_of_money_are_kept_as_typed(world: World, hire: Hire) -> None:
    client, page = hire("admin"), reverse("desk:money_limits")
    assert client.get(page).status_code == 200
    said = {
        "company": world.company_id,
        "act_minor.agent": "5.00",
        "customer_minor.agent": "",
        "agent_minor.agent": "90",
    }
    assert client.post(page, said).status_code == 302
    number, rules = money_rules([world.company_id])[world.company_id]
    assert (number, rules.roles) == (1, {"agent": (500, 0, 9000)})
    assert client.post(page, {**said, "act_minor.agent": "x"}).status_code == 409


def test_the_insurance_of_a_way_back_is_written_down(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    key = world.authorised(order(), 1)
    client, page = hire("agent"), reverse("desk:insurance", args=[key])
    said = {
        "insured_by": "platform",
        "state": "filed",
        "insurer": "某财险",
        "policy_number": "P-1",
        "day": "2026-11-03",
    }
    client.post(page, said)
    assert Insurance.objects.get().day.isoformat() == "2026-11-03"
    client.post(page, {**said, "state": "paid", "amount": "12.00"})
    row = Insurance.objects.get()
    assert (row.state, row.amount_minor, row.policy_number) == ("paid", 1200, "P-1")
    client.post(page, {**said, "state": "paid", "amount": "x"})
    assert Insurance.objects.get().amount_minor == 1200
    shown = client.get(reverse("desk:return", args=[key])).content.decode()
    assert "paid to the customer" in shown
    assert "P-1" in shown
    verified()


def test_a_rebate_is_agreed_granted_and_taken_back(world: World, hire: Hire) -> None:
    sold = sale(world, 1000, 200, units=13)
    client, page = hire("finance"), reverse("desk:rebates")
    day = sold.row.ordered_at.date().isoformat()
    said: dict[str, Any] = {
        **{"act": "agree", "shop": world.shop_id, "customer": "buyer-1", "since": day, "until": day, "tax": "13"},
        **{"from": ["50.00", "100.00", ""], "percent": ["2", "5", ""]},
    }
    assert client.post(page, said).status_code == 302
    agreed = RebateAgreement.objects.get()
    assert (agreed.tiers, str(agreed.tax_rate)) == ([[5000, 200], [10000, 500]], "0.13")
    for wrong in ({"customer": "nobody"}, {"since": ""}, {"percent": ["5", "2", ""]}, {"percent": ["", "", ""]}):
        assert client.post(page, {**said, **wrong}).status_code == 409, wrong
    assert "6.50" in client.get(page).content.decode()
    act = {"act": "reckon", "rebate": agreed.id}
    assert hire("agent").post(page, act).status_code == 409
    assert client.post(page, act).status_code == 302
    assert RebateAgreement.objects.get().given_minor == 650
    pay(world, back(world, sold, 4))
    assert client.post(page, act).status_code == 302
    assert RebateAgreement.objects.get().given_minor == 180
    assert client.get(page).status_code == 200
    verified()
