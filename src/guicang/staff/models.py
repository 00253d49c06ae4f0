"""Users of the desk, customers who sign in, the tokens of their programs, and who stands in for whom."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

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
    #: Notices to staff that he does not want, by their code.
    muted_notices: Any = models.JSONField(default=list)


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


class Delegation(Row):
    """`to_user` decides for `from_user` too, from the first day to the last, both included (`DISPLAY_ZONE`)."""

    from_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    first_day = models.DateField()
    last_day = models.DateField()
    created_at = models.DateTimeField()
    #: Taken back before its time: from then on it counts no more.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="delegation_days"),
            models.CheckConstraint(condition=~Q(to_user=F("from_user")), name="delegation_of_others"),
        ]
        indexes = [models.Index(fields=["to_user", "last_day"], name="delegation_to")]
