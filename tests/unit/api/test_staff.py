"""Users and their tokens over the API: nobody gives more than he has, and no secret is told twice."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from guicang.api.routes import staff as routes
from guicang.audit.models import AuditRow
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command
from guicang.staff import rules
from guicang.staff.models import AccessToken, User
from tests.journeys.acts import verified
from tests.unit.api.conftest import Hire, Program, codes
from tests.world import World, another_world

PASSWORD = "returns come back"


def new(**more: Any) -> dict[str, Any]:
    return {"username": "lin", "role": "agent", "first_password": PASSWORD, **more}


def test_a_user_from_end_to_end(world: World, program: Hire) -> None:
    ada = program("admin", company_id=world.company_id)
    made = ada.do("/users", new(first_name="Lin", shop=str(world.shop_id)), idempotency_key="k")
    assert ada.do("/users", new(first_name="Lin", shop=str(world.shop_id)), idempotency_key="k") == made
    lin = User.objects.get(id=made["id"])
    assert lin.check_password(PASSWORD)
    assert (lin.must_change_password, lin.company_id, lin.shop_id) == (True, world.company_id, world.shop_id)
    listed = {one["username"]: one for one in ada.get("/users")}
    assert (listed["lin"]["role"], listed["lin"]["shop_id"]) == ("agent", str(world.shop_id))
    assert "password" not in {name for name in listed["lin"] if name != "must_change_password"}
    ada.do(f"/users/{lin.id}/change", {"role": "approver"})
    lin.refresh_from_db()
    assert (lin.role, lin.shop_id) == ("approver", world.shop_id)
    ada.do(f"/users/{lin.id}/change", {"shop": None, "warehouse": str(world.warehouse_id)})
    lin.refresh_from_db()
    assert (lin.shop_id.int, lin.warehouse_id) == (0, world.warehouse_id)
    assert ada.do(f"/users/{lin.id}/lock")
    assert not User.objects.get(id=lin.id).is_active
    ada.do(f"/users/{lin.id}/unlock")
    trail = AuditRow.objects.filter(aggregate_id=lin.id).order_by("seq").values_list("action", flat=True)
    assert list(trail) == ["create", "change", "change", "lock", "unlock"]
    kept = repr(list(Command.objects.values_list("reply", "key", "name"))) + repr(list(AuditRow.objects.values()))
    assert PASSWORD not in kept
    verified()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"username": "x"}, "username_bad"),
        ({"username": "LIN"}, "username_taken"),
        ({"role": "customer"}, "bad_field"),
        ({"first_password": "short"}, "password_weak"),
        ({"first_password": "lin-lin-lin"}, "password_weak"),
        ({"shop": str(new_id())}, "place_unknown"),
        ({"password": "x"}, "bad_field"),
    ],
)
def test_users_that_cannot_be(said: dict[str, Any], code: str, world: World, program: Hire) -> None:
    ada = program("admin")
    User.objects.create(username="lin", role="agent")
    body = new(**{"username": "lina", **said})
    if "lin-" in str(said):
        body["username"] = "lin-lin-li"
    assert codes(ada.send("POST", "/users", body)) == [code]
    assert User.objects.count() == 2


def test_nobody_gives_more_than_he_has(world: World, program: Hire) -> None:
    theirs = another_world()
    ada = program("admin", company_id=world.company_id)
    narrow = Program(
        token(ada, ["staff.manage", "returns.view", "returns.note", "sales.view", "inventory.view"]), ada.user
    )
    boss = User.objects.create(username="boss", role="admin", company_id=world.company_id)
    agent = User.objects.create(username="agent", role="agent", company_id=world.company_id)
    for role in rules.STAFF:
        assert codes(narrow.send("POST", "/users", new(role=role))) == ["role_above_own"], role
    assert codes(narrow.send("POST", f"/users/{boss.id}/change", {"role": "agent"})) == ["role_above_own"]
    assert codes(ada.send("POST", f"/users/{ada.user.id}/change", {"role": "agent"})) == ["not_yourself"]
    assert codes(ada.send("POST", f"/users/{ada.user.id}/lock", {})) == ["not_yourself"]
    bound = program("admin", company_id=world.company_id, shop_id=world.shop_id)
    assert codes(bound.send("POST", "/users", new())) == ["scope_above_own"]
    assert codes(bound.send("POST", f"/users/{agent.id}/change", {"role": "approver"})) == ["scope_above_own"]
    assert codes(ada.send("POST", "/users", new(shop=str(theirs.shop_id)))) == ["place_unknown"]
    # The company is the maker's, whatever is said.
    made = ada.do("/users", new(company=str(theirs.company_id)))
    assert User.objects.get(id=made["id"]).company_id == world.company_id
    other = User.objects.create(username="other", role="agent", company_id=theirs.company_id)
    for act in ("change", "lock", "unlock"):
        assert codes(ada.send("POST", f"/users/{other.id}/{act}", {})) == ["user_not_found"], act
    assert (User.objects.get(id=agent.id).role, User.objects.get(id=boss.id).role) == ("agent", "admin")


def token(program: Program, permissions: list[str], days: int = 10) -> str:
    made = program.do("/tokens", {"name": "ERP", "days": days, "permissions": permissions})
    return str(made["secret"])


def test_tokens_are_told_once_and_never_grow(world: World, program: Hire) -> None:
    rosa = program("agent", permissions=["returns.view", "sales.view"])
    said = {"name": "ERP", "days": 10, "permissions": ["returns.view"]}
    made = rosa.do("/tokens", said, idempotency_key="k")
    assert rosa.do("/tokens", said, idempotency_key="k") == {"id": made["id"], "secret": None}
    erp = Program(made["secret"], rosa.user)
    assert erp.get("/me")["permissions"] == ["returns.view"]
    assert made["secret"] not in repr(list(Command.objects.values_list("reply", "key")))
    assert codes(rosa.send("POST", "/tokens", {**said, "permissions": ["returns.note"]})) == ["not_permitted"]
    assert codes(rosa.send("POST", "/tokens", {**said, "days": 31})) == ["token_outlives"]
    assert codes(rosa.send("POST", "/tokens", {**said, "days": 0})) == ["bad_field"]
    assert codes(erp.send("POST", "/tokens", {**said, "days": 11})) == ["token_outlives"]
    assert {one["name"] for one in erp.get("/tokens")} == {"ERP", "test"}
    assert made["secret"] not in str(erp.get("/tokens"))
    erp.do(f"/tokens/{made['id']}/revoke")
    assert codes(erp.send("GET", "/me")) == ["token_unknown"]
    assert AccessToken.objects.get(id=made["id"]).revoked_at


def test_tokens_of_others(world: World, program: Hire) -> None:
    theirs = another_world()
    rosa, ada = program("agent", company_id=world.company_id), program("admin", company_id=world.company_id)
    foreign = program("admin", company_id=theirs.company_id)
    assert {one["username"] for one in rosa.get("/tokens")} == {rosa.user.username}
    assert {one["username"] for one in ada.get("/tokens")} == {rosa.user.username, ada.user.username}
    mine = AccessToken.objects.get(user=ada.user).id
    for caller in (rosa, foreign):
        assert codes(caller.send("POST", f"/tokens/{mine}/revoke", {})) == ["token_not_found"]
    ada.do(f"/tokens/{AccessToken.objects.get(user=rosa.user).id}/revoke")
    assert codes(rosa.send("GET", "/me")) == ["token_unknown"]


def test_every_role_is_here(program: Hire) -> None:
    assert set(get_args(routes.RoleCode)) == set(rules.STAFF)
    assert {one["code"] for one in program("agent").get("/roles")} == set(rules.STAFF)
