"""Every route of the portal for a visitor who proved nothing. A new route needs a row here."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from guicang.kernel.ids import new_id
from tests.unit.desk.test_permissions import named

#: Those that are about one order or return.
OF_ONE = {
    *("portal:choose", "portal:why", "portal:confirm", "portal:submit"),
    *("portal:declare", "portal:acknowledgement"),
    *(
        "portal:return",
        "portal:gift_return",
        "portal:gift_sent",
        "portal:slip",
        "portal:slip_pdf",
        "portal:cancel",
        "portal:offer",
        "portal:account",
        "portal:add_pictures",
    ),
}
#: For everybody; of a shop that is not there.
OF_A_SHOP = {"portal:policy", "portal:policy_data"}
OF_A_PICTURE = {"portal:picture", "portal:thumbnail", "portal:remove_picture"}
#: Route -> (method, status). What shows or changes anything of anybody sends the visitor to find an order first.
ROUTES = {
    "portal:find": ("get", 200),
    "portal:code": ("get", 302),
    "portal:leave": ("post", 302),
    "portal:resume": ("get", 302),
    "portal:policies": ("get", 200),
    "portal:policy": ("get", 404),
    "portal:policy_data": ("get", 404),
    "portal:mine": ("get", 302),
    "portal:credit": ("get", 302),
    "portal:gift": ("get", 200),
    "portal:gift_goods": ("get", 302),
    "portal:gift_return": ("get", 302),
    "portal:gift_sent": ("post", 302),
    "portal:withdraw": ("get", 200),
    "portal:declare": ("get", 302),
    "portal:acknowledgement": ("get", 302),
    "portal:choose": ("get", 302),
    "portal:why": ("get", 302),
    "portal:confirm": ("post", 302),
    "portal:submit": ("post", 302),
    "portal:return": ("get", 302),
    "portal:slip": ("get", 302),
    "portal:slip_pdf": ("get", 302),
    "portal:cancel": ("get", 302),
    "portal:account": ("get", 302),
    "portal:offer": ("get", 302),
    "portal:act": ("post", 302),
    "portal:add_pictures": ("post", 302),
    "portal:picture": ("get", 302),
    "portal:thumbnail": ("get", 302),
    "portal:remove_picture": ("post", 302),
}


def test_every_route_has_a_row() -> None:
    found = {name for name, _ in named(get_resolver().url_patterns)}
    assert {name for name in found if name.startswith("portal:")} == set(ROUTES)


@pytest.mark.django_db
@pytest.mark.parametrize("route", ROUTES)
def test_who_proved_nothing(route: str) -> None:
    method, status = ROUTES[route]
    if route in OF_A_PICTURE:
        args: list[object] = [new_id(), new_id()]
    elif route in OF_A_SHOP:
        args = ["nowhere"]
    else:
        args = [new_id(), "cancel"] if route == "portal:act" else [new_id()] if route in OF_ONE else []
    answer = getattr(Client(), method)(reverse(route, args=args))
    assert answer.status_code == status
    if status == 302:
        # Whoever has a gift slip proves it in another place.
        assert answer.headers["Location"] == ("/my/gift/" if route.startswith("portal:gift_") else "/my/")
