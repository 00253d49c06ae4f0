"""Users of the desk, customers who sign in, and the tokens of their programs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models

from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Row


class User(AbstractUser):
    """The project's user. The ids scope what he sees; NIL means no limit of that kind."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    role = models.CharField(max_length=20, default="agent")
    company_id = models.UUIDField(default=NIL)
    shop_id = models.UUIDField(default=NIL)
    warehouse_id = models.UUIDField(default=NIL)
    customer_id = models.UUIDField(default=NIL)
    must_change_password = models.BooleanField(default=False)
    #: What each list of his leaves out: {list: [column, ...]}. What is not named is shown.
    hidden_columns: Any = models.JSONField(default=dict)


class AccessToken(Row):
    """What a program shows instead of a password. The secret itself is nowhere: `digest` is its SHA-256.

    `permissions` bounds what the user's role grants, and never adds to it.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    #: The first letters of the token, by which people tell their tokens apart.
    start = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    permissions: Any = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
