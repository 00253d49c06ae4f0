"""Many pictures at once, on both engines: nine of a side are taken, whoever was first, and no file is left over."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.parties.models import VaultFile
from guicang.returns.models import Evidence
from guicang.returns.operations.evidence import MOST, Removal, Showing, add_evidence, remove_evidence
from tests.concurrency.test_claims import at_once
from tests.journeys.acts import SYSTEM, verified
from tests.unit.returns.test_evidence import home, on_disk, photo  # noqa: F401 - `home` is a fixture

pytestmark = pytest.mark.django_db(transaction=True)

WES = Actor("staff", new_id(), frozenset({"returns.note"}))


def _codes(answers: list[Any]) -> Counter[str]:
    for each in answers:
        if isinstance(each, BaseException):
            raise each
    return Counter(",".join(why.code for why in each.refusals) for each in answers)


def test_twelve_people_show_one_picture_each(
    transactional_db: None,
    world: Any,
    order: Any,
    home: Path,  # noqa: F811
) -> None:
    key = world.request(order(), 1)

    def show(seed: int) -> Any:
        return add_evidence(pictures=[Showing(key, photo(seed))], actor=WES, now=world.now)[0]

    assert _codes(at_once([partial(show, seed) for seed in range(12)])) == {"": MOST, "too_many_pictures": 3}
    assert (Evidence.objects.count(), VaultFile.objects.count(), len(on_disk(home))) == (9, 18, 18)
    verified()


def test_the_same_form_sent_twice_at_once(
    transactional_db: None,
    world: Any,
    order: Any,
    home: Path,  # noqa: F811
) -> None:
    key = world.request(order(), 1)
    shown = [Showing(key, photo(1)), Showing(key, photo(2))]
    answers = at_once([lambda: add_evidence(pictures=shown, actor=WES, now=world.now)[0]] * 4)
    assert _codes(answers) == {"": 4}
    assert len({each.id for each in answers}) == 1
    assert (Evidence.objects.count(), len(on_disk(home))) == (2, 4)


def test_both_remove_and_one_does(
    transactional_db: None,
    world: Any,
    order: Any,
    home: Path,  # noqa: F811
) -> None:
    key = world.request(order(), 1)
    found = add_evidence(pictures=[Showing(key, photo(1))], actor=WES, now=world.now)[0].id
    assert found is not None
    removal = Removal(key, found, "unusable")
    answers = at_once([lambda: remove_evidence(removals=[removal], actor=SYSTEM, now=world.now)[0]] * 3)
    assert _codes(answers) == {"": 1, "picture_not_found": 2}
    assert on_disk(home) == []
    verified()
