"""Django's PostgreSQL backend with remembered conversions: the same ids and instants recur in every set."""
