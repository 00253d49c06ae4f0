"""Signing in: first passwords, forms that outlive a session, addresses that lead away, passwords guessed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from guicang.org.models import Shop
from guicang.returns.models import Return
from guicang.staff.models import User
from tests.unit.desk.conftest import PASSWORD, Hire
from tests.unit.desk.test_life import asked
from tests.world import Sold, World

LOGIN = "/account/login/"


def signed_in(client: Client, name: str, password: str = PASSWORD, to: str = LOGIN) -> str:
    answer = client.post(to, {"login": name, "password": password})
    return str(answer.headers.get("Location", ""))


def test_a_form_outlives_its_session(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold = order()
    hire("agent", name="rosa")
    late = Client()
    away = late.post(f"/orders/{sold.id}/return/", asked(sold)).headers["Location"]
    assert not Return.objects.exists()
    back = signed_in(late, "rosa", to=away)
    page = late.get(back).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    fields.pop("next", None)
    assert f'action="/orders/{sold.id}/return/"' in page
    late.post(f"/orders/{sold.id}/return/", fields)
    assert Return.objects.get().state == "requested"


def test_a_first_password_is_changed_before_anything_else(hire: Hire) -> None:
    hire("admin").post("/users/", {"act": "create", "username": "nina", "role": "agent", "first_name": "Nina"})
    user = User.objects.get(username="nina")
    assert user.must_change_password
    user.set_password(PASSWORD)
    user.save()
    nina = Client()
    signed_in(nina, "nina")
    for page in ("/", "/returns/", "/users/"):
        assert nina.get(page).headers["Location"] == "/account/password/"
    new = "another long one 7"
    changed = nina.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert changed.headers["Location"] == "/account/factors/"  # the second factor is offered next
    assert nina.get("/").status_code == 200
    assert signed_in(Client(), "nina", new) == "/"


def test_the_first_password_is_shown_once(hire: Hire) -> None:
    ada = hire("admin")
    ada.post("/users/", {"act": "create", "username": "nina", "role": "agent"})
    found = re.search(r'<strong class="mono">([^<]+)</strong>', ada.get("/users/").content.decode())
    assert found
    assert User.objects.get(username="nina").check_password(found[1])
    assert found[1] not in ada.get("/users/").content.decode()


def test_who_is_locked_out_is_out(hire: Hire) -> None:
    rosa, ada = hire("agent", name="rosa"), hire("admin")
    ada.post("/users/", {"act": "lock", "user": str(User.objects.get(username="rosa").id)})
    assert rosa.get("/").status_code == 302
    assert signed_in(Client(), "rosa") == "/account/inactive/"
    assert 'class="badge neutral"' in ada.get("/users/").content.decode()
    ada.post("/users/", {"act": "lock", "user": str(User.objects.get(role="admin").id)})
    assert ada.get("/").status_code == 200  # nobody locks himself out


def test_role_and_place_of_a_user_change_at_once(world: World, hire: Hire) -> None:
    rosa, ada = hire("agent", name="rosa"), hire("admin")
    user = User.objects.get(username="rosa")
    assert rosa.get("/journal/").status_code == 403
    form = {"act": "change", "user": str(user.id), "role": "finance", "shop": str(world.shop_id)}
    ada.post("/users/", form)
    user.refresh_from_db()
    assert (user.role, user.shop_id, user.warehouse_id.int) == ("finance", world.shop_id, 0)
    assert rosa.get("/journal/").status_code == 200
    shown = ada.get("/users/").content.decode()
    assert f'<option value="{world.shop_id}" selected>' in shown
    # An archived shop stays his: to offer all of them alone would let him see them with the next change.
    Shop.objects.update(archived_at=world.now)
    assert f'<option value="{world.shop_id}" selected>' in ada.get("/users/").content.decode()
    Shop.objects.update(archived_at=None)
    ada.post("/users/", {**form, "user": str(User.objects.get(role="admin").id)})
    assert User.objects.filter(role="admin").exists(), "nobody changes himself"
    ada.post("/users/", {**form, "role": "customer"})
    assert User.objects.get(id=user.id).role == "finance"
    # Whoever sees one shop makes nobody who sees more.
    bound = hire("admin", name="bound", shop_id=world.shop_id)
    bound.post("/users/", {"act": "create", "username": "nina", "role": "agent"})
    bound.post("/users/", {"act": "create", "username": "nina2", "role": "agent", "shop": str(world.shop_id)})
    assert not User.objects.filter(username="nina").exists()
    assert User.objects.get(username="nina2").shop_id == world.shop_id


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_no_address_leads_away(away: str, hire: Hire) -> None:
    ada = hire("admin")
    assert signed_in(Client(), "admin", to=f"{LOGIN}?next={away}") == "/"
    assert ada.post("/i18n/setlang/", {"language": "en", "next": away}).headers["Location"] == "/"
    sent = ada.post("/returns/batch/", {"command": "close", "filters": away}).headers["Location"]
    assert sent.startswith("/returns/?")


def test_guessing_is_stopped(hire: Hire) -> None:
    hire("agent", name="rosa")
    client = Client()
    for _ in range(5):
        client.post(LOGIN, {"login": "rosa", "password": "wrong"})
    assert signed_in(client, "rosa") == ""
    assert signed_in(Client(), "rosa") == ""  # the name is what is counted
