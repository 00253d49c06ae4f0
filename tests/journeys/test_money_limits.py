"""How much money without goods a role may grant; the insurance of the way back, which nobody pays twice (B30)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome, Refused
from guicang.proofs import queries as proofs
from guicang.returns.limits import Limit, Rules
from guicang.returns.models import Insurance, MoneyGrant, MoneyMonth, Return
from guicang.returns.operations import insurance, money_limits
from guicang.returns.operations.evidence import Showing, add_evidence
from guicang.returns.operations.insurance import Insured
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.settle import Settlement, settle
from guicang.staff import rules
from tests.journeys.acts import SYSTEM, codes, do, give, verified
from tests.unit.returns.test_evidence import photo
from tests.world import Sold, World

pytestmark = pytest.mark.django_db


def state(world: World, **roles: tuple[int, int, int]) -> None:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        said = Rules({role: Limit(*limit) for role, limit in roles.items()})
        money_limits.state_rules(context, world.company_id, said)


def somebody(role: str) -> Actor:
    return Actor("staff", new_id(), rules.permissions(role), role=role)


def asked(world: World, sold: Sold, amount: int, kind: str = "compensation") -> UUID:
    wanted = Wanted(sold.lines[0].id, 0, "too_small", "money_only", money_kind=kind, recorded_minor=amount)
    key = do(request, world, Request(sold.shop_id, sold.customer_id, [wanted])).id
    assert key is not None
    return key


def grant(world: World, key: UUID, actor: Actor, days: int = 0) -> Outcome:
    at = world.now + timedelta(days=days)
    (outcome,) = authorise(authorisations=[Authorisation(key)], actor=actor, now=at)
    return outcome


def test_an_act_and_the_months_of_customer_and_agent(world: World, order: Callable[..., Sold]) -> None:
    one, two = order(buyer="one"), order(buyer="two")
    state(world, agent=(500, 800, 1200))
    rosa, max_ = somebody("agent"), somebody("approver")
    large = asked(world, one, 501)
    assert codes(grant(world, large, rosa)) == ["money_limit_act"]
    assert grant(world, asked(world, one, 500), rosa).ok
    assert codes(grant(world, asked(world, one, 301), rosa)) == ["money_limit_customer"]
    assert grant(world, asked(world, one, 300), rosa).ok
    assert codes(grant(world, asked(world, two, 401), rosa)) == ["money_limit_agent"]
    assert grant(world, asked(world, two, 400), rosa).ok
    # Another agent, another month, and a role without a limit begin anew.
    assert codes(grant(world, asked(world, one, 100), somebody("agent"))) == ["money_limit_customer"]
    assert grant(world, asked(world, one, 500), rosa, days=31).ok
    assert grant(world, large, max_).ok
    assert sum(MoneyGrant.objects.values_list("amount_minor", flat=True)) == 500 + 300 + 400 + 500 + 501
    verified()


def test_a_set_counts_on(world: World, order: Callable[..., Sold]) -> None:
    sold = order()
    state(world, agent=(0, 0, 1000))
    items = [Authorisation(asked(world, sold, 400)) for _ in range(3)]
    outcomes = authorise(authorisations=items, actor=somebody("agent"), now=world.now)
    assert [outcome.ok for outcome in outcomes] == [True, True, False]
    verified()


def test_goods_are_not_asked_about(world: World, order: Callable[..., Sold]) -> None:
    state(world, agent=(1, 1, 1))
    assert grant(world, world.request(order(), 2), somebody("agent")).ok
    assert not MoneyMonth.objects.exists()


def test_a_planted_difference_is_found(world: World, order: Callable[..., Sold]) -> None:
    state(world, agent=(500, 0, 0))
    assert grant(world, asked(world, order(), 100), somebody("agent")).ok
    MoneyMonth.objects.update(given_minor=1)
    assert [proof.name for proof in proofs.run() if not proof.ok] == ["money_limits"]


def insure(world: World, key: UUID, actor: Actor = SYSTEM, **said: Any) -> None:
    facts: dict[str, Any] = {"insured_by": "platform", "state": "filed", "day": world.now.date()}
    with transaction.atomic():
        context = commands.begin("test", actor=actor, now=world.now, items=1)
        insurance.insure(context, key, Insured(**(facts | said)))


def test_freight_that_an_insurer_paid_is_not_paid_again(world: World, order: Callable[..., Sold]) -> None:
    sold = order()
    goods = world.authorised(sold, 1)
    insure(world, goods, insurer="某财险", policy_number="P-1")
    freight = asked(world, sold, 1200, "freight")
    add_evidence(pictures=[Showing(freight, photo())], actor=SYSTEM, now=world.now)
    assert grant(world, freight, SYSTEM).ok
    insure(world, goods, state="paid", amount_minor=1200)
    assert codes(give(settle, world, Settlement(freight))[0]) == ["freight_insured"]
    insure(world, goods, state="refused")
    assert do(settle, world, Settlement(freight)).ok
    assert Insurance.objects.get().state == "refused"
    assert Return.objects.get(id=freight).refund_minor == 1200
    verified()


def test_who_insures_has_to_say_it_right(world: World, order: Callable[..., Sold]) -> None:
    key = world.authorised(order(), 1)
    wrongs: tuple[dict[str, Any], ...] = ({"insured_by": "aunt"}, {"state": "lost"}, {"state": "paid"})
    for wrong in (*wrongs, {"insurer": "x" * 61}):
        with pytest.raises(Refused):
            insure(world, key, **wrong)
    with pytest.raises(Refused):
        insure(world, key, somebody("warehouse"))
    assert not Insurance.objects.exists()
