"""Sign-in, password, second factor and sessions. What allauth has beyond that (sign-up, addresses) is not served."""

from allauth.account import views
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from guicang.desk.account import ChangePassword


def absent(request: HttpRequest) -> HttpResponse:
    """allauth asks for the addresses of these pages; there are none."""
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/", ChangePassword.as_view(), name="account_change_password"),
    path("factors/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    *[
        path(f"{name}/", absent, name=f"account_{name}")
        for name in ("signup", "reset_password", "email", "set_password", "request_login_code")
    ],
]
