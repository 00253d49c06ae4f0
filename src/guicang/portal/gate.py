"""Who stands at the portal: nobody until a code proved some orders; then the customer of those orders, for 12 hours.

The session holds {order: customer}. A shop's customer "unknown" is everybody who bought without a name, so what a
visitor may see is bounded by orders first and by the customer second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse

from guicang.insights.shopper_return import is_of
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.ui.kept import keep_form

View = Callable[..., HttpResponse]

#: How long what was proved counts.
PROVED_FOR = timedelta(hours=12)
#: Who declares a withdrawal, sealed (`portal.proving`).
DECLARED_BY = "portal.declared_by"
_PROVED, _KEPT, _WANTED = "portal.proved", "portal.kept", "portal.wanted"


def remember(request: HttpRequest, orders: Mapping[UUID, UUID]) -> None:
    """Count these orders as the visitor's, beside those proved before; the session gets a new name."""
    known = {**proved_orders(request), **orders}
    request.session.cycle_key()
    until = utcnow() + PROVED_FOR
    said = {order.hex: customer.hex for order, customer in known.items()}
    request.session[_PROVED] = {"until": until.isoformat(), "orders": said}


def forget(request: HttpRequest) -> None:
    for name in (_PROVED, _KEPT, _WANTED, DECLARED_BY):
        request.session.pop(name, None)


def proved_orders(request: HttpRequest) -> dict[UUID, UUID]:
    """The visitor's orders, each with its customer; none when their time is over."""
    found = request.session.get(_PROVED)
    if not found or datetime.fromisoformat(found["until"]) <= utcnow():
        return {}
    return {UUID(order): UUID(customer) for order, customer in found["orders"].items()}


def customer(customer_id: UUID) -> Actor:
    return Actor(kind="customer", id=customer_id)


def own_return(request: HttpRequest, pk: UUID) -> Actor:
    """The customer whose return it is. Raises Http404 for a return of no proved order, as for none. 2 statements."""
    owner = is_of(pk, proved_orders(request))
    if owner is None:
        raise Http404
    return customer(owner)


def proved(view: View) -> View:
    """A view for whoever proved an order; others are asked to, and what they sent waits for them."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if proved_orders(request):
            return view(request, *args, **kwargs)
        if request.method == "POST":
            if key := keep_form(request):
                request.session[_KEPT] = key
        else:
            want(request, request.get_full_path())
        return redirect("portal:find")

    return guarded


def wanted_page(request: HttpRequest) -> str:
    """The page that was asked for before its order was proved, once; '' for none and for one of somebody else."""
    path: str = request.session.pop(_WANTED, "")
    if not path or path == reverse("portal:withdraw"):
        return path
    pk, proved_now = resolve(path.partition("?")[0]).kwargs.get("pk"), proved_orders(request)
    return path if pk in proved_now or (pk and is_of(pk, proved_now)) else ""


def want(request: HttpRequest, path: str) -> None:
    """Where to go once an order is proved."""
    request.session[_WANTED] = path


def kept_key(request: HttpRequest) -> str:
    """Of the form that waits for its sender; '' where none does."""
    key: str = request.session.get(_KEPT, "")
    return key


def drop_kept(request: HttpRequest) -> None:
    request.session.pop(_KEPT, None)
