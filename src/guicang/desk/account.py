"""Signing in: allauth's views, with what is ours: staff are made by an administrator, first passwords are changed."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from guicang.desk.gate import actor_of
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import begin
from guicang.staff import operations as staff


class Adapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class ChangePassword(PasswordChangeView):  # type: ignore[misc] # allauth ships no types
    """A first password leads on to the second factor, a later one back to the desk."""

    def form_valid(self, form: Any) -> HttpResponse:
        self.first = self.request.user.must_change_password
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            context = begin("staff.password", actor=actor_of(self.request), now=utcnow(), items=1)
            staff.password_changed(context, self.request.user)
        return answer

    def get_success_url(self) -> str:
        return reverse("mfa_index" if self.first else "desk:home")
