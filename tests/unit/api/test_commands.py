"""What programs do: a whole life over the API, sets with an answer an item, keys, versions; and nothing of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guicang.api import giving, inputs
from guicang.api.bearer import Caller
from guicang.api.routes import commands as routes
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns import lifecycle
from guicang.returns.models import Inspection, Return, ReturnLine, Settlement
from guicang.returns.repairing import COMMANDS as REPAIRS
from guicang.returns.steps.accept_quote import QuoteAcceptance, accept_quote
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.offer import Offering, offer
from guicang.returns.steps.quote_repair import Quote, quote_repair
from guicang.returns.steps.request import Request, Wanted, request
from guicang.sales.models import Shipment
from guicang.staff import queries as staff
from tests.journeys.acts import SYSTEM, arrive, back, give, id_of, pay, verified
from tests.journeys.acts import dump as rows
from tests.unit.api.conftest import Hire, Program, codes
from tests.unit.desk.conftest import in_every_state
from tests.world import NOW, Sold, World, another_world


def dump() -> dict[str, list[Any]]:
    """Every row but those of tokens, which note their use."""
    return {name: found for name, found in rows().items() if name != "staff.AccessToken"}


def asked(sold: Sold, units: int = 2, **more: Any) -> dict[str, Any]:
    line = {"order_line_id": str(sold.lines[0].id), "units": units, "reason": "too_small"}
    return {"order_id": str(sold.id), "lines": [line], **more}


def do(program: Program, path: str, body: Any = None, **headers: str) -> Any:
    """The body of an answer 200."""
    answer = program.send("POST", path, {} if body is None else body, **headers)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_whole_life(world: World, order: Callable[..., Sold], program: Hire) -> None:
    rosa, wes, fay = program("agent"), program("warehouse"), program("finance")
    made = do(rosa, "/returns", {"items": [asked(order()), asked(order(), 9)]})
    assert (made["done"], made["refused"]) == (1, 1)
    assert [one["code"] for one in made["items"][1]["errors"]] == ["over_return"]
    key = made["items"][0]["id"]
    line = made["items"][0]["made"]["lines"][0]
    assert do(rosa, f"/returns/{key}/ask", {"reason": "photo_missing"})["state"] == "info_needed"
    assert do(rosa, f"/returns/{key}/answer")["state"] == "requested"
    done = do(rosa, f"/returns/{key}/authorise", {"units": {line: 2}})
    assert (done["state"], done["version"]) == ("authorised", rosa.get(f"/returns/{key}")["version"])
    shipped = do(rosa, f"/returns/{key}/ship", {"carrier": "SF", "tracking": "SF1"})
    assert UUID(shipped["made"]["parcel"]).int
    assert do(wes, f"/returns/{key}/receive", {"lines": [{"line_id": line, "units": 1}]})["state"] == "receiving"
    assert do(wes, f"/returns/{key}/receive")["state"] == "received"
    parts = [{"line_id": line, "units": 1}, {"line_id": line, "units": 1, "disposition": "scrap"}]
    assert do(wes, f"/returns/{key}/inspect", {"parts": parts})["state"] == "inspected"
    inspection = fay.get(f"/returns/{key}")["inspections"][0]
    again = {"inspection_id": inspection["id"], "units": 1, "disposition": "second", "reason": "graded_wrongly"}
    do(wes, f"/returns/{key}/redispose", again)
    tag = fay.send("GET", f"/returns/{key}").headers["ETag"]
    paid = do(fay, f"/returns/{key}/settle", {"reference": "R-1"}, if_match=tag)
    (settlement,) = paid["made"]["settlements"]
    undone = {"settlement_id": settlement, "reason": "wrong_amount"}
    do(fay, f"/returns/{key}/reverse_settlement", undone, if_match=f'"{paid["version"]}"')
    do(fay, f"/returns/{key}/settle", {}, if_match="*")
    assert do(fay, f"/returns/{key}/close")["state"] == "closed"
    sheet = fay.get(f"/returns/{key}")
    assert (sheet["refund_minor"], [one["state"] for one in sheet["refunds"]][-1]) == (2_000, "paid")
    verified()


def test_rejected_appealed_cancelled_given_up(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada = program("admin")
    key = world.request(order(), 2)
    do(ada, f"/returns/{key}/reject", {"reason": "worn"})
    assert do(ada, f"/returns/{key}/appeal", {"reason": "not_worn"})["state"] == "requested"
    assert do(ada, f"/returns/{key}/cancel", {"reason": "duplicate"})["state"] == "cancelled"
    lost = world.authorised(order(), 2)
    done = do(ada, f"/returns/{lost}/short_close", {"reason": "lost_by_carrier", "lost": True})
    assert done["state"] == "settled"
    assert ReturnLine.objects.get(parent_id=lost).lost == 2
    answer = ada.send("POST", f"/returns/{world.authorised(order(), 1)}/expire", {})
    assert codes(answer) == ["not_due"]
    verified()


@pytest.mark.parametrize("name", giving.KINDS)
def test_a_set_is_answered_item_by_item(name: str, world: World, order: Callable[..., Sold], program: Hire) -> None:
    """In every command: one that fits, one in the wrong state, one of somebody else, one that is not there."""
    theirs, ada = another_world(), program("admin", shop_id=world.shop_id)
    fits, foreign = ready(name, world, order), ready(name, theirs, lambda: theirs.sell(theirs.facts())[0])
    wrong = world.request(order(), 1)
    do(ada, f"/returns/{wrong}/cancel")
    if name == "answer":
        wrong = world.authorised(order(), 1)
    said = saying(name, fits)
    items = [said, {**said, "id": str(wrong)}, saying(name, foreign), {**said, "id": str(new_id())}]
    before = Return.objects.get(id=foreign)
    found = do(ada, f"/returns/{name}", {"items": items})
    assert [item["index"] for item in found["items"]] == [0, 1, 2, 3]
    # Nothing is due that could expire, and nobody asked for anything else instead.
    taken = name not in {"expire", "exchange", "send_ahead"}
    assert [item["ok"] for item in found["items"]] == [taken, False, False, False], found
    assert found["items"][0]["state"] == Return.objects.get(id=fits).state
    assert (found["done"], found["refused"]) == ((1, 3) if taken else (0, 4))
    for hidden in found["items"][2:]:
        assert [one["code"] for one in hidden["errors"]] == ["return_not_found"], hidden
        assert hidden["state"] is None
    after = Return.objects.get(id=foreign)
    assert (after.state, after.changed_at, after.command_id) == (before.state, before.changed_at, before.command_id)
    if name not in ("release", "clear_risk"):  # what they lift is planted, without what leads to it
        verified()


def ready(name: str, world: World, order: Callable[..., Sold]) -> UUID:
    """A return that waits for the command."""
    if name in ("ask", "authorise", "reject", "cancel", "offer", "retype"):
        return world.request(order(), 1)
    if name in ("accept_offer", "decline_offer"):
        return offered(world, order(), by_customer=name == "accept_offer")
    if name in (*REPAIRS, "send_out", "price"):
        return odd(name, world, order())
    if name in ("ship", "receive", "short_close", "expire"):
        return world.authorised(order(), 1)
    key = back(world, order(), 1) if name in ("redispose", "settle", "reverse_settlement", "close") else None
    if key:
        if name in ("reverse_settlement", "close"):
            pay(world, key)
        return key
    key = world.request(order(), 1) if name in ("answer", "appeal") else world.authorised(order(), 1)
    if name in ("answer", "appeal"):
        first = giving.KINDS["ask" if name == "answer" else "reject"]
        first.run([giving.Order(key, first.item.model_validate({"reason": "other"}))], SYSTEM, NOW)
    else:
        arrive(world, key, 1)
    _hold(name, key)
    return key


def odd(name: str, world: World, sold: Sold) -> UUID:
    """A return without an order, or one whose goods are the buyer's and lie here."""
    if name == "price":
        return without_order(world, sold)
    return turned_down(world, sold) if name == "send_out" else repairing(name, world, sold)


def repairing(name: str, world: World, sold: Sold) -> UUID:
    """A repair that waits for the command; 50.00 out of warranty where the buyer has to agree or to pay."""
    key = world.authorised(sold, 1, resolution="repair")
    arrive(world, key, 1)
    give(inspect, world, Inspecting(key, [Part(world.line(key).id, 1, "repair")]))
    if name in ("accept_quote", "decline_quote", "finish_repair", "pay_repair"):
        give(quote_repair, world, Quote(key, name == "finish_repair", 0 if name == "finish_repair" else 5000))
    if name == "pay_repair":
        give(accept_quote, world, QuoteAcceptance(key, 5000))
    return key


def turned_down(world: World, sold: Sold) -> UUID:
    """A return of which the goods were not taken."""
    key = world.authorised(sold, 1)
    arrive(world, key, 1)
    give(inspect, world, Inspecting(key, [Part(world.line(key).id, 1, accepted=False)]))
    return key


def without_order(world: World, sold: Sold) -> UUID:
    """A return of goods that no order names, and no rule prices."""
    lines = [Wanted(sku_id=world.sku_id, quantity=1, reason="too_small")]
    return id_of(request, world, Request(sold.shop_id, sold.customer_id, lines, warehouse_id=world.warehouse_id))


def _hold(name: str, key: UUID) -> None:
    """What the commands that lift something lift."""
    if name == "clear_risk":
        Return.objects.filter(id=key).update(risk_review=True)
    if name == "release":
        ReturnLine.objects.filter(parent_id=key).update(held=True, acceptance="review")


def offered(world: World, sold: Sold, *, by_customer: bool) -> UUID:
    """A return whose open offer is number 2, of the customer, or number 1, of staff."""
    key = world.request(sold, 1)
    give(offer, world, Offering(key, 300, "goodwill"))
    if by_customer:
        customer = Actor(kind="customer", id=sold.customer_id)
        offer(offers=[Offering(key, 400)], actor=customer, now=world.now)
    return key


def saying(name: str, key: UUID) -> dict[str, Any]:
    """What an item of the command says of a return that is `ready`."""
    line = str(ReturnLine.objects.get(parent_id=key).id)
    inspection = Inspection.objects.filter(line__parent_id=key).first()
    settlement = Settlement.objects.filter(parent_id=key).first()
    said: dict[str, Any] = {
        "ask": {"reason": "other"},
        "reject": {"reason": "other"},
        "appeal": {"reason": "other"},
        "price": {"amounts": {line: 500}, "reason": "other"},
        "retype": {"type": "refund_only", "reason": "other"},
        "offer": {"amount_minor": 300, "reason": "goodwill"},
        "accept_offer": {"number": 2, "reason": "goodwill"},
        "decline_offer": {"number": 1},
        "short_close": {"reason": "other"},
        "send_out": {"carrier": "SF"},
        "quote_repair": {"in_warranty": True},
        "accept_quote": {"price_minor": 5000},
        "decline_quote": {"price_minor": 5000},
        "pay_repair": {"way": "cash"},
        "turn_repair": {"reason": "beyond_repair"},
        "inspect": {"parts": [{"line_id": line, "units": 1}]},
        "release": {"reason": "other", "accept": True},
        "clear_risk": {"reason": "other"},
        "redispose": {
            "inspection_id": str(inspection.id if inspection else None),
            "units": 1,
            "disposition": "scrap",
            "reason": "other",
        },
        "reverse_settlement": {"settlement_id": str(settlement.id if settlement else None), "reason": "other"},
    }
    return {"id": str(key), **said.get(name, {})}


def test_every_command_is_here() -> None:
    assert set(giving.KINDS) == set(lifecycle.COMMANDS) - {"request"}


def test_nobody_orders_what_is_not_his(world: World, order: Callable[..., Sold], program: Hire) -> None:
    theirs = another_world()
    other = theirs.sell(theirs.facts(buyer="other"))[0]
    ada = program("admin", shop_id=world.shop_id)
    own, foreign = back(world, order(), 1), back(theirs, other, 1)
    pay(theirs, foreign)
    inspection = Inspection.objects.get(line__parent_id=foreign).id
    settlement = Settlement.objects.get(parent_id=foreign).id
    mixed = {**asked(other), "order_id": str(order().id)}
    before = dump()
    made = do(ada, "/returns", {"items": [asked(other), mixed]})
    assert [item["errors"][0]["code"] for item in made["items"]] == ["order_not_found", "line_not_found"]
    for name in giving.KINDS:
        answer = ada.send("POST", f"/returns/{foreign}/{name}", without_id(saying(name, foreign)), if_match="*")
        assert codes(answer) == ["return_not_found"], name
    again = {"inspection_id": str(inspection), "units": 1, "disposition": "scrap", "reason": "other"}
    assert codes(ada.send("POST", f"/returns/{own}/redispose", again)) == ["return_not_found"]
    undone = {"settlement_id": str(settlement), "reason": "other"}
    answer = ada.send("POST", f"/returns/{own}/reverse_settlement", undone, if_match="*")
    assert codes(answer) == ["return_not_found"]
    assert dump() == before


def without_id(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != "id"}


def test_a_key_makes_a_repeat_harmless(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada, wes, sold = program("admin"), program("admin"), order()
    body = {"items": [asked(sold), asked(sold, 9)]}
    first = ada.send("POST", "/returns", body, idempotency_key="k1")
    again = ada.send("POST", "/returns", body, idempotency_key="k1")
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Return.objects.count() == 1
    assert codes(ada.send("POST", "/returns", {"items": [asked(sold, 1)]}, idempotency_key="k1")) == [
        "idempotency_key_reused"
    ]
    # A key is of one user and one command.
    assert wes.send("POST", "/returns", {"items": [asked(order())]}, idempotency_key="k1").json()["done"] == 1
    key = first.json()["items"][0]["id"]
    assert do(ada, f"/returns/{key}/authorise", idempotency_key="k1")["state"] == "authorised"
    # The key is looked up before anything is checked: the state moved on, the first answer stands.
    assert do(ada, f"/returns/{key}/authorise", idempotency_key="k1")["state"] == "authorised"
    assert codes(ada.send("POST", f"/returns/{key}/authorise", {})) == ["wrong_state"]
    refused = ada.send("POST", f"/returns/{key}/close", {}, idempotency_key="k2")
    assert codes(refused) == ["wrong_state"]
    assert codes(ada.send("POST", f"/returns/{key}/close", {}, idempotency_key="k2")) == ["wrong_state"]
    for bad in ("x" * 201, "two words", "é"):
        assert ada.send("POST", f"/returns/{key}/close", {}, idempotency_key=bad).status_code == 422, bad
    verified()


def test_what_is_kept_of_a_reply_holds_nobody(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada = program("admin")
    typed = "Zhang San, 138 0000 0000"
    sold = order()
    line = {**asked(sold)["lines"][0], "condition": typed, "units": 9}
    do(ada, "/returns", {"items": [{**asked(sold), "lines": [line]}]}, idempotency_key="k")
    key = world.authorised(order(), 1)
    do(ada, f"/returns/{key}/ship", {"carrier": "SF", "tracking": typed}, idempotency_key="k")
    assert typed not in repr(list(Command.objects.values_list("reply", "input_hash", "scope", "key")))


def test_versions(world: World, order: Callable[..., Sold], program: Hire) -> None:
    fay = program("admin")
    key = back(world, order(), 2)
    tag = fay.send("GET", f"/returns/{key}").headers["ETag"]
    before = dump()
    for match, code, status in (("", "if_match_needed", 428), ('"1"', "changed_meanwhile", 412)):
        headers = {"if_match": match} if match else {}
        answer = fay.send("POST", f"/returns/{key}/settle", {}, **headers)
        assert (codes(answer), answer.status_code) == ([code], status)
    for weak in (f"W/{tag}", "nonsense", '""'):
        assert fay.send("POST", f"/returns/{key}/settle", {}, if_match=weak).status_code in (412, 428), weak
    assert codes(fay.send("POST", f"/returns/{new_id()}/settle", {}, if_match=tag)) == ["return_not_found"]
    assert dump() == before
    paid = fay.send("POST", f"/returns/{key}/settle", {}, if_match=f'"0", {tag}', idempotency_key="k")
    assert paid.status_code == 200
    # The key comes first: the version has moved on since, and the first answer stands.
    assert fay.send("POST", f"/returns/{key}/settle", {}, if_match=tag, idempotency_key="k").json() == paid.json()
    assert codes(fay.send("POST", f"/returns/{key}/close", {}, if_match=tag)) == ["changed_meanwhile"]
    assert do(fay, f"/returns/{key}/close", if_match=paid.headers["ETag"])["state"] == "closed"
    verified()


def test_what_comes_in_between_is_seen(world: World, order: Callable[..., Sold], program: Hire) -> None:
    """Somebody changes the return after the version was compared and before the step took its locks."""
    ada, key = program("admin"), world.authorised(order(), 1)
    tag = ada.send("GET", f"/returns/{key}").headers["ETag"]
    run = giving.KINDS["ship"].run

    def late(orders: Any, actor: Any, now: Any) -> list[Outcome]:
        run([giving.Order(key, inputs.ShipItem(carrier="YTO", tracking="Y1"))], SYSTEM, now)
        return run(orders, actor, now)

    before = dump()
    caller = Caller(new_id(), staff.actor_of(ada.user), NOW, NOW)
    said = giving.Order(key, inputs.ShipItem(carrier="SF", tracking="S1"))
    with pytest.raises(Refused) as refused, transaction.atomic():
        routes._give_one(caller, giving.Kind(inputs.ShipItem, late), said, tag)
    assert [one.code for one in refused.value.refusals] == ["changed_meanwhile"]
    assert dump() == before


def test_bodies_that_are_none(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada, key = program("admin"), world.authorised(order(), 1)
    line = str(ReturnLine.objects.get(parent_id=key).id)
    before = dump()
    for units in (True, "1", 1.0, 0, -1, 10**10, None, [1]):
        lines = {"lines": [{"line_id": line, "units": units}]}
        assert codes(ada.send("POST", f"/returns/{key}/receive", lines)) == ["bad_field"], units
    others: list[Any] = [{"unknown": 1}, [], 1, "x", {"lines": {}}]
    for other in others:
        assert codes(ada.send("POST", f"/returns/{key}/receive", other)) == ["bad_field"], other
    for text, code, status in (
        (b"{", "bad_json", 400),
        (b'{"reason": NaN}', "bad_json", 400),
        (b'{"reason": 1e999}', "bad_json", 400),
        (b'{"reason": "a\\u0000"}', "bad_json", 400),
        (b'{"reason": "\\ud800"}', "bad_json", 400),
        (b'{"reason": "a", "reason": "b"}', "bad_json", 400),
        (b"\xff", "bad_json", 400),
        (b"[" * 100_000, "bad_json", 400),
        (b'{"reason": ' + b"1" * 5_000 + b"}", "bad_json", 400),
        (b'{"reason": "Ask Mr. Zhang"}', "bad_field", 422),
        (b"", "bad_field", 422),
        (b"null", "bad_field", 422),
        (b"x" * 3_000_000, "body_too_large", 413),
    ):
        answer = ada.client.generic("POST", f"/api/v1/returns/{key}/reject", text, content_type="application/json")
        assert (codes(answer)[0], answer.status_code) == (code, status), text[:40]
    form = ada.client.generic("POST", f"/api/v1/returns/{key}/reject", b"reason=x", content_type="text/plain")
    assert (codes(form), form.status_code) == (["media_type"], 415)
    too_many = {"items": [{"id": str(key)}] * 1_001}
    assert codes(ada.send("POST", "/returns/close", too_many)) == ["bad_field"]
    assert codes(ada.send("POST", "/returns/nonsense", {}))[0] in ("method_not_allowed", "not_found")
    assert codes(ada.send("POST", f"/returns/{key}/nonsense", {})) == ["not_found"]
    assert dump() == before


def test_statements_do_not_grow_with_the_set(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada = program("admin")

    def counted(path: str, items: list[Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert do(ada, path, {"items": items}, idempotency_key=new_id().hex)["refused"] == 0
        return len(queries)

    in_every_state(world, order)
    counts = {}
    for n in (1, 8):
        solds = [order() for _ in range(n)]
        counts["request", n] = counted("/returns", [asked(sold) for sold in solds])
        keys = [world.authorised(order(), 1) for _ in range(n)]
        counts["receive", n] = counted("/returns/receive", [{"id": str(key)} for key in keys])
        due = [back(world, order(), 1) for _ in range(n)]
        counts["settle", n] = counted("/returns/settle", [{"id": str(key)} for key in due])
    for name, most in (("request", 45), ("receive", 50), ("settle", 60)):
        assert counts[name, 1] >= counts[name, 8] - 4, counts
        assert counts[name, 8] <= most, counts


def test_cancelling_by_two_ways_is_the_same(world: World, order: Callable[..., Sold], program: Hire) -> None:
    key = world.authorised(order(), 1)
    (outcome,) = cancel(cancellations=[Cancellation(key)], actor=SYSTEM, now=NOW)
    assert outcome.ok
    answer = program("admin").send("POST", f"/returns/{key}/cancel", {})
    assert codes(answer) == ["wrong_state"]
    assert answer.json()["errors"][0]["data"] == {"state": "cancelled", "command": "cancel"}
    assert "Cancelled" in answer.json()["detail"]


def test_a_talk_over_the_api(world: World, order: Callable[..., Sold], program: Hire) -> None:
    """Staff's program offers, the customer asks for more, the program takes what it read, and the sheet tells all."""
    sold, ada = order(), program("admin")
    key = world.request(sold, 2)
    assert codes(ada.send("POST", f"/returns/{key}/offer", {"amount_minor": 300})) == ["reason_missing"]
    done = do(ada, f"/returns/{key}/offer", {"amount_minor": 300, "reason": "goodwill"})
    assert (done["state"], done["made"]) == ("requested", {"offer": 1})
    assert codes(ada.send("POST", f"/returns/{key}/accept_offer", {"number": 1})) == ["offer_is_own"]
    assert codes(ada.send("POST", f"/returns/{key}/accept_offer", {"number": 0})) != []
    customer = Actor(kind="customer", id=sold.customer_id)
    assert offer(offers=[Offering(key, 450)], actor=customer, now=NOW)[0].ok
    sheet = ada.get(f"/returns/{key}")
    assert sheet["talk"] == {"planned_minor": 2000, "room_minor": 0, "hours": 72}
    told = [(one["number"], one["side"], one["amount_minor"], one["state"]) for one in sheet["offers"]]
    assert told == [(1, "staff", 300, "countered"), (2, "customer", 450, "open")]
    assert codes(ada.send("POST", f"/returns/{key}/accept_offer", {"number": 1, "reason": "other"})) == [
        "offer_changed"
    ]
    assert do(ada, f"/returns/{key}/accept_offer", {"number": 2, "reason": "other"})["state"] == "authorised"
    sheet = ada.get(f"/returns/{key}")
    assert (sheet["talk"], sheet["next_command"], sheet["preview"][0]["cash_minor"]) == (None, "settle", 450)
    verified()


def test_money_only_and_refused_parcels(world: World, order: Callable[..., Sold], program: Hire) -> None:
    rosa, sold, other = program("agent"), order(), order()
    Shipment.objects.filter(order_id=other.id).update(delivered_at=None)
    line = {"order_line_id": str(sold.lines[0].id), "reason": "quality", "resolution": "money_only"}
    money = {**line, "money_kind": "compensation", "amount_minor": 500}
    refused = {"order_line_id": str(other.lines[0].id), "units": 1, "resolution": "refused_parcel"}
    items = [{"order_id": str(sold.id), "lines": [money]}, {"order_id": str(other.id), "lines": [refused]}]
    made = do(rosa, "/returns", {"items": items})
    assert [one["state"] for one in made["items"]] == ["requested", "authorised"]
    sheet = rosa.get(f"/returns/{made['items'][0]['id']}")
    assert sheet["lines"][0]["money_kind"] == "compensation"
    nothing = do(rosa, "/returns", {"items": [{"order_id": str(sold.id), "lines": [{**money, "amount_minor": 0}]}]})
    assert [one["code"] for one in nothing["items"][0]["errors"]] == ["bad_amount"]
