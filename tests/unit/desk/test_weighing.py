"""What came is weighed: typed in grams or kilograms, spread over its lines, compared at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from guicang.catalog.operations import SkuFacts, record_skus
from guicang.returns.models import Receipt
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.ui.amounts import typed_grams
from tests.journeys.acts import give, verified
from tests.journeys.test_risk import act
from tests.unit.desk.conftest import Hire
from tests.world import Sold, World


@pytest.mark.parametrize(
    ("typed", "grams"),
    [
        ("", 0),
        ("1250", 1250),
        (" 1250 g ", 1250),
        ("1.25 kg", 1250),
        ("1,25KG", 1250),
        ("1．255千克", 1255),
        ("0.001 kg", 1),
        ("4.35 kg", 4350),
        ("1000 kg", 1_000_000),
        ("1000.001 kg", None),
        ("1.2555 kg", None),
        ("1.5", None),
        ("1.5 g", None),
        ("0", None),
        ("-1", None),
        ("1e3", None),
        ("heavy", None),
    ],
)
def test_weights_as_people_type_them(typed: str, grams: int | None) -> None:
    assert typed_grams(typed) == grams


@pytest.mark.parametrize(
    ("language", "flag", "refused"),
    [("en", "Weight off by 30 %", "is no weight"), ("zh-hans", "重量偏差 30%", "不是有效的重量")],
)
def test_the_desk_weighs_and_the_page_says_what_differs(
    language: str, flag: str, refused: str, world: World, order: Callable[..., Sold], hire: Hire
) -> None:
    act(world, lambda context: record_skus(context, [SkuFacts(world.company_id, "GOODS", weight_g=500)]))
    wes, key = hire("warehouse", language=language), world.authorised(order(5), 2)
    line = world.line(key).id
    assert 'name="weight"' in wes.get(f"/returns/{key}/").content.decode()
    said = {f"units.{line}": "2", "key": "p"}
    answer = wes.post(f"/returns/{key}/receive/", said | {"weight": "heavy"}, follow=True)
    assert refused in answer.content.decode()
    assert not Receipt.objects.exists()
    answer = wes.post(f"/returns/{key}/receive/", said | {"weight": "0.7 kg"}, follow=True)
    assert flag in answer.content.decode()
    assert Receipt.objects.get().weight_g == 700
    verified()


def test_the_weight_of_the_whole_is_spread_and_compared(world: World, order: Callable[..., Sold]) -> None:
    act(world, lambda context: record_skus(context, [SkuFacts(world.company_id, "GOODS", weight_g=500)]))
    key = world.authorised(order(5), 3)
    line = world.line(key).id
    (light,) = give(receive, world, Receiving(key, [Arrived(line, 2), Arrived(line, 1, weight_g=501)], weight_g=1001))
    assert light.data["weight_off"] == 33
    assert Receipt.objects.get().weight_g == 1001
    other = world.authorised(order(5), 1)
    own = world.line(other).id
    (bad,) = give(receive, world, Receiving(other, [Arrived(own, 1, weight_g=501)], weight_g=500))
    assert [one.code for one in bad.refusals] == ["bad_weight"]
    (right,) = give(receive, world, Receiving(other, [Arrived(own, 1)]))
    assert right.data["weight_off"] == 0
    verified()
