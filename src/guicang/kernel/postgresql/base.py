"""PostgreSQL plans a statement that it has seen before once, not at every call.

A life of a return runs about a hundred different statements, each many times; parsing and planning them took as
long as running them. psycopg prepares what comes back, and keeps a hundred unless told otherwise.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

#: Statements kept per connection.
KEPT = 1000


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: Any) -> Any:
        made = super().get_new_connection(conn_params)
        made.prepared_max = KEPT
        return made
