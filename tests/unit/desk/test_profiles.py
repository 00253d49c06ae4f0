"""Profiles that companies keep for their files: listed, renamed, deleted, by whoever may see their files."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.audit import queries as audit
from guicang.intake.models import SavedProfile
from guicang.kernel.ids import NIL, new_id
from tests.journeys.acts import verified
from tests.unit.desk.conftest import Hire, dump
from tests.world import NOW, World, another_world

HOME = "/imports/profiles/"


def saved(company_id: Any, name: str = "till", kind: str = "orders") -> str:
    row = SavedProfile.objects.create(
        company_id=company_id, kind=kind, name=name, profile='kind = "orders"', changed_at=NOW
    )
    return str(row.id)


def post(client: Client, profile: str, **more: str) -> Any:
    client.get("/me/")  # reads what was said before
    return client.post(HOME, {"profile": profile, **more})


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_profile_is_renamed_and_deleted(language: str, world: World, hire: Hire) -> None:
    ada, key, other = hire("admin", language=language), saved(world.company_id), saved(world.company_id, "shop")
    assert "till" in ada.get(HOME).content.decode()
    assert post(ada, key, name="  till of the shop ").headers["Location"] == HOME
    assert SavedProfile.objects.get(id=key).name == "till of the shop"
    assert post(ada, key, act="delete").status_code == 302
    assert [str(row.id) for row in SavedProfile.objects.all()] == [other]
    trail = audit.history(key)  # type: ignore[arg-type] # an id as text is an id
    assert [(one.action, one.after) for one in trail] == [
        ("profile_rename", {"kind": "orders"}),
        ("profile_delete", {"kind": "orders"}),
    ]
    verified()


@pytest.mark.parametrize(
    ("name", "why"),
    [("", "Give the profile a name"), ("x" * 81, "Give the profile a name"), ("shop", "called shop.")],
)
def test_what_is_wrong_changes_nothing(name: str, why: str, world: World, hire: Hire) -> None:
    ada, key = hire("admin"), saved(world.company_id)
    saved(world.company_id, "shop")
    before = dump()
    answer = post(ada, key, name=name)
    assert answer.status_code == 409
    assert why in answer.content.decode()
    assert dump() == before


def test_the_same_name_for_other_files_is_another_profile(world: World, hire: Hire) -> None:
    ada, key = hire("admin"), saved(world.company_id)
    saved(world.company_id, "shop", "stock")
    assert post(ada, key, name="shop").status_code == 302
    assert post(ada, key, name="shop").status_code == 302  # it is called so already


def test_whoever_does_not_see_the_files_does_not_see_their_profiles(world: World, hire: Hire) -> None:
    other = another_world()
    mine, theirs, of_all = saved(world.company_id), saved(other.company_id, "theirs"), saved(NIL, "of several")
    ada = hire("admin", company_id=world.company_id)
    bound = hire("admin", name="bound", company_id=world.company_id, shop_id=world.shop_id)
    shown = ada.get(HOME).content.decode()
    assert "till" in shown
    assert "theirs" not in shown
    assert "of several" not in shown
    assert "till" not in bound.get(HOME).content.decode()
    for client, key in ((ada, theirs), (ada, of_all), (bound, mine), (ada, str(new_id())), (ada, "x")):
        for more in ({"act": "delete"}, {"name": "mine now"}):
            assert post(client, key, **more).status_code == 409
    assert set(SavedProfile.objects.values_list("name", flat=True)) == {"till", "theirs", "of several"}
    assert "theirs" in hire("admin", name="group").get(HOME).content.decode()


def test_statements_do_not_grow(world: World, hire: Hire) -> None:
    ada, counts = hire("admin"), []
    for name in ("a", "b"):
        saved(world.company_id, name)
        saved(another_world().company_id, name)
        ada.get(HOME)
        with CaptureQueriesContext(connection) as seen:
            ada.get(HOME)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 9
