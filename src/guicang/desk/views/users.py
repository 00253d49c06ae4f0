"""Who works here: made, changed, locked out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.typed import uuids
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.org import queries as org
from guicang.staff import operations, queries, rules


@require_http_methods(["GET", "POST"])
@page("staff.manage")
def users(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if request.method == "POST":
        _change(request)
        return redirect("desk:users")
    shops, warehouses = org.shops(), org.warehouses()
    context = {
        "users": queries.users(actor.scope),
        "nobody": {"role": "", "shop_id": NIL, "warehouse_id": NIL},
        "roles": [rules.ROLES[code] for code in rules.STAFF],
        "shops": shops,
        "warehouses": warehouses,
        "own_shops": [one for one in org.in_use(shops.values()) if actor.scope.holds(one.company_id, one.id, NIL)],
        "own_warehouses": [
            one for one in org.in_use(warehouses.values()) if actor.scope.holds(one.company_id, NIL, one.id)
        ],
        "first_password": request.session.pop("first_password", None),
    }
    return render(request, "desk/users.html", context)


def _change(request: HttpRequest) -> None:
    given, actor = request.POST, actor_of(request)
    place: dict[str, Any] = {
        f"{name}_id": next(iter(uuids([given.get(name, "")])), NIL) for name in ("shop", "warehouse")
    }
    user_id = next(iter(uuids([given.get("user", "")])), NIL)
    try:
        with transaction.atomic():
            context = begin("staff.users", actor=actor, now=utcnow(), items=1)
            if given.get("act") == "create":
                user, password = operations.create_user(
                    context,
                    username=given.get("username", ""),
                    role=given.get("role", ""),
                    first_name=given.get("first_name", ""),
                    **place,
                )
                # Shown once, to whoever made the user; the first sign-in asks for another one.
                request.session["first_password"] = {"username": user.username, "password": password}
            elif given.get("act") == "change":
                operations.change_user(context, user_id, role=given.get("role", ""), **place)
            else:
                operations.set_active(context, user_id, given.get("act") == "unlock")
    except Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, str(refusal))
    else:
        messages.success(request, _("Done."))
