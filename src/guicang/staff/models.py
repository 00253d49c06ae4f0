"""Users of the desk, and customers who sign in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from guicang.kernel.ids import NIL, new_id


class User(AbstractUser):
    """The project's user. The ids scope what he sees; NIL means no limit of that kind."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    role = models.CharField(max_length=20, default="agent")
    company_id = models.UUIDField(default=NIL)
    shop_id = models.UUIDField(default=NIL)
    warehouse_id = models.UUIDField(default=NIL)
    customer_id = models.UUIDField(default=NIL)
    must_change_password = models.BooleanField(default=False)
