"""A prepared statement goes on using partial indexes, however often it runs."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_plans_are_made_for_the_values_of_each_run() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite plans for no values at all")
    with connection.cursor() as cursor:
        cursor.execute("SHOW plan_cache_mode")
        assert cursor.fetchone()[0] == "force_custom_plan"
